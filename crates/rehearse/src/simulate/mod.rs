//! A seeded population: accounts with lives, attacks on some of them, benign look-alikes, and the truth beside it.
//!
//! The same settings give the same bytes, on one thread or many: each account is played from streams of chance of
//! its own. Owners' and intruders' values come from the same makers, so that no name, id or format tells whose hand
//! it was. It must not know how anything is detected, and imports no judgement.

mod cast;
mod device;
mod dice;
mod drawn;
mod intrude;
mod lands;
mod lexicon;
mod life;
mod names;
mod network;
mod parquet_events;
mod person;
mod play;
mod scene;
mod settings;
mod shifts;
mod text;
mod trap;
mod trap_play;
mod wave;
mod world;
mod write;

pub(crate) use dice::{Dice, Purpose, mix2};
pub use settings::{Attack, END_MS, Settings, Shift, Style, UnknownAttack};
pub use write::{Format, WriteError, write};

use model::account::Account;
use model::event::Event;
use model::id::{AccountId, AppId, EventId, Millis, ObjectId, SessionId};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What really happened on one compromised account: a line of `truth.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// The account.
    pub account: AccountId,
    /// How it was taken.
    pub attack: Attack,
    /// The intruder's first act.
    pub start: Millis,
    /// The intruder's last act.
    pub end: Millis,
    /// The intruder's acts, in time order. What the owner did for them (letting an application in) is not among
    /// them, nor are failed tries.
    pub events: Vec<EventId>,
    /// Posts the intruder made.
    pub objects: Vec<ObjectId>,
    /// Sessions the intruder used; a stolen one is the owner's.
    #[serde(default)]
    pub sessions: Vec<SessionId>,
    /// Applications through which the intruder acts.
    #[serde(default)]
    pub apps: Vec<AppId>,
    /// Whether the intruder knows the password at the end.
    #[serde(default)]
    pub knows_password: bool,
}

/// A population, as it is at the end of its time.
#[derive(Clone, Debug, PartialEq)]
pub struct Population {
    /// Every account, in order of its id.
    pub accounts: Vec<Account>,
    /// Every event, ordered by time, then id.
    pub events: Vec<Event>,
    /// Every compromised account, in order of its id.
    pub truth: Vec<Truth>,
    /// Accounts that are *not* compromised, by the look-alike they show.
    pub traps: BTreeMap<String, Vec<AccountId>>,
}

/// Plays a population.
#[must_use]
pub fn population(settings: &Settings) -> Population {
    let stage = play::Stage::set(settings);
    let played: Vec<play::Played> =
        (0..settings.accounts).into_par_iter().map(|n| stage.play(settings, n)).collect();
    let mut population =
        Population { accounts: Vec::new(), events: Vec::new(), truth: Vec::new(), traps: BTreeMap::new() };
    for one in played {
        for trap in one.traps {
            population.traps.entry(trap.name().to_owned()).or_default().push(one.account.account.clone());
        }
        population.accounts.push(one.account);
        population.events.extend(one.events);
        population.truth.extend(one.truth);
    }
    population.events.par_sort_unstable_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    population
}

//! What changed at the service on owners' accounts, and what intruders still get in with: from the service's own tables, by
//! looking.

use super::Stage;
use crate::error::Result;
use model::account::AccountState;
use model::id::{AccountId, Millis, ObjectId};
use respond::port::Directory;
use std::collections::{BTreeMap, BTreeSet};

/// What was seen to change at the service, by looking again and again.
pub(crate) struct Watch {
    before: BTreeMap<AccountId, AccountState>,
    /// How many writes the service had seen at the last look.
    writes: usize,
    touched: BTreeMap<AccountId, Millis>,
    hidden: BTreeSet<(AccountId, ObjectId)>,
    /// Follows and likes as they were, each with whether the owner wanted it.
    taken_up: BTreeMap<AccountId, BTreeMap<String, bool>>,
}

/// Whom an account follows and what it likes, each with whether its owner wanted that.
fn taken_up(stage: &Stage, account: &AccountId) -> BTreeMap<String, bool> {
    let follows = stage.service.follows(account).into_iter().map(|(a, own)| (a.to_string(), own));
    follows.chain(stage.service.likes(account).into_iter().map(|(o, own)| (o.to_string(), own))).collect()
}

impl Watch {
    /// Looks for the first time.
    pub(crate) fn begin(stage: &Stage) -> Result<Self> {
        let (_, writes) = stage.service.written_since(0);
        let before = look(stage, None)?;
        let taken_up = before.keys().map(|a| (a.clone(), taken_up(stage, a))).collect();
        Ok(Self { before, writes, touched: BTreeMap::new(), hidden: BTreeSet::new(), taken_up })
    }

    /// Looks again, where something was written since.
    pub(crate) fn again(&mut self, stage: &Stage) -> Result<()> {
        let (written, writes) = stage.service.written_since(self.writes);
        self.writes = writes;
        let written: Vec<AccountId> = written.into_iter().collect();
        for (account, now) in look(stage, Some(&written))? {
            if self.before.get(&account) != Some(&now) {
                self.hidden.extend(now.hidden.into_iter().map(|o| (account.clone(), o)));
                self.touched.entry(account).or_insert(stage.ctx.now());
            }
        }
        Ok(())
    }

    /// Accounts seen to have changed.
    pub(crate) fn touched(&self) -> BTreeSet<AccountId> {
        self.touched.keys().cloned().collect()
    }

    /// When an account was first seen to have changed, ms.
    pub(crate) fn first_seen(&self, account: &AccountId) -> Option<Millis> {
        self.touched.get(account).copied()
    }

    /// Follows and likes that are gone since, with their account, and whether the owner wanted them. Nobody but us takes
    /// any back here: owners and intruders of a drill only add.
    pub(crate) fn taken_back(&self, stage: &Stage) -> Vec<((AccountId, String), bool)> {
        let gone = |(account, before): (&AccountId, &BTreeMap<String, bool>)| {
            let now = taken_up(stage, account);
            let gone = before.iter().filter(|(what, _)| !now.contains_key(*what));
            gone.map(|(what, own)| ((account.clone(), what.clone()), *own)).collect::<Vec<_>>()
        };
        self.taken_up.iter().flat_map(gone).collect()
    }

    /// Objects seen hidden, with their account.
    pub(crate) fn hidden(&self) -> &BTreeSet<(AccountId, ObjectId)> {
        &self.hidden
    }
}

fn look(stage: &Stage, accounts: Option<&[AccountId]>) -> Result<BTreeMap<AccountId, AccountState>> {
    let states = stage.service.snapshot(accounts)?;
    let owners = states.into_iter().filter(|s| s.record.probe != Some(true));
    Ok(owners.map(|s| (s.record.account.clone(), s)).collect())
}

/// What intruders held when the demonstration began: their passwords are remembered, since what the service says
/// later is of later.
pub(crate) struct Held(BTreeMap<AccountId, rehearse::service::Loot>);

impl Held {
    /// Everything that intruders hold now.
    pub(crate) fn now(stage: &Stage) -> Self {
        let loot = |a: &AccountId| stage.service.loot(a).map(|l| (a.clone(), l));
        Self(stage.service.truth().keys().filter_map(loot).collect())
    }

    /// Accounts into which they climb back with a token that outlived its session.
    pub(crate) fn climbed_back(&self, stage: &Stage) -> BTreeSet<AccountId> {
        let climbs = |(account, loot): &(&AccountId, &rehearse::service::Loot)| {
            loot.sessions.iter().any(|s| stage.service.climb_back(account, s).is_some())
        };
        self.0.iter().filter(climbs).map(|(account, _)| account.clone()).collect()
    }

    /// How many accounts they still get into with it.
    pub(crate) fn still_in(&self, stage: &Stage) -> BTreeSet<AccountId> {
        let works = |(account, loot): &(&AccountId, &rehearse::service::Loot)| {
            loot.sessions.iter().any(|s| stage.service.use_session(s))
                || loot.apps.iter().any(|app| stage.service.use_grant(account, app))
                || loot.password.as_ref().is_some_and(|p| stage.service.sign_in(account, p).is_ok())
        };
        self.0.iter().filter(works).map(|(account, _)| account.clone()).collect()
    }
}

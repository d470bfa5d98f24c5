//! One run, from its canary to its end, played against owners from the rehearsal: the gate itself is asked each time
//! that something is heard. Nothing here knows a threshold.

use decide::gate::{Occasion, gate};
use decide::waves;
use model::gate::{GateCounts, GateDecision, GateInput};
use model::id::{AccountId, Digest, Millis};
use model::policy::Policy;
use rehearse::people::{Deed, Habits, People, Proof, Told};
use std::collections::BTreeSet;

/// From the draft to the first act: review and approvals, ms.
const BEFORE_ARMED_MS: Millis = 86_400_000;
/// How often a gate is asked at most, ms.
const LOOK_MS: Millis = 1_800_000;
/// From an act to the accepted notice, ms.
const TOLD_AFTER_MS: Millis = 60_000;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// Every wave passed its gate.
    Done,
    /// A gate halted it.
    Halted,
    /// The plan's time was over while a gate waited.
    OutOfTime,
}

/// What came of a run.
pub(crate) struct Played {
    pub(crate) end: End,
    /// From its first act, ms.
    pub(crate) took_ms: Millis,
    /// Waves that were begun.
    pub(crate) waves: usize,
    pub(crate) wrong_contained: u64,
    /// Of these, beyond the canary.
    pub(crate) wrong_beyond_canary: u64,
}

/// The plan's accounts in the order of their waves, each with whether it is wrong.
fn plan(accounts: u64, wrong: u64, seed: u64) -> Vec<(AccountId, bool)> {
    let by_lot = |what: &str| {
        let mut all: Vec<u64> = (0..accounts).collect();
        all.sort_by_key(|n| Digest::of(format!("{what} {seed} {n}").as_bytes()));
        all
    };
    let wrong: BTreeSet<u64> = by_lot("wrong").into_iter().take(wrong as usize).collect();
    by_lot("wave").into_iter().map(|n| (AccountId::new(format!("a{n}")), wrong.contains(&n))).collect()
}

/// Something that is heard of an owner.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Word {
    Back,
    Disputes { proved: bool },
}

/// What an owner is known to say at a moment, over all that was heard.
#[derive(Clone, Copy, Default)]
struct Owner {
    back: bool,
    disputes: bool,
    proved: bool,
}

/// Plays one run.
pub(crate) fn play(accounts: u64, wrong: u64, policy: &Policy, seed: u64) -> Played {
    let plan = plan(accounts, wrong, seed);
    let people = People::new(seed, Habits::default());
    let sizes = waves::sizes(accounts, policy, true);
    let mut owners = vec![Owner::default(); plan.len()];
    // What is still to be heard, the soonest last.
    let mut to_come: Vec<(Millis, usize, Word)> = Vec::new();
    let (mut now, mut begun) = (0, 0_usize);
    for (wave, size) in sizes.iter().enumerate() {
        let first = begun;
        begun += *size as usize;
        let acted_at = now + TOLD_AFTER_MS;
        for (n, (account, is_wrong)) in plan.iter().enumerate().take(begun).skip(first) {
            to_come
                .extend(heard(&people, account, *is_wrong, acted_at).into_iter().map(|(at, w)| (at, n, w)));
        }
        to_come.sort_by_key(|(at, n, _)| std::cmp::Reverse((*at, *n)));
        let occasion = Occasion {
            wave: wave as u32,
            accounts: *size,
            next: sizes.get(wave + 1).copied(),
            asks_owners: true,
        };
        loop {
            let row = gate(&occasion, counts(&owners[..begun], now - acted_at), policy);
            let ended = |end, took_ms| Played {
                end,
                took_ms,
                waves: wave + 1,
                wrong_contained: plan[..begun].iter().filter(|(_, w)| *w).count() as u64,
                wrong_beyond_canary: plan[sizes[0] as usize..begun.max(sizes[0] as usize)]
                    .iter()
                    .filter(|(_, w)| *w)
                    .count() as u64,
            };
            match row.decision {
                GateDecision::Halt => return ended(End::Halted, now),
                GateDecision::Go if occasion.next.is_none() => return ended(End::Done, now),
                GateDecision::Go => break,
                GateDecision::Wait => {}
            }
            // The next moment at which anything can change: somebody is heard, the soak or the watch ends.
            let ends = [soak_ms(&row), policy.gate.watch_ms].map(|ms| acted_at + ms).into_iter();
            let next = ends.chain(to_come.last().map(|(at, _, _)| *at)).filter(|at| *at > now).min();
            let over_at = policy.approval.valid_ms - BEFORE_ARMED_MS;
            let next = next.unwrap_or(over_at);
            if occasion.next.is_some() && next.max(now + LOOK_MS) >= over_at {
                return ended(End::OutOfTime, over_at);
            }
            now = next.max(now + LOOK_MS);
            while let Some((_, n, word)) = to_come.pop_if(|(at, _, _)| *at <= now) {
                match word {
                    Word::Back => owners[n].back = true,
                    Word::Disputes { proved } => {
                        owners[n].disputes = true;
                        owners[n].proved |= proved;
                    }
                }
            }
        }
    }
    unreachable!("the last gate ends the run")
}

fn soak_ms(row: &model::gate::GateRow) -> Millis {
    let of = row.findings.iter().find(|f| f.input == GateInput::Soak).map_or(0, |f| f.of);
    Millis::try_from(of).unwrap_or(Millis::MAX)
}

fn heard(people: &People, account: &AccountId, wronged: bool, at: Millis) -> Vec<(Millis, Word)> {
    let told = Told {
        account: account.clone(),
        at,
        reached: true,
        wronged,
        old_device: Some("old".to_owned()),
        passkey: false,
    };
    let word = |deed: Deed| match deed {
        Deed::Recovers { at } => (at, Word::Back),
        // As on the stage: a passkey alone is not taken for proof.
        Deed::Disputes { at, proof, .. } => {
            (at, Word::Disputes { proved: !matches!(proof, Proof::None | Proof::Passkey) })
        }
    };
    people.deeds(&told).into_iter().map(word).collect()
}

fn counts(owners: &[Owner], soaked_ms: Millis) -> GateCounts {
    let count = |is: fn(&Owner) -> bool| owners.iter().filter(|o| is(o)).count() as u64;
    let contained = owners.len() as u64;
    GateCounts {
        contained,
        acts: contained,
        notices: contained,
        notices_accepted: contained,
        disputes_proved: count(|o| o.proved),
        disputes_unproved: count(|o| o.disputes && !o.proved),
        recovered: count(|o| o.back && !o.disputes),
        recoveries_tried: count(|o| o.back),
        soaked_ms,
        ..GateCounts::default()
    }
}

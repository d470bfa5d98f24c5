//! Clear accounts for the blind review: what is planted among the believed compromised, to see whether people look.
//!
//! Half of them had something new about them and were cleared all the same, so that they can't be told at a glance.

use decide::detect::{Act, Words};
use model::id::Digest;
use model::verdict::{Hand, Moment, Timeline};
use std::collections::BTreeSet;

/// How many are written; a review of 299 labels plants 34.
const CONTROLS: usize = 200;
/// Events an account must have to be worth looking at.
const EVENTS_MIN: usize = 10;
/// Events shown of each, its latest.
const EVENTS_SHOWN: usize = 60;

/// Chooses clear accounts by the hash of their names; the same for any order of files and threads. `looked_at` are
/// the places of accounts that had something new, `judged` of those with a verdict.
pub(crate) fn controls(
    accounts: &[&[Act]],
    looked_at: &[u32],
    judged: &BTreeSet<u32>,
    words: &Words,
) -> Vec<Timeline> {
    let looked_at: BTreeSet<u32> = looked_at.iter().copied().collect();
    let (mut hard, mut easy) = (Vec::new(), Vec::new());
    for (place, acts) in (0_u32..).zip(accounts) {
        if judged.contains(&place) || acts.len() < EVENTS_MIN {
            continue;
        }
        let key = Digest::of(words.accounts.text(acts[0].account).as_bytes());
        if looked_at.contains(&place) { hard.push((key, place)) } else { easy.push((key, place)) }
    }
    hard.sort_unstable();
    easy.sort_unstable();
    hard.truncate(CONTROLS / 2);
    easy.truncate(CONTROLS - hard.len());
    let mut chosen: Vec<Timeline> =
        hard.into_iter().chain(easy).map(|(_, place)| shown(accounts[place as usize], words)).collect();
    chosen.sort_by(|a, b| a.account.cmp(&b.account));
    chosen
}

fn shown(acts: &[Act], words: &Words) -> Timeline {
    let latest = &acts[acts.len().saturating_sub(EVENTS_SHOWN)..];
    let moments = latest.iter().map(|act| Moment { hand: Hand::Owner, event: act.event(words) }).collect();
    Timeline { account: words.accounts.text(acts[0].account).into(), moments }
}

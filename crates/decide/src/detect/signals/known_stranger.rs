//! `known_stranger`: on an account with too little history to call anything new, the hand does what only strangers to
//! many other accounts do, or came by their machine.

use super::{Case, Finding, Signal};
use crate::detect::actor::Origin;
use crate::detect::artefact::{Sort, keys};

/// The share of what the hand said or whom it followed that must be strangers' stuff.
const SHARE_MIN: f64 = 0.6;

pub(super) fn find(case: &Case<'_>) -> Option<Finding> {
    let actor = case.actor();
    if actor.origin != Origin::Early {
        return None;
    }
    let mut known: Option<(usize, Sort, usize, crate::detect::artefact::Key)> = None;
    let (mut told, mut theirs) = (0usize, 0usize);
    let mut by_machine = false;
    for (at, act) in case.own_acts() {
        let mut notorious = false;
        let mut says = false;
        keys(act, case.lore, &mut |key| {
            let content = matches!(key.sort, Sort::Text | Sort::Domain | Sort::Handle | Sort::Target);
            says |= content;
            let Some(standing) = case.artefacts.get(key).filter(|s| s.is_notorious()) else { return };
            if key.sort == Sort::Agent {
                return;
            }
            notorious |= content;
            by_machine |= !content;
            let accounts = standing.foreign.len();
            if known.is_none_or(|(most, ..)| accounts > most) {
                known = Some((accounts, key.sort, at, key));
            }
        });
        told += usize::from(says);
        theirs += usize::from(notorious);
    }
    if let Some((accounts, sort, at, key)) = known
        && (by_machine || theirs as f64 >= SHARE_MIN * told as f64)
    {
        let summary = format!(
            "there is little history, but the {} is that of a stranger to {accounts} other accounts",
            sort.name()
        );
        return Some(Finding {
            artefact: Some(key),
            ..Finding::new(Signal::KnownStranger, summary, vec![at])
        });
    }
    let entry = case.own_acts().find_map(|(at, act)| {
        let (trace, failed) = case.failures.stuffer(act, case.lore).filter(|_| act.is_login())?;
        Some((at, trace, failed))
    });
    let (at, _, failed) = entry?;
    let summary = format!(
        "there is little history, but the machine is one that failed to sign in to {failed} other accounts"
    );
    Some(Finding::new(Signal::KnownStranger, summary, vec![at]))
}

//! `bad_domain`, `bad_address`, `leaked_credential`: a file of intelligence names what a stranger's hand sends or comes
//! from, or says that the account's credential is known to others. Only of hands that hold nothing of the owner's, and
//! never where owners use the same: what others say decides nothing (`intelligence::restrain`).

use super::{Case, Finding, Signal};
use crate::detect::act::Act;
use crate::detect::actor::Origin;
use crate::detect::verdict::is_the_owners_too;

pub(super) fn find(case: &Case<'_>) -> Vec<Finding> {
    if case.intelligence.is_empty() || is_the_owners_too(case.actor()) {
        return Vec::new();
    }
    [bad_domain(case), bad_address(case), leaked_credential(case)].into_iter().flatten().collect()
}

fn bad_domain(case: &Case<'_>) -> Option<Finding> {
    let sent: Vec<_> = case
        .own_acts()
        .filter_map(|(at, act)| Some((at, case.intelligence.bad_domain(act, case.lore)?)))
        .collect();
    let (_, said) = sent.first()?;
    let same =
        |act: &Act| case.intelligence.bad_domain(act, case.lore).is_some_and(|s| s.value == said.value);
    if is_the_owners(case, same) {
        return None;
    }
    let summary = format!(
        "sent a link to {}, which the file {} names; owners here who link to it themselves: {}",
        said.value, said.source, said.owners
    );
    Some(Finding::new(Signal::BadDomain, summary, sent.iter().map(|(at, _)| *at).collect()))
}

fn bad_address(case: &Case<'_>) -> Option<Finding> {
    // A script may have run at the owner's own place, and an application's servers are nobody's.
    if !case.actor().is_foreign() {
        return None;
    }
    let (at, said) =
        case.own_acts().find_map(|(at, act)| Some((at, case.intelligence.bad_address(act, case.lore)?)))?;
    let same =
        |act: &Act| case.intelligence.bad_address(act, case.lore).is_some_and(|s| s.value == said.value);
    if is_the_owners(case, same) {
        return None;
    }
    let summary = format!(
        "came from {}, which the file {} names as {}; owners here who come from there themselves: {}",
        case.lore.words.ips.text(case.acts[at].ip),
        said.source,
        said.value,
        said.owners
    );
    Some(Finding::new(Signal::BadAddress, summary, vec![at]))
}

fn leaked_credential(case: &Case<'_>) -> Option<Finding> {
    let account = case.lore.words.accounts.text(case.acts.first()?.account);
    let (source, since) = case.intelligence.leaked(account)?;
    let is_after = |time| since.is_none_or(|since| time >= since);
    let (at, _) = case.own_acts().find(|(_, act)| act.is_login() && is_after(act.time))?;
    let when = if since.is_some() { "since before that" } else { "at a time that it does not tell" };
    let summary = format!("signed in with a credential that, as the file {source} says, was leaked {when}");
    Some(Finding::new(Signal::LeakedCredential, summary, vec![at]))
}

/// Whether another hand of the account, that may be the owner's, has the same.
fn is_the_owners(case: &Case<'_>, same: impl Fn(&Act) -> bool) -> bool {
    let by_owner = |hand: u8| {
        let actor = case.folded.actors.get(usize::from(hand));
        actor.is_some_and(|a| !a.is_doubtful() && !matches!(a.origin, Origin::App(_)))
    };
    let hands = case.acts.iter().zip(&case.folded.hands);
    hands.into_iter().any(|(act, hand)| *hand != case.hand && by_owner(*hand) && same(act))
}

//! Probe accounts: that each is ours and nobody's, and which kinds of credential no probe tries. What would contain an
//! owner's account uncounted and untold is refused: a probe that is not in the register, of which the service does not say
//! itself that it is ours, of which the hunt has seen an owner, or that would be told or hidden from.

use super::{Check, Ground, Report, Severity};
use model::id::AccountId;
use model::note::Sure;
use model::plan::{ActKind, Entry, Tier};
use model::probe::{named, untried};
use std::collections::BTreeSet;

pub(super) fn probes(ground: &Ground<'_>, report: &mut Report) {
    let wrong: Vec<(&AccountId, &str)> = ground
        .draft
        .probes
        .iter()
        .filter_map(|entry| Some((&entry.account, forged(ground, entry)?)))
        .chain(ground.entries().iter().filter(|e| is_ours(ground, e)).map(|e| (&e.account, AMONG_OWNERS)))
        .collect();
    let Some((first, why)) = wrong.first() else { return };
    report.say(
        Check::Probe,
        Severity::Refuse,
        Sure::Exact,
        format!("{} entries are not what a probe may be, {first} the first of them: {why}", wrong.len()),
        "nobody is told of what happens to a probe, and nobody counts it: find out how it came in, and draft again",
    );
}

const AMONG_OWNERS: &str = "an account of ours is among those of owners";

/// Whether the service or the register says that an account is ours.
fn is_ours(ground: &Ground<'_>, entry: &Entry) -> bool {
    let by_record = ground.basis.states.get(&entry.account).and_then(|s| s.record.probe) == Some(true);
    by_record || ground.basis.probes.iter().any(|p| p.account == entry.account)
}

/// Why an entry is no probe, where it is none.
fn forged(ground: &Ground<'_>, entry: &Entry) -> Option<&'static str> {
    let account = &entry.account;
    let registered = ground.basis.probes.iter().find(|p| p.account == *account);
    let state = ground.basis.states.get(account);
    let is_seen = |of: Option<bool>| of == Some(true);
    let owner = ground.timelines.get(account).map(|t| t.moments.iter().any(|m| m.event.is_users_own()));
    let near = ground.basis.summary.left_out.iter().any(|n| n.account == *account);
    let acts: BTreeSet<ActKind> = entry.places().map(model::plan::Act::kind).collect();
    let reasons = [
        (entry.tier != Tier::Probe, "it is of an owner's tier"),
        (registered.is_none(), "it is not in the register of probe accounts"),
        (
            registered.is_some_and(|p| !entry.tries.iter().all(|k| p.armed.contains(k))),
            "a credential of it that is to be tried is not held, or was spent in an earlier wave",
        ),
        (entry.tries.is_empty(), "nothing of it is tried"),
        (state.is_none(), "the service does not know it"),
        (
            state.is_some_and(|s| s.record.probe != Some(true)),
            "the service does not say of it that it is a probe account",
        ),
        (
            state.is_some_and(|s| {
                let marks = [s.record.protected, s.record.at_risk, s.record.service, s.record.sentinel];
                marks.into_iter().any(is_seen)
            }),
            "it is marked as somebody's",
        ),
        (ground.verdicts.contains_key(account), "the hunt has a verdict of it: somebody was on it"),
        (is_seen(owner) || near, "the hunt has seen an owner's own acts on it"),
        (
            entry.contact.is_some() || !entry.evidence.is_empty(),
            "it has a contact or evidence, as an owner's",
        ),
        (acts.iter().any(|a| !is_a_probes(*a)), "it would be acted on as no probe is"),
        (
            state.is_some_and(|s| {
                entry.acts.iter().filter_map(model::plan::Act::guard).any(|g| s.credential != Some(g))
            }),
            "its credential has moved",
        ),
    ];
    reasons.into_iter().find(|(holds, _)| *holds).map(|(_, why)| why)
}

/// What ends a credential, and nothing that others could see.
fn is_a_probes(act: ActKind) -> bool {
    match act {
        ActKind::RequireNewCredential
        | ActKind::EndSessions
        | ActKind::RevokeGrants
        | ActKind::RemoveFactor
        | ActKind::Hold => true,
        ActKind::HideObjects
        | ActKind::Unfollow
        | ActKind::Unlike
        | ActKind::PutBackContact
        | ActKind::Waive
        | ActKind::RestoreCredential
        | ActKind::ShowObjects
        | ActKind::Release
        | ActKind::AddFactor => false,
    }
}

/// What no probe of the first wave tries is confirmed gone, and never refused: a connector that lies of it is not found.
pub(super) fn unprobed(ground: &Ground<'_>, report: &mut Report) {
    let basis = ground.basis;
    let canary = ground.draft.probes.iter().filter(|p| p.wave == 0).map(|p| p.tries.as_slice());
    let left = untried(basis.opens, canary);
    // What revokes nothing has nothing that could be tried.
    if left.is_empty() || ground.is_added() {
        return;
    }
    let can: Vec<_> = left.iter().copied().filter(|k| basis.can_try.contains(k)).collect();
    let todo = if can.is_empty() {
        "this connector can try none of them: what it says of them is all there is".to_owned()
    } else {
        format!("register probe accounts that hold {} (rightful probe add), and draft again", named(&can))
    };
    report.say(
        Check::Unprobed,
        Severity::Info,
        Sure::Exact,
        format!(
            "no probe account tries {} in the canary: that they are gone is confirmed by the service, and by nobody else",
            named(&left)
        ),
        &todo,
    );
}

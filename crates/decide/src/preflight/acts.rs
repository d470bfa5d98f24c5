//! What would be done: to which credential, told to whom, taken back how, and whether the service can do it.

use super::hold::HOUR_MS;
use super::{Check, Ground, Report, Severity, first_of, percent};
use model::account::{ContactKind, Reach};
use model::id::{Digest, Millis};
use model::note::Sure;
use model::plan::{Act, ActKind, Entry};
use model::verdict::Intruder;
use std::collections::{BTreeMap, BTreeSet};

/// The credential named must be the one in place, as far as can be told now.
pub(super) fn changed(ground: &Ground<'_>, report: &mut Report) {
    let moved = |entry: &&Entry| {
        let now = ground.basis.states.get(&entry.account).and_then(|s| s.credential);
        entry.acts.iter().filter_map(Act::guard).any(|guard| now != Some(guard))
    };
    let found = first_of(ground.entries().iter().filter(moved));
    let share = ground.share(found.map_or(0, |(n, _)| n));
    let most = ground.basis.policy.preflight.changed_share_max;
    report.measure("preflight.changed_share_max", "", share, Severity::Refuse);
    let Some((n, first)) = found else { return };
    report.say(
        Check::Changed,
        if share > most { Severity::Refuse } else { Severity::Warn },
        Sure::Exact,
        format!(
            "{n} accounts ({}) have another credential than the plan names, {first} the first of them; the policy allows \
             {} (preflight.changed_share_max)",
            percent(share),
            percent(most)
        ),
        "what was chosen since is left as it is: unless it was the owner, they are held until a person has looked; hunt \
         again and draft again to see who they are now",
    );
}

/// Ages that are not worth a line, ms.
const A_MOMENT_MS: Millis = 600_000;

/// How long before the draft the hunt's events end: what owners chose since then can't be told from what was there before.
/// Much, where that is longer than a plan may wait.
pub(super) fn age(ground: &Ground<'_>, report: &mut Report) {
    let replaced = ground.entries().iter().filter(|e| e.acts.iter().any(|a| a.guard().is_some())).count();
    let (seen_until, most) = (ground.basis.summary.window.end, ground.basis.policy.approval.valid_ms);
    let age = ground.draft.header.drafted_at.saturating_sub(seen_until);
    if replaced == 0 || age < A_MOMENT_MS {
        return;
    }
    report.say(
        Check::Age,
        if age > most { Severity::Warn } else { Severity::Info },
        Sure::Exact,
        format!(
            "the hunt's last event is {:.1} hours older than the draft: of {replaced} credentials that are replaced, one that \
             its owner chose since then would be lost, unless an earlier plan had named the one before",
            age as f64 / HOUR_MS
        ),
        "hunt again over everything until now, and draft from that",
    );
}

/// No notice goes to a contact that was set within the window.
pub(super) fn contact(ground: &Ground<'_>, report: &mut Report) {
    let untrusted = |entry: &&Entry| {
        let Some(contact) = &entry.contact else { return entry.reach == Reach::Mail };
        let state = ground.basis.states.get(&entry.account);
        let known = state.into_iter().flat_map(|s| s.record.contacts.iter().flatten());
        !known
            .filter(|c| {
                c.kind == ContactKind::Mail && c.since.is_some_and(|since| since < entry.window.start)
            })
            .any(|c| Digest::of(c.value.reveal().as_bytes()) == contact.version)
    };
    if let Some((n, first)) = first_of(ground.entries().iter().filter(untrusted)) {
        report.say(
            Check::Contact,
            Severity::Refuse,
            Sure::Exact,
            format!(
                "{n} notices would go to a contact not known from before the compromise, {first}'s the first"
            ),
            "take a directory snapshot from before the attack as the source of contacts",
        );
    }
}

pub(super) fn unreachable(ground: &Ground<'_>, report: &mut Report) {
    let n = ground.entries().iter().filter(|e| e.reach != Reach::Mail).count();
    let share = ground.share(n);
    let most = ground.basis.policy.preflight.unreachable_share_max;
    report.measure("preflight.unreachable_share_max", "", share, Severity::Refuse);
    if n > 0 {
        report.say(
            Check::Unreachable,
            if share > most { Severity::Refuse } else { Severity::Info },
            Sure::Exact,
            format!(
                "{n} owners ({}) can't be told by mail and keep their credential; the policy allows {} \
                 (preflight.unreachable_share_max)",
                percent(share),
                percent(most)
            ),
            "put them into a person's queue",
        );
    }
}

pub(super) fn no_undo(ground: &Ground<'_>, report: &mut Report) {
    let mut counts: BTreeMap<ActKind, u64> = BTreeMap::new();
    let mut accounts = 0_u64;
    for entry in ground.entries() {
        let kinds: BTreeSet<ActKind> =
            entry.acts.iter().map(Act::kind).filter(|k| k.undo() == "none").collect();
        accounts += u64::from(!kinds.is_empty());
        for kind in kinds {
            *counts.entry(kind).or_default() += 1;
        }
    }
    if accounts > 0 {
        let list: Vec<_> = counts.iter().map(|(act, n)| format!("{} ({n})", act.as_str())).collect();
        report.say(
            Check::NoUndo,
            Severity::Info,
            Sure::Exact,
            format!(
                "on {accounts} of {} accounts something can't be taken back: {}",
                ground.entries().len(),
                list.join(", ")
            ),
            "know it before you approve",
        );
    }
}

pub(super) fn guard(ground: &Ground<'_>, report: &mut Report) {
    let requires = |e: &&Entry| e.acts.iter().any(|a| a.kind() == ActKind::RequireNewCredential);
    let n = ground.entries().iter().filter(requires).count();
    if !ground.basis.guard_is_atomic && n > 0 {
        report.say(
            Check::Guard,
            Severity::Warn,
            Sure::Exact,
            format!(
                "{n} of {} accounts have no atomic guard: a change of the credential in the moment of the act would be lost",
                ground.entries().len()
            ),
            "this service has no compare-and-swap; run when few owners are awake",
        );
    }
}

pub(super) fn cannot(ground: &Ground<'_>, report: &mut Report) {
    let wanted = |has: fn(&Intruder) -> bool| {
        ground.entries().iter().any(|e| ground.verdicts.get(&e.account).is_some_and(|v| has(&v.intruder)))
    };
    let mut containment = vec![ActKind::HideObjects];
    if !ground.is_added() {
        containment.extend([ActKind::RequireNewCredential, ActKind::EndSessions, ActKind::RevokeGrants]);
        containment.extend(wanted(|i| !i.follows.is_empty()).then_some(ActKind::Unfollow));
        containment.extend(wanted(|i| !i.likes.is_empty()).then_some(ActKind::Unlike));
    }
    let missing: Vec<_> =
        containment.iter().filter(|a| !ground.basis.can.contains(a)).map(|a| a.as_str()).collect();
    if !missing.is_empty() {
        report.say(
            Check::Cannot,
            Severity::Warn,
            Sure::Exact,
            format!("this connector can't do: {}; the plan does without", missing.join(", ")),
            "do it by hand, or configure the connector for it",
        );
    }
}

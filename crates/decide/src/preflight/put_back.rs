//! Contacts that are put back and factors that are removed: that each was the intruder's, by the service's own state and
//! the verdict, read again.

use super::{Basis, Check, Ground, Report, Severity, first_of};
use model::id::Digest;
use model::note::Sure;
use model::plan::{Act, Entry};
use model::verdict::Verdict;

/// Whether an entry would take out a contact or a factor that is not the intruder's.
pub(super) fn put_back(ground: &Ground<'_>, report: &mut Report) {
    let wrong = |entry: &&Entry| {
        let verdict = ground.verdicts.get(&entry.account).copied();
        entry.acts.iter().any(|act| !is_theirs(act, entry, verdict, ground.basis))
    };
    if let Some((n, first)) = first_of(ground.entries().iter().filter(wrong)) {
        report.say(
            Check::PutBack,
            Severity::Refuse,
            Sure::Exact,
            format!(
                "{n} accounts would lose a contact or a factor that is not known to be the intruder's, {first} the first \
                 of them"
            ),
            "take out only what the intruder set within the window; draft it again",
        );
    }
}

fn is_theirs(act: &Act, entry: &Entry, verdict: Option<&Verdict>, basis: &Basis<'_>) -> bool {
    let state = basis.states.get(&entry.account);
    match act {
        Act::PutBackContact { kind, in_place, before } => {
            let mut of_kind =
                state.iter().flat_map(|s| s.record.contacts.iter().flatten()).filter(|c| c.kind == *kind);
            let is = |c: &model::account::Contact, digest: &Digest| {
                Digest::of(c.value.reveal().as_bytes()) == *digest
            };
            let start = entry.window.start;
            let set_within = of_kind
                .clone()
                .next()
                .is_some_and(|c| is(c, in_place) && c.since.is_some_and(|since| since >= start));
            set_within && of_kind.any(|c| is(c, before) && c.since.is_some_and(|since| since < start))
        }
        Act::RemoveFactor { factor } => {
            let found = state.iter().flat_map(|s| &s.factors).find(|f| f.id == *factor);
            let by = found.and_then(|f| f.added_by.as_ref());
            by.is_some_and(|by| verdict.is_some_and(|v| v.intruder.changes.iter().any(|c| c.event == *by)))
        }
        Act::RequireNewCredential { .. }
        | Act::EndSessions
        | Act::RevokeGrants { .. }
        | Act::HideObjects { .. }
        | Act::Unfollow { .. }
        | Act::Unlike { .. }
        | Act::Hold { .. }
        | Act::Waive
        | Act::RestoreCredential
        | Act::ShowObjects { .. }
        | Act::Release
        | Act::AddFactor { .. } => true,
    }
}

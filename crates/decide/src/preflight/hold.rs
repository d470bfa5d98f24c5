//! Holds: that each is needed and short enough, and what they cost owners, in hours offline.

use super::{Basis, Note, Severity, first_of, refuse};
use model::account::Reach;
use model::plan::{Act, ActKind, Draft, Entry};

const HOUR_MS: f64 = 3_600_000.0;

/// What there is to say of a draft's holds, and of those that are missing.
pub(super) fn notes(draft: &Draft, basis: &Basis<'_>) -> Vec<Note> {
    [senseless(draft, basis), cost(draft), if_moved(draft), climb_back(draft, basis)]
        .into_iter()
        .flatten()
        .collect()
}

/// Whether an entry takes an account off for longer than the policy allows, or without a reason to.
fn senseless(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let most = basis.policy.hold.lasts_ms_max;
    let wrong =
        |entry: &&Entry| {
            let needed_ms = match entry.reach {
                Reach::None => Some(most),
                Reach::Mail | Reach::InProduct => basis.outlives_ms,
            };
            let is_long = |lasts_ms: i64| lasts_ms <= 0 || lasts_ms > most;
            let instead = entry.if_moved.iter().filter_map(Act::holds_ms).any(is_long);
            instead
                || entry.acts.iter().filter_map(Act::holds_ms).any(|lasts_ms| {
                    is_long(lasts_ms) || needed_ms.is_none_or(|needed_ms| lasts_ms > needed_ms)
                })
        };
    first_of(draft.entries.iter().filter(wrong)).map(|(n, first)| {
        refuse(
            "hold",
            format!(
                "{n} accounts would be taken off without a known climb-back, or for too long, {first} the first of them; \
                 the policy allows {:.1} hours (hold.lasts_ms_max)",
                most as f64 / HOUR_MS
            ),
            "an account is only taken off until what can't be revoked has died; draft it again",
        )
    })
}

/// Owner-hours offline.
fn cost(draft: &Draft) -> Option<Note> {
    let lasting: Vec<i64> =
        draft.entries.iter().filter_map(|e| e.acts.iter().find_map(Act::holds_ms)).collect();
    let longest = lasting.iter().copied().max()?;
    let hours = lasting.iter().map(|ms| *ms as f64 / HOUR_MS).sum::<f64>();
    Some(Note {
        code: "hold",
        severity: Severity::Info,
        text: format!(
            "{} accounts are taken off for up to {:.1} hours: {hours:.1} owner-hours offline",
            lasting.len(),
            longest as f64 / HOUR_MS
        ),
        todo: "know it before you approve; each hold ends by itself, and its notice says when",
    })
}

/// What is done instead where a credential moves after sealing.
fn if_moved(draft: &Draft) -> Option<Note> {
    let n = draft.entries.iter().filter(|e| !e.if_moved.is_empty()).count();
    let longest = draft.entries.iter().flat_map(|e| &e.if_moved).filter_map(Act::holds_ms).max();
    let off = longest.map_or_else(String::new, |ms| {
        format!(", and they are taken off for up to {:.1} hours", ms as f64 / HOUR_MS)
    });
    (n > 0).then(|| Note {
        code: "if_moved",
        severity: Severity::Info,
        text: format!(
            "of {n} accounts, those whose credential is changed before their turn keep what was chosen: unless it was their \
             owner's doing, sessions and grants end{off}"
        ),
        todo: "they come into a person's queue",
    })
}

/// A climb-back that no hold of this draft stops.
fn climb_back(draft: &Draft, basis: &Basis<'_>) -> Option<Note> {
    let open = |entry: &&Entry| {
        let replaced = entry.acts.iter().any(|a| a.kind() == ActKind::RequireNewCredential);
        let known = match entry.reach {
            Reach::None => true,
            Reach::Mail | Reach::InProduct => replaced && basis.outlives_ms.is_some(),
        };
        let is_off = basis.states.get(&entry.account).is_some_and(|s| s.is_off);
        let ended = entry.acts.iter().any(|a| a.kind() == ActKind::EndSessions);
        known && ended && !is_off && entry.acts.iter().all(|a| a.holds_ms().is_none())
    };
    first_of(draft.entries.iter().filter(open)).map(|(n, first)| Note {
        code: "climb_back",
        severity: Severity::Warn,
        text: format!(
            "{n} accounts are not taken off although whoever is in them could climb back, {first} the first of them: this \
             connector can't hold, or its tokens live longer than hold.lasts_ms_max"
        ),
        todo: "watch them by hand until their tokens have died",
    })
}

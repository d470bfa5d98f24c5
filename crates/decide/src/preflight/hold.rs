//! Holds: that each is needed and short enough, and what they cost owners, in hours offline.

use super::{Check, Ground, Report, Severity, first_of};
use model::account::Reach;
use model::event::Kind;
use model::note::Sure;
use model::plan::{Act, ActKind, Entry};
use model::verdict::Hand;

pub(super) const HOUR_MS: f64 = 3_600_000.0;

/// Whether an entry takes an account off for longer than the policy allows, or without a reason to.
pub(super) fn senseless(ground: &Ground<'_>, report: &mut Report) {
    let most = ground.basis.policy.hold.lasts_ms_max;
    let is_long = |lasts_ms: i64| lasts_ms <= 0 || lasts_ms > most;
    let wrong = |entry: &&Entry| {
        let needed_ms = match entry.reach {
            Reach::None => Some(most),
            Reach::Mail | Reach::InProduct if is_set_by_unknown(ground, entry) => Some(most),
            Reach::Mail | Reach::InProduct => ground.basis.outlives_ms,
        };
        let beyond_need = |lasts_ms: i64| needed_ms.is_none_or(|needed_ms| lasts_ms > needed_ms);
        entry.if_moved.iter().filter_map(Act::holds_ms).any(is_long)
            || entry.acts.iter().filter_map(Act::holds_ms).any(|ms| is_long(ms) || beyond_need(ms))
    };
    if let Some((n, first)) = first_of(ground.entries().iter().filter(wrong)) {
        report.say(
            Check::Hold,
            Severity::Refuse,
            Sure::Exact,
            format!(
                "{n} accounts would be taken off without a known climb-back, or for too long, {first} the first of them; \
                 the policy allows {:.1} hours (hold.lasts_ms_max)",
                most as f64 / HOUR_MS
            ),
            "an account is only taken off until what can't be revoked has died; draft it again",
        );
    }
}

/// Whether a hand of which nothing can be said changed a contact or factor in the intruder's time or after it.
fn is_set_by_unknown(ground: &Ground<'_>, entry: &Entry) -> bool {
    let moments = ground.timelines.get(&entry.account).into_iter().flat_map(|t| &t.moments);
    let mut since = moments.filter(|m| m.event.time >= entry.window.start && m.hand == Hand::Unknown);
    since.any(|m| matches!(m.event.kind, Kind::EmailChange | Kind::PhoneChange | Kind::MfaChange))
}

/// Owner-hours offline.
pub(super) fn cost(ground: &Ground<'_>, report: &mut Report) {
    let lasting: Vec<i64> =
        ground.entries().iter().filter_map(|e| e.acts.iter().find_map(Act::holds_ms)).collect();
    let Some(longest) = lasting.iter().copied().max() else { return };
    let hours = lasting.iter().map(|ms| *ms as f64 / HOUR_MS).sum::<f64>();
    report.say(
        Check::OwnersOffline,
        Severity::Info,
        Sure::Exact,
        format!(
            "{} accounts are taken off for up to {:.1} hours: {hours:.1} owner-hours offline",
            lasting.len(),
            longest as f64 / HOUR_MS
        ),
        "know it before you approve; each hold ends by itself, and its notice says when",
    );
}

/// What is done instead where a credential moves after sealing.
pub(super) fn if_moved(ground: &Ground<'_>, report: &mut Report) {
    let n = ground.entries().iter().filter(|e| !e.if_moved.is_empty()).count();
    if n == 0 {
        return;
    }
    let longest = ground.entries().iter().flat_map(|e| &e.if_moved).filter_map(Act::holds_ms).max();
    let off = longest.map_or_else(String::new, |ms| {
        format!(", and they are taken off for up to {:.1} hours", ms as f64 / HOUR_MS)
    });
    report.say(
        Check::IfMoved,
        Severity::Info,
        Sure::Exact,
        format!(
            "of {n} accounts, those whose credential is changed before their turn keep what was chosen: unless it was their \
             owner's doing, sessions and grants end{off}"
        ),
        "they come into a person's queue",
    );
}

/// A climb-back that no hold of this draft stops.
pub(super) fn climb_back(ground: &Ground<'_>, report: &mut Report) {
    let open = |entry: &&Entry| {
        let replaced = entry.acts.iter().any(|a| a.kind() == ActKind::RequireNewCredential);
        let known = match entry.reach {
            Reach::None => true,
            Reach::Mail | Reach::InProduct => replaced && ground.basis.outlives_ms.is_some(),
        };
        let is_off = ground.basis.states.get(&entry.account).is_some_and(|s| s.is_off);
        let ended = entry.acts.iter().any(|a| a.kind() == ActKind::EndSessions);
        known && ended && !is_off && entry.acts.iter().all(|a| a.holds_ms().is_none())
    };
    if let Some((n, first)) = first_of(ground.entries().iter().filter(open)) {
        report.say(
            Check::ClimbBack,
            Severity::Warn,
            Sure::Exact,
            format!(
                "{n} accounts are not taken off although whoever is in them could climb back, {first} the first of them: \
                 this connector can't hold, or its tokens live longer than hold.lasts_ms_max"
            ),
            "watch them by hand until their tokens have died",
        );
    }
}

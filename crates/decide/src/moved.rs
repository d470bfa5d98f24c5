//! Whose hand moved a credential after a plan named it, by a later hunt's timelines.

use model::account::{AccountState, ContactKind, CredentialVersion};
use model::event::Kind;
use model::id::{AccountId, Millis};
use model::run::{Mover, OnRecord};
use model::verdict::{Hand, Moment, Timeline, Verdict};
use std::collections::BTreeMap;

/// Who moved credentials since a moment, ms: by the last change of the password in each timeline. An account of which that
/// can't be said is absent.
#[must_use]
pub fn movers(timelines: &[Timeline], since: Millis) -> BTreeMap<AccountId, Mover> {
    let mover = |timeline: &Timeline| {
        let mover = match last_change(timeline, since)?.0 {
            Hand::Owner => Mover::Owner,
            Hand::Intruder => Mover::Intruder,
            Hand::Unknown => return None,
        };
        Some((timeline.account.clone(), mover))
    };
    timelines.iter().filter_map(mover).collect()
}

/// The last change of the password since a moment: whose hand, and when.
fn last_change(timeline: &Timeline, since: Millis) -> Option<(Hand, Millis)> {
    let changes = timeline
        .moments
        .iter()
        .filter(|m| m.event.time >= since && m.event.is_users_own() && m.event.kind == Kind::PasswordChange);
    changes.max_by_key(|m| m.event.time).map(|m| (m.hand, m.event.time))
}

/// A credential that moved since an earlier plan named it, and not by the intruder as far as is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// The one that the earlier plan named.
    pub named: CredentialVersion,
    /// By its owner, whose choice stays, or by nobody knows whom: then only the one that was named may be replaced. Never by
    /// the intruder, whose choice is replaced.
    pub by: Mover,
    /// Whether a person was asked already, and has not answered.
    pub is_asked: bool,
}

/// Whether an account's credential moved since an earlier plan named it, so that what is in place now may be what its owner
/// chose. What the intruder set by this hunt, what we put in place, and what a person was asked about and called the
/// intruder's is named as it is.
#[must_use]
pub fn since_named(
    verdict: &Verdict,
    timeline: Option<&Timeline>,
    state: &AccountState,
    on_record: &OnRecord,
) -> Option<Moved> {
    let now = state.credential?;
    let OnRecord { version, since, ours, recovered_at, is_asked, answered_at } = on_record;
    if now == *version || ours.contains(&now) || answered_at.is_some_and(|at| at >= *since) {
        return None;
    }
    let moved = |by| Moved { named: *version, by, is_asked: *is_asked };
    // Whoever is seen in it after its owner's change knows that one as well.
    let is_after = |at: Millis| at >= *since && at > verdict.window.end;
    if recovered_at.is_some_and(is_after) {
        return Some(moved(Mover::Owner));
    }
    match timeline.and_then(|t| last_change(t, *since)) {
        Some((Hand::Intruder, _)) => None,
        Some((Hand::Owner, at)) if is_after(at) => Some(moved(Mover::Owner)),
        Some((Hand::Owner, _)) => None,
        Some((Hand::Unknown, _)) | None => Some(moved(Mover::Unknown)),
    }
}

/// Whether a contact or factor in place was set by an unknown hand since the intruder came: it may be the owner's, so that no
/// plan takes it out, and it may be the intruder's way back in.
#[must_use]
pub fn is_unsettled(verdict: &Verdict, timeline: &Timeline, state: &AccountState) -> bool {
    let stands = |moment: &Moment| {
        let (event, record) = (&moment.event, &state.record);
        let set = |kind| {
            record.in_place(kind).is_some_and(|c| c.since.is_some_and(|since| since >= verdict.window.start))
        };
        event.kind == Kind::EmailChange && set(ContactKind::Mail)
            || event.kind == Kind::PhoneChange && set(ContactKind::Phone)
            || event.kind == Kind::MfaChange
                && state.factors.iter().any(|f| f.added_by.as_ref() == Some(&event.id))
    };
    timeline.moments.iter().any(|m| {
        m.hand == Hand::Unknown && m.event.time >= verdict.window.start && m.event.is_users_own() && stands(m)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::account::{Account, Contact, Factor, FactorKind};
    use model::event::{Event, Initiator};
    use model::id::Digest;
    use model::secret::Secret;
    use model::verdict::{Belief, Intruder, Route, Window};

    fn timeline(changes: &[(Hand, i64, Kind)]) -> Timeline {
        let moment = |(hand, time, kind): &(Hand, i64, Kind)| Moment {
            hand: *hand,
            event: Event::new(format!("e{time}").as_str().into(), *time, "a".into(), kind.clone()),
        };
        Timeline { account: "a".into(), moments: changes.iter().map(moment).collect() }
    }

    fn verdict() -> Verdict {
        Verdict {
            account: "a".into(),
            verdict: Belief::Compromised,
            route: Route::Credential,
            confidence: 0.99,
            window: Window { start: 5, end: 50 },
            evidence: Vec::new(),
            intruder: Intruder::default(),
        }
    }

    fn state(of: &str) -> AccountState {
        AccountState {
            record: Account::unknown("a".into()),
            credential: Some(CredentialVersion(Digest::of(of.as_bytes()))),
            sessions: Vec::new(),
            grants: Vec::new(),
            hidden: Vec::new(),
            factors: Vec::new(),
            is_off: false,
        }
    }

    #[test]
    fn the_last_change_since_sealing_counts_and_nothing_else() {
        let change = Kind::PasswordChange;
        let cases = [
            (vec![(Hand::Owner, 20, change.clone())], Some(Mover::Owner)),
            (vec![(Hand::Intruder, 20, change.clone())], Some(Mover::Intruder)),
            (
                vec![(Hand::Intruder, 20, change.clone()), (Hand::Owner, 30, change.clone())],
                Some(Mover::Owner),
            ),
            (vec![(Hand::Intruder, 9, change.clone())], None),
            (vec![(Hand::Intruder, 20, Kind::EmailChange)], None),
            (vec![(Hand::Unknown, 20, change.clone())], None),
        ];
        for (changes, mover) in cases {
            let found = movers(&[timeline(&changes)], 10);
            assert_eq!(found.get("a").copied(), mover, "{changes:?}");
        }
        let mut by_staff = timeline(&[(Hand::Owner, 20, change)]);
        by_staff.moments[0].event.initiator = Some(Initiator::Admin);
        assert!(movers(&[by_staff], 10).is_empty(), "the staff's hand is not the owner's");
    }

    #[test]
    fn what_is_in_place_is_named_only_where_it_can_not_be_the_owners_choice() {
        let version = |of: &str| CredentialVersion(Digest::of(of.as_bytes()));
        let named = OnRecord {
            version: version("named"),
            since: 10,
            ours: vec![version("ours")],
            recovered_at: None,
            is_asked: false,
            answered_at: None,
        };
        let change = |hand, time| vec![(hand, time, Kind::PasswordChange)];
        let by = |of: &str, changes: &[(Hand, i64, Kind)], on_record: OnRecord| {
            since_named(&verdict(), Some(&timeline(changes)), &state(of), &on_record).map(|m| m.by)
        };
        let cases = [
            ("it is the one that was named", "named", Vec::new(), named.clone(), None),
            ("ours", "ours", Vec::new(), named.clone(), None),
            ("nobody saw it", "new", Vec::new(), named.clone(), Some(Mover::Unknown)),
            ("an unknown hand", "new", change(Hand::Unknown, 60), named.clone(), Some(Mover::Unknown)),
            ("the intruder's", "new", change(Hand::Intruder, 50), named.clone(), None),
            ("before it was named", "new", change(Hand::Intruder, 9), named.clone(), Some(Mover::Unknown)),
            ("the owner's", "new", change(Hand::Owner, 60), named.clone(), Some(Mover::Owner)),
            ("the intruder was there after", "new", change(Hand::Owner, 40), named.clone(), None),
            (
                "recovered",
                "new",
                Vec::new(),
                OnRecord { recovered_at: Some(60), ..named.clone() },
                Some(Mover::Owner),
            ),
            (
                "recovered, and lost again",
                "new",
                Vec::new(),
                OnRecord { recovered_at: Some(40), ..named.clone() },
                Some(Mover::Unknown),
            ),
            (
                "a person answered",
                "new",
                Vec::new(),
                OnRecord { answered_at: Some(20), ..named.clone() },
                None,
            ),
            (
                "before it was named",
                "new",
                Vec::new(),
                OnRecord { answered_at: Some(9), ..named },
                Some(Mover::Unknown),
            ),
        ];
        for (case, of, changes, on_record, expected) in cases {
            assert_eq!(by(of, &changes, on_record), expected, "{case}");
        }
    }

    #[test]
    fn what_an_unknown_hand_set_is_for_a_person_while_it_is_in_place() {
        let contact = |since| Contact {
            kind: ContactKind::Mail,
            value: Secret::new("a@mail.example"),
            verified_at: None,
            since: Some(since),
        };
        let factor =
            |by: &str| Factor { id: "f".into(), kind: FactorKind::Passkey, added_by: Some(by.into()) };
        let state = |since: i64, factors: Vec<Factor>| AccountState {
            record: Account { contacts: Some(vec![contact(since)]), ..Account::unknown("a".into()) },
            factors,
            ..state("any")
        };
        let mail = |hand, time| timeline(&[(hand, time, Kind::EmailChange)]);
        let passkey = || timeline(&[(Hand::Unknown, 60, Kind::MfaChange)]);
        let cases = [
            ("a mail address", mail(Hand::Unknown, 60), state(60, Vec::new()), true),
            ("the intruder's is taken out", mail(Hand::Intruder, 60), state(60, Vec::new()), false),
            ("the owner's stays", mail(Hand::Owner, 60), state(60, Vec::new()), false),
            ("it was put back", mail(Hand::Unknown, 60), state(1, Vec::new()), false),
            ("before the intruder", mail(Hand::Unknown, 4), state(60, Vec::new()), false),
            ("a passkey", passkey(), state(1, vec![factor("e60")]), true),
            ("another passkey", passkey(), state(1, vec![factor("e61")]), false),
        ];
        for (case, timeline, state, expected) in cases {
            assert_eq!(is_unsettled(&verdict(), &timeline, &state), expected, "{case}");
        }
    }
}

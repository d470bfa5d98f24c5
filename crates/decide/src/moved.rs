//! Whose hand moved a credential after a plan was sealed, by a later hunt's timelines.

use model::event::Kind;
use model::id::{AccountId, Millis};
use model::run::Mover;
use model::verdict::{Hand, Timeline};
use std::collections::BTreeMap;

/// Who moved credentials since a moment, ms: by the last change of the password, or the last recovery, in each timeline. An
/// account of which that can't be said is absent.
#[must_use]
pub fn movers(timelines: &[Timeline], since: Millis) -> BTreeMap<AccountId, Mover> {
    let mover = |timeline: &Timeline| {
        let changes = timeline.moments.iter().filter(|m| m.event.time >= since && m.event.is_users_own());
        let last = changes.filter(|m| m.event.kind == Kind::PasswordChange).max_by_key(|m| m.event.time)?;
        let mover = match last.hand {
            Hand::Owner => Mover::Owner,
            Hand::Intruder => Mover::Intruder,
            Hand::Unknown => return None,
        };
        Some((timeline.account.clone(), mover))
    };
    timelines.iter().filter_map(mover).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::event::{Event, Initiator};
    use model::verdict::Moment;

    fn timeline(changes: &[(Hand, i64, Kind)]) -> Timeline {
        let moment = |(hand, time, kind): &(Hand, i64, Kind)| Moment {
            hand: *hand,
            event: Event::new(format!("e{time}").as_str().into(), *time, "a".into(), kind.clone()),
        };
        Timeline { account: "a".into(), moments: changes.iter().map(moment).collect() }
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
}

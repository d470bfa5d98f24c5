//! An addendum, read again: from the account's own timeline as the later hunt marks it, and from how the ledger says that
//! the account stands. What was made before the seal, by another hand, or on an account that is not contained any more, is
//! refused, and so is what can't be told.

use super::{Check, Ground, Report, Severity};
use model::addendum::{Parent, Standing};
use model::event::{Event, Kind};
use model::id::ObjectId;
use model::note::Sure;
use model::plan::{Act, ActKind, Entry, Purpose, Tier};
use model::verdict::{Hand, Moment, Timeline};

pub(super) fn addendum(ground: &Ground<'_>, report: &mut Report) {
    let Purpose::Addendum { run, to } = &ground.draft.header.purpose else { return };
    let Some(parent) = ground.basis.parent.filter(|p| p.run == *run && p.digest == *to) else {
        report.say(
            Check::Addendum,
            Severity::Refuse,
            Sure::CannotTell,
            format!(
                "how the accounts of {run} stand is not known, or it is not the run of the plan that is named"
            ),
            "draft the addendum again, from that run",
        );
        return;
    };
    let wrong = |e: &Entry| Some((e.account.clone(), why_not(ground, parent, e)?));
    let wrong: Vec<_> = ground.entries().iter().filter_map(wrong).collect();
    let Some((first, why)) = wrong.first() else { return };
    report.say(
        Check::Addendum,
        Severity::Refuse,
        Sure::Exact,
        format!("{} accounts are not what an addendum may add to, {first} the first of them: {why}", wrong.len()),
        "an addendum hides what the same hand made after its plan was sealed, and nothing else; draft it again",
    );
}

/// Why an entry may not be in the addendum, where that is so.
fn why_not(ground: &Ground<'_>, parent: &Parent, entry: &Entry) -> Option<String> {
    let Some(part) = parent.parts.get(&entry.account) else {
        return Some("it is not in the plan that is added to".to_owned());
    };
    if part.standing != Standing::Contained {
        return Some(part.standing.in_words().to_owned());
    }
    if entry.tier != Tier::Evidence || part.tier != Tier::Evidence || entry.route != part.route {
        return Some("it is not held against the hand that the plan was made against".to_owned());
    }
    if entry.places().any(|a| a.kind() != ActKind::HideObjects) {
        return Some("it would do more than hide objects".to_owned());
    }
    let Some(timeline) = ground.timelines.get(&entry.account) else {
        return Some("there is no timeline that shows whose hand it was".to_owned());
    };
    let cited = |m: &&Moment| part.cited.contains(&m.event.id);
    let hands: Vec<Hand> = timeline.moments.iter().filter(cited).map(|m| m.hand).collect();
    if hands.contains(&Hand::Owner) || !hands.contains(&Hand::Intruder) {
        return Some("by this hunt what the plan rested on is not the intruder's".to_owned());
    }
    let objects: Vec<&ObjectId> = entry.acts.iter().flat_map(Act::hides).collect();
    let most = ground.basis.policy.addendum.objects_per_account_max;
    if objects.len() as u64 > most {
        let n = objects.len();
        return Some(format!("{n} objects, and the policy allows {most} (addendum.objects_per_account_max)"));
    }
    if let Some(known) = objects.iter().find(|o| part.named.contains(**o)) {
        return Some(format!("{known} was named before"));
    }
    let not_theirs = objects.into_iter().find(|object| !is_theirs(timeline, object, part.seen_until));
    not_theirs.map(|object| {
        format!("nothing shows that {object} was made by the intruder after what the plan knew of")
    })
}

/// Whether each of the account's own acts on an object is the intruder's, and one of them made it after a moment.
fn is_theirs(timeline: &Timeline, object: &ObjectId, since: i64) -> bool {
    let touches = |e: &Event| e.object.as_ref() == Some(object) && e.is_users_own();
    let mut touching = timeline.moments.iter().filter(|m| touches(&m.event)).peekable();
    let mut is_made = false;
    while let Some(moment) = touching.next_if(|m| m.hand == Hand::Intruder) {
        is_made |= moment.event.kind == Kind::Post && moment.event.time > since;
    }
    is_made && touching.peek().is_none()
}

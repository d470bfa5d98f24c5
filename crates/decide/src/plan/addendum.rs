//! The draft of an addendum: of accounts that a run contained, what the same hand made after its plan was sealed, to be
//! hidden. It takes in no other account and no other act; what can't be dated, or was seen in another hand too, stays.

use super::{Occasion, contact, finish, quiet};
use crate::gather::{Cohort, Member};
use model::addendum::{Parent, Standing};
use model::event::Kind;
use model::id::{AccountId, EventId, Millis, ObjectId};
use model::plan::{Act, Draft, Entry, LeftOut, LeftOutCode, Purpose, Template, Tier};
use model::verdict::{Hand, Timeline};
use std::collections::{BTreeMap, BTreeSet};

/// Drafts an addendum to a plan from a later hunt: its cohort, and its timelines.
#[must_use]
pub fn draft_addendum(
    parent: &Parent,
    cohort: &Cohort<'_>,
    timelines: &[Timeline],
    occasion: &Occasion<'_>,
) -> Draft {
    let timelines: BTreeMap<&AccountId, &Timeline> = timelines.iter().map(|t| (&t.account, t)).collect();
    let mut entries = Vec::new();
    // Whom the hunt leaves out of any plan stays out; whoever was never contained is no business of an addendum.
    let is_of_it = |l: &&LeftOut| parent.parts.contains_key(&l.account);
    let mut left_out: Vec<LeftOut> = cohort.left_out.iter().filter(is_of_it).cloned().collect();
    for member in &cohort.members {
        match more(parent, member, timelines.get(&member.verdict.account).copied(), occasion) {
            Ok(objects) => entries.push(entry(member, objects, occasion)),
            Err((code, reason)) => {
                left_out.push(LeftOut { account: member.verdict.account.clone(), code, reason });
            }
        }
    }
    let purpose = Purpose::Addendum { run: parent.run.clone(), to: parent.digest };
    finish(purpose, entries, left_out, occasion)
}

type Left = (LeftOutCode, String);

/// What an account would have hidden, or why nothing.
fn more(
    parent: &Parent,
    member: &Member<'_>,
    timeline: Option<&Timeline>,
    occasion: &Occasion<'_>,
) -> Result<Vec<ObjectId>, Left> {
    let no = |code, reason: &str| Err((code, reason.to_owned()));
    let Some(part) = parent.parts.get(&member.verdict.account) else {
        return no(LeftOutCode::NotContained, "the run did not contain it: a plan of its own");
    };
    match part.standing {
        Standing::Contained => {}
        Standing::NotContained => return no(LeftOutCode::NotContained, part.standing.in_words()),
        Standing::Exonerated | Standing::Disputed | Standing::TakenBack => {
            return no(LeftOutCode::TakenBack, part.standing.in_words());
        }
    }
    if part.tier != Tier::Evidence || member.tier != Tier::Evidence {
        return no(
            LeftOutCode::NotContained,
            "only by precaution, in one of both: a plan of its own, which says whether somebody was in",
        );
    }
    let theirs: BTreeSet<&EventId> = member.verdict.intruder.events.iter().collect();
    let is_same = part.route == member.verdict.route && part.cited.iter().any(|e| theirs.contains(e));
    if !is_same {
        return no(
            LeftOutCode::AnotherHand,
            "by this hunt it is not the hand that the plan was made against",
        );
    }
    let named: BTreeSet<&ObjectId> = member.verdict.intruder.objects.iter().collect();
    let made = timeline.map(|t| made_since(t, part.seen_until)).unwrap_or_default();
    let objects: Vec<ObjectId> =
        made.into_iter().filter(|o| named.contains(o) && !part.named.contains(*o)).cloned().collect();
    let most = occasion.policy.0.addendum.objects_per_account_max;
    if objects.is_empty() {
        return no(
            LeftOutCode::AlreadyContained,
            "already contained, and no later post of the same hand was seen than the plan knew of",
        );
    }
    if objects.len() as u64 > most {
        let reason = format!(
            "{} posts, and the policy allows {most} an account (addendum.objects_per_account_max): by hand",
            objects.len()
        );
        return Err((LeftOutCode::BeyondAddendum, reason));
    }
    Ok(objects)
}

/// The objects that the intruder's hand alone made, after a moment.
fn made_since(timeline: &Timeline, since: Millis) -> BTreeSet<&ObjectId> {
    let about = |is_theirs: bool| {
        let moments = timeline.moments.iter().filter(move |m| (m.hand == Hand::Intruder) == is_theirs);
        moments.filter_map(|m| Some((&m.event, m.event.object.as_ref()?)))
    };
    let others: BTreeSet<&ObjectId> =
        about(false).filter(|(event, _)| event.is_users_own()).map(|(_, object)| object).collect();
    let theirs = about(true).filter(|(event, _)| event.kind == Kind::Post && event.time > since);
    theirs.map(|(_, object)| object).filter(|object| !others.contains(object)).collect()
}

fn entry(member: &Member<'_>, objects: Vec<ObjectId>, occasion: &Occasion<'_>) -> Entry {
    let verdict = member.verdict;
    Entry {
        account: verdict.account.clone(),
        wave: 0,
        tier: member.tier,
        route: verdict.route,
        reason: format!("contained, and {} more by the same hand since", posts(&objects)),
        confidence: verdict.confidence,
        window: verdict.window,
        evidence: verdict.evidence.clone(),
        acts: vec![Act::HideObjects { objects }],
        if_moved: Vec::new(),
        segment: member.state.record.segment.clone(),
        reach: member.reach,
        contact: contact(member),
        notice: Template::Addendum,
        tries: Vec::new(),
        quiet: quiet(member, occasion),
    }
}

fn posts(objects: &[ObjectId]) -> String {
    match objects.len() {
        1 => "one post".to_owned(),
        n => format!("{n} posts"),
    }
}

//! Evidence is read again, account by account: from the hunt's own answer, from the account's own timeline, and from
//! prior and weights.

use super::{Check, Ground, Report, Severity, first_of};
use model::event::{Event, Kind};
use model::id::{AccountId, EventId, ObjectId};
use model::note::Sure;
use model::plan::{Act, Entry, Tier};
use model::verdict::{Belief, Evidence, Family, Hand, Timeline, Verdict, Window};
use std::collections::{BTreeMap, BTreeSet};

/// Confidences are written with six significant digits.
const DIGITS: f64 = 1e-5;
/// A hunt's timeline shows at most so many events from the intruder's first one on.
const SHOWN_MAX: usize = 300;

pub(super) fn evidence(ground: &Ground<'_>, report: &mut Report) {
    let stands =
        |entry: &Entry| ground.verdicts.get(&entry.account).is_some_and(|v| carries(ground, entry, v));
    if let Some((n, first)) = first_of(ground.entries().iter().filter(|e| !stands(e))) {
        report.say(
            Check::Evidence,
            Severity::Refuse,
            Sure::Exact,
            format!(
                "{n} accounts are in without the evidence that their tier needs, {first} the first of them"
            ),
            "the draft was not made from this hunt, or it was changed; draft it again",
        );
    }
}

fn carries(ground: &Ground<'_>, entry: &Entry, v: &Verdict) -> bool {
    let limits = &ground.basis.policy.cohort;
    let families: BTreeSet<_> = v.evidence.iter().map(|e| e.family).filter(|f| f.counts()).collect();
    let same = entry.evidence == v.evidence && entry.window == v.window && entry.route == v.route;
    same && match entry.tier {
        Tier::Evidence => {
            v.verdict == Belief::Compromised
                && families.len() >= limits.families_min as usize
                && v.confidence >= limits.confidence_min
                && stands_of_itself(ground, v)
        }
        Tier::Precaution => v.verdict == Belief::Suspected,
        // It has no verdict, and no place among owners' accounts.
        Tier::Probe => false,
    }
}

/// Whether a verdict reaches the policy without what others say.
fn stands_of_itself(ground: &Ground<'_>, v: &Verdict) -> bool {
    let own = v.evidence.iter().filter(|e| e.family.counts()).map(|e| e.weight);
    let rests_on_others = v.evidence.iter().any(|e| !e.family.counts() && e.weight > 0.0);
    !rests_on_others || logistic(ground.basis.summary.prior, own) >= ground.basis.policy.cohort.confidence_min
}

/// Whose a piece of evidence is, as far as the account's own timeline tells.
enum Whose {
    Own,
    AnothersOrNobodys,
    /// There is no timeline, or it ends before.
    CannotTell,
}

/// A join on the wrong key leaves each account with events of another.
pub(super) fn own_events(ground: &Ground<'_>, report: &mut Report) {
    let (mut foreign, mut dark) = (Vec::new(), Vec::new());
    for entry in ground.entries() {
        let whose: Vec<Whose> = match ground.timelines.get(&entry.account) {
            Some(timeline) => entry.evidence.iter().map(|e| whose(e, entry, timeline)).collect(),
            None => vec![Whose::CannotTell],
        };
        if whose.iter().any(|w| matches!(w, Whose::AnothersOrNobodys)) {
            foreign.push(entry);
        } else if !whose.iter().any(|w| matches!(w, Whose::Own)) {
            dark.push(entry);
        }
    }
    if let Some((n, first)) = first_of(foreign.into_iter()) {
        report.say(
            Check::OwnEvents,
            Severity::Refuse,
            Sure::Exact,
            format!(
                "{n} accounts carry evidence that is not in their own timeline, {first} the first of them"
            ),
            "this is what a join on the wrong key leaves; find it, and hunt again",
        );
    }
    if let Some((n, first)) = first_of(dark.into_iter()) {
        report.say(
            Check::OwnEvents,
            Severity::Refuse,
            Sure::CannotTell,
            format!(
                "of {n} accounts there is no timeline that shows what is held against them, {first} the first"
            ),
            "have the hunt write timelines.jsonl: nobody could review this either",
        );
    }
}

fn whose(evidence: &Evidence, entry: &Entry, timeline: &Timeline) -> Whose {
    let by_id: BTreeMap<&EventId, &Event> =
        timeline.moments.iter().map(|m| (&m.event.id, &m.event)).collect();
    let found: Vec<&&Event> = evidence.events.iter().filter_map(|id| by_id.get(id)).collect();
    if found.iter().any(|e| e.account != entry.account) {
        Whose::AnothersOrNobodys
    } else if !found.is_empty() {
        Whose::Own
    } else if is_cut(timeline, entry.window) {
        Whose::CannotTell
    } else {
        Whose::AnothersOrNobodys
    }
}

/// Whether the timeline ends before the window does, as that of a very busy intruder.
fn is_cut(timeline: &Timeline, window: Window) -> bool {
    let within = timeline.moments.iter().filter(|m| m.event.time >= window.start).count();
    within >= SHOWN_MAX && timeline.moments.last().is_some_and(|m| m.event.time < window.end)
}

/// What was done touches the window. Not all of it must lie there: that an owner fails to come in afterwards is evidence,
/// and not the intruder's act. What was new about a hand may have been seen before: it is not after the window alone.
pub(super) fn in_window(ground: &Ground<'_>, report: &mut Report) {
    let lies_outside = |entry: &&Entry| {
        let Some(timeline) = ground.timelines.get(&entry.account) else { return false };
        let times: BTreeMap<&EventId, i64> =
            timeline.moments.iter().map(|m| (&m.event.id, m.event.time)).collect();
        let Window { start, end } = entry.window;
        start > end
            || entry.evidence.iter().any(|e| {
                let from = if e.family == Family::Novelty { i64::MIN } else { start };
                let mut seen = e.events.iter().filter_map(|id| times.get(id)).peekable();
                seen.peek().is_some() && !seen.any(|t| (from..=end).contains(t))
            })
    };
    if let Some((n, first)) = first_of(ground.entries().iter().filter(lies_outside)) {
        report.say(
            Check::InWindow,
            Severity::Refuse,
            Sure::Exact,
            format!(
                "of {n} accounts evidence lies wholly outside the time the intruder is said to have been there, {first} the first"
            ),
            "the windows are not those of the evidence; hunt again",
        );
    }
}

/// The logistic function of prior and weights (naive Bayes in log-odds), computed again.
pub(super) fn logistic(prior: f64, weights: impl Iterator<Item = f64>) -> f64 {
    1.0 / (1.0 + (-(prior + weights.sum::<f64>())).exp())
}

pub(super) fn confidence(ground: &Ground<'_>, report: &mut Report) {
    let summary = ground.basis.summary;
    let (mut wrong, mut unstated) = (Vec::new(), BTreeSet::new());
    for entry in ground.entries() {
        // What others say may be listed and count for nothing.
        let counts = |e: &Evidence| e.weight > 0.0 || (!e.family.counts() && e.weight >= 0.0);
        let within =
            |e: &Evidence| summary.weights.get(&e.signal).is_some_and(|w| counts(e) && e.weight <= w + 1e-9);
        let missing = entry.evidence.iter().filter(|e| !summary.weights.contains_key(&e.signal));
        unstated.extend(missing.map(|e| e.signal.as_str()));
        let computed = logistic(summary.prior, entry.evidence.iter().map(|e| e.weight));
        // Where rounding to six digits gives 1, so does this.
        let agrees = (computed - entry.confidence).abs() <= DIGITS * computed.max(entry.confidence);
        if !agrees || !entry.evidence.iter().all(within) {
            wrong.push(entry);
        }
    }
    let Some((n, first)) = first_of(wrong.into_iter()) else { return };
    let (sure, why) = if unstated.is_empty() {
        (Sure::Exact, "a confidence that prior and weights don't come to".to_owned())
    } else {
        let signals: Vec<&str> = unstated.into_iter().collect();
        let why =
            format!("a confidence that can't be computed: no weight is stated for {}", signals.join(", "));
        (Sure::CannotTell, why)
    };
    report.say(
        Check::Confidence,
        Severity::Refuse,
        sure,
        format!("{n} accounts have {why}, {first} the first of them"),
        "the confidence must follow from the evidence listed and the hunt's summary; hunt again",
    );
}

pub(super) fn objects(ground: &Ground<'_>, report: &mut Report) {
    let takes_more = |entry: &&Entry| {
        let verdict = ground.verdicts.get(&entry.account);
        let theirs: BTreeSet<_> = verdict.into_iter().flat_map(|v| &v.intruder.objects).collect();
        entry.acts.iter().flat_map(Act::hides).any(|o| !theirs.contains(o)) || takes_back_more(ground, entry)
    };
    if let Some((n, first)) = first_of(ground.entries().iter().filter(takes_more)) {
        report.say(
            Check::Objects,
            Severity::Refuse,
            Sure::Exact,
            format!(
                "{n} accounts would have objects hidden, or follows or likes taken back, that are not the intruder's, {first} \
                 the first of them"
            ),
            "hide and take back only what is attributed to the intruder",
        );
    }
}

/// Whether a follow or a like would be taken back that is not attributed to the intruder, or that the timeline shows in
/// another hand too.
fn takes_back_more(ground: &Ground<'_>, entry: &Entry) -> bool {
    let verdict = ground.verdicts.get(&entry.account);
    let follows: BTreeSet<&str> =
        verdict.into_iter().flat_map(|v| &v.intruder.follows).map(AccountId::as_str).collect();
    let likes: BTreeSet<&str> =
        verdict.into_iter().flat_map(|v| &v.intruder.likes).map(ObjectId::as_str).collect();
    let moments = ground.timelines.get(&entry.account).into_iter().flat_map(|t| &t.moments);
    let others: BTreeSet<(&Kind, &str)> = moments
        .filter(|m| m.hand != Hand::Intruder)
        .filter_map(|m| Some((&m.event.kind, m.event.object.as_ref()?.as_str())))
        .collect();
    let wrong = |kind: &Kind, theirs: &BTreeSet<&str>, named: &str| {
        !theirs.contains(named) || others.contains(&(kind, named))
    };
    entry.acts.iter().any(|act| {
        act.unfollows().iter().any(|a| wrong(&Kind::Follow, &follows, a.as_str()))
            || act.unlikes().iter().any(|o| wrong(&Kind::Like, &likes, o.as_str()))
    })
}

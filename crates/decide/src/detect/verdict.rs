//! From findings to a verdict: which hands are an intruder's, how sure that is, how they came in, and what is theirs.
//!
//! The confidence is the logistic function of the prior and the sum of the weights listed (naive Bayes in log-odds),
//! so that anybody can compute it again with a signal taken away.

use super::act::{Act, Deed};
use super::actor::{Actor, Origin};
use super::artefact::Key;
use super::calibration::Calibration;
use super::company;
use super::fold::{Folded, NOBODY};
use super::intelligence;
use super::lore::Feature;
use super::signals::{self, Case, Finding, Signal};
use model::id::{AccountId, AppId, Millis, ObjectId, SessionId};
use model::verdict::{Belief, Change, Evidence, Family, Hand, Intruder, Route, Verdict, Window};
use std::collections::{BTreeMap, BTreeSet};

/// At least this sure for `compromised`.
pub const COMPROMISED_MIN: f64 = 0.8;
/// At least this sure for `suspected`.
pub const SUSPECTED_MIN: f64 = 0.3;

/// A verdict, with what later steps need of it.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The account (its place in the hunt's list).
    pub account: u32,
    /// The verdict; campaign ids are not filled in yet.
    pub verdict: Verdict,
    /// The artefact behind each piece of evidence, in the verdict's order.
    pub artefacts: Vec<Option<Key>>,
    /// Whose hand each act shows.
    pub hands: Vec<Hand>,
    /// First and last act of the intruder's, by place.
    pub span: (usize, usize),
}

/// The logistic function of the prior and weights.
#[must_use]
pub(super) fn confidence(by: Calibration, weights: impl Iterator<Item = f64>) -> f64 {
    six_digits(1.0 / (1.0 + (-(by.prior() + weights.sum::<f64>())).exp()))
}

/// A number with six significant digits.
#[must_use]
pub fn six_digits(x: f64) -> f64 {
    format!("{x:.5e}").parse().unwrap_or(x)
}

/// Judges all hands of an account; `None` is clear. `case` gives what all hands share.
#[must_use]
pub fn judge(account: u32, case: &Case<'_>, since: Option<Millis>) -> Option<Judgement> {
    let folded = case.folded;
    let mut guilty: BTreeMap<u8, Vec<Finding>> = BTreeMap::new();
    let mut doubted: BTreeMap<u8, Vec<Finding>> = BTreeMap::new();
    // Doubted for what others say alone: such a hand stands beside no other.
    let mut named: BTreeMap<u8, Vec<Finding>> = BTreeMap::new();
    for (hand, actor) in folded.actors.iter().enumerate() {
        let late = since.is_none_or(|since| actor.seen.1 >= since);
        if actor.same_as.is_some() || !late || actor.acts == 0 {
            continue;
        }
        let hand = hand as u8;
        let mut found = signals::all(&Case { hand, ..*case });
        let of_its_own = belief(case.calibration, found.iter().filter(|f| f.signal.family().counts()));
        intelligence::restrain(case.calibration, found.iter_mut());
        match (of_its_own, belief(case.calibration, found.iter())) {
            (Some(Belief::Compromised), _) => guilty.insert(hand, found),
            (Some(Belief::Suspected), _) => doubted.insert(hand, found),
            (None, Some(_)) => named.insert(hand, found),
            (None, None) => None,
        };
    }
    let seconds = company::seconds(case, &mut guilty, &doubted);
    let (belief, of_hands) = match (guilty.is_empty(), doubted.is_empty()) {
        (false, _) => (Belief::Compromised, guilty),
        (true, false) => (Belief::Suspected, doubted),
        (true, true) => (Belief::Suspected, named),
    };
    if of_hands.is_empty() {
        return None;
    }
    let hands: BTreeSet<u8> = of_hands.keys().copied().collect();
    let is_theirs = |h: &u8| {
        hands.contains(h)
            || seconds.contains(h)
            || hands.iter().any(|g| company::is_same(folded, case.acts, *h, *g))
    };
    let mut all: BTreeSet<u8> = (0..folded.actors.len() as u8).filter(is_theirs).collect();
    company::same_machines(folded, &mut all);
    Some(write(account, case, belief, &of_hands, &all))
}

/// Whether a hand's findings may come to a verdict: novelty is needed, and a family besides; outside intelligence never
/// counts as it.
pub(super) fn may_be_judged<'f>(found: impl Iterator<Item = &'f Finding>) -> bool {
    let families: BTreeSet<Family> = found.map(|f| f.signal.family()).collect();
    let second = [Family::Abuse, Family::Takeover, Family::Campaign, Family::Entry];
    families.contains(&Family::Novelty) && second.iter().any(|f| families.contains(f))
}

/// What findings about a hand come to.
fn belief<'f>(by: Calibration, found: impl Iterator<Item = &'f Finding> + Clone) -> Option<Belief> {
    if !may_be_judged(found.clone()) {
        return None;
    }
    let sure = confidence(by, found.map(|f| by.weight(f.weight())));
    if sure >= COMPROMISED_MIN {
        Some(Belief::Compromised)
    } else if sure >= SUSPECTED_MIN {
        Some(Belief::Suspected)
    } else {
        None
    }
}

fn write(
    account: u32,
    case: &Case<'_>,
    belief: Belief,
    of_hands: &BTreeMap<u8, Vec<Finding>>,
    all: &BTreeSet<u8>,
) -> Judgement {
    let (acts, folded, words) = (case.acts, case.folded, case.lore.words);
    let mut by_signal: BTreeMap<Signal, Finding> = BTreeMap::new();
    for finding in of_hands.values().flatten() {
        by_signal
            .entry(finding.signal)
            .and_modify(|kept| {
                kept.share = kept.share.max(finding.share);
                kept.acts.extend(&finding.acts);
                kept.acts.sort_unstable();
                kept.acts.dedup();
            })
            .or_insert_with(|| finding.clone());
    }
    intelligence::restrain(case.calibration, by_signal.values_mut());
    let theirs = theirs(case, all, by_signal.values());
    let (first, last) = (theirs.first().copied().unwrap_or(0), theirs.last().copied().unwrap_or(0));
    let evidence: Vec<Evidence> = by_signal
        .values()
        .map(|f| Evidence {
            signal: f.signal.name().to_owned(),
            family: f.signal.family(),
            weight: case.calibration.weight(f.weight()),
            summary: f.summary.clone(),
            events: f.acts.iter().map(|at| words.ids.text(acts[*at].id).into()).collect(),
            campaign: None,
        })
        .collect();
    let verdict = Verdict {
        account: words.accounts.text(acts[0].account).into(),
        verdict: belief,
        route: route(acts, folded, of_hands),
        confidence: confidence(case.calibration, evidence.iter().map(|e| e.weight)),
        window: Window { start: acts[first].time, end: acts[last].time },
        intruder: intruder(case, &theirs, all, &evidence),
        evidence,
    };
    let hands = folded.hands.iter().enumerate().map(|(at, hand)| match hand {
        &NOBODY => Hand::Unknown,
        _hand if theirs.binary_search(&at).is_ok() => Hand::Intruder,
        hand if all.contains(hand) || folded.actors[usize::from(*hand)].is_doubtful() => Hand::Unknown,
        hand if came_after(&folded.actors[usize::from(*hand)], acts[first].time, acts[at].deed) => {
            Hand::Unknown
        }
        _other => Hand::Owner,
    });
    Judgement {
        account,
        verdict,
        artefacts: by_signal.values().map(|f| f.artefact).collect(),
        hands: hands.collect(),
        span: (first, last),
    }
}

/// Whether a hand came when the intruder was there already, and is not known for the owner's by that: where there was no
/// history to know an owner by, or where it changes who may come in.
fn came_after(actor: &Actor, intruder: Millis, deed: Deed) -> bool {
    actor.seen.0 >= intruder && (actor.origin == Origin::Early || deed.changes_access())
}

/// How near an act must be to one that is evidence, to be the intruder's where the owner's own hand acts too, ms.
pub(super) const BESIDE_MS: Millis = 20 * 60_000;

/// The acts of the intruder's hands, by place. A stranger's are all the intruder's; a hand that goes on in the owner's
/// own session or device, or that was there before anything was known, is both: only what is evidence itself, what
/// came from the same address, and what was done beside it from the same network is the intruder's.
fn theirs<'f>(case: &Case<'_>, all: &BTreeSet<u8>, found: impl Iterator<Item = &'f Finding>) -> Vec<usize> {
    let (acts, folded) = (case.acts, case.folded);
    let cited: BTreeSet<usize> = found
        .filter(|f| shows_an_act(f.signal))
        .flat_map(|f| f.acts.iter().copied())
        .filter(|at| all.contains(&folded.hands[*at]))
        .collect();
    let beside = |at: usize| {
        let view = case.lore.view(&acts[at]);
        let alike = |c: &usize| {
            let other = case.lore.view(&acts[*c]);
            let same = |f: Feature| view.get(f) != 0 && view.get(f) == other.get(f);
            let near = (acts[*c].time - acts[at].time).abs() <= BESIDE_MS;
            folded.hands[*c] == folded.hands[at]
                && (same(Feature::Address)
                    || near && view.get(Feature::Network) == other.get(Feature::Network))
        };
        cited.contains(&at) || cited.iter().any(alike)
    };
    (0..acts.len())
        .filter(|at| {
            let hand = folded.hands[*at];
            hand != NOBODY && all.contains(&hand) && {
                let shared = is_the_owners_too(&folded.actors[usize::from(hand)]);
                !shared || !cited.iter().any(|c| folded.hands[*c] == hand) || beside(*at)
            }
        })
        .collect()
}

/// Whether what a signal rests on is the intruder's doing by that: what is new about a hand, or what others say, is not.
fn shows_an_act(signal: Signal) -> bool {
    signal == Signal::KnownStranger || !matches!(signal.family(), Family::Novelty | Family::Intelligence)
}

/// Whether a hand may hold acts of the owner's.
pub(super) fn is_the_owners_too(actor: &Actor) -> bool {
    match actor.origin {
        Origin::Early | Origin::Roaming(_) => true,
        Origin::Arrived => !actor.is_foreign(),
        Origin::Broken | Origin::Outburst(_) | Origin::App(_) => false,
    }
}

/// How the intruder came in: a password where somebody signed in; else the session, or the application.
fn route(acts: &[Act], folded: &Folded, of_hands: &BTreeMap<u8, Vec<Finding>>) -> Route {
    let actors = || of_hands.keys().map(|hand| (*hand, &folded.actors[usize::from(*hand)]));
    if actors().all(|(_, actor)| matches!(actor.origin, Origin::App(_))) {
        return Route::App;
    }
    let signed_in = actors().any(|(hand, _)| folded.acts_of(hand).any(|at| acts[at].is_login()));
    let taken_along = actors().any(|(_, actor)| is_taken_along(actor));
    if taken_along && !signed_in { Route::Session } else { Route::Credential }
}

/// Whether a hand went on in a session that was the owner's.
fn is_taken_along(actor: &Actor) -> bool {
    matches!(actor.origin, Origin::Broken | Origin::Roaming(_) | Origin::Outburst(_))
}

/// What a hand began to follow or like, that no other hand did: what the owner follows or likes too is theirs. A hand is
/// taken at its word only where evidence of abuse or of a campaign rests on it, and one that may hold acts of the owner's
/// only for an act that is evidence itself: what is named here is taken back, and nobody can put it there again.
fn taken_up(case: &Case<'_>, theirs: &[usize], cited: &BTreeSet<&str>, deed: Deed) -> BTreeSet<String> {
    let (acts, folded, words) = (case.acts, case.folded, case.lore.words);
    let is_cited = |at: usize| cited.contains(words.ids.text(acts[at].id));
    let of_deed = |at: &usize| acts[*at].deed == deed && acts[*at].object.is_some();
    let object = |at: usize| words.objects.text(acts[at].object).to_owned();
    let speaks_for_itself: BTreeSet<u8> =
        theirs.iter().filter(|at| is_cited(**at)).map(|at| folded.hands[*at]).collect();
    let is_named = |at: &usize| {
        let hand = folded.hands[*at];
        let shared = is_the_owners_too(&folded.actors[usize::from(hand)]);
        is_cited(*at) || (!shared && speaks_for_itself.contains(&hand))
    };
    let named = theirs.iter().copied().filter(of_deed).filter(is_named).map(object);
    let others: BTreeSet<String> =
        (0..acts.len()).filter(of_deed).filter(|at| theirs.binary_search(at).is_err()).map(object).collect();
    named.filter(|object| !others.contains(object)).collect()
}

/// What is the intruder's, and nothing of the owner's. A post is named only where it is itself evidence of abuse or of
/// a campaign: a hand that was taken for the intruder's by what it came with may have written posts of the owner's,
/// and what is named here is hidden.
fn intruder(case: &Case<'_>, theirs: &[usize], hands: &BTreeSet<u8>, evidence: &[Evidence]) -> Intruder {
    let (acts, words) = (case.acts, case.lore.words);
    let cited: BTreeSet<&str> = evidence
        .iter()
        .filter(|e| matches!(e.family, Family::Abuse | Family::Campaign))
        .flat_map(|e| &e.events)
        .map(model::id::EventId::as_str)
        .collect();
    let mut objects: BTreeSet<ObjectId> = BTreeSet::new();
    let mut sessions: BTreeSet<SessionId> = BTreeSet::new();
    let mut apps: BTreeSet<AppId> = BTreeSet::new();
    let mut changes = Vec::new();
    for at in theirs {
        let act = &acts[*at];
        if act.deed == Deed::Post && act.object.is_some() && cited.contains(words.ids.text(act.id)) {
            objects.insert(words.objects.text(act.object).into());
        }
        if act.session.is_some() {
            sessions.insert(words.sessions.text(act.session).into());
        }
        if act.deed == Deed::AppAuthorize && act.object.is_some() {
            apps.insert(words.objects.text(act.object).into());
        }
        if act.deed.changes_access() {
            let event = act.event(words);
            changes.push(Change { kind: event.kind, previous: event.previous, event: event.id });
        }
    }
    for hand in hands {
        if let Origin::App(app) = case.folded.actors[usize::from(*hand)].origin {
            apps.insert(words.apps.text(app).into());
        }
    }
    Intruder {
        events: theirs.iter().map(|at| words.ids.text(acts[*at].id).into()).collect(),
        objects: objects.into_iter().collect(),
        follows: taken_up(case, theirs, &cited, Deed::Follow).into_iter().map(AccountId::new).collect(),
        likes: taken_up(case, theirs, &cited, Deed::Like).into_iter().map(ObjectId::new).collect(),
        sessions: sessions.into_iter().collect(),
        apps: apps.into_iter().collect(),
        changes,
    }
}

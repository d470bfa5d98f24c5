//! `shared_text`, `shared_domain`, `shared_page`, `shared_contact`, `shared_address`, `shared_device`, `shared_target`, `shared_tool`, `shared_network`: the hand
//! carries what strangers to other accounts carry, and hardly any owner does.

use super::{Case, Finding, Signal, long};
use crate::detect::act::{Act, Deed};
use crate::detect::actor::Origin;
use crate::detect::artefact::{Key, Sort, domains};
use model::id::Millis;
use std::collections::{BTreeMap, BTreeSet};

/// Strangers' targets that a hand must have followed: a popular account is followed by anybody.
const TARGETS_MIN: usize = 3;
/// Several that lean towards strangers are as good as one beyond chance: links to so many domains, or follows of so
/// many accounts (who follows for pay follows whole lists).
const LEANING_DOMAINS_MIN: usize = 2;
const LEANING_TARGETS_MIN: usize = 5;
/// The same where the hand does both.
const LEANING_BESIDE_MIN: usize = 2;

const WEEK_MS: Millis = 7 * 86_400_000;
/// A machine on which hardly anybody is but strangers weighs the more, the more of them there are: with the logarithm
/// of how many times as many they are as the fewest that make a pattern, up to a bound.
const NOBODYS_SHARE: f64 = 0.95;
const CROWD: f64 = 4.0;
const CROWD_MORE_MAX: f64 = 3.0;
/// The part of the weight that any machine of strangers' has.
const CROWD_LEAST: f64 = 0.6;

/// How much of its weight a machine has for being so many strangers' and hardly anybody else's.
fn crowd(share: f64, strangers: usize) -> f64 {
    let more = if share < NOBODYS_SHARE { 0.0 } else { (strangers as f64 / CROWD).ln() };
    CROWD_LEAST + (1.0 - CROWD_LEAST) * more.clamp(0.0, CROWD_MORE_MAX) / CROWD_MORE_MAX
}

pub(super) fn find(case: &Case<'_>) -> Vec<Finding> {
    let actor = case.actor();
    if !actor.is_doubtful() && actor.origin != Origin::Early {
        return Vec::new();
    }
    carried(case)
}

/// The same of any hand, whatever is known of it: for one that is looked at because an intruder is on the account.
pub(in crate::detect) fn carried(case: &Case<'_>) -> Vec<Finding> {
    let targets = case.own_acts().filter(|(_, act)| matches!(act.deed, Deed::Follow | Deed::Like)).count();
    let mut of_sort: BTreeMap<Sort, (Key, Vec<usize>)> = BTreeMap::new();
    let lean = leaning(case);
    let guilty = |key: Key| match lean.contains(&key.sort) {
        true => case.artefacts.leaning(key),
        false => case.artefacts.get(key),
    };
    for (at, key) in case.burden() {
        let Some(standing) = guilty(key) else { continue };
        if key.sort == Sort::Page && is_the_owners_site(case, &case.acts[at]) {
            continue;
        }
        let (best, acts) = of_sort.entry(key.sort).or_insert_with(|| (key, Vec::new()));
        let known = guilty(*best).map_or(0, |s| s.foreign.len());
        if standing.foreign.len() > known
            || (standing.foreign.len() == known && key.value < best.value && key.sort == Sort::Text)
        {
            *best = key;
        }
        if acts.last() != Some(&at) {
            acts.push(at);
        }
    }
    // A page of a guilty domain says nothing more.
    if of_sort.contains_key(&Sort::Domain) {
        of_sort.remove(&Sort::Page);
    }
    // Nor does a network beside an address in it.
    if of_sort.contains_key(&Sort::Address) {
        of_sort.remove(&Sort::Network);
    }
    // Nor does who is named beside how to reach them.
    if of_sort.contains_key(&Sort::Handle) {
        of_sort.remove(&Sort::Mention);
    }
    of_sort
        .into_iter()
        .filter_map(|(sort, (key, acts))| {
            let standing = guilty(key)?;
            if sort == Sort::Target && (acts.len() < TARGETS_MIN || acts.len() * 2 < targets) {
                return None;
            }
            let (strangers, span) = (standing.foreign.len(), long(standing.span_ms()));
            let (signal, what) = match sort {
                Sort::Text => (Signal::SharedText, "sent the same text"),
                Sort::Domain => (Signal::SharedDomain, "sent links to the same domain"),
                Sort::Page => (Signal::SharedPage, "sent links to the same page"),
                Sort::Mention => (Signal::SharedContact, "named somebody elsewhere, always the same"),
                Sort::Handle => (Signal::SharedContact, "gave the same contact to pay or to answer to"),
                Sort::Address => (Signal::SharedAddress, "came from the same address"),
                Sort::Device => (Signal::SharedDevice, "came with the same device"),
                Sort::Target => (Signal::SharedTarget, "followed or liked the same"),
                Sort::Agent => (Signal::SharedTool, "came with the same browser string"),
                Sort::Network => (Signal::SharedNetwork, "came from the same network, where hardly any owner is"),
            };
            let summary = format!(
                "one of {strangers} accounts where a stranger {what}, most of them within {span}; of their own accord {} did",
                standing.own
            );
            let mut finding = Finding::new(signal, summary, acts);
            finding.artefact = Some(key);
            if matches!(sort, Sort::Address | Sort::Device) {
                finding.share = crowd(standing.share(), strangers);
            }
            Some(finding)
        })
        .collect()
}

/// Whether the owner's own hand linked to a site of an act's links within a week: they may go on about it on a journey.
fn is_the_owners_site(case: &Case<'_>, act: &Act) -> bool {
    let sites = domains(act, case.lore);
    case.acts.iter().zip(&case.folded.hands).any(|(other, hand)| {
        let by_owner = case.folded.actors.get(usize::from(*hand)).is_some_and(|a| !a.is_doubtful());
        by_owner
            && *hand != case.hand
            && (other.time - act.time).abs() <= WEEK_MS
            && domains(other, case.lore).iter().any(|site| sites.contains(site))
    })
}

/// The sorts of which the hand carries so many that lean towards strangers that they count together.
fn leaning(case: &Case<'_>) -> BTreeSet<Sort> {
    let mut of_sort: BTreeMap<Sort, BTreeSet<Key>> = BTreeMap::new();
    for (_, key) in case.burden().filter(|(_, key)| matches!(key.sort, Sort::Domain | Sort::Target)) {
        of_sort.entry(key.sort).or_default().insert(key);
    }
    let many = |sort: Sort| of_sort.get(&sort).map_or(0, BTreeSet::len);
    let (domains, targets) = (many(Sort::Domain), many(Sort::Target));
    let mut enough = BTreeSet::new();
    if domains >= LEANING_DOMAINS_MIN || (domains > 0 && targets >= LEANING_BESIDE_MIN) {
        enough.insert(Sort::Domain);
    }
    if targets >= LEANING_TARGETS_MIN {
        enough.insert(Sort::Target);
    }
    enough
}

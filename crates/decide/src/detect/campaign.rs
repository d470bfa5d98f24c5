//! Campaigns: verdicts that look like one attacker's work, because guilty artefacts tie them together. A campaign's
//! id is made from its content, so that the same work has the same name in every hunt over the same events.

use super::act::Act;
use super::artefact::{Key, Sort, said};
use super::carriage::Carrier;
use super::lore::Lore;
use super::standing::{Artefacts, Standing};
use super::verdict::Judgement;
use model::id::{AccountId, CampaignId, Digest};
use model::verdict::{Artefact, Campaign, NearMiss};
use std::collections::{BTreeMap, BTreeSet, HashMap};

const SAMPLES_MAX: usize = 3;

/// Ties the judgements to campaigns, writes the ids into their evidence, and tells who was left out. `acts_of` gives
/// an account's acts by its place in the hunt's list.
#[must_use]
pub fn campaigns<'a>(
    judgements: &mut [Judgement],
    artefacts: &Artefacts,
    lore: &Lore<'_>,
    acts_of: &dyn Fn(u32) -> &'a [Act],
) -> (Vec<Campaign>, Vec<NearMiss>) {
    let tying: HashMap<Key, &Standing> = artefacts
        .guilty()
        .filter(|(k, _)| !matches!(k.sort, Sort::Agent | Sort::Network))
        .map(|(k, s)| (*k, s))
        .collect();
    let judged: HashMap<u32, usize> = judgements.iter().enumerate().map(|(at, j)| (j.account, at)).collect();
    let mut parts = Parts::new(judgements.len());
    for standing in tying.values() {
        let mut members = standing.foreign.iter().filter_map(|c| judged.get(&c.account));
        if let Some(first) = members.next() {
            members.for_each(|other| parts.join(*first, *other));
        }
    }
    // Which campaign (by the root of its part) an artefact belongs to.
    let mut keys_of: HashMap<usize, Vec<Key>> = HashMap::new();
    for (key, standing) in &tying {
        if let Some(member) = standing.foreign.iter().find_map(|c| judged.get(&c.account)) {
            keys_of.entry(parts.root(*member)).or_default().push(*key);
        }
    }
    let mut members_of: HashMap<usize, Vec<usize>> = HashMap::new();
    for at in 0..judgements.len() {
        members_of.entry(parts.root(at)).or_default().push(at);
    }
    let mut id_of: HashMap<Key, CampaignId> = HashMap::new();
    let mut found = Vec::new();
    let mut left_out: BTreeMap<AccountId, NearMiss> = BTreeMap::new();
    for (root, keys) in &keys_of {
        let members = &members_of[root];
        let named: BTreeSet<Artefact> =
            keys.iter().filter_map(|key| name(*key, tying[key], lore, acts_of)).collect();
        let accounts: BTreeSet<&str> =
            members.iter().map(|m| judgements[*m].verdict.account.as_str()).collect();
        let id = id(&named, &accounts);
        for key in keys {
            id_of.insert(*key, id.clone());
            for carried in tying[key].foreign.iter().chain(&tying[key].others) {
                let account = AccountId::new(lore.words.accounts.text(acts_of(carried.account)[0].account));
                if !judged.contains_key(&carried.account) {
                    let miss = NearMiss {
                        account: account.clone(),
                        campaign: id.clone(),
                        reason: why(carried.carrier, *key),
                    };
                    left_out
                        .entry(account)
                        .and_modify(|kept| {
                            if (&miss.campaign, &miss.reason) < (&kept.campaign, &kept.reason) {
                                *kept = miss.clone();
                            }
                        })
                        .or_insert(miss);
                }
            }
        }
        let windows = members.iter().map(|m| judgements[*m].verdict.window);
        let (first, last) = windows.fold((i64::MAX, i64::MIN), |(f, l), w| (f.min(w.start), l.max(w.end)));
        found.push(Campaign {
            id,
            size: members.len() as u64,
            artefacts: named.into_iter().collect(),
            sample_texts: samples(keys, &tying, lore, acts_of),
            first,
            last,
        });
    }
    for judgement in judgements.iter_mut() {
        for (evidence, key) in judgement.verdict.evidence.iter_mut().zip(&judgement.artefacts) {
            evidence.campaign = key.and_then(|key| id_of.get(&key).cloned());
        }
    }
    found.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.id.cmp(&b.id)));
    (found, left_out.into_values().collect())
}

fn id(artefacts: &BTreeSet<Artefact>, accounts: &BTreeSet<&str>) -> CampaignId {
    let mut content = String::new();
    for artefact in artefacts {
        content.extend([artefact.kind.as_str(), "\u{1f}", artefact.value.as_str(), "\u{1e}"]);
    }
    content.push('\u{1d}');
    for account in accounts {
        content.extend([account, "\u{1e}"]);
    }
    CampaignId::new(format!("c{}", &Digest::of(content.as_bytes()).hex()[..12]))
}

/// The artefact in words: of all strangers' versions of it the first in alphabetical order.
fn name<'a>(
    key: Key,
    standing: &Standing,
    lore: &Lore<'_>,
    acts_of: &dyn Fn(u32) -> &'a [Act],
) -> Option<Artefact> {
    let versions = standing.foreign.iter().map(|c| said(key, &acts_of(c.account)[c.act as usize], lore));
    versions.min().map(|value| Artefact { kind: key.sort.name().to_owned(), value })
}

fn samples<'a>(
    keys: &[Key],
    tying: &HashMap<Key, &Standing>,
    lore: &Lore<'_>,
    acts_of: &dyn Fn(u32) -> &'a [Act],
) -> Vec<String> {
    let carriers = keys
        .iter()
        .filter(|k| matches!(k.sort, Sort::Text | Sort::Domain | Sort::Page | Sort::Handle | Sort::Mention))
        .flat_map(|k| &tying[k].foreign)
        .map(|c| &acts_of(c.account)[c.act as usize]);
    let texts: BTreeSet<&str> =
        carriers.map(|act| lore.words.texts.text(act.text)).filter(|t| !t.is_empty()).collect();
    // Spread over the alphabet, so that they are not all the same.
    let step = texts.len().div_ceil(SAMPLES_MAX).max(1);
    texts.into_iter().step_by(step).map(str::to_owned).collect()
}

fn why(carrier: Carrier, key: Key) -> String {
    let what = key.sort.name();
    match carrier {
        Carrier::Own => format!("carries the {what}, by a hand that is the owner's"),
        Carrier::Early => format!("carries the {what}, but has too little history to tell a stranger"),
        Carrier::App => format!("carries the {what}, by an application that the owner let in"),
        Carrier::Roaming | Carrier::Abroad | Carrier::Outburst => {
            format!("carries the {what}, by a known device or session in an unusual place or manner")
        }
        Carrier::Foreign => format!("a stranger carries the {what}, but too little else speaks against it"),
    }
}

/// Disjoint sets with path halving.
struct Parts(Vec<usize>);

impl Parts {
    fn new(n: usize) -> Self {
        Self((0..n).collect())
    }

    fn root(&mut self, mut at: usize) -> usize {
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b);
    }
}

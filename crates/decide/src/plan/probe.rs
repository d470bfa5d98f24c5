//! Probe accounts in a draft: one of each kind of credential in the canary, further ones in later waves as far as there are
//! any. They get the acts that an account gets whose password is known and to which a passkey was added, so that all of these
//! are tried; and nothing else of an owner's: no verdict, no contact, no place in a count.

use super::{Occasion, hold_for, shut};
use model::account::{AccountState, FactorKind, Reach};
use model::id::AccountId;
use model::plan::{Act, ActKind, Draft, Entry, Template, Tier};
use model::probe::{Probe, ProbeKind, named};
use model::verdict::{Route, Window};
use std::collections::BTreeMap;

/// The draft with probes in its waves. Of each, what is armed, in `can_try` and ended by an act of this plan is tried; one
/// of which that is nothing is left out, and preflight says what nobody tries.
#[must_use]
pub fn with_probes(
    draft: Draft,
    probes: &[Probe],
    can_try: &[ProbeKind],
    states: &BTreeMap<AccountId, AccountState>,
    occasion: &Occasion<'_>,
) -> Draft {
    let mut left: Vec<(&AccountState, Vec<ProbeKind>)> = probes
        .iter()
        .filter(|p| draft.entries.binary_search_by(|e| e.account.cmp(&p.account)).is_err())
        .filter_map(|p| {
            let state = states.get(&p.account)?;
            let ends = |k: &ProbeKind| occasion.can.contains(&ended_by(*k));
            let tried = p.armed.iter().copied().filter(|k| can_try.contains(k)).filter(ends);
            let kinds: Vec<ProbeKind> = tried.filter(|k| is_there(*k, state)).collect();
            (!kinds.is_empty()).then_some((state, kinds))
        })
        .collect();
    left.sort_by(|(a, _), (b, _)| a.record.account.cmp(&b.record.account));
    let mut entries = Vec::new();
    for wave in (0..).take(draft.header.waves.len()) {
        let mut tried: Vec<ProbeKind> = Vec::new();
        for kind in ProbeKind::ALL {
            if tried.contains(&kind) {
                continue;
            }
            if let Some(at) = left.iter().position(|(_, kinds)| kinds.contains(&kind)) {
                let (state, kinds) = left.remove(at);
                tried.extend(&kinds);
                entries.push(entry(wave, state, kinds, occasion));
            }
        }
    }
    entries.sort_by(|a, b| a.account.cmp(&b.account));
    let mut draft = draft;
    draft.header.probes = entries.len() as u64;
    draft.probes = entries;
    draft
}

/// Whether the account has what the act against such a credential names.
fn is_there(kind: ProbeKind, state: &AccountState) -> bool {
    match kind {
        ProbeKind::Password => state.credential.is_some(),
        ProbeKind::Passkey => passkeys(state).next().is_some(),
        ProbeKind::Session | ProbeKind::Grant => true,
    }
}

/// The account is nobody's: each of its passkeys stands for one that an intruder added.
fn passkeys(state: &AccountState) -> impl Iterator<Item = Act> {
    let all = state.factors.iter().filter(|f| f.kind == FactorKind::Passkey);
    all.map(|f| Act::RemoveFactor { factor: f.id.clone() })
}

/// The act that such a credential dies by.
fn ended_by(kind: ProbeKind) -> ActKind {
    match kind {
        ProbeKind::Password => ActKind::RequireNewCredential,
        ProbeKind::Session => ActKind::EndSessions,
        ProbeKind::Grant => ActKind::RevokeGrants,
        ProbeKind::Passkey => ActKind::RemoveFactor,
    }
}

fn entry(wave: u32, state: &AccountState, tries: Vec<ProbeKind>, occasion: &Occasion<'_>) -> Entry {
    let hold = || occasion.outlives_ms.and_then(|lasts_ms| hold_for(lasts_ms, state, occasion));
    let removed = if tries.contains(&ProbeKind::Passkey) { passkeys(state).collect() } else { Vec::new() };
    let can = |acts: Vec<Act>| acts.into_iter().filter(|a| occasion.can.contains(&a.kind())).collect();
    Entry {
        account: state.record.account.clone(),
        wave,
        tier: Tier::Probe,
        route: Route::Credential,
        reason: format!("a probe account of ours, nobody's: tried are {}", named(&tries)),
        confidence: 0.0,
        window: Window { start: occasion.at, end: occasion.at },
        evidence: Vec::new(),
        acts: can(shut(state.credential, hold(), removed)),
        if_moved: can(shut(None, hold(), Vec::new())),
        segment: None,
        reach: Reach::None,
        contact: None,
        notice: Template::Credential,
        tries,
        // It is nobody's night.
        quiet: None,
    }
}

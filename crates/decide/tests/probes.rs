//! Probe accounts in a draft: one of each kind in the canary, further ones in later waves, none where nothing is ended; and
//! they change nothing of the owners' part.

#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says by panicking that something is wrong")]

use decide::plan::{Occasion, with_probes};
use model::account::{Account, AccountState, CredentialVersion, Factor, FactorKind, Reach};
use model::id::{AccountId, Digest};
use model::plan::{Act, ActKind, Draft, Entry, FORMAT, Header, Purpose, Template, Tier};
use model::policy::Policy;
use model::probe::{Probe, ProbeKind};
use model::verdict::{Route, Window};
use std::collections::BTreeMap;

const SHIPPED: &str = include_str!("../../../policy/shipped.toml");
const CAN: [ActKind; 5] = [
    ActKind::RequireNewCredential,
    ActKind::EndSessions,
    ActKind::RevokeGrants,
    ActKind::RemoveFactor,
    ActKind::Hold,
];

fn draft(waves: &[u64]) -> Draft {
    let entry = |i: u64, wave| Entry {
        account: AccountId::new(format!("u{i:03}")),
        wave,
        tier: Tier::Evidence,
        route: Route::Credential,
        reason: String::new(),
        confidence: 0.99,
        window: Window { start: 1, end: 2 },
        evidence: Vec::new(),
        acts: vec![Act::EndSessions],
        if_moved: Vec::new(),
        segment: None,
        reach: Reach::Mail,
        contact: None,
        notice: Template::Credential,
        tries: Vec::new(),
        quiet: None,
    };
    let each = (0..).zip(waves).flat_map(|(wave, n)| std::iter::repeat_n(wave, *n as usize));
    let entries: Vec<Entry> = (0..).zip(each).map(|(i, wave)| entry(i, wave)).collect();
    let header = Header {
        format: FORMAT.to_owned(),
        plan: "p".into(),
        purpose: Purpose::Contain,
        author: "ana".into(),
        drafted_at: 5,
        expires_at: 6,
        accounts: entries.len() as u64,
        waves: waves.to_vec(),
        probes: 0,
        policy: Digest::of(b"policy"),
        hunt: Digest::of(b"hunt"),
        connector: "x".to_owned(),
    };
    Draft { header, entries, probes: Vec::new(), left_out: Vec::new() }
}

fn probe(account: &str, armed: &[ProbeKind]) -> Probe {
    Probe {
        account: account.into(),
        armed: armed.to_vec(),
        spent: Vec::new(),
        added_at: 1,
        added_by: "ana".to_owned(),
    }
}

/// What each wave tries, and the draft.
fn drafted(
    probes: &[Probe],
    waves: &[u64],
    can_try: &[ProbeKind],
    can: &[ActKind],
) -> (Vec<(u32, String, Vec<ProbeKind>)>, Draft) {
    let policy = Policy::parse(SHIPPED).unwrap();
    let state = |p: &Probe| AccountState {
        record: Account { probe: Some(true), ..Account::unknown(p.account.clone()) },
        credential: Some(CredentialVersion(Digest::of(p.account.as_str().as_bytes()))),
        sessions: Vec::new(),
        grants: Vec::new(),
        hidden: Vec::new(),
        factors: [("by-hand", FactorKind::Passkey), ("codes", FactorKind::Totp)]
            .map(|(id, kind)| Factor { id: id.into(), kind, added_by: None })
            .into(),
        is_off: false,
    };
    let states: BTreeMap<AccountId, AccountState> =
        probes.iter().map(|p| (p.account.clone(), state(p))).collect();
    let occasion = Occasion {
        plan: "p".into(),
        author: "ana".into(),
        at: 5,
        hunt: Digest::of(b"hunt"),
        connector: "x".to_owned(),
        policy: (&policy, Digest::of(b"policy")),
        can,
        outlives_ms: Some(1000),
    };
    let before = draft(waves);
    let draft = with_probes(before.clone(), probes, can_try, &states, &occasion);
    assert_eq!(
        (&draft.entries, draft.header.accounts, &draft.header.waves),
        (&before.entries, before.header.accounts, &before.header.waves)
    );
    assert_eq!(draft.header.probes, draft.probes.len() as u64);
    assert!(model::seal::seal(draft.clone(), || [0; 32]).is_ok());
    let tried = draft.probes.iter().map(|p| (p.wave, p.account.to_string(), p.tries.clone())).collect();
    (tried, draft)
}

#[test]
fn each_kind_is_in_the_canary_and_what_is_left_in_later_waves() {
    use ProbeKind::{Grant, Passkey, Password, Session};
    let all = ProbeKind::ALL;
    let kinds = |list: &[ProbeKind]| list.to_vec();
    let said = |account: &str, wave, list: &[ProbeKind]| (wave, account.to_owned(), kinds(list));
    // One that holds everything is enough for one wave.
    let (tried, plan) = drafted(&[probe("a", &all)], &[3, 4], &all, &CAN);
    assert_eq!(tried, [said("a", 0, &all)]);
    assert_eq!(
        plan.probes[0].acts.iter().map(Act::kind).collect::<Vec<_>>(),
        [
            ActKind::RequireNewCredential,
            ActKind::Hold,
            ActKind::RemoveFactor,
            ActKind::EndSessions,
            ActKind::RevokeGrants
        ],
        "as an account whose password is known, and to which a passkey was added"
    );
    assert!(plan.probes[0].acts.contains(&Act::RemoveFactor { factor: "by-hand".into() }));
    assert!(plan.probes[0].contact.is_none() && plan.probes[0].tier == Tier::Probe);

    // One a kind: all in the canary. Twice as many: half in the next wave. More than waves: the rest stays for later plans.
    let one_each = [("a", Password), ("b", Session), ("c", Grant), ("d", Passkey)];
    let one_each = one_each.map(|(name, kind)| probe(name, &[kind]));
    let (tried, plan) = drafted(&one_each, &[3, 4], &all, &CAN);
    assert!(tried.len() == 4 && tried.iter().all(|(wave, _, _)| *wave == 0));
    let removes = |e: &Entry| e.acts.iter().any(|a| a.kind() == ActKind::RemoveFactor);
    assert!(plan.probes.iter().all(|e| removes(e) == e.tries.contains(&Passkey)), "only where it is tried");
    let four = ["a", "b", "c", "d"].map(|name| probe(name, &[Password]));
    let (tried, _) = drafted(&four, &[3, 4, 5], &all, &CAN);
    assert_eq!(tried, [said("a", 0, &[Password]), said("b", 1, &[Password]), said("c", 2, &[Password])]);
}

#[test]
fn what_can_not_be_tried_or_is_not_ended_is_not_tried() {
    use ProbeKind::{Grant, Password, Session};
    let held = [probe("a", &ProbeKind::ALL)];
    assert_eq!(drafted(&held, &[3], &[Session], &CAN).0, [(0, "a".to_owned(), vec![Session])]);
    let without_sessions = [ActKind::RequireNewCredential, ActKind::RevokeGrants];
    let (tried, plan) = drafted(&held, &[3], &ProbeKind::ALL, &without_sessions);
    assert_eq!(tried, [(0, "a".to_owned(), vec![Password, Grant])]);
    assert!(plan.probes[0].acts.iter().all(|a| without_sessions.contains(&a.kind())));
    assert!(drafted(&held, &[3], &[], &CAN).0.is_empty());
    assert!(drafted(&[probe("a", &[])], &[3], &ProbeKind::ALL, &CAN).0.is_empty(), "spent");
    assert!(
        drafted(&[probe("u001", &ProbeKind::ALL)], &[3], &ProbeKind::ALL, &CAN).0.is_empty(),
        "an owner's"
    );
    assert!(drafted(&held, &[], &ProbeKind::ALL, &CAN).0.is_empty(), "nobody is in the plan");
}

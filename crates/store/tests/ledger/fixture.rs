//! Plans to test with: any number of accounts and waves, made up.

use ed25519_dalek::SigningKey;
use model::account::{ContactKind, CredentialVersion, Reach};
use model::exoneration::{Exoneration, Way};
use model::gate::{GateCounts, GateDecision, GateRow};
use model::id::{AccountId, Digest, PlanId, RunId};
use model::operator::{Consent, Decision, Operator, sign};
use model::plan::{Act, ContactRef, Draft, Entry, FORMAT, Grants, Header, Purpose, Template, Tier};
use model::policy::Policy;
use model::seal::{Sealed, SealedEntry, seal};
use model::secret::Secret;
use model::verdict::{Route, Window};
use store::notices::{NewNotice, Words};
use store::plans::OwnerContact;
use store::steps::{Intent, NoticeFate, Outcome, SealedCredential, Settled};
use store::{Store, StoreError};

pub(crate) fn policy() -> Policy {
    Policy::parse(include_str!("../../../../policy/shipped.toml")).unwrap()
}

pub(crate) fn account(i: usize) -> AccountId {
    AccountId::new(format!("u{i:06}"))
}

pub(crate) fn address(i: usize) -> String {
    format!("u{i}@mail.example")
}

pub(crate) fn entry(i: usize, wave: u32, purpose: &Purpose) -> Entry {
    let (acts, notice) = match purpose {
        Purpose::Contain | Purpose::Brake => (
            vec![
                Act::RequireNewCredential { guard: CredentialVersion(Digest::of(&i.to_be_bytes())) },
                Act::EndSessions,
                Act::RevokeGrants { grants: Grants::All },
            ],
            Template::Credential,
        ),
        Purpose::Undo { .. } => (vec![Act::EndSessions, Act::RestoreCredential], Template::Correction),
        Purpose::Addendum { .. } => {
            (vec![Act::HideObjects { objects: vec![format!("more{i}").as_str().into()] }], Template::Addendum)
        }
    };
    Entry {
        account: account(i),
        wave,
        tier: if i.is_multiple_of(5) { Tier::Precaution } else { Tier::Evidence },
        route: Route::Credential,
        reason: "somebody else is in".to_owned(),
        confidence: 0.1 + 0.2 + i as f64 / 7.0,
        window: Window { start: 1, end: 2 },
        evidence: vec![],
        acts,
        quiet: None,
        if_moved: Vec::new(),
        segment: None,
        reach: Reach::Mail,
        contact: Some(ContactRef { kind: ContactKind::Mail, version: Digest::of(address(i).as_bytes()) }),
        notice,
        tries: Vec::new(),
    }
}

/// A draft of accounts 0.., its waves filled in order.
pub(crate) fn draft(id: &str, waves: &[u64], purpose: Purpose) -> Draft {
    let mut entries = Vec::new();
    for (wave, count) in (0..).zip(waves) {
        for _ in 0..*count {
            entries.push(entry(entries.len(), wave, &purpose));
        }
    }
    let header = Header {
        format: FORMAT.to_owned(),
        plan: PlanId::new(id),
        purpose,
        author: "author".into(),
        drafted_at: 1_000,
        expires_at: 1_000_000,
        accounts: entries.len() as u64,
        waves: waves.to_vec(),
        probes: 0,
        policy: policy().digest().unwrap(),
        hunt: Digest::of(b"hunt"),
        connector: "rehearse:here".to_owned(),
    };
    Draft { header, entries, probes: Vec::new(), left_out: vec![] }
}

pub(crate) fn nonces() -> impl FnMut() -> [u8; 32] {
    let mut n = 0_u64;
    move || {
        n += 1;
        Digest::of(&n.to_be_bytes()).0
    }
}

/// Drafts, checks and seals a plan with its contacts.
pub(crate) fn sealed(store: &Store, draft: Draft) -> Sealed {
    try_seal(store, draft).unwrap()
}

/// The same, where the ledger may refuse the seal.
pub(crate) fn try_seal(store: &Store, draft: Draft) -> Result<Sealed, StoreError> {
    let plan = draft.header.plan.clone();
    let contacts: Vec<OwnerContact> = (0..draft.entries.len())
        .map(|i| OwnerContact {
            account: account(i),
            version: Digest::of(address(i).as_bytes()),
            kind: ContactKind::Mail,
            value: Secret::new(address(i)),
            language: Some("de".to_owned()),
            time_zone: None,
        })
        .collect();
    store
        .write(1_000, |tx| {
            tx.put_draft(&draft, &policy())?;
            tx.put_contacts(&plan, &contacts)
        })
        .unwrap();
    store.write(1_001, |tx| tx.check_plan(&plan, &[], "author")).unwrap();
    let (sealed, values) = seal(draft, nonces()).unwrap();
    store.write(1_002, |tx| tx.seal_plan(&sealed, &values, "author"))?;
    Ok(sealed)
}

pub(crate) fn operator(name: &str) -> (Operator, SigningKey) {
    let key = SigningKey::from_bytes(&Digest::of(name.as_bytes()).0);
    let public_key = Digest(key.verifying_key().to_bytes());
    (Operator { name: name.into(), public_key, added_at: 5 }, key)
}

/// Reviews, approves, arms and starts a sealed plan.
pub(crate) fn running(store: &Store, sealed: &Sealed, id: &str) -> RunId {
    let plan = &sealed.header().plan;
    let run = RunId::new(id);
    store
        .write(1_003, |tx| {
            tx.mark_reviewed(plan, "ana", serde_json::json!({}))?;
            let (ana, key) = operator("ana");
            if tx.operator(&ana.name)?.is_none() {
                tx.add_operator(&ana, "root")?;
            }
            let consent = Consent {
                digest: sealed.digest(),
                decision: Decision::Approve,
                expires_at: 9_000,
                operator: ana.name.clone(),
            };
            tx.put_approval(plan, &sign(consent, &key).unwrap())?;
            tx.mark_approved(plan, "ana", serde_json::json!({}))?;
            tx.arm_run(&run, plan, "ana")?;
            tx.start_run(&run, "ana")
        })
        .unwrap();
    run
}

/// The entries of a wave that are still to be done, opened under the seal.
pub(crate) fn to_do(store: &Store, sealed: &Sealed, run: &RunId, wave: u32) -> Vec<SealedEntry> {
    let values = store.read(|r| r.to_do(run, wave, 0, 1_000_000)).unwrap();
    values.into_iter().map(|v| sealed.open(v).unwrap()).collect()
}

/// A run whose first wave is begun and wholly intended, with that wave's entries.
pub(crate) fn intended(store: &Store, waves: &[u64]) -> (RunId, Vec<SealedEntry>) {
    let sealed = sealed(store, draft("p1", waves, Purpose::Contain));
    let run = running(store, &sealed, "r1");
    store.write(1_500, |tx| tx.begin_wave(&run, 0)).unwrap();
    let entries = to_do(store, &sealed, &run, 0);
    intend(store, &run, &entries).unwrap();
    (run, entries)
}

pub(crate) fn notice(run: &RunId, entry: &SealedEntry) -> NewNotice {
    let entry = entry.entry();
    let code = format!("{run}-{}", entry.account);
    NewNotice {
        message_id: format!("{code}@notices.example"),
        code: code.as_str().into(),
        account: entry.account.clone(),
        template: entry.notice,
        contact: entry.contact.as_ref().map(|c| c.version),
    }
}

/// Words of a notice that is due.
pub(crate) fn words() -> Words {
    Words { subject: "Your account".to_owned(), text: "text".to_owned(), html: "<p>text</p>".to_owned() }
}

/// Bytes that are this account's under this plan alone.
fn sealed_bytes(entry: &SealedEntry) -> Vec<u8> {
    let whose = format!("{} {}", entry.digest(), entry.entry().account);
    [Digest::of(whose.as_bytes()).0.as_slice(), &[9; 8]].concat()
}

pub(crate) fn credential(entry: &SealedEntry) -> SealedCredential {
    SealedCredential {
        account: entry.entry().account.clone(),
        nonce: vec![0, 1, 255],
        ciphertext: sealed_bytes(entry),
        version_before: CredentialVersion(Digest::of(b"before")),
        version_ours: None,
    }
}

pub(crate) fn intend(store: &Store, run: &RunId, entries: &[SealedEntry]) -> Result<(), StoreError> {
    let intents: Vec<Intent<'_>> = entries
        .iter()
        .map(|entry| Intent {
            entry,
            credential: Some(credential(entry)),
            notice: Some(notice(run, entry)),
            factors: Vec::new(),
            hidden_before: Vec::new(),
            is_off_before: false,
        })
        .collect();
    store.write(2_000, |tx| tx.intend(run, &intents))
}

/// Keeps that every act of these entries is done.
pub(crate) fn done(store: &Store, run: &RunId, entries: &[SealedEntry]) -> Result<(), StoreError> {
    let outcomes: Vec<Outcome> = entries
        .iter()
        .flat_map(|e| {
            (0..e.entry().acts.len()).map(|place| Outcome {
                answer_was_lost: false,
                account: e.entry().account.clone(),
                place: u32::try_from(place).unwrap(),
                state: model::run::StepState::Done,
                attempts: 1,
                result: None,
                changed: None,
            })
        })
        .collect();
    let settled: Vec<Settled> = entries
        .iter()
        .map(|e| Settled {
            account: e.entry().account.clone(),
            state: store::steps::CaseState::Done,
            reason: None,
            notice: NoticeFate::Due(words()),
            stuck: None,
        })
        .collect();
    store.write(3_000, |tx| {
        tx.record(run, &outcomes)?;
        tx.settle(run, &settled)
    })
}

/// The first `n` accounts of a run are exonerated, as people's word is on record.
pub(crate) fn exonerate(store: &Store, run: &RunId, n: usize) {
    let why = Exoneration { way: Way::Labelled, why: "ana looked and says: not compromised".to_owned() };
    let all = (0..n).map(|i| (account(i), why.clone())).collect();
    store.write(3_010, |tx| tx.exonerate(run, &all, "ana")).unwrap();
}

/// A whole wave: begun, intended, done, ended.
pub(crate) fn wave(store: &Store, sealed: &Sealed, run: &RunId, wave: u32) {
    store.write(1_500, |tx| tx.begin_wave(run, wave)).unwrap();
    let entries = to_do(store, sealed, run, wave);
    intend(store, run, &entries).unwrap();
    done(store, run, &entries).unwrap();
    store.write(3_001, |tx| tx.end_wave(run, wave)).unwrap();
}

pub(crate) fn gate(wave: u32, decision: GateDecision) -> GateRow {
    GateRow { wave, decision, counts: GateCounts::default(), findings: Vec::new() }
}

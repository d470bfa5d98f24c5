//! From verdicts to a draft: who is in, who is left out, what is refused whole; a good twin beside each bad case.

#![cfg(test)]

use decide::gather::{Cohort, Sources, gather};
use decide::plan::{Occasion, Undone, draft, draft_undo};
use model::account::{Account, AccountState, Contact, ContactKind, CredentialVersion, Reach};
use model::id::{AccountId, Digest};
use model::labels::Label;
use model::plan::{Act, ActKind, Draft, LeftOutCode, Template, Tier};
use model::policy::Policy;
use model::secret::Secret;
use model::verdict::{Belief, Evidence, Family, Intruder, Route, Verdict, Window};
use std::collections::BTreeMap;

const CAN: [ActKind; 7] = [
    ActKind::RequireNewCredential,
    ActKind::EndSessions,
    ActKind::RevokeGrants,
    ActKind::HideObjects,
    ActKind::Waive,
    ActKind::RestoreCredential,
    ActKind::ShowObjects,
];

fn policy() -> Policy {
    Policy::parse(include_str!("../../../policy/shipped.toml")).unwrap()
}

fn verdict(account: &str) -> Verdict {
    let evidence = |signal: &str, family| Evidence {
        signal: signal.to_owned(),
        family,
        weight: 4.0,
        summary: signal.to_owned(),
        events: vec!["e1".into()],
        campaign: None,
    };
    Verdict {
        account: account.into(),
        verdict: Belief::Compromised,
        route: Route::Credential,
        confidence: 0.99,
        window: Window { start: 1000, end: 2000 },
        evidence: vec![evidence("foreign_actor", Family::Novelty), evidence("lure", Family::Abuse)],
        intruder: Intruder {
            objects: vec!["post1".into()],
            apps: vec!["bad-app".into()],
            ..Intruder::default()
        },
    }
}

fn state(account: &str) -> AccountState {
    let mut record = Account::unknown(account.into());
    record.active = Some(true);
    record.segment = Some("home".to_owned());
    let mail = |value: String, since| Contact {
        kind: ContactKind::Mail,
        value: Secret::new(value),
        verified_at: None,
        since,
    };
    record.contacts = Some(vec![
        mail(format!("{account}@new.example"), Some(1500)),
        mail(format!("{account}@old.example"), Some(10)),
    ]);
    AccountState {
        record,
        credential: Some(CredentialVersion(Digest::of(account.as_bytes()))),
        sessions: Vec::new(),
        grants: Vec::new(),
        hidden: Vec::new(),
    }
}

struct World {
    verdicts: Vec<Verdict>,
    states: BTreeMap<AccountId, AccountState>,
    list: Option<Vec<AccountId>>,
    labels: BTreeMap<AccountId, Label>,
    contained: BTreeMap<AccountId, i64>,
    policy: Policy,
}

/// `n` victims among 100 `n` accounts.
fn world(n: usize) -> World {
    World {
        verdicts: (0..n).map(|i| verdict(&format!("u{i:04}"))).collect(),
        states: (0..n * 100).map(|i| format!("u{i:04}")).map(|a| (a.as_str().into(), state(&a))).collect(),
        list: None,
        labels: BTreeMap::new(),
        contained: BTreeMap::new(),
        policy: policy(),
    }
}

impl World {
    fn cohort(&self) -> Cohort<'_> {
        gather(&Sources {
            verdicts: &self.verdicts,
            list: self.list.as_deref(),
            states: &self.states,
            labels: &self.labels,
            contained: &self.contained,
            policy: &self.policy,
        })
    }

    fn draft(&self) -> Draft {
        draft(&self.cohort(), &self.occasion())
    }

    fn occasion(&self) -> Occasion<'_> {
        Occasion {
            plan: "p1".into(),
            author: "ana".into(),
            at: 5000,
            hunt: Digest::of(b"hunt"),
            connector: "test".to_owned(),
            policy: (&self.policy, Digest::of(b"policy")),
            can: &CAN,
        }
    }
}

fn left_out(world: &World, account: &str) -> Option<LeftOutCode> {
    world.cohort().left_out.iter().find(|l| l.account.as_str() == account).map(|l| l.code)
}

#[test]
fn each_reason_to_leave_out_has_its_code_and_the_others_stay_in() {
    type Change = fn(&mut World);
    let cases: [(LeftOutCode, Change); 10] = [
        (LeftOutCode::OnlySuspected, |w| w.verdicts[0].verdict = Belief::Suspected),
        (LeftOutCode::BelowConfidence, |w| w.verdicts[0].confidence = 0.89),
        (LeftOutCode::OneFamily, |w| w.verdicts[0].evidence.truncate(1)),
        (LeftOutCode::LabelledNotCompromised, |w| {
            w.labels.insert("u0000".into(), Label::NotCompromised);
        }),
        (LeftOutCode::AlreadyContained, |w| {
            w.contained.insert("u0000".into(), 2000);
        }),
        (LeftOutCode::Protected, |w| edit(w, |r| r.protected = Some(true))),
        (LeftOutCode::AtRisk, |w| edit(w, |r| r.at_risk = Some(true))),
        (LeftOutCode::ServiceAccount, |w| edit(w, |r| r.service = Some(true))),
        (LeftOutCode::Sentinel, |w| edit(w, |r| r.sentinel = Some(true))),
        (LeftOutCode::NotReachable, |w| {
            edit(w, |r| {
                r.contacts = None;
                r.active = None;
            });
        }),
    ];
    for (code, change) in cases {
        let mut w = world(20);
        assert_eq!(left_out(&w, "u0000"), None);
        change(&mut w);
        assert_eq!(left_out(&w, "u0000"), Some(code));
        assert_eq!(w.cohort().members.len(), 19, "{code:?}");
    }
}

fn edit(world: &mut World, change: impl Fn(&mut Account)) {
    change(&mut world.states.get_mut("u0000").unwrap().record);
}

#[test]
fn a_suspect_that_a_person_confirmed_is_a_precaution_and_keeps_the_credential() {
    let mut w = world(20);
    w.verdicts[0].verdict = Belief::Suspected;
    w.labels.insert("u0000".into(), Label::Compromised);
    let draft = w.draft();
    let entry = &draft.entries[0];
    assert_eq!((entry.tier, entry.notice), (Tier::Precaution, Template::Precaution));
    assert_eq!(entry.acts, [Act::EndSessions]);
}

#[test]
fn a_list_wider_than_the_evidence_is_refused_whole_and_a_fitting_one_is_not() {
    let mut w = world(40);
    let list = |n: usize| Some((0..n).map(|i| AccountId::new(format!("u{i:04}"))).collect());
    w.list = list(42);
    let fitting = w.cohort();
    assert_eq!((fitting.refused, fitting.members.len(), fitting.left_out.len()), (None, 40, 2));
    w.list = list(30);
    let narrow = w.cohort();
    assert_eq!((narrow.refused, narrow.members.len()), (None, 30));
    let unlisted = narrow.left_out.iter().filter(|l| l.code == LeftOutCode::NotListed).count();
    assert_eq!(unlisted, 10, "who is believed compromised and not on the list is named");
    w.list = list(43);
    assert!(w.cohort().refused.unwrap().contains("wider"));
    w.list = Some(vec!["u0001".into(), "nobody".into()]);
    assert!(w.cohort().refused.unwrap().contains("nobody"));
}

#[test]
fn acts_follow_the_route_and_an_app_leaves_the_password() {
    let mut w = world(20);
    w.verdicts[0].route = Route::App;
    let draft = w.draft();
    let kinds = |i: usize| draft.entries[i].acts.iter().map(Act::kind).collect::<Vec<_>>();
    assert_eq!(kinds(0), [ActKind::RevokeGrants, ActKind::HideObjects]);
    assert_eq!(
        kinds(1),
        [ActKind::RequireNewCredential, ActKind::EndSessions, ActKind::RevokeGrants, ActKind::HideObjects]
    );
}

#[test]
fn what_did_not_exist_is_not_created_and_who_cannot_be_told_keeps_the_credential() {
    let mut w = world(20);
    w.states.get_mut("u0000").unwrap().credential = None;
    w.states.get_mut("u0001").unwrap().record.contacts.as_mut().unwrap().truncate(1);
    let draft = w.draft();
    for entry in &draft.entries[..2] {
        assert!(entry.acts.iter().all(|a| a.kind() != ActKind::RequireNewCredential), "{}", entry.account);
        assert!(entry.acts.contains(&Act::EndSessions));
    }
    assert_eq!(draft.entries[1].reach, Reach::InProduct);
    assert_eq!(draft.entries[1].contact, None, "the mail was set within the window");
    let trusted = Digest::of(b"u0002@old.example");
    assert_eq!(draft.entries[2].contact.as_ref().unwrap().version, trusted);
}

#[test]
fn waves_grow_from_the_canary_and_hold_everybody_once() {
    let draft = world(500).draft();
    assert_eq!(draft.header.waves, [80, 133, 255, 32]);
    let (sealed, _) = model::seal::seal(draft, || [1; 32]).unwrap();
    assert_eq!(sealed.lines().len(), 500);
}

#[test]
fn an_undo_restores_only_the_exonerated_and_ends_sessions_before() {
    let w = world(20);
    let contained = w.draft();
    let undone = |i: usize, exonerated: bool, kept: bool| Undone {
        entry: contained.entries[i].clone(),
        exonerated: exonerated.then(|| "a proved dispute".to_owned()),
        kept: if kept { vec!["post1".into()] } else { Vec::new() },
        turned: ["post1".into()].into(),
        is_restorable: true,
    };
    let late = Undone { is_restorable: false, ..undone(3, true, false) };
    let untouched = Undone { turned: std::collections::BTreeSet::new(), ..undone(4, true, false) };
    let accounts =
        vec![undone(0, true, false), undone(1, false, false), undone(2, false, true), late, untouched];
    let draft = draft_undo("r1".into(), accounts, &w.occasion());
    let kinds = |i: usize| draft.entries[i].acts.iter().map(Act::kind).collect::<Vec<_>>();
    assert_eq!(kinds(0), [ActKind::EndSessions, ActKind::RestoreCredential, ActKind::ShowObjects]);
    assert_eq!(kinds(1), [ActKind::Waive], "a true victim's old password is known to the intruder");
    assert_eq!(kinds(2), [ActKind::Waive, ActKind::ShowObjects], "and what the owner keeps comes back");
    assert_eq!(kinds(3), [ActKind::ShowObjects], "after the undo window nothing is restored");
    assert_eq!(kinds(4), [ActKind::EndSessions, ActKind::RestoreCredential], "what others hid is not shown");
    assert_eq!(draft.entries[0].notice, Template::Correction);
    assert_eq!(draft.entries[1].notice, Template::Release);
    model::seal::seal(draft, || [1; 32]).unwrap();
}

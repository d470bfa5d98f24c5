//! From verdicts to a draft: who is in, who is left out, what is refused whole; a good twin beside each bad case.

#![cfg(test)]

use decide::gather::{Cohort, Sources, gather};
use decide::moved::Moved;
use decide::plan::{Occasion, Undone, draft, draft_undo};
use decide::preflight::{Basis, Check, Note, Severity, preflight_of};
use model::account::{
    Account, AccountState, Contact, ContactKind, CredentialVersion, Factor, FactorKind, Reach,
};
use model::event::Kind;
use model::id::{AccountId, Digest};
use model::labels::Label;
use model::plan::{Act, ActKind, Draft, LeftOutCode, Template, Tier};
use model::policy::Policy;
use model::run::Mover;
use model::secret::Secret;
use model::verdict::{Belief, Evidence, Family, Intruder, Route, Summary, Verdict, Window};
use std::collections::{BTreeMap, BTreeSet};

const CAN: [ActKind; 14] = [
    ActKind::RequireNewCredential,
    ActKind::EndSessions,
    ActKind::RevokeGrants,
    ActKind::HideObjects,
    ActKind::Waive,
    ActKind::RestoreCredential,
    ActKind::ShowObjects,
    ActKind::Hold,
    ActKind::Release,
    ActKind::PutBackContact,
    ActKind::RemoveFactor,
    ActKind::AddFactor,
    ActKind::Unfollow,
    ActKind::Unlike,
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
        factors: Vec::new(),
        is_off: false,
    }
}

struct World {
    verdicts: Vec<Verdict>,
    states: BTreeMap<AccountId, AccountState>,
    list: Option<Vec<AccountId>>,
    labels: BTreeMap<AccountId, Label>,
    contained: BTreeMap<AccountId, i64>,
    moved: BTreeMap<AccountId, Moved>,
    unsettled: BTreeSet<AccountId>,
    policy: Policy,
    outlives_ms: Option<i64>,
}

/// `n` victims among 100 `n` accounts.
fn world(n: usize) -> World {
    World {
        verdicts: (0..n).map(|i| verdict(&format!("u{i:04}"))).collect(),
        states: (0..n * 100).map(|i| format!("u{i:04}")).map(|a| (a.as_str().into(), state(&a))).collect(),
        list: None,
        labels: BTreeMap::new(),
        contained: BTreeMap::new(),
        moved: BTreeMap::new(),
        unsettled: BTreeSet::new(),
        policy: policy(),
        outlives_ms: None,
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
            moved: &self.moved,
            unsettled: &self.unsettled,
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
            outlives_ms: self.outlives_ms,
        }
    }
}

fn left_out(world: &World, account: &str) -> Option<LeftOutCode> {
    world.cohort().left_out.iter().find(|l| l.account.as_str() == account).map(|l| l.code)
}

#[test]
fn each_reason_to_leave_out_has_its_code_and_the_others_stay_in() {
    type Change = fn(&mut World);
    let cases: [(LeftOutCode, Change); 12] = [
        (LeftOutCode::OnlySuspected, |w| w.verdicts[0].verdict = Belief::Suspected),
        (LeftOutCode::BelowConfidence, |w| w.verdicts[0].confidence = 0.89),
        (LeftOutCode::OneFamily, |w| w.verdicts[0].evidence.truncate(1)),
        (LeftOutCode::LabelledNotCompromised, |w| {
            w.labels.insert("u0000".into(), Label::NotCompromised);
        }),
        (LeftOutCode::AlreadyContained, |w| {
            w.contained.insert("u0000".into(), 2000);
        }),
        (LeftOutCode::WaitsForPerson, |w| {
            w.moved.insert("u0000".into(), moved(Mover::Unknown, true));
        }),
        (LeftOutCode::Protected, |w| edit(w, |r| r.protected = Some(true))),
        (LeftOutCode::AtRisk, |w| edit(w, |r| r.at_risk = Some(true))),
        (LeftOutCode::ServiceAccount, |w| edit(w, |r| r.service = Some(true))),
        (LeftOutCode::Sentinel, |w| edit(w, |r| r.sentinel = Some(true))),
        (LeftOutCode::Probe, |w| edit(w, |r| r.probe = Some(true))),
        (LeftOutCode::NotReachable, |w| {
            w.verdicts[0].verdict = Belief::Suspected;
            w.labels.insert("u0000".into(), Label::Compromised);
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

fn moved(by: Mover, is_asked: bool) -> Moved {
    Moved { named: CredentialVersion(Digest::of(b"named before")), by, is_asked }
}

#[test]
fn a_credential_that_moved_since_an_earlier_plan_is_not_the_one_that_is_named() {
    let mut w = world(20);
    w.moved.insert("u0000".into(), moved(Mover::Unknown, false));
    w.moved.insert("u0001".into(), moved(Mover::Owner, true));
    let draft = w.draft();
    let guard = |n: usize| draft.entries[n].acts.iter().find_map(Act::guard);
    let named = Some(CredentialVersion(Digest::of(b"named before")));
    assert_eq!(
        (guard(0), guard(1)),
        (named, None),
        "what the owner chose stays, also where a person was asked"
    );
    let kinds: Vec<_> = draft.entries[1].acts.iter().map(Act::kind).collect();
    assert_eq!(kinds[..2], [ActKind::EndSessions, ActKind::RevokeGrants], "and all else is done");
    assert_eq!(guard(2), w.states["u0002"].credential);
    assert!(
        !draft.entries[0].if_moved.is_empty(),
        "what is in place opens nothing until a person has looked"
    );
    let said = notes(&w, &draft);
    assert!(said.iter().any(|n| n.check == Check::Changed), "the approver is told");
}

#[test]
fn whose_contact_nobody_knows_who_set_is_off_until_a_person_has_looked() {
    let mut w = world(20);
    assert!(holds(&w).is_empty());
    w.unsettled.insert("u0000".into());
    assert_eq!(holds(&w), [w.policy.hold.unreached_ms]);
    assert_eq!(refused(&w, &w.draft()), [Check::Hold], "no timeline shows it");
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

/// What preflight says of holds, and of what is put back.
fn notes(w: &World, draft: &Draft) -> Vec<Note> {
    let summary = Summary {
        events: 1,
        rejected: 0,
        duplicates: 0,
        conflicting: 0,
        unknown_kinds: BTreeMap::new(),
        accounts: 1,
        active: 1,
        window: Window { start: 0, end: 3000 },
        verdicts: BTreeMap::new(),
        shifts: Vec::new(),
        left_out: Vec::new(),
        prior: 0.0,
        weights: BTreeMap::new(),
        calibration: String::new(),
        intelligence: Vec::new(),
    };
    let basis = Basis {
        verdicts: &w.verdicts,
        timelines: &[],
        summary: &summary,
        states: &w.states,
        labels: &w.labels,
        history: &[],
        placebo: None,
        guard_is_atomic: true,
        can: &CAN,
        outlives_ms: w.outlives_ms,
        probes: &[],
        parent: None,
        opens: &[],
        can_try: &[],
        policy: &w.policy,
    };
    let checks =
        [Check::Changed, Check::Hold, Check::OwnersOffline, Check::IfMoved, Check::ClimbBack, Check::PutBack];
    preflight_of(&checks, draft, &basis).notes
}

fn refused(w: &World, draft: &Draft) -> Vec<Check> {
    let all = notes(w, draft).into_iter();
    all.filter(|n| n.severity == Severity::Refuse).map(|n| n.check).collect()
}

fn holds(world: &World) -> Vec<i64> {
    world.draft().entries.iter().flat_map(|e| &e.acts).filter_map(Act::holds_ms).collect()
}

#[test]
fn an_account_is_taken_off_only_where_something_could_climb_back_and_not_for_longer() {
    let hour = 3_600_000;
    let mut w = world(20);
    assert!(holds(&w).is_empty(), "nothing outlives its end here");
    w.outlives_ms = Some(2 * hour);
    assert_eq!(holds(&w), vec![2 * hour; 20]);
    let draft = w.draft();
    let kinds: Vec<_> = draft.entries[0].acts.iter().map(Act::kind).collect();
    assert_eq!(kinds[..3], [ActKind::RequireNewCredential, ActKind::Hold, ActKind::EndSessions]);
    let said = notes(&w, &draft);
    let note =
        said.iter().find(|n| n.check == Check::OwnersOffline).expect("the approver sees what it costs");
    assert!(note.text.contains("40.0 owner-hours"), "{}", note.text);
    w.verdicts.iter_mut().for_each(|v| v.route = Route::App);
    assert!(holds(&w).is_empty(), "the twin: an app's grant is no way to climb back");
    w.verdicts.iter_mut().for_each(|v| v.route = Route::Session);
    w.states.get_mut("u0000").unwrap().is_off = true;
    assert_eq!(holds(&w).len(), 19, "one that a moderator took off is left to them");
    w.outlives_ms = Some(w.policy.hold.lasts_ms_max + 1);
    assert!(holds(&w).is_empty(), "too long for the policy");
    assert!(notes(&w, &w.draft()).iter().any(|n| n.check == Check::ClimbBack), "and said");
}

#[test]
fn each_whose_credential_is_replaced_has_what_is_done_if_it_moves_and_nobody_else() {
    let mut w = world(20);
    let kinds = |e: &model::plan::Entry| e.if_moved.iter().map(Act::kind).collect::<Vec<_>>();
    let draft = w.draft();
    assert_eq!(kinds(&draft.entries[0]), [ActKind::Hold, ActKind::EndSessions, ActKind::RevokeGrants]);
    assert!(notes(&w, &draft).iter().any(|n| n.check == Check::IfMoved), "the approver is told");
    w.verdicts[0].route = Route::App;
    w.states.get_mut("u0001").unwrap().credential = None;
    let draft = w.draft();
    assert!(draft.entries[0].if_moved.is_empty(), "an app leaves the password");
    assert!(draft.entries[1].if_moved.is_empty(), "there is none to be moved");
    let mut long = w.draft();
    long.entries[2].if_moved = vec![Act::Hold { lasts_ms: w.policy.hold.lasts_ms_max + 1 }];
    assert_eq!(refused(&w, &long), [Check::Hold]);
}

#[test]
fn what_the_intruder_set_is_taken_out_and_what_is_of_unknown_age_is_left() {
    let change = |kind, previous: Option<&str>, event: &str| model::verdict::Change {
        kind,
        previous: previous.map(str::to_owned),
        event: event.into(),
    };
    let put_back = |w: &World| {
        let acts = w.draft().entries[0].acts.clone();
        acts.into_iter().filter(|a| !a.contacts().is_empty() || a.removes().is_some()).collect::<Vec<_>>()
    };
    let mut w = world(20);
    assert!(put_back(&w).is_empty(), "no change of theirs is on file");
    let mail = Some("u0000@old.example");
    w.verdicts[0].intruder.changes =
        vec![change(Kind::EmailChange, mail, "e1"), change(Kind::MfaChange, None, "e2")];
    let factor = |id: &str, by: Option<&str>| Factor {
        id: id.into(),
        kind: FactorKind::Totp,
        added_by: by.map(Into::into),
    };
    w.states.get_mut("u0000").unwrap().factors =
        vec![factor("theirs", Some("e2")), factor("own", Some("e0")), factor("unknown", None)];
    let digest = |text: &str| Digest::of(text.as_bytes());
    let expected = vec![
        Act::PutBackContact {
            kind: ContactKind::Mail,
            in_place: digest("u0000@new.example"),
            before: digest("u0000@old.example"),
        },
        Act::RemoveFactor { factor: "theirs".into() },
    ];
    assert_eq!(put_back(&w), expected);
    let good = w.draft();
    assert_eq!(refused(&w, &good), []);
    let mut owners = w.draft();
    owners.entries[0].acts.push(Act::RemoveFactor { factor: "own".into() });
    assert_eq!(refused(&w, &owners), [Check::PutBack], "the owner's own factor");
    let mut others = w.draft();
    others.entries[1].acts.push(Act::PutBackContact {
        kind: ContactKind::Mail,
        in_place: digest("u0001@old.example"),
        before: digest("u0001@new.example"),
    });
    assert_eq!(refused(&w, &others), [Check::PutBack], "one from before is not the intruder's");
    edit(&mut w, |r| r.contacts.as_mut().unwrap()[0].since = None);
    assert_eq!(put_back(&w).len(), 1, "an address of unknown age may be the owner's");
}

#[test]
fn follows_and_likes_of_the_intruder_are_taken_back_where_the_service_can() {
    let mut w = world(20);
    w.verdicts[0].intruder.follows = vec!["star".into()];
    w.verdicts[0].intruder.likes = vec!["post9".into()];
    w.verdicts[1].intruder.follows = vec!["star".into()];
    w.verdicts[1].verdict = Belief::Suspected;
    w.labels.insert("u0001".into(), Label::Compromised);
    let draft = w.draft();
    let taken = |i: usize| {
        let acts = draft.entries[i].acts.iter();
        acts.filter(|a| matches!(a.kind(), ActKind::Unfollow | ActKind::Unlike)).cloned().collect::<Vec<_>>()
    };
    let both =
        [Act::Unfollow { accounts: vec!["star".into()] }, Act::Unlike { objects: vec!["post9".into()] }];
    assert_eq!(taken(0), both);
    assert!(taken(1).is_empty(), "nothing that can't be put back is taken by precaution");
    assert!(taken(2).is_empty(), "there is nothing of theirs");
    assert!(both.iter().all(|a| a.kind().undo() == "none"));
    let cannot: Vec<ActKind> = CAN.into_iter().filter(|a| *a != ActKind::Unfollow).collect();
    let occasion = Occasion { can: &cannot, ..w.occasion() };
    let without = decide::plan::draft(&w.cohort(), &occasion);
    assert!(without.entries[0].acts.iter().all(|a| a.kind() != ActKind::Unfollow));
    assert!(without.entries[0].acts.contains(&both[1]));
}

#[test]
fn who_can_not_be_told_in_any_way_is_held_and_keeps_the_credential() {
    let mut w = world(20);
    edit(&mut w, |r| {
        r.contacts = None;
        r.active = None;
    });
    let draft = w.draft();
    let entry = &draft.entries[0];
    assert_eq!((entry.reach, entry.contact.clone()), (Reach::None, None));
    assert_eq!(entry.acts.iter().find_map(Act::holds_ms), Some(w.policy.hold.unreached_ms));
    assert!(entry.acts.iter().all(|a| a.kind() != ActKind::RequireNewCredential));
    assert!(draft.entries[1].acts.iter().all(|a| a.holds_ms().is_none()), "the twin can be told");
    assert_eq!(refused(&w, &draft), []);
}

#[test]
fn quiet_hours_are_sealed_for_precautions_and_for_who_is_long_gone_and_for_nobody_else() {
    let mut w = world(4);
    let idle_ms = w.policy.quiet.idle_ms_min;
    for (account, zone) in [("u0000", "Europe/Berlin"), ("u0001", "Nowhere/Else"), ("u0003", "Asia/Tokyo")] {
        w.states.get_mut(&AccountId::new(account)).expect("it is there").record.time_zone =
            Some(zone.to_owned());
    }
    // The last of them by a person's word alone.
    w.verdicts[3].verdict = Belief::Suspected;
    w.labels.insert("u0003".into(), Label::Compromised);
    let at = w.occasion().at;
    let quiet = |w: &World| -> BTreeMap<String, String> {
        let entries = w.draft().entries.into_iter();
        entries.filter_map(|e| Some((e.account.to_string(), e.quiet?.zone))).collect()
    };
    let named = |all: &[(&str, &str)]| -> BTreeMap<String, String> {
        all.iter().map(|(a, z)| ((*a).to_owned(), (*z).to_owned())).collect()
    };
    for verdict in &mut w.verdicts {
        verdict.window = Window { start: at - idle_ms - 1000, end: at - idle_ms };
    }
    for state in w.states.values_mut() {
        state.record.contacts.as_mut().expect("it has some")[1].since = Some(at - 10 * idle_ms);
    }
    let both = named(&[("u0000", "Europe/Berlin"), ("u0003", "Asia/Tokyo")]);
    assert_eq!(quiet(&w), both, "a zone that nobody knows, and none at all, have no night");
    // Somebody was seen in it a moment later: it is done at any hour.
    for verdict in &mut w.verdicts {
        verdict.window.end += 1;
    }
    assert_eq!(quiet(&w), named(&[("u0003", "Asia/Tokyo")]));
    w.policy.quiet.until_ms = w.policy.quiet.from_ms;
    assert_eq!(quiet(&w), named(&[]), "a policy without quiet hours");
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
        is_held: i == 1,
        put_back: Vec::new(),
    };
    let late = Undone { is_restorable: false, ..undone(3, true, false) };
    let untouched = Undone { turned: BTreeSet::new(), ..undone(4, true, false) };
    let accounts =
        vec![undone(0, true, false), undone(1, false, false), undone(2, false, true), late, untouched];
    let draft = draft_undo("r1".into(), accounts, &w.occasion());
    let kinds = |i: usize| draft.entries[i].acts.iter().map(Act::kind).collect::<Vec<_>>();
    assert_eq!(kinds(0), [ActKind::EndSessions, ActKind::RestoreCredential, ActKind::ShowObjects]);
    assert_eq!(
        kinds(1),
        [ActKind::Waive, ActKind::Release],
        "a true victim's old password is known to the intruder"
    );
    assert_eq!(kinds(2), [ActKind::Waive, ActKind::ShowObjects], "and what the owner keeps comes back");
    assert_eq!(kinds(3), [ActKind::ShowObjects], "after the undo window nothing is restored");
    assert_eq!(kinds(4), [ActKind::EndSessions, ActKind::RestoreCredential], "what others hid is not shown");
    assert_eq!(draft.entries[0].notice, Template::Correction);
    assert_eq!(draft.entries[1].notice, Template::Release);
    model::seal::seal(draft, || [1; 32]).unwrap();
}

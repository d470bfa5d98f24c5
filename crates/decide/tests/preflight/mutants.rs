//! The table of mutants: for each check a mistake that just this check catches, and a twin without it that passes. The
//! mutant has all checks but this one, and lets just that mistake through. A check without a case does not build.

use crate::world::{ACCOUNTS, VICTIMS, World, evidence, id, probe, timeline, verdict};
use decide::preflight::{Check, Severity};
use model::account::{CredentialVersion, Reach};
use model::event::Kind;
use model::id::Digest;
use model::plan::{Act, ActKind, Draft, Purpose, Tier};
use model::probe::ProbeKind;
use model::verdict::{Belief, NearMiss, Shift};
use std::collections::{BTreeMap, BTreeSet};

/// A mistake: what is wrong before the draft is made, or after; and what the twin has besides.
struct Case {
    before: fn(&mut World),
    after: fn(&mut World, &mut Draft),
    twin: fn(&mut Draft),
}

const DAY_MS: i64 = 86_400_000;

/// One whose owner can't be told, taken off for so long.
fn unreached(draft: &mut Draft, lasts_ms: Option<i64>) {
    let entry = &mut draft.entries[0];
    entry.reach = Reach::None;
    entry.contact = None;
    entry.acts.extend(lasts_ms.map(|lasts_ms| Act::Hold { lasts_ms }));
}

/// The draft as an addendum to the earlier plan, in which the first account has this object hidden.
fn added(draft: &mut Draft, object: &str) {
    draft.header.purpose = Purpose::Addendum { run: "r1".into(), to: Digest::of(b"earlier plan") };
    draft.probes.clear();
    for entry in &mut draft.entries {
        entry.acts = vec![Act::HideObjects { objects: vec!["post2".into()] }];
        entry.if_moved.clear();
    }
    draft.entries[0].acts = vec![Act::HideObjects { objects: vec![object.into()] }];
}

fn before(before: fn(&mut World)) -> Case {
    Case { before, after: |_, _| {}, twin: |_| {} }
}

fn after(after: fn(&mut World, &mut Draft)) -> Case {
    Case { before: |_| {}, after, twin: |_| {} }
}

fn case(check: Check) -> Case {
    match check {
        Check::Empty => after(|_, draft| draft.entries.clear()),
        Check::Size => before(|w| w.policy.preflight.accounts_max = VICTIMS as u64 - 1),
        Check::ActiveShare => before(|w| w.policy.preflight.active_share_max = 0.019),
        Check::SegmentShare => before(|w| {
            w.policy.preflight.segment_accounts_min = VICTIMS as u64;
            (0..VICTIMS).for_each(|i| w.edit(i, |r| r.segment = Some("school".to_owned())));
        }),
        Check::Reference => before(|w| w.policy.reference.as_mut().unwrap().accounts = 10),
        Check::Evidence => after(|w, _| w.verdicts[3].verdict = Belief::Suspected),
        Check::OwnEvents => before(|w| w.timelines[7].moments = timeline(8, "bad-app", "stranger").moments),
        Check::InWindow => before(|w| {
            w.timelines[7].moments.iter_mut().for_each(|m| m.event.time += 5000);
        }),
        Check::Confidence => before(|w| w.verdicts[3].confidence = 0.99),
        Check::Objects => after(|_, draft| {
            draft.entries[0].acts.push(Act::HideObjects { objects: vec!["owners-post".into()] });
        }),
        // The intruder's, and made before the plan was sealed: two people looked at that plan without it.
        Check::Addendum => Case {
            after: |_, draft| added(draft, "post1"),
            twin: |draft| added(draft, "post2"),
            ..before(|_| {})
        },
        Check::Sentinel => after(|w, _| w.edit(0, |r| r.sentinel = Some(true))),
        Check::Protected => after(|w, _| w.edit(0, |r| r.protected = Some(true))),
        Check::AtRisk => after(|w, _| w.edit(0, |r| r.at_risk = Some(true))),
        Check::ServiceAccount => after(|w, _| w.edit(0, |r| r.service = Some(true))),
        Check::Changed => after(|w, _| {
            for i in 0..VICTIMS / 4 {
                w.states.get_mut(&id(i)).unwrap().credential = Some(CredentialVersion(Digest::of(b"moved")));
            }
        }),
        Check::Age => before(|w| w.summary.window.end = 4999 - w.policy.approval.valid_ms),
        Check::Contact => after(|_, draft| {
            draft.entries[2].contact.as_mut().unwrap().version = Digest::of(b"u0002@new.example");
        }),
        Check::Unreachable => before(|w| (0..VICTIMS / 4).for_each(|i| w.edit(i, |r| r.contacts = None))),
        Check::Shift => before(|w| {
            let (feature, value) = ("app".to_owned(), "app-new".to_owned());
            w.summary.shifts.push(Shift { feature, value, accounts: 900, share: 0.45, since: 500 });
            // Nothing is new but the app's name.
            w.timelines = (0..VICTIMS).map(|i| timeline(i, "app-new", "phone")).collect();
        }),
        Check::SignalShare => before(|w| {
            for i in 0..VICTIMS * 3 / 4 {
                w.verdicts[i] = verdict(i, &["new_device", "new_network", "shared_domain"]);
            }
        }),
        Check::SignalRate => before(|w| {
            for i in 0..VICTIMS / 10 {
                w.verdicts[i] = verdict(i, &["new_device", "new_network", "mass_follow"]);
            }
        }),
        Check::Placebo => before(|w| w.placebo.as_mut().unwrap().believed = VICTIMS as u64 / 2),
        Check::UnderScoped => before(|w| {
            w.summary.left_out = (VICTIMS..VICTIMS * 2 + 1)
                .map(|i| NearMiss {
                    account: id(i),
                    campaign: "c1".into(),
                    reason: "carries the domain".to_owned(),
                })
                .collect();
        }),
        Check::Hold => Case {
            after: |_, draft| unreached(draft, Some(2 * DAY_MS)),
            twin: |draft| unreached(draft, Some(DAY_MS)),
            ..before(|_| {})
        },
        Check::OwnersOffline => Case {
            after: |_, draft| {
                unreached(draft, Some(DAY_MS));
                draft.entries[0].acts.retain(|a| *a != Act::EndSessions);
            },
            twin: |draft| {
                unreached(draft, None);
                draft.entries[0].acts.retain(|a| *a != Act::EndSessions);
            },
            ..before(|_| {})
        },
        Check::IfMoved => {
            Case { twin: |draft| draft.entries.iter_mut().for_each(|e| e.if_moved.clear()), ..before(|_| {}) }
        }
        Check::ClimbBack => after(|w, _| w.outlives_ms = Some(DAY_MS)),
        Check::PutBack => after(|_, draft| {
            draft.entries[0].acts.push(Act::RemoveFactor { factor: "the-owners-own".into() });
        }),
        // An account of somebody's, passed off as ours: contained untold and uncounted.
        Check::Probe => after(|_, draft| {
            draft.probes[0].account = id(VICTIMS);
        }),
        Check::Unprobed => before(|w| w.probes[0].armed.retain(|k| *k != ProbeKind::Session)),
        Check::NoUndo => Case {
            twin: |draft| {
                let undoable = |a: &Act| a.kind() == ActKind::RequireNewCredential;
                draft.entries.iter_mut().for_each(|e| e.acts.retain(undoable));
            },
            ..before(|_| {})
        },
        Check::Guard => before(|w| w.guard_is_atomic = false),
        Check::Cannot => before(|w| w.can.retain(|a| *a != ActKind::HideObjects)),
    }
}

/// The checks that say worse of one than of the other.
fn worse(of: &BTreeMap<Check, Severity>, than: &BTreeMap<Check, Severity>) -> BTreeSet<Check> {
    of.iter().filter(|(check, severity)| Some(*severity) > than.get(check)).map(|(check, _)| *check).collect()
}

#[test]
fn each_mistake_is_caught_by_one_check_and_passes_where_that_one_is_left_out() {
    for check in Check::ALL {
        let Case { before, after, twin } = case(*check);
        let right = World::new();
        let mut right_draft = right.draft();
        twin(&mut right_draft);
        let mut wrong = World::new();
        before(&mut wrong);
        let mut draft = wrong.draft();
        after(&mut wrong, &mut draft);

        let passes = right.said(Check::ALL, &right_draft);
        assert!(passes.values().all(|s| *s == Severity::Info), "{check:?}: the twin: {passes:?}");
        let caught = worse(&wrong.said(Check::ALL, &draft), &passes);
        assert_eq!(
            caught,
            BTreeSet::from([*check]),
            "{check:?}: {:?}",
            wrong.report(Check::ALL, &draft).notes
        );

        let mutant: Vec<Check> = Check::ALL.iter().copied().filter(|c| c != check).collect();
        let let_through = worse(&wrong.said(&mutant, &draft), &passes);
        assert_eq!(let_through, BTreeSet::new(), "{check:?}");
    }
}

#[test]
fn notes_say_what_how_sure_and_what_to_do_and_figures_name_limits() {
    for check in Check::ALL {
        let Case { before, after, .. } = case(*check);
        let mut wrong = World::new();
        before(&mut wrong);
        let mut draft = wrong.draft();
        after(&mut wrong, &mut draft);
        let report = wrong.report(Check::ALL, &draft);
        let note = report.notes.iter().find(|n| n.check == *check).unwrap();
        assert!(!note.text.is_empty() && !note.todo.is_empty(), "{note:?}");
        for figure in &report.figures {
            let limit = model::policy::Limit::of(figure.limit).unwrap_or_else(|| panic!("{figure:?}"));
            assert!(limit.key.ends_with("_max") && figure.measured.is_finite(), "{figure:?}");
        }
    }
}

#[test]
fn names_are_told_apart_and_each_is_described() {
    let codes: BTreeSet<&str> = Check::ALL.iter().map(|c| c.code()).collect();
    assert_eq!(codes.len(), Check::ALL.len());
    let described = include_str!("../../../../docs/preflight.md");
    let missing: Vec<_> = codes.iter().filter(|code| !described.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn a_join_on_the_wrong_key_is_seen_by_more_than_one() {
    let mut w = World::new();
    let mut draft = w.draft();
    draft.entries[3].account = id(ACCOUNTS - 1);
    draft.entries.sort_by(|a, b| a.account.cmp(&b.account));
    let seen = w.against(&draft);
    assert!(
        seen.is_superset(&[Check::Evidence, Check::OwnEvents, Check::Objects, Check::Contact].into()),
        "{seen:?}"
    );

    // And where the hunt itself joined wrongly: each verdict cites the events of the next account.
    for i in 0..VICTIMS {
        let signals = ["new_device", "new_network", "stuffing_machine", "shared_domain"];
        w.verdicts[i].evidence = evidence((i + 1) % VICTIMS, &signals);
    }
    let draft = w.draft();
    assert_eq!(w.against(&draft), [Check::OwnEvents].into());
}

#[test]
fn a_sentinel_refuses_even_where_it_was_left_out() {
    let mut w = World::new();
    w.edit(0, |r| r.sentinel = Some(true));
    let draft = w.draft();
    assert_eq!(draft.entries.len(), VICTIMS - 1, "it is not in the plan");
    assert_eq!(w.said(Check::ALL, &draft)[&Check::Sentinel], Severity::Refuse);
}

#[test]
fn a_shift_beside_which_something_else_is_new_is_no_mistake() {
    let mut w = World::new();
    let (feature, value) = ("app".to_owned(), "app-new".to_owned());
    w.summary.shifts.push(Shift { feature, value, accounts: 900, share: 0.45, since: 500 });
    for (app, device) in [("bad-app", "phone"), ("app-new", "another-device")] {
        w.timelines = (0..VICTIMS).map(|i| timeline(i, app, device)).collect();
        assert_eq!(w.against(&w.draft()), BTreeSet::new(), "{app}, {device}");
    }
}

#[test]
fn what_is_passed_off_as_a_probe_is_refused_whatever_it_lacks() {
    type Forgery = (&'static str, fn(&mut World, &mut Draft));
    let forgeries: [Forgery; 13] = [
        ("an owner's, unregistered", |_, d| d.probes[0].account = id(VICTIMS)),
        ("an owner's, registered by mistake", |w, d| {
            w.probes[0].account = id(VICTIMS);
            d.probes[0].account = id(VICTIMS);
        }),
        ("not in the register any more", |w, _| w.probes.clear()),
        ("spent", |w, _| w.probes[0].armed.clear()),
        ("of another tier", |_, d| d.probes[0].tier = Tier::Evidence),
        ("nothing is tried", |_, d| d.probes[0].tries.clear()),
        ("not said by the service", |w, _| w.states.get_mut(&probe()).unwrap().record.probe = None),
        ("somebody's as well", |w, _| w.states.get_mut(&probe()).unwrap().record.protected = Some(true)),
        ("unknown to the service", |w, _| drop(w.states.remove(&probe()))),
        ("somebody was on it", |w, _| {
            let mut verdict = verdict(0, &["new_device"]);
            verdict.account = probe();
            verdict.verdict = Belief::Suspected;
            w.verdicts.push(verdict);
        }),
        ("its owner was seen", |w, _| {
            let mut timeline = timeline(VICTIMS, "app", "phone");
            timeline.account = probe();
            w.timelines.push(timeline);
        }),
        ("it would be hidden from", |_, d| {
            d.probes[0].acts.push(Act::HideObjects { objects: vec!["post".into()] });
        }),
        ("its credential moved", |w, _| {
            let moved = CredentialVersion(Digest::of(b"moved"));
            w.states.get_mut(&probe()).unwrap().credential = Some(moved);
        }),
    ];
    for (what, forge) in forgeries {
        let mut w = World::new();
        let mut draft = w.draft();
        assert_eq!(w.said(&[Check::Probe], &draft), BTreeMap::new());
        forge(&mut w, &mut draft);
        assert_eq!(w.said(&[Check::Probe], &draft)[&Check::Probe], Severity::Refuse, "{what}");
    }
    // And the other way round: an account of ours among those of owners.
    let mut w = World::new();
    let draft = w.draft();
    w.edit(0, |r| r.probe = Some(true));
    assert_eq!(w.said(&[Check::Probe], &draft)[&Check::Probe], Severity::Refuse);
}

#[test]
fn only_what_the_intruder_alone_took_up_is_taken_back() {
    let take_back = |draft: &mut Draft| {
        draft.entries[0].acts.push(Act::Unfollow { accounts: vec!["star".into()] });
        draft.entries[0].acts.push(Act::Unlike { objects: vec!["post9".into()] });
    };
    let mut w = World::new();
    w.can.extend([ActKind::Unfollow, ActKind::Unlike]);
    let mut foreign = w.draft();
    take_back(&mut foreign);
    assert_eq!(w.against(&foreign), [Check::Objects].into(), "no verdict names them");
    w.verdicts[0].intruder.follows = vec!["star".into()];
    w.verdicts[0].intruder.likes = vec!["post9".into()];
    let draft = w.draft();
    assert!(!draft.entries[0].acts.iter().all(|a| a.unfollows().is_empty()), "the twin is planned so");
    assert_eq!(w.against(&draft), BTreeSet::new());
    // The same follow in another hand: whoever it was, the timeline does not say that it is the intruder's alone.
    for (kind, is_against) in [(Kind::Follow, true), (Kind::Like, false)] {
        let mut shared = World::new();
        shared.verdicts = w.verdicts.clone();
        shared.can = w.can.clone();
        let moment = &mut shared.timelines[0].moments[0];
        (moment.event.kind, moment.event.object) = (kind, Some("star".into()));
        assert_eq!(shared.against(&draft).contains(&Check::Objects), is_against);
    }
    w.can.retain(|a| *a != ActKind::Unlike);
    assert_eq!(w.against(&draft), [Check::Cannot].into(), "a service that can't says so");
}

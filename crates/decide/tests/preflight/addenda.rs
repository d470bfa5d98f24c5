//! Addenda: what is drafted, and what preflight refuses of one, each beside what stays clear.

use crate::world::{VICTIMS, World, id, timeline};
use decide::preflight::{Check, Severity};
use model::addendum::Standing;
use model::event::Kind;
use model::id::ObjectId;
use model::labels::Label;
use model::note::Sure;
use model::plan::{Act, ActKind, Draft, LeftOutCode, Purpose, Template, Tier};
use model::verdict::{Belief, Hand, Route};
use std::collections::BTreeSet;

/// The first account's objects that would be hidden, and why it is left out where it is.
fn first(world: &World) -> (Vec<ObjectId>, Option<LeftOutCode>) {
    let draft = world.addendum();
    let entry = draft.entries.iter().find(|e| e.account == id(0));
    let objects = entry.map(|e| e.acts.iter().flat_map(Act::hides).cloned().collect()).unwrap_or_default();
    (objects, draft.left_out.iter().find(|l| l.account == id(0)).map(|l| l.code))
}

#[test]
fn what_the_same_hand_made_since_the_seal_is_hidden_and_nothing_else_is_done() {
    let world = World::new();
    let draft = world.addendum();
    assert_eq!(draft.header.purpose, Purpose::Addendum { run: "r1".into(), to: world.parent.digest });
    assert_eq!((draft.entries.len(), draft.probes.len(), draft.left_out.len()), (VICTIMS, 0, 0));
    for entry in &draft.entries {
        // Neither the owner's own post, nor the one that the plan has named already.
        assert_eq!(entry.acts, [Act::HideObjects { objects: vec!["post2".into()] }], "{}", entry.account);
        assert!(entry.if_moved.is_empty() && entry.contact.is_some());
        assert_eq!(entry.notice, Template::Addendum);
    }
    // Owners are heard from before the next wave, as in any containment.
    assert_eq!(draft.header.waves[0], world.policy.run.canary_accounts);
    assert_eq!(world.against(&draft), BTreeSet::new());
    assert!(!world.said(Check::ALL, &draft).contains_key(&Check::Unprobed), "nothing is revoked");
}

#[test]
fn whoever_is_not_contained_any_more_or_never_was_is_left_out() {
    for (standing, code) in [
        (Standing::NotContained, LeftOutCode::NotContained),
        (Standing::Exonerated, LeftOutCode::TakenBack),
        (Standing::Disputed, LeftOutCode::TakenBack),
        (Standing::TakenBack, LeftOutCode::TakenBack),
    ] {
        let mut world = World::new();
        let right = world.addendum();
        world.parent.parts.get_mut(&id(0)).unwrap().standing = standing;
        assert_eq!(first(&world), (Vec::new(), Some(code)), "{standing:?}");
        assert_eq!(world.addendum().entries.len(), VICTIMS - 1);
        assert_eq!(
            world.said(&[Check::Addendum], &right)[&Check::Addendum],
            Severity::Refuse,
            "{standing:?}"
        );
    }
    let mut world = World::new();
    let right = world.addendum();
    world.parent.parts.remove(&id(0));
    assert_eq!(first(&world), (Vec::new(), Some(LeftOutCode::NotContained)));
    assert_eq!(world.against(&right), [Check::Addendum].into());
    // And by people's word, as in any plan.
    let mut world = World::new();
    world.labels.insert(id(0), Label::NotCompromised);
    assert_eq!(first(&world), (Vec::new(), Some(LeftOutCode::LabelledNotCompromised)));
    // Who is not of the plan and not convicted is not even listed.
    let mut world = World::new();
    world.parent.parts.remove(&id(0));
    world.verdicts[0].verdict = Belief::Suspected;
    assert_eq!(first(&world), (Vec::new(), None));
}

#[test]
fn another_hand_is_left_out_and_so_is_what_nobody_can_date() {
    type Change = fn(&mut World);
    let left: [(&str, Change, LeftOutCode); 7] = [
        ("another way in", |w| w.verdicts[0].route = Route::Session, LeftOutCode::AnotherHand),
        ("other events", |w| drop(w.verdicts[0].intruder.events.remove(0)), LeftOutCode::AnotherHand),
        ("a precaution", |w| part(w).tier = Tier::Precaution, LeftOutCode::NotContained),
        ("no timeline", |w| drop(w.timelines.remove(0)), LeftOutCode::AlreadyContained),
        ("what the plan knew of", |w| part(w).seen_until = 2000, LeftOutCode::AlreadyContained),
        (
            "named before",
            |w| part(w).named = ["post1".into(), "post2".into()].into(),
            LeftOutCode::AlreadyContained,
        ),
        ("too many", |w| w.policy.addendum.objects_per_account_max = 0, LeftOutCode::BeyondAddendum),
    ];
    for (what, change, code) in left {
        let mut world = World::new();
        assert_eq!(first(&world), (vec!["post2".into()], None), "{what}: the twin");
        change(&mut world);
        assert_eq!(first(&world), (Vec::new(), Some(code)), "{what}");
    }
}

fn part(world: &mut World) -> &mut model::addendum::Part {
    world.parent.parts.get_mut(&id(0)).unwrap()
}

#[test]
fn a_post_that_another_hand_touched_too_stays() {
    let mut world = World::new();
    let mut touched = world.timelines[0].moments[0].clone();
    touched.event.id = "u0000-edit".into();
    touched.event.object = Some("post2".into());
    touched.event.time = 2500;
    // The service's own act on it says nothing of whose it is.
    touched.event.kind = Kind::Rightful;
    world.timelines[0].moments.push(touched.clone());
    assert_eq!(first(&world), (vec!["post2".into()], None));
    assert_eq!(world.against(&world.addendum()), BTreeSet::new());
    let right = world.addendum();
    for hand in [Hand::Owner, Hand::Unknown] {
        touched.hand = hand;
        touched.event.kind = Kind::Post;
        *world.timelines[0].moments.last_mut().unwrap() = touched.clone();
        assert_eq!(first(&world), (Vec::new(), Some(LeftOutCode::AlreadyContained)), "{hand:?}");
        assert_eq!(world.against(&right), [Check::Addendum].into(), "{hand:?}");
    }
}

#[test]
fn preflight_refuses_an_addendum_that_says_more_than_is_shown() {
    type Forgery = (&'static str, fn(&mut World, &mut Draft));
    let forgeries: [Forgery; 10] = [
        ("the owner's own post", |w, d| {
            w.verdicts[0].intruder.objects.push("owners-post".into());
            hides(d, "owners-post");
        }),
        ("a post that nobody saw being made", |w, d| {
            w.verdicts[0].intruder.objects.push("unseen".into());
            hides(d, "unseen");
        }),
        ("made before the seal", |_, d| hides(d, "post1")),
        ("made before the seal, and not named then", |w, d| {
            part(w).named.clear();
            hides(d, "post1");
        }),
        ("more than objects", |_, d| d.entries[0].acts.push(Act::EndSessions)),
        ("what the plan rested on is nobody's", |w, _| part(w).cited = ["u0000-x".into()].into()),
        ("what the plan rested on is the owner's now", |w, _| {
            part(w).cited.insert("u0000-o".into());
        }),
        ("another way in", |w, _| part(w).route = Route::App),
        ("of another run", |w, _| w.parent.run = "r2".into()),
        ("more than the policy allows", |w, _| w.policy.addendum.objects_per_account_max = 0),
    ];
    for (what, forge) in forgeries {
        let mut world = World::new();
        let mut draft = world.addendum();
        assert!(world.said(&[Check::Addendum], &draft).is_empty(), "{what}: the twin");
        forge(&mut world, &mut draft);
        assert_eq!(world.said(&[Check::Addendum], &draft)[&Check::Addendum], Severity::Refuse, "{what}");
    }
    // What the ledger says of the run is not there: nothing is assumed.
    let world = World::new();
    let draft = world.addendum();
    let basis = decide::preflight::Basis { parent: None, ..world.basis() };
    let notes = decide::preflight::preflight_of(&[Check::Addendum], &draft, &basis).notes;
    assert_eq!((notes.len(), notes[0].severity, notes[0].sure), (1, Severity::Refuse, Sure::CannotTell));
    // A containment is none of its business.
    assert!(world.said(&[Check::Addendum], &world.draft()).is_empty());
}

fn hides(draft: &mut Draft, object: &str) {
    draft.entries[0].acts = vec![Act::HideObjects { objects: vec![object.into()] }];
}

#[test]
fn a_service_that_can_hide_is_enough_for_an_addendum() {
    let mut world = World::new();
    world.can = vec![ActKind::HideObjects];
    assert_eq!(world.against(&world.addendum()), BTreeSet::new());
    assert!(world.against(&world.draft()).contains(&Check::Cannot), "for a containment it is not");
    world.can = vec![ActKind::EndSessions];
    assert_eq!(world.addendum().entries.len(), 0, "and one that can't gets none");
    assert_eq!(world.timelines[0], timeline(0, "bad-app", "stranger"));
}

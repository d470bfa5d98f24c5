//! The routine on a rehearsed service, day by day: a normal day goes through, a flood and a creep stop and queue
//! nothing, and each thing that must suspend the order does.

mod world;

use self::world::{DAY_MS, HOUR_MS, World};
use super::{Turn, dry_finding, sample};
use crate::error::Kind;
use model::order::Per;
use model::run::RunState;

fn plan_of(turn: Turn) -> model::id::PlanId {
    match turn {
        Turn::Dry { plan, .. } | Turn::Batch { plan, .. } | Turn::ForPeople { plan: Some(plan), .. } => plan,
        Turn::Nothing | Turn::ForPeople { plan: None, .. } => panic!("no plan: {turn:?}"),
    }
}

#[test]
fn dry_batches_come_first_and_are_never_armed() {
    let mut world = World::new();
    world.signed_by_two();
    let first = world.turn(6, false).unwrap();
    assert!(matches!(first, Turn::Dry { accounts: 6, .. }), "{first:?}");
    let plan = plan_of(first);
    world.review(&plan, 0);
    let refused = world.approve(&plan).unwrap_err().to_string();
    assert!(refused.contains("dry batch"), "{refused}");
    world.next_day();
    // A second day is needed, and the first day's batch counts only because people looked at it.
    let second = plan_of(world.turn(6, false).unwrap());
    assert!(!dry_finding(&world.ctx, &world.order().row.order).unwrap().enough);
    world.review(&second, 0);
    assert!(dry_finding(&world.ctx, &world.order().row.order).unwrap().enough);
    assert_eq!(world.contained(), 0);
    world.next_day();
    let third = world.turn(6, false).unwrap();
    assert!(matches!(third, Turn::Batch { accounts: 6, .. }), "{third:?}");
    assert_eq!(world.contained(), 6);
}

#[test]
fn dry_batches_with_too_much_that_is_wrong_release_nothing() {
    let mut world = World::new();
    world.signed_by_two();
    for wrong in [3, 0] {
        let plan = plan_of(world.turn(6, false).unwrap());
        world.review(&plan, wrong);
        world.next_day();
    }
    let turn = world.turn(6, false).unwrap();
    assert!(matches!(turn, Turn::Dry { .. }), "{turn:?}");
    assert_eq!(world.contained(), 0);
}

#[test]
fn a_normal_fortnight_goes_through() {
    let mut world = World::live();
    for day in 0..14 {
        let turn = world.turn(8 + day % 3, false).unwrap();
        assert!(matches!(turn, Turn::Batch { .. }), "day {day}: {turn:?}");
        world.next_day();
        world.label_samples(0);
    }
    assert_eq!(world.contained(), (0..14).map(|d| 8 + d % 3).sum::<usize>());
    assert_eq!(world.order().says(), "in force");
}

#[test]
fn a_flood_stops_at_its_bound_and_nothing_is_queued() {
    let mut world = World::live();
    world.turn(8, false).unwrap();
    assert_eq!(world.contained(), 8);
    world.clock_on(HOUR_MS);
    let flood = world.turn(800, false).unwrap();
    let Turn::ForPeople { plan: Some(plan), reasons } = &flood else { panic!("{flood:?}") };
    assert!(reasons.iter().any(|r| r.contains("reference_per_day")), "{reasons:?}");
    assert_eq!(world.contained(), 8, "nothing of it was done");
    world
        .ctx
        .store
        .read(|r| {
            assert_eq!(r.run_of(plan)?, None);
            assert_eq!(r.batch(plan)?, None);
            assert_eq!(r.used("routine.accounts_per_day", Per::Day.bucket(world.ctx.now()))?, 8);
            Ok(())
        })
        .unwrap();
    // The next hours bring nothing either, not even a small batch, until two people have looked.
    for _ in 0..3 {
        world.clock_on(HOUR_MS);
        let resting = world.turn(3, false).unwrap_err();
        assert_eq!(resting.kind, Kind::NeedsApproval, "{resting}");
    }
    world.resume("ana");
    assert!(world.turn(3, false).is_err(), "one person is not two");
    world.resume("ben");
    let plans_before = world.ctx.store.read(store::Read::plans).unwrap().len();
    let small = world.turn(3, false).unwrap();
    assert!(matches!(small, Turn::Batch { accounts: 3, .. }), "{small:?}");
    assert_eq!(world.contained(), 11);
    assert_eq!(world.ctx.store.read(store::Read::plans).unwrap().len(), plans_before + 1);
}

#[test]
fn a_creep_of_ten_percent_a_day_is_stopped_by_the_frozen_reference() {
    let mut world = World::live();
    let mut size = 8.0_f64;
    let mut days = 0;
    let stopped = loop {
        let n = size.round() as usize;
        match world.turn(n, false).unwrap() {
            Turn::Batch { .. } => assert!(n <= 30, "day {days}: {n} accounts went through"),
            Turn::ForPeople { reasons, .. } => break (n, reasons),
            other @ (Turn::Nothing | Turn::Dry { .. }) => panic!("{other:?}"),
        }
        days += 1;
        assert!(days < 30, "a month went by");
        size *= 1.1;
        world.next_day();
        world.label_samples(0);
    };
    assert!(stopped.0 > 30 && stopped.0 <= 34, "{stopped:?}");
    assert!(stopped.1.iter().any(|r| r.contains("reference_per_day")), "{stopped:?}");
}

#[test]
fn bounds_add_up_over_an_hour_and_a_day() {
    let mut world = World::live();
    assert!(matches!(world.turn(20, false).unwrap(), Turn::Batch { .. }));
    world.clock_on(HOUR_MS);
    assert!(
        matches!(world.turn(10, false).unwrap(), Turn::Batch { .. }),
        "thirty on a day are three times the usual"
    );
    world.clock_on(HOUR_MS);
    let turn = world.turn(1, false).unwrap();
    let Turn::ForPeople { reasons, .. } = turn else { panic!("{turn:?}") };
    assert!(reasons.iter().all(|r| r.contains("reference_per_day")), "{reasons:?}");
    world.resume("ana");
    world.resume("ben");
    world.next_day();
    assert!(matches!(world.turn(1, false).unwrap(), Turn::Batch { .. }));
    assert_eq!(world.contained(), 31);
}

#[test]
fn a_day_without_its_labels_suspends_and_a_day_with_them_does_not() {
    let mut world = World::live();
    world.turn(8, false).unwrap();
    world.next_day();
    assert!(
        matches!(world.turn(5, false).unwrap(), Turn::Batch { .. }),
        "the sample may still be labelled today"
    );
    world.next_day();
    let turn = world.turn(5, false).unwrap();
    let Turn::ForPeople { plan: None, reasons } = turn else { panic!("{turn:?}") };
    assert!(reasons[0].contains("was not looked at"), "{reasons:?}");
    world.resume("ana");
    world.resume("ben");
    world.label_samples(0);
    assert!(matches!(world.turn(5, false).unwrap(), Turn::Batch { .. }));
}

#[test]
fn a_sample_that_is_too_wrong_suspends() {
    let mut world = World::live();
    world.turn(8, false).unwrap();
    world.next_day();
    world.turn(5, false).unwrap();
    world.label_samples(4);
    assert!(world.order().says().contains("wrong"), "{}", world.order().says());
    assert_eq!(world.turn(5, false).unwrap_err().kind, Kind::NeedsApproval);
    assert!(sample::open_days(&world.ctx).unwrap().is_empty());
}

#[test]
fn one_signature_another_service_and_a_hunt_of_another_calibration_are_not_enough() {
    let mut world = World::new();
    world.sign("ana");
    assert_eq!(world.turn(5, false).unwrap_err().kind, Kind::NeedsApproval);
    world.sign("ben");
    world.calibration = "none: a rule written by hand".to_owned();
    let turn = world.turn(5, false).unwrap();
    let Turn::ForPeople { reasons, .. } = turn else { panic!("{turn:?}") };
    assert!(reasons[0].contains("rule written by hand"), "{reasons:?}");
}

#[test]
fn an_open_shift_stops_until_two_people_have_looked_at_it() {
    let mut world = World::live();
    world.shift = true;
    assert!(matches!(world.turn(5, false).unwrap(), Turn::ForPeople { .. }));
    world.resume("ana");
    world.resume("ben");
    assert!(matches!(world.turn(5, false).unwrap(), Turn::Batch { .. }), "it was looked at");
}

#[test]
fn an_order_that_is_suspended_halts_what_is_still_under_way() {
    let mut world = World::live_with_canary(3);
    let Turn::Batch { run, state: RunState::Running, .. } = world.turn(8, false).unwrap() else { panic!() };
    assert_eq!(world.contained(), 3, "the canary");
    world.suspend();
    world.clock_on(DAY_MS / 2);
    assert_eq!(world.turn(5, false).unwrap_err().kind, Kind::NeedsApproval);
    let row = world.ctx.store.read(|r| r.run(&run)).unwrap();
    assert_eq!(row.state, RunState::Halted);
    assert!(row.reason.unwrap().contains("suspended"));
    assert_eq!(world.contained(), 3);
}

#[test]
fn a_batch_whose_counter_was_set_back_is_not_carried_on() {
    let mut world = World::live_with_canary(3);
    let Turn::Batch { plan, run, .. } = world.turn(8, false).unwrap() else { panic!() };
    let covered = |world: &World| {
        world
            .ctx
            .store
            .read_with(|r| respond::consent::check(r, &plan, world.ctx.now()))
            .map_err(|e| e.to_string())
    };
    covered(&world).unwrap();
    world.set_counters_back();
    assert!(covered(&world).unwrap_err().contains("the counter says 0"));
    world.clock_on(DAY_MS / 2);
    world.turn(5, false).unwrap_err();
    assert_eq!(world.ctx.store.read(|r| r.run(&run)).unwrap().state, RunState::Halted);
}

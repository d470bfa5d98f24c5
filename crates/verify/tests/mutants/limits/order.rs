//! What a standing order may allow, and what it is held against.

use super::{Case, Row, decided, done};
use crate::house::{House, signed};
use crate::world::{evidence, id, summary};
use decide::routine::{dry, stops};
use model::account::Reach;
use model::id::Digest;
use model::operator::Decision;
use model::order::{Bounds, Calibration, FORMAT, Order, Reference};
use model::plan::{Act, Entry, Template, Tier};
use model::policy::Policy;
use model::verdict::{Route, Summary, Window};
use respond::consent::{Standing, standing};
use std::collections::{BTreeMap, BTreeSet};

const DAY_MS: i64 = 86_400_000;

pub(crate) const ROWS: &[Row] = &[
    done(
        "order.people",
        "people = 2\nvalid_ms_max",
        "people = 3\nvalid_ms_max",
        two_signed_and_it_is_not_in_force,
    ),
    decided("order.valid_ms_max", (32 * DAY_MS) as f64, |p| is_refused(p, |o| o.ends_at = 31 * DAY_MS)),
    decided("order.confidence_min", 0.95, |p| is_refused(p, |o| o.confidence_min = 0.96)),
    decided("order.accounts_per_day_max", 1_000.0, |p| {
        is_refused(p, |o| o.bounds.accounts_per_day_max = 501)
    }),
    decided("order.active_share_per_day_max", 0.01, |p| {
        is_refused(p, |o| o.bounds.active_share_per_day_max = 0.006)
    }),
    decided("order.segment_share_per_day_max", 0.05, |p| {
        is_refused(p, |o| o.bounds.segment_share_per_day_max = 0.03)
    }),
    decided("order.reference_multiple_max", 5.0, |p| {
        is_refused(p, |o| o.bounds.reference_multiple_max = 4.0)
    }),
    decided("order.signal_share_max", 0.8, |p| is_carried(p, 30, 20)),
    decided("order.signal_accounts_min", 21.0, |p| is_carried(p, 20, 20)),
    decided("order.dry_days_min", 6.0, |p| !is_dry_enough(p, 6, 400)),
    decided("order.dry_labels_min", 200.0, |p| !is_dry_enough(p, 7, 200)),
    // The brake is pulled by the program itself, which takes both before anything is sealed.
    Row {
        key: "brake.accounts_per_day_max",
        group: "",
        case: Case::Program { file: BRAKE, test: BRAKE_TEST },
    },
    Row { key: "brake.valid_ms", group: "", case: Case::Program { file: BRAKE, test: BRAKE_TEST } },
];
const BRAKE: &str = "crates/server/tests/commands/people.rs";
const BRAKE_TEST: &str = "a_brake_takes_no_more_than_its_limits_on_a_day_and_ends_by_its_time";

fn order() -> Order {
    Order {
        format: FORMAT.to_owned(),
        name: "daily".to_owned(),
        starts_at: 0,
        ends_at: 30 * DAY_MS,
        policy: Digest::of(b"policy"),
        connector: "rehearse:here".to_owned(),
        calibration: Calibration::Simulated,
        confidence_min: 0.97,
        bounds: Bounds {
            accounts_per_hour_max: 4,
            accounts_per_day_max: 500,
            active_share_per_day_max: 0.005,
            segment_share_per_day_max: 0.02,
            reference_multiple_max: 3.0,
        },
        reference: Reference { accounts_per_day: 10, active: 10_000, segments: BTreeMap::new() },
    }
}

fn is_refused(policy: &Policy, beyond: fn(&mut Order)) -> bool {
    let mut order = order();
    beyond(&mut order);
    order.check(&policy.order).is_err()
}

/// Whether a batch is stopped of which some rest on one signal alone.
fn is_carried(policy: &Policy, accounts: usize, carried: usize) -> bool {
    let many = ["new_device", "stuffing_machine", "shared_domain", "mass_follow"];
    let entry = |i: usize| Entry {
        account: id(i),
        wave: 0,
        tier: Tier::Evidence,
        route: Route::Credential,
        reason: String::new(),
        confidence: 0.99,
        window: Window { start: 1, end: 2 },
        evidence: evidence(i, if i < carried { &many[..1] } else { &many }),
        acts: vec![Act::EndSessions],
        if_moved: Vec::new(),
        segment: None,
        reach: Reach::Mail,
        contact: None,
        notice: Template::Credential,
        tries: Vec::new(),
        quiet: None,
    };
    let entries: Vec<Entry> = (0..accounts).map(entry).collect();
    let said = Summary { calibration: "calibrated on simulated data".to_owned(), ..summary() };
    !stops(&entries, &said, &order(), policy, &BTreeSet::new()).is_empty()
}

fn is_dry_enough(policy: &Policy, days: i64, labels: usize) -> bool {
    let looked_at = (0..labels).map(|i| (id(i), false)).collect();
    dry(&(0..days).collect(), 0, &looked_at, policy).enough
}

fn two_signed_and_it_is_not_in_force(house: &House) -> bool {
    let now = house.now();
    let order = Order { starts_at: now, ends_at: now + 30 * DAY_MS, ..order() };
    let digest = house.store.write(now, |tx| tx.put_order(&order, "ana")).expect("kept");
    for who in ["ana", "ben"] {
        let consent = signed(digest, who, Decision::Approve, order.ends_at);
        house.store.write(now, |tx| tx.put_order_consent(&consent)).expect("kept");
    }
    let limits = house.store.read(|r| r.policy_of(&house.plan)).expect("it is there").order;
    let stands = house.store.read(|r| standing(r, &r.order(&digest)?, &limits, now + 1)).expect("it reads");
    stands != Standing::InForce
}

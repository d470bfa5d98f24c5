//! Probe accounts: really tried, before their wave and after it, and no owner's in any count.

use super::{Findings, changed, house, seen, whatever};
use crate::house::House;
use model::id::{AccountId, RunId};
use model::probe::{ProbeKind, Tried};
use model::secret::Secret;
use store::testing::Database;

const HOUR_MS: i64 = 3_600_000;

fn first_wave(house: &House, run: &RunId) {
    house.start(run);
    whatever(|| drop(house.wave(&*house.service(), run, 0)));
}

pub(super) fn not_beside_a_dead_probe() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let (probe, run) = house.with_probe();
    let session = house.states()[&probe].sessions.first().cloned().expect("it is signed in");
    assert!(house.service().change_password(&session, &Secret::new("another's")), "it is kept");
    let before = house.states();
    first_wave(&house, &run);
    // Trying what else is held of it signs in: a session more is no act of the wave.
    let acted =
        |a: &AccountId| house.states()[a].credential != before[a].credential || house.states()[a].is_off;
    let touched: Vec<AccountId> =
        changed(&house, &before).into_iter().filter(|a| *a != probe || acted(a)).collect();
    seen(!touched.is_empty(), || format!("{probe} could not be got into, and were acted on: {touched:?}"))
}

pub(super) fn what_is_alive_is_found() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let (probe, run) = house.with_probe();
    house.service().lie_about(ProbeKind::Session);
    first_wave(&house, &run);
    whatever(|| house.try_probes(&run));
    let rows = house.store.read(|r| r.probe_rows(&run)).expect("it reads");
    let dead = rows.iter().any(|p| p.kind == ProbeKind::Session && p.after == Some(Tried::Refused));
    let is_alive = !house.states()[&probe].sessions.is_empty();
    seen(dead && is_alive, || format!("the session of {probe} is alive, and on record as refused"))
}

pub(super) fn counted_as_nobody() -> Findings {
    let database = Database::sqlite();
    let house = house(&database, &[]);
    let (_, run) = house.with_probe();
    let hour = house.now().div_euclid(HOUR_MS);
    first_wave(&house, &run);
    let (taken, cases) =
        house.store.read(|r| Ok((r.used("accounts_per_hour", hour)?, r.cases(&run)?))).expect("it reads");
    let owners: Vec<AccountId> = cases.into_iter().map(|c| c.account).collect();
    seen(taken > owners.len() as u64, || {
        format!("begun with {} owners, and {taken} are taken from the hour", owners.len())
    })
}

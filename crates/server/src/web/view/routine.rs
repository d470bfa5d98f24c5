//! The routine, as operators watch it.

use super::super::App;
use super::super::fault::Fault;
use super::console;
use crate::ops::order::Known;
use crate::ops::routine::day_name;
use crate::ops::routine::status::status;
use model::order::Calibration;
use page::console::{BatchRow, BoundRow, OrderView, RoutinePage, Stopped};
use respond::consent::Standing;

/// What is used of the bounds is looked at again so often, s.
const REFRESH_S: u32 = 30;

/// The routine's page.
pub(in crate::web) fn page(app: &App) -> Result<RoutinePage, Fault> {
    let found = status(&app.ctx)?;
    let current = found.current.as_ref().map(|known| known.row.digest);
    Ok(RoutinePage {
        console: console(app, current.is_some().then_some(REFRESH_S)),
        order: found.current.as_ref().map(shown),
        bounds: found
            .bounds
            .into_iter()
            .map(|(bound, used)| BoundRow {
                name: bound.counter.trim_start_matches("routine.").replace(['_', ':'], " "),
                per: bound.per,
                used,
                max: bound.max,
            })
            .collect(),
        finding: found.finding.map(|f| f.text),
        batches: found
            .batches
            .into_iter()
            .map(|b| BatchRow { plan: b.plan, is_dry: b.dry, accounts: b.accounts, made_at: b.made_at })
            .collect(),
        samples: found.samples.iter().map(|s| day_name(s.day)).collect(),
        others: found.orders.iter().filter(|k| Some(k.row.digest) != current).map(shown).collect(),
    })
}

fn shown(known: &Known) -> OrderView {
    let order = &known.row.order;
    let stopped = match &known.standing {
        Standing::Suspended(open) => open
            .iter()
            .map(|s| Stopped {
                reason: s.suspension.reason.clone(),
                at: s.suspension.at,
                plan: s.plan.clone(),
            })
            .collect(),
        Standing::NotSigned { .. } | Standing::NotBegun | Standing::Ended | Standing::InForce => Vec::new(),
    };
    OrderView {
        name: order.name.clone(),
        digest: known.row.digest,
        standing: known.says(),
        stopped,
        starts_at: order.starts_at,
        ends_at: order.ends_at,
        calibrated_on: order.calibration.as_str().to_owned(),
        is_for_practice: order.calibration == Calibration::Simulated,
    }
}

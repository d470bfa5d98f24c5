//! How the routine stands: the order, what is used of its bounds, what it made today, what waits for people.

use super::{DryFinding, dry_finding, sample};
use crate::context::Context;
use crate::error::Result;
use crate::ops::order::{self, Known};
use model::order::{Bound, Per};
use store::orders::{BatchRow, SampleRow};

/// How the routine stands.
pub(crate) struct Status {
    /// The order that counts now.
    pub(crate) current: Option<Known>,
    /// All orders, the latest first.
    pub(crate) orders: Vec<Known>,
    /// The current order's bounds, each with what is used of it.
    pub(crate) bounds: Vec<(Bound, u64)>,
    /// What the labels on its dry batches say.
    pub(crate) finding: Option<DryFinding>,
    /// Today's batches.
    pub(crate) batches: Vec<BatchRow>,
    /// Days whose sample waits for labels.
    pub(crate) samples: Vec<SampleRow>,
}

/// Looks it all up.
pub(crate) fn status(ctx: &Context) -> Result<Status> {
    let (now, current) = (ctx.now(), order::current(ctx)?);
    let (mut bounds, mut finding) = (Vec::new(), None);
    if let Some(known) = &current {
        for bound in known.row.order.bounds_on(&[], ctx.policy.preflight.segment_accounts_min) {
            let used = ctx.store.read(|r| r.used(&bound.counter, bound.per.bucket(now)))?;
            bounds.push((bound, used));
        }
        finding = Some(dry_finding(ctx, &known.row.order)?);
    }
    Ok(Status {
        current,
        orders: order::all(ctx)?,
        bounds,
        finding,
        batches: ctx.store.read(|r| r.batches_since(Per::Day.bucket(now)))?,
        samples: sample::open_days(ctx)?,
    })
}

//! Whether a standing order is in force, and whether a batch that was made under it provably meets its bounds. All of
//! it is read from what people signed and what the ledger counted; nothing is judged here.

use super::signers;
use crate::error::RespondError;
use model::account::Reach;
use model::id::{Millis, OperatorName};
use model::order::{Order, ROUTINE};
use model::plan::{Entry, Purpose, Tier};
use model::policy::{OrderPolicy, Policy};
use model::seal::Sealed;
use store::orders::{BatchRow, OrderRow, SuspensionRow};
use store::{Read, StoreError};

/// How an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Too few people signed it, or somebody said no.
    NotSigned {
        /// Who did.
        people: Vec<OperatorName>,
        /// One sentence.
        why: String,
    },
    /// Its time has not come.
    NotBegun,
    /// Its time is over.
    Ended,
    /// Something stopped it, and too few people have looked since.
    Suspended(Vec<SuspensionRow>),
    /// In force.
    InForce,
}

/// How an order stands at `now`: its own digest, its time, two people, and whether people looked at everything that
/// stopped it.
///
/// # Errors
/// The ledger's.
pub fn standing(
    read: &Read,
    row: &OrderRow,
    policy: &OrderPolicy,
    now: Millis,
) -> Result<Standing, StoreError> {
    let signed = signers(read, &read.order_consents(&row.digest)?, &row.digest, None, now)?;
    let people: Vec<OperatorName> = signed.people.iter().cloned().collect();
    if let Some(no) = &signed.refused {
        return Ok(Standing::NotSigned { people, why: format!("{no} refused it") });
    }
    if row.order.ends_at <= now {
        return Ok(Standing::Ended);
    }
    if people.len() < policy.people as usize {
        let why = format!(
            "{} of the {} people it needs have signed it{}",
            people.len(),
            policy.people,
            signed.missing
        );
        return Ok(Standing::NotSigned { people, why });
    }
    if now < row.order.starts_at {
        return Ok(Standing::NotBegun);
    }
    let mut open = Vec::new();
    for suspension in read.suspensions(&row.digest)? {
        let looked = signers(read, &read.order_consents(&suspension.digest)?, &suspension.digest, None, now)?;
        if looked.people.len() < policy.people as usize {
            open.push(suspension);
        }
    }
    Ok(if open.is_empty() { Standing::InForce } else { Standing::Suspended(open) })
}

/// Insists that a batch is covered by its order.
pub(super) fn covers(
    read: &Read,
    batch: &BatchRow,
    sealed: &Sealed,
    policy: &Policy,
    now: Millis,
) -> Result<(), RespondError> {
    let uncovered = |why: String| Err(RespondError::NotCovered { plan: batch.plan.clone(), why });
    if batch.dry {
        return uncovered("it is a dry batch, made to be looked at; it is never armed".to_owned());
    }
    let row = read.order(&batch.order)?;
    let (order, header) = (&row.order, sealed.header());
    if order.digest()? != batch.order {
        return uncovered("the order is not the one that was signed".to_owned());
    }
    if let Err(fault) = order.check(&policy.order) {
        return uncovered(fault.to_string());
    }
    match standing(read, &row, &policy.order, now)? {
        Standing::InForce => {}
        Standing::NotSigned { why, .. } => return uncovered(why),
        Standing::NotBegun => return uncovered("the order is not in force yet".to_owned()),
        Standing::Ended => return uncovered("the order has ended".to_owned()),
        Standing::Suspended(open) => {
            let reasons: Vec<&str> = open.iter().map(|s| s.suspension.reason.as_str()).collect();
            return uncovered(format!("the order is suspended: {}", reasons.join("; ")));
        }
    }
    let author = OperatorName::new(ROUTINE);
    if header.author != author || read.operator(&author)?.is_some() {
        return uncovered(format!("its author is not the routine, or somebody bears the name {ROUTINE}"));
    }
    if header.purpose != Purpose::Contain
        || header.policy != order.policy
        || header.connector != order.connector
    {
        return uncovered("it has another purpose, policy or service than the order".to_owned());
    }
    if row.released_at.is_none_or(|at| at > batch.made_at) {
        return uncovered("it was made before the order's dry batches were enough".to_owned());
    }
    let said = read.hunt(&header.hunt)?.map(|h| h.summary.calibration).unwrap_or_default();
    if !order.calibration.takes(&said) {
        return uncovered(format!(
            "its hunt says {said:?}, and the order takes a confidence calibrated on {} alone",
            order.calibration.as_str()
        ));
    }
    let entries = opened(read, batch, sealed)?;
    if let Some(other) = entries.iter().find(|e| !is_within(e, order)) {
        return uncovered(format!("{} is not for the routine: tier, confidence or reach", other.account));
    }
    used(read, batch, order, &entries, policy)
}

fn is_within(entry: &Entry, order: &Order) -> bool {
    entry.tier == Tier::Evidence && entry.confidence >= order.confidence_min && entry.reach == Reach::Mail
}

/// All entries, each under the seal; one that was erased can't be proved to be within the bounds.
fn opened(read: &Read, batch: &BatchRow, sealed: &Sealed) -> Result<Vec<Entry>, RespondError> {
    let mut entries = Vec::new();
    for value in read.values(&batch.plan, None)? {
        entries.push(sealed.open(value)?.entry().clone());
    }
    if entries.len() as u64 != sealed.header().accounts || batch.accounts != sealed.header().accounts {
        let why = "not all of its entries are there to be counted".to_owned();
        return Err(RespondError::NotCovered { plan: batch.plan.clone(), why });
    }
    Ok(entries)
}

/// Each bound: the batch took what it needs, and what was taken in all is within it.
fn used(
    read: &Read,
    batch: &BatchRow,
    order: &Order,
    entries: &[Entry],
    policy: &Policy,
) -> Result<(), RespondError> {
    let taken = read.batch_uses(&batch.plan)?;
    for bound in order.bounds_on(entries, policy.preflight.segment_accounts_min) {
        let bucket = bound.per.bucket(batch.made_at);
        let own = (bound.counter.clone(), bucket, bound.wanted);
        let (in_all, by_batches) =
            (read.used(&bound.counter, bucket)?, read.used_by_batches(&bound.counter, bucket)?);
        let is_taken = bound.wanted == 0 || taken.contains(&own);
        if !is_taken || in_all > bound.max || by_batches > in_all {
            let why = format!(
                "{}: this batch needs {}, batches took {by_batches}, the counter says {in_all}, and the bound is {}",
                bound.counter, bound.wanted, bound.max
            );
            return Err(RespondError::NotCovered { plan: batch.plan.clone(), why });
        }
    }
    Ok(())
}

//! Standing orders: signed by people, looked at by people where something stopped them.

use super::review::signer;
use crate::context::Context;
use crate::error::{Error, Result, at};
use ed25519_dalek::SigningKey;
use model::id::{Digest, OperatorName};
use model::operator::{Consent, Decision, sign as signed};
use model::order::Order;
use respond::consent::{Standing, standing};
use std::path::Path;
use store::orders::OrderRow;
use store::{Read, StoreError};

/// An order with how it stands.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) row: OrderRow,
    pub(crate) standing: Standing,
}

/// Signs an order's file for the policy and the service that are connected; it is in force with the last signature it
/// needs, from its own beginning on.
pub(crate) fn sign(ctx: &Context, file: &Path, by: &OperatorName, key: &SigningKey) -> Result<Known> {
    let text = std::fs::read_to_string(file).map_err(at(file))?;
    let connector = ctx.service.directory.capabilities().name;
    let order = Order::parse(&text, &ctx.policy, &connector)
        .map_err(|e| Error::failed(format!("{}: {e}", file.display())))?;
    signer(ctx, by, key)?;
    let now = ctx.now();
    if order.ends_at <= now {
        return Err(Error::failed(format!("{}: the order is over already", file.display()))
            .hint("give it an ends_at that is still to come"));
    }
    let digest = order.digest()?;
    let consent =
        Consent { digest, decision: Decision::Approve, expires_at: order.ends_at, operator: by.clone() };
    let approval = signed(consent, key)?;
    ctx.store.write(now, |tx| {
        tx.put_order(&order, by.as_str())?;
        tx.put_order_consent(&approval)
    })?;
    Ok(ctx.store.read(|r| known(r, ctx, r.order(&digest)?))?)
}

/// Signs that a person looked at everything that stopped the order; it goes on when two have.
pub(crate) fn resume(ctx: &Context, by: &OperatorName, key: &SigningKey) -> Result<Known> {
    signer(ctx, by, key)?;
    let order = current(ctx)?.ok_or_else(none)?;
    let Standing::Suspended(open) = &order.standing else {
        return Err(Error::failed(format!("the order {} is not suspended", order.row.digest.short())));
    };
    let mut words = Vec::new();
    for suspension in open {
        let consent = Consent {
            digest: suspension.digest,
            decision: Decision::Approve,
            expires_at: order.row.order.ends_at,
            operator: by.clone(),
        };
        words.push(signed(consent, key)?);
    }
    ctx.store.write(ctx.now(), |tx| words.iter().try_for_each(|word| tx.put_order_consent(word)))?;
    Ok(ctx.store.read(|r| known(r, ctx, r.order(&order.row.digest)?))?)
}

/// The order that counts now: of those for this policy and service whose time has come and is not over, the one kept
/// last that enough people signed. A suspended one is no reason to go back to an older.
pub(crate) fn current(ctx: &Context) -> Result<Option<Known>> {
    let (policy, connector) = (ctx.policy.digest()?, ctx.service.directory.capabilities().name);
    Ok(ctx.store.read(|r| {
        for row in r.orders()? {
            if row.order.policy == policy && row.order.connector == connector {
                let order = known(r, ctx, row)?;
                if matches!(order.standing, Standing::InForce | Standing::Suspended(_)) {
                    return Ok(Some(order));
                }
            }
        }
        Ok(None)
    })?)
}

/// All orders, the latest first.
pub(crate) fn all(ctx: &Context) -> Result<Vec<Known>> {
    Ok(ctx.store.read(|r| r.orders()?.into_iter().map(|row| known(r, ctx, row)).collect())?)
}

fn known(read: &Read, ctx: &Context, row: OrderRow) -> std::result::Result<Known, StoreError> {
    let standing = standing(read, &row, &ctx.policy.order, ctx.now())?;
    Ok(Known { row, standing })
}

/// What is said where no order is in force.
pub(crate) fn none() -> Error {
    Error::needs_approval("no standing order is in force for this policy and this service")
        .hint("rightful policy sign FILE --operator NAME --key FILE, by two people")
}

impl Known {
    /// How it stands, in a sentence.
    pub(crate) fn says(&self) -> String {
        match &self.standing {
            Standing::NotSigned { why, .. } => why.clone(),
            Standing::NotBegun => "signed; its time has not come".to_owned(),
            Standing::Ended => "its time is over".to_owned(),
            Standing::InForce if self.row.released_at.is_none() => {
                "in force; batches are dry until enough of them were reviewed".to_owned()
            }
            Standing::InForce => "in force".to_owned(),
            Standing::Suspended(open) => {
                let reasons: Vec<&str> = open.iter().map(|s| s.suspension.reason.as_str()).collect();
                format!("suspended until two people have looked: {}", reasons.join("; "))
            }
        }
    }

    /// Insists that it is in force.
    pub(crate) fn insist(&self) -> Result<Digest> {
        match self.standing {
            Standing::InForce => Ok(self.row.digest),
            Standing::NotSigned { .. } | Standing::NotBegun | Standing::Ended | Standing::Suspended(_) => {
                Err(Error::needs_approval(format!("the standing order {}: {}", self.row.digest.short(), self.says()))
                    .hint("look at what stopped it (rightful routine status), then rightful routine resume --operator NAME --key FILE, by two people"))
            }
        }
    }
}

//! What the support desk says.

use crate::context::Context;
use crate::error::Result;
use model::id::{AccountId, RunId};
use serde::Serialize;

/// What became of the word that an owner turned to support.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Contacted {
    pub(crate) account: AccountId,
    /// The run that acted on the account last; absent where nothing was ever done to it.
    pub(crate) run: Option<RunId>,
    /// Whether it counts in that run's gate since now; not where it did already.
    pub(crate) counted: bool,
}

/// Counts an owner who turned to support, once a run.
pub(crate) fn contact(ctx: &Context, account: &AccountId, by: &str) -> Result<Contacted> {
    let cases = ctx.store.read(|r| r.cases_of(account))?;
    let Some(run) = cases.first().map(|case| case.run.clone()) else {
        return Ok(Contacted { account: account.clone(), run: None, counted: false });
    };
    let counted = ctx.store.write(ctx.now(), |tx| tx.support_contact(&run, account, by))?;
    Ok(Contacted { account: account.clone(), run: Some(run), counted })
}

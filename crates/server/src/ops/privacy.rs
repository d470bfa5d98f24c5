//! Keys and privacy: a new master key, keys that end with their window, erasure, holds, and what is past its time.

use crate::context::Context;
use crate::error::{Error, Result, at};
use crate::keys;
use model::id::{AccountId, RunId};
use respond::vault::MasterKey;

/// What an expiry let go.
#[derive(Debug, Default, serde::Serialize)]
pub(crate) struct Expired {
    /// Runs whose old credentials can't be restored any more.
    pub(crate) keys_destroyed: Vec<RunId>,
    /// The new master key's id, where keys were destroyed: copies of them in old backups die with the old one.
    pub(crate) master_key: Option<String>,
    /// Rows let go, by place.
    pub(crate) rows: std::collections::BTreeMap<&'static str, u64>,
}

/// When the bytes of what was destroyed are taken out of the database's files, which rewrites tables on a server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scrub {
    /// Where keys were destroyed just now.
    AfterDestroying,
    /// In any case: also what an earlier time could not, since others were reading.
    Always,
}

/// Destroys keys whose undo window is over, and lets go what is past its time, in portions.
pub(crate) fn expire(ctx: &Context, by: &str, scrub: Scrub) -> Result<Expired> {
    let mut expired =
        Expired { keys_destroyed: respond::keys::expire(&ctx.store, &*ctx.clock, by)?, ..Expired::default() };
    if expired.keys_destroyed.is_empty() {
        sweep(ctx)?;
    } else {
        expired.master_key = Some(rotate(ctx, by)?.0);
    }
    loop {
        let gone = ctx.store.write(ctx.now(), |tx| tx.let_go(&ctx.policy.retention))?;
        if gone.is_empty() {
            if scrub == Scrub::Always || !expired.keys_destroyed.is_empty() {
                scrubbed(ctx)?;
            }
            return Ok(expired);
        }
        for (place, rows) in gone {
            *expired.rows.entry(place).or_default() += rows;
        }
    }
}

/// A new master key: its file first, then all runs' keys wrapped anew in one transaction, then the old file goes. Gives
/// the new key's id, and how many keys were wrapped anew.
pub(crate) fn rotate(ctx: &Context, by: &str) -> Result<(String, u64)> {
    let ring = ctx.master_key()?;
    let bytes = ctx.chance.bytes();
    let fresh = MasterKey::new(bytes);
    keys::keep(&ctx.key_folder().join(format!("master-{}.key", fresh.id())), &bytes)?;
    let runs = respond::keys::rotate(&ctx.store, &*ctx.clock, &*ctx.chance, &ring, &fresh, by)?;
    sweep(ctx)?;
    Ok((fresh.id(), runs))
}

/// Takes the bytes of what was destroyed out of the database's files.
fn scrubbed(ctx: &Context) -> Result<()> {
    ctx.store.scrub().map_err(|e| {
        Error::failed(format!("it is destroyed, and its bytes are still in the database's files: {e}"))
            .hint("rightful privacy expire, when nobody reads the ledger")
    })
}

/// Removes the files of master keys that the ledger says are retired. A file that the ledger does not know is left: it
/// may be another process's new key.
fn sweep(ctx: &Context) -> Result<()> {
    let retired = ctx.store.read(store::Read::retired_master_keys)?;
    for (path, key) in ctx.master_keys()? {
        if retired.contains(&key.id()) {
            std::fs::remove_file(&path).map_err(at(&path))?;
        }
    }
    Ok(())
}

/// Erases an account; gives rows by place.
pub(crate) fn erase(ctx: &Context, account: &AccountId, by: &str) -> Result<Vec<(&'static str, u64)>> {
    ctx.store.write(ctx.now(), |tx| tx.erase_account(account, by)).map_err(|e| {
        Error::from(e).hint("what is under way ends first; a legal hold is lifted by `rightful privacy lift`")
    })
}

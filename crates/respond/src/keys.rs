//! Keys that end: a run's key is destroyed with its undo window, and the master key is replaced, with all that is
//! wrapped by it, in one transaction. A copy of a destroyed key in an old backup dies with the master key that wrapped it.

use crate::error::RespondError;
use crate::port::{Chance, Clock};
use crate::vault::{KeyRing, MasterKey};
use model::id::RunId;
use store::Store;
use store::keys::WrappedKey;
use store::probes::SealedProbe;

/// Wraps every run's key with a new master key, and seals what is held of probe accounts with it. Its file must be safe before, and the old one may go after.
///
/// # Errors
/// Where a run's key can't be unwrapped, or the ledger's; nothing was changed then.
pub fn rotate(
    store: &Store,
    clock: &dyn Clock,
    chance: &dyn Chance,
    ring: &KeyRing,
    fresh: &MasterKey,
    by: &str,
) -> Result<u64, RespondError> {
    store.write_with(clock.now(), |tx| {
        let mut rewrapped = Vec::new();
        for key in tx.wrapped_keys()? {
            let plain = ring.unwrap(&key.run, &key.key_id, &key.wrapped)?;
            let wrapped = fresh.wrap(&key.run, &plain, chance.bytes())?;
            rewrapped.push(WrappedKey { wrapped, ..key });
        }
        let mut resealed = Vec::new();
        for held in tx.probe_credentials()? {
            let plain = crate::probe::open(ring, &held)?;
            let sealed = fresh.seal_probe(&held.account, held.kind, &plain, chance.bytes())?;
            resealed.push(SealedProbe { sealed, ..held });
        }
        tx.rotate_master_key(&fresh.id(), &rewrapped, by)?;
        tx.reseal_probes(&fresh.id(), &resealed)?;
        Ok(rewrapped.len() as u64)
    })
}

/// Destroys the keys of runs whose undo window is over, with what was sealed under them; gives which.
///
/// # Errors
/// The ledger's.
pub fn expire(store: &Store, clock: &dyn Clock, by: &str) -> Result<Vec<RunId>, RespondError> {
    let now = clock.now();
    Ok(store.write(now, |tx| {
        let past = tx.runs_past_window(now)?;
        past.iter().try_for_each(|run| tx.destroy_run_key(run, by))?;
        Ok(past)
    })?)
}

//! Probe accounts: what we hold of them, sealed under the master key. They are tried by the executor alone, in a wave of a
//! sealed plan that names them.

use crate::error::RespondError;
use crate::port::{Chance, Clock};
use crate::vault::KeyRing;
use model::id::AccountId;
use model::probe::ProbeKind;
use model::secret::Secret;
use store::Store;
use store::probes::SealedProbe;

/// Keeps a credential of a probe account; a new one takes the place of an older of its kind, and arms it again.
///
/// # Errors
/// Where a plan names the account as an owner's, a run is at work on it, or the master key was rotated meanwhile.
pub fn arm(
    store: &Store,
    clock: &dyn Clock,
    chance: &dyn Chance,
    ring: &KeyRing,
    account: &AccountId,
    held: &[(ProbeKind, Secret)],
    by: &str,
) -> Result<(), RespondError> {
    let key = ring.current();
    store.write_with(clock.now(), |tx| {
        tx.insist_on_master_key(&key.id())?;
        for (kind, secret) in held {
            let sealed = key.seal_probe(account, *kind, secret, chance.bytes())?;
            tx.arm_probe(account, *kind, &key.id(), &sealed, by)?;
        }
        Ok(())
    })
}

/// Opens what is held of a probe account.
pub(crate) fn open(ring: &KeyRing, held: &SealedProbe) -> Result<Secret, RespondError> {
    Ok(ring.probe_key(&held.account, &held.key_id)?.open_probe(&held.account, held.kind, &held.sealed)?)
}

//! Old credentials under lock: sealed with a key a run, which is itself wrapped by a key that lives outside the
//! database, so that a stolen backup of the ledger holds no credential and destroying one key destroys them all.

use crate::permit::Permit;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use model::id::{AccountId, RunId};
use model::probe::ProbeKind;
use model::secret::Secret;
use zeroize::Zeroizing;

/// Bytes of a nonce; in front of the ciphertext where the two are kept as one.
const NONCE: usize = 24;

/// Something sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The cipher's nonce, 24 bytes.
    pub nonce: Vec<u8>,
    /// The sealed bytes.
    pub ciphertext: Vec<u8>,
}

/// Why something sealed can't be opened.
#[derive(Debug, thiserror::Error)]
#[error("{what} can't be opened with this key: it was sealed with another, or changed since")]
pub struct VaultError {
    what: String,
}

/// The key outside the database; it wraps the keys of runs.
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// A run's key; it seals the old credentials of its accounts.
pub struct RunKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    /// From the bytes of the key file.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// A short name for the key, which gives nothing of it away.
    #[must_use]
    pub fn id(&self) -> String {
        model::id::Digest::of(&[b"rightful key id\0", &self.0[..]].concat()).short()
    }

    /// Wraps a run's key, bound to the run. `nonce` is 32 fresh random bytes, of which 24 are used.
    ///
    /// # Errors
    /// Never with keys of this size; the cipher's signature allows for it.
    pub fn wrap(&self, run: &RunId, key: &RunKey, nonce: [u8; 32]) -> Result<Vec<u8>, VaultError> {
        encrypt(&self.0, run.as_str(), &key.0[..], nonce)
    }

    /// Unwraps a run's key.
    ///
    /// # Errors
    /// Where the bytes were not wrapped by this key for this run.
    pub fn unwrap(&self, run: &RunId, wrapped: &[u8]) -> Result<RunKey, VaultError> {
        let plain = decrypt(&self.0, run.as_str(), wrapped)?;
        let bytes = <[u8; 32]>::try_from(plain.as_slice())
            .map_err(|_| VaultError { what: format!("the key of run {run}") })?;
        Ok(RunKey(Zeroizing::new(bytes)))
    }

    /// Seals what is held of a probe account, bound to account and kind.
    ///
    /// # Errors
    /// Never with keys of this size; the cipher's signature allows for it.
    pub fn seal_probe(
        &self,
        account: &AccountId,
        kind: ProbeKind,
        held: &Secret,
        nonce: [u8; 32],
    ) -> Result<Vec<u8>, VaultError> {
        encrypt(&self.0, &of_probe(account, kind), held.reveal().as_bytes(), nonce)
    }

    /// Opens what is held of a probe account.
    ///
    /// # Errors
    /// Where it was not sealed by this key for this account and kind.
    pub fn open_probe(
        &self,
        account: &AccountId,
        kind: ProbeKind,
        sealed: &[u8],
    ) -> Result<Secret, VaultError> {
        let bound_to = of_probe(account, kind);
        let plain = Zeroizing::new(decrypt(&self.0, &bound_to, sealed)?);
        let text = std::str::from_utf8(&plain).map_err(|_| VaultError { what: bound_to })?;
        Ok(Secret::new(text))
    }
}

fn of_probe(account: &AccountId, kind: ProbeKind) -> String {
    format!("the {} of probe account {account}", kind.as_str())
}

/// The keys outside the database: the one that wraps new keys of runs, and older ones that some may still be wrapped
/// with.
pub struct KeyRing {
    current: MasterKey,
    older: Vec<MasterKey>,
}

/// A run's key, or what is held of a probe, is sealed with a key that is not at hand.
#[derive(Debug, thiserror::Error)]
#[error(
    "{what} is wrapped with master key {wanted}, and {at_hand} is at hand: lay the file of key {wanted} back into the folder of keys"
)]
pub struct KeyMissing {
    what: String,
    wanted: String,
    at_hand: String,
}

impl KeyRing {
    /// A ring of one key.
    #[must_use]
    pub fn of(current: MasterKey) -> Self {
        Self { current, older: Vec::new() }
    }

    /// The same with older keys.
    #[must_use]
    pub fn with(self, older: Vec<MasterKey>) -> Self {
        Self { older, ..self }
    }

    /// The key that wraps new ones.
    #[must_use]
    pub fn current(&self) -> &MasterKey {
        &self.current
    }

    /// The key of this id, where it is at hand.
    #[must_use]
    pub fn by_id(&self, id: &str) -> Option<&MasterKey> {
        std::iter::once(&self.current).chain(&self.older).find(|key| key.id() == id)
    }

    /// Unwraps a run's key with the master key that the ledger names.
    ///
    /// # Errors
    /// [`KeyMissing`] where that one is not at hand, [`VaultError`] where it does not fit.
    pub fn unwrap(
        &self,
        run: &RunId,
        key_id: &str,
        wrapped: &[u8],
    ) -> Result<RunKey, crate::error::RespondError> {
        let key = self.named(key_id, || format!("the key of run {run}"))?;
        Ok(key.unwrap(run, wrapped)?)
    }

    /// The key that opens what is held of a probe account.
    ///
    /// # Errors
    /// [`KeyMissing`] where it is not at hand.
    pub fn probe_key(&self, account: &AccountId, key_id: &str) -> Result<&MasterKey, KeyMissing> {
        self.named(key_id, || format!("what is held of probe account {account}"))
    }

    fn named(&self, key_id: &str, what: impl FnOnce() -> String) -> Result<&MasterKey, KeyMissing> {
        self.by_id(key_id).ok_or_else(|| {
            let at_hand = std::iter::once(&self.current).chain(&self.older).map(MasterKey::id);
            let at_hand = at_hand.collect::<Vec<_>>().join(", ");
            KeyMissing { what: what(), wanted: key_id.to_owned(), at_hand }
        })
    }
}

impl RunKey {
    /// A new key from 32 fresh random bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Seals an account's old stored credential, bound to the account.
    ///
    /// # Errors
    /// Never with keys of this size; the cipher's signature allows for it.
    pub fn seal(&self, account: &AccountId, stored: &Secret, nonce: [u8; 32]) -> Result<Locked, VaultError> {
        let mut nonce_first = encrypt(&self.0, account.as_str(), stored.reveal().as_bytes(), nonce)?;
        let ciphertext = nonce_first.split_off(NONCE);
        Ok(Locked { nonce: nonce_first, ciphertext })
    }

    /// Opens an account's old stored credential.
    ///
    /// # Errors
    /// Where it was not sealed by this key for this account.
    pub fn open(&self, account: &AccountId, sealed: &Locked) -> Result<Secret, VaultError> {
        let nonce_first = [sealed.nonce.as_slice(), &sealed.ciphertext].concat();
        let plain = Zeroizing::new(decrypt(&self.0, account.as_str(), &nonce_first)?);
        let text = std::str::from_utf8(&plain)
            .map_err(|_| VaultError { what: format!("the old credential of {account}") })?;
        Ok(Secret::new(text))
    }

    /// The random credential that nobody knows, for one step: HMAC-SHA256 of the permit's key under the run's key,
    /// so that it is the same at every try and never has to be stored.
    #[must_use]
    pub fn credential_for(&self, permit: &Permit) -> Secret {
        // RFC 2104 takes keys of any length: this can't fail.
        let mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(&self.0[..]).map(|mut mac| {
            mac.update(b"rightful credential\0");
            mac.update(permit.key().as_bytes());
            mac.finalize().into_bytes()
        });
        Secret::new(hex::encode(mac.expect("HMAC takes a key of any length")))
    }
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn encrypt(key: &[u8; 32], bound_to: &str, plain: &[u8], nonce: [u8; 32]) -> Result<Vec<u8>, VaultError> {
    let mut sealed = nonce[..NONCE].to_vec();
    let nonce = <[u8; NONCE]>::try_from(&nonce[..NONCE]).map(XNonce::from);
    let refused = || VaultError { what: format!("what belongs to {bound_to}") };
    let payload = Payload { msg: plain, aad: bound_to.as_bytes() };
    sealed.extend(cipher(key).encrypt(&nonce.map_err(|_| refused())?, payload).map_err(|_| refused())?);
    Ok(sealed)
}

fn decrypt(key: &[u8; 32], bound_to: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
    let refused = || VaultError { what: format!("what belongs to {bound_to}") };
    let (nonce, text) = sealed.split_first_chunk::<NONCE>().ok_or_else(refused)?;
    let payload = Payload { msg: text, aad: bound_to.as_bytes() };
    cipher(key).decrypt(&XNonce::from(*nonce), payload).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_own_account_under_its_own_key_alone() {
        let (key, other) = (RunKey::new([1; 32]), RunKey::new([2; 32]));
        let stored = Secret::new("pbkdf2_sha256$1$salt$hash");
        let sealed = key.seal(&"a".into(), &stored, [9; 32]).unwrap();
        assert_eq!(key.open(&"a".into(), &sealed).unwrap(), stored);
        assert!(key.open(&"b".into(), &sealed).is_err(), "another account");
        assert!(other.open(&"a".into(), &sealed).is_err(), "another key");
        let mut changed = sealed;
        changed.ciphertext[3] ^= 1;
        assert!(key.open(&"a".into(), &changed).is_err(), "changed");
    }

    #[test]
    fn what_is_held_of_a_probe_opens_for_its_own_account_and_kind_alone() {
        let (key, other) = (MasterKey::new([1; 32]), MasterKey::new([2; 32]));
        let (account, held) = (AccountId::from("p"), Secret::new("held"));
        let sealed = key.seal_probe(&account, ProbeKind::Session, &held, [9; 32]).unwrap();
        assert_eq!(key.open_probe(&account, ProbeKind::Session, &sealed).unwrap(), held);
        assert!(key.open_probe(&account, ProbeKind::Grant, &sealed).is_err(), "another kind");
        assert!(key.open_probe(&"q".into(), ProbeKind::Session, &sealed).is_err(), "another account");
        assert!(other.open_probe(&account, ProbeKind::Session, &sealed).is_err(), "another key");
        assert!(!String::from_utf8_lossy(&sealed).contains("held"));
    }

    #[test]
    fn a_run_key_is_unwrapped_for_its_own_run_alone() {
        let master = MasterKey::new([3; 32]);
        let wrapped = master.wrap(&"r1".into(), &RunKey::new([4; 32]), [5; 32]).unwrap();
        assert_eq!(*master.unwrap(&"r1".into(), &wrapped).unwrap().0, [4; 32]);
        assert!(master.unwrap(&"r2".into(), &wrapped).is_err());
    }
}

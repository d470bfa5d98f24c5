//! Passwords of a rehearsal: derived, so that owner and intruder know theirs, and one salted SHA-256 as stored form.

use model::id::{AccountId, Digest};
use model::secret::Secret;

/// The password somebody chose on an account; `version` counts changes.
pub(crate) fn of(account: &AccountId, intruder: bool, version: u64) -> Secret {
    let hand = if intruder { "intruder" } else { "owner" };
    let digest = Digest::of(format!("rightful rehearsal password\0{hand}\0{account}\0{version}").as_bytes());
    Secret::new(&digest.hex()[..24])
}

/// The stored form: a function of account (the salt) and password alone.
pub(crate) fn stored(account: &AccountId, password: &Secret) -> Secret {
    let salted = format!("rightful rehearsal stored\0{account}\0{}", password.reveal());
    Secret::new(format!("rehearsal-sha256${account}${}", Digest::of(salted.as_bytes()).hex()))
}

//! Passwords as Django stores them: `pbkdf2_sha256$ITERATIONS$SALT$HASH`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::id::{AccountId, Digest};
use model::secret::Secret;
use sha2::Sha256;

/// Django 5.2's own count.
pub(super) const ITERATIONS: u32 = 1_000_000;
const ITERATIONS_MAX: u32 = 10_000_000;
/// Django renews shorter salts at sign-in (128 bits from 62 letters).
const SALT_LETTERS: usize = 22;
const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

/// Whether somebody could sign in with it: not empty, and not marked unusable (`!…`).
pub(super) fn is_usable(stored: &str) -> bool {
    !stored.is_empty() && !stored.starts_with('!')
}

/// How many iterations a stored PBKDF2-SHA256 hash was made with.
pub(super) fn iterations_of(stored: &str) -> Option<u32> {
    parts(stored).map(|(iterations, _, _)| iterations)
}

/// The stored form of a password.
pub(super) fn stored(password: &Secret, salt: &str, iterations: u32) -> Secret {
    let mut key = [0_u8; 32];
    pbkdf2::pbkdf2_hmac::<Sha256>(password.reveal().as_bytes(), salt.as_bytes(), iterations, &mut key);
    Secret::new(format!("pbkdf2_sha256${iterations}${salt}${}", STANDARD.encode(key)))
}

/// The salt of our own hashes: a function of secret and account, so that one of ours can be told from all others.
pub(super) fn own_salt(secret: &Secret, account: &AccountId) -> String {
    letters(Digest::of(format!("rightful/django/salt/v1\n{account}\n{}", secret.reveal()).as_bytes()))
}

/// A salt from fresh random bytes.
pub(super) fn salt_from(bytes: [u8; 32]) -> String {
    letters(Digest(bytes))
}

/// Whether a stored hash is the one we made from `secret` for the account, with whatever count of iterations.
pub(super) fn is_ours(in_place: &str, secret: &Secret, account: &AccountId) -> bool {
    match parts(in_place) {
        Some((iterations, salt, _)) if salt == own_salt(secret, account) => {
            stored(secret, salt, iterations).reveal() == in_place
        }
        _ => false,
    }
}

fn parts(stored: &str) -> Option<(u32, &str, &str)> {
    let mut parts = stored.strip_prefix("pbkdf2_sha256$")?.splitn(3, '$');
    let iterations = parts.next()?.parse().ok().filter(|n| (1..=ITERATIONS_MAX).contains(n))?;
    Some((iterations, parts.next()?, parts.next()?))
}

/// 22 letters from a digest: the remainder's bias costs less than half a bit of 131.
fn letters(digest: Digest) -> String {
    digest.0.iter().take(SALT_LETTERS).map(|b| char::from(LETTERS[usize::from(*b) % LETTERS.len()])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_is_djangos_own() {
        // made by Django 5.2: make_password("lètmein", "seasalt", hasher of 1000 iterations)
        let ours = stored(&Secret::new("lètmein"), "seasalt", 1000);
        assert_eq!(ours.reveal(), "pbkdf2_sha256$1000$seasalt$JgZryXe2Ga8ysg6XbzkLpTdyPQrHqsinbL9BnnhgX4A=");
        assert_eq!(iterations_of(ours.reveal()), Some(1000));
    }

    #[test]
    fn unusable_is_no_password() {
        assert!(
            !is_usable("") && !is_usable("!abc") && is_usable("pbkdf2_sha256$1$a$b") && is_usable("argon2$x")
        );
    }

    #[test]
    fn ours_is_told_from_all_others() {
        let (secret, account) = (Secret::new("s"), AccountId::new("7"));
        let ours = stored(&secret, &own_salt(&secret, &account), 3);
        assert!(is_ours(ours.reveal(), &secret, &account));
        assert!(!is_ours(ours.reveal(), &Secret::new("t"), &account));
        assert!(!is_ours(ours.reveal(), &secret, &AccountId::new("8")));
        let forged = format!("{}x", ours.reveal());
        assert!(!is_ours(&forged, &secret, &account));
        for foreign in
            ["", "!", "argon2$argon2id$v=19$m=1", "pbkdf2_sha256$0$a$b", "pbkdf2_sha256$99999999999$a$b"]
        {
            assert!(!is_ours(foreign, &secret, &account), "{foreign}");
        }
        assert_eq!(own_salt(&secret, &account).len(), 22);
    }
}

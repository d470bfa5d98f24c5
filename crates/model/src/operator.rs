//! People with keys, and what they sign.

use crate::canonical::{CanonicalError, canonical};
use crate::id::{Digest, Millis, OperatorName};
use ed25519_dalek::{Signature, Signer, SigningKey, Verifier, VerifyingKey};
use serde::{Deserialize, Serialize};

/// An operator: a named person with a public key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// The name.
    pub name: OperatorName,
    /// Ed25519 public key.
    pub public_key: Digest,
    /// Since when, ms.
    pub added_at: Millis,
}

/// What a person decides of a digest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Do exactly this.
    Approve,
    /// Don't.
    Refuse,
}

/// What is signed: these bytes in canonical form, nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// The sealed plan's digest.
    pub digest: Digest,
    /// The decision.
    pub decision: Decision,
    /// When the consent ends, ms.
    pub expires_at: Millis,
    /// Who signs.
    pub operator: OperatorName,
}

/// A consent with its signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// What was signed.
    pub consent: Consent,
    /// 64 bytes, hexadecimal.
    pub signature: String,
}

/// Signs a consent.
///
/// # Errors
/// Where it has no canonical form.
pub fn sign(consent: Consent, key: &SigningKey) -> Result<Approval, CanonicalError> {
    let signature = key.sign(canonical(&consent)?.as_bytes());
    Ok(Approval { consent, signature: hex::encode(signature.to_bytes()) })
}

impl Approval {
    /// Whether this operator signed exactly this consent, and it still holds at `now`.
    #[must_use]
    pub fn holds(&self, operator: &Operator, digest: &Digest, now: Millis) -> bool {
        self.consent.operator == operator.name
            && self.consent.digest == *digest
            && self.consent.expires_at > now
            && self.is_signed_by(operator)
    }

    /// Whether the signature is this operator's.
    #[must_use]
    pub fn is_signed_by(&self, operator: &Operator) -> bool {
        let mut bytes = [0; 64];
        let Ok(()) = hex::decode_to_slice(&self.signature, &mut bytes) else { return false };
        let (Ok(key), Ok(text)) =
            (VerifyingKey::from_bytes(&operator.public_key.0), canonical(&self.consent))
        else {
            return false;
        };
        key.verify(text.as_bytes(), &Signature::from_bytes(&bytes)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_signers_own_consent_to_this_digest_holds() {
        let key = SigningKey::from_bytes(&[7; 32]);
        let ana =
            Operator { name: "ana".into(), public_key: Digest(key.verifying_key().to_bytes()), added_at: 0 };
        let digest = Digest::of(b"plan");
        let consent =
            Consent { digest, decision: Decision::Approve, expires_at: 100, operator: "ana".into() };
        let approval = sign(consent, &key).unwrap();
        assert!(approval.holds(&ana, &digest, 99));
        assert!(!approval.holds(&ana, &digest, 100), "expired");
        assert!(!approval.holds(&ana, &Digest::of(b"another"), 99), "another digest");
        let other = SigningKey::from_bytes(&[8; 32]);
        let imposter = Operator { public_key: Digest(other.verifying_key().to_bytes()), ..ana.clone() };
        assert!(!approval.holds(&imposter, &digest, 99), "another key");
        let mut changed = approval.clone();
        changed.consent.decision = Decision::Refuse;
        assert!(!changed.holds(&ana, &digest, 99), "another decision");
    }
}

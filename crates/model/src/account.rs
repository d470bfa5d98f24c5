//! What is known of an account besides its events (account record v1), and what the service says of it now.

use crate::id::{AccountId, AppId, Digest, EventId, FactorId, Millis, ObjectId, SessionId};
use crate::secret::Secret;
use serde::{Deserialize, Serialize};

/// A kind of credential an account can sign in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the contract's own words")]
pub enum CredentialKind {
    Password,
    Sso,
    Passkey,
    AppPassword,
    None,
}

/// How a contact is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the names are the contract's own words")]
pub enum ContactKind {
    Mail,
    Phone,
}

/// One way to reach an owner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contact {
    /// Mail or phone.
    pub kind: ContactKind,
    /// The address or number; never shown by `Debug`, never logged.
    pub value: Secret,
    /// When the owner proved that it is theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_at: Option<Millis>,
    /// Since when the account has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Millis>,
}

impl Contact {
    /// Whether the contact was there before a moment; a contact of unknown age was not.
    #[must_use]
    pub fn known_before(&self, moment: Millis) -> bool {
        self.since.is_some_and(|since| since < moment)
    }
}

/// An account record. What is absent is unknown, and unknown never passes a check that needs it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Account {
    /// The stable id.
    pub account: AccountId,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<Millis>,
    /// A part of the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The tenant, where the service has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// BCP 47 language of the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// IANA time zone of the owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Whether the account is in use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// What it can sign in with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<Vec<CredentialKind>>,
    /// How its owner can be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contacts: Option<Vec<Contact>>,
    /// By hand only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protected: Option<bool>,
    /// A notice without details, by hand only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_risk: Option<bool>,
    /// A machine's account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<bool>,
    /// Planted: it can't be compromised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentinel: Option<bool>,
    /// Ours, for trying what is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probe: Option<bool>,
}

impl Account {
    /// A record that knows only the id.
    #[must_use]
    pub fn unknown(account: AccountId) -> Self {
        Self {
            account,
            created: None,
            segment: None,
            tenant: None,
            language: None,
            time_zone: None,
            active: None,
            credentials: None,
            contacts: None,
            protected: None,
            at_risk: None,
            service: None,
            sentinel: None,
            probe: None,
        }
    }

    /// The contact of a kind that is in place now: the first, as the service lists them.
    #[must_use]
    pub fn in_place(&self, kind: ContactKind) -> Option<&Contact> {
        self.contacts.iter().flatten().find(|c| c.kind == kind)
    }

    /// The first mail contact the account had before a moment, with its place in `contacts`.
    #[must_use]
    pub fn mail_known_before(&self, moment: Millis) -> Option<(usize, &Contact)> {
        self.contacts
            .iter()
            .flatten()
            .enumerate()
            .find(|(_, c)| c.kind == ContactKind::Mail && c.known_before(moment))
    }
}

/// How an account's owner can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// By mail to a contact known from before the compromise.
    Mail,
    /// Only in the product, at the next sign-in.
    InProduct,
    /// Not at all.
    None,
}

/// A fingerprint of a credential as it stands: equal fingerprints, equal credential. Never the credential or its
/// stored hash, but a digest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CredentialVersion(pub Digest);

/// What an account proves itself with besides, or in place of, a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactorKind {
    /// Codes from an application (RFC 6238).
    Totp,
    /// A passkey: it signs in by itself.
    Passkey,
    /// A security key.
    Key,
}

/// One second factor, passkey or key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// The service's own name for it.
    pub id: FactorId,
    /// Of what kind.
    pub kind: FactorKind,
    /// The event by which it was added, where the service can tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub added_by: Option<EventId>,
}

/// What the service itself says of one account, now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountState {
    /// The record, with contacts as they are.
    pub record: Account,
    /// The credential's fingerprint; `None` where the account has no credential that could be required anew.
    pub credential: Option<CredentialVersion>,
    /// Sessions alive.
    pub sessions: Vec<SessionId>,
    /// Applications that hold a grant or token.
    pub grants: Vec<AppId>,
    /// Objects of this account that are hidden now.
    pub hidden: Vec<ObjectId>,
    /// Its second factors, passkeys and keys, as far as the service tells.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Factor>,
    /// Whether the account is taken off: nobody signs in, and no token opens anything.
    #[serde(default)]
    pub is_off: bool,
}

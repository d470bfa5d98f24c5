//! What the public is told. These types cannot hold an account: counts, a cause, moments, nothing else.

use crate::id::{IncidentId, Millis};
use serde::{Deserialize, Serialize};

/// A count as the public sees it: exact from ten on, otherwise "fewer than 10".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PublicCount {
    /// The count, rounded as the disclosure decided.
    About(u64),
    /// Fewer than ten.
    Few(Few),
}

/// The one word for a small count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Few {
    /// Fewer than ten.
    #[serde(rename = "fewer than 10")]
    FewerThan10,
}

impl std::fmt::Display for PublicCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::About(n) => write!(f, "{n}"),
            Self::Few(Few::FewerThan10) => f.write_str("fewer than 10"),
        }
    }
}

/// The figures a statement can't leave out, as they stand in the ledger.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Accounts believed compromised.
    pub believed_compromised: u64,
    /// Contained.
    pub contained: u64,
    /// Of these, by precaution.
    pub by_precaution: u64,
    /// Contained by mistake, as known now.
    pub by_mistake: u64,
    /// Of these, put back.
    pub put_back: u64,
    /// Notices accepted by a mail server.
    pub notices_sent: u64,
    /// Notices that could not be delivered.
    pub notices_failed: u64,
    /// Owners who are back.
    pub recovered: u64,
}

/// The figures as the public sees them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "as in `Figures`")]
pub struct PublicFigures {
    pub believed_compromised: PublicCount,
    pub contained: PublicCount,
    pub by_precaution: PublicCount,
    pub by_mistake: PublicCount,
    pub put_back: PublicCount,
    pub notices_sent: PublicCount,
    pub notices_failed: PublicCount,
    pub recovered: PublicCount,
}

/// What is known of the cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "known", content = "text", rename_all = "snake_case")]
pub enum Cause {
    /// It is known, and this is it.
    Known(String),
    /// It is not known yet; said so.
    NotYet,
}

/// How far an incident is, in the words of hosted status pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words of hosted status pages")]
pub enum IncidentState {
    Investigating,
    Identified,
    Monitoring,
    Resolved,
}

impl IncidentState {
    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Investigating => "investigating",
            Self::Identified => "identified",
            Self::Monitoring => "monitoring",
            Self::Resolved => "resolved",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Investigating, Self::Identified, Self::Monitoring, Self::Resolved]
            .into_iter()
            .find(|s| s.as_str() == name)
    }
}

/// One version of what the public was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The incident.
    pub incident: IncidentId,
    /// From 1; every version is kept.
    pub version: u32,
    /// How far it is.
    pub state: IncidentState,
    /// A short heading.
    pub title: String,
    /// The cause, or that it is not known.
    pub cause: Cause,
    /// In plain words.
    pub body: String,
    /// Whether this version corrects an earlier one.
    pub correction: bool,
    /// First act of the intruders, ms.
    pub first_act_at: Option<Millis>,
    /// Last act seen, ms.
    pub last_act_at: Option<Millis>,
    /// The figures when it was published.
    pub figures: PublicFigures,
    /// Whether one person alone decided on some of it, as a service with one administrator may.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub decided_by_one: bool,
    /// When, ms.
    pub published_at: Millis,
}

//! What a person says of an account after looking at its timeline.

use serde::{Deserialize, Serialize};

/// A person's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Label {
    /// Somebody else was in.
    Compromised,
    /// Only the owner was.
    NotCompromised,
    /// The timeline does not tell; counts as wrong in a review.
    CantTell,
}

impl Label {
    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compromised => "compromised",
            Self::NotCompromised => "not_compromised",
            Self::CantTell => "cant_tell",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Compromised, Self::NotCompromised, Self::CantTell].into_iter().find(|l| l.as_str() == name)
    }
}

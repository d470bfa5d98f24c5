//! What a check's note says of itself: how sure its figures are.

use serde::{Deserialize, Serialize};

/// How sure a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sure {
    /// Counted: nothing is left open.
    Exact,
    /// An estimate; the note states the bound and its confidence.
    Bounded,
    /// What it would take to tell is not there; the note says what.
    CannotTell,
}

impl Sure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Exact, Self::Bounded, Self::CannotTell];

    /// The name as it is stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Bounded => "bounded",
            Self::CannotTell => "cannot_tell",
        }
    }

    /// As people read it.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Exact => "counted exactly",
            Self::Bounded => "an estimate with a bound",
            Self::CannotTell => "cannot be told",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.as_str() == name)
    }
}

//! Probe accounts: accounts of ours, contained by the same code as everybody's and then really tried. Of all others a
//! credential is *confirmed* gone, never *refused*: nobody holds the intruder's secrets. A probe is nobody's account, and
//! never counts as one.

use crate::id::{AccountId, Millis};
use serde::{Deserialize, Serialize};

/// What somebody can hold of an account and get in with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbeKind {
    /// Its password: signs in.
    Password,
    /// A session that is open: goes on with it.
    Session,
    /// What an application was given: a token, an application password.
    Grant,
    /// A passkey or key that was added to it: signs in without its password.
    Passkey,
}

impl ProbeKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Password, Self::Session, Self::Grant, Self::Passkey];

    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Session => "session",
            Self::Grant => "grant",
            Self::Passkey => "passkey",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == name)
    }
}

/// What trying a credential came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tried {
    /// It opens the account.
    Accepted,
    /// It opens nothing.
    Refused,
    /// No answer that says either.
    CantTell,
}

impl Tried {
    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::CantTell => "cant_tell",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Accepted, Self::Refused, Self::CantTell].into_iter().find(|t| t.as_str() == name)
    }
}

/// When a credential is tried: what was not accepted before its account was contained proves nothing after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Before the wave.
    Before,
    /// After it, before its gate.
    After,
}

impl Side {
    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Before, Self::After].into_iter().find(|s| s.as_str() == name)
    }
}

/// What trying a credential before and after shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Not known yet: its account's turn has not come, or nobody can tell.
    Open,
    /// It opened the account, and opens nothing any more.
    Refused,
    /// It still opens the account, although every act on it was answered with *done*: what the service says is not so.
    Accepted,
    /// It shows nothing: it did not open the account before, or its account was not contained.
    Void,
}

impl Standing {
    /// What follows from both trials; `contained` says whether every act on the account was answered with *done*, and
    /// nothing while that is not known.
    #[must_use]
    pub fn of(before: Tried, contained: Option<bool>, after: Option<Tried>) -> Self {
        match (before, contained, after) {
            (Tried::Refused | Tried::CantTell, _, _) => Self::Void,
            (Tried::Accepted, None, _) | (Tried::Accepted, Some(_), None | Some(Tried::CantTell)) => {
                Self::Open
            }
            (Tried::Accepted, Some(_), Some(Tried::Refused)) => Self::Refused,
            (Tried::Accepted, Some(true), Some(Tried::Accepted)) => Self::Accepted,
            (Tried::Accepted, Some(false), Some(Tried::Accepted)) => Self::Void,
        }
    }

    /// The name as it is shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Refused => "refused",
            Self::Accepted => "accepted",
            Self::Void => "void",
        }
    }
}

/// A registered probe account, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// The account.
    pub account: AccountId,
    /// Credentials that are held and were in no wave yet, sorted.
    pub armed: Vec<ProbeKind>,
    /// Credentials that were in a wave: they have to be given anew, sorted.
    pub spent: Vec<ProbeKind>,
    /// Since when it is registered, ms.
    pub added_at: Millis,
    /// By whom.
    pub added_by: String,
}

/// The kinds among some that no probe tries, in order.
#[must_use]
pub fn untried<'a>(kinds: &[ProbeKind], tried: impl IntoIterator<Item = &'a [ProbeKind]>) -> Vec<ProbeKind> {
    let tried: Vec<ProbeKind> = tried.into_iter().flatten().copied().collect();
    ProbeKind::ALL.into_iter().filter(|k| kinds.contains(k) && !tried.contains(k)).collect()
}

/// Kinds of credential as people read them: *password, session*; *none*.
#[must_use]
pub fn named(kinds: &[ProbeKind]) -> String {
    if kinds.is_empty() {
        return "none".to_owned();
    }
    kinds.iter().map(|k| k.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        assert!(ProbeKind::ALL.into_iter().all(|k| ProbeKind::from_name(k.as_str()) == Some(k)));
        for tried in [Tried::Accepted, Tried::Refused, Tried::CantTell] {
            assert_eq!(Tried::from_name(tried.as_str()), Some(tried));
        }
        for side in [Side::Before, Side::After] {
            assert_eq!(Side::from_name(side.as_str()), Some(side));
        }
    }

    #[test]
    fn only_what_was_accepted_before_and_is_refused_after_shows_that_it_is_gone() {
        use Tried::{Accepted, CantTell, Refused};
        let cases = [
            (Accepted, None, None, Standing::Open),
            (Accepted, None, Some(Accepted), Standing::Open),
            (Accepted, Some(true), None, Standing::Open),
            (Accepted, Some(true), Some(CantTell), Standing::Open),
            (Accepted, Some(true), Some(Refused), Standing::Refused),
            (Accepted, Some(true), Some(Accepted), Standing::Accepted),
            (Accepted, Some(false), Some(Accepted), Standing::Void),
            (Accepted, Some(false), Some(Refused), Standing::Refused),
            (Refused, Some(true), Some(Refused), Standing::Void),
            (CantTell, Some(true), Some(Refused), Standing::Void),
        ];
        for (before, contained, after, expected) in cases {
            assert_eq!(
                Standing::of(before, contained, after),
                expected,
                "{before:?} {contained:?} {after:?}"
            );
        }
    }

    #[test]
    fn what_is_there_and_nobody_tries_is_named() {
        use ProbeKind::{Grant, Password, Session};
        let tried: [&[ProbeKind]; 2] = [&[Session], &[Password]];
        assert_eq!(untried(&[Password, Session, Grant], tried), [Grant]);
        assert_eq!(untried(&[Password], []), [Password]);
        assert_eq!(untried(&[Session], tried), []);
        assert_eq!(
            (named(&[]), named(&[Password, Grant])),
            ("none".to_owned(), "password, grant".to_owned())
        );
    }
}

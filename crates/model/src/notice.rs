//! The states of a message that is owed to an owner.

use serde::{Deserialize, Serialize};

/// A notice's states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// Written with the intent; not to be sent yet.
    Owed,
    /// The act is confirmed: to be sent.
    Due,
    /// Handed to the mail server, no answer yet: sent again under the same Message-ID.
    Sending,
    /// Accepted by the mail server.
    Sent,
    /// Refused for good: the in-product notice is the way left.
    Failed,
    /// Nothing was done to the account after all.
    Void,
}

impl NoticeState {
    /// The name as it is stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Owed => "owed",
            Self::Due => "due",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Void => "void",
        }
    }

    /// Reads a stored name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Owed, Self::Due, Self::Sending, Self::Sent, Self::Failed, Self::Void]
            .into_iter()
            .find(|s| s.as_str() == name)
    }
}

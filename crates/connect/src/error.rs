//! What can go wrong between us and a service; never with a value from the service's tables in it.

use respond::port::PortError;

/// An error of a connector: names the place, says what was left undone and what to do next.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// A setting can't be right.
    #[error("setting `{key}`: {reason}")]
    Setting {
        /// The setting's name.
        key: &'static str,
        /// What is wrong and what would be right.
        reason: String,
    },
    /// No connection; nothing was done.
    #[error("{place} can't be reached: {reason}; nothing was done, see that it runs and is allowed")]
    Unreachable {
        /// Which service or database.
        place: String,
        /// Why.
        reason: String,
    },
    /// It is there but has no time; nothing was done.
    #[error("{place} is busy ({reason}); nothing was done, try again")]
    Busy {
        /// Which service or database.
        place: String,
        /// Its own code.
        reason: String,
    },
    /// The connection ended before the answer came: the act may or may not have taken effect.
    #[error("{place} gave no answer ({reason}); ask before doing it again")]
    Lost {
        /// Which service or database.
        place: String,
        /// What was seen.
        reason: String,
    },
    /// It was refused for good, by the service or by us; nothing was done.
    #[error("{place}: {reason}")]
    Refused {
        /// Which service or database.
        place: String,
        /// Why, and what to do.
        reason: String,
    },
}

impl From<ConnectError> for PortError {
    fn from(error: ConnectError) -> Self {
        let text = error.to_string();
        match error {
            ConnectError::Unreachable { .. } | ConnectError::Busy { .. } => Self::Busy(text),
            ConnectError::Lost { .. } => Self::NoAnswer(text),
            ConnectError::Setting { .. } | ConnectError::Refused { .. } => Self::Refused(text),
        }
    }
}

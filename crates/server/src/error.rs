//! The one error of the edge: what kind, what and where, and what to do next.

use std::fmt;

/// How a command ends, as its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Refused or failed: 1.
    Failed,
    /// Called with the wrong words: 2.
    Usage,
    /// Waits for an approval: 3.
    NeedsApproval,
    /// Halted by itself: 4.
    Halted,
}

impl Kind {
    /// The exit code of the contract.
    pub(crate) fn exit_code(self) -> u8 {
        match self {
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NeedsApproval => 3,
            Self::Halted => 4,
        }
    }
}

/// What a command says when it does not do what was asked.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) kind: Kind,
    cause: String,
    hint: Option<String>,
    /// Whether the command's own JSON value says it already.
    pub(crate) is_said: bool,
}

/// The result of everything at the edge.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Refused or failed, with the cause.
    pub(crate) fn failed(cause: impl fmt::Display) -> Self {
        Self { kind: Kind::Failed, cause: cause.to_string(), hint: None, is_said: false }
    }

    /// Wrong usage.
    pub(crate) fn usage(cause: impl fmt::Display) -> Self {
        Self { kind: Kind::Usage, ..Self::failed(cause) }
    }

    /// Waits for an approval.
    pub(crate) fn needs_approval(cause: impl fmt::Display) -> Self {
        Self { kind: Kind::NeedsApproval, ..Self::failed(cause) }
    }

    /// Halted by itself.
    pub(crate) fn halted(cause: impl fmt::Display) -> Self {
        Self { kind: Kind::Halted, ..Self::failed(cause) }
    }

    /// The same with what to do next.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, where the command's own JSON value says it already.
    #[must_use]
    pub(crate) fn said(mut self) -> Self {
        self.is_said = true;
        self
    }

    /// As one JSON value, in the words of RFC 9457.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::json!({
            "type": "about:blank",
            "title": match self.kind {
                Kind::Failed => "refused or failed",
                Kind::Usage => "wrong usage",
                Kind::NeedsApproval => "needs an approval",
                Kind::Halted => "halted by itself",
            },
            "detail": self.cause,
            "next": self.hint,
        })
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cause)?;
        match &self.hint {
            Some(hint) => write!(f, "\n  next: {hint}"),
            None => Ok(()),
        }
    }
}

/// Errors of the rooms that say everything themselves.
macro_rules! says_it_all {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Error {
            fn from(error: $error) -> Self {
                Self::failed(error)
            }
        }
    )+};
}

says_it_all!(
    model::CanonicalError,
    model::policy::PolicyError,
    model::seal::SealError,
    model::audit::CheckpointError,
    model::signed_note::NoteError,
    store::StoreError,
    hunt::HuntError,
    respond::port::PortError,
    respond::RespondError,
    respond::vault::VaultError,
    page::Error,
    serde_json::Error,
);

/// An error of the file system, with the place.
pub(crate) fn at(path: &std::path::Path) -> impl Fn(std::io::Error) -> Error + '_ {
    move |e| Error::failed(format!("{}: {e}", path.display()))
}

//! The closed list of acts, each with its undo or *none*, and what a plan of each purpose may hold.

use crate::account::{ContactKind, CredentialVersion};
use crate::id::{AppId, Digest, FactorId, Millis, ObjectId, RunId};
use serde::{Deserialize, Serialize};

/// Which grants an act revokes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grants {
    /// Every grant, token and application password of the account.
    All,
    /// Just these applications'.
    Of(Vec<AppId>),
}

/// One act on one account: the closed list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Act {
    /// Replace the credential by a random one nobody knows, if it still is the one named.
    RequireNewCredential {
        /// The credential the plan was made against.
        guard: CredentialVersion,
    },
    /// End every session.
    EndSessions,
    /// Revoke grants and tokens.
    RevokeGrants {
        /// Which.
        grants: Grants,
    },
    /// Hide objects from everybody but their owner.
    HideObjects {
        /// The intruder's, as attributed.
        objects: Vec<ObjectId>,
    },
    /// Take the account off for a while, until what can't be revoked has died; it ends by itself.
    Hold {
        /// From the moment of its intent to its end, ms.
        lasts_ms: Millis,
    },
    /// Put back a contact that the intruder changed, if theirs still is in place. Also its own undo, with both exchanged.
    PutBackContact {
        /// Mail or phone.
        kind: ContactKind,
        /// SHA-256 of the contact that must be in place.
        in_place: Digest,
        /// SHA-256 of the one that comes back.
        before: Digest,
    },
    /// Remove a second factor, passkey or key that the intruder added.
    RemoveFactor {
        /// Which.
        factor: FactorId,
    },
    /// Undo: the owner sets a new credential.
    Waive,
    /// Undo: put the old credential back, if the one in place is ours.
    RestoreCredential,
    /// Undo: show hidden objects again.
    ShowObjects {
        /// Which.
        objects: Vec<ObjectId>,
    },
    /// Undo: our hold ends before its time.
    Release,
    /// Undo: add a removed factor again, from what was sealed of it.
    AddFactor {
        /// Which.
        factor: FactorId,
    },
}

/// The name of an act, without its particulars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "named as in `Act`")]
pub enum ActKind {
    RequireNewCredential,
    EndSessions,
    RevokeGrants,
    HideObjects,
    Hold,
    PutBackContact,
    RemoveFactor,
    Waive,
    RestoreCredential,
    ShowObjects,
    Release,
    AddFactor,
}

impl ActKind {
    /// The name as it is written in plans, tables and the audit.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RequireNewCredential => "require_new_credential",
            Self::EndSessions => "end_sessions",
            Self::RevokeGrants => "revoke_grants",
            Self::HideObjects => "hide_objects",
            Self::Hold => "hold",
            Self::PutBackContact => "put_back_contact",
            Self::RemoveFactor => "remove_factor",
            Self::Waive => "waive",
            Self::RestoreCredential => "restore_credential",
            Self::ShowObjects => "show_objects",
            Self::Release => "release",
            Self::AddFactor => "add_factor",
        }
    }

    /// Whether it may be done where nobody knows who moved the credential: nothing that the owner chose is overwritten.
    #[must_use]
    pub fn is_good_for_moved(self) -> bool {
        match self {
            Self::EndSessions | Self::RevokeGrants | Self::Hold => true,
            Self::RequireNewCredential
            | Self::HideObjects
            | Self::PutBackContact
            | Self::RemoveFactor
            | Self::Waive
            | Self::RestoreCredential
            | Self::ShowObjects
            | Self::Release
            | Self::AddFactor => false,
        }
    }

    /// How the act is taken back, in the policy's words; *none* is an answer that the approver sees.
    #[must_use]
    pub fn undo(self) -> &'static str {
        match self {
            Self::RequireNewCredential => "waive, or restore for the exonerated",
            Self::HideObjects => "show",
            Self::ShowObjects => "hide",
            Self::Hold => "release; it ends by itself",
            Self::PutBackContact => "put back the other",
            Self::RemoveFactor => "add again, where the service lets it be kept sealed",
            Self::AddFactor => "remove",
            Self::EndSessions
            | Self::RevokeGrants
            | Self::Waive
            | Self::RestoreCredential
            | Self::Release => "none",
        }
    }
}

impl Act {
    /// The act's name.
    #[must_use]
    pub fn kind(&self) -> ActKind {
        match self {
            Self::RequireNewCredential { .. } => ActKind::RequireNewCredential,
            Self::EndSessions => ActKind::EndSessions,
            Self::RevokeGrants { .. } => ActKind::RevokeGrants,
            Self::HideObjects { .. } => ActKind::HideObjects,
            Self::Hold { .. } => ActKind::Hold,
            Self::Waive => ActKind::Waive,
            Self::RestoreCredential => ActKind::RestoreCredential,
            Self::ShowObjects { .. } => ActKind::ShowObjects,
            Self::Release => ActKind::Release,
            Self::PutBackContact { .. } => ActKind::PutBackContact,
            Self::RemoveFactor { .. } => ActKind::RemoveFactor,
            Self::AddFactor { .. } => ActKind::AddFactor,
        }
    }

    /// The credential it is guarded by, for an act that replaces one.
    #[must_use]
    pub fn guard(&self) -> Option<CredentialVersion> {
        match self {
            Self::RequireNewCredential { guard } => Some(*guard),
            Self::EndSessions
            | Self::RevokeGrants { .. }
            | Self::HideObjects { .. }
            | Self::Hold { .. }
            | Self::Waive
            | Self::RestoreCredential
            | Self::ShowObjects { .. }
            | Self::Release
            | Self::PutBackContact { .. }
            | Self::RemoveFactor { .. }
            | Self::AddFactor { .. } => None,
        }
    }

    /// The objects it hides.
    #[must_use]
    pub fn hides(&self) -> &[ObjectId] {
        match self {
            Self::HideObjects { objects } => objects,
            Self::RequireNewCredential { .. }
            | Self::EndSessions
            | Self::RevokeGrants { .. }
            | Self::Hold { .. }
            | Self::Waive
            | Self::RestoreCredential
            | Self::ShowObjects { .. }
            | Self::Release
            | Self::PutBackContact { .. }
            | Self::RemoveFactor { .. }
            | Self::AddFactor { .. } => &[],
        }
    }

    /// The objects it shows again.
    #[must_use]
    pub fn shows(&self) -> &[ObjectId] {
        match self {
            Self::ShowObjects { objects } => objects,
            Self::RequireNewCredential { .. }
            | Self::EndSessions
            | Self::RevokeGrants { .. }
            | Self::HideObjects { .. }
            | Self::Hold { .. }
            | Self::Waive
            | Self::RestoreCredential
            | Self::Release
            | Self::PutBackContact { .. }
            | Self::RemoveFactor { .. }
            | Self::AddFactor { .. } => &[],
        }
    }

    /// The applications whose grants it revokes by name.
    #[must_use]
    pub fn apps(&self) -> &[AppId] {
        match self {
            Self::RevokeGrants { grants: Grants::Of(apps) } => apps,
            Self::RevokeGrants { grants: Grants::All }
            | Self::RequireNewCredential { .. }
            | Self::EndSessions
            | Self::HideObjects { .. }
            | Self::Hold { .. }
            | Self::Waive
            | Self::RestoreCredential
            | Self::ShowObjects { .. }
            | Self::Release
            | Self::PutBackContact { .. }
            | Self::RemoveFactor { .. }
            | Self::AddFactor { .. } => &[],
        }
    }

    /// The contacts it refers to, by their digests.
    #[must_use]
    pub fn contacts(&self) -> Vec<Digest> {
        match self {
            Self::PutBackContact { kind: _, in_place, before } => vec![*in_place, *before],
            Self::RequireNewCredential { .. }
            | Self::EndSessions
            | Self::RevokeGrants { .. }
            | Self::HideObjects { .. }
            | Self::Hold { .. }
            | Self::RemoveFactor { .. }
            | Self::Waive
            | Self::RestoreCredential
            | Self::ShowObjects { .. }
            | Self::Release
            | Self::AddFactor { .. } => Vec::new(),
        }
    }

    /// The factor it removes.
    #[must_use]
    pub fn removes(&self) -> Option<&FactorId> {
        match self {
            Self::RemoveFactor { factor } => Some(factor),
            Self::RequireNewCredential { .. }
            | Self::EndSessions
            | Self::RevokeGrants { .. }
            | Self::HideObjects { .. }
            | Self::Hold { .. }
            | Self::PutBackContact { .. }
            | Self::Waive
            | Self::RestoreCredential
            | Self::ShowObjects { .. }
            | Self::Release
            | Self::AddFactor { .. } => None,
        }
    }

    /// How long it takes the account off, ms.
    #[must_use]
    pub fn holds_ms(&self) -> Option<Millis> {
        match self {
            Self::Hold { lasts_ms } => Some(*lasts_ms),
            Self::RequireNewCredential { .. }
            | Self::EndSessions
            | Self::RevokeGrants { .. }
            | Self::HideObjects { .. }
            | Self::Waive
            | Self::RestoreCredential
            | Self::ShowObjects { .. }
            | Self::Release
            | Self::PutBackContact { .. }
            | Self::RemoveFactor { .. }
            | Self::AddFactor { .. } => None,
        }
    }
}

/// What a plan is for; its acts must fit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Purpose {
    /// Stop the harm.
    Contain,
    /// Take back what a run did, for some of its accounts.
    Undo {
        /// The run.
        run: RunId,
    },
    /// Stop the harm for two hours, on one person's word: sessions ended or accounts held.
    Brake,
}

impl Purpose {
    /// Whether a plan of this purpose may hold such an act.
    #[must_use]
    pub fn allows(&self, act: ActKind) -> bool {
        match act {
            ActKind::RequireNewCredential
            | ActKind::RevokeGrants
            | ActKind::HideObjects
            | ActKind::RemoveFactor => {
                matches!(self, Self::Contain)
            }
            ActKind::PutBackContact => matches!(self, Self::Contain | Self::Undo { .. }),
            // A brake holds and ends, and never resets.
            ActKind::Hold => matches!(self, Self::Contain | Self::Brake),
            ActKind::EndSessions => true,
            ActKind::Waive
            | ActKind::RestoreCredential
            | ActKind::ShowObjects
            | ActKind::Release
            | ActKind::AddFactor => {
                matches!(self, Self::Undo { .. })
            }
        }
    }
}

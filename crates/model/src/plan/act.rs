//! The closed list of acts, each with its undo or *none*, and what a plan of each purpose may hold.

use crate::account::{ContactKind, CredentialVersion};
use crate::id::{AccountId, AppId, Digest, FactorId, Millis, ObjectId, RunId};
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

/// The table of acts: name, particulars, written name, undo, purposes of plans that may hold it, and whether it may be
/// done where nobody knows who moved the credential.
macro_rules! acts {
    ($(
        $(#[doc = $what:literal])*
        $name:ident $({ $($(#[doc = $which:literal])* $field:ident: $type:ty,)* })?
            = $text:literal, undo $undo:literal, in [$($purpose:ident),*], moved $moved:literal;
    )*) => {
        /// One act on one account: the closed list.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "act", rename_all = "snake_case")]
        pub enum Act {
            $($(#[doc = $what])* $name $({ $($(#[doc = $which])* $field: $type,)* })?,)*
        }

        /// The name of an act, without its particulars.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ActKind {
            $($(#[doc = $what])* $name,)*
        }

        impl ActKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The name as it is written in plans, tables and the audit.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }

            /// Whether it may be done where nobody knows who moved the credential: nothing that the owner chose is
            /// overwritten.
            #[must_use]
            pub fn is_good_for_moved(self) -> bool {
                match self {
                    $(Self::$name => $moved,)*
                }
            }

            /// How the act is taken back, in the policy's words; *none* is an answer that the approver sees.
            #[must_use]
            pub fn undo(self) -> &'static str {
                match self {
                    $(Self::$name => $undo,)*
                }
            }
        }

        impl Act {
            /// The act's name.
            #[must_use]
            pub fn kind(&self) -> ActKind {
                match self {
                    $(Self::$name { .. } => ActKind::$name,)*
                }
            }
        }

        impl Purpose {
            /// Whether a plan of this purpose may hold such an act.
            #[must_use]
            pub fn allows(&self, act: ActKind) -> bool {
                match act {
                    $(ActKind::$name => matches!(self, $(Self::$purpose { .. })|*),)*
                }
            }
        }
    };
}

acts! {
    /// Replace the credential by a random one nobody knows, if it still is the one named.
    RequireNewCredential {
        /// The credential the plan was made against.
        guard: CredentialVersion,
    } = "require_new_credential", undo "waive, or restore for the exonerated", in [Contain], moved false;
    /// End every session.
    EndSessions = "end_sessions", undo "none", in [Contain, Undo, Brake], moved true;
    /// Revoke grants and tokens.
    RevokeGrants {
        /// Which.
        grants: Grants,
    } = "revoke_grants", undo "none", in [Contain], moved true;
    /// Hide objects from everybody but their owner.
    HideObjects {
        /// The intruder's, as attributed.
        objects: Vec<ObjectId>,
    } = "hide_objects", undo "show", in [Contain, Addendum], moved false;
    /// Stop following accounts that the intruder began to follow.
    Unfollow {
        /// Those that were followed in the intruder's hand alone.
        accounts: Vec<AccountId>,
    } = "unfollow", undo "none", in [Contain], moved false;
    /// Take back likes that the intruder gave.
    Unlike {
        /// What was liked in the intruder's hand alone.
        objects: Vec<ObjectId>,
    } = "unlike", undo "none", in [Contain], moved false;
    /// Take the account off for a while, until what can't be revoked has died; it ends by itself.
    Hold {
        /// From the moment of its intent to its end, ms.
        lasts_ms: Millis,
    } = "hold", undo "release; it ends by itself", in [Contain, Brake], moved true;
    /// Put back a contact that the intruder changed, if theirs still is in place. Also its own undo, with both exchanged.
    PutBackContact {
        /// Mail or phone.
        kind: ContactKind,
        /// SHA-256 of the contact that must be in place.
        in_place: Digest,
        /// SHA-256 of the one that comes back.
        before: Digest,
    } = "put_back_contact", undo "put back the other", in [Contain, Undo], moved false;
    /// Remove a second factor, passkey or key that the intruder added.
    RemoveFactor {
        /// Which.
        factor: FactorId,
    } = "remove_factor", undo "add again, where the service lets it be kept sealed", in [Contain], moved false;
    /// Undo: the owner sets a new credential.
    Waive = "waive", undo "none", in [Undo], moved false;
    /// Undo: put the old credential back, if the one in place is ours.
    RestoreCredential = "restore_credential", undo "none", in [Undo], moved false;
    /// Undo: show hidden objects again.
    ShowObjects {
        /// Which.
        objects: Vec<ObjectId>,
    } = "show_objects", undo "hide", in [Undo], moved false;
    /// Undo: our hold ends before its time.
    Release = "release", undo "none", in [Undo], moved false;
    /// Undo: add a removed factor again, from what was sealed of it.
    AddFactor {
        /// Which.
        factor: FactorId,
    } = "add_factor", undo "remove", in [Undo], moved false;
}

impl Act {
    /// The credential it is guarded by, for an act that replaces one.
    #[must_use]
    pub fn guard(&self) -> Option<CredentialVersion> {
        if let Self::RequireNewCredential { guard } = self { Some(*guard) } else { None }
    }

    /// The objects it hides.
    #[must_use]
    pub fn hides(&self) -> &[ObjectId] {
        if let Self::HideObjects { objects } = self { objects } else { &[] }
    }

    /// The objects it shows again.
    #[must_use]
    pub fn shows(&self) -> &[ObjectId] {
        if let Self::ShowObjects { objects } = self { objects } else { &[] }
    }

    /// The accounts it stops following.
    #[must_use]
    pub fn unfollows(&self) -> &[AccountId] {
        if let Self::Unfollow { accounts } = self { accounts } else { &[] }
    }

    /// The objects whose likes it takes back.
    #[must_use]
    pub fn unlikes(&self) -> &[ObjectId] {
        if let Self::Unlike { objects } = self { objects } else { &[] }
    }

    /// The applications whose grants it revokes by name.
    #[must_use]
    pub fn apps(&self) -> &[AppId] {
        if let Self::RevokeGrants { grants: Grants::Of(apps) } = self { apps } else { &[] }
    }

    /// The contacts it refers to, by their digests.
    #[must_use]
    pub fn contacts(&self) -> Vec<Digest> {
        if let Self::PutBackContact { in_place, before, .. } = self {
            vec![*in_place, *before]
        } else {
            Vec::new()
        }
    }

    /// The factor it removes.
    #[must_use]
    pub fn removes(&self) -> Option<&FactorId> {
        if let Self::RemoveFactor { factor } = self { Some(factor) } else { None }
    }

    /// How long it takes the account off, ms.
    #[must_use]
    pub fn holds_ms(&self) -> Option<Millis> {
        if let Self::Hold { lasts_ms } = self { Some(*lasts_ms) } else { None }
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
    /// Hide what the same hand made after a containment plan was sealed, on accounts that its run contained.
    Addendum {
        /// The run of that plan.
        run: RunId,
        /// The digest of that plan.
        to: Digest,
    },
}

impl Purpose {
    /// Whether it acts on what owners may not have wished, so that they are waited for at its gates. They are not where
    /// a plan takes back what was done, nor by a brake.
    #[must_use]
    pub fn asks_owners(&self) -> bool {
        match self {
            Self::Contain | Self::Addendum { .. } => true,
            Self::Undo { .. } | Self::Brake => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_names_are_those_of_the_plan_file() {
        for kind in ActKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str(), "{kind:?}");
        }
        let act = Act::Unfollow { accounts: vec!["u1".into()] };
        assert_eq!(serde_json::to_string(&act).unwrap(), r#"{"act":"unfollow","accounts":["u1"]}"#);
        assert_eq!(serde_json::to_value(Act::Waive).unwrap(), serde_json::json!({ "act": "waive" }));
    }

    #[test]
    fn what_takes_back_is_no_containment_and_a_brake_only_holds_and_ends() {
        let undo = Purpose::Undo { run: "r".into() };
        for kind in ActKind::ALL.iter().copied() {
            let both = Purpose::Contain.allows(kind) && undo.allows(kind);
            assert_eq!(both, matches!(kind, ActKind::EndSessions | ActKind::PutBackContact), "{kind:?}");
            assert!(Purpose::Contain.allows(kind) || undo.allows(kind), "{kind:?} is in no plan");
            let braked = Purpose::Brake.allows(kind);
            assert_eq!(braked, matches!(kind, ActKind::EndSessions | ActKind::Hold), "{kind:?}");
            assert!(!kind.is_good_for_moved() || Purpose::Contain.allows(kind), "{kind:?}");
        }
    }

    #[test]
    fn an_addendum_hides_objects_and_does_nothing_else() {
        let addendum = Purpose::Addendum { run: "r".into(), to: Digest::of(b"plan") };
        for kind in ActKind::ALL.iter().copied() {
            assert_eq!(addendum.allows(kind), kind == ActKind::HideObjects, "{kind:?}");
        }
        let written = serde_json::to_value(&addendum).unwrap();
        assert_eq!(written["kind"], "addendum");
        assert_eq!(serde_json::from_value::<Purpose>(written).unwrap(), addendum);
    }
}

//! The states of a run and of its steps.

use crate::account::CredentialVersion;
use crate::id::Millis;
use serde::{Deserialize, Serialize};

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $state:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $state),+ }

        impl $name {
            /// The name as it is stored and shown.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$state => $text),+ }
            }

            /// Reads a stored name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$state),)+ _ => None }
            }
        }
    };
}

states! {
    /// A run's states.
    RunState {
        /// Permitted, nothing done.
        Armed = "armed",
        /// Acting, or between two waves with a gate that has not yet enough to say go.
        Running = "running",
        /// Starts nothing new.
        Halted = "halted",
        /// Every wave is through.
        Done = "done",
    }
}

states! {
    /// A step's states: intent is committed before the call, the outcome after it.
    StepState {
        /// Written down; the call may or may not have reached the service.
        Intended = "intended",
        /// The service confirmed it.
        Done = "done",
        /// Not done, for a reason on record (a premise no longer held).
        Skipped = "skipped",
        /// Refused by the service, for good.
        Failed = "failed",
        /// No answer: the service must be asked.
        Unknown = "unknown",
    }
}

states! {
    /// How far a hold is: an account taken off for a while.
    HoldState {
        /// Written down; the call may or may not have reached the service.
        Intended = "intended",
        /// The account was off before us: somebody else's doing.
        Found = "found",
        /// We took it off.
        Ours = "ours",
        /// It was not taken off by us: nothing to give back.
        Left = "left",
        /// Its time is over, and the service is being told.
        Ending = "ending",
        /// Its time is over, and the account is on again, as far as it was ours to say.
        Ended = "ended",
        /// An undo ended it before its time.
        Released = "released",
    }
}

states! {
    /// Why an undo is stuck: a part of it could not be done, and a person must look.
    Stuck {
        /// The service refused for good.
        Refused = "refused",
        /// The credential in place is neither ours nor the old one: somebody has changed it since.
        CredentialMoved = "credential_moved",
        /// The contact in place is not the one to be taken out: somebody has changed it since.
        ContactMoved = "contact_moved",
        /// What a factor would be added from is not there: it could not be kept, or was destroyed with the undo window.
        FactorLost = "factor_lost",
        /// What was to be shown again is not there any more.
        ObjectGone = "object_gone",
        /// The service does not know the account any more.
        AccountGone = "account_gone",
        /// Something that must come before was not done.
        NotInOrder = "not_in_order",
    }
}

impl Stuck {
    /// What a person can do.
    #[must_use]
    pub fn todo(self) -> &'static str {
        match self {
            Self::Refused => {
                "read what the service said, mend it there, then `rightful run resume` tries again"
            }
            Self::CredentialMoved => {
                "it is left as it is; ask the owner whether they changed it, and help them to recover if they did not"
            }
            Self::ContactMoved => {
                "it is left as it is; tell the owner which contact is in place, and help them to change it if it is wrong"
            }
            Self::FactorLost => "ask the owner to add it anew once they are back",
            Self::ObjectGone => "nothing can be shown any more; tell the owner what is missing",
            Self::AccountGone => {
                "ask the service whether the account was closed; an owner who closed it needs nothing"
            }
            Self::NotInOrder => "see to the act before it, then `rightful run resume` tries again",
        }
    }

    /// Whether trying again may help: where something is gone or moved, it stays so.
    #[must_use]
    pub fn may_be_tried_again(self) -> bool {
        match self {
            Self::Refused | Self::NotInOrder => true,
            Self::CredentialMoved
            | Self::ContactMoved
            | Self::FactorLost
            | Self::ObjectGone
            | Self::AccountGone => false,
        }
    }
}

states! {
    /// Who moved a credential between sealing and act.
    Mover {
        /// Its owner: by a recovery, or by a hand that a later hunt gives to them.
        Owner = "owner",
        /// The intruder, by a later hunt.
        Intruder = "intruder",
        /// Nobody can tell.
        Unknown = "unknown",
    }
}

/// What is on record of an account's credential: as plans named it, and what became of it since.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnRecord {
    /// As the latest plan named it.
    pub version: CredentialVersion,
    /// When a plan first named it so, ms.
    pub since: Millis,
    /// Those that we put in place.
    pub ours: Vec<CredentialVersion>,
    /// When its owner last came back by a recovery, ms.
    pub recovered_at: Option<Millis>,
    /// Whether a person was asked who changed it, and has not answered yet.
    pub is_asked: bool,
    /// When a person who was asked said that the account is compromised, ms.
    pub answered_at: Option<Millis>,
}

states! {
    /// Why an account needs a person.
    PersonNeeded {
        /// Its owner can't be told in any way: contained, and nobody knows.
        Unreachable = "unreachable",
        /// Its credential was changed after sealing, and nobody knows by whom.
        MovedUnknown = "moved_unknown",
        /// Its credential was changed after sealing, by the intruder: a plan must seal the new one.
        MovedByIntruder = "moved_by_intruder",
        /// A contact or factor in place was set by nobody knows whom, since the intruder came.
        SetByUnknown = "set_by_unknown",
        /// A part of an undo could not be done.
        Stuck = "stuck",
    }
}

impl PersonNeeded {
    /// What a person can do.
    #[must_use]
    pub fn todo(self) -> &'static str {
        match self {
            Self::Unreachable => {
                "find the owner another way before the hold ends; then label the case, or close it with a note"
            }
            Self::MovedUnknown => {
                "look at the timeline, or ask the owner, before the hold ends; if it was the intruder, label the case \
                 compromised and draft a plan, which seals the new credential"
            }
            Self::SetByUnknown => {
                "ask the owner, before the hold ends, whether the contacts and second factors of the account are theirs; what is \
                 not, take out at the service; then label the case, or close it with a note"
            }
            Self::MovedByIntruder => "hunt again and draft a plan: it seals the new credential",
            Self::Stuck => "`rightful run show` says what is stuck, and what can be done about it",
        }
    }
}

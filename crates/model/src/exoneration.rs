//! Why somebody is exonerated, and what proves a dispute: words that are kept on record, never decided here.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $word:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $word),+ }

        impl $name {
            /// The name as it is stored and shown.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text),+ }
            }

            /// Reads a stored name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $($text => Some(Self::$word),)+ _ => None }
            }
        }
    };
}

words! {
    /// The three ways to be exonerated; only they bring an old credential back.
    Way {
        /// A signal was withdrawn, and without it the policy is not reached.
        Retracted = "retracted",
        /// The owner's *that was me* was proved.
        Disputed = "disputed",
        /// A person looked and says: not compromised.
        Labelled = "labelled",
    }
}

words! {
    /// What proves that whoever says *that was me* is the owner: nothing that rests on the mailbox.
    Proof {
        /// A device that the account was used from before the window, by a hand that is not the intruder's.
        Device = "device",
        /// A passkey registered before the window.
        Passkey = "passkey",
        /// An operator of the service's support looked into it and says so.
        Support = "support",
    }
}

impl Proof {
    /// In words, for the record.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Device => "a device known from before",
            Self::Passkey => "a passkey from before",
            Self::Support => "support",
        }
    }
}

/// One account's exoneration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exoneration {
    /// By which way.
    pub way: Way,
    /// One sentence, for the record and the approver.
    pub why: String,
}

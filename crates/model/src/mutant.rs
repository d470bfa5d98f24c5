//! Broken twins: for each thing that the executor and the ledger keep, the one place where it would be lost.
//!
//! `verify` switches one on at a time and sees that its own judge reports it, and no other's. The cargo feature
//! `mutants` is asked for by its tests alone; without it [`is_on`] is a constant, and no twin is in the program.

macro_rules! mutants {
    ($($(#[doc = $what:literal])* $name:ident,)*) => {
        /// A way in which the hands, or their memory, would break what never changes.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mutant {
            $($(#[doc = $what])* $name,)*
        }

        impl Mutant {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];
        }
    };
}

mutants! {
    /// An entry is taken for sealed without being held against its line.
    BelievesEntries,
    /// Consent is asked for when a plan is armed, and never again.
    SkipsConsent,
    /// A plan is carried out after its time.
    IgnoresExpiry,
    /// A plan for one service is carried out at another.
    TakesAnotherService,
    /// The halt file is not looked at.
    IgnoresHaltFile,
    /// A run is worked on while another process holds it.
    TakesAnyLease,
    /// Whoever lost a run's lease goes on writing.
    IgnoresFence,
    /// One person makes a brake longer.
    LengthensOnOneWord,
    /// A wave begins without a gate that says go.
    StartsWithoutGo,
    /// Acts are done beyond the hour's limit.
    ActsBeyondLimit,
    /// The service is called before the intent is kept.
    CallsBeforeIntent,
    /// What came of a call is not kept.
    ForgetsOutcomes,
    /// A refusal is kept as done.
    TakesRefusalForDone,
    /// A lost answer is taken for a good one, and nobody asks.
    GuessesUnknown,
    /// A step of which an answer was lost is kept as failed where a later call is refused.
    TakesRefusalForAll,
    /// The service is called as fast as it goes.
    CallsTooFast,
    /// A service that wants to be left alone is called on.
    CallsOnWhenThrottled,
    /// An undo does not wait for calls of its run that may still take effect.
    UndoesBesideLateCalls,
    /// A hold has ended while the call that takes the account off may still take effect.
    ForgetsLateHolds,
    /// Owners are contained in their own night.
    ActsByNight,
    /// A probe account is not tried before its wave, and taken for one that can be got into.
    BeginsUnproved,
    /// A probe account is not tried after its wave: what the service says of it is believed.
    BelievesTheService,
    /// Probe accounts are counted among the owners that an hour may have.
    CountsProbes,
    /// An account that is gone is acted on as it was when the plan was sealed.
    ActsOnGonePremise,
    /// The ledger is taken for up to date, whatever the service holds.
    TrustsOldLedger,
    /// A credential that moved since sealing is replaced all the same.
    OverwritesMoved,
    /// What is sealed before a credential is replaced is not the old one.
    KeepsNothingToRestore,
    /// A case that its owner disputed is acted on.
    ForgetsDisputes,
    /// No notice is owed with the intent.
    OwesNoNotice,
    /// A notice is due before it is known what was done.
    TellsBeforeItIsKnown,
    /// A notice says what was planned.
    TellsWhatWasPlanned,
    /// A notice that is sent again looks like another one.
    RenamesRepeats,
    /// An old credential is put back beside sessions that could not be ended.
    RestoresBesideSessions,
    /// An undo that restores somebody who is not exonerated is sealed.
    RestoresAnybody,
    /// An undo of what a run never did is sealed.
    UndoesWhatWasNotDone,
    /// An addendum to an account that is not contained, or not any more, is sealed.
    AddsToAnybody,
    /// An addendum hides on an account that an undo gives back.
    AddsBesideUndo,
    /// An account that somebody else took off is taken for ours.
    ClaimsOthersHolds,
    /// Holds do not end.
    HoldsForGood,
    /// A run's key outlives its undo window.
    KeepsDestroyedKeys,
}

/// Whether this twin stands in the place of what is right.
#[cfg(not(feature = "mutants"))]
#[must_use]
pub const fn is_on(_: Mutant) -> bool {
    false
}

#[cfg(feature = "mutants")]
pub use switch::{is_on, with};

#[cfg(feature = "mutants")]
mod switch {
    use super::Mutant;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Mutex, PoisonError};

    /// The one that is on, by its number from 1; 0 is none. A process has one: the executor's threads see it too.
    static ON: AtomicUsize = AtomicUsize::new(0);

    /// Whether this twin stands in the place of what is right.
    #[must_use]
    pub fn is_on(mutant: Mutant) -> bool {
        ON.load(Ordering::SeqCst) == mutant as usize + 1
    }

    /// Held by whoever does something with a twin, or without: a process has one switch, and perhaps many tests.
    static TURN: Mutex<()> = Mutex::new(());

    /// Does something with one twin on, or with none; nobody else has one on meanwhile. It must not be called within
    /// itself.
    pub fn with<R>(mutant: Option<Mutant>, act: impl FnOnce() -> R) -> R {
        struct Off;
        impl Drop for Off {
            fn drop(&mut self) {
                ON.store(0, Ordering::SeqCst);
            }
        }
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        ON.store(mutant.map_or(0, |m| m as usize + 1), Ordering::SeqCst);
        let _off = Off;
        act()
    }
}

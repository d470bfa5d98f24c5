//! The auditor of the simulation sees broken hands too, without a story made for them: whatever it was that broke, some seed
//! shows it.

use crate::simulation::{hush, play};
use model::mutant::{self, Mutant};

/// Twins that a play must show; all are judged by stories of their own (`hands`). Of the others no play has the story (a
/// standing order, a probe, an addendum), or another wall keeps what the broken one let through.
const SHOWN: [Mutant; 7] = [
    Mutant::ActsBeyondLimit,
    Mutant::CallsBeforeIntent,
    Mutant::ForgetsOutcomes,
    Mutant::OverwritesMoved,
    Mutant::TellsBeforeItIsKnown,
    Mutant::RenamesRepeats,
    Mutant::HoldsForGood,
];
/// Seeds that are played until one shows it.
const SEEDS: u64 = 60;

#[test]
fn a_play_shows_that_the_hands_are_broken() {
    hush();
    let unseen: Vec<Mutant> = SHOWN
        .into_iter()
        .filter(|&broken| mutant::with(Some(broken), || (0..SEEDS).all(|seed| !shows(seed))))
        .collect();
    assert!(unseen.is_empty(), "no seed below {SEEDS} shows {unseen:?}");
}

/// Whether something is found, or the play does not even come to its end.
fn shows(seed: u64) -> bool {
    std::panic::catch_unwind(|| play(seed)).map_or(true, |played| !played.found.is_empty())
}

//! The executor, and what the ledger refuses it: for each twin a judge with a small story of its own. A judge says only
//! what it saw break, never that something went another way than usual, so that it can stand beside every other twin.

mod adds;
mod back;
mod journal;
mod may;
mod ours;
mod paced;
mod told;

use crate::crashing::Crashing;
use crate::house::House;
use model::account::AccountState;
use model::id::AccountId;
use model::mutant::{self, Mutant};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use store::testing::Database;

/// What a judge saw broken.
type Findings = Vec<String>;
type States = BTreeMap<AccountId, AccountState>;

/// The judge of each twin. A twin without one does not build.
fn judge(mutant: Mutant) -> fn() -> Findings {
    match mutant {
        Mutant::BelievesEntries => may::only_what_is_sealed,
        Mutant::SkipsConsent => may::not_after_a_refusal,
        Mutant::IgnoresExpiry => may::not_after_its_time,
        Mutant::TakesAnotherService => may::not_elsewhere,
        Mutant::IgnoresHaltFile => may::not_beyond_a_halt,
        Mutant::TakesAnyLease => may::not_beside_another,
        Mutant::IgnoresFence => may::not_after_a_lost_lease,
        Mutant::LengthensOnOneWord => back::one_word_is_too_little,
        Mutant::StartsWithoutGo => may::not_without_a_go,
        Mutant::ActsBeyondLimit => may::not_beyond_the_limit,
        Mutant::CallsBeforeIntent => journal::intent_is_first,
        Mutant::ForgetsOutcomes => journal::outcome_follows,
        Mutant::TakesRefusalForDone => journal::a_refusal_is_no_success,
        Mutant::GuessesUnknown => journal::a_lost_answer_is_unknown,
        Mutant::TakesRefusalForAll => journal::a_refusal_is_of_its_own_call,
        Mutant::CallsTooFast => paced::no_faster_than_allowed,
        Mutant::CallsOnWhenThrottled => paced::left_alone,
        Mutant::UndoesBesideLateCalls => paced::an_undo_waits,
        Mutant::ForgetsLateHolds => paced::a_hold_stays_watched,
        Mutant::ActsByNight => paced::not_by_night,
        Mutant::BeginsUnproved => ours::not_beside_a_dead_probe,
        Mutant::BelievesTheService => ours::what_is_alive_is_found,
        Mutant::CountsProbes => ours::counted_as_nobody,
        Mutant::ActsOnGonePremise => journal::who_is_gone_is_passed_over,
        Mutant::TrustsOldLedger => journal::an_old_ledger_starts_nothing,
        Mutant::OverwritesMoved => journal::what_was_chosen_stays,
        Mutant::KeepsNothingToRestore => journal::the_old_credential_is_kept,
        Mutant::ForgetsDisputes => journal::a_dispute_freezes,
        Mutant::OwesNoNotice => told::a_notice_is_owed_with_the_intent,
        Mutant::TellsBeforeItIsKnown => told::nobody_is_told_what_is_not_known,
        Mutant::TellsWhatWasPlanned => told::an_owner_is_told_what_was_done,
        Mutant::RenamesRepeats => told::a_repeat_has_its_name,
        Mutant::RestoresBesideSessions => back::sessions_end_first,
        Mutant::RestoresAnybody => back::only_the_exonerated,
        Mutant::UndoesWhatWasNotDone => back::only_what_was_done,
        Mutant::AddsToAnybody => adds::only_to_the_contained,
        Mutant::AddsBesideUndo => adds::not_beside_an_undo,
        Mutant::ClaimsOthersHolds => back::what_others_took_off_is_theirs,
        Mutant::HoldsForGood => back::a_hold_ends,
        Mutant::KeepsDestroyedKeys => back::a_key_ends,
    }
}

/// A house in which little time passes with every look at the clock.
fn house(database: &Database, limits: &[(&str, &str)]) -> House {
    House::with(database, 5, 40, 1, limits)
}

/// Plays on, whatever becomes of it: a twin may well be stopped by another check.
fn whatever<R>(act: impl FnOnce() -> R) -> Option<R> {
    catch_unwind(AssertUnwindSafe(act)).ok()
}

/// The first wave of the house's run.
fn first_wave(house: &House, service: &Crashing<'_>) {
    house.start(&house.run);
    whatever(|| drop(house.wave(service, &house.run, 0)));
}

/// Accounts that are not as they were.
fn changed(house: &House, before: &States) -> Vec<AccountId> {
    let after = house.states();
    before.iter().filter(|(account, was)| after[*account] != **was).map(|(a, _)| a.clone()).collect()
}

fn seen(broken: bool, what: impl FnOnce() -> String) -> Findings {
    if broken { vec![what()] } else { Vec::new() }
}

#[test]
fn each_twin_is_reported_by_its_own_judge_alone_and_what_is_right_by_none() {
    let reported = |on: Option<Mutant>| -> BTreeMap<Mutant, Findings> {
        let judged = Mutant::ALL.iter().map(|m| (*m, mutant::with(on, || judge(*m)())));
        judged.filter(|(_, findings)| !findings.is_empty()).collect()
    };
    // The stories die as they should; nobody reads of it.
    let loud = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let right = reported(None);
    let mut wrong = Vec::new();
    for mutant in Mutant::ALL {
        let findings = reported(Some(*mutant));
        if !findings.keys().eq([mutant]) {
            wrong.push(format!("{mutant:?} on: {findings:?}"));
        }
    }
    std::panic::set_hook(loud);
    assert_eq!(right, BTreeMap::new(), "nothing is broken");
    assert!(wrong.is_empty(), "{} twins:\n  {}", wrong.len(), wrong.join("\n  "));
}

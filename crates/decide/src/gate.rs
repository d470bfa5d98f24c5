//! The gate between two waves: whether what is known by now is enough to go on, and good enough.
//!
//! A share counts as exceeded only where its exact lower bound lies above the limit, so that one owner's slip of the
//! finger does not stop a run; and a gate passes only with information, never for want of an alarm: owners must have
//! been heard from, and most of them not to say *that was me*.

use crate::bound;
use model::policy::GatePolicy;
use model::run::{GateDecision, GateInputs, GateRow};

/// Decides what follows wave `wave`. Owners are not waited for where a plan takes back what was done
/// (`asks_owners` is false): they asked for it.
#[must_use]
pub fn gate(wave: u32, inputs: GateInputs, policy: &GatePolicy, asks_owners: bool) -> GateRow {
    let owners = if asks_owners {
        heard(&inputs, policy)
    } else {
        (GateDecision::Go, "owners are not waited for: they asked for it".to_owned())
    };
    let inputs_in_turn = [
        share(
            "proved disputes",
            inputs.disputes_proved,
            inputs.contained,
            policy.disputes_proved_share_max,
            policy,
        ),
        share(
            "unproved disputes",
            inputs.disputes_unproved,
            inputs.contained,
            policy.disputes_unproved_share_max,
            policy,
        ),
        share("failed acts", inputs.acts_failed, inputs.acts, policy.acts_failed_share_max, policy),
        notices(&inputs, policy),
        soak(&inputs, policy),
        owners,
    ];
    let says = |decision| inputs_in_turn.iter().any(|(d, _)| *d == decision);
    let decision = if says(GateDecision::Halt) {
        GateDecision::Halt
    } else if says(GateDecision::Wait) {
        GateDecision::Wait
    } else {
        GateDecision::Go
    };
    let reasons = inputs_in_turn.into_iter().map(|(_, reason)| reason).collect();
    GateRow { wave, decision, inputs, reasons }
}

fn share(what: &str, hits: u64, of: u64, most: f64, policy: &GatePolicy) -> (GateDecision, String) {
    let least = bound::lower(hits, of, policy.confidence);
    let bad = least > most;
    let verb = if bad { "exceeds" } else { "is within" };
    let limit = format!("{:.1} %", most * 100.0);
    let text = format!(
        "{what}: {hits} of {of}, surely at least {:.1} %: {verb} the limit of {limit}",
        least * 100.0
    );
    (if bad { GateDecision::Halt } else { GateDecision::Go }, text)
}

fn notices(inputs: &GateInputs, policy: &GatePolicy) -> (GateDecision, String) {
    let share =
        if inputs.notices == 0 { 1.0 } else { inputs.notices_accepted as f64 / inputs.notices as f64 };
    let lacks = share < policy.notices_accepted_share_min;
    let text = format!(
        "notices accepted: {} of {} ({:.1} %, needed {:.1} %)",
        inputs.notices_accepted,
        inputs.notices,
        share * 100.0,
        policy.notices_accepted_share_min * 100.0
    );
    (if lacks { GateDecision::Wait } else { GateDecision::Go }, text)
}

fn soak(inputs: &GateInputs, policy: &GatePolicy) -> (GateDecision, String) {
    let minutes = |ms: i64| ms / 60_000;
    let text = format!(
        "soaked {} of {} minutes since the wave's last act",
        minutes(inputs.soaked_ms),
        minutes(policy.soak_min_ms)
    );
    (if inputs.soaked_ms < policy.soak_min_ms { GateDecision::Wait } else { GateDecision::Go }, text)
}

/// Owners must have been heard from in such numbers that it can't be that most of them dispute; after the time of
/// silence, what is there decides.
fn heard(inputs: &GateInputs, policy: &GatePolicy) -> (GateDecision, String) {
    let disputes = inputs.disputes_proved + inputs.disputes_unproved;
    let heard = inputs.recovered + disputes;
    let most = bound::upper(disputes, heard, policy.confidence);
    let seen = format!(
        "owners heard from: {heard}, of whom {disputes} dispute: surely at most {:.0} % of them",
        most * 100.0
    );
    let needed = format!("{:.0} %", policy.heard_disputes_share_max * 100.0);
    if most < policy.heard_disputes_share_max {
        (GateDecision::Go, format!("{seen} (needed: below {needed})"))
    } else if inputs.soaked_ms < policy.silence_ms {
        (GateDecision::Wait, format!("{seen} (needed: below {needed})"))
    } else if disputes > 0 && disputes * 2 >= heard {
        (GateDecision::Halt, format!("{seen}, and no more is heard: exceeds the limit of {needed}"))
    } else {
        (GateDecision::Go, format!("{seen}; after so long, silence counts"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> GatePolicy {
        GatePolicy {
            soak_min_ms: 3_600_000,
            notices_accepted_share_min: 0.95,
            heard_disputes_share_max: 0.5,
            silence_ms: 86_400_000,
            disputes_proved_share_max: 0.005,
            disputes_unproved_share_max: 0.05,
            acts_failed_share_max: 0.02,
            confidence: 0.95,
        }
    }

    fn good() -> GateInputs {
        GateInputs {
            contained: 50,
            acts: 200,
            notices: 50,
            notices_accepted: 50,
            recovered: 9,
            soaked_ms: 3_600_000,
            ..GateInputs::default()
        }
    }

    #[test]
    fn each_input_stops_the_run_by_itself_and_its_twin_goes_on() {
        assert_eq!(gate(0, good(), &policy(), true).decision, GateDecision::Go);
        let cases = [
            (GateInputs { disputes_proved: 2, ..good() }, GateDecision::Halt),
            (GateInputs { disputes_proved: 1, ..good() }, GateDecision::Go),
            (GateInputs { disputes_unproved: 7, ..good() }, GateDecision::Halt),
            (GateInputs { disputes_unproved: 1, ..good() }, GateDecision::Go),
            (GateInputs { acts_failed: 12, ..good() }, GateDecision::Halt),
            (GateInputs { acts_failed: 2, ..good() }, GateDecision::Go),
            (GateInputs { notices_accepted: 40, ..good() }, GateDecision::Wait),
            (GateInputs { soaked_ms: 3_599_999, ..good() }, GateDecision::Wait),
            (GateInputs { recovered: 0, ..good() }, GateDecision::Wait),
            (GateInputs { recovered: 4, ..good() }, GateDecision::Wait),
            (GateInputs { recovered: 5, ..good() }, GateDecision::Go),
            (GateInputs { recovered: 0, soaked_ms: 86_400_000, ..good() }, GateDecision::Go),
            (GateInputs { recovered: 1, disputes_unproved: 1, ..good() }, GateDecision::Wait),
            (
                GateInputs { recovered: 1, disputes_unproved: 1, soaked_ms: 86_400_000, ..good() },
                GateDecision::Halt,
            ),
        ];
        for (inputs, expected) in cases {
            let row = gate(0, inputs.clone(), &policy(), true);
            assert_eq!(row.decision, expected, "{inputs:?}\n{:#?}", row.reasons);
        }
    }

    #[test]
    fn an_undo_does_not_wait_for_owners() {
        let silent = GateInputs { recovered: 0, ..good() };
        assert_eq!(gate(0, silent.clone(), &policy(), false).decision, GateDecision::Go);
        assert_eq!(gate(0, silent, &policy(), true).decision, GateDecision::Wait);
    }

    #[test]
    fn an_alarm_outweighs_a_wait() {
        let row = gate(0, GateInputs { disputes_proved: 9, soaked_ms: 0, ..good() }, &policy(), true);
        assert_eq!(row.decision, GateDecision::Halt);
    }
}

//! The gate between two waves: whether what is known by now is enough to go on, and good enough.
//!
//! A share counts as exceeded only where its exact lower bound lies above the limit, so that one owner's slip of the
//! finger does not stop a run; and a gate passes only with information, never for want of an alarm.

use crate::bound;
use model::policy::GatePolicy;
use model::run::{GateDecision, GateInputs, GateRow};

/// Decides what follows wave `wave`.
#[must_use]
pub fn gate(wave: u32, inputs: GateInputs, policy: &GatePolicy) -> GateRow {
    let exceeded = [
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
    ];
    let waiting = [notices(&inputs, policy), soak(&inputs, policy), heard(&inputs, policy)];
    let decision = if exceeded.iter().any(|(bad, _)| *bad) {
        GateDecision::Halt
    } else if waiting.iter().any(|(lacks, _)| *lacks) {
        GateDecision::Wait
    } else {
        GateDecision::Go
    };
    let reasons = exceeded.into_iter().chain(waiting).map(|(_, reason)| reason).collect();
    GateRow { wave, decision, inputs, reasons }
}

fn share(what: &str, hits: u64, of: u64, most: f64, policy: &GatePolicy) -> (bool, String) {
    let least = bound::lower(hits, of, policy.confidence);
    let bad = least > most;
    let verb = if bad { "exceeds" } else { "is within" };
    let limit = format!("{:.1} %", most * 100.0);
    (
        bad,
        format!(
            "{what}: {hits} of {of}, surely at least {:.1} %: {verb} the limit of {limit}",
            least * 100.0
        ),
    )
}

fn notices(inputs: &GateInputs, policy: &GatePolicy) -> (bool, String) {
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
    (lacks, text)
}

fn soak(inputs: &GateInputs, policy: &GatePolicy) -> (bool, String) {
    let minutes = |ms: i64| ms / 60_000;
    let text = format!(
        "soaked {} of {} minutes since the wave's last act",
        minutes(inputs.soaked_ms),
        minutes(policy.soak_min_ms)
    );
    (inputs.soaked_ms < policy.soak_min_ms, text)
}

/// Owners must have been heard from, or so much time have passed that their silence says something too.
fn heard(inputs: &GateInputs, policy: &GatePolicy) -> (bool, String) {
    let heard = inputs.recovered + inputs.disputes_proved + inputs.disputes_unproved;
    let needed = (inputs.contained * policy.heard_per_hundred_min).div_ceil(100);
    let silent_long_enough = inputs.soaked_ms >= policy.silence_ms;
    let tail = if heard < needed && silent_long_enough { "; after so long, silence counts" } else { "" };
    (heard < needed && !silent_long_enough, format!("owners heard from: {heard} (needed {needed}){tail}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> GatePolicy {
        GatePolicy {
            soak_min_ms: 3_600_000,
            notices_accepted_share_min: 0.95,
            heard_per_hundred_min: 4,
            silence_ms: 86_400_000,
            disputes_proved_share_max: 0.01,
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
            recovered: 3,
            soaked_ms: 3_600_000,
            ..GateInputs::default()
        }
    }

    #[test]
    fn each_input_stops_the_run_by_itself_and_its_twin_goes_on() {
        assert_eq!(gate(0, good(), &policy()).decision, GateDecision::Go);
        let cases = [
            (GateInputs { disputes_proved: 3, ..good() }, GateDecision::Halt),
            (GateInputs { disputes_proved: 1, ..good() }, GateDecision::Go),
            (GateInputs { disputes_unproved: 7, ..good() }, GateDecision::Halt),
            (GateInputs { disputes_unproved: 3, ..good() }, GateDecision::Go),
            (GateInputs { acts_failed: 12, ..good() }, GateDecision::Halt),
            (GateInputs { acts_failed: 2, ..good() }, GateDecision::Go),
            (GateInputs { notices_accepted: 40, ..good() }, GateDecision::Wait),
            (GateInputs { soaked_ms: 3_599_999, ..good() }, GateDecision::Wait),
            (GateInputs { recovered: 0, ..good() }, GateDecision::Wait),
            (GateInputs { recovered: 0, soaked_ms: 86_400_000, ..good() }, GateDecision::Go),
        ];
        for (inputs, expected) in cases {
            let row = gate(0, inputs.clone(), &policy());
            assert_eq!(row.decision, expected, "{inputs:?}\n{:#?}", row.reasons);
        }
    }

    #[test]
    fn an_alarm_outweighs_a_wait() {
        let row = gate(0, GateInputs { disputes_proved: 9, soaked_ms: 0, ..good() }, &policy());
        assert_eq!(row.decision, GateDecision::Halt);
    }
}

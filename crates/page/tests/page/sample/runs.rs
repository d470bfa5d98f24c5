//! Runs, one on its way and one halted by its gate.

use super::console::console;
use super::{HOUR, MINUTE, T};
use model::id::Digest;
use model::notice::NoticeState;
use model::plan::Purpose;
use model::policy::GatePolicy;
use model::run::{GateDecision, GateInputs, GateRow, RunState};
use page::console::{Console, Gate, Halt, RunPage, StepTally, UndoRow, Wave};
use std::collections::BTreeMap;

fn gate_policy() -> GatePolicy {
    GatePolicy {
        soak_min_ms: HOUR,
        notices_accepted_share_min: 0.95,
        heard_disputes_share_max: 0.5,
        silence_ms: 24 * HOUR,
        disputes_proved_share_max: 0.01,
        disputes_unproved_share_max: 0.05,
        acts_failed_share_max: 0.02,
        confidence: 0.95,
    }
}

fn gate(decision: GateDecision, proved: u64, at: i64) -> Gate {
    let least = if proved > 1 { "10.4" } else { "0.0" };
    let verb = if proved > 1 { "exceeds" } else { "is within" };
    Gate {
        decided_at: at,
        row: GateRow {
            wave: 0,
            decision,
            inputs: GateInputs {
                contained: 20,
                acts: 61,
                acts_failed: 1,
                notices: 20,
                notices_accepted: 20,
                disputes_proved: proved,
                disputes_unproved: 1,
                recovered: 3,
                soaked_ms: 95 * MINUTE,
            },
            reasons: vec![
                format!(
                    "proved disputes: {proved} of 20, surely at least {least} %: {verb} the limit of 1.0 %"
                ),
                "unproved disputes: 1 of 20, surely at least 0.3 %: is within the limit of 5.0 %".into(),
                "failed acts: 1 of 61, surely at least 0.1 %: is within the limit of 2.0 %".into(),
                "notices accepted: 20 of 20 (100.0 %, needed 95.0 %)".into(),
                "soaked 95 of 60 minutes since the wave's last act".into(),
                format!("owners heard from: {} (needed 1)", 4 + proved),
            ],
        },
    }
}

pub(crate) fn run() -> RunPage {
    let tally = |done, intended, failed, unknown, skipped, untouched| StepTally {
        untouched,
        intended,
        done,
        skipped,
        failed,
        unknown,
        stuck: 0,
    };
    RunPage {
        console: Console { refresh_s: Some(5), ..console() },
        run: "r-1".into(),
        plan: "p-2".into(),
        digest: Digest::of(b"plan two"),
        purpose: Purpose::Contain,
        state: RunState::Running,
        armed_at: T + 5 * HOUR - MINUTE,
        started_at: Some(T + 5 * HOUR),
        ended_at: None,
        halts: vec![Halt {
            at: T + 6 * HOUR,
            by: "ana".into(),
            reason: "The mail server was away for maintenance.".into(),
            lifted_at: Some(T + 7 * HOUR),
        }],
        waves: vec![
            Wave {
                number: 0,
                accounts: tally(19, 0, 0, 0, 1, 0),
                started_at: Some(T + 5 * HOUR),
                ended_at: Some(T + 5 * HOUR + MINUTE),
                gates: vec![
                    gate(GateDecision::Wait, 0, T + 5 * HOUR + 30 * MINUTE),
                    gate(GateDecision::Go, 0, T + 7 * HOUR),
                ],
            },
            Wave {
                number: 1,
                accounts: tally(41, 8, 1, 2, 3, 25),
                started_at: Some(T + 7 * HOUR),
                ended_at: None,
                gates: Vec::new(),
            },
            Wave {
                number: 2,
                accounts: tally(0, 0, 0, 0, 0, 103),
                started_at: None,
                ended_at: None,
                gates: Vec::new(),
            },
        ],
        gate_policy: Some(gate_policy()),
        notices: BTreeMap::from([
            (NoticeState::Sent, 54),
            (NoticeState::Due, 4),
            (NoticeState::Owed, 8),
            (NoticeState::Failed, 2),
        ]),
        recovered: 9,
        disputes_proved: 0,
        disputes_unproved: 1,
        undone: Vec::new(),
    }
}

pub(super) fn halted() -> RunPage {
    let mut page = run();
    page.console.refresh_s = None;
    page.run = "r-2".into();
    page.state = RunState::Halted;
    page.halts = vec![Halt {
        at: T + 7 * HOUR,
        by: "the gate after the canary".into(),
        reason: "Proved disputes: 5 of 20, surely at least 10.4 %, exceed the limit of 1 %.".into(),
        lifted_at: None,
    }];
    page.waves.truncate(2);
    page.waves[0].gates = vec![gate(GateDecision::Halt, 5, T + 7 * HOUR)];
    page.waves[1].accounts = StepTally { untouched: 80, ..StepTally::default() };
    page.waves[1].started_at = None;
    page.notices = BTreeMap::from([(NoticeState::Sent, 20)]);
    page.disputes_proved = 5;
    page.undone = vec![UndoRow { plan: "p-4".into(), run: Some("r-3".into()), released: 2, restored: 18 }];
    page
}

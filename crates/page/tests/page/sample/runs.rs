//! Runs, one on its way and one halted by its gate.

use super::console::console;
use super::{HOUR, MINUTE, T};
use model::gate::{Finding, GateCounts, GateDecision, GateInput, GateRow, InputState};
use model::id::Digest;
use model::notice::NoticeState;
use model::plan::{PlanState, Purpose};
use model::policy::Policy;
use model::probe::{ProbeKind, Standing, Tried};
use model::run::RunState;
use page::console::{AddendumRow, Console, Gate, Halt, ProbeLine, RunPage, StepTally, UndoRow, Wave};
use std::collections::BTreeMap;

fn policy() -> Policy {
    Policy::parse(include_str!("../../../../../policy/shipped.toml")).expect("the shipped policy")
}

fn gate(decision: GateDecision, proved: u64, at: i64) -> Gate {
    let found = |input: GateInput, state, seen, of, rest: &str| Finding {
        input,
        state,
        seen,
        of,
        reason: format!("{}: {seen} of {of}{rest}", input.title()),
    };
    let (pass, minutes) = (InputState::Pass, 60_000);
    let waits = if decision == GateDecision::Wait { InputState::Wait } else { pass };
    let proof = if proved > 1 { InputState::Halt } else { waits };
    let findings = vec![
        found(GateInput::DisputesProved, proof, proved, 3 + proved, " owners who came back or proved it"),
        found(GateInput::DisputesUnproved, pass, 1, 20, ", not surely more than the 5.0 % allowed"),
        found(GateInput::OwnersHeard, waits, 1 + proved, 4 + proved, " dispute; 5 more would do"),
        found(GateInput::RecoveriesFailed, pass, 0, 3, ", not surely more than the 30.0 % allowed"),
        found(GateInput::SupportContacts, pass, 2, 20, " contained, 1 in the last day"),
        found(GateInput::ActsFailed, pass, 1, 61, ", not surely more than the 2.0 % allowed"),
        found(GateInput::Bounces, pass, 0, 20, ", not surely more than the 10.0 % allowed"),
        found(GateInput::NoticesAccepted, pass, 20, 20, " (100.0 %, needed 95.0 %)"),
        found(GateInput::Probes, pass, 1, 1, " credentials are refused"),
        found(GateInput::Soak, pass, 95 * minutes, 60 * minutes, " ms since the wave's last act"),
    ];
    Gate {
        decided_at: at,
        row: GateRow { wave: 0, decision, counts: GateCounts::default(), findings },
        reasons: Vec::new(),
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
        probes: [(ProbeKind::Password, 0, Some(Tried::Refused)), (ProbeKind::Session, 1, None)]
            .map(|(kind, wave, after)| ProbeLine {
                account: format!("probe-{wave}").as_str().into(),
                kind,
                wave,
                before: Tried::Accepted,
                after,
                standing: Standing::of(Tried::Accepted, after.map(|_| true), after),
                saying: None,
            })
            .into(),
        resting: None,
        policy: Some(policy()),
        notices: BTreeMap::from([
            (NoticeState::Sent, 54),
            (NoticeState::Due, 4),
            (NoticeState::Owed, 8),
            (NoticeState::Failed, 2),
        ]),
        recovered: 9,
        disputes_proved: 0,
        disputes_unproved: 1,
        addenda: vec![AddendumRow { plan: "p-5".into(), state: PlanState::Sealed, run: None, accounts: 4 }],
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
    page.addenda = Vec::new();
    page.undone = vec![UndoRow { plan: "p-4".into(), run: Some("r-3".into()), released: 2, restored: 18 }];
    page
}

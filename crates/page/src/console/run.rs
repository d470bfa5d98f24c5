//! One run: what was done, what stopped it, what each gate saw, what remains.

use super::gauge::{self, Gauge};
use super::{Console, StepTally};
use crate::{filters, picture, rendered, route};
use askama::Template;
use model::gate::{GateDecision, GateRow};
use model::id::{AccountId, Digest, Millis, PlanId, RunId};
use model::notice::NoticeState;
use model::plan::{PlanState, Purpose};
use model::policy::Policy;
use model::probe::{ProbeKind, Standing, Tried};
use model::run::RunState;
use std::collections::BTreeMap;

/// A run as operators watch it.
#[derive(Clone, Debug, Template)]
#[template(path = "console/run.html", whitespace = "minimize")]
pub struct RunPage {
    /// What is around it.
    pub console: Console,
    /// The run.
    pub run: RunId,
    /// Its plan.
    pub plan: PlanId,
    /// The plan's digest.
    pub digest: Digest,
    /// What it is for.
    pub purpose: Purpose,
    /// Its state.
    pub state: RunState,
    /// When it was armed, ms.
    pub armed_at: Millis,
    /// Its first act, ms.
    pub started_at: Option<Millis>,
    /// Its end, ms.
    pub ended_at: Option<Millis>,
    /// What stopped it, oldest first.
    pub halts: Vec<Halt>,
    /// Its waves, the canary first.
    pub waves: Vec<Wave>,
    /// What trying the probe accounts of ours came to, by wave.
    pub probes: Vec<ProbeLine>,
    /// Accounts of the open wave that wait for the end of quiet hours.
    pub resting: Option<Resting>,
    /// The limits its gates are held against.
    pub policy: Option<Policy>,
    /// Notices by state.
    pub notices: BTreeMap<NoticeState, u64>,
    /// Owners who came back by a recovery.
    pub recovered: u64,
    /// Owners who said *that was me*, with proof.
    pub disputes_proved: u64,
    /// And without.
    pub disputes_unproved: u64,
    /// Addenda to its plan.
    pub addenda: Vec<AddendumRow>,
    /// Plans that take back some of it.
    pub undone: Vec<UndoRow>,
}

/// Accounts that wait for the end of their owners' quiet hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resting {
    /// How many.
    pub accounts: u64,
    /// The end on an owner's own clock, ms after midnight.
    pub until_ms: Millis,
    /// When the first of them is there, ms.
    pub first_at: Millis,
}

impl Resting {
    fn clock(self) -> String {
        model::quiet::time_of_day(self.until_ms)
    }
}

/// Something that stopped a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// When, ms.
    pub at: Millis,
    /// Who or what: an operator's name, `the gate after wave 0`, `the file HALT`.
    pub by: String,
    /// Why, in a sentence.
    pub reason: String,
    /// When it was lifted, ms.
    pub lifted_at: Option<Millis>,
}

/// A credential of a probe account, tried before its wave and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeLine {
    /// The account, ours.
    pub account: AccountId,
    /// The credential.
    pub kind: ProbeKind,
    /// The wave.
    pub wave: u32,
    /// What it came to before.
    pub before: Tried,
    /// And after.
    pub after: Option<Tried>,
    /// What that shows.
    pub standing: Standing,
    /// Why it can't be told, where that is so.
    pub saying: Option<String>,
}

/// A wave and the gates after it.
#[derive(Clone, Debug)]
pub struct Wave {
    /// From 0, the canary.
    pub number: u32,
    /// Its accounts by state.
    pub accounts: StepTally,
    /// Its first act, ms.
    pub started_at: Option<Millis>,
    /// Its last act, ms.
    pub ended_at: Option<Millis>,
    /// Each decision of the gate after it, oldest first; the last one counts.
    pub gates: Vec<Gate>,
}

/// A gate's decision.
#[derive(Clone, Debug)]
pub struct Gate {
    /// When, ms.
    pub decided_at: Millis,
    /// What it saw and said.
    pub row: GateRow,
    /// What an older program kept of it, in a sentence each, where it kept nothing more.
    pub reasons: Vec<String>,
}

impl Gate {
    fn sentences(&self) -> Vec<&str> {
        if self.row.findings.is_empty() {
            return self.reasons.iter().map(String::as_str).collect();
        }
        self.row.findings.iter().map(|f| f.reason.as_str()).collect()
    }
}

/// A plan that adds to what a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddendumRow {
    /// The plan.
    pub plan: PlanId,
    /// Its state.
    pub state: PlanState,
    /// Its run, once there is one.
    pub run: Option<RunId>,
    /// Its accounts.
    pub accounts: u64,
}

/// A plan that takes back some of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoRow {
    /// The plan.
    pub plan: PlanId,
    /// Its run, once there is one.
    pub run: Option<RunId>,
    /// Accounts released: our hold ends, the owner chooses a new credential.
    pub released: u64,
    /// Accounts restored: the exonerated, whose old credential is back.
    pub restored: u64,
}

rendered!(RunPage => "run page");

impl RunPage {
    fn all(&self) -> StepTally {
        self.waves.iter().fold(StepTally::default(), |sum, wave| sum.plus(wave.accounts))
    }

    fn open_halts(&self) -> Vec<&Halt> {
        self.halts.iter().filter(|h| h.lifted_at.is_none()).collect()
    }

    fn notice_parts(&self) -> Vec<picture::Part> {
        let of = |state| self.notices.get(&state).copied().unwrap_or_default();
        picture::stacked(&[
            ("good", "accepted", of(NoticeState::Sent)),
            ("mid", "being sent", of(NoticeState::Sending)),
            ("mid2", "due", of(NoticeState::Due)),
            ("rest", "owed", of(NoticeState::Owed)),
            ("bad", "failed", of(NoticeState::Failed)),
            ("idle", "void", of(NoticeState::Void)),
        ])
    }

    fn gauges(&self, row: &GateRow) -> Vec<Gauge> {
        self.policy.as_ref().map(|policy| gauge::all(&row.findings, policy)).unwrap_or_default()
    }
}

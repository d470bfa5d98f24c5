//! One account: both hands, what it rests on, what was done, what its owner said.

use super::Console;
use crate::timeline::{Line, What, Who};
use crate::{filters, rendered, route, timeline};
use askama::Template;
use model::event::Kind;
use model::id::{AccountId, Millis, NoticeCode, OperatorName, PlanId, RunId};
use model::labels::Label;
use model::notice::NoticeState;
use model::plan::{ActKind, Template as Letter, Tier};
use model::run::{PersonNeeded, StepState};
use model::verdict::{Belief, Verdict};

/// A case as operators and support see it.
#[derive(Clone, Debug, Template)]
#[template(path = "console/case.html", whitespace = "minimize")]
pub struct CasePage {
    /// What is around it.
    pub console: Console,
    /// The account.
    pub account: AccountId,
    /// What the hunt concluded; without one the account is clear.
    pub verdict: Option<Verdict>,
    /// The tier it entered a plan in.
    pub tier: Option<Tier>,
    /// The plans it is in, with their runs.
    pub plans: Vec<(PlanId, Option<RunId>)>,
    /// Both hands, and ours, in time order.
    pub timeline: Vec<Line>,
    /// What was done.
    pub contained: Vec<Contained>,
    /// What the owner was told.
    pub notices: Vec<NoticeRow>,
    /// What people who looked said.
    pub labels: Vec<Labelled>,
    /// *That was me*.
    pub disputes: Vec<Dispute>,
    /// What a person is asked for.
    pub needs: Vec<Need>,
    /// When the owner came back, ms.
    pub recovered_at: Option<Millis>,
}

/// One act on the account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contained {
    /// Which.
    pub act: ActKind,
    /// How far it is.
    pub state: StepState,
    /// When that was known, ms.
    pub at: Option<Millis>,
    /// What the service or a guard said, in a sentence.
    pub note: Option<String>,
}

/// One message to the owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Which letter.
    pub template: Letter,
    /// How far it is.
    pub state: NoticeState,
    /// Its code.
    pub code: NoticeCode,
    /// Since when, ms.
    pub at: Millis,
    /// The caught mail's id, in a demonstration.
    pub mail: Option<String>,
}

/// One person's label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labelled {
    /// Who looked.
    pub by: OperatorName,
    /// What they said.
    pub label: Label,
    /// When, ms.
    pub at: Millis,
}

/// What the account needs a person for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// Why.
    pub why: PersonNeeded,
    /// What was seen, in a sentence.
    pub saying: String,
    /// Since when, ms.
    pub since: Millis,
}

/// The owner said *that was me*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// When, ms.
    pub at: Millis,
    /// Whether a proof came with it that does not rest on the mailbox.
    pub proved: bool,
}

rendered!(CasePage => "case page");

impl CasePage {
    /// The zone that the console shows: UTC.
    const UTC: &Option<String> = &None;

    fn sorted_evidence(&self) -> Vec<&model::verdict::Evidence> {
        let mut evidence: Vec<_> = self.verdict.iter().flat_map(|v| v.evidence.iter()).collect();
        evidence.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        evidence
    }
}

//! The overview: what there is to look at.

use super::{Console, StepTally};
use crate::{filters, rendered, route};
use askama::Template;
use model::id::{AccountId, Digest, Millis, OperatorName, PlanId, RunId};
use model::incident::{Cause, Statement};
use model::plan::{PlanState, Purpose};
use model::run::{PersonNeeded, RunState};

/// The console's first page.
#[derive(Clone, Debug, Template)]
#[template(path = "console/index.html", whitespace = "minimize")]
pub struct IndexPage {
    /// What is around it.
    pub console: Console,
    /// A few figures for the top.
    pub figures: Vec<Figure>,
    /// Where a newcomer should look, in this order; empty where nobody needs to be shown around.
    pub tour: Vec<Stop>,
    /// Plans, newest first.
    pub plans: Vec<PlanRow>,
    /// Runs, newest first.
    pub runs: Vec<RunRow>,
    /// The newest statement of each incident.
    pub incidents: Vec<Statement>,
    /// Cases worth opening.
    pub owners: Vec<OwnerRow>,
    /// Accounts that need a person, the longest waiting first.
    pub queue: Vec<QueueRow>,
}

/// A figure with its name.
#[derive(Clone, Debug)]
pub struct Figure {
    /// The figure as it is shown.
    pub value: String,
    /// What it counts.
    pub name: String,
    /// What to hold it against, in a few words.
    pub note: Option<String>,
}

/// A stop of the tour.
#[derive(Clone, Debug)]
pub struct Stop {
    /// What it is.
    pub title: String,
    /// What to look at there.
    pub text: String,
    /// Where it is, on this site.
    pub href: String,
}

/// A plan in the list.
#[derive(Clone, Debug)]
pub struct PlanRow {
    /// The plan.
    pub plan: PlanId,
    /// Its state.
    pub state: PlanState,
    /// Its digest, once sealed.
    pub digest: Option<Digest>,
    /// What it is for.
    pub purpose: Purpose,
    /// How many accounts.
    pub accounts: u64,
    /// Who made it.
    pub author: OperatorName,
    /// When, ms.
    pub drafted_at: Millis,
    /// A few words: why it was refused, what was wrong with it.
    pub remark: Option<String>,
}

/// A run in the list.
#[derive(Clone, Debug)]
pub struct RunRow {
    /// The run.
    pub run: RunId,
    /// Its plan.
    pub plan: PlanId,
    /// Its state.
    pub state: RunState,
    /// Its accounts by state.
    pub accounts: StepTally,
    /// When it began, ms.
    pub started_at: Option<Millis>,
    /// A few words: what halted it.
    pub remark: Option<String>,
}

/// A case worth opening.
#[derive(Clone, Debug)]
pub struct OwnerRow {
    /// The account.
    pub account: AccountId,
    /// What is to be seen there.
    pub text: String,
}

/// An account that needs a person.
#[derive(Clone, Debug)]
pub struct QueueRow {
    /// The account.
    pub account: AccountId,
    /// Why.
    pub why: PersonNeeded,
    /// Since when, ms.
    pub since: Millis,
}

rendered!(IndexPage => "overview");

//! One plan: everything somebody should know before they sign its digest.

use super::{Console, LeftOutGroup, PlanTally};
use crate::{filters, picture, rendered, route};
use askama::Template;
use model::id::{AccountId, CampaignId, Digest, Millis, OperatorName, RunId};
use model::note::Sure;
use model::operator::Decision;
use model::plan::{Entry, Header, PlanState, Purpose};
use model::probe::{self, ProbeKind};

/// A plan as its approvers see it.
#[derive(Clone, Debug, Template)]
#[template(path = "console/plan.html", whitespace = "minimize")]
pub struct PlanPage {
    /// What is around it.
    pub console: Console,
    /// The plan's first line.
    pub header: Header,
    /// Its state.
    pub state: PlanState,
    /// Why it was refused or halted, where it was.
    pub state_reason: Option<String>,
    /// Its digest, once sealed.
    pub digest: Option<Digest>,
    /// When it was sealed, ms.
    pub sealed_at: Option<Millis>,
    /// Counts over all its accounts.
    pub tally: PlanTally,
    /// Accounts whose guard is read before the act and is not atomic with it.
    pub guard_not_atomic: u64,
    /// What preflight said.
    pub notes: Vec<Note>,
    /// What the blind review said, once there is one.
    pub review: Option<Review>,
    /// Consents and refusals.
    pub approvals: Vec<ApprovalRow>,
    /// How many different people must approve.
    pub approvals_needed: u32,
    /// The first accounts of the cohort; the whole is in the plan file.
    pub cohort: Vec<Entry>,
    /// The probe accounts of ours that are in it.
    pub probes: Vec<Entry>,
    /// Kinds of credential that none of its canary tries.
    pub unprobed: Vec<ProbeKind>,
    /// Those left out.
    pub left_out: Vec<LeftOutGroup>,
    /// Who matches a campaign and is not in the plan.
    pub matches: Vec<MatchGroup>,
    /// Its run, once there is one.
    pub run: Option<RunId>,
}

/// Accounts that match one campaign and are not in the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MatchGroup {
    /// The campaign.
    pub campaign: CampaignId,
    /// How many.
    pub accounts: u64,
    /// The first of them, each with why it is not in.
    pub some: Vec<(AccountId, String)>,
}

/// How bad a note is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// To be known by whoever approves.
    Info,
    /// To be looked at.
    Warn,
    /// The draft can't be sealed.
    Refuse,
}

/// What a check of preflight says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How bad it is.
    pub severity: Severity,
    /// The check's name.
    pub code: String,
    /// What was found, with the figures.
    pub text: String,
    /// How sure that is; absent in notes older than the question.
    pub sure: Option<Sure>,
    /// What to do about it.
    pub todo: String,
}

/// What the labels of a blind review say.
#[derive(Clone, Debug, PartialEq)]
pub struct Review {
    /// Members looked at.
    pub looked_at: u64,
    /// Members still without a label.
    pub unlabelled: u64,
    /// Of those looked at: *not compromised* or *can't tell*.
    pub wrong: u64,
    /// The wrong share in the whole plan that the labels do not exclude, 0 to 1.
    pub wrong_share_bound: f64,
    /// The policy's limit for it.
    pub wrong_share_max: f64,
    /// Whether it is met.
    pub passes: bool,
    /// Each reviewer on the planted clear accounts.
    pub reviewers: Vec<Reviewer>,
}

/// A reviewer on the planted clear accounts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewer {
    /// The name.
    pub name: OperatorName,
    /// Planted accounts shown.
    pub planted: u64,
    /// Of these called compromised.
    pub missed: u64,
}

/// One person's signed decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApprovalRow {
    /// Who.
    pub operator: OperatorName,
    /// What.
    pub decision: Decision,
    /// When it was given, ms.
    pub at: Millis,
    /// Until when it holds, ms.
    pub expires_at: Millis,
    /// Whether the signature is theirs, over this digest, and still holds.
    pub holds: bool,
}

rendered!(PlanPage => "plan page");

/// A wave as the picture shows it.
struct PlannedWave {
    number: usize,
    accounts: u64,
    before: u64,
    x: f64,
    width: f64,
}

impl PlanPage {
    /// The states a plan goes through when nothing stops it.
    const WAY: [PlanState; 8] = [
        PlanState::Draft,
        PlanState::Checked,
        PlanState::Sealed,
        PlanState::Reviewed,
        PlanState::Approved,
        PlanState::Armed,
        PlanState::Running,
        PlanState::Done,
    ];

    /// How far along the way the plan is known to be. A plan that was stopped shows what it had before that.
    fn reached(&self) -> usize {
        let by_state = |state: PlanState| Self::WAY.iter().position(|s| *s == state);
        by_state(self.state).unwrap_or_else(|| {
            let passed = if self.run.is_some() {
                PlanState::Running
            } else if self.approvals_holding() >= u64::from(self.approvals_needed) && self.digest.is_some() {
                PlanState::Approved
            } else if self.review.as_ref().is_some_and(|r| r.passes) {
                PlanState::Reviewed
            } else if self.digest.is_some() {
                PlanState::Sealed
            } else if self.notes.is_empty() {
                PlanState::Draft
            } else {
                PlanState::Checked
            };
            by_state(passed).unwrap_or(0)
        })
    }

    fn is_stopped(&self) -> bool {
        !Self::WAY.contains(&self.state)
    }

    fn never_ran(&self) -> bool {
        self.is_stopped() && self.run.is_none()
    }

    fn approvals_holding(&self) -> u64 {
        self.approvals.iter().filter(|a| a.holds && a.decision == Decision::Approve).count() as u64
    }

    fn waves(&self) -> Vec<PlannedWave> {
        let mut before = 0;
        let mut out = Vec::new();
        for (number, &accounts) in self.header.waves.iter().enumerate() {
            let x = picture::percent(before, self.header.accounts);
            let width = picture::percent(accounts, self.header.accounts);
            out.push(PlannedWave { number, accounts, before, x, width });
            before += accounts;
        }
        out
    }

    fn named(&self, kinds: &[ProbeKind]) -> String {
        probe::named(kinds)
    }

    fn sorted_notes(&self) -> Vec<&Note> {
        let mut notes: Vec<&Note> = self.notes.iter().collect();
        notes.sort_by_key(|n| std::cmp::Reverse(n.severity));
        notes
    }

    fn match_accounts(&self) -> u64 {
        self.matches.iter().map(|g| g.accounts).sum()
    }

    fn left_out_accounts(&self) -> u64 {
        self.left_out.iter().map(|g| g.accounts).sum()
    }
}

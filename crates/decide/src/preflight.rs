//! The checks on a draft. They share no code with its making: each reads verdicts, timelines and the service's own
//! state again, by account, so that a mistake in the planner is not repeated here. What is unknown never passes a check
//! that needs it.

mod acts;
mod addendum;
mod check;
mod evidence;
mod hold;
mod marks;
mod placebo;
mod probe;
mod put_back;
mod scope;
mod shift;
mod signals;
mod size;

pub use check::Check;
pub use placebo::{PlaceboError, PlaceboYield, placebo_window, placebo_yield};
pub use scope::{Match, matches};
pub use signals::PastHunt;

use model::account::AccountState;
use model::addendum::Parent;
use model::id::{AccountId, Millis};
use model::labels::Label;
use model::note::Sure;
use model::plan::{ActKind, Draft, Entry, Purpose};
use model::policy::Policy;
use model::probe::{Probe, ProbeKind};
use model::verdict::{Summary, Timeline, Verdict};
use std::collections::BTreeMap;

/// What the checks read.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    /// The hunt's verdicts.
    pub verdicts: &'a [Verdict],
    /// Its timelines.
    pub timelines: &'a [Timeline],
    /// Its summary.
    pub summary: &'a Summary,
    /// Every account of the service, as it is now.
    pub states: &'a BTreeMap<AccountId, AccountState>,
    /// What people said after looking.
    pub labels: &'a BTreeMap<AccountId, Label>,
    /// Earlier hunts that came to a plan which people let pass; never the draft's own.
    pub history: &'a [PastHunt],
    /// What the same detection found in a quiet window, where it was asked.
    pub placebo: Option<&'a PlaceboYield>,
    /// Whether the connector replaces a credential only if it still is the one named.
    pub guard_is_atomic: bool,
    /// The acts that the connector can do.
    pub can: &'a [ActKind],
    /// How long something lives on here that no act ends, ms.
    pub outlives_ms: Option<Millis>,
    /// The register of probe accounts.
    pub probes: &'a [Probe],
    /// The kinds of credential that open an account of this service.
    pub opens: &'a [ProbeKind],
    /// Those of them that the connector can really try.
    pub can_try: &'a [ProbeKind],
    /// Of an addendum, what it is added to, and how that stands now.
    pub parent: Option<&'a Parent>,
    /// The limits.
    pub policy: &'a Policy,
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

/// What a check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The check.
    pub check: Check,
    /// How bad it is.
    pub severity: Severity,
    /// What was found, with the figures.
    pub text: String,
    /// How sure that is.
    pub sure: Sure,
    /// What to do about it.
    pub todo: String,
}

/// What was measured against a limit of the policy, whether it holds or not: with it another policy's word can be had
/// later.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The limit, by its place in the policy file.
    pub limit: &'static str,
    /// Of what, where it is not of the whole plan: a segment, a signal.
    pub of: String,
    /// As the limit counts it. Figures are of limits that are a most.
    pub measured: f64,
    /// What it means where the limit is passed.
    pub severity: Severity,
}

/// What the checks say together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The notes of those that found something, in the checks' order.
    pub notes: Vec<Note>,
    /// What was measured.
    pub figures: Vec<Figure>,
}

/// Runs every check.
#[must_use]
pub fn preflight(draft: &Draft, basis: &Basis<'_>) -> Report {
    preflight_of(Check::ALL, draft, basis)
}

/// Runs some checks alone: so that it can be shown what each of them is for.
#[must_use]
pub fn preflight_of(checks: &[Check], draft: &Draft, basis: &Basis<'_>) -> Report {
    let ground = Ground::of(draft, basis);
    let mut report = Report::default();
    for check in checks {
        run(*check, &ground, &mut report);
    }
    report
}

fn run(check: Check, ground: &Ground<'_>, report: &mut Report) {
    match check {
        Check::Empty => size::empty(ground, report),
        Check::Size => size::size(ground, report),
        Check::ActiveShare => size::active_share(ground, report),
        Check::SegmentShare => size::segments(ground, report),
        Check::Reference => size::reference(ground, report),
        Check::Evidence => evidence::evidence(ground, report),
        Check::OwnEvents => evidence::own_events(ground, report),
        Check::InWindow => evidence::in_window(ground, report),
        Check::Confidence => evidence::confidence(ground, report),
        Check::Objects => evidence::objects(ground, report),
        Check::Addendum => addendum::addendum(ground, report),
        Check::Sentinel => marks::sentinel(ground, report),
        Check::Protected => marks::protected(ground, report),
        Check::AtRisk => marks::at_risk(ground, report),
        Check::ServiceAccount => marks::service_account(ground, report),
        Check::Changed => acts::changed(ground, report),
        Check::Age => acts::age(ground, report),
        Check::Contact => acts::contact(ground, report),
        Check::Unreachable => acts::unreachable(ground, report),
        Check::Shift => shift::shifts(ground, report),
        Check::SignalShare => signals::share(ground, report),
        Check::SignalRate => signals::rate(ground, report),
        Check::Placebo => placebo::check(ground, report),
        Check::UnderScoped => scope::under_scoped(ground, report),
        Check::Hold => hold::senseless(ground, report),
        Check::OwnersOffline => hold::cost(ground, report),
        Check::IfMoved => hold::if_moved(ground, report),
        Check::ClimbBack => hold::climb_back(ground, report),
        Check::PutBack => put_back::put_back(ground, report),
        Check::Probe => probe::probes(ground, report),
        Check::Unprobed => probe::unprobed(ground, report),
        Check::NoUndo => acts::no_undo(ground, report),
        Check::Guard => acts::guard(ground, report),
        Check::Cannot => acts::cannot(ground, report),
    }
}

/// The draft and its basis, with what is looked up by account.
struct Ground<'a> {
    draft: &'a Draft,
    basis: &'a Basis<'a>,
    verdicts: BTreeMap<&'a AccountId, &'a Verdict>,
    timelines: BTreeMap<&'a AccountId, &'a Timeline>,
}

impl<'a> Ground<'a> {
    fn of(draft: &'a Draft, basis: &'a Basis<'a>) -> Self {
        Self {
            draft,
            basis,
            verdicts: basis.verdicts.iter().map(|v| (&v.account, v)).collect(),
            timelines: basis.timelines.iter().map(|t| (&t.account, t)).collect(),
        }
    }

    fn entries(&self) -> &'a [Entry] {
        &self.draft.entries
    }

    /// Whether it only adds to what was done: access was closed by another plan.
    fn is_added(&self) -> bool {
        matches!(self.draft.header.purpose, Purpose::Addendum { .. })
    }

    /// The share of the plan's accounts that so many are; 0 of an empty plan.
    fn share(&self, accounts: usize) -> f64 {
        accounts as f64 / self.draft.entries.len().max(1) as f64
    }
}

impl Report {
    fn say(&mut self, check: Check, severity: Severity, sure: Sure, text: String, todo: &str) {
        self.notes.push(Note { check, severity, text, sure, todo: todo.to_owned() });
    }

    fn measure(&mut self, limit: &'static str, of: &str, measured: f64, severity: Severity) {
        self.figures.push(Figure { limit, of: of.to_owned(), measured, severity });
    }
}

fn percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// How many there are, and the first of them.
fn first_of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Option<(usize, &'a AccountId)> {
    let mut entries = entries.peekable();
    let first = &entries.peek()?.account;
    Some((entries.count(), first))
}

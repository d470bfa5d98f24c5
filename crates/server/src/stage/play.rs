//! Playing on a stage: from a hunt's answer to a run's end and back, while the service's time passes and owners live.
//!
//! Each step calls the operations that commands and pages call. Nothing here decides, and nothing knows a threshold.

use super::people::{self, Heard, Owners};
use super::watch::{Held, Watch};
use super::{AUTHOR, Stage};
use crate::cli::show::moment;
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::plan::Drafted;
use crate::ops::run::Advance;
use model::gate::{GateDecision, InputState};
use model::id::{AccountId, Millis, OperatorName, PlanId, RunId};
use model::labels::Label;
use model::plan::PlanState;
use respond::port::Clock;
use std::path::Path;
use store::plans::{Note, Severity};

/// A step of the service's time while a gate waits, ms.
const AN_HOUR_MS: i64 = 3_600_000;
/// A restless play opens its ledger anew at one step in so many.
const REOPENED_EVERY: u64 = 3;
/// How often a plan is made for those whom the time of the one before did not come to.
const PLANS: u64 = 4;
/// How often a plan is drafted again without those whom its reviewers called not compromised.
const REVIEWS: u64 = 8;

/// A play in progress.
pub(crate) struct Play<'a> {
    pub(crate) stage: Stage,
    pub(crate) watch: Watch,
    /// What intruders held when it began.
    pub(crate) held: Held,
    pub(crate) owners: Owners,
    /// Whether the ledger is opened anew at every third step, and at each a second operator presses the same button.
    pub(crate) restless: bool,
    steps: u64,
    seed: u64,
    say: &'a dyn Fn(&str),
}

/// How a run ended.
pub(crate) struct Ended {
    pub(crate) run: RunId,
    /// Runs for those whom its time did not come to.
    pub(crate) further: Vec<RunId>,
    pub(crate) done: bool,
    /// Whether its time ended while a gate waited.
    pub(crate) ran_out: bool,
    /// Why it halted, where it did.
    pub(crate) why: String,
    pub(crate) began_at: Millis,
    pub(crate) ended_at: Millis,
}

impl<'a> Play<'a> {
    /// Begins on a stage; what happens is said a line at a time.
    pub(crate) fn begin(stage: Stage, owners: Owners, seed: u64, say: &'a dyn Fn(&str)) -> Result<Self> {
        let (watch, held) = (Watch::begin(&stage)?, Held::now(&stage));
        Ok(Self { stage, watch, held, owners, restless: false, steps: 0, seed, say })
    }

    /// Says a line.
    pub(crate) fn say(&self, line: impl std::fmt::Display) {
        (self.say)(&line.to_string());
    }

    /// Drafts a plan from an answer, and perhaps a list.
    pub(crate) fn draft(&self, answer: &Path, list: Option<&Path>) -> Result<Drafted> {
        ops::plan::draft(&self.stage.ctx, answer, list, &OperatorName::new(AUTHOR))
    }

    /// Checks a draft; false where the preflight refuses it.
    pub(crate) fn check(&self, plan: &PlanId) -> Result<bool> {
        Ok(self.checked(plan)?.0 != PlanState::Refused)
    }

    fn checked(&self, plan: &PlanId) -> Result<(PlanState, Vec<Note>)> {
        let (state, notes) = ops::plan::check(&self.stage.ctx, plan, AUTHOR)?;
        for note in &notes {
            self.say(format!("preflight, {}: {}", note.code, note.text));
        }
        Ok((state, notes))
    }

    /// From a hunt's answer to the end of the run. `fooled` says of whom reviewers are taken in.
    pub(crate) fn respond(
        &mut self,
        answer: &Path,
        list: Option<&Path>,
        fooled: &dyn Fn(&AccountId) -> bool,
    ) -> Result<Ended> {
        let plan = self.reviewed(answer, list, fooled)?;
        let run = self.armed(&plan)?;
        self.carry_out(&run)
    }

    /// The same for a right plan: where its time ends before enough owners were heard from, people make a new one for those
    /// who are left, looked at and signed like any.
    pub(crate) fn respond_to_all(&mut self, answer: &Path, list: Option<&Path>) -> Result<Ended> {
        let ended = self.respond(answer, list, &|_| false)?;
        self.finish(ended, answer)
    }

    /// Goes on after a right plan whose time ended, until nobody is left.
    pub(crate) fn finish(&mut self, mut ended: Ended, answer: &Path) -> Result<Ended> {
        for _ in 1..PLANS {
            if !ended.ran_out {
                break;
            }
            self.say(format!("{}; people make a new plan for who is left", ended.why));
            let next = self.respond(answer, None, &|_| false)?;
            ended.further.push(next.run);
            let Ended { done, ran_out, why, ended_at, .. } = next;
            ended = Ended { done, ran_out, why, ended_at, ..ended };
        }
        Ok(ended)
    }

    /// Drafts, checks, seals and reviews. Where the preflight asks people to look at some, they do; where a review refuses,
    /// those labelled not compromised are left out; and all of it is done again.
    pub(crate) fn reviewed(
        &self,
        answer: &Path,
        list: Option<&Path>,
        fooled: &dyn Fn(&AccountId) -> bool,
    ) -> Result<PlanId> {
        let ctx = &self.stage.ctx;
        for attempt in 0..REVIEWS {
            let drafted = self.draft(answer, list)?;
            let plan = drafted.plan;
            if let Some(why) = drafted.refused {
                return Err(Error::failed(format!("{plan} was refused when it was drafted: {why}")));
            }
            let (state, notes) = self.checked(&plan)?;
            if state == PlanState::Refused {
                let refusals = notes.iter().filter(|n| n.severity == Severity::Refuse);
                if attempt > 0 || !people::look_at_those_asked_for(&self.stage, refusals, fooled)? {
                    return Err(Error::failed(format!("{plan} was refused by its preflight")));
                }
                self.say("people looked at those whom the preflight names; drafted again");
                continue;
            }
            let digest = ops::plan::seal_plan(ctx, &plan, AUTHOR)?;
            self.say(format!(
                "{plan}: {} accounts, {} left out with a reason each, sealed under {}",
                drafted.accounts,
                drafted.left_out,
                digest.short()
            ));
            let finding = people::review(&self.stage, &plan, fooled, self.seed + attempt)?;
            self.say(format!("blind review: {}", finding.text));
            if finding.passes {
                return Ok(plan);
            }
            self.say("the review refuses it: drafted again without those that people called not compromised");
        }
        Err(Error::failed(format!("{REVIEWS} reviews refused the plan")))
    }

    /// Has a reviewed plan signed, armed and started.
    pub(crate) fn armed(&self, plan: &PlanId) -> Result<RunId> {
        people::approve(&self.stage, plan)?;
        self.say(format!("{plan} is signed by two people, neither of whom made it"));
        let run = ops::run::arm(&self.stage.ctx, plan, AUTHOR)?;
        ops::run::start(&self.stage.ctx, &run, AUTHOR)?;
        Ok(run)
    }

    /// Drives a run to its end, or to its halt.
    pub(crate) fn carry_out(&mut self, run: &RunId) -> Result<Ended> {
        let began_at = self.stage.clock.now();
        let mut heard = Heard::default();
        let (done, why) = loop {
            if let Some(ended) = self.step(run, &mut heard)? {
                break ended;
            }
        };
        let ended_at = self.stage.clock.now();
        self.say(format!(
            "{}: {} owners are back with a password of their own, {} said \u{201c}that was me\u{201d} ({} proved)",
            moment(ended_at),
            heard.recovered,
            heard.disputed,
            heard.proved
        ));
        let expires_at = self.stage.ctx.store.read(|r| Ok(r.plan(&r.run(run)?.plan)?.header.expires_at))?;
        let ran_out = !done && expires_at <= ended_at;
        Ok(Ended { run: run.clone(), further: Vec::new(), done, ran_out, why, began_at, ended_at })
    }

    /// One step of a run, and what owners do meanwhile; how it ended, where it has.
    pub(crate) fn step(&mut self, run: &RunId, heard: &mut Heard) -> Result<Option<(bool, String)>> {
        let step = self.advance(run)?;
        let stage = &self.stage;
        self.watch.again(stage)?;
        match step {
            Advance::Wave(wave) => {
                let inputs = stage.ctx.store.read(|r| r.gate_counts(run, stage.clock.now()))?;
                self.say(format!(
                    "{}: wave {wave} is through; {} accounts contained, {} of {} notices accepted",
                    moment(stage.clock.now()),
                    inputs.contained,
                    inputs.notices_accepted,
                    inputs.notices
                ));
            }
            Advance::Gate(gate) if gate.decision == GateDecision::Halt => {
                for reason in gate.reasons(InputState::Halt) {
                    let at = moment(stage.clock.now());
                    self.say(format!("{at}: HALT after wave {}: {reason}", gate.wave));
                }
                return Ok(Some((false, gate.why())));
            }
            Advance::Gate(_) | Advance::Unproved(_) => stage.pass(AN_HOUR_MS),
            Advance::Paced(until, _) => stage.pass((until - stage.clock.now()).max(AN_HOUR_MS)),
            Advance::Halted(why) => return Ok(Some((false, why))),
            Advance::Done => return Ok(Some((true, String::new()))),
            Advance::Elsewhere => {}
        }
        // As the server does every minute.
        ops::run::end_holds(&self.stage.ctx)?;
        self.owners.live(&self.stage, run, heard)?;
        self.watch.again(&self.stage)?;
        Ok(None)
    }

    /// Advances a run; where the play is restless, from a ledger opened anew, and by two operators at once.
    fn advance(&mut self, run: &RunId) -> Result<Advance> {
        if !self.restless {
            return ops::run::advance(&self.stage.ctx, run, &|_| {});
        }
        self.steps += 1;
        if self.steps.is_multiple_of(REOPENED_EVERY) {
            self.stage.reopen()?;
        }
        let ctx = &self.stage.ctx;
        std::thread::scope(|scope| {
            let second = scope.spawn(|| ops::run::advance(ctx, run, &|_| {}));
            let first = ops::run::advance(ctx, run, &|_| {})?;
            match (first, second.join()) {
                (_, Err(panic)) => std::panic::resume_unwind(panic),
                (Advance::Elsewhere, Ok(second)) => second,
                // What the second was told, the first is told at the next step.
                (first, Ok(second)) => second.map(|_| first),
            }
        })
    }

    /// Support looks at everybody a run touched: the innocent are restored, told, and apologised to; all others are
    /// released.
    pub(crate) fn take_back(&mut self, run: &RunId) -> Result<()> {
        let ctx = &self.stage.ctx;
        let touched = ctx.store.read(|r| r.cases(run))?;
        for case in touched.iter().filter(|c| !self.stage.is_victim(&c.account)) {
            ops::review::label_case(ctx, &case.account, &"first-reviewer".into(), Label::NotCompromised)?;
        }
        self.undo(run)
    }

    /// Undoes a run as the record stands.
    pub(crate) fn undo(&mut self, run: &RunId) -> Result<()> {
        let ctx = &self.stage.ctx;
        let preview = ops::undo::preview(ctx, run, &[])?;
        self.say(format!(
            "preview: {} get their old password back, {} are only released (the verdict stands)",
            preview.restored.len(),
            preview.released.len()
        ));
        let plan = ops::undo::draft(ctx, run, &[], &OperatorName::new(AUTHOR))?;
        let undo = self.armed(&plan)?;
        let ended = self.carry_out(&undo)?;
        if !ended.done {
            return Err(Error::halted(format!("the undo halted: {}", ended.why)));
        }
        let now = self.stage.clock.now();
        let inputs = self.stage.ctx.store.read(|r| r.gate_counts(&undo, now))?;
        self.say(format!(
            "{plan}: {} accounts taken back, {} corrections accepted",
            inputs.contained, inputs.notices_accepted
        ));
        Ok(())
    }
}

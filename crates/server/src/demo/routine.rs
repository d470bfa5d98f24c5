//! The acts of the demonstration: hunt, list, plan, run, mistake, undo. Each calls the operations that commands call.

use super::analyst;
use super::count::Watch;
use super::people::{self, Heard, Owners};
use super::stage::{AUTHOR, Stage};
use super::teller::Teller;
use crate::cli::show::moment;
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::run::Advance;
use hunt::Answer;
use model::id::{AccountId, OperatorName, PlanId, RunId};
use model::labels::Label;
use model::plan::PlanState;
use model::run::GateDecision;
use respond::port::Clock;
use std::path::PathBuf;

/// A step of the service's time while a gate waits, ms.
const HALF_AN_HOUR_MS: i64 = 1_800_000;
/// How many accounts the mistaken rule names.
const MISTAKEN: usize = 150;

/// The hunt's answer and where it stands.
pub(crate) struct Found {
    pub(crate) answer: Answer,
    pub(crate) folder: PathBuf,
}

/// Hunts.
pub(crate) fn hunt(stage: &Stage, teller: &Teller) -> Result<Found> {
    let folder = stage.folder.path().join("answer");
    let request = hunt::Request::new(vec![stage.events.clone()], folder.clone());
    let summary = hunt::run(&request, &|_| {})?;
    let answer = hunt::read_answer(&folder)?;
    for (what, n) in &summary.verdicts {
        teller.say(format!("{n} {what}"));
    }
    for shift in &summary.shifts {
        teller.say(format!(
            "explained away: {} {:?} came to {} accounts at once",
            shift.feature, shift.value, shift.accounts
        ));
    }
    if let Some(first) = answer.verdicts.first() {
        teller.say(format!("the most certain, {} ({:.3}):", first.account, first.confidence));
        for evidence in &first.evidence {
            teller.say(format!("  {}: {}", evidence.signal, evidence.summary));
        }
    }
    Ok(Found { answer, folder })
}

/// Somebody brings a list: those found, and many more.
pub(crate) fn wide_list(stage: &Stage, teller: &Teller, found: &Found) -> Result<bool> {
    let believed: Vec<&AccountId> = found.answer.verdicts.iter().map(|v| &v.account).collect();
    let others = stage.population.accounts.iter().map(|a| &a.account).filter(|a| !believed.contains(a));
    let list: Vec<&AccountId> = believed.iter().copied().chain(others.take(believed.len() * 4)).collect();
    let path = stage.folder.path().join("list.txt");
    let text: String = list.iter().map(|a| format!("{a}\n")).collect();
    std::fs::write(&path, text).map_err(crate::error::at(&path))?;
    let drafted = ops::plan::draft(&stage.ctx, &found.folder, Some(&path), &OperatorName::new(AUTHOR))?;
    match &drafted.refused {
        Some(reason) => teller.say(format!("{}: refused: {reason}", drafted.plan)),
        None => teller.say(format!("{} was not refused", drafted.plan)),
    }
    Ok(drafted.refused.is_some())
}

/// How a response ended.
pub(crate) struct Ended {
    pub(crate) run: RunId,
    pub(crate) done: bool,
    pub(crate) why: String,
}

/// From a hunt's answer to the end of the run. `fooled` says of whom reviewers are taken in.
pub(crate) fn respond(
    stage: &Stage,
    teller: &Teller,
    watch: &mut Watch,
    owners: &mut Owners,
    folder: &std::path::Path,
    fooled: &dyn Fn(&AccountId) -> bool,
    seed: u64,
) -> Result<Ended> {
    let plan = reviewed(stage, teller, folder, fooled, seed)?;
    people::approve(stage, &plan)?;
    teller.say(format!("{plan} is signed by two people, neither of whom made it"));
    let run = ops::run::arm(&stage.ctx, &plan, AUTHOR)?;
    ops::run::start(&stage.ctx, &run, AUTHOR)?;
    carry_out(stage, teller, watch, owners, run)
}

/// Drafts, checks, seals and reviews; where a review refuses, those labelled not compromised are left out and all of
/// it is done again.
fn reviewed(
    stage: &Stage,
    teller: &Teller,
    folder: &std::path::Path,
    fooled: &dyn Fn(&AccountId) -> bool,
    seed: u64,
) -> Result<PlanId> {
    for attempt in 0..8 {
        let drafted = ops::plan::draft(&stage.ctx, folder, None, &OperatorName::new(AUTHOR))?;
        let plan = drafted.plan;
        let (state, notes) = ops::plan::check(&stage.ctx, &plan, AUTHOR)?;
        for note in notes {
            teller.say(format!("preflight, {}: {}", note.code, note.text));
        }
        if state == PlanState::Refused {
            return Err(Error::failed(format!("{plan} was refused by its preflight")));
        }
        let digest = ops::plan::seal_plan(&stage.ctx, &plan, AUTHOR)?;
        teller.say(format!(
            "{plan}: {} accounts, {} left out with a reason each, sealed under {}",
            drafted.accounts,
            drafted.left_out,
            digest.short()
        ));
        let finding = people::review(stage, &plan, fooled, seed + attempt)?;
        teller.say(format!("blind review: {}", finding.text));
        if finding.passes {
            return Ok(plan);
        }
        teller.say("the review refuses it: drafted again without those that people called not compromised");
    }
    Err(Error::failed("eight reviews refused the plan"))
}

/// Drives a run while the service's time passes and owners live.
fn carry_out(
    stage: &Stage,
    teller: &Teller,
    watch: &mut Watch,
    owners: &mut Owners,
    run: RunId,
) -> Result<Ended> {
    let mut heard = Heard::default();
    let ended = loop {
        let step = ops::run::advance(&stage.ctx, &run, &|_| {})?;
        watch.again(stage)?;
        match step {
            Advance::Wave(wave) => {
                let inputs = stage.ctx.store.read(|r| r.gate_inputs(&run, stage.clock.now()))?;
                teller.say(format!(
                    "{}: wave {wave} is through; {} accounts contained, {} of {} notices accepted",
                    moment(stage.clock.now()),
                    inputs.contained,
                    inputs.notices_accepted,
                    inputs.notices
                ));
            }
            Advance::Gate(gate) if gate.decision == GateDecision::Halt => {
                for reason in gate.reasons.iter().filter(|r| r.contains("exceeds")) {
                    teller.say(format!(
                        "{}: HALT after wave {}: {reason}",
                        moment(stage.clock.now()),
                        gate.wave
                    ));
                }
                break (false, gate.reasons.join("; "));
            }
            Advance::Gate(_) => stage.clock.pass(HALF_AN_HOUR_MS),
            Advance::Paced(until) => stage.clock.pass((until - stage.clock.now()).max(HALF_AN_HOUR_MS)),
            Advance::Halted(why) => break (false, why),
            Advance::Done => break (true, String::new()),
        }
        owners.live(stage, &run, &mut heard)?;
        watch.again(stage)?;
    };
    teller.say(format!(
        "{}: {} owners are back with a password of their own, {} said \u{201c}that was me\u{201d} ({} proved)",
        moment(stage.clock.now()),
        heard.recovered,
        heard.disputed,
        heard.proved
    ));
    Ok(Ended { run, done: ended.0, why: ended.1 })
}

/// A hasty rule, reviewers who are taken in, and a canary.
pub(crate) fn mistaken(
    stage: &Stage,
    teller: &Teller,
    watch: &mut Watch,
    owners: &mut Owners,
    found: &Found,
    seed: u64,
) -> Result<Ended> {
    let folder = stage.folder.path().join("hasty-rule");
    let since = stage.population.events.last().map_or(0, |e| e.time) - 7 * 86_400_000;
    let alike = stage.trapped(&["new_phone", "travel", "back_with_new_phone", "moved_abroad", "vpn"]);
    let named = analyst::write(
        &folder,
        &stage.population.events,
        &stage.population.accounts,
        &found.answer,
        &alike,
        MISTAKEN,
        since,
    )?;
    let innocent = named.iter().filter(|a| !stage.is_victim(a)).count();
    teller.say(format!(
        "a hasty rule (\u{201c}whoever is busy from a device that looks new\u{201d}) names {} accounts; {innocent} of them are innocent",
        named.len()
    ));
    teller.say("two reviewers look, and are taken in");
    let fooled = |account: &AccountId| named.contains(account);
    respond(stage, teller, watch, owners, &folder, &fooled, seed)
}

/// Support looks at everybody the halted run touched; the innocent are restored, told, and apologised to.
pub(crate) fn take_back(stage: &Stage, teller: &Teller, watch: &mut Watch, run: &RunId) -> Result<()> {
    let touched = stage.ctx.store.read(|r| r.cases(run))?;
    for case in touched.iter().filter(|c| !stage.is_victim(&c.account)) {
        ops::review::label_case(&stage.ctx, &case.account, &"first-reviewer".into(), Label::NotCompromised)?;
    }
    let preview = ops::undo::preview(&stage.ctx, run, &[])?;
    teller.say(format!(
        "preview: {} get their old password back, {} are only released (the verdict stands)",
        preview.restored.len(),
        preview.released.len()
    ));
    let plan = ops::undo::draft(&stage.ctx, run, &[], &OperatorName::new(AUTHOR))?;
    people::approve(stage, &plan)?;
    let undo = ops::run::arm(&stage.ctx, &plan, AUTHOR)?;
    ops::run::start(&stage.ctx, &undo, AUTHOR)?;
    loop {
        let step = ops::run::advance(&stage.ctx, &undo, &|_| {})?;
        watch.again(stage)?;
        match step {
            Advance::Wave(_) => {}
            Advance::Gate(gate) if gate.decision != GateDecision::Halt => stage.clock.pass(HALF_AN_HOUR_MS),
            Advance::Gate(gate) => {
                return Err(Error::halted(format!("the undo halted: {}", gate.reasons.join("; "))));
            }
            Advance::Paced(until) => stage.clock.pass((until - stage.clock.now()).max(HALF_AN_HOUR_MS)),
            Advance::Halted(why) => return Err(Error::halted(format!("the undo halted: {why}"))),
            Advance::Done => break,
        }
    }
    let inputs = stage.ctx.store.read(|r| r.gate_inputs(&undo, stage.clock.now()))?;
    teller.say(format!(
        "{plan}: {} accounts taken back, {} corrections accepted",
        inputs.contained, inputs.notices_accepted
    ));
    Ok(())
}

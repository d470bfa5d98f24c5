//! `run`.

mod look;

pub(super) use self::look::{adds_to, adds_to_line};
use self::look::{list, show_run, status};
use super::plan::{confirm, whoami};
use super::show::{self, Progress};
use super::{Call, rehearsal, undo};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::brake::Pull;
use crate::ops::run::Advance;
use clap::{Args, Subcommand};
use model::gate::GateDecision;
use model::id::{AccountId, OperatorName, PlanId, RunId};
use respond::execute::{Pause, Waits};
use std::path::PathBuf;
use std::time::Duration;
use store::undo::Retraction;

/// How often a waiting run looks whether its gate can pass.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

#[derive(Subcommand)]
pub(crate) enum RunCommand {
    /// Permit the run of an approved plan; nothing is done yet.
    Arm {
        id: PlanId,
        /// The short digest you mean; asked for on a terminal.
        #[arg(long)]
        digest: Option<String>,
    },
    /// Carry it out: the canary, then waves, each behind its gate.
    Start {
        /// The run, or its plan.
        id: String,
        /// Do everything on the real service but the writes, and say what would be done; a sealed plan is enough.
        #[arg(long, conflicts_with = "no_wait")]
        rehearse: bool,
        #[command(flatten)]
        how: How,
    },
    /// Start nothing new; what was begun is finished, and notices still go out.
    Halt {
        /// The run, or its plan.
        id: Option<String>,
        /// Every run.
        #[arg(long, conflicts_with = "id", required_unless_present = "id")]
        all: bool,
        #[arg(long, default_value = "halted by hand")]
        reason: String,
    },
    /// Go on with a halted run, or one whose process died.
    Resume {
        /// The run, or its plan.
        id: String,
        #[command(flatten)]
        how: How,
    },
    /// Take back: restore the exonerated, release all others. Makes a sealed plan, to be approved by its size.
    Undo {
        /// The run, or its plan.
        id: String,
        /// Only say who would be restored and who released.
        #[arg(long)]
        preview: bool,
        /// Only these accounts.
        #[arg(long, value_name = "ACCOUNT")]
        account: Vec<String>,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
    },
    /// One person, at night: end the sessions of a few accounts that a hunt suspects, or hold them; never a reset.
    Brake {
        /// The accounts.
        account: Vec<String>,
        /// Accounts from a file, an id a line, JSON Lines or CSV.
        #[arg(long, value_name = "FILE")]
        list: Option<PathBuf>,
        /// The hunt's answer that holds the evidence.
        #[arg(long, value_name = "DIR", required_unless_present = "extend")]
        hunt: Option<PathBuf>,
        /// Instead: sign that this brake should last longer, as one of two people who did not pull it.
        #[arg(long, value_name = "RUN", conflicts_with_all = ["account", "list", "hunt", "hold"])]
        extend: Option<String>,
        /// Also take the accounts off until the brake's time is over.
        #[arg(long)]
        hold: bool,
        #[arg(long, value_name = "NAME")]
        operator: String,
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
    /// Give back the accounts whose hold is over; `serve` does it by itself, every minute.
    EndHolds,
    /// Withdraw a signal, and draft the undo of just those who rested on it. Makes sealed plans, to be approved by size.
    Retract {
        #[arg(long)]
        signal: String,
        /// Only of this run's accounts.
        #[arg(long, value_name = "RUN")]
        run: Option<String>,
        /// Only say who would be restored and who is left contained.
        #[arg(long)]
        preview: bool,
        #[arg(long, default_value = "withdrawn by hand")]
        reason: String,
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
    },
    /// One run: waves, gates, halts with reasons.
    Show { id: String },
    /// All runs.
    List,
}

#[derive(Args)]
pub(crate) struct How {
    /// A newer hunt's answer: it tells whose hand changed a credential since the plan was sealed.
    #[arg(long, value_name = "DIR")]
    hunt: Option<PathBuf>,
    /// Stop where a gate waits, instead of waiting with it; `resume` goes on.
    #[arg(long)]
    no_wait: bool,
}

pub(crate) fn run(call: &Call, command: RunCommand) -> Result<()> {
    let ctx = call.context()?;
    match command {
        RunCommand::Arm { id, digest } => {
            confirm(&ctx.store.read(|r| r.plan(&id))?, digest.as_deref())?;
            let run =
                ops::run::arm(&ctx, &id, whoami().as_str()).map_err(|e| needs_approval(&ctx, &id, e))?;
            if call.json {
                show::json(&serde_json::json!({ "run": run, "plan": id }));
            } else {
                show::line(format!("{run} is armed\n  next: rightful run start {run}"));
            }
            Ok(())
        }
        RunCommand::Start { id, rehearse: true, .. } => rehearsal::rehearse(call, &ctx, &id),
        RunCommand::Start { id, rehearse: false, how } => {
            let run = ops::run::find(&ctx, &id)?;
            look_again(&ctx, &run, &how)?;
            ops::run::start(&ctx, &run, whoami().as_str())?;
            carry_out(call, &ctx, &run, &how)
        }
        RunCommand::Resume { id, how } => {
            let run = ops::run::find(&ctx, &id)?;
            look_again(&ctx, &run, &how)?;
            let state = ctx.store.read(|r| r.run(&run))?.state;
            let stuck = ctx.store.read(|r| r.stuck_cases(&run))?.len();
            if stuck > 0 {
                let taken = ops::run::retry_stuck(&ctx, &run, whoami().as_str())?;
                eprintln!("{run}: {taken} of {stuck} stuck accounts tried again");
            }
            if state == model::run::RunState::Done {
                return show_run(call, &ctx, &run);
            }
            if state != model::run::RunState::Running {
                ops::run::start(&ctx, &run, whoami().as_str())?;
            }
            carry_out(call, &ctx, &run, &how)
        }
        RunCommand::Halt { id, all, reason } => {
            let by = whoami();
            let halted = match id {
                Some(id) if !all => {
                    let run = ops::run::find(&ctx, &id)?;
                    ops::run::halt(&ctx, &run, by.as_str(), &reason)?;
                    vec![run]
                }
                Some(_) | None => ctx.store.write(ctx.now(), |tx| tx.halt_all(by.as_str(), &reason))?,
            };
            for run in &halted {
                // Where a living process holds the run, it finishes what it began by itself.
                if let Err(error) = ops::run::settle(&ctx, run) {
                    eprintln!("{run}: what was begun is not settled from here: {error}");
                }
            }
            if call.json {
                show::json(&serde_json::json!({ "halted": halted }));
            } else {
                halted.iter().for_each(|run| show::line(format!("{run} is halted")));
            }
            Ok(())
        }
        RunCommand::EndHolds => end_holds(call, &ctx),
        RunCommand::Brake { extend: Some(run), operator, key, .. } => {
            let run = ops::run::find(&ctx, &run)?;
            let (name, key) = (OperatorName::new(operator), crate::keys::signing_key(&key)?);
            let longer = ops::brake::make_longer(&ctx, &run, &name, &key)?;
            if call.json {
                show::json(&longer);
            } else {
                show::line(format!(
                    "{run}: {} of the {} people it takes have signed that it should last longer; it ends at {}",
                    longer.people.len(),
                    longer.needed,
                    show::moment(longer.ends_at)
                ));
            }
            Ok(())
        }
        RunCommand::Brake { account, list, hunt, extend: None, hold, operator, key } => {
            // clap has insisted on it.
            let hunt = hunt.ok_or_else(|| Error::usage("--hunt DIR is missing"))?;
            let mut accounts: Vec<AccountId> = account.iter().map(|a| AccountId::new(a.as_str())).collect();
            if let Some(file) = list {
                accounts.extend(ops::accounts::read_list(&file)?);
            }
            let (name, key) = (OperatorName::new(operator), crate::keys::signing_key(&key)?);
            let pull = if hold { Pull::Hold } else { Pull::EndSessions };
            let done = ops::brake::brake(&ctx, &hunt, &accounts, pull, &name, &key)?;
            if call.json {
                show::json(&done);
            } else {
                show::line(format!(
                    "{}: sessions of {} accounts ended{} on {name}'s word alone, under {}\n  next: make a plan that people look at; nothing more is started under this one after {}",
                    done.run,
                    done.accounts,
                    if hold { ", and the accounts taken off for that long," } else { "" },
                    done.digest.short(),
                    show::moment(done.ends_at)
                ));
            }
            Ok(())
        }
        RunCommand::Undo { id, preview, account, author } => {
            undo::undo(call, &ctx, &id, preview, &account, author)
        }
        RunCommand::Retract { signal, run, preview, reason, author } => {
            let retraction = Retraction {
                signal,
                run: run.map(|id| ops::run::find(&ctx, &id)).transpose()?,
                reason,
                operator: author.map_or_else(whoami, OperatorName::new),
                retracted_at: ctx.now(),
            };
            undo::retract(call, &ctx, &retraction, preview)
        }
        RunCommand::Show { id } => show_run(call, &ctx, &ops::run::find(&ctx, &id)?),
        RunCommand::List => list(call, &ctx),
    }
}

/// Takes in a newer hunt's answer, where one is named.
fn look_again(ctx: &Context, run: &RunId, how: &How) -> Result<()> {
    if let Some(answer) = &how.hunt {
        let known = ops::run::look_again(ctx, run, answer, whoami().as_str())?;
        eprintln!("{run}: the newer hunt says of {known} accounts who changed their credential");
    }
    Ok(())
}

fn end_holds(call: &Call, ctx: &Context) -> Result<()> {
    let ended = ops::run::end_holds(ctx)?;
    if call.json {
        let open =
            ended.open.iter().map(|(account, why)| serde_json::json!({ "account": account, "why": why }));
        show::json(&serde_json::json!({
            "ended": ended.ended,
            "open": open.collect::<Vec<_>>(),
            "watched": ended.watched,
        }));
    } else {
        show::line(format!("{} accounts are on again", ended.ended + ended.watched));
        if ended.watched > 0 {
            show::line(format!(
                "  {} of them are looked at again: a call that took them off may still take effect",
                ended.watched
            ));
        }
        ended.open.iter().for_each(|(account, why)| show::line(format!("  still off: {account}: {why}")));
    }
    if ended.open.is_empty() {
        return Ok(());
    }
    Err(Error::failed(format!("{} accounts whose hold is over are still off", ended.open.len()))
        .hint("see what the service said, then: rightful run end-holds")
        .said())
}

/// A plan that is not approved yet is a matter of waiting, not of failure.
fn needs_approval(ctx: &Context, plan: &PlanId, error: Error) -> Error {
    use model::plan::PlanState;
    match ctx.store.read(|r| r.plan(plan)).map(|p| p.state) {
        Ok(PlanState::Sealed | PlanState::Reviewed) => Error::needs_approval(error).hint(format!(
            "rightful plan review {plan}, then rightful plan approve {plan} by each of the people it needs"
        )),
        Ok(_) | Err(_) => error,
    }
}

/// Drives a run to its end, saying what happens.
fn carry_out(call: &Call, ctx: &Context, run: &RunId, how: &How) -> Result<()> {
    let progress = Progress::new();
    let planned = ctx.store.read(|r| Ok(r.plan(&r.run(run)?.plan)?.header.waves))?;
    let end = loop {
        let told = |settled: u64| eprintln!("  {settled} accounts of this wave have an outcome");
        match ops::run::advance(ctx, run, &told)? {
            Advance::Wave(wave) => {
                let size = planned.get(wave as usize).copied().unwrap_or(0);
                eprintln!("wave {wave}: {size} accounts, through");
            }
            Advance::Gate(gate) if gate.decision == GateDecision::Halt => {
                break Err(Error::halted(format!(
                    "{run} halted at the gate after wave {}: {}",
                    gate.wave,
                    gate.why()
                ))
                .hint(format!("rightful run show {run}; then rightful run undo {run} --preview")));
            }
            Advance::Gate(gate) if how.no_wait => {
                break Ok(format!("waits at the gate after wave {}: {}", gate.wave, gate.why()));
            }
            Advance::Gate(gate) => {
                progress.say("waiting", &format!("at the gate after wave {}: {}", gate.wave, gate.why()));
                std::thread::sleep(LOOK_AGAIN);
            }
            Advance::Paced(until, why) if how.no_wait => {
                break Ok(format!("{}; paced until {}", paused(why), show::moment(until)));
            }
            Advance::Paced(until, why) => {
                progress.say("paced", &format!("{}; going on at {}", paused(why), show::moment(until)));
                std::thread::sleep(LOOK_AGAIN);
            }
            Advance::Unproved(why) if how.no_wait => break Ok(format!("waits before its next wave: {why}")),
            Advance::Unproved(why) => {
                progress.say("waiting", &why);
                std::thread::sleep(LOOK_AGAIN);
            }
            Advance::Halted(why) => {
                break Err(
                    Error::halted(format!("{run} is halted: {why}")).hint(format!("rightful run show {run}"))
                );
            }
            Advance::Done => break Ok("done".to_owned()),
            Advance::Elsewhere => break Err(respond::RespondError::Leased { run: run.clone() }.into()),
        }
    };
    progress.done();
    match end {
        Ok(said) => {
            if call.json {
                show::json(&status(ctx, run)?);
            } else {
                show::line(format!("{run}: {said}"));
            }
            Ok(())
        }
        Err(error) => {
            if call.json {
                show::json(&status(ctx, run)?);
            }
            Err(error.said())
        }
    }
}

/// Why nothing is started for a while.
pub(super) fn paused(why: Pause) -> String {
    let Waits { quiet, late } = match why {
        Pause::Hour => return "the hour's limit is used up".to_owned(),
        Pause::Accounts(waits) => waits,
    };
    let mut said = Vec::new();
    if quiet > 0 {
        said.push(format!("{quiet} accounts wait for the end of their owners' quiet hours"));
    }
    if late > 0 {
        said.push(format!(
            "{late} accounts wait for calls whose answers were lost: they may still take effect, and would do what is \
             taken back once more"
        ));
    }
    said.join("; ")
}

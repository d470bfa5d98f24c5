//! Runs: wave by wave, with the gate between. The executor carries out; `decide` says whether to go on; here the one
//! is told what the other said.

use super::letters;
use crate::context::Context;
use crate::error::{Error, Result};
use model::id::{Millis, PlanId, RunId};
use model::plan::Purpose;
use model::run::{GateDecision, GateRow, RunState};
use respond::RespondError;
use respond::execute::{Executor, HoldsEnded, WaveEnd, end_due_holds, lease_name};
use respond::outbox::{Flushed, flush};
use std::path::Path;

/// Arms an approved plan.
pub(crate) fn arm(ctx: &Context, plan: &PlanId, by: &str) -> Result<RunId> {
    let run = RunId::new(ctx.new_name("run"));
    respond::arm(&ctx.store, &ctx.ports(), &ctx.master_key()?, plan, &run, by)?;
    Ok(run)
}

/// The run named, or the run of the plan named.
pub(crate) fn find(ctx: &Context, id: &str) -> Result<RunId> {
    let (run, plan) = (RunId::new(id), PlanId::new(id));
    ctx.store
        .read(|r| match r.run_of(&plan)? {
            Some(row) => Ok(row.id),
            None => Ok(r.run(&run)?.id),
        })
        .map_err(|e| Error::from(e).hint("rightful run list"))
}

/// Starts an armed run, or a halted one again.
pub(crate) fn start(ctx: &Context, run: &RunId, by: &str) -> Result<()> {
    if ctx.halt_file().is_there() {
        return Err(Error::halted(format!(
            "{} is there: nothing is started",
            ctx.halt_file().path().display()
        ))
        .hint("find out who laid it there and why; then remove it"));
    }
    let now = ctx.now();
    Ok(ctx.store.write_with(now, |tx| {
        // Said here already where it can be; the executor asks again before each wave.
        respond::consent::check(tx, &tx.run(run)?.plan, now)?;
        tx.start_run(run, by)?;
        Ok::<_, RespondError>(())
    })?)
}

/// What a step of a run came to.
#[derive(Debug)]
pub(crate) enum Advance {
    /// A wave is through.
    Wave(u32),
    /// The gate after a wave says so.
    Gate(GateRow),
    /// Nothing is started before this moment.
    Paced(Millis),
    /// The run is halted.
    Halted(String),
    /// Every wave is through and passed its gate.
    Done,
    /// Another process works on the run; nothing was done here.
    Elsewhere,
}

/// Takes a running run one step further: the wave that is open, or the gate after it. Sends what is due.
pub(crate) fn advance(ctx: &Context, run: &RunId, progress: &(dyn Fn(u64) + Sync)) -> Result<Advance> {
    let (row, waves, header) = ctx.store.read(|r| {
        let row = r.run(run)?;
        Ok((row.clone(), r.waves(run)?, r.plan(&row.plan)?.header))
    })?;
    match row.state {
        RunState::Running => {}
        RunState::Halted => return Ok(Advance::Halted(row.reason.unwrap_or_default())),
        RunState::Done => return Ok(Advance::Done),
        RunState::Armed => {
            return Err(Error::failed(format!("{run} is armed and not started"))
                .hint(format!("rightful run start {run}")));
        }
    }
    let open = waves.iter().find(|w| w.ended_at.is_none()).map(|w| w.wave);
    let next = match (open, waves.last()) {
        (Some(open), _) => open,
        (None, None) => 0,
        (None, Some(last)) => {
            send_due(ctx)?;
            let gate = gate(ctx, run, last.wave)?;
            let is_last = last.wave as usize + 1 == header.waves.len();
            match gate.decision {
                GateDecision::Go if is_last => {
                    // Another operator may have been sooner.
                    ctx.store.write(ctx.now(), |tx| match tx.run(run)?.state {
                        RunState::Done => Ok(()),
                        RunState::Armed | RunState::Running | RunState::Halted => {
                            tx.finish_run(run, "rightful")
                        }
                    })?;
                    return Ok(Advance::Done);
                }
                GateDecision::Go => last.wave + 1,
                GateDecision::Wait | GateDecision::Halt => return Ok(Advance::Gate(gate)),
            }
        }
    };
    let end = with_executor(ctx, run, progress, |executor| match executor.wave(run, next) {
        Err(RespondError::Leased { .. }) => Ok(None),
        other => Ok(Some(other?)),
    })?;
    send_due(ctx)?;
    Ok(match end {
        Some(WaveEnd::Through) => Advance::Wave(next),
        Some(WaveEnd::Halted(why)) => Advance::Halted(why),
        Some(WaveEnd::Paced(until)) => Advance::Paced(until),
        None => Advance::Elsewhere,
    })
}

/// Asks the gate after a wave, keeps what it says, and halts the run where it says so.
fn gate(ctx: &Context, run: &RunId, wave: u32) -> Result<GateRow> {
    let now = ctx.now();
    let (inputs, policy, last, purpose) = ctx.store.read(|r| {
        let row = r.run(run)?;
        let purpose = r.plan(&row.plan)?.header.purpose;
        Ok((r.gate_inputs(run, now)?, r.policy_of(&row.plan)?, r.last_gate(run, wave)?, purpose))
    })?;
    let gate = decide::gate::gate(wave, inputs, &policy.gate, purpose == Purpose::Contain);
    // A wait that says the same as before is not written again, however often it is asked.
    let says_anew =
        last.is_none_or(|l| l.row.decision != gate.decision || l.row.decision != GateDecision::Wait);
    ctx.store.write(now, |tx| {
        if says_anew {
            tx.put_gate(run, &gate)?;
        }
        if gate.decision == GateDecision::Halt {
            tx.halt_run(run, "rightful", &format!("the gate after wave {wave}: {}", alarms(&gate)))?;
        }
        Ok(())
    })?;
    Ok(gate)
}

/// The reasons that made a gate halt.
fn alarms(gate: &GateRow) -> String {
    let loud: Vec<&str> = gate.reasons.iter().map(String::as_str).filter(|r| r.contains("exceeds")).collect();
    loud.join("; ")
}

/// Halts a run.
pub(crate) fn halt(ctx: &Context, run: &RunId, by: &str, reason: &str) -> Result<bool> {
    Ok(ctx.store.write(ctx.now(), |tx| tx.halt_run(run, by, reason))?)
}

/// Settles what was begun and left open by a process that died, by asking the service; nothing new is begun.
pub(crate) fn settle(ctx: &Context, run: &RunId) -> Result<u64> {
    with_executor(ctx, run, &|_| {}, |executor| Ok(executor.settle(run)?))
}

/// Tries again what is stuck in an undo and may be helped by it.
pub(crate) fn retry_stuck(ctx: &Context, run: &RunId, by: &str) -> Result<u64> {
    let taken = with_executor(ctx, run, &|_| {}, |executor| Ok(executor.retry_stuck(run, by)?))?;
    send_due(ctx)?;
    Ok(taken)
}

/// Keeps, from a newer hunt's answer, whose hand moved credentials since the run's plan was sealed: what their owners
/// chose is left alone. Gives how many accounts of the plan that says something of.
pub(crate) fn look_again(ctx: &Context, run: &RunId, answer: &Path, by: &str) -> Result<usize> {
    let answer = hunt::read_answer(answer)?;
    let (plan, members) = ctx.store.read(|r| {
        let plan = r.plan(&r.run(run)?.plan)?;
        let members = r.values(&plan.id, None)?;
        Ok((plan, members))
    })?;
    let since = plan.sealed_at.unwrap_or(plan.header.drafted_at);
    let mut movers = decide::moved::movers(&answer.timelines, since);
    movers.retain(|account, _| members.iter().any(|v| v.entry.account == *account));
    ctx.store.write(ctx.now(), |tx| tx.put_movers(&plan.id, &answer.digest, &movers, by))?;
    Ok(movers.len())
}

/// Gives back the accounts whose hold is over.
pub(crate) fn end_holds(ctx: &Context) -> Result<HoldsEnded> {
    Ok(end_due_holds(&ctx.store, &ctx.ports())?)
}

/// Sends notices that are due.
pub(crate) fn send_due(ctx: &Context) -> Result<Flushed> {
    Ok(flush(&ctx.store, &ctx.ports())?)
}

fn with_executor<T>(
    ctx: &Context,
    run: &RunId,
    progress: &(dyn Fn(u64) + Sync),
    act: impl FnOnce(&Executor<'_>) -> Result<T>,
) -> Result<T> {
    let (master, halt) = (ctx.master_key()?, ctx.halt_file());
    bury(ctx, run)?;
    let here = process_here(std::process::id()).unwrap_or_default();
    let holder = format!("{here}/{}", hex::encode(&ctx.chance.bytes()[..8]));
    let letters = letters::writer(ctx);
    act(&Executor {
        store: &ctx.store,
        ports: ctx.ports(),
        master: &master,
        halt: &halt,
        letters: &letters,
        mail_domain: &ctx.service.named.domain,
        holder: &holder,
        progress,
    })
}

/// Gives back the lease of a process of this machine that is dead: it was killed, and can't do it itself. The lease
/// of any other process ends by its time.
fn bury(ctx: &Context, run: &RunId) -> Result<()> {
    let (now, name) = (ctx.now(), lease_name(run));
    let Some((holder, fence)) = ctx.store.read(|r| r.lease_holder(&name, now))? else { return Ok(()) };
    let pid = holder.split('/').nth(1).and_then(|pid| pid.parse::<u32>().ok());
    let is_dead = pid.is_some_and(|pid| {
        process_here(pid).is_some_and(|here| holder.starts_with(&format!("{here}/")))
            && !Path::new(&format!("/proc/{pid}")).exists()
    });
    if is_dead {
        ctx.store.write(now, |tx| tx.give_back_lease(&name, fence))?;
    }
    Ok(())
}

/// A process, by the kernel's own names: this start of the machine, this namespace of process numbers, the number.
/// `None` where the kernel tells none of it, and nobody can be taken for dead.
fn process_here(pid: u32) -> Option<String> {
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let namespace = std::fs::read_link("/proc/self/ns/pid").ok()?;
    Some(format!("{} {}/{pid}", boot.trim(), namespace.display()))
}

//! Runs: wave by wave, with the gate between. The executor carries out; `decide` says whether to go on; here the one
//! is told what the other said.

#[cfg(test)]
mod tests;

use super::{footing, letters};
use crate::context::Context;
use crate::error::{Error, Kind, Result};
use decide::gate::Occasion;
use model::gate::{GateDecision, GateRow};
use model::id::{Millis, PlanId, RunId};
use model::plan::Header;
use model::run::RunState;
use respond::RespondError;
use respond::execute::{Executor, HoldsEnded, Pause, WaveEnd, end_due_holds, is_to_be_tried, lease_name};
use respond::outbox::{Flushed, flush};
use std::path::Path;
use store::runs::WaveRow;

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
    footing::insist(ctx)?;
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
    /// Nothing is started before this moment, and why.
    Paced(Millis, Pause),
    /// Nothing is started before it can be told whether a probe account can be got into.
    Unproved(String),
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
    if let Err(error) = footing::insist(ctx) {
        // A ledger that does not answer says nothing of the ground: nothing is started, and it is asked again.
        if error.kind != Kind::Halted {
            return Err(error);
        }
        halt(ctx, run, "rightful", &error.to_string())?;
        return Ok(Advance::Halted(error.to_string()));
    }
    let step = one_step(ctx, run, &header, &waves, progress);
    footing::keep(ctx)?;
    step
}

/// The wave that is open or comes next, or the gate before it.
fn one_step(
    ctx: &Context,
    run: &RunId,
    header: &Header,
    waves: &[WaveRow],
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Advance> {
    let open = waves.iter().find(|w| w.ended_at.is_none()).map(|w| w.wave);
    let is_last_through = open.is_none() && waves.len() == header.waves.len();
    if !is_last_through && let Some(why) = out_of_time(ctx, run, &header.plan)? {
        halt(ctx, run, "rightful", &why)?;
        if let Settling::Elsewhere = settled(ctx, run)? {
            return Ok(Advance::Elsewhere);
        }
        return Ok(Advance::Halted(why));
    }
    let next = match (open, waves.last()) {
        (Some(open), _) => {
            if let Some(gate) = alarm(ctx, run, open)? {
                return Ok(Advance::Gate(gate));
            }
            open
        }
        (None, None) => 0,
        (None, Some(last)) => {
            match settled(ctx, run)? {
                Settling::Through => {}
                Settling::Halted(why) => return Ok(Advance::Halted(why)),
                Settling::Elsewhere => return Ok(Advance::Elsewhere),
            }
            if !probed(ctx, run)? {
                return Ok(Advance::Elsewhere);
            }
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
        Some(WaveEnd::Paced(until, why)) => Advance::Paced(until, why),
        Some(WaveEnd::Unproved(why)) => Advance::Unproved(why),
        None => Advance::Elsewhere,
    })
}

/// Why nothing more can be started, where the time of the plan, or of the consents it has, is over: a gate may wait for
/// its owners no longer than that.
fn out_of_time(ctx: &Context, run: &RunId, plan: &PlanId) -> Result<Option<String>> {
    let now = ctx.now();
    let over = ctx.store.read_with(|r| match respond::consent::check(r, plan, now) {
        Err(over @ (RespondError::Expired { .. } | RespondError::NotApproved { .. })) => {
            let waits = match r.waves(run)?.last() {
                // As it would say now: a wait is kept once, in the words of its first time.
                Some(last) if last.ended_at.is_some() => {
                    Some((last.wave, look(r, run, last.wave, now)?.why()))
                }
                Some(_) | None => None,
            };
            let begun = r.cases(run)?.len() as u64;
            let left = r.plan(plan)?.header.accounts.saturating_sub(begun);
            Ok(Some((over.to_string(), waits, left)))
        }
        Ok(_) => Ok(None),
        Err(other) => Err(other),
    })?;
    Ok(over.map(|(over, waits, left)| {
        let waited = waits
            .filter(|(_, why)| !why.is_empty())
            .map_or_else(String::new, |(wave, why)| format!("; the gate after wave {wave} waits: {why}"));
        format!("{over}; {left} accounts are not begun, and a new plan can be sealed for them{waited}")
    }))
}

/// A wave may be open for a night: before it goes on, what owners say of its first part halts the run as it would at its
/// end. Whatever else a gate would wait for, it is asked for at its end.
fn alarm(ctx: &Context, run: &RunId, wave: u32) -> Result<Option<GateRow>> {
    let now = ctx.now();
    let gate = ctx.store.read(|r| look(r, run, wave, now))?;
    match gate.decision {
        GateDecision::Halt => {
            ctx.store.write(now, |tx| {
                tx.put_gate(run, &gate)?;
                tx.halt_run(run, "rightful", &format!("within wave {wave}: {}", gate.why()))
            })?;
            Ok(Some(gate))
        }
        GateDecision::Go | GateDecision::Wait => Ok(None),
    }
}

/// Asks the gate after a wave, keeps what it says, and halts the run where it says so.
fn gate(ctx: &Context, run: &RunId, wave: u32) -> Result<GateRow> {
    let now = ctx.now();
    let (gate, last) = ctx.store.read(|r| Ok((look(r, run, wave, now)?, r.last_gate(run, wave)?)))?;
    // A wait that says the same as before is not written again, however often it is asked.
    let says_anew =
        last.is_none_or(|l| l.row.decision != gate.decision || l.row.decision != GateDecision::Wait);
    ctx.store.write(now, |tx| {
        if says_anew {
            tx.put_gate(run, &gate)?;
        }
        if gate.decision == GateDecision::Halt {
            tx.halt_run(run, "rightful", &format!("the gate after wave {wave}: {}", gate.why()))?;
        }
        Ok(())
    })?;
    Ok(gate)
}

/// The gate that a running run stands before, as it would say now; nothing is kept.
pub(crate) fn gate_now(
    read: &store::Read,
    run: &RunId,
    now: Millis,
) -> std::result::Result<Option<GateRow>, store::StoreError> {
    if read.run(run)?.state != RunState::Running {
        return Ok(None);
    }
    match read.waves(run)?.last() {
        Some(last) if last.ended_at.is_some() => look(read, run, last.wave, now).map(Some),
        Some(_) | None => Ok(None),
    }
}

/// Accounts of a run's open wave that wait for the end of their owners' quiet hours.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Resting {
    pub(crate) accounts: u64,
    /// When those hours end on an owner's own clock, ms after midnight.
    pub(crate) until_ms: Millis,
    /// When they end for the first of them, ms.
    pub(crate) first_at: Millis,
}

/// Who of a running run's open wave waits for the end of quiet hours now; nothing where nobody does.
pub(crate) fn resting(
    read: &store::Read,
    run: &RunId,
    now: Millis,
) -> std::result::Result<Option<Resting>, store::StoreError> {
    if read.run(run)?.state != RunState::Running {
        return Ok(None);
    }
    let Some(open) = read.waves(run)?.into_iter().find(|w| w.ended_at.is_none()) else { return Ok(None) };
    let mut resting: Option<Resting> = None;
    for value in read.to_do(run, open.wave, 0, WAVE_MAX)? {
        let Some(quiet) = &value.entry.quiet else { continue };
        let Some(ends) = quiet.ends(now) else { continue };
        let one = resting.get_or_insert(Resting { accounts: 0, until_ms: quiet.until_ms, first_at: ends });
        one.accounts += 1;
        one.first_at = one.first_at.min(ends);
    }
    Ok(resting)
}

/// More accounts than any wave has.
const WAVE_MAX: u64 = 1 << 40;

fn look(
    read: &store::Read,
    run: &RunId,
    wave: u32,
    now: Millis,
) -> std::result::Result<GateRow, store::StoreError> {
    let plan = read.run(run)?.plan;
    let (header, place) = (read.plan(&plan)?.header, wave as usize);
    let occasion = Occasion {
        wave,
        accounts: header.waves.get(place).copied().unwrap_or_default(),
        next: header.waves.get(place + 1).copied(),
        asks_owners: header.purpose.asks_owners(),
    };
    Ok(decide::gate::gate(&occasion, read.gate_counts(run, now)?, &read.policy_of(&plan)?))
}

/// Halts a run.
pub(crate) fn halt(ctx: &Context, run: &RunId, by: &str, reason: &str) -> Result<bool> {
    Ok(ctx.store.write(ctx.now(), |tx| tx.halt_run(run, by, reason))?)
}

/// What asking for what is unknown came to.
enum Settling {
    /// The gate can be asked.
    Through,
    /// The run is halted.
    Halted(String),
    /// Another process works on the run.
    Elsewhere,
}

/// Has what is unknown after a wave asked for, so that the gate counts what really became of it, and an undo finds it on
/// record.
fn settled(ctx: &Context, run: &RunId) -> Result<Settling> {
    if ctx.store.read(|r| r.open_cases(run))?.is_empty() {
        return Ok(Settling::Through);
    }
    with_executor(ctx, run, &|_| {}, |executor| match executor.settle(run) {
        Err(RespondError::Leased { .. }) => Ok(Settling::Elsewhere),
        Err(error) => Err(error.into()),
        Ok(Some(WaveEnd::Halted(why))) => Ok(Settling::Halted(why)),
        // Nothing is begun here that could wait, or would have to be proved.
        Ok(Some(WaveEnd::Through | WaveEnd::Paced(..) | WaveEnd::Unproved(_)) | None) => {
            Ok(Settling::Through)
        }
    })
}

/// Has the probe accounts of the waves that are through tried, as far as it is not known what came of them; false where
/// another process works on the run.
fn probed(ctx: &Context, run: &RunId) -> Result<bool> {
    if !ctx.store.read(|r| r.probe_rows(run))?.iter().any(is_to_be_tried) {
        return Ok(true);
    }
    with_executor(ctx, run, &|_| {}, |executor| match executor.try_probes(run) {
        Err(RespondError::Leased { .. }) => Ok(false),
        other => Ok(other.map(|()| true)?),
    })
}

/// Settles what was begun and left open by a process that died, by asking the service; nothing new is begun.
pub(crate) fn settle(ctx: &Context, run: &RunId) -> Result<()> {
    with_executor(ctx, run, &|_| {}, |executor| Ok(executor.settle(run).map(drop)?))
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

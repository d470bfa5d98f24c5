//! A reset that leaves something alive: access tokens that outlive the sessions they were made in; or a service that says
//! *done* and ends nothing. Probe accounts hold what intruders hold, and are tried before each wave and after it.

use crate::drill::cast::Drilled;
use crate::error::Result;
use crate::ops;
use crate::stage::Setting;
use crate::stage::people::Heard;
use model::gate::{GateInput, InputState};
use model::id::{Millis, RunId};
use model::plan::Act;
use model::probe::{ProbeKind, Standing};
use respond::port::Clock;

const HOUR_MS: i64 = 3_600_000;
/// How long access tokens live on, whatever is reset, ended or revoked.
const TOKENS_LIVE_MS: i64 = 12 * HOUR_MS;

/// Probe accounts of the stage: the first is in the canary, the others in later waves.
const PROBES: [&str; 3] = ["probe-a", "probe-b", "probe-c"];

/// Without quiet hours: what is looked for happens at a moment, and not in the morning of whoever it befalls.
pub(super) fn by_day(setting: &mut Setting) {
    setting.policy = setting.policy.replace("\nuntil_ms = 25200000", "\nuntil_ms = 79200000");
}

/// After every step of the run intruders try to climb back with what lived on. Accounts are taken off until it has died,
/// and no longer.
pub(super) fn half_revoked(drill: &mut Drilled<'_>) -> Result<()> {
    drill.play.stage.arm_probes(&PROBES)?;
    if drill.twin {
        let ended = drill.answer_the_attack()?;
        all_refused(drill, &ended.run)?;
        drill.ends("contained; what was revoked is refused to the probes");
        return Ok(());
    }
    drill.play.stage.service.let_tokens_outlive(TOKENS_LIVE_MS);
    drill.play.stage.scene.answer()?;
    let answer = drill.play.stage.scene.answer_folder();
    let plan = drill.play.reviewed(&answer, None, &|_| false)?;
    let members = ops::plan::sealed(&drill.play.stage.ctx, &plan)?.1;
    let holds = members.iter().filter(|v| v.entry.acts.iter().any(|a| a.holds_ms().is_some())).count();
    let resets = members.iter().filter(|v| v.entry.acts.iter().any(|a| Act::guard(a).is_some())).count();
    drill.expect(holds >= resets && resets > 0, format!("{holds} of {resets} accounts are taken off"));
    let run = drill.play.armed(&plan)?;
    let (done, why) = carry_out(drill, &run)?;
    drill.expect(done, format!("the run halted: {why}"));
    all_refused(drill, &run)?;
    let stage = &drill.play.stage;
    stage.service.let_tokens_die();
    stage.pass(stage.ctx.policy.hold.lasts_ms_max);
    ops::run::end_holds(&stage.ctx)?;
    let off = members.iter().filter(|v| stage.service.is_off(&v.entry.account)).count();
    drill.expect(off == 0, format!("{off} accounts stay off after their time"));
    drill.innocent_bound = drill.reviewed_bound()?;
    drill.ends("taken off until what lived on had died; nobody climbed back");
    Ok(())
}

/// The service says of sessions that they are ended, and ends none: found by the probes of the canary.
pub(super) fn says_done(drill: &mut Drilled<'_>) -> Result<()> {
    drill.play.stage.arm_probes(&PROBES)?;
    if drill.twin {
        let ended = drill.answer_the_attack()?;
        all_refused(drill, &ended.run)?;
        drill.ends("contained; what was revoked is refused to the probes");
        return Ok(());
    }
    drill.play.stage.service.lie_about(ProbeKind::Session);
    drill.play.stage.scene.answer()?;
    let answer = drill.play.stage.scene.answer_folder();
    let ended = drill.play.respond(&answer, None, &|_| false)?;
    drill.halted(&ended);
    let ctx = &drill.play.stage.ctx;
    let (begun, acted, by_probes) = ctx.store.read(|r| {
        let gate = r.last_gate(&ended.run, 0)?;
        let of_probes = |g: store::runs::GateAt| {
            g.row.findings.iter().any(|f| f.input == GateInput::Probes && f.state == InputState::Halt)
        };
        Ok((r.waves(&ended.run)?.len(), r.cases(&ended.run)?.len() as u64, gate.is_some_and(of_probes)))
    })?;
    let canary = ctx.policy.run.canary_accounts;
    drill.expect(!ended.done && by_probes, format!("no probe halted the run: {}", ended.why));
    drill.expect(begun == 1 && acted <= canary, format!("{begun} waves and {acted} accounts were begun"));
    drill.innocent_bound = drill.reviewed_bound()?;
    drill.ends("found by the probes of the canary; halted before the next wave");
    Ok(())
}

/// Every probe of a run was in its canary or a later wave, was accepted before and is refused after.
fn all_refused(drill: &mut Drilled<'_>, run: &RunId) -> Result<()> {
    let rows = drill.play.stage.ctx.store.read(|r| r.probe_rows(run))?;
    for kind in ProbeKind::ALL {
        let in_canary = rows.iter().any(|p| p.wave == 0 && p.kind == kind);
        drill.expect(in_canary, format!("nobody tried a {} in the canary", kind.as_str()));
    }
    let open: Vec<_> = rows.iter().filter(|p| p.standing != Standing::Refused).collect();
    drill.expect(open.is_empty(), format!("not refused: {open:?}"));
    Ok(())
}

/// The run to its end; after each step every token that is alive is tried.
fn carry_out(drill: &mut Drilled<'_>, run: &RunId) -> Result<(bool, String)> {
    let mut heard = Heard::default();
    loop {
        if is_last_hour(drill, run)? {
            drill.play.stage.service.let_tokens_die();
        }
        if let Some(ended) = drill.play.step(run, &mut heard)? {
            return Ok(ended);
        }
        let back = drill.play.held.climbed_back(&drill.play.stage);
        drill.expect(back.is_empty(), format!("intruders climbed back into {back:?}"));
    }
}

/// Whether this is the last hour of what lived on of some wave: the next step may be beyond the end of its holds.
fn is_last_hour(drill: &Drilled<'_>, run: &RunId) -> Result<bool> {
    let stage = &drill.play.stage;
    let waves = stage.ctx.store.read(|r| r.waves(run))?;
    let past = |ended_at: Millis| stage.clock.now() - (ended_at + TOKENS_LIVE_MS - HOUR_MS);
    Ok(waves.iter().filter_map(|w| w.ended_at).any(|at| (0..HOUR_MS).contains(&past(at))))
}

//! The job ran again, twice at once, or died in the middle.

use super::half;
use crate::drill::cast::{Cast, Drilled};
use crate::error::{Error, Result};
use crate::ops;
use crate::outside::SystemClock;
use crate::stage::{AUTHOR, Scene, Setting};
use model::id::{Digest, RunId};
use rehearse::simulate::Settings;
use respond::port::Clock;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

/// How often the process is killed.
const KILLS: u64 = 6;
/// The longest that it is let live, ms.
const ALIVE_MS: u64 = 900;

/// After its end a run is started, advanced and armed again: nothing more is done.
pub(super) fn run_twice(drill: &mut Drilled<'_>) -> Result<()> {
    let ended = drill.answer_the_attack()?;
    if !drill.twin {
        let stage = &drill.play.stage;
        let before = stage.service.asked_of();
        let plan = stage.ctx.store.read(|r| Ok(r.run(&ended.run)?.plan))?;
        let started = ops::run::start(&stage.ctx, &ended.run, AUTHOR);
        let armed = ops::run::arm(&stage.ctx, &plan, AUTHOR);
        ops::run::advance(&stage.ctx, &ended.run, &|_| {})?;
        let same = before == stage.service.asked_of();
        drill.expect(started.is_err(), "a run that was done was started again");
        drill.expect(armed.is_err(), "a plan that has run was armed again");
        drill.expect(same, "the second run changed something");
    }
    drill.ends(if drill.twin { "contained" } else { "contained once; the second run is refused" });
    Ok(())
}

/// Two operators drive it from the begin to the end, whatever the weather.
pub(super) fn two_operators(drill: &mut Drilled<'_>) -> Result<()> {
    drill.play.restless = !drill.twin;
    let ended = drill.answer_the_attack()?;
    let stage = &drill.play.stage;
    let twice: Vec<_> = {
        let mails = stage.ctx.store.read(|r| r.notices(&ended.run))?;
        let ids: std::collections::BTreeSet<_> = mails.iter().map(|n| n.message_id.clone()).collect();
        mails.into_iter().map(|n| n.message_id).filter(|id| !ids.contains(id)).collect()
    };
    drill.expect(twice.is_empty(), "a notice has two Message-IDs");
    drill.ends("contained, each account once");
    Ok(())
}

/// A service whose time ends now: processes of their own have the machine's clock.
pub(super) fn crash_scene(cast: &Cast, _twin: bool) -> Result<Arc<Scene>> {
    Ok(Arc::new(Scene::play(&Settings { end_ms: SystemClock.now(), ..cast.settings() })?))
}

/// The service in files, and everybody in one wave of small batches, so that there is much to die in.
pub(super) fn on_disk(setting: &mut Setting) {
    setting.on_disk = true;
    setting.policy = setting
        .policy
        .replace("\ncanary_accounts = 80", "\ncanary_accounts = 200")
        .replace("\nbatch_accounts = 25", "\nbatch_accounts = 3")
        // The processes live by the machine's clock.
        .replace("\nacts_per_second_max = 50", "\nacts_per_second_max = 5000");
    half::by_day(setting);
}

/// `rightful run resume` in a process of its own, killed again and again, and at last let through.
pub(super) fn crash(drill: &mut Drilled<'_>) -> Result<()> {
    drill.play.stage.scene.answer()?;
    let answer = drill.play.stage.scene.answer_folder();
    let plan = drill.play.reviewed(&answer, None, &|_| false)?;
    let run = drill.play.armed(&plan)?;
    let kills = if drill.twin { 0 } else { KILLS };
    for kill in 0..kills {
        let draw = Digest::of(format!("kill {} {kill}", drill.seed).as_bytes()).0;
        let alive = u64::from(u16::from_be_bytes([draw[0], draw[1]])) * ALIVE_MS / 65_536;
        resume(drill, &run, Some(Duration::from_millis(alive)))?;
    }
    let ended = resume(drill, &run, None)?;
    drill.expect(ended.success(), format!("the process that was left alone ended with {ended}"));
    drill.play.stage.clock.reach(SystemClock.now());
    drill.play.stage.reopen()?;
    let ended = drill.play.carry_out(&run)?;
    let ended = drill.play.finish(ended, &answer)?;
    drill.expect(ended.done, format!("the run halted: {}", ended.why));
    drill.innocent_bound = drill.reviewed_bound()?;
    drill.ends(if drill.twin { "contained" } else { "contained, each account once, nothing outside" });
    Ok(())
}

fn resume(drill: &Drilled<'_>, run: &RunId, alive: Option<Duration>) -> Result<ExitStatus> {
    let mut child = Command::new(std::env::current_exe().map_err(Error::failed)?)
        .args(["run", "resume", run.as_str(), "--no-wait", "--json"])
        .current_dir(drill.play.stage.folder.path())
        .env_remove("RIGHTFUL_CONFIG")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(Error::failed)?;
    if let Some(alive) = alive {
        std::thread::sleep(alive);
        child.kill().map_err(Error::failed)?;
    }
    child.wait().map_err(Error::failed)
}

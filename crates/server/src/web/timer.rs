//! The routine's timer while the server runs: every so many minutes one turn, by the same function as the command. A
//! turn that was missed, or that took longer, is not made up for.

use crate::config;
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops::routine::{Input, Turn, turn};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// Ends the timer when it is dropped; a turn under way ends first.
pub(super) struct Timer {
    stop: Option<Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Drop for Timer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            eprintln!("rightful: the routine's timer broke");
        }
    }
}

/// Starts the timer, where the configuration asks for one.
pub(super) fn start(ctx: &Arc<Context>, config: &config::Routine) -> Result<Option<Timer>> {
    let Some(minutes) = config.every_minutes else { return Ok(None) };
    if config.events.is_empty() {
        return Err(Error::failed(
            "routine.every_minutes is set, and routine.events names nothing to look at",
        )
        .hint("name files of events under [routine] in rightful.toml"));
    }
    let (ctx, events) = (Arc::clone(ctx), config.events.clone());
    let every = Duration::from_secs(u64::from(minutes) * 60);
    let (stop, stopped) = channel::<()>();
    let thread = std::thread::Builder::new().name("routine".to_owned()).spawn(move || {
        // The time to the next turn runs from the end of the last: there is never a queue of them.
        while stopped.recv_timeout(every) == Err(RecvTimeoutError::Timeout) {
            say(turn(&ctx, &Input::Events(events.clone()), false));
        }
    });
    Ok(Some(Timer { stop: Some(stop), thread: Some(thread.map_err(Error::failed)?) }))
}

fn say(done: Result<Turn>) {
    match done {
        Ok(Turn::Nothing) => {}
        Ok(Turn::Dry { plan, accounts, .. }) => {
            eprintln!("rightful: {plan}: a dry batch of {accounts} accounts");
        }
        Ok(Turn::Batch { plan, run, accounts, .. }) => {
            eprintln!("rightful: {plan}: {accounts} accounts, {run}");
        }
        Ok(Turn::ForPeople { plan, reasons }) => {
            let what = plan.map_or_else(String::new, |p| format!("{p} is for two people: "));
            eprintln!("rightful: the routine stopped: {what}{}", reasons.join("; "));
        }
        Err(error) => eprintln!("rightful: the routine: {error}"),
    }
}

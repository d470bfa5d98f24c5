//! `work`.

use super::run::paused;
use super::{Call, show};
use crate::error::{Error, Result};
use crate::ops::run::Advance;
use crate::ops::work::{Went, turn};
use clap::Args;
use model::gate::GateDecision;
use model::id::RunId;
use std::collections::BTreeMap;
use std::time::Duration;

/// How long a worker rests where no run could go on.
const REST: Duration = Duration::from_secs(2);

#[derive(Args)]
pub(crate) struct Work {
    /// End when no run is running any more.
    #[arg(long)]
    until_done: bool,
}

pub(crate) fn work(call: &Call, asked: &Work) -> Result<()> {
    let ctx = call.context()?;
    let mut last: BTreeMap<RunId, String> = BTreeMap::new();
    let mut ledger_says: Option<String> = None;
    loop {
        let turned = match turn(&ctx, &|_| {}) {
            Ok(turned) => turned,
            // A ledger that is restarted comes back; a worker is there so that nobody has to.
            Err(error) => {
                if ledger_says.as_deref() != Some(error.to_string().as_str()) {
                    eprintln!("{error}; trying again");
                }
                ledger_says = Some(error.to_string());
                std::thread::sleep(REST);
                continue;
            }
        };
        ledger_says = None;
        let is_over = turned.is_empty();
        let mut went_on = false;
        for (run, went) in turned {
            let (said, is_step) = said(&went);
            went_on |= is_step;
            // What is waited for is said once.
            if is_step || last.get(&run) != Some(&said) {
                eprintln!("{run}: {said}");
            }
            last.insert(run, said);
        }
        if is_over && asked.until_done {
            break;
        }
        if !went_on {
            std::thread::sleep(REST);
        }
    }
    let runs = ctx.store.read(store::Read::runs)?;
    let states = runs.iter().filter(|r| last.contains_key(&r.id));
    let states: BTreeMap<&RunId, &str> = states.map(|r| (&r.id, r.state.as_str())).collect();
    if call.json {
        show::json(&serde_json::json!({ "runs": states }));
    } else {
        states.iter().for_each(|(run, state)| show::line(format!("{run} is {state}")));
    }
    match states.values().any(|s| *s == "halted") {
        true => Err(Error::halted("a run is halted").hint("rightful run list").said()),
        false => Ok(()),
    }
}

/// What came of a turn, and whether it was a step.
fn said(went: &Went) -> (String, bool) {
    match went {
        Went::On(Advance::Wave(wave)) => (format!("wave {wave} is through"), true),
        Went::On(Advance::Gate(gate)) if gate.decision == GateDecision::Halt => {
            (format!("halted at the gate after wave {}: {}", gate.wave, gate.why()), true)
        }
        Went::On(Advance::Gate(gate)) => {
            (format!("waits at the gate after wave {}: {}", gate.wave, gate.why()), false)
        }
        Went::On(Advance::Paced(until, why)) => {
            (format!("{}; goes on at {}", paused(*why), show::moment(*until)), false)
        }
        Went::On(Advance::Unproved(why)) => (format!("waits before its next wave: {why}"), false),
        Went::On(Advance::Halted(why)) => (format!("is halted: {why}"), true),
        Went::On(Advance::Done) => ("done".to_owned(), true),
        Went::On(Advance::Elsewhere) | Went::Elsewhere => ("another worker is at it".to_owned(), false),
        Went::Failed(error) => (format!("can't be worked on now: {error}"), false),
    }
}

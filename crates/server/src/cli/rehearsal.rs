//! What `run start --rehearse` says.

use super::Call;
use super::show::{self, row};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops;

/// How many accounts of a kind are named where people read.
const NAMED: usize = 5;

pub(super) fn rehearse(call: &Call, ctx: &Context, id: &str) -> Result<()> {
    let told = |looked: u64| eprintln!("  {looked} accounts looked at");
    let done = ops::rehearsal::rehearse(ctx, id, &told)?;
    if call.json {
        show::json(&done);
    } else {
        say(&done);
    }
    if done.found.is_hindered() {
        let error = Error::failed(format!("{} would not go through as things are", done.plan))
            .hint("mend what is said above, and rehearse again");
        return Err(if call.json { error.said() } else { error });
    }
    Ok(())
}

fn say(done: &ops::rehearsal::Rehearsed) {
    let found = &done.found;
    let hours = |ms: i64| format!("{:.1} h", ms as f64 / 3_600_000.0);
    show::table(&[
        row!["plan", done.plan],
        row!["digest", done.digest.short()],
        row!["accounts", found.accounts],
        row!["would be acted on", found.would_act],
        row!["would be passed over", found.passed_over.len()],
        row!["credential moved since", found.moved.len()],
        row!["waves", done.waves.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")],
        row!["soaks alone", hours(done.soaks_ms)],
        row!["by accounts an hour", hours(done.limit_ms)],
        row!["reading", format!("{} calls, {} ms", found.reads, found.reads_ms)],
    ]);
    for (act, times) in &found.acts {
        show::line(format!("{times:>7}  {}  (undo: {})", act.as_str(), act.undo()));
    }
    for (template, letters) in &found.letters {
        show::line(format!("{letters:>7}  letters can be written: {template:?}"));
    }
    for (account, why) in found.passed_over.iter().take(NAMED) {
        show::line(format!("passed over  {account}: {why}"));
    }
    for account in found.moved.iter().take(NAMED) {
        show::line(format!(
            "moved  {account}: the service tells in the act whether it is the same password under a new hash"
        ));
    }
    for (act, why) in &found.forbidden {
        show::line(format!("FORBIDDEN  {}: {why}", act.as_str()));
    }
    for (account, why) in found.unwritten.iter().take(NAMED) {
        show::line(format!("NO LETTER  {account}: {why}"));
    }
    match &done.not_yet {
        Some(why) => show::line(format!("not to be run yet: {why}")),
        None => show::line("it may be run now; nothing was written"),
    }
}

//! `routine`, and signing a standing order.

use super::Call;
use super::plan::one_label_line;
use super::show::{self, row};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops::order::Known;
use crate::ops::routine::status::Status;
use crate::ops::routine::{Input, Turn, day_name, day_of, sample, turn};
use crate::{keys, ops};
use clap::{Args, Subcommand};
use model::id::OperatorName;
use std::path::PathBuf;

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Routine {
    #[command(subcommand)]
    command: Option<RoutineCommand>,
    /// Make a batch to be looked at, that is never armed.
    #[arg(long)]
    dry: bool,
    /// A hunt's answer, instead of events to hunt over.
    #[arg(long, value_name = "DIR", conflicts_with = "files")]
    hunt: Option<PathBuf>,
    /// Events; those that the configuration names under [routine] where nothing is named.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

#[derive(Subcommand)]
enum RoutineCommand {
    /// The order, what is used of its bounds, what stopped it, dry batches and samples.
    Status,
    /// Look at what a day's batches contained, blind; labels from a file, `ACCOUNT LABEL` a line.
    Sample {
        /// The day whose containments are looked at; the oldest that waits where it is not named.
        #[arg(long, value_name = "YYYY-MM-DD")]
        day: Option<String>,
        #[arg(long, value_name = "NAME")]
        operator: Option<String>,
        #[arg(long, value_name = "FILE")]
        labels: Option<PathBuf>,
    },
    /// Sign that you looked at everything that stopped the order; it goes on when two people have.
    Resume {
        #[arg(long, value_name = "NAME")]
        operator: String,
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

pub(crate) fn routine(call: &Call, arguments: Routine) -> Result<()> {
    let ctx = call.context()?;
    match arguments.command {
        None => {
            let input = match (arguments.hunt, arguments.files.is_empty()) {
                (Some(answer), _) => Input::Answer(answer),
                (None, false) => Input::Events(arguments.files),
                (None, true) => configured(call)?,
            };
            told(call, turn(&ctx, &input, arguments.dry)?)
        }
        Some(RoutineCommand::Status) => status(call, &ctx),
        Some(RoutineCommand::Sample { day, operator, labels }) => look(call, &ctx, day, operator, labels),
        Some(RoutineCommand::Resume { operator, key }) => {
            let order = ops::order::resume(&ctx, &OperatorName::new(operator), &keys::signing_key(&key)?)?;
            show_order(call, &order);
            Ok(())
        }
    }
}

fn configured(call: &Call) -> Result<Input> {
    let events = &call.config.routine.events;
    if events.is_empty() {
        return Err(Error::usage("the routine has no events to look at")
            .hint("name files, --hunt DIR, or events = [\"FILE\"] under [routine] in rightful.toml"));
    }
    Ok(Input::Events(events.clone()))
}

fn told(call: &Call, turn: Turn) -> Result<()> {
    if call.json {
        show::json(&turn);
    }
    let said = match turn {
        Turn::Nothing => "nobody was found for whom the routine is meant".to_owned(),
        Turn::Dry { plan, accounts, why } => format!(
            "{plan}: a dry batch of {accounts} accounts, sealed and never armed ({why})\n  next: rightful plan review {plan} --operator NAME"
        ),
        Turn::Batch { plan, run, accounts, state } => {
            format!(
                "{plan}: {accounts} accounts; {run} is {}\n  next: rightful run show {run}",
                state.as_str()
            )
        }
        Turn::ForPeople { plan, reasons } => {
            let what = plan
                .as_ref()
                .map_or("nothing was drafted".to_owned(), |p| format!("{p} is a draft for two people"));
            let next =
                plan.map_or("rightful routine sample".to_owned(), |p| format!("rightful plan show {p}"));
            return Err(Error::needs_approval(format!(
                "the routine stopped, and {what}: {}",
                reasons.join("; ")
            ))
            .hint(format!("{next}; then rightful routine resume --operator NAME --key FILE, by two people"))
            .said());
        }
    };
    if !call.json {
        show::line(said);
    }
    Ok(())
}

fn order_json(order: &Known) -> serde_json::Value {
    serde_json::json!({
        "digest": order.row.digest, "order": order.row.order, "standing": order.says(),
        "released_at": order.row.released_at, "calibration": order.row.order.calibration,
    })
}

/// One order, in words.
pub(crate) fn show_order(call: &Call, order: &Known) {
    if call.json {
        show::json(&order_json(order));
        return;
    }
    let o = &order.row.order;
    show::table(&[
        row!["order", format!("{} ({})", o.name, order.row.digest.short())],
        row!["digest", order.row.digest],
        row!["standing", order.says()],
        row!["from", show::moment(o.starts_at)],
        row!["to", show::moment(o.ends_at)],
        row!["service", o.connector],
        row!["calibrated on", o.calibration.as_str()],
    ]);
    if o.calibration == model::order::Calibration::Simulated {
        show::line("its confidence was calibrated on SIMULATED data: for practice alone");
    }
}

fn status(call: &Call, ctx: &Context) -> Result<()> {
    let Status { current, orders, bounds, finding, batches, samples } = ops::routine::status::status(ctx)?;
    if call.json {
        let bounds: Vec<_> = bounds
            .iter()
            .map(|(b, used)| serde_json::json!({ "counter": b.counter, "per": b.per, "used": used, "max": b.max }))
            .collect();
        let batches: Vec<_> =
            batches.iter().map(|b| serde_json::json!({ "plan": b.plan, "dry": b.dry, "accounts": b.accounts, "at": b.made_at })).collect();
        show::json(&serde_json::json!({
            "order": current.as_ref().map(order_json), "orders": orders.iter().map(order_json).collect::<Vec<_>>(),
            "bounds": bounds, "batches_today": batches, "dry": finding.map(|f| f.text),
            "samples_open": samples.iter().map(|s| day_name(s.day)).collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    match &current {
        Some(order) => show_order(call, order),
        None => show::line("no standing order is in force for this policy and this service"),
    }
    let mut rows = vec![row!["bound", "used", "of"]];
    rows.extend(bounds.iter().map(|(b, used)| row![b.counter.trim_start_matches("routine."), used, b.max]));
    show::table(&rows);
    finding.iter().for_each(|f| show::line(&f.text));
    for batch in &batches {
        let kind = if batch.dry { "dry batch" } else { "batch" };
        show::line(format!("today: {kind} {} of {} accounts", batch.plan, batch.accounts));
    }
    samples.iter().for_each(|s| show::line(format!("the sample of {} waits for labels", day_name(s.day))));
    Ok(())
}

fn look(
    call: &Call,
    ctx: &Context,
    day: Option<String>,
    operator: Option<String>,
    labels: Option<PathBuf>,
) -> Result<()> {
    let who = operator.map_or_else(super::plan::whoami, OperatorName::new);
    let day = match day {
        Some(day) => day_of(&day)?,
        None => match sample::open_days(ctx)?.first() {
            Some(sample) => sample.day,
            None => {
                if call.json {
                    show::json(&serde_json::json!({ "to_look_at": [] }));
                } else {
                    show::line("no sample waits for labels");
                }
                return Ok(());
            }
        },
    };
    if let Some(file) = labels {
        let text = std::fs::read_to_string(&file).map_err(crate::error::at(&file))?;
        for (n, line) in (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty()) {
            let (account, label) = one_label_line(line, &format!("{}, line {n}", file.display()))?;
            sample::label(ctx, day, &account, &who, label)?;
        }
    }
    let left = sample::to_look_at(ctx, day)?;
    if !left.is_empty() {
        if call.json {
            show::json(&serde_json::json!({ "day": day_name(day), "to_look_at": left }));
        } else {
            left.iter().for_each(|shown| show::line(format!("{} {}", shown.place, shown.account)));
            show::line(format!(
                "{} accounts of the sample of {} have no label yet",
                left.len(),
                day_name(day)
            ));
        }
        return Ok(());
    }
    let finding = sample::conclude(ctx, day, who.as_str())?;
    if call.json {
        show::json(&serde_json::json!({
            "day": day_name(day), "passes": finding.passes, "looked_at": finding.looked_at, "wrong": finding.wrong,
            "wrong_share_bound": finding.wrong_share_bound, "planted": finding.planted,
        }));
    } else {
        show::line(&finding.text);
    }
    if finding.passes {
        return Ok(());
    }
    Err(Error::failed(format!(
        "the sample of {} does not meet the limit: the order is suspended",
        day_name(day)
    ))
    .hint("rightful run undo for those who are not compromised; then rightful routine resume, by two people")
    .said())
}

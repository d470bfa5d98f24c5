//! `incident`.

use super::Call;
use super::plan::whoami;
use super::show::{self, row};
use crate::error::{Error, Result};
use crate::ops;
use crate::ops::incident::Saying;
use clap::{Args, Subcommand, ValueEnum};
use model::id::IncidentId;
use model::incident::{Cause, IncidentState, Statement};

#[derive(Subcommand)]
pub(crate) enum IncidentCommand {
    /// Open one over some runs; the public sees nothing yet.
    Open {
        title: String,
        /// A run, or its plan.
        #[arg(long, value_name = "RUN")]
        run: Vec<String>,
    },
    /// Add a run.
    Update {
        id: IncidentId,
        #[arg(long, value_name = "RUN", required = true)]
        run: Vec<String>,
    },
    /// Publish a new version; figures come from the ledger.
    Publish {
        id: IncidentId,
        #[command(flatten)]
        what: What,
        #[arg(long, value_enum, default_value_t = StateWord::Identified)]
        state: StateWord,
    },
    /// Publish the last version.
    Resolve {
        id: IncidentId,
        #[command(flatten)]
        what: What,
    },
    /// All versions of what was said.
    Show { id: IncidentId },
    /// All incidents.
    List,
}

#[derive(Args)]
pub(crate) struct What {
    /// In plain words.
    #[arg(long)]
    body: String,
    /// The cause, where it is known; without it, the public is told that it is not.
    #[arg(long)]
    cause: Option<String>,
    #[arg(long)]
    title: Option<String>,
    /// It corrects an earlier version.
    #[arg(long)]
    correction: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum StateWord {
    Investigating,
    Identified,
    Monitoring,
}

pub(crate) fn incident(call: &Call, command: IncidentCommand) -> Result<()> {
    let ctx = call.context()?;
    let by = whoami();
    match command {
        IncidentCommand::Open { title, run } => {
            let runs = run.iter().map(|id| ops::run::find(&ctx, id)).collect::<Result<Vec<_>>>()?;
            let id = ops::incident::open(&ctx, &title, &runs, None, by.as_str())?;
            if call.json {
                show::json(&serde_json::json!({ "incident": id }));
            } else {
                show::line(format!("{id} is open\n  next: rightful incident publish {id} --body TEXT"));
            }
            Ok(())
        }
        IncidentCommand::Update { id, run } => run
            .iter()
            .try_for_each(|run| ops::incident::attach(&ctx, &id, &ops::run::find(&ctx, run)?, by.as_str())),
        IncidentCommand::Publish { id, what, state } => {
            let state = match state {
                StateWord::Investigating => IncidentState::Investigating,
                StateWord::Identified => IncidentState::Identified,
                StateWord::Monitoring => IncidentState::Monitoring,
            };
            said(call, &ops::incident::publish(&ctx, &id, saying(what, state), by.as_str())?);
            Ok(())
        }
        IncidentCommand::Resolve { id, what } => {
            let saying = saying(what, IncidentState::Resolved);
            said(call, &ops::incident::publish(&ctx, &id, saying, by.as_str())?);
            Ok(())
        }
        IncidentCommand::Show { id } => {
            let statements = ctx.store.read(|r| match r.incident(&id)? {
                Some(_) => Ok(Some(r.statements(&id)?)),
                None => Ok(None),
            })?;
            let statements = statements.ok_or_else(|| {
                Error::failed(format!("there is no incident {id}")).hint("rightful incident list")
            })?;
            if call.json {
                show::json(&statements);
            } else {
                statements.iter().for_each(|s| said(call, s));
            }
            Ok(())
        }
        IncidentCommand::List => {
            let incidents = ctx.store.read(store::Read::incidents)?;
            if call.json {
                let rows: Vec<_> = incidents
                    .iter()
                    .map(|i| serde_json::json!({ "incident": i.id, "state": i.state, "title": i.title }))
                    .collect();
                show::json(&rows);
                return Ok(());
            }
            let mut rows = vec![row!["incident", "state", "title", "opened"]];
            rows.extend(
                incidents.iter().map(|i| row![i.id, i.state.as_str(), i.title, show::moment(i.opened_at)]),
            );
            show::table(&rows);
            Ok(())
        }
    }
}

fn saying(what: What, state: IncidentState) -> Saying {
    let cause = what.cause.map_or(Cause::NotYet, Cause::Known);
    Saying { state, title: what.title, cause, body: what.body, correction: what.correction }
}

fn said(call: &Call, statement: &Statement) {
    if call.json {
        show::json(statement);
        return;
    }
    let figures = &statement.figures;
    show::line(format!(
        "version {}, {}: {}\n{}",
        statement.version,
        statement.state.as_str(),
        statement.title,
        statement.body
    ));
    show::table(&[
        row!["believed compromised", figures.believed_compromised],
        row!["contained", figures.contained],
        row!["  of these by precaution", figures.by_precaution],
        row!["  of these by mistake", figures.by_mistake],
        row!["    put back", figures.put_back],
        row!["notices sent", figures.notices_sent],
        row!["notices not delivered", figures.notices_failed],
        row!["owners who are back", figures.recovered],
    ]);
}

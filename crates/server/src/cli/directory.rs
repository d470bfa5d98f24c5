//! `directory`: the connected service, as it answers.

use super::Call;
use super::show::{self, row};
use crate::error::Result;
use crate::ops;
use clap::Subcommand;
use model::account::CredentialKind;
use model::probe::{Tried, named};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum DirectoryCommand {
    /// Whether the service answers, what it can do, and what a reset alone leaves alive there.
    Check,
    /// The accounts as they are today, for contacts from before a compromise.
    Snapshot {
        /// The file to write (account records).
        file: PathBuf,
    },
    /// What is refused to probe accounts: for each way in, what trying it came to the last time.
    Probe,
}

pub(crate) fn directory(call: &Call, command: DirectoryCommand) -> Result<()> {
    let ctx = call.context()?;
    match command {
        DirectoryCommand::Check => {
            let can = ctx.service.directory.capabilities();
            let states = ctx.accounts(None)?;
            let active = states.values().filter(|s| s.record.active == Some(true)).count();
            let passwords = states
                .values()
                .filter(|s| s.record.credentials.iter().flatten().any(|c| *c == CredentialKind::Password))
                .count();
            if call.json {
                show::json(&serde_json::json!({
                    "service": can.name, "accounts": states.len(), "active": active, "with_password": passwords,
                    "guard": format!("{:?}", can.guard).to_lowercase(), "repeat": format!("{:?}", can.repeat).to_lowercase(),
                    "acts": can.acts, "survives": can.survives, "opens": can.opens, "probes": can.probes,
                    "forbidden": ctx.service.directory.forbidden()?,
                }));
                return Ok(());
            }
            let acts: Vec<_> = can.acts.iter().map(|a| a.as_str()).collect();
            show::table(&[
                row!["service", can.name],
                row!["accounts", states.len()],
                row!["active", active],
                row!["with a password", passwords],
                row!["acts", acts.join(", ")],
                row!["an account opens by", named(&can.opens)],
                row!["probes", named(&can.probes)],
            ]);
            let forbidden = ctx.service.directory.forbidden()?;
            for (act, why) in &forbidden {
                show::line(format!("FORBIDDEN  {}: {why}", act.as_str()));
            }
            can.survives
                .iter()
                .for_each(|(what, how)| show::line(format!("a reset alone leaves {what}: {how}")));
            Ok(())
        }
        DirectoryCommand::Snapshot { file } => {
            let states = ctx.accounts(None)?;
            let mut text = String::new();
            for state in states.values() {
                text.push_str(&serde_json::to_string(&state.record)?);
                text.push('\n');
            }
            std::fs::write(&file, text).map_err(crate::error::at(&file))?;
            if call.json {
                show::json(&serde_json::json!({ "file": file, "accounts": states.len() }));
            } else {
                show::line(format!(
                    "{} accounts: {}\n  next: name it as `contacts` under [service], so that notices go where they went before",
                    states.len(),
                    file.display()
                ));
            }
            Ok(())
        }
        DirectoryCommand::Probe => {
            let can = ctx.service.directory.capabilities();
            let tried = ops::probe::tried(&ctx)?;
            if call.json {
                show::json(&serde_json::json!({ "service": can.name, "ways": tried }));
                return Ok(());
            }
            let mut rows =
                vec![row!["way in", "probe account", "before", "after", "which shows", "tried", "run"]];
            for way in &tried {
                let name = way.kind.as_str();
                if way.probes.is_empty() {
                    let why = if way.can_be_tried { "never tried" } else { "the connector can't try it" };
                    rows.push(row![name, "–", "–", "–", why, "–", "–"]);
                }
                for probe in &way.probes {
                    let after = probe.after.map_or("–", Tried::as_str);
                    let (at, run) = (show::moment(way.tried_at.unwrap_or_default()), way.run.as_ref());
                    rows.push(row![
                        name,
                        probe.account,
                        probe.before.as_str(),
                        after,
                        probe.standing.as_str(),
                        at,
                        run.map_or("–", |r| r.as_str())
                    ]);
                }
            }
            show::table(&rows);
            if tried.iter().all(|way| way.probes.is_empty()) {
                show::line(
                    "  next: rightful probe add ACCOUNT --password FILE --operator NAME; the next plan tries it",
                );
            }
            Ok(())
        }
    }
}

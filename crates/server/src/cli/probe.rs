//! `probe`.

use super::Call;
use super::show::{self, row};
use crate::error::{Error, Result};
use crate::{keys, ops};
use clap::{Args, Subcommand};
use model::id::{AccountId, OperatorName};
use model::probe::{ProbeKind, named};
use model::secret::Secret;
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum ProbeCommand {
    /// Put an account of ours into the register, or arm it again with new credentials: plans contain it, and try it.
    Add {
        account: AccountId,
        #[command(flatten)]
        held: Held,
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// The register: what is held of each, and what was spent in a wave. Never the credentials.
    List,
    /// Take an account out of the register, with what is held of it.
    Remove {
        account: AccountId,
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
}

/// What is held of a probe account: each in a file that its owner alone can read.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Held {
    /// A file with its password.
    #[arg(long, value_name = "FILE")]
    password: Option<PathBuf>,
    /// A file with a session of it that is open.
    #[arg(long, value_name = "FILE")]
    session: Option<PathBuf>,
    /// A file with what an application was given: a token, an application password.
    #[arg(long, value_name = "FILE")]
    grant: Option<PathBuf>,
    /// A file with a passkey that was added to it, as the connector takes it.
    #[arg(long, value_name = "FILE")]
    passkey: Option<PathBuf>,
}

impl Held {
    fn read(&self) -> Result<Vec<(ProbeKind, Secret)>> {
        let files = [
            (ProbeKind::Password, &self.password),
            (ProbeKind::Session, &self.session),
            (ProbeKind::Grant, &self.grant),
            (ProbeKind::Passkey, &self.passkey),
        ];
        let mut held = Vec::new();
        for (kind, path) in files.into_iter().filter_map(|(kind, path)| Some((kind, path.as_ref()?))) {
            let text = keys::read_secret(path)?;
            if text.reveal().is_empty() {
                return Err(Error::failed(format!("{} is empty", path.display())));
            }
            held.push((kind, text));
        }
        Ok(held)
    }
}

pub(crate) fn probe(call: &Call, command: ProbeCommand) -> Result<()> {
    let ctx = call.context()?;
    match command {
        ProbeCommand::Add { account, held, operator } => {
            let held = held.read()?;
            ops::probe::add(&ctx, &account, &held, &OperatorName::new(operator))?;
            let kinds: Vec<ProbeKind> = held.iter().map(|(kind, _)| *kind).collect();
            if call.json {
                show::json(&serde_json::json!({ "account": account, "armed": kinds }));
            } else {
                show::line(format!(
                    "{account} is armed with: {}\n  next: remove the files; plans drafted from now on try it",
                    named(&kinds)
                ));
            }
            Ok(())
        }
        ProbeCommand::Remove { account, operator } => {
            ops::probe::remove(&ctx, &account, &OperatorName::new(operator))
        }
        ProbeCommand::List => {
            let probes = ctx.store.read(store::Read::probes)?;
            let can = ctx.service.directory.capabilities();
            if call.json {
                show::json(&serde_json::json!({
                    "service": can.name, "opens": can.opens, "can_try": can.probes, "probes": probes,
                }));
                return Ok(());
            }
            let mut rows = vec![row!["probe account", "armed", "spent", "since", "by"]];
            rows.extend(probes.iter().map(|p| {
                row![p.account, named(&p.armed), named(&p.spent), show::moment(p.added_at), p.added_by]
            }));
            show::table(&rows);
            show::line(format!(
                "{}: an account opens by {}; the connector can try {}",
                can.name,
                named(&can.opens),
                named(&can.probes)
            ));
            Ok(())
        }
    }
}

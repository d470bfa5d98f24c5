//! `audit`, `operator` and `db`.

use super::Call;
use super::plan::whoami;
use super::show::{self, row};
use crate::context::open_store;
use crate::error::Result;
use crate::outside::{SystemChance, SystemClock};
use crate::{keys, ops};
use clap::Subcommand;
use model::id::{Digest, OperatorName};
use model::operator::Operator;
use respond::port::Clock;
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Verify an exported log from its files alone; without a folder, the connected ledger's.
    Verify {
        folder: Option<PathBuf>,
        /// The key to trust, where it was published elsewhere.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// A checkpoint that was kept earlier.
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
    },
    /// Write entries, leaves, a fresh checkpoint and the key.
    Export { folder: PathBuf },
    /// The entries of an account (or plan, or run), each with its proof.
    Prove { subject: String },
}

pub(crate) fn audit(call: &Call, command: AuditCommand) -> Result<()> {
    match command {
        AuditCommand::Verify { folder, key, checkpoint } => {
            let (folder, temporary) = match folder {
                Some(folder) => (folder, false),
                None => {
                    let ctx = call.context()?;
                    let folder = ctx.data.join("audit-to-verify");
                    ops::audit::export(&ctx, &folder)?;
                    (folder, true)
                }
            };
            let verified = ops::audit::verify(&folder, key.as_deref(), &checkpoint);
            if temporary {
                std::fs::remove_dir_all(&folder).map_err(crate::error::at(&folder))?;
            }
            let verified = verified?;
            if call.json {
                show::json(&verified);
            } else {
                show::line(format!(
                    "{}: {} leaves under {}, {} entries are what their leaves commit to",
                    verified.origin, verified.size, verified.root, verified.entries
                ));
            }
            Ok(())
        }
        AuditCommand::Export { folder } => {
            let size = ops::audit::export(&call.context()?, &folder)?;
            if call.json {
                show::json(&serde_json::json!({ "folder": folder, "size": size }));
            } else {
                let place = folder.display();
                show::line(format!("{size} entries: {place}\n  next: rightful audit verify {place}"));
            }
            Ok(())
        }
        AuditCommand::Prove { subject } => {
            let proofs = ops::audit::prove(&call.context()?, &subject)?;
            if call.json {
                show::json(&proofs);
            } else {
                for proof in proofs {
                    let entry = &proof.record.entry;
                    show::line(format!(
                        "{}  {} by {}: {} siblings",
                        entry.seq,
                        entry.action,
                        entry.actor,
                        proof.path.len()
                    ));
                }
            }
            Ok(())
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum OperatorCommand {
    /// Put a person on record, with a key that is made where there is none.
    Add {
        name: String,
        /// Where the key is kept; `keys/NAME.key` in the data folder where it is not said.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Everybody on record.
    List,
}

pub(crate) fn operator(call: &Call, command: OperatorCommand) -> Result<()> {
    let data = call.config.data_folder();
    let store = open_store(&call.config, &data)?;
    match command {
        OperatorCommand::Add { name, .. } if name == model::order::ROUTINE => {
            Err(crate::error::Error::usage(format!("{name} is the name of the routine, and no person's")))
        }
        OperatorCommand::Add { name, key } => {
            let path = key.unwrap_or_else(|| data.join("keys").join(format!("{name}.key")));
            let bytes = keys::read_or_make(&path, &SystemChance)?;
            let public = ed25519_dalek::SigningKey::from_bytes(&bytes).verifying_key();
            let now = SystemClock.now();
            let operator = Operator {
                name: OperatorName::new(name),
                public_key: Digest(public.to_bytes()),
                added_at: now,
            };
            store.write(now, |tx| tx.add_operator(&operator, whoami().as_str()))?;
            if call.json {
                show::json(&serde_json::json!({ "operator": operator, "key": path }));
            } else {
                show::line(format!("{} is on record; their key: {}", operator.name, path.display()));
            }
            Ok(())
        }
        OperatorCommand::List => {
            let operators = store.read(store::Read::operators)?;
            if call.json {
                show::json(&operators);
            } else {
                let mut rows = vec![row!["operator", "public key", "since"]];
                rows.extend(operators.iter().map(|o| row![o.name, o.public_key, show::moment(o.added_at)]));
                show::table(&rows);
            }
            Ok(())
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum DbCommand {
    /// Bring the ledger to this program's version.
    Migrate,
}

pub(crate) fn db(call: &Call, command: &DbCommand) -> Result<()> {
    match command {
        DbCommand::Migrate => {
            let store = open_store(&call.config, &call.config.data_folder())?;
            if call.json {
                show::json(
                    &serde_json::json!({ "ledger": store.url().to_string(), "version": store.version() }),
                );
            } else {
                show::line(format!("{} is of version {}", store.url(), store.version()));
            }
            Ok(())
        }
    }
}

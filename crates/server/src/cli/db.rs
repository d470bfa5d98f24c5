//! `db`: the ledger itself.

use super::Call;
use super::plan::whoami;
use super::show;
use crate::context::open_store;
use crate::error::Result;
use crate::ops::backup;
use clap::Subcommand;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum DbCommand {
    /// Bring the ledger to this program's version.
    Migrate,
    /// Write all of the ledger, as it is at one moment, into a file; others may write meanwhile.
    Backup { file: PathBuf },
    /// Put a backup into an empty ledger; every run that was armed or running is halted.
    Restore { file: PathBuf },
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
        DbCommand::Backup { file } => back_up(call, file),
        DbCommand::Restore { file } => restore(call, file),
    }
}

fn back_up(call: &Call, file: &Path) -> Result<()> {
    let kept = backup::back_up(&call.config, file)?;
    if call.json {
        show::json(&kept);
    } else {
        show::line(format!(
            "{}: {} rows, {} entries of the audit log, sha256 {}\nnot in it, keep it elsewhere: {}",
            kept.file.display(),
            kept.rows,
            kept.checkpoint.size,
            kept.sha256,
            kept.not_in_it
        ));
    }
    Ok(())
}

fn restore(call: &Call, file: &Path) -> Result<()> {
    let restored = backup::restore(&call.config, file, whoami().as_str())?;
    if call.json {
        show::json(&restored);
        return Ok(());
    }
    show::line(format!(
        "{}: {} rows as they were at {}, {} entries of the audit log",
        restored.ledger,
        restored.rows,
        show::moment(restored.made_at),
        restored.checkpoint.size
    ));
    if !restored.signature_checked {
        show::line("the log's signature was not checked: its key, keys/audit.key, is not in the data folder");
    }
    restored.halted.iter().for_each(|run| show::line(format!("halted: {run}")));
    for order in &restored.suspended {
        show::line(format!("suspended until two people have looked: order {}", order.short()));
    }
    show::line(format!(
        "not in it, lay it back: {}\n  next: rightful audit verify --checkpoint KEPT shows whether something came after it; erase again what was erased since",
        restored.not_in_it
    ));
    Ok(())
}

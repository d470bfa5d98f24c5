//! `db`: the ledger itself.

use super::Call;
use super::show;
use crate::context::open_store;
use crate::error::Result;
use clap::Subcommand;

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

//! `operator`: people who may use it.

use super::Call;
use super::plan::whoami;
use super::show::{self, row};
use crate::context::open_store;
use crate::error::Result;
use crate::keys;
use crate::outside::{SystemChance, SystemClock};
use clap::Subcommand;
use model::id::{Digest, OperatorName};
use model::operator::Operator;
use respond::port::Clock;
use std::path::PathBuf;

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

//! `privacy` and `key`.

use super::Call;
use super::plan::whoami;
use super::show;
use crate::error::{Error, Result};
use crate::ops;
use clap::Subcommand;
use model::id::{AccountId, OperatorName, RunId};
use std::io::IsTerminal;
use store::erase::HeldThing;

#[derive(Subcommand)]
pub(crate) enum PrivacyCommand {
    /// Erase what the ledger holds of an account; seals and the audit log still verify.
    Erase {
        account: AccountId,
        /// The account once more; asked for on a terminal.
        #[arg(long, value_name = "ACCOUNT")]
        confirm: Option<String>,
    },
    /// A legal hold: nothing of it is erased or let go.
    Hold {
        /// An account, or a run and all of its accounts.
        subject: String,
        #[arg(long)]
        reason: String,
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// Lift a legal hold.
    Lift {
        subject: String,
        #[arg(long)]
        reason: String,
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// Destroy keys whose undo window is over, and let go what is past its time. `serve` does it every hour.
    Expire,
}

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// A new master key; every run's key is wrapped anew, and the old key's file goes.
    Rotate,
}

pub(crate) fn privacy(call: &Call, command: PrivacyCommand) -> Result<()> {
    let ctx = call.context()?;
    match command {
        PrivacyCommand::Erase { account, confirm } => {
            confirm_erasure(&account, confirm)?;
            let erased = ops::privacy::erase(&ctx, &account, whoami().as_str())?;
            let stays =
                "its id in plans and runs that are over, with states and moments; commitments and leaves";
            let elsewhere = "answers of hunts and their events are files of yours: erase it there";
            if call.json {
                let rows: std::collections::BTreeMap<_, _> = erased.into_iter().collect();
                show::json(&serde_json::json!({
                    "account": account, "erased": rows, "stays": stays, "elsewhere": elsewhere,
                }));
                return Ok(());
            }
            erased.iter().for_each(|(place, rows)| show::line(format!("{rows:>6}  {place}")));
            show::line(format!("stays, so that figures and proofs hold: {stays}\nelsewhere: {elsewhere}"));
            Ok(())
        }
        PrivacyCommand::Hold { subject, reason, operator } => {
            let who = ops::review::known(&ctx, &OperatorName::new(operator))?.name;
            let thing = thing(&ctx, &subject)?;
            Ok(ctx.store.write(ctx.now(), |tx| tx.hold(&thing, &reason, who.as_str()))?)
        }
        PrivacyCommand::Lift { subject, reason, operator } => {
            let who = ops::review::known(&ctx, &OperatorName::new(operator))?.name;
            let thing = thing(&ctx, &subject)?;
            Ok(ctx.store.write(ctx.now(), |tx| tx.lift_hold(&thing, &reason, who.as_str()))?)
        }
        PrivacyCommand::Expire => {
            let expired = ops::privacy::expire(&ctx, whoami().as_str(), ops::privacy::Scrub::Always)?;
            if call.json {
                show::json(&expired);
                return Ok(());
            }
            for run in &expired.keys_destroyed {
                show::line(format!(
                    "{run}: its undo window is over; nothing of it can be restored, only released"
                ));
            }
            expired.rows.iter().for_each(|(place, rows)| show::line(format!("{rows:>6}  {place}")));
            Ok(())
        }
    }
}

pub(crate) fn key(call: &Call, command: &KeyCommand) -> Result<()> {
    match command {
        KeyCommand::Rotate => {
            let (id, runs) = ops::privacy::rotate(&call.context()?, whoami().as_str())?;
            if call.json {
                show::json(&serde_json::json!({ "master_key": id, "runs": runs }));
            } else {
                show::line(format!(
                    "master key {id} is in force; the keys of {runs} runs are wrapped with it"
                ));
            }
            Ok(())
        }
    }
}

/// The run of this name, or else the account.
fn thing(ctx: &crate::context::Context, subject: &str) -> Result<HeldThing> {
    let run = RunId::new(subject);
    let is_run = ctx.store.read(store::Read::runs)?.iter().any(|r| r.id == run);
    Ok(if is_run { HeldThing::Run(run) } else { HeldThing::Account(AccountId::new(subject)) })
}

fn confirm_erasure(account: &AccountId, typed: Option<String>) -> Result<()> {
    let typed = match typed {
        Some(typed) => typed,
        None if std::io::stdin().is_terminal() => {
            eprint!("{account} will be erased for good; type it once more: ");
            let mut line = String::new();
            std::io::stdin().read_line(&mut line).map_err(Error::failed)?;
            line.trim().to_owned()
        }
        None => String::new(),
    };
    if typed == account.as_str() {
        return Ok(());
    }
    Err(Error::usage(format!("{account} was not typed once more: nothing was erased"))
        .hint(format!("rightful privacy erase {account} --confirm {account}")))
}

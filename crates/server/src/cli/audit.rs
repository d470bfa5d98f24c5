//! `audit`: the log of everything done.

use super::Call;
use super::show;
use crate::error::{Error, Result, at};
use crate::keys;
use crate::ops::audit::{self, Trust, Witness};
use crate::outside::{SystemChance, SystemClock};
use clap::{Args, Subcommand};
use ed25519_dalek::SigningKey;
use respond::port::Clock;
use std::path::{Path, PathBuf};

#[derive(Subcommand)]
pub(crate) enum AuditCommand {
    /// Verify an exported log, or a proof, from files alone; without a folder, the connected ledger's log.
    Verify(Verify),
    /// Write the log as static files (C2SP tlog-tiles), or what came since the last time: tiles, bundles, records, a
    /// fresh checkpoint and the key.
    Export { folder: PathBuf },
    /// Sign a log's checkpoint as a witness, if the log only grew since this witness signed it last.
    Witness(WitnessArguments),
    /// The entries of an account (or plan, or run), each with its proof.
    Prove {
        subject: String,
        /// Prove under this checkpoint that was kept, with the witnesses' signatures it bears; otherwise a fresh one.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// Write each proof to a file here (C2SP tlog-proof).
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
}

#[derive(Args)]
pub(crate) struct Verify {
    folder: Option<PathBuf>,
    /// The log's public key to trust, where it was published elsewhere.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// A checkpoint that was kept earlier: the log must go on from it.
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// A witness's public key; the checkpoint must bear its signature.
    #[arg(long, value_name = "FILE")]
    witness: Vec<PathBuf>,
    /// So many of the witnesses are enough; all of them where it is not said.
    #[arg(long, value_name = "N")]
    quorum: Option<usize>,
    /// Verify this proof, instead of a log.
    #[arg(long, value_name = "FILE", requires = "key", conflicts_with_all = ["folder", "checkpoint"])]
    proof: Vec<PathBuf>,
}

#[derive(Args)]
pub(crate) struct WitnessArguments {
    /// The checkpoint; the signature is added to this file.
    checkpoint: PathBuf,
    /// The log's folder, as it was exported.
    #[arg(long, value_name = "FOLDER")]
    log: PathBuf,
    /// The log's public key, as it was published.
    #[arg(long, value_name = "FILE")]
    log_key: PathBuf,
    /// The witness's name, as an address without a scheme: witness.example/w1.
    #[arg(long)]
    name: String,
    /// The witness's own key; made where there is none.
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// What this witness signed last, of each log.
    #[arg(long, value_name = "FILE")]
    state: PathBuf,
    /// This witness never signed this log before.
    #[arg(long)]
    first: bool,
}

pub(crate) fn audit(call: &Call, command: AuditCommand) -> Result<()> {
    match command {
        AuditCommand::Verify(arguments) if arguments.proof.is_empty() => verify(call, &arguments),
        AuditCommand::Verify(arguments) => verify_proofs(call, &arguments),
        AuditCommand::Export { folder } => {
            let size = audit::export(&call.context()?, &folder)?;
            if call.json {
                show::json(&serde_json::json!({ "folder": folder, "size": size }));
            } else {
                let place = folder.display();
                show::line(format!("{size} entries: {place}\n  next: rightful audit verify {place}"));
            }
            Ok(())
        }
        AuditCommand::Witness(arguments) => witness(call, &arguments),
        AuditCommand::Prove { subject, checkpoint, out } => {
            prove(call, &subject, checkpoint.as_deref(), out.as_deref())
        }
    }
}

fn verify(call: &Call, arguments: &Verify) -> Result<()> {
    let (folder, temporary) = match &arguments.folder {
        Some(folder) => (folder.clone(), false),
        None => {
            let ctx = call.context()?;
            let folder = ctx.data.join("audit-to-verify");
            audit::export(&ctx, &folder)?;
            (folder, true)
        }
    };
    let verified = verify_folder(&folder, arguments);
    if temporary {
        std::fs::remove_dir_all(&folder).map_err(at(&folder))?;
    }
    let verified = verified?;
    if call.json {
        show::json(&verified);
        return Ok(());
    }
    show::line(format!(
        "{}: {} leaves under {}, {} entries are what their leaves commit to",
        verified.origin, verified.size, verified.root, verified.entries
    ));
    for size in &verified.kept {
        show::line(format!("it goes on from the kept checkpoint of {size} entries"));
    }
    for by in &verified.witnesses {
        show::line(format!("{} signed it at {}", by.name, at_second(by.at_s)));
    }
    if verified.key_is_folders_own {
        show::line(
            "the key is the folder's own; with --key, one that was published elsewhere, it shows whose log it is",
        );
    }
    Ok(())
}

fn verify_folder(folder: &Path, arguments: &Verify) -> Result<audit::Verified> {
    let trust = match &arguments.key {
        Some(key) => Trust::published(key)?,
        None => Trust::folders_own(folder)?,
    };
    let trust = trust.with(&arguments.witness, arguments.quorum)?;
    audit::verify(folder, &trust, &arguments.checkpoint)
}

fn verify_proofs(call: &Call, arguments: &Verify) -> Result<()> {
    let key = arguments.key.as_deref().ok_or_else(|| Error::usage("a proof is verified with --key"))?;
    let trust = Trust::published(key)?.with(&arguments.witness, arguments.quorum)?;
    let shown = arguments.proof.iter().map(|path| audit::verify_proof(path, &trust));
    let shown = shown.collect::<Result<Vec<_>>>()?;
    if call.json {
        show::json(&shown);
        return Ok(());
    }
    for one in shown {
        let entry = &one.record.entry;
        show::line(format!(
            "{} {} by {} is entry {} of the {} in {}",
            show::moment(entry.at),
            entry.action,
            entry.actor,
            entry.seq,
            one.checkpoint.size,
            one.checkpoint.origin
        ));
        for by in &one.witnesses {
            show::line(format!("  {} signed that log at {}", by.name, at_second(by.at_s)));
        }
    }
    Ok(())
}

fn witness(call: &Call, arguments: &WitnessArguments) -> Result<()> {
    let bytes = keys::read_or_make(&arguments.key, &SystemChance)?;
    let by = Witness {
        name: &arguments.name,
        key: SigningKey::from_bytes(&bytes),
        state: &arguments.state,
        is_first: arguments.first,
    };
    let now_s =
        u64::try_from(SystemClock.now() / 1000).map_err(|_| Error::failed("the clock is before 1970"))?;
    let log_key = audit::log_key(&arguments.log_key)?;
    let signed = audit::witness(&arguments.checkpoint, &arguments.log, &log_key, &by, now_s)?;
    if call.json {
        show::json(&signed);
    } else {
        show::line(format!(
            "{}: signed {} entries; {} were signed before\npublic key: {}",
            signed.origin, signed.size, signed.from, signed.key
        ));
    }
    Ok(())
}

fn prove(call: &Call, subject: &str, checkpoint: Option<&Path>, out: Option<&Path>) -> Result<()> {
    let proofs = audit::prove(&call.context()?, subject, checkpoint)?;
    if let Some(folder) = out {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        for proof in &proofs {
            let path = folder.join(format!("{}.tlog-proof", proof.record.entry.seq));
            std::fs::write(&path, &proof.proof).map_err(at(&path))?;
        }
    }
    if call.json {
        show::json(&proofs);
        return Ok(());
    }
    for proof in &proofs {
        let entry = &proof.record.entry;
        show::line(format!(
            "{}  {} by {}: {} siblings",
            entry.seq,
            entry.action,
            entry.actor,
            proof.path.len()
        ));
    }
    if let Some(folder) = out {
        show::line(format!(
            "{} proofs: {}\n  next: rightful audit verify --key KEY --proof FILE",
            proofs.len(),
            folder.display()
        ));
    }
    Ok(())
}

/// A witness's moment as people read it.
fn at_second(at_s: u64) -> String {
    i64::try_from(at_s)
        .ok()
        .and_then(|s| s.checked_mul(1000))
        .map_or_else(|| format!("{at_s} s"), show::moment)
}

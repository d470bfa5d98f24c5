//! The ledger carried out into a file and in again. The keys outside of it are never in that file; what is restored
//! starts nothing.

use super::audit::origin;
use crate::config::Config;
use crate::context::{audit_key, audit_key_file, ledger_url, open_store};
use crate::error::{Error, Result, at};
use crate::keys;
use crate::outside::{SystemChance, SystemClock};
use model::audit::Checkpoint;
use model::id::{Digest, Millis, RunId};
use model::signed_note::{KeyKind, NoteKey};
use respond::port::{Chance, Clock};
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::backup::{Backup, Header, Restoring};

/// What no backup holds, and must be kept elsewhere.
pub(crate) const NOT_IN_IT: &str = "the keys beside the ledger (keys/: the master key, the audit log's, operators'), \
    the configuration, the policy file, answers of hunts and their events";

/// What was written.
#[derive(serde::Serialize)]
pub(crate) struct Kept {
    pub(crate) file: PathBuf,
    pub(crate) rows: u64,
    pub(crate) sha256: Digest,
    pub(crate) version: i64,
    pub(crate) checkpoint: Checkpoint,
    /// What it does not hold.
    pub(crate) not_in_it: &'static str,
}

/// Writes the ledger as it is at one moment; an existing file is never overwritten.
pub(crate) fn back_up(config: &Config, file: &Path) -> Result<Kept> {
    let unable = |e: Error| Error::failed(format!("{}: {e}", file.display()));
    if file.exists() {
        return Err(Error::failed(format!(
            "{} is there already; a backup overwrites nothing",
            file.display()
        )));
    }
    let data = config.data_folder();
    let store = open_store(config, &data)?;
    let key = audit_key(&data, &SystemChance)?;
    let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // For its owner's eyes only, and in its place only when it is whole.
    let fresh = tempfile::NamedTempFile::new_in(folder).map_err(at(folder))?;
    let mut out = BufWriter::new(fresh);
    let origin = origin(&config.service.domain);
    let sign = |frontier: &model::merkle::Frontier| -> Result<_> {
        let checkpoint = Checkpoint { origin, size: frontier.size(), root: frontier.root() };
        let note = checkpoint.sign(&key)?;
        Ok((checkpoint, note))
    };
    let done = store.back_up(SystemClock.now(), sign, &mut out).map_err(unable)?;
    let fresh = out.into_inner().map_err(|e| at(file)(e.into_error()))?;
    fresh.as_file().sync_all().map_err(at(file))?;
    fresh.persist_noclobber(file).map_err(|e| at(file)(e.error))?;
    Ok(Kept {
        file: file.to_owned(),
        rows: done.rows,
        sha256: done.sha256,
        version: done.header.version,
        checkpoint: done.header.checkpoint,
        not_in_it: NOT_IN_IT,
    })
}

/// What was put back.
#[derive(serde::Serialize)]
pub(crate) struct Restored {
    pub(crate) ledger: String,
    pub(crate) made_at: Millis,
    pub(crate) rows: u64,
    /// The runs that were armed or running then.
    pub(crate) halted: Vec<RunId>,
    /// The standing orders that go on when two people have looked.
    pub(crate) suspended: Vec<Digest>,
    pub(crate) checkpoint: Checkpoint,
    /// Whether the checkpoint's signature was checked: it is where the audit log's key is in its place.
    pub(crate) signature_checked: bool,
    /// What it does not hold.
    pub(crate) not_in_it: &'static str,
}

/// Puts a backup into the ledger that the configuration names, which must be empty.
pub(crate) fn restore(config: &Config, file: &Path, by: &str) -> Result<Restored> {
    let data = config.data_folder();
    let backup = Backup::open(file)?;
    let header = backup.header().clone();
    let signature_checked = check(&data, config, &header)?;
    let url = ledger_url(config, &data)?;
    let reason = format!(
        "the ledger was restored from a backup of {}; what was done since then is not in it",
        crate::cli::show::moment(header.made_at)
    );
    let how = Restoring { by, now: SystemClock.now(), reason: &reason };
    let stopped = backup.restore(&url, Arc::new(|| SystemChance.bytes()), &how)?;
    Ok(Restored {
        ledger: url.to_string(),
        made_at: header.made_at,
        rows: backup.rows(),
        halted: stopped.runs,
        suspended: stopped.orders,
        checkpoint: header.checkpoint,
        signature_checked,
        not_in_it: NOT_IN_IT,
    })
}

/// Holds the signed checkpoint against the log's key, where that is in its place; says whether it is.
fn check(data: &Path, config: &Config, header: &Header) -> Result<bool> {
    let path = audit_key_file(data);
    if !path.exists() {
        return Ok(false);
    }
    let key = keys::signing_key(&path)?.verifying_key();
    let key = NoteKey::new(&origin(&config.service.domain), KeyKind::Log, key)?;
    match Checkpoint::open(&header.note, &key) {
        Ok(signed) if signed == header.checkpoint => Ok(true),
        Ok(_) => Err(Error::failed("the backup: its checkpoint is not the one that the log signed")),
        Err(why) => Err(Error::failed(format!("the backup: {why}"))
            .hint(format!("lay back the keys that belong to it, above all {}", path.display()))),
    }
}

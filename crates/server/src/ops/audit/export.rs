//! The log laid out in a folder, from the ledger: at first all of it, then what came since. Tiles that were written are
//! not written again; a folder that is not the beginning of this log is left as it is.

use super::folder::{Folder, begin, end, read_text, write_whole};
use super::{PORTION, checkpoint, public_key};
use crate::context::Context;
use crate::error::{Error, Result, at};
use model::audit::tile::{Edge, Tile, WIDTH};
use model::audit::{Checkpoint, Record, leaf};
use model::id::Digest;
use model::signed_note::NoteKey;
use std::io::Write;
use std::path::Path;

/// What the log consists of, read in portions from a place on.
pub(super) struct Source<'a> {
    /// What is committed to of each entry.
    pub(super) commitments: &'a dyn Fn(u64, u64) -> Result<Vec<Digest>>,
    /// The records that were not erased, of the next so many that there are.
    pub(super) records: &'a dyn Fn(u64, u64) -> Result<Vec<Record>>,
}

/// Writes the log into a folder: tiles, bundles, records, the key, and a fresh checkpoint. Gives its size.
pub(crate) fn export(ctx: &Context, folder: &Path) -> Result<u64> {
    let (head, note) = checkpoint(ctx)?;
    let source = Source {
        commitments: &|from, n| Ok(ctx.store.read(|r| r.audit_commitments(from, n))?),
        records: &|from, n| Ok(ctx.store.read(|r| r.audit_records_left(from, n))?),
    };
    lay_out(folder, &head, &note, &public_key(ctx)?, &source)?;
    Ok(head.size)
}

/// Brings a folder to this checkpoint.
pub(super) fn lay_out(
    folder: &Path,
    head: &Checkpoint,
    note: &str,
    key: &NoteKey,
    source: &Source<'_>,
) -> Result<()> {
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let files = Folder(folder);
    let there = there(&files, key)?;
    let mut edge = edge(&files, there.as_ref())?;
    goes_on(&files, edge.clone(), head, source)?;
    let mut bundle = Vec::new();
    if let Some(tile) = Tile::in_log(0, edge.size() / WIDTH, edge.size()) {
        bundle = files.bundle(tile)?;
    }
    each(edge.size(), head.size, source.commitments, |commitment| {
        bundle.push(commitment);
        for (tile, hashes) in edge.push(leaf(commitment)) {
            if tile.level == 0 {
                files.write_bundle(tile, &std::mem::take(&mut bundle))?;
            }
            files.write_hashes(tile, &hashes)?;
        }
        Ok(())
    })?;
    let grew = there.as_ref().is_none_or(|there| there.size < head.size);
    for (tile, hashes) in edge.partial().filter(|_| grew) {
        if tile.level == 0 {
            files.write_bundle(tile, &bundle)?;
        }
        files.write_hashes(tile, hashes)?;
    }
    // All of them anew: what was erased since goes from the folder too.
    records(&files, head.size, source)?;
    write_whole(&files.key(), format!("{key}\n").as_bytes())?;
    // Last, so that whoever reads meanwhile finds all that the checkpoint needs. One of the same log and size stays:
    // it may bear witnesses' signatures.
    if there.is_none_or(|there| there != *head) {
        write_whole(&files.checkpoint(), note.as_bytes())?;
    }
    Ok(())
}

/// The checkpoint that a folder has, if it has one.
fn there(files: &Folder<'_>, key: &NoteKey) -> Result<Option<Checkpoint>> {
    let path = files.checkpoint();
    if !path.exists() {
        return Ok(None);
    }
    let found = Checkpoint::open(&read_text(&path)?, key);
    found.map(Some).map_err(|why| elsewhere(format!("{}: {why}", path.display())))
}

fn elsewhere(why: String) -> Error {
    Error::failed(why).hint("nothing was written; keep the folder, and name another one for this log")
}

/// The right edge of what a folder has, which must be that of its checkpoint.
fn edge(files: &Folder<'_>, there: Option<&Checkpoint>) -> Result<Edge> {
    let Some(there) = there else { return Ok(Edge::default()) };
    let edge = Edge::read(there.size, &mut |tile| files.hashes(tile))?;
    if edge.root() != there.root {
        return Err(elsewhere(format!(
            "{}: its last tiles are not those of its checkpoint: they were changed",
            files.0.display()
        )));
    }
    Ok(edge)
}

/// Insists that the log begins with what the folder has, before anything in it is replaced.
fn goes_on(files: &Folder<'_>, mut edge: Edge, head: &Checkpoint, source: &Source<'_>) -> Result<()> {
    let (was, folder) = (edge.size(), files.0.display());
    if was > head.size {
        return Err(elsewhere(format!(
            "{folder} has {was} entries and the ledger {}: the ledger is an older copy",
            head.size
        )));
    }
    each(was, head.size, source.commitments, |commitment| {
        edge.push(leaf(commitment));
        Ok(())
    })?;
    if edge.root() != head.root {
        return Err(elsewhere(format!(
            "the ledger's log of {} entries does not begin with the {was} of {folder}: one of the two was rewritten",
            head.size
        )));
    }
    Ok(())
}

/// Goes over what is committed to from one place up to another.
pub(super) fn each(
    from: u64,
    to: u64,
    read: &dyn Fn(u64, u64) -> Result<Vec<Digest>>,
    mut act: impl FnMut(Digest) -> Result<()>,
) -> Result<()> {
    let mut at = from;
    while at < to {
        let some = read(at, PORTION.min(to - at))?;
        if some.is_empty() {
            return Err(Error::failed(format!("the audit log ends at entry {at}, before its checkpoint")));
        }
        at += some.len() as u64;
        some.into_iter().try_for_each(&mut act)?;
    }
    Ok(())
}

fn records(files: &Folder<'_>, size: u64, source: &Source<'_>) -> Result<()> {
    let path = files.records();
    let mut file = std::io::BufWriter::new(begin(&path)?);
    let mut from = 0;
    loop {
        let some = (source.records)(from, PORTION)?;
        let Some(last) = some.last() else { break };
        from = last.entry.seq + 1;
        for record in some.iter().take_while(|r| r.entry.seq < size) {
            writeln!(file, "{}", model::canonical(record)?).map_err(at(&path))?;
        }
        if from >= size {
            break;
        }
    }
    let file = file.into_inner().map_err(|e| at(&path)(e.into_error()))?;
    end(file, &path)
}

//! An exported log verified from its files alone, tile by tile: each entry against its leaf, each leaf against the tiles
//! above it, the root against the checkpoint, and against every checkpoint that somebody kept. Only the tree's right
//! edge and one tile are in memory.

use super::folder::Folder;
use super::trust::{Cosigned, Trust};
use crate::error::{Error, Result, at};
use model::audit::tile::{Edge, Tile, WIDTH};
use model::audit::{Checkpoint, Record, leaf};
use model::id::Digest;
use std::fs::File;
use std::io::{BufRead, BufReader, Lines};
use std::path::{Path, PathBuf};

/// What a verification found to hold.
#[derive(Debug, serde::Serialize)]
pub(crate) struct Verified {
    /// The log's name.
    pub(crate) origin: String,
    /// How many leaves.
    pub(crate) size: u64,
    /// The root over them.
    pub(crate) root: Digest,
    /// Entries that were there and are what their leaves commit to; the rest were erased.
    pub(crate) entries: u64,
    /// Sizes of the kept checkpoints that the log goes on from.
    pub(crate) kept: Vec<u64>,
    /// The witnesses that were named and signed the checkpoint.
    pub(crate) witnesses: Vec<Cosigned>,
    /// Whether the key was the folder's own: then it shows only that the folder agrees with itself.
    pub(crate) key_is_folders_own: bool,
}

/// Verifies an exported log from its files alone, and that it goes on from each checkpoint that somebody kept.
pub(crate) fn verify(folder: &Path, trust: &Trust, kept: &[PathBuf]) -> Result<Verified> {
    let files = Folder(folder);
    let path = files.checkpoint();
    let (note, head) = trust.read(&path)?;
    let witnesses = trust.cosigned(&note, &path.display().to_string())?;
    let mut kept = Kept::read(trust, kept, &head)?;
    let mut records = Records::open(&files)?;
    let mut edge = Edge::default();
    kept.hold(&edge)?;
    for index in 0.. {
        let Some(tile) = Tile::in_log(0, index, head.size) else { break };
        let (hashes, entries) = (files.hashes(tile)?, files.bundle(tile)?);
        for (place, (hash, entry)) in (index * WIDTH..).zip(hashes.into_iter().zip(entries)) {
            if leaf(entry) != hash {
                return Err(Error::failed(format!(
                    "{}: leaf {} (entry {place}) is not that of the entry in {}: one of them was changed",
                    folder.join(tile.path()).display(),
                    place % WIDTH,
                    folder.join(tile.bundle_path()).display()
                )));
            }
            records.hold(place, &entry)?;
            for (above, hashes) in edge.push(hash).into_iter().filter(|(t, _)| t.level > 0) {
                holds(&files, above, &hashes)?;
            }
            kept.hold(&edge)?;
        }
    }
    for (above, hashes) in edge.partial().filter(|(t, _)| t.level > 0) {
        holds(&files, above, hashes)?;
    }
    if edge.root() != head.root {
        return Err(Error::failed(format!(
            "{}: the root over the {} leaves in the tiles is {}, and it says {}: the tiles were changed after it was signed",
            path.display(),
            head.size,
            edge.root(),
            head.root
        )));
    }
    Ok(Verified {
        origin: head.origin,
        size: head.size,
        root: head.root,
        entries: records.end(head.size)?,
        kept: kept.sizes,
        witnesses,
        key_is_folders_own: trust.is_folders_own(),
    })
}

/// Insists that a tile above is made of those below it.
fn holds(files: &Folder<'_>, tile: Tile, hashes: &[Digest]) -> Result<()> {
    let written = files.hashes(tile)?;
    match written.iter().zip(hashes).position(|(written, found)| written != found) {
        None => Ok(()),
        Some(place) => Err(Error::failed(format!(
            "{}: hash {place} is not that of the tile below it: one of them was changed",
            files.0.join(tile.path()).display()
        ))),
    }
}

/// The checkpoints that somebody kept, by size.
struct Kept {
    left: Vec<(Checkpoint, PathBuf)>,
    sizes: Vec<u64>,
}

impl Kept {
    fn read(trust: &Trust, paths: &[PathBuf], head: &Checkpoint) -> Result<Self> {
        let mut left = Vec::new();
        for path in paths {
            let (_, kept) = trust.read(path)?;
            if kept.size > head.size {
                return Err(Error::failed(format!(
                    "{}: it covers {} entries and the log has {}: entries were removed",
                    path.display(),
                    kept.size,
                    head.size
                )));
            }
            left.push((kept, path.clone()));
        }
        // The smallest is the last: they are taken off as the log reaches them.
        left.sort_by_key(|(kept, _)| std::cmp::Reverse(kept.size));
        Ok(Self { left, sizes: Vec::new() })
    }

    /// Holds those of the size that was reached against the log so far.
    fn hold(&mut self, edge: &Edge) -> Result<()> {
        while let Some((kept, path)) = self.left.pop_if(|(kept, _)| kept.size == edge.size()) {
            if kept.root != edge.root() {
                return Err(Error::failed(format!(
                    "{}: the first {} leaves have another root: the log was rewritten, or there are two of it (a fork)",
                    path.display(),
                    kept.size
                )));
            }
            self.sizes.push(kept.size);
        }
        Ok(())
    }
}

/// The records that were not erased, read beside the entries.
struct Records {
    path: PathBuf,
    lines: Lines<BufReader<File>>,
    line: u64,
    next: Option<Record>,
    held: u64,
}

impl Records {
    fn open(files: &Folder<'_>) -> Result<Self> {
        let path = files.records();
        let lines = BufReader::new(File::open(&path).map_err(at(&path))?).lines();
        let mut records = Self { path, lines, line: 0, next: None, held: 0 };
        records.advance()?;
        Ok(records)
    }

    fn bad(&self, why: impl std::fmt::Display) -> Error {
        Error::failed(format!("{}, line {}: {why}", self.path.display(), self.line))
    }

    fn advance(&mut self) -> Result<()> {
        let last = self.next.take().map(|record| record.entry.seq);
        let Some(line) = self.lines.next() else { return Ok(()) };
        self.line += 1;
        let record: Record = serde_json::from_str(&line.map_err(at(&self.path))?).map_err(|e| self.bad(e))?;
        if last.is_some_and(|last| record.entry.seq <= last) {
            return Err(self.bad(format!("entry {} comes after a later one", record.entry.seq)));
        }
        self.next = Some(record);
        Ok(())
    }

    /// Holds the record of this place, if there is one, against what the log commits to.
    fn hold(&mut self, place: u64, commitment: &Digest) -> Result<()> {
        let Some(record) = self.next.as_ref().filter(|r| r.entry.seq == place) else { return Ok(()) };
        if record.commitment()? != *commitment {
            return Err(self.bad(format!("entry {place} is not what its leaf commits to: it was changed")));
        }
        self.held += 1;
        self.advance()
    }

    /// Insists that none is left; gives how many held.
    fn end(self, size: u64) -> Result<u64> {
        match &self.next {
            None => Ok(self.held),
            Some(record) => {
                Err(self.bad(format!("entry {} is not in a log of {size} entries", record.entry.seq)))
            }
        }
    }
}

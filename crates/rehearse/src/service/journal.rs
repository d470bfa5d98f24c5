//! The file of writes: a line each, in the file before the answer, replayed when the service is opened.
//!
//! Several processes may rehearse on one folder. Whoever holds the file's lock first reads what the others wrote,
//! then writes: a guard that holds here holds for all of them.

use super::load::{ServiceError, at};
use super::state::Write;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// An open journal.
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    /// Bytes and lines that are known here.
    length: u64,
    lines: usize,
}

impl Journal {
    /// Opens or makes the file; nothing of it is known yet.
    pub(crate) fn open(path: &Path) -> Result<Self, ServiceError> {
        let file = OpenOptions::new().create(true).read(true).append(true).open(path).map_err(at(path))?;
        Ok(Self { file, path: path.to_owned(), length: 0, lines: 0 })
    }

    /// Takes the file's lock, and gives what was written since it was last held. A last line without its end was cut
    /// off by a crash, was never answered, and is taken off.
    pub(crate) fn hold(&mut self) -> Result<Vec<Write>, ServiceError> {
        self.file.lock().map_err(at(&self.path))?;
        if self.file.metadata().map_err(at(&self.path))?.len() == self.length {
            return Ok(Vec::new());
        }
        self.file.seek(SeekFrom::Start(self.length)).map_err(at(&self.path))?;
        let mut text = Vec::new();
        self.file.read_to_end(&mut text).map_err(at(&self.path))?;
        let whole = text.iter().rposition(|b| *b == b'\n').map_or(0, |end| end + 1);
        let mut writes = Vec::new();
        for line in text[..whole].split_inclusive(|b| *b == b'\n') {
            self.lines += 1;
            writes.push(serde_json::from_slice(line).map_err(|e| self.broken(e))?);
        }
        self.length += whole as u64;
        if whole < text.len() {
            self.file.set_len(self.length).map_err(at(&self.path))?;
        }
        Ok(writes)
    }

    /// Lets other processes in again.
    pub(crate) fn release(&self) -> Result<(), ServiceError> {
        self.file.unlock().map_err(at(&self.path))
    }

    /// Appends a write, while the lock is held. Where the disk refuses, nothing of it stays.
    pub(crate) fn append(&mut self, write: &Write) -> Result<(), ServiceError> {
        let mut line = serde_json::to_vec(write).map_err(|e| self.broken(e))?;
        line.push(b'\n');
        if let Err(refused) = self.file.write_all(&line) {
            self.file.set_len(self.length).map_err(at(&self.path))?;
            return Err(at(&self.path)(refused));
        }
        self.length += line.len() as u64;
        self.lines += 1;
        Ok(())
    }

    fn broken(&self, source: serde_json::Error) -> ServiceError {
        ServiceError::Line { path: self.path.clone(), line: self.lines, source }
    }
}

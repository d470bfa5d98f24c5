//! A log in a folder: where its files are, read with their form checked, written whole or not at all.

use crate::error::{Error, Result, at};
use model::audit::tile::{self, Tile};
use model::id::Digest;
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// No checkpoint, key or proof is as long; what is longer is not read.
const TEXT_BYTES_MAX: u64 = 1_000_000;
/// A full bundle, and one byte more, so that a longer file is seen to be.
const FILE_BYTES_MAX: u64 = tile::WIDTH * 34 + 1;

/// A log in a folder.
pub(super) struct Folder<'a>(pub(super) &'a Path);

impl Folder<'_> {
    pub(super) fn checkpoint(&self) -> PathBuf {
        self.0.join("checkpoint")
    }

    pub(super) fn key(&self) -> PathBuf {
        self.0.join("key")
    }

    /// The records that were not erased, a line each.
    pub(super) fn records(&self) -> PathBuf {
        self.0.join("entries.jsonl")
    }

    /// A tile's hashes. Where it is not full, the full one that it became does as well.
    pub(super) fn hashes(&self, wanted: Tile) -> Result<Vec<Digest>> {
        self.read(wanted, Tile::path, tile::hashes, "hashes")
    }

    /// A bundle's entries, in the same way.
    pub(super) fn bundle(&self, wanted: Tile) -> Result<Vec<Digest>> {
        self.read(wanted, Tile::bundle_path, tile::bundle, "entries of 32 bytes, each after its length")
    }

    fn read(
        &self,
        wanted: Tile,
        name: fn(&Tile) -> String,
        form: fn(&[u8]) -> Option<Vec<Digest>>,
        what: &str,
    ) -> Result<Vec<Digest>> {
        let mut found = wanted;
        let bytes = match self.bytes(&name(&found)) {
            Err(e) if e.kind() == ErrorKind::NotFound && wanted != wanted.full() => {
                found = wanted.full();
                self.bytes(&name(&found))
            }
            other => other,
        };
        let path = self.0.join(name(&found));
        let bytes = match bytes {
            Err(e) if e.kind() == ErrorKind::NotFound => {
                let path = self.0.join(name(&wanted));
                return Err(Error::failed(format!("{} is missing: entries were removed", path.display())));
            }
            other => other.map_err(at(&path))?,
        };
        let mut read = form(&bytes).filter(|read| read.len() as u64 == found.width).ok_or_else(|| {
            Error::failed(format!("{}: it does not hold {} {what}", path.display(), found.width))
        })?;
        read.truncate(wanted.width as usize);
        Ok(read)
    }

    fn bytes(&self, name: &str) -> std::io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(self.0.join(name))?.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    pub(super) fn write_hashes(&self, tile: Tile, hashes: &[Digest]) -> Result<()> {
        self.write_place(tile, Tile::path, &tile::bytes(hashes))
    }

    pub(super) fn write_bundle(&self, tile: Tile, commitments: &[Digest]) -> Result<()> {
        self.write_place(tile, Tile::bundle_path, &tile::bundle_bytes(commitments))
    }

    /// Writes a tile or a bundle. The partial ones stay for those who hold an older checkpoint, until the full one is
    /// there.
    fn write_place(&self, tile: Tile, name: fn(&Tile) -> String, bytes: &[u8]) -> Result<()> {
        write_whole(&self.0.join(name(&tile)), bytes)?;
        if tile != tile.full() {
            return Ok(());
        }
        let partial = self.0.join(format!("{}.p", name(&tile)));
        match std::fs::remove_dir_all(&partial) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(at(&partial)(e)),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// Reads a short text.
pub(crate) fn read_text(path: &Path) -> Result<String> {
    let mut text = String::new();
    File::open(path)
        .and_then(|file| file.take(TEXT_BYTES_MAX).read_to_string(&mut text))
        .map_err(at(path))?;
    Ok(text)
}

/// Writes a file that everybody may read, whole or not at all.
pub(super) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = begin(path)?;
    file.write_all(bytes).map_err(at(path))?;
    end(file, path)
}

/// A file that takes a place only at [`end`].
pub(super) fn begin(path: &Path) -> Result<tempfile::NamedTempFile> {
    let folder = path.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(at(folder))?;
    let readable = std::fs::Permissions::from_mode(0o644);
    tempfile::Builder::new().permissions(readable).tempfile_in(folder).map_err(at(folder))
}

/// Gives a file its place.
pub(super) fn end(file: tempfile::NamedTempFile, path: &Path) -> Result<()> {
    file.as_file().sync_all().map_err(at(path))?;
    file.persist(path).map(drop).map_err(|e| at(path)(e.error))
}

//! Cuts a stream of lines, compressed or not, into blocks of whole lines. It does not look into a line.

use super::Format;
use crate::error::HuntError;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Bytes in a block, about.
const BLOCK: usize = 4 << 20;
/// A longer line is no event.
const LINE_MAX: usize = 32 << 20;

/// A run of whole lines.
pub(crate) struct Block {
    /// The number of the first line, from 1.
    pub(crate) first_line: u64,
    /// The lines.
    pub(crate) bytes: Vec<u8>,
}

/// The blocks of a file, in order.
pub(crate) fn blocks(path: &Path, format: Format) -> Result<Blocks, HuntError> {
    let unreadable = |cause| HuntError::Unreadable { file: path.to_owned(), cause };
    let file = File::open(path).map_err(unreadable)?;
    let from: Box<dyn Read> = match format {
        Format::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Format::Zstd => Box::new(zstd::stream::read::Decoder::new(file).map_err(unreadable)?),
        Format::Lines | Format::Parquet => Box::new(file),
    };
    Ok(Blocks { path: path.to_owned(), format, from, rest: Vec::new(), line: 1, ended: false })
}

/// An iterator over blocks.
pub(crate) struct Blocks {
    path: PathBuf,
    format: Format,
    from: Box<dyn Read>,
    rest: Vec<u8>,
    line: u64,
    ended: bool,
}

impl Blocks {
    fn fill(&mut self) -> Result<Option<Block>, HuntError> {
        let mut bytes = std::mem::take(&mut self.rest);
        while !self.ended {
            let have = bytes.len();
            bytes.resize(have + BLOCK, 0);
            let mut end = have;
            while end < bytes.len() {
                match self.from.read(&mut bytes[end..]) {
                    Ok(0) => {
                        self.ended = true;
                        break;
                    }
                    Ok(read) => end += read,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => {
                        let whole = bytes[..end].iter().filter(|b| **b == b'\n').count() as u64;
                        return Err(self.damaged(self.line + whole, error));
                    }
                }
            }
            bytes.truncate(end);
            if let Some(last) = bytes[have..].iter().rposition(|b| *b == b'\n') {
                self.rest = bytes.split_off(have + last + 1);
                break;
            }
            if bytes.len() > LINE_MAX {
                let what = format!("line {} is longer than {} MiB", self.line, LINE_MAX >> 20);
                return Err(HuntError::WrongFormat { file: self.path.clone(), what });
            }
        }
        if bytes.is_empty() {
            return Ok(None);
        }
        let first_line = self.line;
        self.line += bytes.iter().filter(|b| **b == b'\n').count() as u64;
        Ok(Some(Block { first_line, bytes }))
    }

    fn damaged(&self, line: u64, cause: std::io::Error) -> HuntError {
        let packed = match self.format {
            Format::Lines | Format::Parquet => {
                return HuntError::Unreadable { file: self.path.clone(), cause };
            }
            Format::Gzip => "gzip",
            Format::Zstd => "zstd",
        };
        let how = if cause.kind() == ErrorKind::UnexpectedEof { "cut off" } else { "damaged" };
        let what = format!("the {packed} file is {how}");
        HuntError::Damaged { file: self.path.clone(), line, what, cause: cause.to_string() }
    }
}

impl Iterator for Blocks {
    type Item = Result<Block, HuntError>;

    fn next(&mut self) -> Option<Self::Item> {
        let block = self.fill().transpose();
        if matches!(block, Some(Err(_))) {
            self.ended = true;
            self.rest.clear();
        }
        block
    }
}

//! Readers: files of events become compact acts in partitions by account. Formats are told by their first bytes,
//! never by their names. A line that can't be read is kept aside with its place; a file that can't be is an error.

mod blocks;
mod columns;
mod drain;
mod fill;
mod ids;
mod line;
mod records;
mod rows;
mod sink;

pub(crate) use line::Moment;
pub(crate) use records::records;
pub(crate) use rows::{group_rows, groups};
pub(crate) use sink::Loaded;

use crate::error::HuntError;
use crate::request::Request;
use blocks::Block;
use drain::Drain;
use sink::Sink;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};

/// What a file is, by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Lines,
    Gzip,
    Zstd,
    Parquet,
}

impl Format {
    /// Tells a file's format.
    pub(crate) fn of(file: &Path) -> Result<Self, HuntError> {
        let unreadable = |cause| HuntError::Unreadable { file: file.to_owned(), cause };
        let mut open = File::open(file).map_err(unreadable)?;
        if open.metadata().map_err(unreadable)?.is_dir() {
            let what = "is a folder; name the files in it".to_owned();
            return Err(HuntError::WrongFormat { file: file.to_owned(), what });
        }
        let mut start = Vec::with_capacity(512);
        open.by_ref().take(512).read_to_end(&mut start).map_err(unreadable)?;
        match start.as_slice() {
            [0x1f, 0x8b, ..] => Ok(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Ok(Self::Zstd),
            [b'P', b'A', b'R', b'1', ..] => Ok(Self::Parquet),
            bytes if bytes.contains(&0) => {
                let hex: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
                let what = format!("is some binary file (it starts with {})", hex.join(" "));
                Err(HuntError::WrongFormat { file: file.to_owned(), what })
            }
            _ => Ok(Self::Lines),
        }
    }
}

/// A piece of work for one thread: a run of whole lines, or one row group.
enum Job {
    Lines { file: usize, block: Block },
    Rows { file: usize, group: usize },
}

/// Reads all files of a request into memory.
pub(crate) fn load(request: &Request, on_bytes: &dyn Fn(u64)) -> Result<Loaded, HuntError> {
    // Wrong files are refused before anything is read.
    let networks = request.intelligence.networks()?;
    let sink = Sink::new(request);
    let stop = AtomicBool::new(false);
    let failures: Mutex<Vec<(usize, HuntError)>> = Mutex::new(Vec::new());
    let fail = |file: usize, error: HuntError| {
        stop.store(true, Ordering::Relaxed);
        sink::locked(&failures).push((file, error));
    };
    let threads = request.threads_or_all();
    let (send, receive) = mpsc::sync_channel::<Job>(threads * 2);
    let receive = Mutex::new(receive);
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (sink, receive, stop, fail) = (&sink, &receive, &stop, &fail);
            scope.spawn(move || {
                let mut drain = Drain::new(sink, thread, threads);
                loop {
                    let job = sink::locked(receive).recv();
                    let Ok(job) = job else { break };
                    if stop.load(Ordering::Relaxed) {
                        continue;
                    }
                    let (file, done) = match job {
                        Job::Lines { file, block } => (file, drain.lines(file, &block)),
                        Job::Rows { file, group } => {
                            (file, rows::group(&request.files[file], file, group, &mut drain))
                        }
                    };
                    if let Err(error) = done {
                        fail(file, error);
                    }
                }
                drain.flush();
            });
        }
        for (file, path) in request.files.iter().enumerate() {
            if stop.load(Ordering::Relaxed) {
                break;
            }
            if let Err(error) = feed(file, path, &send, &stop, on_bytes) {
                fail(file, error);
            }
        }
        drop(send);
    });
    let mut failures = failures.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    failures.sort_by_key(|(file, _)| *file);
    if let Some((_, error)) = failures.into_iter().next() {
        return Err(error);
    }
    sink.finish(request, &networks)
}

fn feed(
    file: usize,
    path: &Path,
    send: &mpsc::SyncSender<Job>,
    stop: &AtomicBool,
    on_bytes: &dyn Fn(u64),
) -> Result<(), HuntError> {
    let format = Format::of(path)?;
    if format == Format::Parquet {
        for (group, bytes) in groups(path)?.into_iter().enumerate() {
            on_bytes(bytes);
            if send.send(Job::Rows { file, group }).is_err() {
                break;
            }
        }
        return Ok(());
    }
    for block in blocks::blocks(path, format)? {
        let block = block?;
        on_bytes(block.bytes.len() as u64);
        if stop.load(Ordering::Relaxed) || send.send(Job::Lines { file, block }).is_err() {
            break;
        }
    }
    Ok(())
}

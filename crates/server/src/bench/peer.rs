//! A peer from outside: DuckDB, from PyPI, in an environment that is thrown away.

use crate::error::{Error, Result, at};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::process::Command;

const SIMPLE_HUNT: &str = include_str!("simple_hunt.py");

/// DuckDB, ready to be run.
pub(super) struct Peer {
    folder: tempfile::TempDir,
}

/// What a run of it came to.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Ran {
    pub(super) version: String,
    pub(super) seconds: f64,
    accounts: u64,
    odd: u64,
    sum: f64,
}

impl Peer {
    /// Installs it; needs `python3` and a way to PyPI.
    pub(super) fn install() -> Result<Self> {
        let folder = tempfile::tempdir().map_err(Error::failed)?;
        let script = folder.path().join("simple_hunt.py");
        std::fs::write(&script, SIMPLE_HUNT).map_err(at(&script))?;
        let peer = Self { folder };
        let environment = peer.folder.path().join("python");
        said(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        said(Command::new(peer.python()).args(["-m", "pip", "install", "--quiet", "duckdb>=1.4"]))?;
        Ok(peer)
    }

    /// Its simple hunt over files of Parquet.
    pub(super) fn hunt(&self, files: &[PathBuf], threads: usize) -> Result<Ran> {
        let script = self.folder.path().join("simple_hunt.py");
        let said = said(Command::new(self.python()).arg(script).arg(threads.to_string()).args(files))?;
        Ok(serde_json::from_slice(&said)?)
    }

    fn python(&self) -> PathBuf {
        self.folder.path().join(Path::new("python").join("bin").join("python"))
    }
}

/// Runs a command to its end; what it said.
fn said(command: &mut Command) -> Result<Vec<u8>> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| Error::failed(format!("{name} can't be started: {e}")))?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let why = String::from_utf8_lossy(&output.stderr);
    let last = why.lines().rfind(|l| !l.trim().is_empty()).unwrap_or_default().to_owned();
    Err(Error::failed(format!("{name} failed: {last}"))
        .hint("the peer needs python3 and PyPI; without it: rightful bench hunt --no-peer"))
}

//! The halt that works with the database down: a file named `HALT` in the data folder, read before each batch.

use std::path::{Path, PathBuf};

/// Where the file would be.
#[derive(Clone, Debug)]
pub struct HaltFile(PathBuf);

impl HaltFile {
    /// In this data folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self(folder.join("HALT"))
    }

    /// Whether it is there. Where that can't be told, it is: nothing new is started on a doubt.
    #[must_use]
    pub fn is_there(&self) -> bool {
        self.0.try_exists().unwrap_or(true)
    }

    /// The path, for messages.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

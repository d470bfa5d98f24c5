//! A scene: a seeded population with its files, and what the hunt says of it. Made once, played on by many stages.

use crate::error::{Error, Result, at};
use hunt::Answer;
use model::id::{AccountId, Millis};
use rehearse::simulate::{Format, Population, Settings, population, write};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

/// A population in a temporary folder of its own.
pub(crate) struct Scene {
    pub(crate) population: Population,
    /// Where its time ends, ms.
    pub(crate) end_ms: Millis,
    folder: tempfile::TempDir,
    answer: OnceLock<Answer>,
    /// Held by whoever hunts: the answer's folder is written once.
    hunting: Mutex<()>,
}

impl Scene {
    /// Plays a population and writes its files.
    pub(crate) fn play(settings: &Settings) -> Result<Self> {
        Self::of(population(settings), settings.end_ms)
    }

    /// Writes the files of a population that was played already.
    pub(crate) fn of(population: Population, end_ms: Millis) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("rightful-scene-").tempdir().map_err(Error::failed)?;
        write(&population, folder.path(), Format::Jsonl).map_err(Error::failed)?;
        Ok(Self { population, end_ms, folder, answer: OnceLock::new(), hunting: Mutex::new(()) })
    }

    /// A service of so many accounts on which a list of passwords was tried, and nothing else happened: for tests.
    #[cfg(test)]
    pub(crate) fn of_stuffing(seed: u64, accounts: u32, attacked_share: f64) -> Result<Self> {
        Self::play(&Settings {
            seed,
            accounts,
            attacked_share,
            attacks: vec![rehearse::simulate::Attack::StuffingSpam],
            shifts: Vec::new(),
            look_alikes: false,
            ..Settings::default()
        })
    }

    /// The events' file.
    pub(crate) fn events(&self) -> PathBuf {
        self.folder.path().join("events.jsonl")
    }

    /// Copies what a rehearsed service is opened from; gives the folder.
    pub(crate) fn copy_to(&self, folder: &Path) -> Result<PathBuf> {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        for name in ["accounts.jsonl", "truth.jsonl", "events.jsonl"] {
            std::fs::copy(self.folder.path().join(name), folder.join(name)).map_err(at(folder))?;
        }
        Ok(folder.to_owned())
    }

    /// Where the hunt's answer stands, once [`Scene::answer`] was asked for.
    pub(crate) fn answer_folder(&self) -> PathBuf {
        self.folder.path().join("answer")
    }

    /// The hunt's answer; hunted at the first call.
    pub(crate) fn answer(&self) -> Result<&Answer> {
        let _hunting = self.hunting.lock().unwrap_or_else(PoisonError::into_inner);
        if self.answer.get().is_none() {
            let request = hunt::Request::new(vec![self.events()], self.answer_folder());
            hunt::run(&request, &|_| {})?;
            // Nobody else sets it: this thread alone hunts.
            drop(self.answer.set(hunt::read_answer(&self.answer_folder())?));
        }
        self.answer.get().ok_or_else(|| Error::failed("the hunt gave no answer"))
    }

    /// Accounts of some look-alikes, in their order.
    pub(crate) fn trapped(&self, names: &[&str]) -> BTreeSet<AccountId> {
        names.iter().filter_map(|n| self.population.traps.get(*n)).flatten().cloned().collect()
    }
}

//! Where the readers' threads put what they read: shared dictionaries, and acts in partitions by account. Events
//! seen twice are settled here, once all is read, so that the order of reading leaves no trace.

use super::fill;
use super::ids::{self, Ids};
use crate::error::HuntError;
use crate::intelligence::Networks;
use crate::request::Request;
use decide::detect::{Act, Deed, Dictionary, Lexicon, Sym, Words};
use model::verdict::IntelligenceFile;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Accounts are spread over so many partitions; each is sorted and folded by one thread.
pub(super) const PARTITIONS: usize = 128;
const SHARDS: usize = 32;

/// A line that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reject {
    pub(crate) file: usize,
    pub(crate) line: u64,
    pub(crate) reason: String,
    /// The line as it was, as far as it is text, cut at 2,000 characters.
    pub(crate) content: String,
}

/// All events of a hunt, each once, in partitions sorted by (account, time, id).
pub(crate) struct Loaded {
    pub(crate) words: Words,
    pub(crate) partitions: Vec<Vec<Act>>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) duplicates: u64,
    pub(crate) conflicting: u64,
    pub(crate) unknown_kinds: BTreeMap<String, u64>,
    /// What the MMDB files came to.
    pub(crate) filled: Vec<IntelligenceFile>,
}

pub(super) struct Shared {
    pub(super) name: &'static str,
    shards: Vec<Mutex<Lexicon>>,
}

impl Shared {
    fn new(name: &'static str) -> Self {
        Self { name, shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    /// The value of a text, and whether it was there already; `hash` must be a function of the text.
    pub(super) fn intern(&self, text: &str, hash: u64) -> Result<(Sym, bool), HuntError> {
        let shard = (hash >> 56) as usize % SHARDS;
        let entry = locked(&self.shards[shard]).intern(text, hash);
        entry
            .and_then(|(at, known)| Some((Sym::of(at, shard, SHARDS)?, known)))
            .ok_or(HuntError::Full(self.name))
    }

    fn freeze(self) -> Dictionary {
        let shards = self.shards.into_iter().map(|s| {
            let mut lexicon = s.into_inner().unwrap_or_else(PoisonError::into_inner);
            lexicon.freeze();
            lexicon
        });
        Dictionary::new(shards.collect())
    }
}

/// What all threads share.
pub(crate) struct Sink {
    pub(super) until: Option<i64>,
    pub(super) max_rejects: f64,
    pub(super) memory_bytes: Option<u64>,
    pub(super) ids: Mutex<Vec<Ids>>,
    pub(super) accounts: Shared,
    pub(super) sessions: Shared,
    pub(super) devices: Shared,
    pub(super) ips: Shared,
    pub(super) agents: Shared,
    pub(super) apps: Shared,
    pub(super) objects: Shared,
    pub(super) texts: Shared,
    pub(super) lists: Shared,
    pub(super) names: Shared,
    pub(super) partitions: Vec<Mutex<Vec<Act>>>,
    pub(super) tally: Mutex<Tally>,
}

#[derive(Default)]
pub(super) struct Tally {
    pub(super) lines: u64,
    pub(super) events: u64,
    pub(super) rejects: Vec<Reject>,
    /// Files with lines, and of these the ones with a line that is JSON at all.
    pub(super) files: HashMap<usize, bool>,
}

impl Sink {
    pub(crate) fn new(request: &Request) -> Self {
        Self {
            until: request.until,
            max_rejects: request.max_rejects,
            memory_bytes: request.memory_bytes,
            ids: Mutex::default(),
            accounts: Shared::new("account"),
            sessions: Shared::new("session"),
            devices: Shared::new("device"),
            ips: Shared::new("ip"),
            agents: Shared::new("user_agent"),
            apps: Shared::new("app"),
            objects: Shared::new("object"),
            texts: Shared::new("text"),
            lists: Shared::new("urls"),
            names: Shared::new("change"),
            partitions: (0..PARTITIONS).map(|_| Mutex::default()).collect(),
            tally: Mutex::default(),
        }
    }

    /// Settles what was seen twice and sorts each partition.
    pub(crate) fn finish(self, request: &Request, networks: &Networks) -> Result<Loaded, HuntError> {
        let mut tally = self.tally.into_inner().unwrap_or_else(PoisonError::into_inner);
        tally.rejects.sort();
        for (file, any_json) in &tally.files {
            if !any_json {
                let what = "no line of it is a JSON object".to_owned();
                return Err(HuntError::WrongFormat { file: request.files[*file].clone(), what });
            }
        }
        refuse_many(&tally, request)?;
        if tally.events == 0 {
            let names: Vec<String> = request.files.iter().map(|f| f.display().to_string()).collect();
            return Err(HuntError::Empty(names.join(", ")));
        }
        let (ids, repeated) = ids::together(self.ids.into_inner().unwrap_or_else(PoisonError::into_inner));
        let ips = self.ips.freeze();
        let known = fill::look_up(networks, &ips, &self.names)?;
        let words = Words {
            ids,
            accounts: self.accounts.freeze(),
            sessions: self.sessions.freeze(),
            devices: self.devices.freeze(),
            ips,
            agents: self.agents.freeze(),
            apps: self.apps.freeze(),
            objects: self.objects.freeze(),
            texts: self.texts.freeze(),
            lists: self.lists.freeze(),
            names: self.names.freeze(),
        };
        let mut partitions: Vec<Vec<Act>> = self
            .partitions
            .into_iter()
            .map(|p| p.into_inner().unwrap_or_else(PoisonError::into_inner))
            .collect();
        let (duplicates, conflicting) = settle(&mut partitions, &repeated, &words);
        // What was seen twice has been settled by what was given, so that it may be filled in now.
        let counts: Vec<(BTreeMap<String, u64>, Vec<u64>)> = partitions
            .par_iter_mut()
            .map(|acts| {
                acts.shrink_to_fit();
                sort(acts, &words);
                (count_unknown(acts, &words), known.fill(acts))
            })
            .collect();
        let mut unknown_kinds = BTreeMap::new();
        let mut filled = vec![0; networks.sources().count()];
        for (unknown, by_file) in counts {
            for (kind, count) in unknown {
                *unknown_kinds.entry(kind).or_default() += count;
            }
            filled.iter_mut().zip(by_file).for_each(|(sum, count)| *sum += count);
        }
        let filled = fill::told(networks, &filled);
        Ok(Loaded {
            words,
            partitions,
            rejects: tally.rejects,
            duplicates,
            conflicting,
            unknown_kinds,
            filled,
        })
    }
}

/// Orders acts by (account, time, id), by what the account and the id say. Names of accounts are compared once each,
/// not once an act.
fn sort(acts: &mut [Act], words: &Words) {
    let accounts: HashSet<Sym> = acts.iter().map(|a| a.account).collect();
    let mut accounts: Vec<Sym> = accounts.into_iter().collect();
    accounts.sort_unstable_by_key(|sym| words.accounts.text(*sym));
    let rank: HashMap<Sym, usize> = accounts.into_iter().enumerate().map(|(rank, sym)| (sym, rank)).collect();
    acts.sort_by_cached_key(|act| (rank[&act.account], act.time));
    for tied in acts.chunk_by_mut(|a, b| a.account == b.account && a.time == b.time) {
        tied.sort_unstable_by_key(|act| words.ids.text(act.id));
    }
}

fn count_unknown(acts: &[Act], words: &Words) -> BTreeMap<String, u64> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for act in acts.iter().filter(|a| a.deed == Deed::Unknown) {
        *counts.entry(words.names.text(act.kind_name).to_owned()).or_default() += 1;
    }
    counts
}

/// Keeps one act of each id: the one with the smaller canonical line. `repeated` gives, for each entry of an id that
/// stands there more than once, the first of them. Gives how many copies went, and how many of them said something else
/// than the one that stays.
fn settle(partitions: &mut [Vec<Act>], repeated: &HashMap<Sym, Sym>, words: &Words) -> (u64, u64) {
    if repeated.is_empty() {
        return (0, 0);
    }
    let mut copies: HashMap<Sym, Vec<Act>> = HashMap::new();
    for act in partitions.iter_mut().flatten() {
        if let Some(first) = repeated.get(&act.id) {
            act.id = *first;
            copies.entry(*first).or_default().push(*act);
        }
    }
    let (mut duplicates, mut conflicting) = (0, 0);
    let mut keep: HashMap<Sym, Act> = HashMap::new();
    for (id, mut acts) in copies {
        duplicates += acts.len() as u64 - 1;
        acts.sort_by_cached_key(|a| model::canonical(&a.event(words)).unwrap_or_default());
        conflicting += acts.iter().filter(|a| **a != acts[0]).count() as u64;
        keep.insert(id, acts[0]);
    }
    let repeated: HashSet<Sym> = keep.keys().copied().collect();
    for acts in partitions {
        acts.retain(|act| {
            keep.get(&act.id).is_none_or(|kept| kept == act) && {
                // Of equal copies, all of which are in this partition, the first stays.
                !repeated.contains(&act.id) || keep.remove(&act.id).is_some()
            }
        });
    }
    (duplicates, conflicting)
}

fn refuse_many(tally: &Tally, request: &Request) -> Result<(), HuntError> {
    let rejected = tally.rejects.len() as u64;
    if rejected as f64 <= request.max_rejects * tally.lines as f64 {
        return Ok(());
    }
    let places = tally.rejects.iter().take(3).map(|r| {
        let file = request.files.get(r.file).map(|f| f.display().to_string()).unwrap_or_default();
        format!("{file}:{}: {}", r.line, r.reason)
    });
    Err(HuntError::TooManyRejects {
        rejected,
        lines: tally.lines,
        allowed: request.max_rejects,
        places: places.collect(),
    })
}

/// A lock whose holder can't have left a half-made value: nothing here panics between two writes that belong together.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

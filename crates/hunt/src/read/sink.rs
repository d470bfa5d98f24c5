//! Where the readers' threads put what they read: shared dictionaries, and acts in partitions by account. Events
//! seen twice are settled here, once all is read, so that the order of reading leaves no trace.

use super::blocks::Block;
use super::line::Line;
use crate::error::HuntError;
use crate::request::Request;
use decide::detect::{Act, Deed, Dictionary, Lexicon, Sym, Words, hash64, pack_lists};
use model::event::Kind;
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Accounts are spread over so many partitions; each is sorted and folded by one thread.
const PARTITIONS: usize = 128;
const SHARDS: usize = 32;
/// Acts a thread keeps for a partition before it takes the partition's lock.
const HELD: usize = 256;
/// So many unreadable lines are enough to judge the share before the end.
const REJECTS_EARLY: u64 = 100_000;

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
}

struct Shared {
    name: &'static str,
    shards: Vec<Mutex<Lexicon>>,
}

impl Shared {
    fn new(name: &'static str) -> Self {
        Self { name, shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    fn intern(&self, text: &str, hash: u64) -> Result<(Sym, bool), HuntError> {
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
    until: Option<i64>,
    max_rejects: f64,
    memory_bytes: Option<u64>,
    ids: Shared,
    accounts: Shared,
    sessions: Shared,
    devices: Shared,
    ips: Shared,
    agents: Shared,
    apps: Shared,
    objects: Shared,
    texts: Shared,
    lists: Shared,
    names: Shared,
    partitions: Vec<Mutex<Vec<Act>>>,
    tally: Mutex<Tally>,
}

#[derive(Default)]
struct Tally {
    lines: u64,
    events: u64,
    rejects: Vec<Reject>,
    repeated: Vec<Sym>,
    /// Files with lines, and of these the ones with a line that is JSON at all.
    files: HashMap<usize, bool>,
}

impl Sink {
    pub(crate) fn new(request: &Request) -> Self {
        Self {
            until: request.until,
            max_rejects: request.max_rejects,
            memory_bytes: request.memory_bytes,
            ids: Shared::new("id"),
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
    pub(crate) fn finish(self, request: &Request) -> Result<Loaded, HuntError> {
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
        let words = Words {
            ids: self.ids.freeze(),
            accounts: self.accounts.freeze(),
            sessions: self.sessions.freeze(),
            devices: self.devices.freeze(),
            ips: self.ips.freeze(),
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
        let (duplicates, conflicting) = settle(&mut partitions, &tally.repeated, &words);
        let unknown: Vec<BTreeMap<String, u64>> = partitions
            .par_iter_mut()
            .map(|acts| {
                acts.shrink_to_fit();
                sort(acts, &words);
                count_unknown(acts, &words)
            })
            .collect();
        let mut unknown_kinds = BTreeMap::new();
        for (kind, count) in unknown.into_iter().flatten() {
            *unknown_kinds.entry(kind).or_default() += count;
        }
        Ok(Loaded { words, partitions, rejects: tally.rejects, duplicates, conflicting, unknown_kinds })
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

/// Keeps one act of each id: the one with the smaller canonical line. Gives how many copies went, and how many of
/// them said something else than the one that stays.
fn settle(partitions: &mut [Vec<Act>], repeated: &[Sym], words: &Words) -> (u64, u64) {
    if repeated.is_empty() {
        return (0, 0);
    }
    let repeated: HashSet<Sym> = repeated.iter().copied().collect();
    let mut copies: HashMap<Sym, Vec<Act>> = HashMap::new();
    for act in partitions.iter().flatten().filter(|a| repeated.contains(&a.id)) {
        copies.entry(act.id).or_default().push(*act);
    }
    let (mut duplicates, mut conflicting) = (0, 0);
    let mut keep: HashMap<Sym, Act> = HashMap::new();
    for (id, mut acts) in copies {
        duplicates += acts.len() as u64 - 1;
        acts.sort_by_cached_key(|a| model::canonical(&a.event(words)).unwrap_or_default());
        conflicting += acts.iter().filter(|a| **a != acts[0]).count() as u64;
        keep.insert(id, acts[0]);
    }
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

/// One thread's way into the sink: what it saw before it need not look up again.
pub(crate) struct Drain<'s> {
    sink: &'s Sink,
    accounts: Seen,
    sessions: Seen,
    devices: Seen,
    ips: Seen,
    agents: Seen,
    apps: Seen,
    lists: Seen,
    names: Seen,
    held: Vec<Vec<Act>>,
    repeated: Vec<Sym>,
    lines: u64,
    events: u64,
    rejects: Vec<Reject>,
    any_json: bool,
}

/// The values a thread saw lately, with their numbers.
#[derive(Default)]
struct Seen {
    lexicon: Lexicon,
    syms: Vec<Sym>,
}

/// A thread forgets what it saw after so many values, so that its memory stays small and in cache.
const SEEN_MAX: usize = 1 << 15;

impl Seen {
    fn intern(&mut self, text: Option<&str>, into: &Shared) -> Result<Sym, HuntError> {
        let Some(text) = text.filter(|t| !t.is_empty()) else { return Ok(Sym::NONE) };
        if self.syms.len() >= SEEN_MAX {
            *self = Self::default();
        }
        let hash = hash64(text.as_bytes(), 0);
        match self.lexicon.intern(text, hash) {
            Some((at, true)) => Ok(self.syms[at as usize]),
            Some((_, false)) => {
                let (sym, _) = into.intern(text, hash)?;
                self.syms.push(sym);
                Ok(sym)
            }
            None => Err(HuntError::Full(into.name)),
        }
    }
}

impl<'s> Drain<'s> {
    pub(crate) fn new(sink: &'s Sink) -> Self {
        Self {
            sink,
            accounts: Seen::default(),
            sessions: Seen::default(),
            devices: Seen::default(),
            ips: Seen::default(),
            agents: Seen::default(),
            apps: Seen::default(),
            lists: Seen::default(),
            names: Seen::default(),
            held: (0..PARTITIONS).map(|_| Vec::with_capacity(HELD)).collect(),
            repeated: Vec::new(),
            lines: 0,
            events: 0,
            rejects: Vec::new(),
            any_json: false,
        }
    }

    /// Takes a block of lines in.
    pub(crate) fn lines(&mut self, file: usize, block: &Block) -> Result<(), HuntError> {
        for (number, bytes) in (block.first_line..).zip(block.bytes.split(|b| *b == b'\n')) {
            let bytes =
                if number == 1 { bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes) } else { bytes };
            let bytes = bytes.trim_ascii();
            if !bytes.is_empty() {
                match Line::read(bytes) {
                    Ok(line) => self.event(&line)?,
                    Err(reason) => {
                        let is_json =
                            serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes);
                        self.any_json |= is_json.is_ok();
                        self.reject(file, number, reason, bytes);
                    }
                }
            }
        }
        self.report(file)
    }

    /// Takes one event in.
    pub(crate) fn event(&mut self, line: &Line<'_>) -> Result<(), HuntError> {
        self.any_json = true;
        self.lines += 1;
        if self.sink.until.is_some_and(|until| line.time.0 >= until) {
            return Ok(());
        }
        self.events += 1;
        let sink = self.sink;
        let unseen = |text: &Option<super::line::Str<'_>>, into: &Shared| match text {
            Some(text) => into.intern(&text.0, hash64(text.0.as_bytes(), 0)).map(|(sym, _)| sym),
            None => Ok(Sym::NONE),
        };
        let (id, known) = sink.ids.intern(&line.id.0, hash64(line.id.0.as_bytes(), 0))?;
        if known {
            self.repeated.push(id);
        }
        let kind = line.kind();
        let kind_name = if let Kind::Unknown(name) = &kind { Some(name.as_str()) } else { None };
        let lists = pack_lists([line.urls.as_deref(), line.mentions.as_deref(), line.hashtags.as_deref()]);
        fn text<'t>(field: &'t Option<super::line::Str<'_>>) -> Option<&'t str> {
            field.as_ref().map(AsRef::as_ref)
        }
        let act = Act {
            time: line.time.0,
            id,
            account: self.accounts.intern(Some(line.account.as_ref()), &sink.accounts)?,
            session: self.sessions.intern(text(&line.session), &sink.sessions)?,
            device: self.devices.intern(text(&line.device), &sink.devices)?,
            ip: self.ips.intern(text(&line.ip), &sink.ips)?,
            country: self.names.intern(text(&line.country), &sink.names)?,
            agent: self.agents.intern(text(&line.user_agent), &sink.agents)?,
            app: self.apps.intern(text(&line.app), &sink.apps)?,
            object: unseen(&line.object, &sink.objects)?,
            text: unseen(&line.text, &sink.texts)?,
            previous: unseen(&line.previous, &sink.objects)?,
            change: self.names.intern(text(&line.change), &sink.names)?,
            lang: self.names.intern(text(&line.lang), &sink.names)?,
            kind_name: self.names.intern(kind_name, &sink.names)?,
            lists: self.lists.intern(lists.as_deref(), &sink.lists)?,
            asn: line.asn.unwrap_or(0),
            deed: Deed::from(&kind),
            outcome: line.outcome,
            initiator: line.initiator,
        };
        // By what the account says, not by its number: a partition holds the same accounts whatever came first.
        let partition = (hash64(line.account.0.as_bytes(), 9) >> 32) as usize % PARTITIONS;
        let held = &mut self.held[partition];
        held.push(act);
        if held.len() == HELD {
            locked(&sink.partitions[partition]).append(held);
        }
        Ok(())
    }

    /// Puts a line aside.
    pub(crate) fn reject(&mut self, file: usize, line: u64, reason: String, bytes: &[u8]) {
        self.lines += 1;
        let content = String::from_utf8_lossy(bytes).chars().take(2000).collect();
        self.rejects.push(Reject { file, line, reason, content });
    }

    /// Tells the sink of the work done on a piece of a file; refuses early where there is no hope.
    pub(crate) fn report(&mut self, file: usize) -> Result<(), HuntError> {
        let mut tally = locked(&self.sink.tally);
        if self.lines > 0 {
            *tally.files.entry(file).or_default() |= self.any_json;
        }
        self.any_json = false;
        tally.lines += std::mem::take(&mut self.lines);
        tally.events += std::mem::take(&mut self.events);
        tally.rejects.append(&mut self.rejects);
        tally.repeated.append(&mut self.repeated);
        if let Some(memory) = self.sink.memory_bytes
            && tally.events * BYTES_AN_EVENT > memory
        {
            return Err(HuntError::Setting(format!(
                "{} events so far want more than the {} MiB allowed; hunt over fewer files, or allow more with --memory",
                tally.events,
                memory >> 20
            )));
        }
        let rejected = tally.rejects.len() as u64;
        if rejected > REJECTS_EARLY && rejected as f64 > self.sink.max_rejects.max(0.5) * tally.lines as f64 {
            tally.rejects.sort();
            let places =
                tally.rejects.iter().take(3).map(|r| format!("line {}: {}", r.line, r.reason)).collect();
            let allowed = self.sink.max_rejects;
            return Err(HuntError::TooManyRejects { rejected, lines: tally.lines, allowed, places });
        }
        Ok(())
    }

    /// Hands over what is still held.
    pub(crate) fn flush(&mut self) -> Result<(), HuntError> {
        for (partition, held) in self.held.iter_mut().enumerate() {
            locked(&self.sink.partitions[partition]).append(held);
        }
        Ok(())
    }
}

/// What an event takes in memory, about: the act, its id and object, its share of text.
const BYTES_AN_EVENT: u64 = 190;

/// A lock whose holder can't have left a half-made value: nothing here panics between two writes that belong together.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! One thread's way into the sink: lines and rows become acts, their values numbers of the shared dictionaries.

use super::blocks::Block;
use super::columns::{Column, Columns};
use super::ids::Ids;
use super::line::{self, Line, Str};
use super::sink::{PARTITIONS, Reject, Shared, Sink, locked};
use crate::error::HuntError;
use decide::detect::{Act, Deed, Lexicon, Sym, hash64, pack_lists};
use model::event::{Initiator, Kind, Outcome};
use model::id::Millis;

/// Acts a thread keeps for a partition before it takes the partition's lock.
const HELD: usize = 256;
/// So many unreadable lines are enough to judge the share before the end.
const REJECTS_EARLY: u64 = 100_000;
/// What an event takes in memory, about: the act, its id and object, its share of text.
const BYTES_AN_EVENT: u64 = 190;

/// One thread's way into the sink: what it saw before it need not look up again.
pub(crate) struct Drain<'s> {
    sink: &'s Sink,
    ids: Ids,
    accounts: Seen,
    sessions: Seen,
    devices: Seen,
    ips: Seen,
    agents: Seen,
    apps: Seen,
    lists: Seen,
    names: Seen,
    held: Vec<Vec<Act>>,
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

/// The value of a field that is another in almost every event, so that it is no use to remember it.
fn unseen(text: Option<&str>, into: &Shared) -> Result<Sym, HuntError> {
    let Some(text) = text.filter(|t| !t.is_empty()) else { return Ok(Sym::NONE) };
    into.intern(text, hash64(text.as_bytes(), 0)).map(|(sym, _)| sym)
}

/// Why a row was not taken in.
pub(crate) enum Unread {
    /// It can't be read itself.
    This(String),
    /// Nothing more can be read.
    All(HuntError),
}

impl From<String> for Unread {
    fn from(reason: String) -> Self {
        Self::This(reason)
    }
}

impl From<HuntError> for Unread {
    fn from(error: HuntError) -> Self {
        Self::All(error)
    }
}

impl<'s> Drain<'s> {
    /// The way in of a thread; `thread` counts from 0 and is one of `threads`.
    pub(crate) fn new(sink: &'s Sink, thread: usize, threads: usize) -> Self {
        Self {
            sink,
            ids: Ids::new(thread, threads),
            accounts: Seen::default(),
            sessions: Seen::default(),
            devices: Seen::default(),
            ips: Seen::default(),
            agents: Seen::default(),
            apps: Seen::default(),
            lists: Seen::default(),
            names: Seen::default(),
            held: (0..PARTITIONS).map(|_| Vec::with_capacity(HELD)).collect(),
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
    fn event(&mut self, line: &Line<'_>) -> Result<(), HuntError> {
        self.any_json = true;
        if !self.is_wanted(line.time.0) {
            return Ok(());
        }
        let sink = self.sink;
        fn text<'t>(field: &'t Option<Str<'_>>) -> Option<&'t str> {
            field.as_ref().map(AsRef::as_ref)
        }
        let kind = line::kind(line.kind.as_ref());
        let kind_name = if let Kind::Unknown(name) = &kind { Some(name.as_str()) } else { None };
        let lists = pack_lists([line.urls.as_deref(), line.mentions.as_deref(), line.hashtags.as_deref()]);
        let act = Act {
            time: line.time.0,
            id: self.ids.take(line.id.as_ref())?,
            account: self.accounts.intern(Some(line.account.as_ref()), &sink.accounts)?,
            session: self.sessions.intern(text(&line.session), &sink.sessions)?,
            device: self.devices.intern(text(&line.device), &sink.devices)?,
            ip: self.ips.intern(text(&line.ip), &sink.ips)?,
            country: self.names.intern(text(&line.country), &sink.names)?,
            agent: self.agents.intern(text(&line.user_agent), &sink.agents)?,
            app: self.apps.intern(text(&line.app), &sink.apps)?,
            object: unseen(text(&line.object), &sink.objects)?,
            text: unseen(text(&line.text), &sink.texts)?,
            previous: unseen(text(&line.previous), &sink.objects)?,
            change: self.names.intern(text(&line.change), &sink.names)?,
            lang: self.names.intern(text(&line.lang), &sink.names)?,
            kind_name: self.names.intern(kind_name, &sink.names)?,
            lists: self.lists.intern(lists.as_deref(), &sink.lists)?,
            asn: line.asn.unwrap_or(0),
            deed: Deed::from(&kind),
            outcome: line.outcome,
            initiator: line.initiator,
        };
        self.put(line.account.as_ref(), act);
        Ok(())
    }

    /// Takes a row in.
    pub(crate) fn row(&mut self, columns: &mut Columns, row: usize) -> Result<(), Unread> {
        self.any_json = true;
        let time = columns.time(row)?;
        let asn = columns.asn(row)?;
        let outcome = columns.outcome.get(row, |name| match name {
            "success" => Ok(Outcome::Success),
            "failure" => Ok(Outcome::Failure),
            other => Err(format!("unknown outcome `{other}`")),
        })?;
        let initiator = columns.initiator.get(row, |name| match name {
            "user" => Ok(Initiator::User),
            "admin" => Ok(Initiator::Admin),
            "policy" => Ok(Initiator::Policy),
            "system" => Ok(Initiator::System),
            other => Err(format!("unknown initiator `{other}`")),
        })?;
        let needed = |name: &str| format!("no {name}");
        let deed = columns.kind.get(row, |name| Ok::<_, Unread>(Deed::from(&line::kind(name))))?;
        let deed = deed.ok_or_else(|| needed("kind"))?;
        let id = columns.id.text(row).ok_or_else(|| needed("id"))?;
        let account = columns.account.text(row).ok_or_else(|| needed("account"))?;
        let is_named = |text: Option<&str>| text.is_some_and(|t| !t.is_empty());
        line::check([id, account], is_named(columns.kind.text(row)), deed, outcome)?;
        if !self.is_wanted(time) {
            return Ok(());
        }
        let sink = self.sink;
        let id = self.ids.take(id)?;
        let kind_name = if deed == Deed::Unknown { columns.kind.text(row) } else { None };
        let kind_name = self.names.intern(kind_name, &sink.names)?;
        let [urls, mentions, hashtags] = columns.lists(row);
        let lists = pack_lists([urls.as_deref(), mentions.as_deref(), hashtags.as_deref()]);
        let or_none = |sym: Option<Sym>| sym.unwrap_or(Sym::NONE);
        let of = |column: &mut Column<Sym>, seen: &mut Seen, shared: &Shared| {
            column.get(row, |text| seen.intern(Some(text), shared)).map(or_none)
        };
        let act = Act {
            time,
            id,
            account: of(&mut columns.account, &mut self.accounts, &sink.accounts)?,
            session: of(&mut columns.session, &mut self.sessions, &sink.sessions)?,
            device: of(&mut columns.device, &mut self.devices, &sink.devices)?,
            ip: of(&mut columns.ip, &mut self.ips, &sink.ips)?,
            country: of(&mut columns.country, &mut self.names, &sink.names)?,
            agent: of(&mut columns.user_agent, &mut self.agents, &sink.agents)?,
            app: of(&mut columns.app, &mut self.apps, &sink.apps)?,
            object: columns.object.get(row, |t| unseen(Some(t), &sink.objects)).map(or_none)?,
            text: columns.text.get(row, |t| unseen(Some(t), &sink.texts)).map(or_none)?,
            previous: columns.previous.get(row, |t| unseen(Some(t), &sink.objects)).map(or_none)?,
            change: of(&mut columns.change, &mut self.names, &sink.names)?,
            lang: of(&mut columns.lang, &mut self.names, &sink.names)?,
            kind_name,
            lists: self.lists.intern(lists.as_deref(), &sink.lists)?,
            asn,
            deed,
            outcome,
            initiator,
        };
        // It was there a moment ago.
        self.put(columns.account.text(row).unwrap_or_default(), act);
        Ok(())
    }

    /// Counts a line that can be read; whether its time is one that is asked for.
    fn is_wanted(&mut self, time: Millis) -> bool {
        self.lines += 1;
        let wanted = self.sink.until.is_none_or(|until| time < until);
        self.events += u64::from(wanted);
        wanted
    }

    /// Puts an act into its partition: by what the account says, not by its number, so that a partition holds the same
    /// accounts whatever came first.
    fn put(&mut self, account: &str, act: Act) {
        let partition = (hash64(account.as_bytes(), 9) >> 32) as usize % PARTITIONS;
        let held = &mut self.held[partition];
        held.push(act);
        if held.len() == HELD {
            locked(&self.sink.partitions[partition]).append(held);
        }
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
    pub(crate) fn flush(mut self) {
        for (partition, held) in self.held.iter_mut().enumerate() {
            locked(&self.sink.partitions[partition]).append(held);
        }
        locked(&self.sink.ids).push(self.ids);
    }
}

//! The seeded service: what is alive, visible and valid on each account, behind the ports.
//!
//! Its state is replayed from a population's own events, so that the simulated files are the whole truth. Tests and
//! demo really try here, as owner and as intruder, what still works. It must not know a plan, a verdict or a
//! threshold. Passwords are derived from account, hand and version, and kept as one salted SHA-256: good enough to
//! rehearse with, and no way to keep a person's password.

mod faults;
mod journal;
mod load;
mod password;
mod ports;
mod probe;
mod replay;
mod state;
#[cfg(test)]
mod tests;
mod written;

pub use faults::{Faults, RETRY_AFTER_MS};
pub use load::ServiceError;

use self::faults::Dealt;
use self::journal::Journal;
use self::state::{KeptFactor, OffBy, Shown, Slot, State, Write};
use crate::simulate::{Population, Truth};
use model::account::{ContactKind, FactorKind};
use model::id::{AccountId, AppId, Digest, EventId, FactorId, Millis, ObjectId, SessionId};
use model::probe::ProbeKind;
use model::secret::Secret;
use respond::port::PortError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The file in the population's folder that keeps what was asked of the service.
pub const WRITES_FILE: &str = "service-writes.jsonl";

/// Why somebody could not sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// No such account.
    #[error("there is no such account")]
    NoAccount,
    /// The account signs in otherwise.
    #[error("the account has no password")]
    NoPassword,
    /// Not the password in place.
    #[error("the password is wrong")]
    WrongPassword,
    /// No such passkey.
    #[error("the account has no such passkey")]
    NoPasskey,
    /// The account is taken off.
    #[error("the account is taken off")]
    Off,
    /// The service could not keep the session.
    #[error("the service can't write")]
    NotKept,
}

/// What an intruder took with them, as it stood when the simulation ended: to be really tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Loot {
    /// Sessions they used.
    pub sessions: Vec<SessionId>,
    /// Applications through which they act.
    pub apps: Vec<AppId>,
    /// The password, where they know it.
    pub password: Option<Secret>,
}

/// A service in memory; every write is in its journal before it is answered.
pub struct Service {
    inner: Mutex<Inner>,
    name: String,
    truth: BTreeMap<AccountId, Truth>,
}

pub(crate) struct Inner {
    state: State,
    journal: Option<Journal>,
    faults: Dealt,
    /// Calls that have not arrived yet.
    late: Vec<Late>,
    /// Why what other processes wrote could not be read.
    stale: Option<String>,
    asked: BTreeMap<AccountId, AskedOf>,
    /// How long access tokens outlive their session, ms; `None` where they die with it.
    tokens_live_ms: Option<Millis>,
    /// Kinds of credential of which it says that they are gone, and which live on.
    lies: BTreeSet<ProbeKind>,
}

/// A call that arrives late; nobody waits for its answer any more.
type Late = Box<dyn FnOnce(&mut Inner) + Send>;

/// What calls through the ports changed on an account: the service's own record of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AskedOf {
    /// How many things were changed.
    pub changes: u64,
    /// Whether a credential was replaced by one nobody knows.
    pub replaced: bool,
    /// Whether an old credential was put back.
    pub restored: bool,
}

impl Service {
    /// A service as a population leaves it; its writes are kept in memory only.
    #[must_use]
    pub fn from_population(population: &Population) -> Self {
        let acts = population.events.iter().map(replay::Act::of);
        Self::replayed(population.accounts.clone(), acts, population.truth.clone())
    }

    /// A service from the files of a population, with all that was asked of it since: `DIR/service-writes.jsonl` is
    /// replayed on top, and each further write is appended to it before it is answered.
    ///
    /// # Errors
    /// Where a file is missing or can't be read; it names file and line.
    pub fn open(dir: &Path) -> Result<Self, ServiceError> {
        let loaded = load::load(dir)?;
        let service = Self::replayed(loaded.accounts, loaded.acts.into_iter(), loaded.truth);
        let mut inner = service.inner.into_inner().unwrap_or_else(PoisonError::into_inner);
        inner.journal = Some(Journal::open(&dir.join(WRITES_FILE))?);
        inner.catch_up()?;
        if let Some(journal) = &inner.journal {
            journal.release()?;
        }
        Ok(Self { inner: Mutex::new(inner), ..service })
    }

    fn replayed(
        accounts: Vec<model::account::Account>,
        acts: impl Iterator<Item = replay::Act>,
        truth: Vec<Truth>,
    ) -> Self {
        let names: Vec<&str> = accounts.iter().map(|a| a.account.as_str()).collect();
        let name = format!("rehearse:{}", Digest::of(names.join("\n").as_bytes()).short());
        let state = replay::replay(accounts, acts, &truth);
        let truth = truth.into_iter().map(|t| (t.account.clone(), t)).collect();
        let inner = Inner {
            state,
            journal: None,
            faults: Dealt::none(),
            late: Vec::new(),
            stale: None,
            asked: BTreeMap::new(),
            tokens_live_ms: None,
            lies: BTreeSet::new(),
        };
        Self { inner: Mutex::new(inner), name, truth }
    }

    /// Lets answers be lost and calls be refused from now on, as the faults' own seed decides.
    pub fn set_faults(&self, faults: Faults) {
        self.lock().faults = Dealt::new(faults);
    }

    /// Calls whose answers were lost arrive now, an hour late, and do what still can be done; how many there were.
    pub fn let_late_arrive(&self) -> usize {
        let mut inner = self.lock();
        let late = std::mem::take(&mut inner.late);
        let count = late.len();
        late.into_iter().for_each(|call| call(&mut inner));
        count
    }

    /// Signs in with a password; the new session.
    ///
    /// # Errors
    /// Where the account is unknown, has no password, or this is not it.
    pub fn sign_in(&self, account: &AccountId, password: &Secret) -> Result<SessionId, SignInError> {
        let mut inner = self.lock();
        let slot = inner.state.slot(account).ok_or(SignInError::NoAccount)?;
        let stored = slot.stored.as_ref().ok_or(SignInError::NoPassword)?;
        if *stored != password::stored(account, password) {
            return Err(SignInError::WrongPassword);
        }
        if slot.off.is_some() {
            return Err(SignInError::Off);
        }
        let session = SessionId::new(inner.state.fresh('s'));
        let write = Write::SignIn { account: account.clone(), session: session.clone() };
        inner.keep(&write).map_err(|_| SignInError::NotKept)?;
        Ok(session)
    }

    /// Whether a session opens anything: it is alive, and its account is on.
    #[must_use]
    pub fn use_session(&self, session: &SessionId) -> bool {
        self.lock().signed_in(session).is_some()
    }

    /// Whether an application's grant on an account opens anything.
    #[must_use]
    pub fn use_grant(&self, account: &AccountId, app: &AppId) -> bool {
        self.lock().state.slot(account).is_some_and(|s| s.off.is_none() && s.grants.contains(app))
    }

    /// From now on access tokens outlive the sessions they were made in by so long, ms; without this they die with
    /// them.
    pub fn let_tokens_outlive(&self, ms: Millis) {
        self.lock().tokens_live_ms = Some(ms);
    }

    /// The time of all access tokens that outlived their sessions is over; false where that can't be kept.
    pub fn let_tokens_die(&self) -> bool {
        let mut inner = self.lock();
        let holders = inner.state.slots().filter(|s| !s.tokens.is_empty());
        let accounts: Vec<AccountId> = holders.map(|s| s.record.account.clone()).collect();
        accounts.into_iter().all(|account| inner.keep(&Write::TokensDie { account }).is_ok())
    }

    /// Climbs back with the access token of an ended session, as an intruder would; the new session. Nothing where
    /// tokens die with their session, where its time is over, or while the account is off.
    pub fn climb_back(&self, account: &AccountId, ended: &SessionId) -> Option<SessionId> {
        let mut inner = self.lock();
        inner.tokens_live_ms?;
        let slot = inner.state.slot(account)?;
        if slot.off.is_some() || !slot.tokens.contains(ended) {
            return None;
        }
        let session = SessionId::new(inner.state.fresh('s'));
        inner.keep(&Write::SignIn { account: account.clone(), session: session.clone() }).ok()?;
        Some(session)
    }

    /// A moderator takes an account off, or on again, whoever took it off before; false where that can't be kept.
    pub fn moderate(&self, account: &AccountId, off: bool) -> bool {
        let by = off.then_some(OffBy::Moderator);
        self.lock().keep(&Write::Off { account: account.clone(), by }).is_ok()
    }

    /// Whether an account is taken off.
    #[must_use]
    pub fn is_off(&self, account: &AccountId) -> bool {
        self.lock().state.slot(account).is_some_and(|s| s.off.is_some())
    }

    /// Posts in a session; the post, or nothing where the session is dead or can't be kept.
    pub fn post(&self, session: &SessionId, text: &str) -> Option<ObjectId> {
        let mut inner = self.lock();
        let account = inner.signed_in(session)?;
        let object = ObjectId::new(inner.state.fresh('p'));
        let write = Write::Post { account, object: object.clone(), text: text.to_owned() };
        inner.keep(&write).ok()?;
        Some(object)
    }

    /// Changes the password in a session, as owner or intruder would; false where the session is dead. Other
    /// sessions end.
    pub fn change_password(&self, session: &SessionId, new: &Secret) -> bool {
        let mut inner = self.lock();
        let Some(account) = inner.signed_in(session) else { return false };
        if inner.state.slot(&account).is_none_or(|s| s.stored.is_none()) {
            return false;
        }
        let stored = password::stored(&account, new);
        let kept = inner.keep(&Write::Credential { account: account.clone(), stored });
        kept.is_ok() && inner.keep(&Write::EndOthers { account, but: session.clone() }).is_ok()
    }

    /// Puts another contact in front in a session, unverified; false where the session is dead.
    pub fn change_contact(
        &self,
        session: &SessionId,
        kind: ContactKind,
        value: &Secret,
        now: Millis,
    ) -> bool {
        let mut inner = self.lock();
        let Some(account) = inner.signed_in(session) else { return false };
        inner.keep(&Write::Contact { account, kind, value: value.clone(), since: now }).is_ok()
    }

    /// Adds a passkey in a session, as owner or intruder would, by an event that the service tells of; its name, or
    /// nothing where the session is dead.
    pub fn add_passkey(&self, session: &SessionId, event: Option<&EventId>) -> Option<FactorId> {
        let mut inner = self.lock();
        let account = inner.signed_in(session)?;
        let id = FactorId::new(inner.state.fresh('f'));
        let factor = KeptFactor::passkey(&account, &id, event.cloned());
        inner.keep(&Write::AddFactor { account, id: id.clone(), factor }).ok()?;
        Some(id)
    }

    /// Signs in with a passkey, which needs no password.
    ///
    /// # Errors
    /// Where the account is unknown or off, or has no such passkey.
    pub fn sign_in_by_passkey(&self, account: &AccountId, id: &FactorId) -> Result<SessionId, SignInError> {
        let mut inner = self.lock();
        let slot = inner.state.slot(account).ok_or(SignInError::NoAccount)?;
        if slot.factors.get(id).is_none_or(|f| f.kind != FactorKind::Passkey) {
            return Err(SignInError::NoPasskey);
        }
        if slot.off.is_some() {
            return Err(SignInError::Off);
        }
        let session = SessionId::new(inner.state.fresh('s'));
        let write = Write::SignIn { account: account.clone(), session: session.clone() };
        inner.keep(&write).map_err(|_| SignInError::NotKept)?;
        Ok(session)
    }

    /// Support puts an owner's own mail address in front; false where that can't be kept.
    pub fn support_sets_mail(&self, account: &AccountId, value: &Secret) -> bool {
        let (account, value) = (account.clone(), value.clone());
        self.lock().keep(&Write::PutBackContact { account, kind: ContactKind::Mail, value }).is_ok()
    }

    /// Where the service would send a code now.
    #[must_use]
    pub fn contact_in_place(&self, account: &AccountId, kind: ContactKind) -> Option<Secret> {
        self.of(account, |s| s.record.in_place(kind).map(|c| c.value.clone())).flatten()
    }

    /// Asks for a reset link, as anybody may; false where there is no password to reset.
    pub fn ask_reset_link(&self, account: &AccountId) -> bool {
        let mut inner = self.lock();
        inner.state.slot(account).is_some_and(|s| s.stored.is_some())
            && inner.keep(&Write::ResetLink { account: account.clone() }).is_ok()
    }

    /// Uses an outstanding reset link; false where none is.
    pub fn use_reset_link(&self, account: &AccountId, new: &Secret) -> bool {
        let mut inner = self.lock();
        if inner.state.slot(account).is_none_or(|s| s.reset_links == 0 || s.stored.is_none()) {
            return false;
        }
        let stored = password::stored(account, new);
        inner.keep(&Write::Credential { account: account.clone(), stored }).is_ok()
    }

    /// Whether others can see an object.
    #[must_use]
    pub fn visible(&self, object: &ObjectId) -> bool {
        self.lock().state.shown(object) == Some(Shown::Visible)
    }

    /// Whether an object is hidden (not visible, and not deleted by its owner).
    #[must_use]
    pub fn hidden(&self, object: &ObjectId) -> bool {
        self.lock().state.shown(object) == Some(Shown::Hidden)
    }

    /// What this process's calls through the ports changed, by account; those that changed nothing are absent.
    #[must_use]
    pub fn asked_of(&self) -> BTreeMap<AccountId, AskedOf> {
        self.lock().asked.clone()
    }

    /// Every object of an account that is hidden.
    #[must_use]
    pub fn hidden_objects(&self, account: &AccountId) -> Vec<ObjectId> {
        self.of(account, |s| s.told().hidden.into_iter().collect()).unwrap_or_default()
    }

    /// The sessions alive on an account.
    #[must_use]
    pub fn sessions(&self, account: &AccountId) -> Vec<SessionId> {
        self.of(account, |s| s.sessions.keys().cloned().collect()).unwrap_or_default()
    }

    /// Every object of an account that others can see.
    #[must_use]
    pub fn visible_objects(&self, account: &AccountId) -> Vec<ObjectId> {
        let visible = |s: &Slot| {
            s.objects.iter().filter(|(_, o)| **o == Shown::Visible).map(|(id, _)| id.clone()).collect()
        };
        self.of(account, visible).unwrap_or_default()
    }

    /// Whom an account follows, each with whether its owner wanted that.
    #[must_use]
    pub fn follows(&self, account: &AccountId) -> BTreeMap<AccountId, bool> {
        self.of(account, |s| s.follows.clone()).unwrap_or_default()
    }

    /// What an account likes, each with whether its owner wanted that.
    #[must_use]
    pub fn likes(&self, account: &AccountId) -> BTreeMap<ObjectId, bool> {
        self.of(account, |s| s.likes.clone()).unwrap_or_default()
    }

    /// The password that the owner remembers: the last that they chose themselves before the simulation ended.
    #[must_use]
    pub fn owner_password(&self, account: &AccountId) -> Option<Secret> {
        self.of(account, |s| s.has_password().then(|| password::of(account, false, s.owner_version)))
            .flatten()
    }

    /// What an intruder took with them; `None` for an account that was never taken.
    #[must_use]
    pub fn loot(&self, account: &AccountId) -> Option<Loot> {
        let truth = self.truth.get(account)?;
        let password = self.of(account, |s| {
            (truth.knows_password && s.has_password())
                .then(|| password::of(account, s.set_by_intruder, s.version))
        });
        Some(Loot {
            sessions: truth.sessions.clone(),
            apps: truth.apps.clone(),
            password: password.flatten(),
        })
    }

    /// What really happened, by account.
    #[must_use]
    pub fn truth(&self) -> &BTreeMap<AccountId, Truth> {
        &self.truth
    }

    /// A device that the owner used before a moment (the latest such): proof that does not rest on the mailbox.
    #[must_use]
    pub fn old_device(&self, account: &AccountId, before: Millis) -> Option<String> {
        self.of(account, |s| {
            let old = s.devices.iter().filter(|(_, first)| **first < before);
            old.max_by_key(|(id, first)| (**first, id.as_str())).map(|(id, _)| id.clone())
        })
        .flatten()
    }

    fn of<T>(&self, account: &AccountId, read: impl FnOnce(&Slot) -> T) -> Option<T> {
        self.lock().state.slot(account).map(read)
    }

    /// The state, up to date with what other processes wrote. A thread that panicked in here left whole writes only:
    /// the journal line is written before the state.
    fn lock(&self) -> Locked<'_> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.stale = inner.catch_up().err().map(|e| e.to_string());
        Locked(inner)
    }
}

/// The state while this thread, and this process, alone may use it.
struct Locked<'a>(MutexGuard<'a, Inner>);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        if let Some(journal) = &self.0.journal
            && let Err(error) = journal.release()
        {
            self.0.stale = Some(error.to_string());
        }
    }
}

impl std::ops::Deref for Locked<'_> {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl std::ops::DerefMut for Locked<'_> {
    fn deref_mut(&mut self) -> &mut Inner {
        &mut self.0
    }
}

impl Inner {
    /// Whose session it is, where it opens anything: it is alive, and the account is on.
    fn signed_in(&self, session: &SessionId) -> Option<AccountId> {
        let account = self.state.account_of(session)?;
        self.state.slot(account).is_some_and(|s| s.off.is_none()).then(|| account.clone())
    }

    /// Takes the journal's lock, and in what other processes wrote.
    fn catch_up(&mut self) -> Result<(), ServiceError> {
        if let Some(journal) = &mut self.journal {
            for write in journal.hold()? {
                self.state.apply(&write);
            }
        }
        Ok(())
    }

    /// Keeps a write and makes it so; how many things it changed.
    fn keep(&mut self, write: &Write) -> Result<u64, ServiceError> {
        if let Some(journal) = &mut self.journal {
            journal.append(write)?;
        }
        Ok(self.state.apply(write))
    }

    /// Why the service can't be used now, where it can't: the journal could not be read.
    fn usable(&self) -> Result<(), PortError> {
        self.stale.as_ref().map_or(Ok(()), |why| Err(PortError::Busy(why.clone())))
    }
}

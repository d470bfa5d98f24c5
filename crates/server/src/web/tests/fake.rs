//! A service of a few accounts, a mail box, a clock and chance: just enough to be contained and to come back.

use model::account::{Account, AccountState, ContactKind, CredentialVersion};
use model::id::{AccountId, AppId, Digest, FactorId, Millis, ObjectId};
use model::plan::{ActKind, Grants};
use model::probe::ProbeKind;
use model::secret::Secret;
use respond::permit::{OwnerPermit, Permit, TrialPermit};
use respond::port::{
    Asked, Capabilities, Chance, Clock, Content, Delivery, Directory, Effect, Guard, Mail, Mailer, PortError,
    Prober, Repeat, Replaced, StoredCredential, StoredFactors, TakenOff, Trial, Turned,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

#[derive(Default)]
pub(super) struct Service {
    pub(super) passwords: Mutex<BTreeMap<AccountId, String>>,
    pub(super) hidden: Mutex<BTreeSet<ObjectId>>,
}

fn version(password: &str) -> CredentialVersion {
    CredentialVersion(Digest::of(format!("version {password}").as_bytes()))
}

impl Service {
    pub(super) fn of(accounts: &[&str]) -> Self {
        let passwords =
            accounts.iter().map(|a| (AccountId::from(*a), format!("old password of {a}"))).collect();
        Self { passwords: Mutex::new(passwords), hidden: Mutex::default() }
    }

    pub(super) fn credential(&self, account: &str) -> CredentialVersion {
        version(&self.passwords.lock().unwrap()[account])
    }

    pub(super) fn password(&self, account: &str) -> String {
        self.passwords.lock().unwrap()[account].clone()
    }

    fn swap(&self, account: &AccountId, guard: &CredentialVersion, new: &str) -> bool {
        let mut passwords = self.passwords.lock().unwrap();
        match passwords.get_mut(account) {
            Some(held) if version(held) == *guard => {
                *held = new.to_owned();
                true
            }
            _ => false,
        }
    }
}

impl Directory for Service {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "fake:here".to_owned(),
            guard: Guard::ReadBefore,
            repeat: Repeat::Comparable,
            acts: vec![ActKind::RequireNewCredential, ActKind::EndSessions, ActKind::HideObjects],
            survives: BTreeMap::new(),
            outlives: BTreeMap::new(),
            opens: vec![ProbeKind::Password],
            probes: Vec::new(),
        }
    }

    fn forbidden(&self) -> Result<BTreeMap<ActKind, String>, PortError> {
        Ok(BTreeMap::new())
    }

    fn snapshot(&self, accounts: Option<&[AccountId]>) -> Result<Vec<AccountState>, PortError> {
        let passwords = self.passwords.lock().unwrap();
        let asked = |a: &&AccountId| accounts.is_none_or(|some| some.contains(a));
        let state = |account: &AccountId| AccountState {
            record: Account::unknown(account.clone()),
            credential: Some(version(&passwords[account])),
            sessions: vec![],
            grants: vec![],
            hidden: vec![],
            factors: vec![],
            is_off: false,
        };
        Ok(passwords.keys().filter(asked).map(state).collect())
    }

    fn stored_credentials(
        &self,
        permits: &[Permit],
    ) -> Result<BTreeMap<AccountId, StoredCredential>, PortError> {
        let passwords = self.passwords.lock().unwrap();
        let stored = |permit: &Permit| {
            let password = passwords.get(permit.account())?;
            let stored = StoredCredential { version: version(password), stored: Secret::new(password) };
            Some((permit.account().clone(), stored))
        };
        Ok(permits.iter().filter_map(stored).collect())
    }

    fn require_new_credential(
        &self,
        permit: &Permit,
        guard: &CredentialVersion,
        secret: &Secret,
    ) -> Result<Replaced, PortError> {
        Ok(match self.swap(permit.account(), guard, secret.reveal()) {
            true => Replaced::Done { ours: version(secret.reveal()) },
            false => Replaced::Moved { found: "another one".to_owned() },
        })
    }

    fn end_sessions(&self, _: &Permit) -> Result<Effect, PortError> {
        Ok(Effect::Done { count: 3 })
    }

    fn revoke_grants(&self, _: &Permit, _: &Grants) -> Result<Effect, PortError> {
        Ok(Effect::Done { count: Vec::<AppId>::new().len() as u64 })
    }

    fn put_back_contact(
        &self,
        _: &Permit,
        _: ContactKind,
        _: &Digest,
        _: &Secret,
    ) -> Result<Effect, PortError> {
        Err(PortError::Refused("this service can't do that".to_owned()))
    }

    fn stored_factors(&self, _: &[(Permit, FactorId)]) -> Result<StoredFactors, PortError> {
        Err(PortError::Refused("this service can't do that".to_owned()))
    }

    fn remove_factor(&self, _: &Permit, _: &FactorId) -> Result<Effect, PortError> {
        Err(PortError::Refused("this service can't do that".to_owned()))
    }

    fn add_factor(&self, _: &Permit, _: &FactorId, _: &Secret) -> Result<Effect, PortError> {
        Err(PortError::Refused("this service can't do that".to_owned()))
    }

    fn hold(&self, _: &Permit) -> Result<TakenOff, PortError> {
        Err(PortError::Refused("this service takes nobody off".to_owned()))
    }

    fn release(&self, _: &Permit) -> Result<Effect, PortError> {
        Err(PortError::Refused("this service takes nobody off".to_owned()))
    }

    fn restore_credential(
        &self,
        permit: &Permit,
        ours: &CredentialVersion,
        old: &Secret,
    ) -> Result<Effect, PortError> {
        let done = self.swap(permit.account(), ours, old.reveal());
        Ok(if done {
            Effect::Done { count: 1 }
        } else {
            Effect::PremiseGone { found: "not ours".to_owned() }
        })
    }

    fn asked(
        &self,
        permit: &Permit,
        secret: &Secret,
    ) -> Result<(Asked, Option<CredentialVersion>), PortError> {
        let now = version(&self.passwords.lock().unwrap()[permit.account()]);
        let ours = now == version(secret.reveal());
        Ok(if ours { (Asked::Done, Some(now)) } else { (Asked::NotDone, None) })
    }

    fn choose_credential(
        &self,
        permit: &OwnerPermit,
        guard: &CredentialVersion,
        chosen: &Secret,
    ) -> Result<Effect, PortError> {
        let done = self.swap(permit.account(), guard, chosen.reveal());
        Ok(if done { Effect::Done { count: 1 } } else { Effect::PremiseGone { found: "moved".to_owned() } })
    }
}

impl Prober for Service {
    fn try_credential(&self, _permit: &TrialPermit, _kind: ProbeKind, _held: &Secret) -> Trial {
        Trial::CantTell("nobody signs in here".to_owned())
    }
}

impl Content for Service {
    fn hide(&self, _: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.hidden.lock().unwrap().extend(objects.iter().cloned());
        Ok(Turned::Done { turned: objects.to_vec(), gone: Vec::new() })
    }

    fn show(&self, _: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.hidden.lock().unwrap().retain(|o| !objects.contains(o));
        Ok(Turned::Done { turned: objects.to_vec(), gone: Vec::new() })
    }

    fn unfollow(&self, _: &Permit, _: &[AccountId]) -> Result<Effect, PortError> {
        Err(PortError::Refused("no follows here".to_owned()))
    }

    fn unlike(&self, _: &Permit, _: &[ObjectId]) -> Result<Effect, PortError> {
        Err(PortError::Refused("no likes here".to_owned()))
    }

    fn keep(&self, _: &OwnerPermit, objects: &[ObjectId]) -> Result<Effect, PortError> {
        self.hidden.lock().unwrap().retain(|o| !objects.contains(o));
        Ok(Effect::Done { count: objects.len() as u64 })
    }
}

/// Keeps every mail; fails where it is told to.
#[derive(Default)]
pub(super) struct Box {
    pub(super) mails: Mutex<Vec<Mail>>,
    pub(super) is_down: AtomicBool,
}

impl Mailer for Box {
    fn send(&self, mail: &Mail) -> Delivery {
        if self.is_down.load(Ordering::SeqCst) {
            return Delivery::Later { reason: "down".to_owned() };
        }
        self.mails.lock().unwrap().push(mail.clone());
        Delivery::Accepted
    }
}

pub(super) struct StoppedClock(pub(super) AtomicI64);

impl Clock for StoppedClock {
    fn now(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }

    fn steady(&self) -> Millis {
        self.now()
    }

    fn sleep(&self, ms: Millis) {
        self.0.fetch_max(self.now() + ms, Ordering::SeqCst);
    }
}

#[derive(Default)]
pub(super) struct Counted(AtomicU64);

impl Chance for Counted {
    fn bytes(&self) -> [u8; 32] {
        Digest::of(&self.0.fetch_add(1, Ordering::SeqCst).to_be_bytes()).0
    }
}

//! A service that does whatever it is asked at once, or after a set time: what is measured beside it is ours.

use model::account::{Account, AccountState, ContactKind, CredentialVersion};
use model::id::{AccountId, Digest, FactorId, ObjectId};
use model::plan::{ActKind, Grants};
use model::probe::ProbeKind;
use model::secret::Secret;
use respond::permit::{OwnerPermit, Permit, TrialPermit};
use respond::port::{
    Asked, Capabilities, Content, Delivery, Directory, Effect, Guard, Mail, Mailer, PortError, Prober,
    Repeat, Replaced, StoredCredential, StoredFactors, TakenOff, Trial, Turned,
};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The service.
pub(super) struct Null {
    /// How long each writing call takes.
    pub(super) takes: Duration,
    /// Writing calls so far.
    pub(super) calls: AtomicU64,
}

/// The credential of an account before it is replaced.
pub(super) fn credential(account: &AccountId) -> CredentialVersion {
    CredentialVersion(Digest::of(account.as_str().as_bytes()))
}

impl Null {
    pub(super) fn taking(takes: Duration) -> Self {
        Self { takes, calls: AtomicU64::new(0) }
    }

    fn called<T>(&self, answer: T) -> Result<T, PortError> {
        self.calls.fetch_add(1, Ordering::Relaxed);
        if !self.takes.is_zero() {
            std::thread::sleep(self.takes);
        }
        Ok(answer)
    }

    fn done(&self) -> Result<Effect, PortError> {
        self.called(Effect::Done { count: 1 })
    }
}

impl Directory for Null {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            name: "null:bench".to_owned(),
            guard: Guard::Atomic,
            repeat: Repeat::Comparable,
            acts: vec![
                ActKind::RequireNewCredential,
                ActKind::EndSessions,
                ActKind::RevokeGrants,
                ActKind::HideObjects,
            ],
            survives: BTreeMap::new(),
            outlives: BTreeMap::new(),
            opens: Vec::new(),
            probes: Vec::new(),
        }
    }

    fn forbidden(&self) -> Result<BTreeMap<ActKind, String>, PortError> {
        Ok(BTreeMap::new())
    }

    fn snapshot(&self, accounts: Option<&[AccountId]>) -> Result<Vec<AccountState>, PortError> {
        let state = |account: &AccountId| AccountState {
            record: Account::unknown(account.clone()),
            credential: Some(credential(account)),
            sessions: Vec::new(),
            grants: Vec::new(),
            hidden: Vec::new(),
            factors: Vec::new(),
            is_off: false,
        };
        Ok(accounts.unwrap_or_default().iter().map(state).collect())
    }

    fn stored_credentials(
        &self,
        permits: &[Permit],
    ) -> Result<BTreeMap<AccountId, StoredCredential>, PortError> {
        let stored = |permit: &Permit| {
            let account = permit.account();
            // As long as a hash of PBKDF2 is with its salt.
            let stored = Secret::new(format!("pbkdf2_sha256$1000000${:0<67}", account.as_str()));
            (account.clone(), StoredCredential { version: credential(account), stored })
        };
        Ok(permits.iter().map(stored).collect())
    }

    fn require_new_credential(
        &self,
        permit: &Permit,
        _: &CredentialVersion,
        _: &Secret,
    ) -> Result<Replaced, PortError> {
        self.called(Replaced::Done { ours: CredentialVersion(Digest::of(permit.key().as_bytes())) })
    }

    fn end_sessions(&self, _: &Permit) -> Result<Effect, PortError> {
        self.done()
    }

    fn revoke_grants(&self, _: &Permit, _: &Grants) -> Result<Effect, PortError> {
        self.done()
    }

    fn put_back_contact(
        &self,
        _: &Permit,
        _: ContactKind,
        _: &Digest,
        _: &Secret,
    ) -> Result<Effect, PortError> {
        self.done()
    }

    fn stored_factors(&self, _: &[(Permit, FactorId)]) -> Result<StoredFactors, PortError> {
        Ok(StoredFactors::new())
    }

    fn remove_factor(&self, _: &Permit, _: &FactorId) -> Result<Effect, PortError> {
        self.done()
    }

    fn add_factor(&self, _: &Permit, _: &FactorId, _: &Secret) -> Result<Effect, PortError> {
        self.done()
    }

    fn hold(&self, _: &Permit) -> Result<TakenOff, PortError> {
        self.called(TakenOff::Now)
    }

    fn release(&self, _: &Permit) -> Result<Effect, PortError> {
        self.done()
    }

    fn restore_credential(&self, _: &Permit, _: &CredentialVersion, _: &Secret) -> Result<Effect, PortError> {
        self.done()
    }

    fn asked(&self, _: &Permit, _: &Secret) -> Result<(Asked, Option<CredentialVersion>), PortError> {
        Ok((Asked::CantTell, None))
    }

    fn choose_credential(
        &self,
        _: &OwnerPermit,
        _: &CredentialVersion,
        _: &Secret,
    ) -> Result<Effect, PortError> {
        self.done()
    }
}

impl Content for Null {
    fn hide(&self, _: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.called(Turned::Done { turned: objects.to_vec(), gone: Vec::new() })
    }

    fn show(&self, _: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.called(Turned::Done { turned: objects.to_vec(), gone: Vec::new() })
    }

    fn unfollow(&self, _: &Permit, _: &[AccountId]) -> Result<Effect, PortError> {
        self.done()
    }

    fn unlike(&self, _: &Permit, _: &[ObjectId]) -> Result<Effect, PortError> {
        self.done()
    }

    fn keep(&self, _: &OwnerPermit, _: &[ObjectId]) -> Result<Effect, PortError> {
        self.done()
    }
}

impl Prober for Null {
    fn try_credential(&self, _: &TrialPermit, _: ProbeKind, _: &Secret) -> Trial {
        Trial::CantTell("there is nothing to try".to_owned())
    }
}

impl Mailer for Null {
    fn send(&self, _: &Mail) -> Delivery {
        Delivery::Accepted
    }
}

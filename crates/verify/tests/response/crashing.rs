//! A service that takes the process down with it at a chosen call, before or after the call took effect; and one that
//! refuses every write for good.

use model::account::{AccountState, ContactKind, CredentialVersion};
use model::id::{AccountId, Digest, FactorId, ObjectId};
use model::plan::{ActKind, Grants};
use model::secret::Secret;
use rehearse::service::Service;
use respond::permit::{OwnerPermit, Permit};
use respond::port::{
    Asked, Capabilities, Content, Directory, Effect, PortError, Replaced, StoredCredential, StoredFactors,
    TakenOff, Turned,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub(crate) struct Crashing {
    service: Arc<Service>,
    at: Option<u64>,
    after: bool,
    calls: AtomicU64,
    refuses: bool,
}

impl Crashing {
    pub(crate) fn never(service: Arc<Service>) -> Self {
        Self { service, at: None, after: false, calls: AtomicU64::new(0), refuses: false }
    }

    pub(crate) fn at(service: Arc<Service>, call: u64, after: bool) -> Self {
        Self { service, at: Some(call), after, calls: AtomicU64::new(0), refuses: false }
    }

    pub(crate) fn refusing(service: Arc<Service>) -> Self {
        Self { refuses: true, ..Self::never(service) }
    }

    fn write<T>(&self, what: impl FnOnce() -> Result<T, PortError>) -> Result<T, PortError> {
        if self.refuses {
            return Err(PortError::Refused("this service refuses every write".to_owned()));
        }
        self.call(what)
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    fn call<T>(&self, what: impl FnOnce() -> T) -> T {
        let here = Some(self.calls.fetch_add(1, Ordering::SeqCst)) == self.at;
        if here && !self.after {
            std::panic::panic_any("killed before the call");
        }
        let answer = what();
        if here {
            std::panic::panic_any("killed after the call");
        }
        answer
    }
}

impl Directory for Crashing {
    fn capabilities(&self) -> Capabilities {
        self.service.capabilities()
    }

    fn forbidden(&self) -> Result<BTreeMap<ActKind, String>, PortError> {
        self.call(|| self.service.forbidden())
    }

    fn snapshot(&self, accounts: Option<&[AccountId]>) -> Result<Vec<AccountState>, PortError> {
        self.call(|| self.service.snapshot(accounts))
    }

    fn stored_credentials(
        &self,
        permits: &[Permit],
    ) -> Result<BTreeMap<AccountId, StoredCredential>, PortError> {
        self.call(|| self.service.stored_credentials(permits))
    }

    fn require_new_credential(
        &self,
        permit: &Permit,
        guard: &CredentialVersion,
        secret: &Secret,
    ) -> Result<Replaced, PortError> {
        self.write(|| self.service.require_new_credential(permit, guard, secret))
    }

    fn end_sessions(&self, permit: &Permit) -> Result<Effect, PortError> {
        self.write(|| self.service.end_sessions(permit))
    }

    fn revoke_grants(&self, permit: &Permit, grants: &Grants) -> Result<Effect, PortError> {
        self.write(|| self.service.revoke_grants(permit, grants))
    }

    fn put_back_contact(
        &self,
        permit: &Permit,
        kind: ContactKind,
        in_place: &Digest,
        before: &Secret,
    ) -> Result<Effect, PortError> {
        self.write(|| self.service.put_back_contact(permit, kind, in_place, before))
    }

    fn stored_factors(&self, wanted: &[(Permit, FactorId)]) -> Result<StoredFactors, PortError> {
        self.call(|| self.service.stored_factors(wanted))
    }

    fn remove_factor(&self, permit: &Permit, factor: &FactorId) -> Result<Effect, PortError> {
        self.write(|| self.service.remove_factor(permit, factor))
    }

    fn add_factor(&self, permit: &Permit, factor: &FactorId, stored: &Secret) -> Result<Effect, PortError> {
        self.write(|| self.service.add_factor(permit, factor, stored))
    }

    fn hold(&self, permit: &Permit) -> Result<TakenOff, PortError> {
        self.write(|| self.service.hold(permit))
    }

    fn release(&self, permit: &Permit) -> Result<Effect, PortError> {
        self.write(|| self.service.release(permit))
    }

    fn restore_credential(
        &self,
        permit: &Permit,
        ours: &CredentialVersion,
        old: &Secret,
    ) -> Result<Effect, PortError> {
        self.write(|| self.service.restore_credential(permit, ours, old))
    }

    fn asked(
        &self,
        permit: &Permit,
        secret: &Secret,
    ) -> Result<(Asked, Option<CredentialVersion>), PortError> {
        self.call(|| self.service.asked(permit, secret))
    }

    fn choose_credential(
        &self,
        permit: &OwnerPermit,
        guard: &CredentialVersion,
        chosen: &Secret,
    ) -> Result<Effect, PortError> {
        self.write(|| self.service.choose_credential(permit, guard, chosen))
    }
}

impl Content for Crashing {
    fn hide(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.write(|| self.service.hide(permit, objects))
    }

    fn show(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.write(|| self.service.show(permit, objects))
    }

    fn keep(&self, permit: &OwnerPermit, objects: &[ObjectId]) -> Result<Effect, PortError> {
        self.write(|| self.service.keep(permit, objects))
    }
}

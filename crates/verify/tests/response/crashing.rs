//! A service that at chosen calls takes the process down with it, before or after they took effect, refuses, asks for
//! less, or loses its answer.

use model::account::{AccountState, ContactKind, CredentialVersion};
use model::id::{AccountId, Digest, FactorId, ObjectId};
use model::plan::{ActKind, Grants};
use model::secret::Secret;
use rehearse::service::{RETRY_AFTER_MS, Service};
use respond::permit::{OwnerPermit, Permit};
use respond::port::{
    Asked, Capabilities, Content, Directory, Effect, PortError, Replaced, StoredCredential, StoredFactors,
    TakenOff, Turned,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// One call.
pub(crate) struct Call {
    /// Its number, from 0.
    pub(crate) number: u64,
    /// The method.
    pub(crate) name: &'static str,
    /// Whose account it is about, where it is about one.
    pub(crate) account: Option<AccountId>,
}

impl Call {
    /// Whether it writes at the service.
    pub(crate) fn writes(&self) -> bool {
        !matches!(self.name, "forbidden" | "snapshot" | "stored_credentials" | "stored_factors" | "asked")
    }
}

/// What becomes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Through,
    KilledBefore,
    KilledAfter,
    Refused,
    LostBefore,
    LostAfter,
    Busy,
    Throttled,
}

type Fating<'a> = Box<dyn Fn(&Call) -> Fate + Send + Sync + 'a>;
type Watching<'a> = Box<dyn Fn(&Call) + Send + Sync + 'a>;

pub(crate) struct Crashing<'a> {
    service: Arc<Service>,
    fate: Fating<'a>,
    /// Whoever looks at a call that came through to the service, once it did.
    pub(crate) after: Option<Watching<'a>>,
    calls: AtomicU64,
    /// What it says it is, where that is something else.
    pub(crate) name: Option<String>,
    /// An account that it does not know any more.
    pub(crate) missing: Option<AccountId>,
}

impl<'a> Crashing<'a> {
    pub(crate) fn never(service: Arc<Service>) -> Self {
        Self::when(service, |_| Fate::Through)
    }

    pub(crate) fn at(service: Arc<Service>, call: u64, after: bool) -> Self {
        let killed = if after { Fate::KilledAfter } else { Fate::KilledBefore };
        Self::when(service, move |c| if c.number == call { killed } else { Fate::Through })
    }

    pub(crate) fn when(service: Arc<Service>, fate: impl Fn(&Call) -> Fate + Send + Sync + 'a) -> Self {
        Self {
            service,
            fate: Box::new(fate),
            after: None,
            calls: AtomicU64::new(0),
            name: None,
            missing: None,
        }
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// One that refuses every write for good.
    pub(crate) fn refusing(service: Arc<Service>) -> Self {
        Self::when(service, |call| if call.writes() { Fate::Refused } else { Fate::Through })
    }

    fn call<T>(
        &self,
        name: &'static str,
        account: Option<&AccountId>,
        what: impl FnOnce() -> Result<T, PortError>,
    ) -> Result<T, PortError> {
        let number = self.calls.fetch_add(1, Ordering::SeqCst);
        let call = Call { number, name, account: account.cloned() };
        let what = || {
            let said = what();
            if let Some(after) = &self.after {
                after(&call);
            }
            said
        };
        match (self.fate)(&call) {
            Fate::Through => what(),
            Fate::KilledBefore => std::panic::panic_any("killed before the call"),
            Fate::KilledAfter => {
                let _ = what();
                std::panic::panic_any("killed after the call")
            }
            Fate::Refused => Err(PortError::Refused("not now, and not later".to_owned())),
            Fate::LostBefore => Err(PortError::NoAnswer("lost on its way".to_owned())),
            Fate::LostAfter => {
                what().and_then(|_| Err(PortError::NoAnswer("lost on its way back".to_owned())))
            }
            Fate::Busy => Err(PortError::Busy("later".to_owned())),
            Fate::Throttled => {
                Err(PortError::Throttled { retry_after_ms: RETRY_AFTER_MS, why: "not so fast".to_owned() })
            }
        }
    }
}

impl Directory for Crashing<'_> {
    fn capabilities(&self) -> Capabilities {
        let can = self.service.capabilities();
        Capabilities { name: self.name.clone().unwrap_or_else(|| can.name.clone()), ..can }
    }

    fn forbidden(&self) -> Result<BTreeMap<ActKind, String>, PortError> {
        self.call("forbidden", None, || self.service.forbidden())
    }

    fn snapshot(&self, accounts: Option<&[AccountId]>) -> Result<Vec<AccountState>, PortError> {
        let mut states = self.call("snapshot", None, || self.service.snapshot(accounts))?;
        states.retain(|s| Some(&s.record.account) != self.missing.as_ref());
        Ok(states)
    }

    fn stored_credentials(
        &self,
        permits: &[Permit],
    ) -> Result<BTreeMap<AccountId, StoredCredential>, PortError> {
        self.call("stored_credentials", None, || self.service.stored_credentials(permits))
    }

    fn require_new_credential(
        &self,
        permit: &Permit,
        guard: &CredentialVersion,
        secret: &Secret,
    ) -> Result<Replaced, PortError> {
        self.call("require_new_credential", Some(permit.account()), || {
            self.service.require_new_credential(permit, guard, secret)
        })
    }

    fn end_sessions(&self, permit: &Permit) -> Result<Effect, PortError> {
        self.call("end_sessions", Some(permit.account()), || self.service.end_sessions(permit))
    }

    fn revoke_grants(&self, permit: &Permit, grants: &Grants) -> Result<Effect, PortError> {
        self.call("revoke_grants", Some(permit.account()), || self.service.revoke_grants(permit, grants))
    }

    fn put_back_contact(
        &self,
        permit: &Permit,
        kind: ContactKind,
        in_place: &Digest,
        before: &Secret,
    ) -> Result<Effect, PortError> {
        self.call("put_back_contact", Some(permit.account()), || {
            self.service.put_back_contact(permit, kind, in_place, before)
        })
    }

    fn stored_factors(&self, wanted: &[(Permit, FactorId)]) -> Result<StoredFactors, PortError> {
        self.call("stored_factors", None, || self.service.stored_factors(wanted))
    }

    fn remove_factor(&self, permit: &Permit, factor: &FactorId) -> Result<Effect, PortError> {
        self.call("remove_factor", Some(permit.account()), || self.service.remove_factor(permit, factor))
    }

    fn add_factor(&self, permit: &Permit, factor: &FactorId, stored: &Secret) -> Result<Effect, PortError> {
        self.call("add_factor", Some(permit.account()), || self.service.add_factor(permit, factor, stored))
    }

    fn hold(&self, permit: &Permit) -> Result<TakenOff, PortError> {
        self.call("hold", Some(permit.account()), || self.service.hold(permit))
    }

    fn release(&self, permit: &Permit) -> Result<Effect, PortError> {
        self.call("release", Some(permit.account()), || self.service.release(permit))
    }

    fn restore_credential(
        &self,
        permit: &Permit,
        ours: &CredentialVersion,
        old: &Secret,
    ) -> Result<Effect, PortError> {
        self.call("restore_credential", Some(permit.account()), || {
            self.service.restore_credential(permit, ours, old)
        })
    }

    fn asked(
        &self,
        permit: &Permit,
        secret: &Secret,
    ) -> Result<(Asked, Option<CredentialVersion>), PortError> {
        self.call("asked", Some(permit.account()), || self.service.asked(permit, secret))
    }

    fn choose_credential(
        &self,
        permit: &OwnerPermit,
        guard: &CredentialVersion,
        chosen: &Secret,
    ) -> Result<Effect, PortError> {
        self.call("choose_credential", Some(permit.account()), || {
            self.service.choose_credential(permit, guard, chosen)
        })
    }
}

impl Content for Crashing<'_> {
    fn hide(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.call("hide", Some(permit.account()), || self.service.hide(permit, objects))
    }

    fn show(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.call("show", Some(permit.account()), || self.service.show(permit, objects))
    }

    fn unfollow(&self, permit: &Permit, accounts: &[AccountId]) -> Result<Effect, PortError> {
        self.call("unfollow", Some(permit.account()), || self.service.unfollow(permit, accounts))
    }

    fn unlike(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Effect, PortError> {
        self.call("unlike", Some(permit.account()), || self.service.unlike(permit, objects))
    }

    fn keep(&self, permit: &OwnerPermit, objects: &[ObjectId]) -> Result<Effect, PortError> {
        self.call("keep", Some(permit.account()), || self.service.keep(permit, objects))
    }
}

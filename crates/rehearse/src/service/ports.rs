//! The service behind the ports *directory* and *content*. What a permit names is done; what it does not name can't be.
//!
//! The thin port methods call the ones below them, which take an account: tests of this crate use those, since only
//! the executor makes permits.

use super::faults::{Fate, lost, throttled};
use super::password;
use super::state::{OffBy, Shown, Slot, Write, fingerprint};
use super::{Inner, Service};
use model::account::{AccountState, ContactKind, CredentialVersion};
use model::id::{AccountId, Digest, FactorId, ObjectId};
use model::plan::{ActKind, Grants};
use model::probe::ProbeKind;
use model::secret::Secret;
use respond::permit::{OwnerPermit, Permit};
use respond::port::{
    Asked, Capabilities, Content, Directory, Effect, Guard, PortError, Repeat, Replaced, StoredCredential,
    StoredFactors, TakenOff, Turned,
};
use std::collections::BTreeMap;

impl Directory for Service {
    fn capabilities(&self) -> Capabilities {
        let survives = [
            ("session", "sessions live on after a reset: end sessions"),
            ("grant", "applications keep their grants after a reset: revoke grants"),
            ("app_password", "the application password lives on after a reset: revoke all grants"),
            ("second_factor", "a factor that the intruder added lives on, and a passkey signs in: remove it"),
            ("contact", "codes go to a contact that the intruder set: put it back"),
            ("reset_link", "outstanding reset links die with a reset, or when all grants are revoked"),
        ];
        let outlives = self.lock().tokens_live_ms;
        Capabilities {
            name: self.name.clone(),
            guard: Guard::Atomic,
            repeat: Repeat::Comparable,
            acts: vec![
                ActKind::RequireNewCredential,
                ActKind::EndSessions,
                ActKind::RevokeGrants,
                ActKind::HideObjects,
                ActKind::Unfollow,
                ActKind::Unlike,
                ActKind::Hold,
                ActKind::PutBackContact,
                ActKind::RemoveFactor,
                ActKind::Waive,
                ActKind::RestoreCredential,
                ActKind::ShowObjects,
                ActKind::Release,
                ActKind::AddFactor,
            ],
            survives: survives.map(|(kind, how)| (kind.to_owned(), how.to_owned())).into(),
            outlives: outlives.map(|ms| ("access_token".to_owned(), ms)).into_iter().collect(),
            opens: ProbeKind::ALL.to_vec(),
            probes: ProbeKind::ALL.to_vec(),
        }
    }

    fn forbidden(&self) -> Result<BTreeMap<ActKind, String>, PortError> {
        // The practice service lets us do whatever it can do.
        self.lock().usable()?;
        Ok(BTreeMap::new())
    }

    fn snapshot(&self, accounts: Option<&[AccountId]>) -> Result<Vec<AccountState>, PortError> {
        let inner = self.lock();
        inner.usable()?;
        Ok(match accounts {
            None => inner.state.slots().map(Slot::told).collect(),
            Some(list) => list.iter().filter_map(|a| inner.state.slot(a)).map(Slot::told).collect(),
        })
    }

    fn stored_credentials(
        &self,
        permits: &[Permit],
    ) -> Result<BTreeMap<AccountId, StoredCredential>, PortError> {
        let inner = self.lock();
        inner.usable()?;
        let stored = permits.iter().filter_map(|permit| {
            let stored = inner.state.slot(permit.account())?.stored.clone()?;
            let version = fingerprint(&stored);
            Some((permit.account().clone(), StoredCredential { version, stored }))
        });
        Ok(stored.collect())
    }

    fn require_new_credential(
        &self,
        permit: &Permit,
        guard: &CredentialVersion,
        secret: &Secret,
    ) -> Result<Replaced, PortError> {
        let account = permit.account();
        let whose = account.clone();
        let in_place = move |inner: &mut Inner| inner.asked.entry(whose).or_default().replaced = true;
        self.put_credential(account, permit.key(), guard, secret, in_place)
    }

    fn end_sessions(&self, permit: &Permit) -> Result<Effect, PortError> {
        let account = permit.account();
        self.done(permit.key(), &Write::EndSessions { account: account.clone() }, account)
    }

    fn revoke_grants(&self, permit: &Permit, grants: &Grants) -> Result<Effect, PortError> {
        let account = permit.account();
        let apps = match grants {
            Grants::All => None,
            Grants::Of(apps) => Some(apps.clone()),
        };
        self.done(permit.key(), &Write::Revoke { account: account.clone(), apps }, account)
    }

    fn put_back_contact(
        &self,
        permit: &Permit,
        kind: ContactKind,
        in_place: &Digest,
        before: &Secret,
    ) -> Result<Effect, PortError> {
        self.exchange_contact(permit.account(), permit.key(), kind, in_place, before)
    }

    fn stored_factors(&self, wanted: &[(Permit, FactorId)]) -> Result<StoredFactors, PortError> {
        let inner = self.lock();
        inner.usable()?;
        let mut stored = StoredFactors::new();
        for (permit, id) in wanted {
            if let Some(factor) = inner.state.slot(permit.account()).and_then(|s| s.factors.get(id)) {
                let text = serde_json::to_string(factor)
                    .map_err(|e| PortError::Refused(format!("a factor can't be written down: {e}")))?;
                stored.insert((permit.account().clone(), id.clone()), Secret::new(text));
            }
        }
        Ok(stored)
    }

    fn remove_factor(&self, permit: &Permit, factor: &FactorId) -> Result<Effect, PortError> {
        let (account, id) = (permit.account().clone(), factor.clone());
        self.done(permit.key(), &Write::RemoveFactor { account, id }, permit.account())
    }

    fn add_factor(&self, permit: &Permit, factor: &FactorId, stored: &Secret) -> Result<Effect, PortError> {
        let (account, id) = (permit.account().clone(), factor.clone());
        let factor = serde_json::from_str(stored.reveal())
            .map_err(|e| PortError::Refused(format!("what was sealed of a factor can't be read: {e}")))?;
        self.done(permit.key(), &Write::AddFactor { account, id, factor }, permit.account())
    }

    fn hold(&self, permit: &Permit) -> Result<TakenOff, PortError> {
        self.take_off(permit.account(), permit.key())
    }

    fn release(&self, permit: &Permit) -> Result<Effect, PortError> {
        self.take_on(permit.account(), permit.key())
    }

    fn restore_credential(
        &self,
        permit: &Permit,
        ours: &CredentialVersion,
        old: &Secret,
    ) -> Result<Effect, PortError> {
        self.restore(permit.account(), permit.key(), ours, old)
    }

    fn asked(
        &self,
        permit: &Permit,
        secret: &Secret,
    ) -> Result<(Asked, Option<CredentialVersion>), PortError> {
        self.is_ours(permit.account(), secret)
    }

    fn choose_credential(
        &self,
        permit: &OwnerPermit,
        guard: &CredentialVersion,
        chosen: &Secret,
    ) -> Result<Effect, PortError> {
        let key = format!("choose {}", permit.account());
        Ok(match self.require(permit.account(), &key, guard, chosen)? {
            Replaced::Done { .. } => Effect::Done { count: 1 },
            Replaced::Moved { found } | Replaced::PremiseGone { found } => Effect::PremiseGone { found },
        })
    }
}

impl Content for Service {
    fn hide(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.turn(permit.account(), permit.key(), objects, true)
    }

    fn show(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Turned, PortError> {
        self.turn(permit.account(), permit.key(), objects, false)
    }

    fn unfollow(&self, permit: &Permit, accounts: &[AccountId]) -> Result<Effect, PortError> {
        let (account, accounts) = (permit.account().clone(), accounts.to_vec());
        self.done(permit.key(), &Write::Unfollow { account, accounts }, permit.account())
    }

    fn unlike(&self, permit: &Permit, objects: &[ObjectId]) -> Result<Effect, PortError> {
        let (account, objects) = (permit.account().clone(), objects.to_vec());
        self.done(permit.key(), &Write::Unlike { account, objects }, permit.account())
    }

    fn keep(&self, permit: &OwnerPermit, objects: &[ObjectId]) -> Result<Effect, PortError> {
        Ok(self.turn(permit.account(), &format!("keep {}", permit.account()), objects, false)?.into())
    }
}

impl Service {
    /// Compares and swaps the credential, under the one lock.
    pub(super) fn require(
        &self,
        account: &AccountId,
        key: &str,
        guard: &CredentialVersion,
        secret: &Secret,
    ) -> Result<Replaced, PortError> {
        self.put_credential(account, key, guard, secret, |_| {})
    }

    fn put_credential(
        &self,
        account: &AccountId,
        key: &str,
        guard: &CredentialVersion,
        secret: &Secret,
        in_place: impl FnOnce(&mut Inner) + Send + 'static,
    ) -> Result<Replaced, PortError> {
        let (account, guard, secret) = (account.clone(), *guard, secret.clone());
        self.fated(key, move |inner| {
            let Some(found) = inner.state.slot(&account) else {
                return Ok(Replaced::PremiseGone { found: "the account is gone".to_owned() });
            };
            match found.credential() {
                None => Ok(Replaced::PremiseGone { found: "the account has no password".to_owned() }),
                Some(version) if version != guard => {
                    Ok(Replaced::Moved { found: "the password was changed meanwhile".to_owned() })
                }
                Some(_) => {
                    let stored = password::stored(&account, &secret);
                    let ours = fingerprint(&stored);
                    write(inner, &Write::Credential { account, stored })?;
                    in_place(inner);
                    Ok(Replaced::Done { ours })
                }
            }
        })
    }

    /// Puts an old stored credential back, where ours is in place.
    pub(super) fn restore(
        &self,
        account: &AccountId,
        key: &str,
        ours: &CredentialVersion,
        old: &Secret,
    ) -> Result<Effect, PortError> {
        let (account, ours, old) = (account.clone(), *ours, old.clone());
        self.fated(key, move |inner| {
            let found = inner.state.slot(&account).and_then(Slot::credential);
            match found {
                Some(version) if version == fingerprint(&old) => Ok(Effect::Done { count: 0 }),
                Some(version) if version == ours => {
                    let write_back = Write::Credential { account: account.clone(), stored: old.clone() };
                    let count = write(inner, &write_back)?;
                    inner.asked.entry(account).or_default().restored = true;
                    Ok(Effect::Done { count })
                }
                Some(_) => Ok(Effect::PremiseGone { found: "the password was changed meanwhile".to_owned() }),
                None => Ok(Effect::PremiseGone { found: "the account has no password".to_owned() }),
            }
        })
    }

    /// Puts a contact in the place of another, where that still is in place.
    pub(super) fn exchange_contact(
        &self,
        account: &AccountId,
        key: &str,
        kind: ContactKind,
        in_place: &Digest,
        before: &Secret,
    ) -> Result<Effect, PortError> {
        let (account, in_place, before) = (account.clone(), *in_place, before.clone());
        self.fated(key, move |inner| {
            let Some(slot) = inner.state.slot(&account) else {
                return Ok(Effect::PremiseGone { found: "the account is gone".to_owned() });
            };
            match slot.record.in_place(kind) {
                Some(found) if found.value == before => Ok(Effect::Done { count: 0 }),
                Some(found) if Digest::of(found.value.reveal().as_bytes()) == in_place => {
                    let turn = Write::PutBackContact { account, kind, value: before };
                    Ok(Effect::Done { count: write(inner, &turn)? })
                }
                Some(_) | None => {
                    Ok(Effect::PremiseGone { found: "the contact was changed meanwhile".to_owned() })
                }
            }
        })
    }

    /// Takes an account off, where it is on.
    pub(super) fn take_off(&self, account: &AccountId, key: &str) -> Result<TakenOff, PortError> {
        let account = account.clone();
        self.fated(key, move |inner| {
            let Some(slot) = inner.state.slot(&account) else {
                return Ok(TakenOff::PremiseGone { found: "the account is gone".to_owned() });
            };
            match slot.off {
                Some(by) => Ok(TakenOff::Already { ours: Some(by == OffBy::Hold) }),
                None => {
                    write(inner, &Write::Off { account, by: Some(OffBy::Hold) })?;
                    Ok(TakenOff::Now)
                }
            }
        })
    }

    /// Takes an account on again, where a hold took it off.
    pub(super) fn take_on(&self, account: &AccountId, key: &str) -> Result<Effect, PortError> {
        let account = account.clone();
        self.fated(key, move |inner| {
            let Some(slot) = inner.state.slot(&account) else {
                return Ok(Effect::PremiseGone { found: "the account is gone".to_owned() });
            };
            match slot.off {
                Some(OffBy::Hold) => {
                    Ok(Effect::Done { count: write(inner, &Write::Off { account, by: None })? })
                }
                Some(OffBy::Moderator) | None => Ok(Effect::Done { count: 0 }),
            }
        })
    }

    /// Whether the credential in place is the one made from a secret.
    pub(super) fn is_ours(
        &self,
        account: &AccountId,
        secret: &Secret,
    ) -> Result<(Asked, Option<CredentialVersion>), PortError> {
        let ours = fingerprint(&password::stored(account, secret));
        let inner = self.lock();
        inner.usable()?;
        let found = inner.state.slot(account).and_then(Slot::credential);
        Ok(if found == Some(ours) { (Asked::Done, Some(ours)) } else { (Asked::NotDone, None) })
    }

    /// Hides or shows; another account's object refuses the whole call.
    pub(super) fn turn(
        &self,
        account: &AccountId,
        key: &str,
        objects: &[ObjectId],
        hide: bool,
    ) -> Result<Turned, PortError> {
        let (account, objects) = (account.clone(), objects.to_vec());
        self.fated(key, move |inner| {
            if let Some(foreign) = objects.iter().find(|o| inner.state.author(o) != Some(&account)) {
                return Err(PortError::Refused(format!("{foreign} is not an object of {account}")));
            }
            let from = if hide { Shown::Visible } else { Shown::Hidden };
            let all_of = |shown| {
                let are = objects.iter().filter(|o| inner.state.shown(o) == Some(shown));
                are.cloned().collect::<Vec<_>>()
            };
            let (turned, gone) = (all_of(from), all_of(Shown::Deleted));
            let turn = if hide { Write::Hide { account, objects } } else { Write::Show { account, objects } };
            write(inner, &turn)?;
            Ok(Turned::Done { turned, gone })
        })
    }

    /// A write that has no premise but the account.
    pub(super) fn done(&self, key: &str, act: &Write, account: &AccountId) -> Result<Effect, PortError> {
        let (account, act) = (account.clone(), act.clone());
        self.fated(key, move |inner| {
            if inner.state.slot(&account).is_none() {
                return Ok(Effect::PremiseGone { found: "the account is gone".to_owned() });
            }
            Ok(Effect::Done { count: write(inner, &act)? })
        })
    }

    fn fated<T>(
        &self,
        key: &str,
        act: impl FnOnce(&mut Inner) -> Result<T, PortError> + Send + 'static,
    ) -> Result<T, PortError> {
        let mut inner = self.lock();
        inner.usable()?;
        match inner.faults.next(key) {
            Fate::Through => act(&mut inner),
            Fate::LostBefore => Err(lost()),
            Fate::LostAfter => act(&mut inner).and_then(|_| Err(lost())),
            Fate::Late => {
                inner.late.push(Box::new(move |inner| drop(act(inner))));
                Err(lost())
            }
            Fate::Throttled => Err(throttled()),
            Fate::Busy => Err(PortError::Busy("the rehearsed service was told to be busy".to_owned())),
        }
    }
}

/// Keeps a write; where it can't be kept, nothing is done and the service says so, unless it lies.
fn write(inner: &mut Inner, write: &Write) -> Result<u64, PortError> {
    if write.ends().is_some_and(|kind| inner.lies.contains(&kind)) {
        return Ok(1);
    }
    let changed =
        inner.keep(write).map_err(|e| PortError::Busy(format!("the write could not be kept: {e}")))?;
    if changed > 0 {
        inner.asked.entry(write.account().clone()).or_default().changes += changed;
    }
    Ok(changed)
}

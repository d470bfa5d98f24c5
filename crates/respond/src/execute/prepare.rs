//! Before a batch: premises are read again, old credentials are read and sealed, letters are written. Nothing is
//! written at the service.

use crate::code::new_code;
use crate::error::RespondError;
use crate::execute::letters::{LetterOrder, WasDone};
use crate::execute::{Executor, Held};
use crate::permit::Permit;
use crate::port::{Asked, Ports, StoredCredential};
use crate::vault::Locked;
use model::account::{AccountState, CredentialVersion};
use model::addendum::Standing;
use model::id::{AccountId, Digest, FactorId, Millis, ObjectId};
use model::mutant::{self, Mutant};
use model::plan::{Act, ActKind};
use model::seal::SealedEntry;
use model::secret::Secret;
use std::collections::BTreeMap;
use store::notices::NewNotice;
use store::put_back::SealedFactor;
use store::steps::{CaseState, Intent, SealedCredential};

/// What an account's acts need besides the plan.
#[derive(Clone, Default)]
pub(crate) struct Means {
    /// For a restore: the old stored credential and ours.
    pub(crate) old: Option<(Secret, CredentialVersion)>,
    /// For a hold: when it ends, ms.
    pub(crate) hold_ends_at: Option<Millis>,
    /// Contacts that the entry refers to, by their digests.
    pub(crate) contacts: BTreeMap<Digest, Secret>,
    /// For an undo: what was sealed of removed factors.
    pub(crate) factors: BTreeMap<FactorId, Secret>,
}

/// An account that can be acted on.
pub(crate) struct Go {
    /// Its place among the batch's entries.
    pub(crate) place: usize,
    pub(crate) means: Means,
    credential: Option<SealedCredential>,
    factors: Vec<SealedFactor>,
    notice: Option<NewNotice>,
    hidden_before: Vec<ObjectId>,
    is_off_before: bool,
}

impl Go {
    pub(crate) fn intent<'a>(&self, entries: &'a [SealedEntry]) -> Intent<'a> {
        Intent {
            entry: &entries[self.place],
            credential: self.credential.clone(),
            factors: self.factors.clone(),
            notice: self.notice.clone().filter(|_| !mutant::is_on(Mutant::OwesNoNotice)),
            hidden_before: self.hidden_before.clone(),
            is_off_before: self.is_off_before,
        }
    }
}

/// A batch, split into those that can be acted on and those of whom nothing is to be done, with why.
pub(crate) struct Prepared {
    pub(crate) go: Vec<Go>,
    pub(crate) passed: Vec<(CaseState, Vec<(usize, String)>)>,
}

pub(crate) fn prepare(
    with: &Executor<'_>,
    held: &Held,
    entries: &[SealedEntry],
) -> Result<Prepared, RespondError> {
    let accounts: Vec<AccountId> = entries.iter().map(|e| e.entry().account.clone()).collect();
    let plan = &held.plan.header().plan;
    let (frozen, beyond) =
        with.store.read(|r| Ok((r.frozen(plan, &accounts)?, r.beyond_addendum(plan, &accounts)?)))?;
    let states: BTreeMap<AccountId, AccountState> = with
        .ports
        .directory
        .snapshot(Some(&accounts))?
        .into_iter()
        .map(|s| (s.record.account.clone(), s))
        .collect();
    let stored = stored_credentials(&with.ports, entries)?;
    insist_on_a_ledger_up_to_date(with, held, entries, &stored)?;
    let mut means = means(with, held, entries)?;
    let mut factors = sealed_factors(with, held, entries)?;
    let (mut go, mut disputed, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for (place, entry) in entries.iter().enumerate() {
        let account = &entry.entry().account;
        if frozen.contains(account) {
            disputed.push((place, "its owner says: that was me".to_owned()));
        } else if let Some(standing) = beyond.get(account) {
            let of_dispute = *standing == Standing::Disputed;
            let passed = if of_dispute { &mut disputed } else { &mut moved };
            passed.push((place, standing.in_words().to_owned()));
        } else if let Some(why) = premise_gone(entry, states.get(account), stored.get(account)) {
            moved.push((place, why));
        } else {
            go.push(Go {
                place,
                means: means.remove(account).unwrap_or_default(),
                factors: factors.remove(account).unwrap_or_default(),
                credential: seal_old(with, held, account, stored.get(account))?,
                notice: None,
                hidden_before: states.get(account).map(|s| s.hidden.clone()).unwrap_or_default(),
                is_off_before: states.get(account).is_some_and(|s| s.is_off),
            });
        }
    }
    with.store.read_with(|read| {
        for one in &mut go {
            let entry = &entries[one.place];
            if !entry.entry().is_probe() {
                one.notice = Some(notice(read, with, held, entry)?);
            }
        }
        Ok::<_, RespondError>(())
    })?;
    Ok(Prepared { go, passed: vec![(CaseState::Frozen, disputed), (CaseState::Skipped, moved)] })
}

/// What accounts need besides their entries: contacts by value, and for an undo what the vault has of them.
pub(crate) fn means(
    with: &Executor<'_>,
    held: &Held,
    entries: &[SealedEntry],
) -> Result<BTreeMap<AccountId, Means>, RespondError> {
    let mut all: BTreeMap<AccountId, Means> = BTreeMap::new();
    let named = |kind: ActKind| {
        let named = entries.iter().map(SealedEntry::entry);
        let named = named.filter(move |e| e.acts.iter().any(|a| a.kind() == kind));
        named.map(|e| e.account.clone()).collect::<Vec<_>>()
    };
    let plan = &held.plan.header().plan;
    for contact in with.store.read(|r| r.contact_values(plan, &named(ActKind::PutBackContact)))? {
        all.entry(contact.account).or_default().contacts.insert(contact.version, contact.value);
    }
    let Some((of, Some(key))) = &held.undone else { return Ok(all) };
    for row in with.store.read(|r| r.sealed_credentials(of, &named(ActKind::RestoreCredential)))? {
        let locked = Locked { nonce: row.nonce, ciphertext: row.ciphertext };
        let old = key.open(&row.account, &locked)?;
        all.entry(row.account).or_default().old = row.version_ours.map(|ours| (old, ours));
    }
    for row in with.store.read(|r| r.sealed_factors(of, &named(ActKind::AddFactor)))? {
        let locked = Locked { nonce: row.nonce, ciphertext: row.ciphertext };
        let stored = key.open(&row.account, &locked)?;
        all.entry(row.account).or_default().factors.insert(row.factor, stored);
    }
    Ok(all)
}

/// The factors that entries remove, read and sealed.
fn sealed_factors(
    with: &Executor<'_>,
    held: &Held,
    entries: &[SealedEntry],
) -> Result<BTreeMap<AccountId, Vec<SealedFactor>>, RespondError> {
    let removed = entries.iter().flat_map(|entry| {
        entry.entry().acts.iter().enumerate().filter_map(|(place, act)| match act.removes() {
            Some(factor) => Some((Permit::new(entry, place)?, factor.clone())),
            None => None,
        })
    });
    let removed: Vec<(Permit, FactorId)> = removed.collect();
    let mut all: BTreeMap<AccountId, Vec<SealedFactor>> = BTreeMap::new();
    if removed.is_empty() {
        return Ok(all);
    }
    for ((account, factor), stored) in with.ports.directory.stored_factors(&removed)? {
        let Locked { nonce, ciphertext } = held.key.seal(&account, &stored, with.ports.chance.bytes())?;
        let sealed = SealedFactor { account: account.clone(), factor, nonce, ciphertext };
        all.entry(account).or_default().push(sealed);
    }
    Ok(all)
}

/// The stored credentials that will be replaced, in one call.
pub(crate) fn stored_credentials(
    ports: &Ports<'_>,
    entries: &[SealedEntry],
) -> Result<BTreeMap<AccountId, StoredCredential>, RespondError> {
    let requires = |e: &&SealedEntry| guard_of(e).is_some();
    let permits: Vec<Permit> = entries.iter().filter(requires).filter_map(|e| Permit::new(e, 0)).collect();
    if permits.is_empty() {
        return Ok(BTreeMap::new());
    }
    Ok(ports.directory.stored_credentials(&permits)?)
}

/// None of these accounts has an intent on record. Where the credential in place is all the same the one that this run
/// makes, the ledger was restored from an older copy: it does not know what was done since, and what it would seal as
/// the old credential is ours.
fn insist_on_a_ledger_up_to_date(
    with: &Executor<'_>,
    held: &Held,
    entries: &[SealedEntry],
    stored: &BTreeMap<AccountId, StoredCredential>,
) -> Result<(), RespondError> {
    if mutant::is_on(Mutant::TrustsOldLedger) {
        return Ok(());
    }
    for sealed in entries {
        let entry = sealed.entry();
        for (place, act) in entry.acts.iter().enumerate() {
            let Act::RequireNewCredential { guard } = act else { continue };
            let Some(now) = stored.get(&entry.account).filter(|now| now.version != *guard) else { continue };
            let Some(permit) = Permit::new(sealed, place) else { continue };
            let (asked, ours) = with.ports.directory.asked(&permit, &held.key.credential_for(&permit))?;
            if asked == Asked::Done && ours.is_none_or(|ours| ours == now.version) {
                return Err(RespondError::LedgerBehind { account: entry.account.clone() });
            }
        }
    }
    Ok(())
}

fn guard_of(entry: &SealedEntry) -> Option<CredentialVersion> {
    entry.entry().acts.iter().find_map(Act::guard)
}

/// An account that is gone, or has no credential any more. Whether the credential in place is the one that was
/// approved is for the service to say in the act itself, at once with replacing it: some renew a stored hash at each
/// sign-in, and only they know that it is the same password.
fn premise_gone(
    entry: &SealedEntry,
    state: Option<&AccountState>,
    stored: Option<&StoredCredential>,
) -> Option<String> {
    if mutant::is_on(Mutant::ActsOnGonePremise) {
        return None;
    }
    if state.is_none() {
        return Some("the service does not know this account any more".to_owned());
    }
    let lacks = guard_of(entry).is_some() && stored.is_none();
    lacks.then(|| "it has no credential any more; draft again to see what it is now".to_owned())
}

fn seal_old(
    with: &Executor<'_>,
    held: &Held,
    account: &AccountId,
    stored: Option<&StoredCredential>,
) -> Result<Option<SealedCredential>, RespondError> {
    let Some(stored) = stored else { return Ok(None) };
    let old = match mutant::is_on(Mutant::KeepsNothingToRestore) {
        true => &Secret::new(""),
        false => &stored.stored,
    };
    let Locked { nonce, ciphertext } = held.key.seal(account, old, with.ports.chance.bytes())?;
    Ok(Some(SealedCredential {
        account: account.clone(),
        nonce,
        ciphertext,
        version_before: stored.version,
        version_ours: None,
    }))
}

fn notice(
    read: &store::Read,
    with: &Executor<'_>,
    held: &Held,
    entry: &SealedEntry,
) -> Result<NewNotice, RespondError> {
    let entry = entry.entry();
    let code = new_code(&with.ports.chance.bytes());
    // It is written anew from what was really done; here only to know that it can be, before anything is done.
    let planned = LetterOrder {
        header: held.plan.header(),
        entry,
        code: &code,
        done: WasDone::as_planned(entry, with.ports.clock.now()),
        at: with.ports.clock.now(),
    };
    (with.letters)(read, &planned)
        .map_err(|why| RespondError::Letter { account: entry.account.clone(), why })?;
    Ok(NewNotice {
        message_id: format!("{}@{}", code.as_str().to_lowercase(), with.mail_domain),
        code,
        account: entry.account.clone(),
        template: entry.notice,
        contact: entry.contact.as_ref().map(|c| c.version),
    })
}

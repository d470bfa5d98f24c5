//! Before a batch: premises are read again, old credentials are read and sealed, letters are written. Nothing is
//! written at the service.

use crate::code::new_code;
use crate::error::RespondError;
use crate::execute::{Executor, Held};
use crate::permit::Permit;
use crate::port::{Asked, Ports, StoredCredential};
use crate::vault::Locked;
use model::account::{AccountState, CredentialVersion};
use model::id::{AccountId, ObjectId};
use model::plan::Act;
use model::seal::SealedEntry;
use model::secret::Secret;
use std::collections::BTreeMap;
use store::notices::NewNotice;
use store::steps::{CaseState, Intent, SealedCredential};

/// What an account's acts need besides the plan.
#[derive(Clone, Default)]
pub(crate) struct Means {
    /// For a restore: the old stored credential and ours.
    pub(crate) old: Option<(Secret, CredentialVersion)>,
}

/// An account that can be acted on.
pub(crate) struct Go {
    /// Its place among the batch's entries.
    pub(crate) place: usize,
    pub(crate) means: Means,
    credential: Option<SealedCredential>,
    notice: Option<NewNotice>,
    hidden_before: Vec<ObjectId>,
}

impl Go {
    pub(crate) fn intent<'a>(&self, entries: &'a [SealedEntry]) -> Intent<'a> {
        Intent {
            entry: &entries[self.place],
            credential: self.credential.clone(),
            notice: self.notice.clone(),
            hidden_before: self.hidden_before.clone(),
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
    let frozen = with.store.read(|r| r.frozen(&held.plan.header().plan, &accounts))?;
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
    let (mut go, mut disputed, mut moved) = (Vec::new(), Vec::new(), Vec::new());
    for (place, entry) in entries.iter().enumerate() {
        let account = &entry.entry().account;
        if frozen.contains(account) {
            disputed.push((place, "its owner says: that was me".to_owned()));
        } else if let Some(why) = premise_gone(entry, states.get(account), stored.get(account)) {
            moved.push((place, why));
        } else {
            go.push(Go {
                place,
                means: means.remove(account).unwrap_or_default(),
                credential: seal_old(with, held, account, stored.get(account))?,
                notice: Some(notice(with, held, entry)?),
                hidden_before: states.get(account).map(|s| s.hidden.clone()).unwrap_or_default(),
            });
        }
    }
    Ok(Prepared { go, passed: vec![(CaseState::Frozen, disputed), (CaseState::Skipped, moved)] })
}

/// What accounts need whose entries restore: the old credential out of the vault.
pub(crate) fn means(
    with: &Executor<'_>,
    held: &Held,
    entries: &[SealedEntry],
) -> Result<BTreeMap<AccountId, Means>, RespondError> {
    let Some((of, Some(key))) = &held.undone else { return Ok(BTreeMap::new()) };
    let restoring: Vec<AccountId> = entries
        .iter()
        .filter(|e| e.entry().acts.contains(&Act::RestoreCredential))
        .map(|e| e.entry().account.clone())
        .collect();
    let sealed = with.store.read(|r| r.sealed_credentials(of, &restoring))?;
    let mut all = BTreeMap::new();
    for row in sealed {
        let locked = Locked { nonce: row.nonce, ciphertext: row.ciphertext };
        let old = key.open(&row.account, &locked)?;
        let old = row.version_ours.map(|ours| (old, ours));
        all.insert(row.account, Means { old });
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
    let Locked { nonce, ciphertext } = held.key.seal(account, &stored.stored, with.ports.chance.bytes())?;
    Ok(Some(SealedCredential {
        account: account.clone(),
        nonce,
        ciphertext,
        version_before: stored.version,
        version_ours: None,
    }))
}

fn notice(with: &Executor<'_>, held: &Held, entry: &SealedEntry) -> Result<NewNotice, RespondError> {
    let entry = entry.entry();
    let code = new_code(&with.ports.chance.bytes());
    let letter = (with.letters)(held.plan.header(), entry, &code)
        .map_err(|why| RespondError::Letter { account: entry.account.clone(), why })?;
    Ok(NewNotice {
        message_id: format!("{}@{}", code.as_str().to_lowercase(), with.mail_domain),
        code,
        account: entry.account.clone(),
        template: entry.notice,
        contact: entry.contact.as_ref().map(|c| c.version),
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
    })
}

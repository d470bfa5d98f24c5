//! The owner's way back, on their own case alone: a code they ask for, a credential they choose, what they keep, and
//! *that was me*.

use crate::code::new_code;
use crate::error::RespondError;
use crate::permit::OwnerPermit;
use crate::port::{Delivery, Effect, Mail, Ports};
use model::account::CredentialVersion;
use model::id::{AccountId, Digest, Millis, ObjectId, RunId};
use model::plan::Purpose;
use model::policy::RecoveryPolicy;
use model::secret::Secret;
use store::Store;
use store::steps::{Case, CaseState};

/// How long an owner stays signed in to their case.
const SESSION_MS: i64 = 3_600_000;
const HOUR_MS: i64 = 3_600_000;

/// What a letter with a recovery code is made of.
pub struct CodeOrder {
    /// For which account.
    pub account: AccountId,
    /// The code, secret.
    pub code: Secret,
    /// When it was asked for, ms.
    pub asked_at: Millis,
}

/// Writes the letter with a recovery code.
pub type CodeLetters<'a> = dyn Fn(&CodeOrder) -> Result<store::notices::Words, String> + 'a;

/// Sends a recovery code to the contact trusted before the compromise, where the account has a case and a contact,
/// and the limit allows it. Whoever asked must be told the same in every case; what happened is only for the log.
///
/// # Errors
/// The ledger's or the service's.
pub fn ask_code(
    store: &Store,
    ports: &Ports<'_>,
    policy: &RecoveryPolicy,
    account: &AccountId,
    letters: &CodeLetters<'_>,
    mail_domain: &str,
) -> Result<bool, RespondError> {
    let Some(case) = open_case(store, account)? else { return Ok(false) };
    let contacts = store.read(|r| r.contacts(&case.plan, std::slice::from_ref(account)))?;
    let Some(contact) = contacts.into_iter().next() else { return Ok(false) };
    let Some(credential) = credential_now(ports, account)? else { return Ok(false) };
    let code = Secret::new(new_code(&ports.chance.bytes()).as_str());
    let now = ports.clock.now();
    let kept = store.write(now, |tx| {
        let limit = format!("recovery_codes:{account}");
        tx.reserve(&limit, now.div_euclid(HOUR_MS), 1, policy.codes_per_hour_max.into())?;
        tx.put_recovery_code(hash(account, &code), account, credential, now + policy.code_valid_ms)
    });
    match kept {
        Err(store::StoreError::Limit(_)) => return Ok(false),
        other => other?,
    }
    let order = CodeOrder { account: account.clone(), code, asked_at: now };
    let letter = letters(&order).map_err(|why| RespondError::Letter { account: account.clone(), why })?;
    let mail = Mail {
        message_id: format!("{}@{mail_domain}", Digest::of(&ports.chance.bytes()).hex()),
        to: contact.value,
        subject: letter.subject,
        text: letter.text,
        html: letter.html,
        date: now,
    };
    Ok(ports.mailer.send(&mail) == Delivery::Accepted)
}

/// Takes a recovery code; gives the secret of a session on the owner's own case, or nothing where the code is wrong,
/// used, late, or the credential has moved since it was sent.
///
/// # Errors
/// The ledger's or the service's.
pub fn enter_code(
    store: &Store,
    ports: &Ports<'_>,
    policy: &RecoveryPolicy,
    account: &AccountId,
    code: &Secret,
) -> Result<Option<Secret>, RespondError> {
    let current = credential_now(ports, account)?;
    let code = Secret::new(code.reveal().trim().to_uppercase());
    let session = Secret::new(Digest(ports.chance.bytes()).hex());
    let now = ports.clock.now();
    Ok(store.write(now, |tx| {
        let version = tx.use_recovery_code(hash(account, &code), account, policy.wrong_codes_max)?;
        if version.is_none() || version != current {
            return Ok(None);
        }
        tx.open_owner_session(session_hash(&session), account, now + SESSION_MS)?;
        Ok(Some(session))
    })?)
}

/// Whose case a session is on.
///
/// # Errors
/// The ledger's.
pub fn owner_of(store: &Store, session: &Secret, now: Millis) -> Result<Option<AccountId>, RespondError> {
    Ok(store.read(|r| r.owner_of_session(session_hash(session), now))?)
}

/// Sets the credential that the owner chose.
///
/// # Errors
/// Where it is shorter than the policy allows, or the ledger's or the service's.
pub fn choose_credential(
    store: &Store,
    ports: &Ports<'_>,
    policy: &RecoveryPolicy,
    account: &AccountId,
    chosen: &Secret,
) -> Result<Effect, RespondError> {
    let (length, least) = (chosen.reveal().chars().count(), policy.password_length_min);
    if length < least as usize {
        return Err(RespondError::TooShort { length, least });
    }
    let Some(guard) = credential_now(ports, account)? else {
        return Ok(Effect::PremiseGone { found: "this account has no credential to be chosen".to_owned() });
    };
    let permit = OwnerPermit::new(account.clone());
    let effect = ports.directory.choose_credential(&permit, &guard, chosen)?;
    if let (Effect::Done { .. }, Some(case)) = (&effect, open_case(store, account)?) {
        store.write(ports.clock.now(), |tx| tx.recovered(&case.run, account))?;
    }
    Ok(effect)
}

/// Shows objects again that the owner wants to keep: only such as our run, or an addendum to it, hid on this account.
///
/// # Errors
/// The ledger's or the service's.
pub fn keep_objects(
    store: &Store,
    ports: &Ports<'_>,
    account: &AccountId,
    wanted: &[ObjectId],
) -> Result<u64, RespondError> {
    let Some(case) = open_case(store, account)? else { return Ok(0) };
    let mut steps = Vec::new();
    for run in store.read(|r| r.with_addenda(&case.run))? {
        steps.extend(store.read(|r| r.steps(&run, std::slice::from_ref(account)))?);
    }
    let hidden: Vec<ObjectId> = steps.iter().flat_map(|s| s.act.hides()).cloned().collect();
    let kept: Vec<ObjectId> = hidden.into_iter().filter(|o| wanted.contains(o)).collect();
    if kept.is_empty() {
        return Ok(0);
    }
    // Kept in the ledger first: an undo that runs at the same time must know.
    store.write(ports.clock.now(), |tx| tx.keep_objects(&case.run, account, &kept))?;
    match ports.content.keep(&OwnerPermit::new(account.clone()), &kept)? {
        Effect::Done { count } => Ok(count),
        Effect::PremiseGone { .. } => Ok(0),
    }
}

/// *That was me*: it counts, and freezes further acts on the account. What it undoes is decided elsewhere, on proof.
///
/// # Errors
/// The ledger's; where there is no case, nothing can be disputed.
pub fn dispute(store: &Store, ports: &Ports<'_>, account: &AccountId) -> Result<Option<RunId>, RespondError> {
    let Some(case) = open_case(store, account)? else { return Ok(None) };
    store.write(ports.clock.now(), |tx| tx.dispute(&case.run, account))?;
    Ok(Some(case.run))
}

/// The account's latest case in which it was contained. The case of an undo or of an addendum is not the owner's: what they
/// say and keep is about what was done to them first.
fn open_case(store: &Store, account: &AccountId) -> Result<Option<Case>, RespondError> {
    Ok(store.read(|r| {
        for case in r.cases_of(account)? {
            let touched = matches!(case.state, CaseState::Done | CaseState::Failed);
            if touched && matches!(r.plan(&case.plan)?.header.purpose, Purpose::Contain | Purpose::Brake) {
                return Ok(Some(case));
            }
        }
        Ok(None)
    })?)
}

fn credential_now(ports: &Ports<'_>, account: &AccountId) -> Result<Option<CredentialVersion>, RespondError> {
    let states = ports.directory.snapshot(Some(std::slice::from_ref(account)))?;
    Ok(states.into_iter().next().and_then(|s| s.credential))
}

fn hash(account: &AccountId, code: &Secret) -> Digest {
    Digest::of(format!("rightful recovery code\0{account}\0{}", code.reveal()).as_bytes())
}

fn session_hash(session: &Secret) -> Digest {
    Digest::of(format!("rightful owner session\0{}", session.reveal()).as_bytes())
}

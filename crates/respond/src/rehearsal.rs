//! A rehearsal of a plan on the real service: everything a run does but its writes. It needs no consent, takes no
//! lease and leaves nothing in the ledger; what it finds is true of the moment it was made.

use crate::error::RespondError;
use crate::execute::prepare::stored_credentials;
use crate::execute::{LetterOrder, Letters, WasDone};
use crate::port::Ports;
use model::account::AccountState;
use model::id::{AccountId, NoticeCode, PlanId};
use model::plan::{Act, ActKind, Header, Template};
use model::seal::SealedEntry;
use std::collections::{BTreeMap, BTreeSet};
use store::Store;

/// Entries that are looked at together.
const BATCH: usize = 200;

/// What a run would meet now.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Rehearsal {
    /// Accounts of the plan.
    pub accounts: u64,
    /// Accounts that would be acted on.
    pub would_act: u64,
    /// How often each act would be done.
    pub acts: BTreeMap<ActKind, u64>,
    /// Accounts of which nothing would be done, with why.
    pub passed_over: Vec<(AccountId, String)>,
    /// Accounts whose credential is not the one in the plan any more: the service says in the act itself whether it is
    /// the same password under a new hash.
    pub moved: Vec<AccountId>,
    /// Letters that can be written, by what they say.
    pub letters: BTreeMap<Template, u64>,
    /// Letters that can't, with why: a run stops at the first.
    pub unwritten: Vec<(AccountId, String)>,
    /// Acts of the plan that the service would refuse by the permissions that we have, with why.
    pub forbidden: BTreeMap<ActKind, String>,
    /// Calls that read, and how long they took together, ms.
    pub reads: u64,
    /// As above.
    pub reads_ms: i64,
}

impl Rehearsal {
    /// Whether a run would stop, or be refused, at something that can be mended before.
    #[must_use]
    pub fn is_hindered(&self) -> bool {
        !self.unwritten.is_empty() || !self.forbidden.is_empty()
    }
}

/// Rehearses a sealed plan; `progress` is told after every batch how many accounts were looked at.
///
/// # Errors
/// Where the plan is not sealed or is for another service, or the ledger or the service can't be read.
pub fn rehearse(
    store: &Store,
    ports: &Ports<'_>,
    letters: &Letters<'_>,
    plan: &PlanId,
    progress: &dyn Fn(u64),
) -> Result<Rehearsal, RespondError> {
    let (sealed, values) = store.read(|r| Ok((r.sealed(plan)?, r.values(plan, None)?)))?;
    crate::arm::same_service(ports, &sealed.header().connector)?;
    let entries = values.into_iter().map(|v| sealed.open(v)).collect::<Result<Vec<_>, _>>()?;
    let mut found = Rehearsal { accounts: entries.len() as u64, ..Rehearsal::default() };
    let asked: BTreeSet<ActKind> = entries.iter().flat_map(|e| &e.entry().acts).map(Act::kind).collect();
    found.forbidden = timed(ports, &mut found, || ports.directory.forbidden())?;
    found.forbidden.retain(|act, _| asked.contains(act));
    let mut looked = 0;
    for batch in entries.chunks(BATCH) {
        look(store, ports, plan, batch, &mut found)?;
        write(store, ports, letters, sealed.header(), batch, &mut found)?;
        looked += batch.len() as u64;
        progress(looked);
    }
    Ok(found)
}

fn look(
    store: &Store,
    ports: &Ports<'_>,
    plan: &PlanId,
    batch: &[SealedEntry],
    found: &mut Rehearsal,
) -> Result<(), RespondError> {
    let accounts: Vec<AccountId> = batch.iter().map(|e| e.entry().account.clone()).collect();
    let frozen = store.read(|r| r.frozen(plan, &accounts))?;
    let states = timed(ports, found, || ports.directory.snapshot(Some(&accounts)))?;
    let states: BTreeMap<&AccountId, &AccountState> = states.iter().map(|s| (&s.record.account, s)).collect();
    for entry in batch.iter().map(SealedEntry::entry) {
        let account = &entry.account;
        let Some(state) = states.get(account) else {
            found
                .passed_over
                .push((account.clone(), "the service does not know this account any more".to_owned()));
            continue;
        };
        if frozen.contains(account) {
            found.passed_over.push((account.clone(), "its owner says: that was me".to_owned()));
            continue;
        }
        let guard = entry.acts.iter().find_map(Act::guard);
        match (guard, state.credential) {
            (Some(_), None) => {
                let why = "it has no credential any more; draft again to see what it is now";
                found.passed_over.push((account.clone(), why.to_owned()));
                continue;
            }
            (Some(guard), Some(now)) if guard != now => found.moved.push(account.clone()),
            (Some(_) | None, _) => {}
        }
        found.would_act += 1;
        for act in &entry.acts {
            *found.acts.entry(act.kind()).or_default() += 1;
        }
    }
    // What would be sealed before it is replaced must be readable; it is looked at and let go.
    timed(ports, found, || stored_credentials(ports, batch)).map(drop)
}

/// Writes the letters as if everything were done that is planned.
fn write(
    store: &Store,
    ports: &Ports<'_>,
    letters: &Letters<'_>,
    header: &Header,
    batch: &[SealedEntry],
    found: &mut Rehearsal,
) -> Result<(), RespondError> {
    let (at, code) = (ports.clock.now(), NoticeCode::new("0000-0000-0000"));
    let written: Vec<_> = store.read(|r| {
        let write = |entry| {
            let done = WasDone::as_planned(entry, at);
            (entry, letters(r, &LetterOrder { header, entry, code: &code, done, at }))
        };
        Ok(batch.iter().map(SealedEntry::entry).map(write).collect())
    })?;
    for (entry, letter) in written {
        match letter {
            Ok(_) => *found.letters.entry(entry.notice).or_default() += 1,
            Err(why) => found.unwritten.push((entry.account.clone(), why)),
        }
    }
    Ok(())
}

/// Every read is made here, and counted.
fn timed<T, E>(
    ports: &Ports<'_>,
    found: &mut Rehearsal,
    call: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    let began = ports.clock.steady();
    let answer = call();
    found.reads += 1;
    found.reads_ms += ports.clock.steady() - began;
    answer
}

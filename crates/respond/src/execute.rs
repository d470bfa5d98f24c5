//! The executor: carries out one wave of an armed plan, batch by batch, with the intent committed before the first
//! call and the outcome after the last. It makes no choice.

mod ends;
mod holds;
mod letters;
pub(crate) mod prepare;
mod record;
mod work;

pub use holds::{HoldsEnded, end_due_holds};
pub use letters::{LetterOrder, Letters, WasDone};

use self::ends::{Acted, Telling, case_state, changed, stuck_by};
use self::prepare::{Means, Prepared};
use self::work::{Work, hold_end, works};
use crate::arm::same_service;
use crate::consent;
use crate::error::RespondError;
use crate::halt::HaltFile;
use crate::permit::Permit;
use crate::port::Ports;
use crate::step::{self, StepEnd};
use crate::vault::{KeyRing, RunKey};
use model::id::{AccountId, Millis, RunId};
use model::mutant::{self, Mutant};
use model::plan::{Act, Purpose};
use model::policy::Policy;
use model::run::{RunState, StepState, Stuck};
use model::seal::{Sealed, SealedEntry};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use store::Store;
use store::hidden::Hiding;
use store::holds::Holding;
use store::steps::{CaseState, Outcome};

/// How long a process holds a run before another may take it; renewed with every batch.
const LEASE_MS: i64 = 60_000;

/// Everything a run is carried out with.
pub struct Executor<'a> {
    /// The ledger.
    pub store: &'a Store,
    /// The service, mail, time and chance.
    pub ports: Ports<'a>,
    /// The keys that wrap the runs' keys.
    pub master: &'a KeyRing,
    /// Where a halt may lie.
    pub halt: &'a HaltFile,
    /// Writes letters.
    pub letters: &'a Letters<'a>,
    /// The domain of our Message-IDs.
    pub mail_domain: &'a str,
    /// This process start, by a name nobody else has.
    pub holder: &'a str,
    /// Told after every batch: accounts settled so far in this wave.
    pub progress: &'a (dyn Fn(u64) + Sync),
}

/// How a wave ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WaveEnd {
    /// Each of its accounts has an outcome.
    Through,
    /// The run was halted; what was begun is settled, nothing new was started.
    Halted(String),
    /// The hour's limit is used up; nothing is started before this moment, ms.
    Paced(Millis),
}

/// A run as the executor holds it: consented, leased, with its plan under the seal.
pub(crate) struct Held {
    pub(crate) run: RunId,
    pub(crate) plan: Sealed,
    pub(crate) policy: Policy,
    pub(crate) key: RunKey,
    /// For an undo: the run that is undone, with its key while its undo window is open.
    pub(crate) undone: Option<(RunId, Option<RunKey>)>,
    pub(crate) fence: u64,
}

impl Executor<'_> {
    /// Carries out wave `wave`, or what is left of it. Accounts that an earlier process left open are settled first.
    ///
    /// # Errors
    /// Where consent, seal, lease, service or ledger does not hold. What was begun stays in the ledger as intended
    /// and is settled by the next call.
    pub fn wave(&self, run: &RunId, wave: u32) -> Result<WaveEnd, RespondError> {
        let held = self.hold(run)?;
        self.settle_open(&held)?;
        let begun = self.store.read(|r| Ok(r.waves(run)?.iter().any(|w| w.wave == wave)))?;
        if !begun {
            if let Some(end) = self.stopped(&held)? {
                return Ok(end);
            }
            self.write(&held, |tx| Ok(tx.begin_wave(run, wave)?))?;
        }
        let mut settled = 0;
        loop {
            if let Some(end) = self.stopped(&held)? {
                return Ok(end);
            }
            let values = self.store.read(|r| r.to_do(run, wave, held.policy.run.batch_accounts))?;
            if values.is_empty() {
                break;
            }
            settled += values.len() as u64;
            let entries =
                values.into_iter().map(|v| held.plan.open(v)).collect::<Result<Vec<SealedEntry>, _>>()?;
            if let Some(end) = self.batch(&held, &entries)? {
                return Ok(end);
            }
            (self.progress)(settled);
        }
        self.write(&held, |tx| Ok(tx.end_wave(run, wave)?))?;
        self.store.write(self.ports.clock.now(), |tx| tx.give_back_lease(&lease_name(run), held.fence))?;
        Ok(WaveEnd::Through)
    }

    /// Settles what an earlier process left open (intended, or unknown), by asking the service. Nothing new is begun,
    /// so that it may be called on a halted run.
    ///
    /// # Errors
    /// As [`Executor::wave`].
    pub fn settle(&self, run: &RunId) -> Result<u64, RespondError> {
        let held = self.hold(run)?;
        let open = self.settle_open(&held)?;
        self.store.write(self.ports.clock.now(), |tx| tx.give_back_lease(&lease_name(run), held.fence))?;
        Ok(open)
    }

    /// Tries again what is stuck in an undo and may be helped by it.
    ///
    /// # Errors
    /// As [`Executor::wave`].
    pub fn retry_stuck(&self, run: &RunId, by: &str) -> Result<u64, RespondError> {
        let held = self.hold(run)?;
        if self.halt.is_there() {
            return Ok(0);
        }
        let taken = self.write(&held, |tx| Ok(tx.retry_stuck(run, by)?))?;
        self.settle_open(&held)?;
        self.store.write(self.ports.clock.now(), |tx| tx.give_back_lease(&lease_name(run), held.fence))?;
        Ok(taken)
    }

    fn hold(&self, run: &RunId) -> Result<Held, RespondError> {
        let now = self.ports.clock.now();
        self.store.write_with(now, |tx| {
            let row = tx.run(run)?;
            // Consent may end while a run goes on: it is asked for before each wave, of the digest that was armed.
            let digest = match mutant::is_on(Mutant::SkipsConsent) {
                true => row.digest,
                false => consent::check(tx, &row.plan, now)?,
            };
            let plan = tx.sealed(&row.plan)?;
            if digest != row.digest {
                return Err(model::seal::SealError::Digest { found: digest, expected: row.digest }.into());
            }
            same_service(&self.ports, &plan.header().connector)?;
            let lease = tx.lease(&lease_name(run), self.holder, now + LEASE_MS)?;
            let fence = match lease {
                Some(fence) => fence,
                None if mutant::is_on(Mutant::TakesAnyLease) => {
                    tx.lease_holder(&lease_name(run), now)?.map_or(0, |(_, fence)| fence)
                }
                None => return Err(RespondError::Leased { run: run.clone() }),
            };
            let key = self.key_of(tx, run)?;
            let undone = match &plan.header().purpose {
                Purpose::Contain | Purpose::Brake => None,
                Purpose::Undo { run: of } => {
                    let key = match self.key_of(tx, of) {
                        Ok(key) => Some(key),
                        // Its window is over: what only releases still may, what restores says why it can't.
                        Err(RespondError::KeyGone { .. }) => None,
                        Err(other) => return Err(other),
                    };
                    Some((of.clone(), key))
                }
            };
            let policy = tx.policy_of(&row.plan)?;
            Ok(Held { run: run.clone(), plan, policy, key, undone, fence })
        })
    }

    fn key_of(&self, read: &store::Read, run: &RunId) -> Result<RunKey, RespondError> {
        let (id, wrapped) = read.run_key(run)?.ok_or_else(|| RespondError::KeyGone { run: run.clone() })?;
        self.master.unwrap(run, &id, &wrapped)
    }

    /// A write by the holder of the run's lease, which it renews.
    fn write<T>(
        &self,
        held: &Held,
        act: impl FnOnce(&store::Tx) -> Result<T, RespondError>,
    ) -> Result<T, RespondError> {
        let now = self.ports.clock.now();
        self.store.write_with(now, |tx| {
            let name = lease_name(&held.run);
            if !mutant::is_on(Mutant::IgnoresFence) {
                tx.insist_on_lease(&name, held.fence)?;
            }
            tx.lease(&name, self.holder, now + LEASE_MS)?;
            act(tx)
        })
    }

    /// Whether nothing new may be started: the file, or the run's own state.
    fn stopped(&self, held: &Held) -> Result<Option<WaveEnd>, RespondError> {
        if self.halt.is_there() && !mutant::is_on(Mutant::IgnoresHaltFile) {
            let reason = format!("the file {} is there", self.halt.path().display());
            self.store.write(self.ports.clock.now(), |tx| tx.halt_run(&held.run, "rightful", &reason))?;
            return Ok(Some(WaveEnd::Halted(reason)));
        }
        let row = self.store.read(|r| r.run(&held.run))?;
        Ok((row.state != RunState::Running).then(|| {
            WaveEnd::Halted(row.reason.unwrap_or_else(|| format!("the run is {}", row.state.as_str())))
        }))
    }

    fn batch(&self, held: &Held, entries: &[SealedEntry]) -> Result<Option<WaveEnd>, RespondError> {
        let Prepared { go, passed } = match prepare::prepare(self, held, entries) {
            Err(behind @ RespondError::LedgerBehind { .. }) => {
                let reason = behind.to_string();
                // By the lease's holder alone: to one who lost it, what another does looks like this too.
                self.write(held, |tx| Ok(tx.halt_run(&held.run, "rightful", &reason)?))?;
                return Ok(Some(WaveEnd::Halted(reason)));
            }
            other => other?,
        };
        let now = self.ports.clock.now();
        let hour = now.div_euclid(HOUR_MS);
        let intents: Vec<_> = go.iter().map(|g| g.intent(entries)).collect();
        if mutant::is_on(Mutant::CallsBeforeIntent) {
            self.act_all(held, &works(entries, &go, now));
        }
        let kept = self.write(held, |tx| {
            let limit = held.policy.run.accounts_per_hour_max;
            if !mutant::is_on(Mutant::ActsBeyondLimit) {
                tx.reserve("accounts_per_hour", hour, intents.len() as u64, limit)?;
            }
            tx.intend(&held.run, &intents)?;
            for (state, who) in &passed {
                let who: Vec<_> = who.iter().map(|(i, why)| (&entries[*i], why.clone())).collect();
                tx.pass_over(&held.run, *state, &who)?;
            }
            Ok(())
        });
        match kept {
            Err(RespondError::Store(store::StoreError::Limit(_))) => {
                return Ok(Some(WaveEnd::Paced((hour + 1) * HOUR_MS)));
            }
            other => other?,
        }
        self.act_and_record(held, &works(entries, &go, now))?;
        Ok(None)
    }

    fn settle_open(&self, held: &Held) -> Result<u64, RespondError> {
        let open = self.store.read(|r| r.open_cases(&held.run))?;
        let accounts: Vec<AccountId> = open.into_iter().map(|c| c.account).collect();
        for chunk in accounts.chunks(held.policy.run.batch_accounts.try_into().unwrap_or(usize::MAX)) {
            let plan = &held.plan.header().plan;
            let (values, steps, holds) = self.store.read(|r| {
                Ok((r.values_of(plan, chunk)?, r.steps(&held.run, chunk)?, r.holds(&held.run, chunk)?))
            })?;
            let entries =
                values.into_iter().map(|v| held.plan.open(v)).collect::<Result<Vec<SealedEntry>, _>>()?;
            let mut means = prepare::means(self, held, &entries)?;
            let work: Vec<Work<'_>> = entries
                .iter()
                .map(|entry| {
                    let account = &entry.entry().account;
                    let ended = |s: &&store::steps::Step| {
                        s.account == *account && !matches!(s.state, StepState::Intended | StepState::Unknown)
                    };
                    let done = steps.iter().filter(ended).map(|s| (s.place, s.state)).collect();
                    let hold = holds.iter().find(|h| h.account == *account);
                    let means = Means {
                        hold_ends_at: hold.map(|h| h.ends_at),
                        ..means.remove(account).unwrap_or_default()
                    };
                    let instead = steps
                        .iter()
                        .any(|s| s.account == *account && s.place as usize >= entry.entry().acts.len());
                    Work { entry, means, done, resumed: true, instead }
                })
                .collect();
            self.act_and_record(held, &work)?;
        }
        Ok(accounts.len() as u64)
    }

    /// Calls the service for each account, a few at once, and keeps what came of it.
    ///
    /// Where a credential has moved since sealing, what was sealed for that case follows: its intents are kept with the
    /// outcome that says so, and only then the service is called again.
    fn act_and_record(&self, held: &Held, work: &[Work<'_>]) -> Result<(), RespondError> {
        let ended = self.act_all(held, work);
        if mutant::is_on(Mutant::ForgetsOutcomes) {
            return Ok(());
        }
        let moved = self.record(held, &ended)?;
        let again: Vec<Work<'_>> = ended
            .iter()
            .filter(|a| moved.contains_key(&a.entry.entry().account))
            .map(|a| Work {
                entry: a.entry,
                means: Means {
                    hold_ends_at: moved.get(&a.entry.entry().account).copied(),
                    ..Means::default()
                },
                done: a.ends.clone(),
                resumed: false,
                instead: true,
            })
            .collect();
        if !again.is_empty() {
            self.record(held, &self.act_all(held, &again))?;
        }
        Ok(())
    }

    /// Calls the service for each account, a few at once.
    fn act_all<'a>(&self, held: &Held, work: &[Work<'a>]) -> Vec<Acted<'a>> {
        let next = AtomicUsize::new(0);
        let ended = Mutex::new(Vec::with_capacity(work.len()));
        let hands = (held.policy.run.parallel as usize).min(work.len());
        std::thread::scope(|scope| {
            for _ in 0..hands {
                scope.spawn(|| {
                    while let Some(one) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let result = self.act(held, one);
                        ended.lock().unwrap_or_else(std::sync::PoisonError::into_inner).push(result);
                    }
                });
            }
        });
        let mut ended: Vec<Acted<'a>> = ended.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        ended.sort_by(|a, b| a.entry.entry().account.cmp(&b.entry.entry().account));
        ended
    }

    /// All acts on one account, in their order. Where the first premise is gone nothing more is done to it; where an
    /// answer is lost the rest waits until it is known.
    fn act<'a>(&self, held: &Held, work: &Work<'a>) -> Acted<'a> {
        let entry = work.entry.entry();
        let mut ends: Vec<(u32, StepState)> = work.done.clone();
        let mut is_moved = false;
        let first = if work.instead { entry.acts.len() } else { 0 };
        let last = if work.instead { entry.acts.len() + entry.if_moved.len() } else { entry.acts.len() };
        let mut outcomes = Vec::new();
        let mut ours = None;
        let (mut hiding, mut holding, mut released) = (None, None, false);
        let mut stuck = None;
        let mut reason = work.instead.then(|| INSTEAD.to_owned());
        for (place, act) in (0_u32..).zip(entry.places()).take(last).skip(first) {
            if ends.iter().any(|(p, _)| *p == place) {
                continue;
            }
            let end = self.one(held, work, place, act, &ends);
            if end.state != StepState::Done && reason.is_none() {
                reason = Some(format!("{}: {}", act.kind().as_str(), end.result));
            }
            is_moved |= end.is_moved;
            stuck = stuck.or_else(|| stuck_by(act, &end).filter(|_| held.undone.is_some()));
            if let Some(version) = end.ours {
                ours = Some((entry.account.clone(), version));
            }
            let answer_was_lost = end.answer_was_lost || work.resumed;
            // Where an answer was lost and nothing more is known it stays intended, and ends by its time.
            if act.holds_ms().is_some() && (end.off_by_us.is_some() || !answer_was_lost) {
                holding =
                    Some(Holding { account: entry.account.clone(), off: end.off_by_us, answer_was_lost });
            }
            released |= *act == Act::Release && end.state == StepState::Done;
            let changed = changed(act, &end, answer_was_lost);
            if let (Act::HideObjects { .. }, Some((turned, gone))) = (act, end.turned) {
                hiding = Some(Hiding { account: entry.account.clone(), turned, gone, answer_was_lost });
            }
            ends.push((place, end.state));
            outcomes.push(Outcome {
                account: entry.account.clone(),
                place,
                state: end.state,
                attempts: end.attempts,
                result: Some(end.result),
                changed,
            });
            if end.state == StepState::Unknown {
                break;
            }
        }
        let mut state = case_state(&ends);
        if stuck.is_some() && state != CaseState::Unknown {
            state = CaseState::Stuck;
        }
        let stuck = stuck.filter(|_| state == CaseState::Stuck);
        let touched = ends.iter().any(|(_, s)| *s == StepState::Done);
        let is_open = state == CaseState::Unknown && !mutant::is_on(Mutant::TellsBeforeItIsKnown);
        let telling = if is_open || stuck.is_some_and(Stuck::may_be_tried_again) {
            Telling::Wait
        } else if touched {
            Telling::Due
        } else {
            Telling::Void
        };
        Acted {
            entry: work.entry,
            is_moved,
            instead: work.instead,
            ends,
            outcomes,
            ours,
            hiding,
            holding,
            released,
            state,
            reason,
            telling,
            stuck,
        }
    }

    fn one(
        &self,
        held: &Held,
        work: &Work<'_>,
        place: u32,
        act: &Act,
        before: &[(u32, StepState)],
    ) -> StepEnd {
        // The premise of all that follows is the credential named, or for a restore that sessions are ended.
        let premise_gone = before.iter().any(|(p, state)| {
            let guards = matches!(
                work.entry.entry().places().nth(*p as usize),
                Some(Act::RequireNewCredential { .. } | Act::EndSessions)
            );
            guards
                && matches!(
                    (state, act),
                    (StepState::Skipped, _) | (StepState::Failed, Act::RestoreCredential)
                )
                && !mutant::is_on(Mutant::RestoresBesideSessions)
        });
        let permit = Permit::new(work.entry, place as usize);
        match permit {
            Some(permit) if !premise_gone || work.instead => {
                let means = step::Means {
                    random: held.key.credential_for(&permit),
                    old: work.means.old.clone(),
                    hold_ends_at: work.means.hold_ends_at,
                    contacts: work.means.contacts.clone(),
                    factors: work.means.factors.clone(),
                };
                step::perform(&self.ports, &permit, act, &means, held.policy.run.attempts_max)
            }
            Some(_) | None => StepEnd {
                is_out_of_order: true,
                ..StepEnd::skipped("an earlier act of this account was not done")
            },
        }
    }
}

const HOUR_MS: i64 = 3_600_000;
/// Why an account is settled by what was sealed for a credential that has moved.
const INSTEAD: &str = "its credential was changed after sealing: what was sealed for that case was done";

/// The name of the lease that whoever works on a run holds.
#[must_use]
pub fn lease_name(run: &RunId) -> String {
    format!("run:{run}")
}

//! The executor: carries out one wave of an armed plan, batch by batch, with the intent committed before the first
//! call and the outcome after the last. It makes no choice.

mod act;
mod ends;
mod holds;
mod letters;
pub(crate) mod prepare;
mod probes;
mod record;
mod waits;
mod work;

pub use holds::{HoldsEnded, end_due_holds};
pub use letters::{LetterOrder, Letters, WasDone};
pub use probes::is_to_be_tried;
pub use waits::{Pause, Waits};

use self::prepare::{Means, Prepared};
use self::waits::Waiting;
use self::work::{Work, works};
use crate::arm::same_service;
use crate::consent;
use crate::error::RespondError;
use crate::halt::HaltFile;
use crate::pace::Pace;
use crate::port::Ports;
use crate::vault::{KeyRing, RunKey};
use model::id::{AccountId, Millis, RunId};
use model::mutant::{self, Mutant};
use model::plan::Purpose;
use model::policy::Policy;
use model::run::{RunState, StepState};
use model::seal::{Sealed, SealedEntry};
use std::collections::BTreeSet;
use store::Store;

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
    /// Nothing was begun: it can't be told whether a probe account of the wave can be got into now.
    Unproved(String),
    /// Nothing is started before this moment, ms; the wave stays open.
    Paced(Millis, Pause),
}

/// What a run is held for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum To {
    /// To begin with accounts, or to try again what failed.
    Begin,
    /// To bring to an end what was begun.
    Settle,
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
    /// What calls to the service keep to.
    pub(crate) pace: Pace,
}

impl Executor<'_> {
    /// Carries out wave `wave`, or what is left of it. Accounts that an earlier process left open are settled first.
    ///
    /// # Errors
    /// Where consent, seal, lease, service or ledger does not hold. What was begun stays in the ledger as intended
    /// and is settled by the next call.
    pub fn wave(&self, run: &RunId, wave: u32) -> Result<WaveEnd, RespondError> {
        let held = self.hold(run, To::Begin)?;
        if let Some(end) = self.settle_open(&held, &BTreeSet::new())? {
            return self.given_back(&held, end);
        }
        let waves = self.store.read(|r| r.waves(run))?;
        let begun = waves.iter().find(|w| w.wave == wave);
        if begun.is_some_and(|w| w.ended_at.is_some()) {
            // Another operator was sooner, between the caller's look and the lease.
            return self.given_back(&held, WaveEnd::Through);
        }
        if begun.is_none() {
            if let Some(end) = self.stopped(&held)? {
                return self.given_back(&held, end);
            }
            if let Some(end) = self.prove(&held, wave)? {
                self.give_back(&held)?;
                return Ok(end);
            }
            self.write(&held, |tx| Ok(tx.begin_wave(run, wave)?))?;
        }
        let (mut settled, mut line, mut waiting) = (0, 0, Waiting::default());
        loop {
            if let Some(end) = self.stopped(&held)? {
                return self.given_back(&held, end);
            }
            let values = self.store.read(|r| r.to_do(run, wave, line, held.policy.run.batch_accounts))?;
            let Some(last) = values.last() else { break };
            line = last.n;
            let entries =
                values.into_iter().map(|v| held.plan.open(v)).collect::<Result<Vec<SealedEntry>, _>>()?;
            let due = self.due(&held, entries, &mut waiting)?;
            if due.is_empty() {
                continue;
            }
            if let Some(end) = self.batch(&held, &due)? {
                return self.given_back(&held, end);
            }
            settled += due.len() as u64;
            (self.progress)(settled);
        }
        if let Some(until) = waiting.until {
            return self.given_back(&held, WaveEnd::Paced(until, Pause::Accounts(waiting.waits)));
        }
        self.write(&held, |tx| Ok(tx.end_wave(run, wave)?))?;
        self.given_back(&held, WaveEnd::Through)
    }

    /// The lease is given back: whoever comes next need not wait for its end.
    fn given_back(&self, held: &Held, end: WaveEnd) -> Result<WaveEnd, RespondError> {
        self.give_back(held)?;
        Ok(end)
    }

    /// Settles what an earlier process left open (intended, or unknown), by asking the service. Nothing new is begun,
    /// so that it may be called on a halted run, and on one whose consents have ended; there what the service is too busy for stays open. Gives why nothing
    /// more may be started, where that is so.
    ///
    /// # Errors
    /// As [`Executor::wave`].
    pub fn settle(&self, run: &RunId) -> Result<Option<WaveEnd>, RespondError> {
        let held = self.hold(run, To::Settle)?;
        let end = self.settle_open(&held, &BTreeSet::new())?;
        self.give_back(&held)?;
        Ok(end)
    }

    /// Tries again what is stuck in an undo and may be helped by it.
    ///
    /// # Errors
    /// As [`Executor::wave`].
    pub fn retry_stuck(&self, run: &RunId, by: &str) -> Result<u64, RespondError> {
        let held = self.hold(run, To::Begin)?;
        if self.halt.is_there() {
            return Ok(0);
        }
        // First what a dead process left open: of all others each call was answered.
        self.settle_open(&held, &BTreeSet::new())?;
        let taken = self.write(&held, |tx| Ok(tx.retry_stuck(run, by)?))?;
        let taken: BTreeSet<AccountId> = taken.into_iter().collect();
        self.settle_open(&held, &taken)?;
        self.give_back(&held)?;
        Ok(taken.len() as u64)
    }

    fn hold(&self, run: &RunId, to: To) -> Result<Held, RespondError> {
        let now = self.ports.clock.now();
        self.store.write_with(now, |tx| {
            let row = tx.run(run)?;
            // Consent may end while a run goes on: it is asked for before each wave. What was begun under it is settled all
            // the same, so that nobody is left half contained when its time is over.
            match to {
                To::Begin if !mutant::is_on(Mutant::SkipsConsent) => {
                    consent::check(tx, &row.plan, now)?;
                }
                To::Begin | To::Settle => {}
            }
            let plan = tx.sealed(&row.plan)?;
            if plan.digest() != row.digest {
                let (found, expected) = (plan.digest(), row.digest);
                return Err(model::seal::SealError::Digest { found, expected }.into());
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
                Purpose::Contain | Purpose::Brake | Purpose::Addendum { .. } => None,
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
            let pace = Pace::new(&policy.run, &plan.header().connector, &self.ports.rate);
            Ok(Held { run: run.clone(), plan, policy, key, undone, fence, pace })
        })
    }

    fn give_back(&self, held: &Held) -> Result<(), RespondError> {
        let now = self.ports.clock.now();
        Ok(self.store.write(now, |tx| tx.give_back_lease(&lease_name(&held.run), held.fence))?)
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
        let prepared = loop {
            match prepare::prepare(self, held, entries) {
                // It writes nothing, and is done anew when the service no longer wants to be left alone.
                Err(RespondError::Port(busy)) if held.pace.heard(&busy, self.ports.clock.now()) => {
                    if let Some(end) = self.wait_out(held)? {
                        return Ok(Some(end));
                    }
                }
                other => break other,
            }
        };
        let Prepared { go, passed } = match prepared {
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
            let counts = |probe: bool| !probe || mutant::is_on(Mutant::CountsProbes);
            let owners = intents.iter().filter(|i| counts(i.entry.entry().is_probe())).count() as u64;
            if !mutant::is_on(Mutant::ActsBeyondLimit) {
                tx.reserve("accounts_per_hour", hour, owners, limit)?;
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
                return Ok(Some(WaveEnd::Paced((hour + 1) * HOUR_MS, Pause::Hour)));
            }
            other => other?,
        }
        self.act_and_record(held, works(entries, &go, now))
    }

    /// Settles what is open; `answered` are accounts of which no process left a call without an answer.
    fn settle_open(
        &self,
        held: &Held,
        answered: &BTreeSet<AccountId>,
    ) -> Result<Option<WaveEnd>, RespondError> {
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
                    let of_it = steps.iter().filter(|s| s.account == *account);
                    let lost = of_it.filter_map(|s| Some((s.place, s.lost_at?))).collect();
                    let hold = holds.iter().find(|h| h.account == *account);
                    let means = Means {
                        hold_ends_at: hold.map(|h| h.ends_at),
                        ..means.remove(account).unwrap_or_default()
                    };
                    let instead = steps
                        .iter()
                        .any(|s| s.account == *account && s.place as usize >= entry.entry().acts.len());
                    let left_open = !answered.contains(account);
                    Work { done, resumed: true, left_open, lost, instead, ..Work::new(entry, means) }
                })
                .collect();
            if let Some(end) = self.act_and_record(held, work)? {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }
}

const HOUR_MS: i64 = 3_600_000;

/// The name of the lease that whoever works on a run holds.
#[must_use]
pub fn lease_name(run: &RunId) -> String {
    format!("run:{run}")
}

//! Probe accounts of a run, really tried: before their wave, since what was refused before proves nothing after; and after
//! it, before its gate. What that means is decided elsewhere; here it is tried and kept.

use super::{Executor, Held, To, WaveEnd};
use crate::error::RespondError;
use crate::permit::TrialPermit;
use crate::port;
use crate::probe;
use model::id::{AccountId, RunId};
use model::mutant::{self, Mutant};
use model::probe::{ProbeKind, Side, Tried};
use model::seal::SealedEntry;
use std::collections::BTreeMap;
use store::probes::{ProbeRow, SealedProbe, Trial};
use store::steps::CaseState;

/// What is held, by account and kind.
type Keep = BTreeMap<(AccountId, ProbeKind), SealedProbe>;

impl Executor<'_> {
    /// Tries the probes of a wave before it begins. Where one is refused the run halts; where one can't be told, nothing is
    /// begun now.
    pub(super) fn prove(&self, held: &Held, wave: u32) -> Result<Option<WaveEnd>, RespondError> {
        let values = self.store.read(|r| r.probe_values(&held.plan.header().plan))?;
        let of_wave = values.into_iter().filter(|v| v.entry.wave == wave);
        let entries = of_wave.map(|v| held.plan.open(v)).collect::<Result<Vec<SealedEntry>, _>>()?;
        if entries.is_empty() {
            return Ok(None);
        }
        let keep = self.keep()?;
        let mut trials = Vec::new();
        for entry in &entries {
            for kind in &entry.entry().tries {
                trials.push(match mutant::is_on(Mutant::BeginsUnproved) {
                    true => untried(entry, *kind, Tried::Accepted),
                    false => self.attempt(entry, *kind, keep.get(&(entry.entry().account.clone(), *kind)))?,
                });
            }
        }
        let worst = |outcome: Tried| trials.iter().find(|t| t.outcome == outcome);
        let end = match (worst(Tried::Refused), worst(Tried::CantTell)) {
            (Some(dead), _) => Some(WaveEnd::Halted(format!(
                "probe account {}: its {} is refused before anything was done to it, so that it proves nothing; give it a new \
                 one (rightful probe add {}), then start the run again; a new password needs a new plan",
                dead.account,
                dead.kind.as_str(),
                dead.account
            ))),
            (None, Some(dark)) => Some(WaveEnd::Unproved(format!(
                "probe account {}: whether its {} is accepted can't be told ({}); tried again, and nothing is begun before",
                dark.account,
                dark.kind.as_str(),
                dark.saying.as_deref().unwrap_or("no answer")
            ))),
            (None, None) => None,
        };
        self.write(held, |tx| {
            tx.put_trials(&held.run, Side::Before, &trials)?;
            if let Some(WaveEnd::Halted(why)) = &end {
                tx.halt_run(&held.run, "rightful", why)?;
            }
            Ok(())
        })?;
        Ok(end)
    }

    /// Tries the probes of the waves that are through, as far as it is not known yet what came of them. Where an act on one
    /// failed it is done again before: what was never ended shows nothing.
    ///
    /// # Errors
    /// As [`Executor::wave`].
    pub fn try_probes(&self, run: &RunId) -> Result<(), RespondError> {
        let held = self.hold(run, To::Begin)?;
        let again = self.write(&held, |tx| Ok(tx.retry_probes(run)?))?;
        if !again.is_empty() {
            // Each call of theirs was answered. What the service is too busy for stays intended, and is not tried yet.
            self.settle_open(&held, &again.into_iter().collect())?;
        }
        let rows = self.store.read(|r| r.probe_rows(run))?;
        let open: Vec<ProbeRow> =
            rows.into_iter().filter(is_to_be_tried).filter(|p| p.case != Some(CaseState::Failed)).collect();
        let accounts: Vec<AccountId> = open.iter().map(|p| p.account.clone()).collect();
        let plan = &held.plan.header().plan;
        let values = self.store.read(|r| r.values_of(plan, &accounts))?;
        let cases = self.store.read(|r| r.probe_cases(run))?;
        let keep = self.keep()?;
        let mut trials = Vec::new();
        for value in values {
            let entry = held.plan.open(value)?;
            let account = &entry.entry().account;
            let intended_at = cases.iter().find(|c| c.account == *account).map(|c| c.intended_at);
            for row in open.iter().filter(|p| p.account == *account) {
                // What was given anew since was never contained.
                let held = keep.get(&(account.clone(), row.kind));
                let held = held.filter(|h| intended_at.is_some_and(|at| h.armed_at <= at));
                trials.push(match mutant::is_on(Mutant::BelievesTheService) {
                    true => untried(&entry, row.kind, Tried::Refused),
                    false => self.attempt(&entry, row.kind, held)?,
                });
            }
        }
        self.write(&held, |tx| Ok(tx.put_trials(run, Side::After, &trials)?))?;
        self.give_back(&held)
    }

    fn keep(&self) -> Result<Keep, RespondError> {
        let all = self.store.read(store::Read::probe_credentials)?;
        Ok(all.into_iter().map(|c| ((c.account.clone(), c.kind), c)).collect())
    }

    fn attempt(
        &self,
        entry: &SealedEntry,
        kind: ProbeKind,
        held: Option<&SealedProbe>,
    ) -> Result<Trial, RespondError> {
        let (outcome, saying) = match (TrialPermit::new(entry), held) {
            (Some(permit), Some(held)) => {
                let secret = probe::open(self.master, held)?;
                match self.ports.prober.try_credential(&permit, kind, &secret) {
                    port::Trial::Accepted => (Tried::Accepted, None),
                    port::Trial::Refused => (Tried::Refused, None),
                    port::Trial::CantTell(why) => (Tried::CantTell, Some(why)),
                }
            }
            (_, None) => {
                (Tried::CantTell, Some("it is not held any more, or was given anew since".to_owned()))
            }
            (None, Some(_)) => (Tried::CantTell, Some("the plan does not name it as a probe".to_owned())),
        };
        let account = entry.entry().account.clone();
        Ok(Trial { account, kind, wave: entry.entry().wave, outcome, saying })
    }
}

/// What the broken twins keep of a credential that they do not try.
fn untried(entry: &SealedEntry, kind: ProbeKind, outcome: Tried) -> Trial {
    let entry = entry.entry();
    Trial { account: entry.account.clone(), kind, wave: entry.wave, outcome, saying: None }
}

/// Whether a credential's turn has come and what came of it is not known.
#[must_use]
pub fn is_to_be_tried(row: &ProbeRow) -> bool {
    let is_settled = match row.case {
        None | Some(CaseState::Intended | CaseState::Unknown) => false,
        Some(
            CaseState::Done | CaseState::Skipped | CaseState::Failed | CaseState::Frozen | CaseState::Stuck,
        ) => true,
    };
    is_settled && matches!(row.after, None | Some(Tried::CantTell))
}

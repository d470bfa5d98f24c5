//! Addenda: how the accounts of a run stand for whoever would add to what was done to them, what was added, and the one
//! check that an addendum is of accounts that its run contained, and hides objects alone.

use crate::cell::{Cell, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use crate::plans::PlanRow;
use model::addendum::{Parent, Part, Standing};
use model::id::{AccountId, Digest, EventId, ObjectId, PlanId, RunId};
use model::mutant::{self, Mutant};
use model::plan::{Act, Entry, PlanState, Purpose};
use model::seal::Value;
use model::verdict::Hand;
use std::collections::{BTreeMap, BTreeSet};

/// Plans that are sealed and may still be carried out, or were.
const STANDS: &str = "p.digest IS NOT NULL AND p.state NOT IN ('refused', 'expired')";

impl Tx {
    /// Insists that an addendum adds to what its run did: only accounts that are contained, and of each only objects
    /// that are hidden, none of them named before; and keeps which accounts these are.
    pub(crate) fn check_addendum(
        &self,
        plan: &PlanId,
        (run, to): (&RunId, &Digest),
        values: &[Value],
    ) -> Result<(), StoreError> {
        let refuse = |why: String| Err(StoreError::Value { what: "this addendum", why });
        let row = self.run(run)?;
        if row.digest != *to {
            return refuse(format!("run {run} is of the plan {}, not of {to}; draft it again", row.digest));
        }
        if self.plan(&row.plan)?.header.purpose != Purpose::Contain {
            return refuse(format!("run {run} contains nobody: an addendum is added to a containment"));
        }
        let most = self.policy_of(plan)?.addendum.objects_per_account_max;
        let accounts: Vec<AccountId> = values.iter().map(|v| v.entry.account.clone()).collect();
        let parent = self.parent(run, &accounts)?;
        for Entry { account, acts, .. } in values.iter().map(|v| &v.entry) {
            let part = parent.parts.get(account);
            let standing = part.map_or(Standing::NotContained, |p| p.standing);
            if standing != Standing::Contained && !mutant::is_on(Mutant::AddsToAnybody) {
                return refuse(format!("{account}: {}", standing.in_words()));
            }
            if let Some(other) = acts.iter().find(|a| a.hides().is_empty()) {
                return refuse(format!("{account}: it would {}, not hide objects", other.kind().as_str()));
            }
            let objects: Vec<&ObjectId> = acts.iter().flat_map(Act::hides).collect();
            if let Some(known) = objects.iter().find(|o| part.is_some_and(|p| p.named.contains(**o))) {
                return refuse(format!("{account}: {known} was named before"));
            }
            if objects.len() as u64 > most {
                return refuse(format!(
                    "{account}: {} objects, and the policy allows {most} (addendum.objects_per_account_max)",
                    objects.len()
                ));
            }
        }
        Ok(())
    }

    /// Keeps the accounts of a sealed addendum: each is one that its run acted on.
    pub(crate) fn put_addendum(
        &self,
        plan: &PlanId,
        run: &RunId,
        values: &[Value],
    ) -> Result<(), StoreError> {
        let rows = values.iter().map(|v| cells![plan, &v.entry.account, run].to_vec());
        self.insert("addendum_account", &["plan", "account", "run"], &rows.collect::<Vec<_>>(), "")?;
        Ok(())
    }
}

impl Read {
    /// The addenda to the plan of a run, the latest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn addenda_of(&self, run: &RunId) -> Result<Vec<PlanRow>, StoreError> {
        self.plans_where("addendum_to = $1", run)
    }

    /// The runs of these addenda, as far as they were armed.
    fn runs_of_addenda(&self, run: &RunId) -> Result<Vec<RunId>, StoreError> {
        let sql =
            "SELECT r.id FROM plan p JOIN run r ON r.plan = p.id WHERE p.addendum_to = $1 ORDER BY r.id";
        self.rows("run", sql, &cells![run])?.iter().map(|row| row.get(0)).collect()
    }

    /// A run and those that added to it: all in which its accounts had objects hidden.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn with_addenda(&self, run: &RunId) -> Result<Vec<RunId>, StoreError> {
        let mut runs = self.runs_of_addenda(run)?;
        runs.insert(0, run.clone());
        Ok(runs)
    }

    /// The objects that a run and the addenda to it really hid, by account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn turned_with_addenda(
        &self,
        run: &RunId,
        accounts: &[AccountId],
    ) -> Result<BTreeMap<AccountId, BTreeSet<ObjectId>>, StoreError> {
        let mut all: BTreeMap<AccountId, BTreeSet<ObjectId>> = BTreeMap::new();
        for run in self.with_addenda(run)? {
            for (account, objects) in self.turned_objects(&run, accounts)? {
                all.entry(account).or_default().extend(objects);
            }
        }
        Ok(all)
    }

    /// Accounts with which an addendum to a run has begun, and of which it is not known yet what came of it.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn added_and_open(&self, run: &RunId) -> Result<BTreeMap<AccountId, RunId>, StoreError> {
        let mut open = BTreeMap::new();
        for run in self.runs_of_addenda(run)? {
            open.extend(self.open_cases(&run)?.into_iter().map(|c| (c.account, c.run)));
        }
        Ok(open)
    }

    /// How some accounts of a run stand, for whoever would add to what was done to them.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn standings(
        &self,
        run: &RunId,
        accounts: &[AccountId],
    ) -> Result<BTreeMap<AccountId, Standing>, StoreError> {
        let of = |sql: &str| -> Result<BTreeSet<AccountId>, StoreError> {
            let rows = self.rows_of("account_run", sql, &cells![run], accounts.iter().map(Cell::from))?;
            rows.iter().map(|row| row.get(0)).collect()
        };
        // Where its owner moved the credential first, nothing was done.
        let contained = of("SELECT account FROM account_run WHERE run = $1 AND state = 'done' AND probe = 0
            AND COALESCE(moved, '') <> 'owner' AND account IN ({})")?;
        let exonerated = of("SELECT account FROM exoneration WHERE run = $1 AND account IN ({})")?;
        let disputed = of("SELECT account FROM dispute WHERE run = $1 AND account IN ({})")?;
        let back = of(&format!(
            "SELECT v.account FROM plan p JOIN plan_value v ON v.plan = p.id
             WHERE p.undo_of = $1 AND {STANDS} AND v.account IN ({{}})"
        ))?;
        let standing = |account: &AccountId| {
            if back.contains(account) {
                Standing::TakenBack
            } else if exonerated.contains(account) {
                Standing::Exonerated
            } else if disputed.contains(account) {
                Standing::Disputed
            } else if contained.contains(account) {
                Standing::Contained
            } else {
                Standing::NotContained
            }
        };
        Ok(accounts.iter().map(|a| (a.clone(), standing(a))).collect())
    }

    /// Those of some accounts of an addendum that it may not add to any more, with how they stand; none for any other
    /// plan.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn beyond_addendum(
        &self,
        plan: &PlanId,
        accounts: &[AccountId],
    ) -> Result<BTreeMap<AccountId, Standing>, StoreError> {
        let Purpose::Addendum { run, .. } = self.plan(plan)?.header.purpose else {
            return Ok(BTreeMap::new());
        };
        if mutant::is_on(Mutant::AddsBesideUndo) {
            return Ok(BTreeMap::new());
        }
        let mut standings = self.standings(&run, accounts)?;
        standings.retain(|_, standing| *standing != Standing::Contained);
        Ok(standings)
    }

    /// What an addendum to a run is held against, for some accounts; those that its plan does not name, or whose entries
    /// were erased, are absent.
    ///
    /// # Errors
    /// [`StoreError::Missing`], or a row that can't be read.
    pub fn parent(&self, run: &RunId, accounts: &[AccountId]) -> Result<Parent, StoreError> {
        let row = self.run(run)?;
        let mut standings = self.standings(run, accounts)?;
        let mut named: BTreeMap<AccountId, BTreeSet<ObjectId>> = BTreeMap::new();
        let is_standing = |p: &PlanRow| !matches!(p.state, PlanState::Refused | PlanState::Expired);
        for addendum in self.addenda_of(run)?.into_iter().filter(is_standing) {
            for value in self.values_of(&addendum.id, accounts)? {
                let hides = value.entry.acts.iter().flat_map(Act::hides).cloned();
                named.entry(value.entry.account).or_default().extend(hides);
            }
        }
        let mut parts = BTreeMap::new();
        for entry in self.values_of(&row.plan, accounts)?.into_iter().map(|v| v.entry) {
            let mut of_it = named.remove(&entry.account).unwrap_or_default();
            of_it.extend(entry.acts.iter().flat_map(Act::hides).cloned());
            let part = Part {
                tier: entry.tier,
                route: entry.route,
                seen_until: entry.window.end,
                cited: self.cited(&row.plan, &entry)?,
                named: of_it,
                standing: standings.remove(&entry.account).unwrap_or(Standing::NotContained),
            };
            parts.insert(entry.account, part);
        }
        Ok(Parent { run: run.clone(), digest: row.digest, parts })
    }

    /// The events that an entry's evidence rests on and that were the intruder's, by the timeline beside its plan; all of
    /// them, where that is gone.
    fn cited(&self, plan: &PlanId, entry: &Entry) -> Result<BTreeSet<EventId>, StoreError> {
        let cited = entry.evidence.iter().flat_map(|e| &e.events);
        let Some(timeline) = self.timeline(plan, &entry.account)? else {
            return Ok(cited.cloned().collect());
        };
        let theirs = timeline.moments.iter().filter(|m| m.hand == Hand::Intruder).map(|m| &m.event.id);
        let theirs: BTreeSet<&EventId> = theirs.collect();
        Ok(cited.filter(|e| theirs.contains(e)).cloned().collect())
    }
}

//! Hunts: what was asked of the events, and how many accounts it believes compromised.

use crate::cell::{cells, json};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{Digest, Millis};
use model::plan::{PlanState, Purpose};
use model::verdict::{Belief, Summary, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// A hunt as the ledger knows it.
#[derive(Clone, Debug, PartialEq)]
pub struct Hunt {
    /// The digest of its answer.
    pub digest: Digest,
    /// Where the answer's files are.
    pub place: String,
    /// How many accounts it believes compromised.
    pub believed: u64,
    /// Its summary.
    pub summary: Summary,
    /// When it was recorded, ms.
    pub recorded_at: Millis,
}

impl Tx {
    /// Records a hunt's answer; the same answer recorded again changes nothing.
    ///
    /// # Errors
    /// The database's.
    pub fn put_hunt(
        &self,
        by: &str,
        digest: Digest,
        place: &str,
        summary: &Summary,
    ) -> Result<(), StoreError> {
        let believed: u64 = summary
            .verdicts
            .iter()
            .filter(|(kind, _)| kind.starts_with("compromised."))
            .map(|(_, count)| count)
            .sum();
        let mut row = cells![digest, place, believed, self.now()].to_vec();
        row.push(json("a hunt's summary", summary)?);
        let columns = ["digest", "place", "believed", "recorded_at", "summary"];
        if self.insert("hunt", &columns, &[row], "ON CONFLICT DO NOTHING")? == 1 {
            let detail = serde_json::json!({ "believed": believed, "events": summary.events });
            self.audit(by, "hunt.record", &digest.hex(), detail)?;
        }
        Ok(())
    }
}

impl Tx {
    /// Keeps how many accounts that a hunt believes compromised carry each signal; kept before, it stays as it is.
    ///
    /// # Errors
    /// Where there is no such hunt.
    pub fn put_signals(&self, hunt: &Digest, verdicts: &[Verdict]) -> Result<(), StoreError> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for verdict in verdicts.iter().filter(|v| v.verdict == Belief::Compromised) {
            let signals: BTreeSet<&str> = verdict.evidence.iter().map(|e| e.signal.as_str()).collect();
            for signal in signals {
                *counts.entry(signal).or_default() += 1;
            }
        }
        let rows: Vec<_> = counts.into_iter().map(|(signal, n)| cells![*hunt, signal, n].to_vec()).collect();
        let tail = "ON CONFLICT (hunt, signal) DO NOTHING";
        self.insert("hunt_signal", &["hunt", "signal", "accounts"], &rows, tail)?;
        Ok(())
    }
}

/// A hunt by what it counted.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// The hunt.
    pub hunt: Hunt,
    /// Accounts believed compromised by signal; one that is not named was on none.
    pub signals: BTreeMap<String, u64>,
}

impl Read {
    /// The hunts from which a containment plan came that people let pass: its review met the limit, and nothing halted
    /// it. Those recorded before signals were counted are not among them. The oldest first.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn hunts_that_passed(&self) -> Result<Vec<Counted>, StoreError> {
        let passed =
            [PlanState::Reviewed, PlanState::Approved, PlanState::Armed, PlanState::Running, PlanState::Done];
        let plans = self.plans()?;
        let from: BTreeSet<Digest> = plans
            .into_iter()
            .filter(|p| p.header.purpose == Purpose::Contain && passed.contains(&p.state))
            .map(|p| p.header.hunt)
            .collect();
        let mut found = Vec::new();
        for digest in from {
            let sql = "SELECT signal, accounts FROM hunt_signal WHERE hunt = $1";
            let rows = self.rows("hunt_signal", sql, &cells![digest])?;
            let signals = rows
                .iter()
                .map(|row| Ok((row.get(0)?, row.get(1)?)))
                .collect::<Result<BTreeMap<String, u64>, StoreError>>()?;
            if let (Some(hunt), false) = (self.hunt(&digest)?, signals.is_empty()) {
                found.push(Counted { hunt, signals });
            }
        }
        found.sort_by_key(|c| (c.hunt.recorded_at, c.hunt.digest));
        Ok(found)
    }

    /// A hunt by its answer's digest.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn hunt(&self, digest: &Digest) -> Result<Option<Hunt>, StoreError> {
        let sql = "SELECT digest, place, believed, summary, recorded_at FROM hunt WHERE digest = $1";
        let Some(row) = self.row("hunt", sql, &cells![*digest])? else { return Ok(None) };
        let found = Hunt {
            digest: row.get(0)?,
            place: row.get(1)?,
            believed: row.get(2)?,
            summary: row.json(3)?,
            recorded_at: row.get(4)?,
        };
        Ok(Some(found))
    }
}

//! Hunts: what was asked of the events, and how many accounts it believes compromised.

use crate::cell::{cells, json};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use model::id::{Digest, Millis};
use model::verdict::Summary;

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

impl Read {
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

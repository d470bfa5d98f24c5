//! What of an object's hiding is ours: kept with the intent (what was hidden before us) and with the outcome (what the
//! act really turned), so that an undo never shows what a moderator had hidden.

use crate::cell::{Cell, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use crate::steps::Intent;
use model::id::{AccountId, ObjectId, RunId};
use model::plan::Act;
use std::collections::{BTreeMap, BTreeSet};

/// What hiding the objects of one account came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hiding {
    /// The account.
    pub account: AccountId,
    /// Those that the act, by the service's own answer, turned.
    pub turned: Vec<ObjectId>,
    /// Those that are not there any more.
    pub gone: Vec<ObjectId>,
    /// Whether the answer to an earlier try was lost: what is hidden now and was not before the intent is then ours,
    /// though this answer does not name it.
    pub answer_was_lost: bool,
}

impl Tx {
    /// Keeps, with the intents, which objects will be hidden and which of them are hidden already.
    pub(crate) fn intend_hiding(&self, run: &RunId, intents: &[Intent<'_>]) -> Result<(), StoreError> {
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        for intent in intents {
            let entry = intent.entry.entry();
            let named: BTreeSet<&ObjectId> = entry.acts.iter().flat_map(Act::hides).collect();
            for object in named {
                let state = if intent.hidden_before.contains(object) { "found" } else { "intended" };
                rows.push(cells![run, &entry.account, object, state].to_vec());
            }
        }
        self.insert("hidden_object", &["run", "account", "object", "state"], &rows, "")?;
        Ok(())
    }

    /// Keeps which objects a hiding really turned.
    ///
    /// # Errors
    /// The database's.
    pub fn put_turned(&self, run: &RunId, hidings: &[Hiding]) -> Result<(), StoreError> {
        let objects = |of: fn(&Hiding) -> &[ObjectId]| -> Vec<Vec<Cell>> {
            let named = hidings.iter().flat_map(|h| of(h).iter().map(|o| cells![&h.account, o].to_vec()));
            named.collect()
        };
        let set = |to: &str, from: &str| {
            format!(
                "UPDATE hidden_object SET state = '{to}' FROM {{}} WHERE hidden_object.run = $1
                 AND hidden_object.account = v.column1 AND hidden_object.object = v.column2
                 AND hidden_object.state IN ({from})"
            )
        };
        let (run, types) = (cells![run], ["TEXT", "TEXT"]);
        self.over(&set("turned", "'intended', 'found'"), &run, &types, &objects(|h| &h.turned))?;
        self.over(&set("left", "'intended'"), &run, &types, &objects(|h| &h.gone))?;
        let rest =
            |h: &Hiding| cells![&h.account, if h.answer_was_lost { "turned" } else { "left" }].to_vec();
        let sql = "UPDATE hidden_object SET state = v.column2 FROM {} WHERE hidden_object.run = $1
            AND hidden_object.account = v.column1 AND hidden_object.state = 'intended'";
        self.over(sql, &run, &types, &hidings.iter().map(rest).collect::<Vec<_>>())?;
        Ok(())
    }
}

impl Read {
    /// The objects that a run really hid, by account.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn turned_objects(
        &self,
        run: &RunId,
        accounts: &[AccountId],
    ) -> Result<BTreeMap<AccountId, BTreeSet<ObjectId>>, StoreError> {
        let sql = "SELECT account, object FROM hidden_object
            WHERE run = $1 AND state = 'turned' AND account IN ({})";
        let rows = self.rows_of("hidden_object", sql, &cells![run], accounts.iter().map(Cell::from))?;
        let mut turned: BTreeMap<AccountId, BTreeSet<ObjectId>> = BTreeMap::new();
        for row in &rows {
            turned.entry(row.get(0)?).or_default().insert(row.get(1)?);
        }
        Ok(turned)
    }
}

//! What is put back besides credentials: contacts by value beside a plan, and removed factors, sealed beside a run.

use crate::cell::{Cell, cells};
use crate::db::{Read, Tx};
use crate::error::StoreError;
use crate::steps::Intent;
use model::id::{AccountId, Digest, FactorId, PlanId, RunId};
use model::secret::Secret;

/// A contact that an act of a plan refers to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContactValue {
    /// The account.
    pub account: AccountId,
    /// SHA-256 of the value, as the act names it.
    pub version: Digest,
    /// The value; never logged.
    pub value: Secret,
}

/// A removed factor, sealed under the run's key before it is removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedFactor {
    /// The account.
    pub account: AccountId,
    /// Which.
    pub factor: FactorId,
    /// The cipher's nonce.
    pub nonce: Vec<u8>,
    /// The sealed bytes.
    pub ciphertext: Vec<u8>,
}

impl Tx {
    /// Keeps the contacts that acts of a plan refer to; one that is there already stays.
    ///
    /// # Errors
    /// Where a value is not what its version says, or there is no such plan.
    pub fn put_contact_values(&self, plan: &PlanId, contacts: &[ContactValue]) -> Result<(), StoreError> {
        if let Some(wrong) = contacts.iter().find(|c| Digest::of(c.value.reveal().as_bytes()) != c.version) {
            let why = format!("{}: it is not the one that its version names", wrong.account);
            return Err(StoreError::Value { what: "a contact", why });
        }
        let row = |c: &ContactValue| cells![plan, &c.account, c.version, &c.value].to_vec();
        let rows: Vec<Vec<Cell>> = contacts.iter().map(row).collect();
        let columns = ["plan", "account", "version", "value"];
        self.insert("contact_value", &columns, &rows, "ON CONFLICT (plan, account, version) DO NOTHING")?;
        Ok(())
    }

    /// Keeps, with the intents, what was sealed of factors that will be removed.
    pub(crate) fn intend_factors(&self, run: &RunId, intents: &[Intent<'_>]) -> Result<(), StoreError> {
        let rows = intents.iter().flat_map(|i| &i.factors).map(|f| {
            let bytes = [Cell::from(f.nonce.as_slice()), f.ciphertext.as_slice().into()];
            [&cells![run, &f.account, &f.factor][..], &bytes].concat()
        });
        let columns = ["run", "account", "factor", "nonce", "ciphertext"];
        self.insert("sealed_factor", &columns, &rows.collect::<Vec<_>>(), "")?;
        Ok(())
    }
}

impl Read {
    /// The contacts by value that acts on some accounts of a plan refer to.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn contact_values(
        &self,
        plan: &PlanId,
        accounts: &[AccountId],
    ) -> Result<Vec<ContactValue>, StoreError> {
        let sql = "SELECT account, version, value FROM contact_value WHERE plan = $1 AND account IN ({})";
        let rows = self.rows_of("contact_value", sql, &cells![plan], accounts.iter().map(Cell::from))?;
        let read = |row: &crate::cell::Row| {
            Ok(ContactValue { account: row.get(0)?, version: row.get(1)?, value: row.get(2)? })
        };
        rows.iter().map(read).collect()
    }

    /// What was sealed of factors that a run removed from some accounts.
    ///
    /// # Errors
    /// The database's, or a row that can't be read.
    pub fn sealed_factors(
        &self,
        run: &RunId,
        accounts: &[AccountId],
    ) -> Result<Vec<SealedFactor>, StoreError> {
        let sql = "SELECT account, factor, nonce, ciphertext FROM sealed_factor
            WHERE run = $1 AND account IN ({})";
        let rows = self.rows_of("sealed_factor", sql, &cells![run], accounts.iter().map(Cell::from))?;
        let read = |row: &crate::cell::Row| {
            Ok(SealedFactor {
                account: row.get(0)?,
                factor: row.get(1)?,
                nonce: row.get(2)?,
                ciphertext: row.get(3)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

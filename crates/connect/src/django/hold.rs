//! Taking an account off: Django's own `is_active`, which its sign-in, its sessions and its REST tokens all ask.
//!
//! It is one flag for everybody: who cleared it can't be told from the table. So only an account that is active is taken
//! off, in one statement with that premise; and a moderator who clears the flag *while* ours is on leaves no trace, so that
//! the end of our hold gives that account back too.

use super::Django;
use crate::error::ConnectError;
use crate::sql::{Mode, Param, Tx};
use model::id::AccountId;
use respond::port::{Effect, TakenOff};

impl Django {
    pub(super) fn take_off(&self, account: &AccountId) -> Result<TakenOff, ConnectError> {
        self.db.within(Mode::Write, |tx| {
            Ok(match self.set_active(tx, account, false)? {
                Some(true) => TakenOff::Now,
                Some(false) => TakenOff::Already { ours: None },
                None => TakenOff::PremiseGone { found: "the account is gone".into() },
            })
        })
    }

    pub(super) fn take_on(&self, account: &AccountId) -> Result<Effect, ConnectError> {
        self.db.within(Mode::Write, |tx| {
            Ok(match self.set_active(tx, account, true)? {
                Some(changed) => Effect::Done { count: u64::from(changed) },
                None => Effect::PremiseGone { found: "the account is gone".into() },
            })
        })
    }

    /// Sets the flag where it is the other way; whether that changed it, or nothing where there is no such account.
    fn set_active(
        &self,
        tx: &mut Tx<'_>,
        account: &AccountId,
        active: bool,
    ) -> Result<Option<bool>, ConnectError> {
        if !self.schema.user.active {
            return Err(self.db.refused("the user table has no is_active: nobody can be taken off here"));
        }
        let Some(row) = self.row(tx, account)? else { return Ok(None) };
        let (to, from) = if active { ("TRUE", "FALSE") } else { ("FALSE", "TRUE") };
        let sql = format!(
            "UPDATE {table} SET is_active = {to} WHERE {key} = {given} AND is_active = {from}",
            table = self.schema.user.table,
            key = self.schema.user.key,
            given = self.db.dialect().one(1, &self.schema.user.key_type),
        );
        Ok(Some(tx.run(&sql, &[Param::One(&row.key)])? == 1))
    }
}

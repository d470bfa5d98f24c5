//! The mail address on the user's own row, exchanged only where the one in place is the one named.
//!
//! With django-allauth the address stands in a table of its own too, with what was verified and which is primary: that is
//! not done here, and the connector does not say that it can.

use super::{Django, text};
use crate::error::ConnectError;
use crate::sql::{Mode, Param, Tx};
use model::account::ContactKind;
use model::id::{AccountId, Digest};
use model::secret::Secret;
use respond::port::Effect;

impl Django {
    pub(super) fn exchange_mail(
        &self,
        account: &AccountId,
        kind: ContactKind,
        in_place: &Digest,
        before: &Secret,
    ) -> Result<Effect, ConnectError> {
        if kind != ContactKind::Mail || !self.schema.user.email || self.schema.allauth_mail {
            return Err(self.db.refused("only a mail address on the user's own row can be put back here"));
        }
        let gone = |found: &str| Ok(Effect::PremiseGone { found: found.to_owned() });
        self.db.within(Mode::Write, |tx| {
            let Some(row) = self.row(tx, account)? else { return gone("the account is gone") };
            let found = self.mail_of(tx, &row.key)?;
            if found.reveal() == before.reveal() {
                return Ok(Effect::Done { count: 0 });
            }
            if Digest::of(found.reveal().as_bytes()) != *in_place {
                return gone("the mail address was changed meanwhile");
            }
            let (user, dialect) = (&self.schema.user, self.db.dialect());
            let sql = format!(
                "UPDATE {table} SET email = {new} WHERE {key} = {given} AND email = {old}",
                table = user.table,
                key = user.key,
                new = dialect.one(1, "text"),
                given = dialect.one(2, &user.key_type),
                old = dialect.one(3, "text"),
            );
            let params = [Param::One(before.reveal()), Param::One(&row.key), Param::One(found.reveal())];
            match tx.run(&sql, &params)? {
                1 => Ok(Effect::Done { count: 1 }),
                _ => gone("the mail address was changed in this very moment"),
            }
        })
    }

    fn mail_of(&self, tx: &mut Tx<'_>, key: &str) -> Result<Secret, ConnectError> {
        let (user, dialect) = (&self.schema.user, self.db.dialect());
        let sql = format!(
            "SELECT email FROM {table} WHERE {column} = {given}",
            table = user.table,
            column = user.key,
            given = dialect.one(1, &user.key_type),
        );
        let mail = tx.rows(&sql, &[Param::One(key)])?.pop().and_then(|mut row| text(row.pop()));
        Ok(Secret::new(mail.unwrap_or_default()))
    }
}

//! A Django site, through its own PostgreSQL or SQLite: accounts, passwords, sessions, tokens, posts.
//!
//! The site needs no change for this (with the app `rightful_events` it can tell more, see [`schema`]). Nothing here is
//! written but what the acts and their undo name; a password is never given to an account that had none.
//!
//! Facts it rests on, each seen on a real site: a session holds an HMAC of the stored hash, so a new hash ends every
//! session at its next use, *and the old hash put back revives all that were not used meanwhile*; a reset link is an HMAC
//! over hash and last sign-in (to the second) and comes back to life likewise. So sessions are deleted first and the
//! last sign-in moves on by a second. An unusable password (`!…`) would switch off the site's own forgot-password mail,
//! so ours is a well-formed hash of a random secret.

mod contact;
mod content;
mod credential;
mod forbidden;
mod grants;
mod hash;
mod hold;
mod port;
mod schema;
mod sessions;
mod settings;
mod snapshot;
#[cfg(test)]
mod tests;

pub use settings::{ContentTable, Protect, SessionEngine, Settings, TokenTable};

use crate::error::ConnectError;
use crate::sql::{Cell, Database, Mode, Param, Tx};
use model::account::CredentialVersion;
use model::id::{AccountId, Digest};
use model::secret::Secret;
use schema::Schema;

/// One Django site.
pub struct Django {
    db: Database,
    settings: Settings,
    schema: Schema,
}

impl Django {
    /// Opens the site's database and reads which tables it has; writes nothing.
    ///
    /// # Errors
    /// Where the database can't be read, or holds no such user table.
    pub fn open(settings: Settings) -> Result<Self, ConnectError> {
        let db = Database::new(&settings.database)?;
        let schema = db.within(Mode::Read, |tx| Schema::read(&db, tx, &settings))?;
        Ok(Self { db, settings, schema })
    }

    /// "`column` is one of the users", with its parameter; all of them where none are given.
    fn theirs<'a>(&self, column: &str, users: Option<&'a [String]>) -> (String, Vec<Param<'a>>) {
        match users {
            Some(users) => {
                (self.db.dialect().among(column, 1, &self.schema.user.key_type), vec![Param::Many(users)])
            }
            None => (format!("{column} IS NOT NULL"), Vec::new()),
        }
    }

    /// The row of one account, inside a running transaction; `None` where there is none (or two).
    fn row(&self, tx: &mut Tx<'_>, account: &AccountId) -> Result<Option<UserRow>, ConnectError> {
        let user = &self.schema.user;
        if !user.account_fits(account.as_str()) {
            return Ok(None);
        }
        let sql = format!(
            "SELECT CAST({key} AS text), password FROM {table} WHERE {account} = {given}",
            key = user.key,
            table = user.table,
            account = user.account,
            given = self.db.dialect().one(1, &user.account_type),
        );
        let mut rows = tx.rows(&sql, &[Param::One(account.as_str())])?;
        match (rows.pop(), rows.is_empty()) {
            (Some(row), true) => Ok(Some(UserRow::read(row))),
            _ => Ok(None),
        }
    }
}

/// Key and stored password of one user.
struct UserRow {
    key: String,
    password: Secret,
}

impl UserRow {
    fn read(row: Vec<Cell>) -> Self {
        let mut cells = row.into_iter();
        Self {
            key: text(cells.next()).unwrap_or_default(),
            password: cells.next().flatten().unwrap_or_else(|| Secret::new("")),
        }
    }

    fn version(&self) -> CredentialVersion {
        version(&self.key, self.password.reveal())
    }
}

/// A cell that is no secret.
fn text(cell: Option<Cell>) -> Option<String> {
    cell.flatten().map(|secret| secret.reveal().to_owned())
}

/// The fingerprint of a stored password: a digest of its own domain, so that it equals no other digest of the hash.
/// The app `rightful_events` computes the same.
fn version(key: &str, stored: &str) -> CredentialVersion {
    CredentialVersion(Digest::of(format!("rightful/django/credential/v1\n{key}\n{stored}").as_bytes()))
}

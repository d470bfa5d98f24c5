//! The stored password: replaced, asked for, put back, chosen anew; each by compare and swap in one statement.
//!
//! **A rehash at sign-in is not a change.** When a site raises its iterations or takes another hasher, Django writes a new
//! hash of the same password at the next sign-in. From the table alone nobody can tell that from a change (both are a new
//! salt and a new hash; a password can't be checked without the password). The app `rightful_events` can: Django's own
//! upgrade saves the hash alone, while a change goes through `set_password`; it records each upgrade as a pair of
//! fingerprints. A path of such pairs from the guard to what is in place is therefore the same password. Without the app a
//! rehash is reported as a moved credential, and nothing is done.

use super::hash;
use super::{Django, UserRow, text, version};
use crate::error::ConnectError;
use crate::sql::{Mode, Param, Tx};
use model::account::CredentialVersion;
use model::id::AccountId;
use model::secret::Secret;
use respond::port::{Asked, Effect, Replaced, StoredCredential};
use std::collections::BTreeMap;

/// Why the guarded password is not in place.
struct Unfit {
    /// Whether another one is, chosen since.
    is_moved: bool,
    found: String,
}

impl From<Unfit> for Replaced {
    fn from(unfit: Unfit) -> Self {
        let Unfit { is_moved, found } = unfit;
        if is_moved { Self::Moved { found } } else { Self::PremiseGone { found } }
    }
}

/// A path of rehashes longer than this is no life's work of one account.
const REHASHES_MAX: usize = 64;

impl Django {
    pub(super) fn stored_of(
        &self,
        accounts: &[AccountId],
    ) -> Result<BTreeMap<AccountId, StoredCredential>, ConnectError> {
        let user = &self.schema.user;
        let wanted: Vec<String> =
            accounts.iter().filter(|a| user.account_fits(a.as_str())).map(ToString::to_string).collect();
        let sql = format!(
            "SELECT CAST({key} AS text), password, CAST({account} AS text) FROM {table} WHERE {among}",
            key = user.key,
            account = user.account,
            table = user.table,
            among = self.db.dialect().among(&user.account, 1, &user.account_type),
        );
        let rows = self.db.within(Mode::Read, |tx| tx.rows(&sql, &[Param::Many(&wanted)]))?;
        Ok(rows
            .into_iter()
            .filter_map(|mut row| {
                let account = AccountId::new(text(row.pop())?);
                let row = UserRow::read(row);
                let version = row.version();
                hash::is_usable(row.password.reveal())
                    .then_some((account, StoredCredential { version, stored: row.password }))
            })
            .collect())
    }

    pub(super) fn replace(
        &self,
        account: &AccountId,
        guard: &CredentialVersion,
        secret: &Secret,
    ) -> Result<Replaced, ConnectError> {
        // read first and hash outside of the writing transaction: PBKDF2 takes long, and a site must not wait for it
        let seen = match self.db.within(Mode::Read, |tx| self.guarded(tx, account, guard))? {
            Ok(row) => row,
            Err(unfit) => return Ok(unfit.into()),
        };
        let iterations = self
            .settings
            .iterations
            .or_else(|| hash::iterations_of(seen.password.reveal()))
            .unwrap_or(hash::ITERATIONS);
        let ours = hash::stored(secret, &hash::own_salt(secret, account), iterations);
        self.db.within(Mode::Write, |tx| {
            let row = match self.guarded(tx, account, guard)? {
                Ok(row) => row,
                Err(unfit) => return Ok(unfit.into()),
            };
            if !self.swap(tx, &row, &ours, false)? {
                return Ok(Replaced::Moved { found: "the password was changed in this very moment".into() });
            }
            Ok(Replaced::Done { ours: version(&row.key, ours.reveal()) })
        })
    }

    pub(super) fn is_in_place(
        &self,
        account: &AccountId,
        secret: &Secret,
    ) -> Result<(Asked, Option<CredentialVersion>), ConnectError> {
        let row = self.db.within(Mode::Read, |tx| self.row(tx, account))?;
        Ok(match row {
            Some(row) if hash::is_ours(row.password.reveal(), secret, account) => {
                (Asked::Done, Some(row.version()))
            }
            Some(_) | None => (Asked::NotDone, None),
        })
    }

    pub(super) fn put_back(
        &self,
        account: &AccountId,
        ours: &CredentialVersion,
        old: &Secret,
    ) -> Result<Effect, ConnectError> {
        if self.schema.session.is_none() {
            return Err(self.db.refused(
                "sessions are not in the database, so they can't be ended, and the old password would revive those that \
                 the intruder holds; let the owner choose a new one",
            ));
        }
        if !self.schema.user.last_login {
            return Err(self.db.refused(
                "the user table has no last_login, so reset links from before would work again; let the owner choose a new \
                 password",
            ));
        }
        self.db.within(Mode::Write, |tx| {
            let Some(row) = self.row(tx, account)? else {
                return Ok(Effect::PremiseGone { found: "the account is gone".into() });
            };
            if row.password == *old {
                return Ok(Effect::Done { count: 0 });
            }
            if row.version() != *ours {
                return Ok(Effect::PremiseGone {
                    found: "the password in place is not ours: it was chosen since".into(),
                });
            }
            let alive = self
                .sessions_of(tx, Some(std::slice::from_ref(&row.key)), false)?
                .values()
                .map(Vec::len)
                .sum::<usize>();
            if alive > 0 {
                return Err(self.db.refused(format!(
                    "{alive} sessions of the account are on file and would come back to life: end them first"
                )));
            }
            if !self.swap(tx, &row, old, true)? {
                return Ok(Effect::PremiseGone {
                    found: "the password was changed in this very moment".into(),
                });
            }
            Ok(Effect::Done { count: 1 })
        })
    }

    pub(super) fn choose(
        &self,
        account: &AccountId,
        guard: &CredentialVersion,
        chosen: &Secret,
        salt: [u8; 32],
    ) -> Result<Effect, ConnectError> {
        let theirs = hash::stored(
            chosen,
            &hash::salt_from(salt),
            self.settings.iterations.unwrap_or(hash::ITERATIONS),
        );
        self.db.within(Mode::Write, |tx| {
            let row = match self.guarded(tx, account, guard)? {
                Ok(row) => row,
                Err(Unfit { found, .. }) => return Ok(Effect::PremiseGone { found }),
            };
            if !self.swap(tx, &row, &theirs, false)? {
                return Ok(Effect::PremiseGone {
                    found: "the password was changed in this very moment".into(),
                });
            }
            Ok(Effect::Done { count: 1 })
        })
    }

    /// The account's row, if its password still is the guarded one (rehashed or not); otherwise what was found.
    fn guarded(
        &self,
        tx: &mut Tx<'_>,
        account: &AccountId,
        guard: &CredentialVersion,
    ) -> Result<Result<UserRow, Unfit>, ConnectError> {
        let unfit = |is_moved, found: &str| Ok(Err(Unfit { is_moved, found: found.to_owned() }));
        let Some(row) = self.row(tx, account)? else { return unfit(false, "the account is gone") };
        if !hash::is_usable(row.password.reveal()) {
            return unfit(false, "the account has no password");
        }
        if row.version() == *guard || self.is_rehash(tx, &row, guard)? {
            return Ok(Ok(row));
        }
        if self.schema.rehash {
            unfit(
                true,
                "the password was changed; the site's record knows no rehash at sign-in that explains it",
            )
        } else {
            // Without the app it may be the same password written anew: that is no reason to end anything.
            unfit(
                false,
                "the stored password is another: changed, or rehashed at a sign-in (only the app rightful_events can tell)",
            )
        }
    }

    /// Whether recorded rehashes lead from `guard` to the password in place.
    fn is_rehash(
        &self,
        tx: &mut Tx<'_>,
        row: &UserRow,
        guard: &CredentialVersion,
    ) -> Result<bool, ConnectError> {
        if !self.schema.rehash {
            return Ok(false);
        }
        let sql = format!(
            "SELECT before, after FROM rightful_events_rehash WHERE user_id = {}",
            self.db.dialect().one(1, "text"),
        );
        let rows = tx.rows(&sql, &[Param::One(&row.key)])?;
        let next: BTreeMap<String, String> = rows
            .into_iter()
            .filter_map(|cells| {
                let mut cells = cells.into_iter();
                Some((text(cells.next())?, text(cells.next())?))
            })
            .collect();
        let wanted = row.version().0.hex();
        let mut at = guard.0.hex();
        for _ in 0..REHASHES_MAX {
            match next.get(&at) {
                Some(after) if *after == wanted => return Ok(true),
                Some(after) => at.clone_from(after),
                None => return Ok(false),
            }
        }
        Ok(false)
    }

    /// One statement: the new password in the place of exactly the one that was read. `links` also ends reset links.
    fn swap(&self, tx: &mut Tx<'_>, row: &UserRow, new: &Secret, links: bool) -> Result<bool, ConnectError> {
        let (user, dialect) = (&self.schema.user, self.db.dialect());
        let moved = if links { format!(", {}", self.moved_on()) } else { String::new() };
        let sql = format!(
            "UPDATE {table} SET password = {new}{moved} WHERE {key} = {given} AND password = {old}",
            table = user.table,
            key = user.key,
            new = dialect.one(1, "text"),
            given = dialect.one(2, &user.key_type),
            old = dialect.one(3, "text"),
        );
        let params = [Param::One(new.reveal()), Param::One(&row.key), Param::One(row.password.reveal())];
        Ok(tx.run(&sql, &params)? == 1)
    }

    /// The assignment that moves the last sign-in on by a second, which a reset link's token is made with.
    pub(super) fn moved_on(&self) -> String {
        let from = if self.schema.user.joined {
            "COALESCE(last_login, date_joined)"
        } else {
            "COALESCE(last_login, CURRENT_TIMESTAMP)"
        };
        format!("last_login = {}", self.db.dialect().second_later(from))
    }
}

//! Tokens and grants: Django REST framework's, Knox's, OAuth Toolkit's, the site's own; and reset links on their way.

use super::schema::OauthTable;
use super::{Django, text};
use crate::error::ConnectError;
use crate::sql::{Mode, Param, Tx};
use model::id::{AccountId, AppId};
use model::plan::Grants;
use respond::port::Effect;
use std::collections::{BTreeMap, BTreeSet};

impl Django {
    /// Revokes the grants; with all of them goes every reset link that was mailed before.
    pub(super) fn revoke(&self, account: &AccountId, grants: &Grants) -> Result<Effect, ConnectError> {
        self.db.within(Mode::Write, |tx| {
            let Some(row) = self.row(tx, account)? else {
                return Ok(Effect::PremiseGone { found: "the account is gone".into() });
            };
            let mut count = 0;
            for tokens in &self.schema.tokens {
                if wanted(grants, &tokens.app) {
                    let given = self.owned(&tokens.owner);
                    count += tx.run(
                        &format!("DELETE FROM {} WHERE {given}", tokens.table),
                        &[Param::One(&row.key)],
                    )?;
                }
            }
            count += self.revoke_oauth(tx, &row.key, grants)?;
            if *grants == Grants::All && self.schema.user.last_login {
                let user = &self.schema.user;
                let sql = format!(
                    "UPDATE {} SET {} WHERE {} = {}",
                    user.table,
                    self.moved_on(),
                    user.key,
                    self.db.dialect().one(1, &user.key_type),
                );
                tx.run(&sql, &[Param::One(&row.key)])?;
            }
            Ok(Effect::Done { count })
        })
    }

    fn revoke_oauth(&self, tx: &mut Tx<'_>, key: &str, grants: &Grants) -> Result<u64, ConnectError> {
        let apps: Vec<String> = match grants {
            Grants::All => Vec::new(),
            Grants::Of(apps) => apps.iter().map(ToString::to_string).collect(),
        };
        let has = |name: &str| self.schema.oauth.iter().any(|t| t.table == name);
        if has("oauth2_provider_refreshtoken") && has("oauth2_provider_accesstoken") {
            // the two refer to each other
            let sql = format!(
                "UPDATE oauth2_provider_accesstoken SET source_refresh_token_id = NULL WHERE {}",
                self.owned("user_id")
            );
            if *grants == Grants::All {
                tx.run(&sql, &[Param::One(key)])?;
            } else {
                let sql = format!("{sql} AND {}", self.of_apps(false));
                tx.run(&sql, &[Param::One(key), Param::Many(&apps)])?;
            }
        }
        let mut count = 0;
        for OauthTable { table, by_client } in &self.schema.oauth {
            let sql = format!("DELETE FROM {table} WHERE {}", self.owned("user_id"));
            count += if *grants == Grants::All {
                tx.run(&sql, &[Param::One(key)])?
            } else {
                let sql = format!("{sql} AND {}", self.of_apps(*by_client));
                tx.run(&sql, &[Param::One(key), Param::Many(&apps)])?
            };
        }
        Ok(count)
    }

    fn owned(&self, column: &str) -> String {
        format!("{column} = {}", self.db.dialect().one(1, &self.schema.user.key_type))
    }

    /// "is of one of the applications that are parameter 2".
    fn of_apps(&self, by_client: bool) -> String {
        let among = self.db.dialect().among("client_id", 2, "text");
        if by_client {
            among
        } else {
            format!("application_id IN (SELECT id FROM oauth2_provider_application WHERE {among})")
        }
    }

    /// Applications that hold something, by user key, for the given users or all.
    pub(super) fn granted(
        &self,
        tx: &mut Tx<'_>,
        users: Option<&[String]>,
    ) -> Result<BTreeMap<String, BTreeSet<AppId>>, ConnectError> {
        let mut held: BTreeMap<String, BTreeSet<AppId>> = BTreeMap::new();
        for tokens in &self.schema.tokens {
            let (table, owner) = (&tokens.table, &tokens.owner);
            let (theirs, params) = self.theirs(owner, users);
            let sql = format!("SELECT DISTINCT CAST({owner} AS text) FROM {table} WHERE {theirs}");
            for mut row in tx.rows(&sql, &params)? {
                if let Some(user) = text(row.pop()) {
                    held.entry(user).or_default().insert(tokens.app.clone());
                }
            }
        }
        for OauthTable { table, by_client } in &self.schema.oauth {
            let (theirs, params) = self.theirs("t.user_id", users);
            let sql = if *by_client {
                format!("SELECT DISTINCT CAST(t.user_id AS text), t.client_id FROM {table} t WHERE {theirs}")
            } else {
                format!(
                    "SELECT DISTINCT CAST(t.user_id AS text), a.client_id FROM {table} t \
                     JOIN oauth2_provider_application a ON a.id = t.application_id WHERE {theirs}"
                )
            };
            for row in tx.rows(&sql, &params)? {
                let mut cells = row.into_iter();
                if let (Some(user), Some(app)) = (text(cells.next()), text(cells.next())) {
                    held.entry(user).or_default().insert(AppId::new(app));
                }
            }
        }
        Ok(held)
    }
}

fn wanted(grants: &Grants, app: &AppId) -> bool {
    match grants {
        Grants::All => true,
        Grants::Of(apps) => apps.contains(app),
    }
}

//! Which tables and columns the site has: read once when it is opened, with names in quotes ready for a statement.
//!
//! Tables of the app `rightful_events` are used where they are there: `rightful_events_contact` knows since when an
//! address is on file, `rightful_events_rehash` which hash followed which at a sign-in without a change of the password.

use super::settings::Settings;
use crate::error::ConnectError;
use crate::sql::{Database, Param, Tx, quoted};
use model::id::AppId;
use std::collections::BTreeMap;

type Columns = BTreeMap<String, String>;

/// What was found.
pub(super) struct Schema {
    pub(super) user: UserTable,
    /// The session table; `None` where sessions are kept elsewhere.
    pub(super) session: Option<String>,
    pub(super) tokens: Vec<Tokens>,
    /// Django OAuth Toolkit's tables: those with a user, and whether they name an application or a client id.
    pub(super) oauth: Vec<OauthTable>,
    pub(super) content: Vec<Content>,
    /// Social sign-ins' tables (owner in `user_id`).
    pub(super) social: Vec<&'static str>,
    /// Second factors' tables; listed, never touched.
    pub(super) factors: Vec<&'static str>,
    /// django-allauth's addresses.
    pub(super) allauth_mail: bool,
    pub(super) contact_history: bool,
    pub(super) rehash: bool,
}

/// The user model's table.
pub(super) struct UserTable {
    pub(super) table: String,
    pub(super) key: String,
    pub(super) key_type: String,
    pub(super) account: String,
    pub(super) account_type: String,
    pub(super) last_login: bool,
    pub(super) joined: bool,
    pub(super) email: bool,
    pub(super) active: bool,
    pub(super) staff: bool,
    pub(super) superuser: bool,
}

/// A table of tokens of one kind.
pub(super) struct Tokens {
    pub(super) table: String,
    pub(super) owner: String,
    pub(super) app: AppId,
}

/// One of OAuth Toolkit's tables.
pub(super) struct OauthTable {
    pub(super) table: &'static str,
    /// The client is in `client_id` itself, not by way of `application_id`.
    pub(super) by_client: bool,
}

/// A table of posts.
pub(super) struct Content {
    pub(super) table: String,
    pub(super) id: String,
    pub(super) id_type: String,
    pub(super) owner: String,
    pub(super) hidden: String,
    pub(super) prefix: String,
}

const OAUTH: [(&str, bool); 5] = [
    // in this order: what refers to the next comes first
    ("oauth2_provider_refreshtoken", false),
    ("oauth2_provider_accesstoken", false),
    ("oauth2_provider_idtoken", false),
    ("oauth2_provider_grant", false),
    ("oauth2_provider_devicegrant", true),
];
const SOCIAL: [&str; 2] = ["social_auth_usersocialauth", "socialaccount_socialaccount"];
const FACTORS: [&str; 4] =
    ["mfa_authenticator", "otp_totp_totpdevice", "otp_static_staticdevice", "two_factor_phonedevice"];

impl Schema {
    /// Reads the tables; an error names the setting that doesn't fit.
    pub(super) fn read(db: &Database, tx: &mut Tx<'_>, settings: &Settings) -> Result<Self, ConnectError> {
        let mut columns = |table: &str| -> Result<Columns, ConnectError> {
            let rows = tx.rows(db.dialect().columns(), &[Param::One(table)])?;
            Ok(rows
                .into_iter()
                .filter_map(|row| {
                    let mut cells = row.into_iter().map(|c| c.map(|s| s.reveal().to_owned()));
                    Some((cells.next()??, cells.next().flatten().unwrap_or_default()))
                })
                .collect())
        };
        let found = columns(&settings.user_table)?;
        if !found.contains_key("password") {
            return Err(ConnectError::Setting {
                key: "user_table",
                reason: format!("{} has no table `{}` with a password", db.place(), settings.user_table),
            });
        }
        let session = match settings.sessions {
            super::SessionEngine::Elsewhere => None,
            super::SessionEngine::Db => columns(&settings.session_table)?
                .contains_key("session_data")
                .then(|| quoted("session_table", &settings.session_table))
                .transpose()?,
        };
        let mut tokens = Vec::new();
        for (table, app) in [("authtoken_token", "drf-token"), ("knox_authtoken", "knox-token")] {
            if columns(table)?.contains_key("user_id") {
                tokens.push(Tokens { table: table.into(), owner: "user_id".into(), app: app.into() });
            }
        }
        for own in &settings.tokens {
            type_of(&columns(&own.table)?, "tokens", &own.table, &own.owner)?;
            tokens.push(Tokens {
                table: quoted("tokens", &own.table)?,
                owner: quoted("tokens", &own.owner)?,
                app: own.app.clone(),
            });
        }
        let mut oauth = Vec::new();
        for (table, by_client) in OAUTH {
            if columns(table)?.contains_key("user_id") {
                oauth.push(OauthTable { table, by_client });
            }
        }
        let mut content = Vec::new();
        for own in &settings.content {
            let has = columns(&own.table)?;
            type_of(&has, "content", &own.table, &own.owner)?;
            type_of(&has, "content", &own.table, &own.hidden)?;
            content.push(Content {
                id_type: type_of(&has, "content", &own.table, &own.id)?,
                table: quoted("content", &own.table)?,
                id: quoted("content", &own.id)?,
                owner: quoted("content", &own.owner)?,
                hidden: quoted("content", &own.hidden)?,
                prefix: own.prefix.clone(),
            });
        }
        let mut social = Vec::new();
        for table in SOCIAL {
            if columns(table)?.contains_key("user_id") {
                social.push(table);
            }
        }
        let mut factors = Vec::new();
        for table in FACTORS {
            if !columns(table)?.is_empty() {
                factors.push(table);
            }
        }
        Ok(Self {
            user: UserTable::read(settings, &found)?,
            session,
            tokens,
            oauth,
            content,
            social,
            factors,
            allauth_mail: columns("account_emailaddress")?.contains_key("verified"),
            contact_history: columns("rightful_events_contact")?.contains_key("since"),
            rehash: columns("rightful_events_rehash")?.contains_key("before"),
        })
    }
}

impl UserTable {
    fn read(settings: &Settings, has: &Columns) -> Result<Self, ConnectError> {
        let table = &settings.user_table;
        Ok(Self {
            key_type: type_of(has, "user_key", table, &settings.user_key)?,
            account_type: type_of(has, "account_column", table, &settings.account_column)?,
            table: quoted("user_table", table)?,
            key: quoted("user_key", &settings.user_key)?,
            account: quoted("account_column", &settings.account_column)?,
            last_login: has.contains_key("last_login"),
            joined: has.contains_key("date_joined"),
            email: has.contains_key("email"),
            active: has.contains_key("is_active"),
            staff: has.contains_key("is_staff"),
            superuser: has.contains_key("is_superuser"),
        })
    }

    /// Whether a text can be an account here at all: what can't be cast is no account, not an error.
    pub(super) fn account_fits(&self, account: &str) -> bool {
        fits(&self.account_type, account)
    }
}

impl Content {
    /// Whether a text can be an object's key here.
    pub(super) fn id_fits(&self, id: &str) -> bool {
        fits(&self.id_type, id)
    }
}

/// Whether a text, cast to a column's type, is written the same again.
fn fits(kind: &str, value: &str) -> bool {
    if kind == "bigint" {
        value.parse::<i64>().is_ok_and(|n| n.to_string() == value)
    } else if kind == "uuid" {
        let dashes = [8, 13, 18, 23];
        value.len() == 36
            && value.bytes().enumerate().all(|(i, b)| {
                if dashes.contains(&i) { b == b'-' } else { matches!(b, b'0'..=b'9' | b'a'..=b'f') }
            })
    } else {
        !value.contains('\0')
    }
}

fn type_of(has: &Columns, key: &'static str, table: &str, column: &str) -> Result<String, ConnectError> {
    quoted(key, column)?;
    let kind = has.get(column).ok_or_else(|| ConnectError::Setting {
        key,
        reason: format!("the site's table `{table}` has no column `{column}`"),
    })?;
    // a number too large for a narrow column must be absent, not an error of the cast
    Ok(if kind.contains("int") { "bigint".into() } else { kind.clone() })
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn only_what_a_column_can_hold_is_asked_for() {
        assert!(fits("bigint", "17") && fits("bigint", "-3"));
        for no in ["017", "+1", "1.0", "x", "", "99999999999999999999"] {
            assert!(!fits("bigint", no), "{no}");
        }
        assert!(fits("uuid", "0f0e0d0c-0b0a-4908-8706-050403020100"));
        assert!(!fits("uuid", "0f0e0d0c0b0a49088706050403020100"));
        assert!(fits("character varying", "ann") && !fits("text", "a\0"));
    }
}

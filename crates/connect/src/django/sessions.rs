//! Sessions: found by decoding every row, as Django keeps no index by user; its key is not needed for that.
//!
//! Nothing is kept between two scans: who signs in while we work must be seen. A row's text before the first `:` is
//! base64url, compressed with zlib where it begins with a dot, and holds JSON with `_auth_user_id`.

use super::Django;
use crate::error::ConnectError;
use crate::sql::{Mode, Param, Tx};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::id::{AccountId, Digest, SessionId};
use model::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

const PAGE: usize = 5_000;
/// No session of an honest site unpacks to more.
const UNPACKED_MAX: u64 = 16 << 20;

/// Whose a session is.
#[derive(Debug, PartialEq, Eq)]
enum Whose {
    User(String),
    Nobody,
    /// It could be anybody's: a serializer that we don't read.
    Unreadable,
}

impl Django {
    /// Session keys by user key, for the given users or all, in one pass over the table; those that are over by the
    /// database's own clock too, unless `alive`.
    pub(super) fn sessions_of(
        &self,
        tx: &mut Tx<'_>,
        users: Option<&[String]>,
        alive: bool,
    ) -> Result<BTreeMap<String, Vec<Secret>>, ConnectError> {
        let mut found: BTreeMap<String, Vec<Secret>> = BTreeMap::new();
        let Some(table) = &self.schema.session else { return Ok(found) };
        let users: Option<BTreeSet<&str>> = users.map(|list| list.iter().map(String::as_str).collect());
        let sql = format!(
            "SELECT session_key, session_data FROM {table} WHERE session_key > {}{} ORDER BY session_key LIMIT {PAGE}",
            self.db.dialect().one(1, "text"),
            if alive { " AND expire_date > CURRENT_TIMESTAMP" } else { "" },
        );
        let mut last = Secret::new("");
        let mut unreadable = 0_u64;
        loop {
            let page = tx.rows(&sql, &[Param::One(last.reveal())])?;
            let full = page.len() == PAGE;
            for row in page {
                let mut cells = row.into_iter();
                let (Some(key), Some(data)) = (cells.next().flatten(), cells.next().flatten()) else {
                    continue;
                };
                match whose(data.reveal()) {
                    Whose::User(user) if users.as_ref().is_none_or(|u| u.contains(user.as_str())) => {
                        found.entry(user).or_default().push(key.clone());
                    }
                    Whose::User(_) | Whose::Nobody => {}
                    Whose::Unreadable => unreadable += 1,
                }
                last = key;
            }
            if !full {
                break;
            }
        }
        if unreadable > 0 {
            return Err(self.db.refused(format!(
                "{unreadable} sessions are not written as JSON, so it can't be told whose they are; set Django's \
                 SESSION_SERIALIZER to JSON and clear them, or set sessions = \"elsewhere\""
            )));
        }
        Ok(found)
    }

    /// Ends every session of the accounts, all found in one fresh pass: how many each had.
    pub(super) fn end_all(&self, accounts: &[AccountId]) -> Result<BTreeMap<AccountId, u64>, ConnectError> {
        let Some(table) = &self.schema.session else {
            return Err(self
                .db
                .refused("the site keeps its sessions elsewhere: they can't be ended from here"));
        };
        let sql = format!("DELETE FROM {table} WHERE {}", self.db.dialect().among("session_key", 1, "text"));
        // read first: the pass takes long, and on SQLite the site can't write while we hold the lock
        let (names, found) = self.db.within(Mode::Read, |tx| {
            let mut names = BTreeMap::new();
            for account in accounts {
                if let Some(row) = self.row(tx, account)? {
                    names.insert(row.key, account.clone());
                }
            }
            let keys: Vec<String> = names.keys().cloned().collect();
            let found = self.sessions_of(tx, Some(&keys), false)?;
            Ok((names, found))
        })?;
        self.db.within(Mode::Write, |tx| {
            let mut ended: BTreeMap<AccountId, u64> = names.values().map(|a| (a.clone(), 0)).collect();
            for (user, sessions) in &found {
                let sessions: Vec<String> = sessions.iter().map(|s| s.reveal().to_owned()).collect();
                let count = tx.run(&sql, &[Param::Many(&sessions)])?;
                if let Some(account) = names.get(user) {
                    ended.insert(account.clone(), count);
                }
            }
            Ok(ended)
        })
    }

    /// The sessions that are not over, as events name them, by user key.
    pub(super) fn alive(&self, tx: &mut Tx<'_>) -> Result<BTreeMap<String, Vec<SessionId>>, ConnectError> {
        let found = self.sessions_of(tx, None, true)?;
        Ok(found
            .into_iter()
            .map(|(user, keys)| {
                let mut ids: Vec<SessionId> = keys.iter().map(|k| id_of(k.reveal())).collect();
                ids.sort();
                (user, ids)
            })
            .collect())
    }
}

/// How events and plans name a session: the SHA-256 of its key, which nobody can sign in with.
fn id_of(session_key: &str) -> SessionId {
    SessionId::new(Digest::of(session_key.as_bytes()).hex())
}

fn whose(data: &str) -> Whose {
    let Some(json) = unpacked(data) else {
        // Django itself can't read it either: for it this is an empty session
        return Whose::Nobody;
    };
    match serde_json::from_slice::<serde_json::Value>(&json) {
        Ok(serde_json::Value::Object(session)) => match session.get("_auth_user_id") {
            Some(serde_json::Value::String(user)) => Whose::User(user.clone()),
            Some(serde_json::Value::Number(user)) => Whose::User(user.to_string()),
            Some(_) => Whose::Unreadable,
            None => Whose::Nobody,
        },
        Ok(_) | Err(_) => Whose::Unreadable,
    }
}

fn unpacked(data: &str) -> Option<Vec<u8>> {
    // payload, moment, signature: with fewer parts it is no session of Django's
    let payload = data.split(':').next().filter(|p| !p.is_empty() && data.matches(':').count() >= 2)?;
    let (packed, payload) = match payload.strip_prefix('.') {
        Some(rest) => (true, rest),
        None => (false, payload),
    };
    let raw = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    if !packed {
        return Some(raw);
    }
    let mut json = Vec::new();
    flate2::read::ZlibDecoder::new(raw.as_slice()).take(UNPACKED_MAX).read_to_end(&mut json).ok()?;
    Some(json)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(json: &[u8], packed: bool) -> String {
        if !packed {
            return format!("{}:1vabc:sig", URL_SAFE_NO_PAD.encode(json));
        }
        let mut zipped = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut zipped, json).unwrap();
        format!(".{}:1vabc:sig", URL_SAFE_NO_PAD.encode(zipped.finish().unwrap()))
    }

    #[test]
    fn the_user_is_read_plain_and_packed() {
        let json = br#"{"_auth_user_id":"17","_auth_user_backend":"b","_auth_user_hash":"h"}"#;
        assert_eq!(whose(&written(json, false)), Whose::User("17".into()));
        assert_eq!(whose(&written(json, true)), Whose::User("17".into()));
        assert_eq!(whose(&written(br#"{"_auth_user_id":17}"#, false)), Whose::User("17".into()));
    }

    #[test]
    fn what_is_not_a_users_is_nobodys() {
        assert_eq!(whose(&written(br#"{"cart":[1]}"#, true)), Whose::Nobody);
        assert_eq!(whose("!!!not base64:1:2"), Whose::Nobody);
        assert_eq!(whose(""), Whose::Nobody);
        assert_eq!(whose("abcd"), Whose::Nobody, "no moment, no signature");
    }

    #[test]
    fn a_pickle_is_not_guessed_at() {
        assert_eq!(whose(&written(b"\x80\x04}\x94.", false)), Whose::Unreadable);
    }
}

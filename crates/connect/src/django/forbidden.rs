//! Which acts the site's database would refuse to this connector's user, found without writing anything.

use super::Django;
use crate::error::ConnectError;
use crate::sql::{Dialect, Mode, Param, Tx};
use model::plan::ActKind;
use std::collections::BTreeMap;

/// What a statement needs of a table.
#[derive(Clone, Copy)]
enum Need {
    Update,
    Delete,
}

impl Need {
    fn as_str(self) -> &'static str {
        match self {
            Self::Update => "UPDATE",
            Self::Delete => "DELETE",
        }
    }
}

impl Django {
    /// Acts that would be refused, with why.
    pub(super) fn refused_acts(&self) -> Result<BTreeMap<ActKind, String>, ConnectError> {
        match self.db.dialect() {
            // A file is written by whoever may write the file: the lock for it is taken, and given back.
            Dialect::Sqlite => match self.db.within(Mode::Write, |_| Ok(())) {
                Ok(()) => Ok(BTreeMap::new()),
                Err(ConnectError::Refused { reason, .. }) => {
                    Ok(self.needs().into_iter().map(|(act, ..)| (act, reason.clone())).collect())
                }
                Err(other) => Err(other),
            },
            Dialect::Postgres => self.db.within(Mode::Read, |tx| {
                let mut refused = BTreeMap::new();
                for (act, table, need) in self.needs() {
                    if !is_granted(tx, table, need)? {
                        let why = format!("the database grants no {} on {table}", need.as_str());
                        refused.entry(act).or_insert(why);
                    }
                }
                Ok(refused)
            }),
        }
    }

    /// What each act writes.
    fn needs(&self) -> Vec<(ActKind, &str, Need)> {
        let schema = &self.schema;
        let user = schema.user.table.as_str();
        let mut needs = vec![
            (ActKind::RequireNewCredential, user, Need::Update),
            (ActKind::RestoreCredential, user, Need::Update),
        ];
        needs.extend(schema.session.as_deref().map(|t| (ActKind::EndSessions, t, Need::Delete)));
        needs.extend(schema.tokens.iter().map(|t| (ActKind::RevokeGrants, t.table.as_str(), Need::Delete)));
        needs.extend(schema.oauth.iter().map(|t| (ActKind::RevokeGrants, t.table, Need::Delete)));
        for content in &schema.content {
            needs.push((ActKind::HideObjects, &content.table, Need::Update));
            needs.push((ActKind::ShowObjects, &content.table, Need::Update));
        }
        needs
    }
}

fn is_granted(tx: &mut Tx<'_>, table: &str, need: Need) -> Result<bool, ConnectError> {
    let sql = "SELECT CAST(has_table_privilege(CAST($1::text AS regclass), $2::text) AS text)";
    let rows = tx.rows(sql, &[Param::One(table), Param::One(need.as_str())])?;
    Ok(rows.iter().flatten().flatten().any(|cell| cell.reveal() == "true"))
}

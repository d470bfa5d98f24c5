//! Posts: hidden by a boolean column of the site's own, shown again by the same. The text is never touched.

use super::schema::Content;
use super::{Django, text};
use crate::error::ConnectError;
use crate::sql::{Mode, Param, Tx};
use model::id::{AccountId, ObjectId};
use respond::port::Turned;
use std::collections::{BTreeMap, BTreeSet};

impl Django {
    /// Sets the hidden column of the account's own objects; says which it changed, and which are not there any more.
    pub(super) fn set_hidden(
        &self,
        account: &AccountId,
        objects: &[ObjectId],
        hidden: bool,
    ) -> Result<Turned, ConnectError> {
        let by_table = self.by_table(objects)?;
        self.db.within(Mode::Write, |tx| {
            let Some(row) = self.row(tx, account)? else {
                return Ok(Turned::PremiseGone { found: "the account is gone".into() });
            };
            for (table, ids) in &by_table {
                self.refuse_foreign(tx, &self.schema.content[*table], &row.key, ids)?;
            }
            let (mut turned, mut gone) = (Vec::new(), Vec::new());
            for (table, ids) in &by_table {
                let Content { table, id, id_type, owner, hidden: column, prefix, .. } =
                    &self.schema.content[*table];
                let theirs = format!(
                    "{among} AND {owner} = {user}",
                    among = self.db.dialect().among(id, 1, id_type),
                    user = self.db.dialect().one(2, &self.schema.user.key_type),
                );
                let params = [Param::Many(ids), Param::One(&row.key)];
                let there = format!("SELECT CAST({id} AS text) FROM {table} WHERE {theirs}");
                let there: BTreeSet<String> =
                    tx.rows(&there, &params)?.into_iter().filter_map(|mut row| text(row.pop())).collect();
                gone.extend(ids.iter().filter(|i| !there.contains(*i)).map(|i| named(prefix, i)));
                let sql = format!(
                    "UPDATE {table} SET {column} = {to} WHERE {theirs} AND {column} = {from} \
                     RETURNING CAST({id} AS text)",
                    to = truth(hidden),
                    from = truth(!hidden),
                );
                let changed = tx.rows(&sql, &params)?.into_iter().filter_map(|mut row| text(row.pop()));
                turned.extend(changed.map(|i| named(prefix, &i)));
            }
            turned.sort();
            gone.sort();
            Ok(Turned::Done { turned, gone })
        })
    }

    /// An object of somebody else's stops the whole act.
    fn refuse_foreign(
        &self,
        tx: &mut Tx<'_>,
        content: &Content,
        user: &str,
        ids: &[String],
    ) -> Result<(), ConnectError> {
        let sql = format!(
            "SELECT CAST(COUNT(*) AS text) FROM {table} WHERE {among} AND {owner} <> {user}",
            table = content.table,
            owner = content.owner,
            among = self.db.dialect().among(&content.id, 1, &content.id_type),
            user = self.db.dialect().one(2, &self.schema.user.key_type),
        );
        let mut rows = tx.rows(&sql, &[Param::Many(ids), Param::One(user)])?;
        let foreign = rows.pop().and_then(|mut row| text(row.pop()));
        if foreign.as_deref() == Some("0") {
            Ok(())
        } else {
            Err(self.db.refused("an object of another account was named: nothing was hidden or shown"))
        }
    }

    /// Objects by the place of their table; one that is of no known table stops the act, as it would stay visible.
    fn by_table(&self, objects: &[ObjectId]) -> Result<BTreeMap<usize, Vec<String>>, ConnectError> {
        let mut by_table: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for object in objects {
            let place = self.schema.content.iter().enumerate().find_map(|(i, content)| {
                let id = object.as_str().strip_prefix(&content.prefix)?;
                content.id_fits(id).then(|| (i, id.to_owned()))
            });
            match place {
                Some((i, id)) => by_table.entry(i).or_default().push(id),
                None => {
                    return Err(self.db.refused(format!(
                        "object {object} is in no table of the setting `content`: nothing was hidden or shown"
                    )));
                }
            }
        }
        Ok(by_table)
    }

    /// Hidden objects by user key, for the given users or all.
    pub(super) fn hidden(
        &self,
        tx: &mut Tx<'_>,
        users: Option<&[String]>,
    ) -> Result<BTreeMap<String, Vec<ObjectId>>, ConnectError> {
        let mut all: BTreeMap<String, Vec<ObjectId>> = BTreeMap::new();
        for Content { table, id, owner, hidden, prefix, .. } in &self.schema.content {
            let (theirs, params) = self.theirs(owner, users);
            let sql = format!(
                "SELECT CAST({owner} AS text), CAST({id} AS text) FROM {table} \
                 WHERE {hidden} = TRUE AND {theirs} ORDER BY {id}"
            );
            for row in tx.rows(&sql, &params)? {
                let mut cells = row.into_iter();
                if let (Some(user), Some(id)) = (text(cells.next()), text(cells.next())) {
                    all.entry(user).or_default().push(named(prefix, &id));
                }
            }
        }
        Ok(all)
    }
}

fn named(prefix: &str, id: &str) -> ObjectId {
    ObjectId::new(format!("{prefix}{id}"))
}

fn truth(value: bool) -> &'static str {
    if value { "TRUE" } else { "FALSE" }
}

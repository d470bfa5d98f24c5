//! The accounts as they are now: a few statements over whole tables, in one consistent view.
//!
//! Django keeps no history of mail addresses. Since when one is on file is unknown, unless the app `rightful_events` has
//! kept it: then former addresses follow the present one, newest first, so that the contact from before a compromise is
//! found where the intruder has put in his own.

use super::{Django, Protect, hash, text, version};
use crate::error::ConnectError;
use crate::sql::{Cell, Mode, Param, Tx};
use model::account::{Account, AccountState, Contact, ContactKind, CredentialKind};
use model::id::{AccountId, Millis};
use model::secret::Secret;
use std::collections::{BTreeMap, BTreeSet};

impl Django {
    pub(super) fn states(&self, accounts: Option<&[AccountId]>) -> Result<Vec<AccountState>, ConnectError> {
        self.db.within(Mode::Read, |tx| {
            let rows = self.users(tx, accounts)?;
            let keys: Vec<String> = rows.iter().map(|row| row.key.clone()).collect();
            let users = accounts.map(|_| keys.as_slice());
            let mut sessions = self.alive(tx)?;
            let mut grants = self.granted(tx, users)?;
            let mut hidden = self.hidden(tx, users)?;
            let social = self.social(tx, users)?;
            let mut contacts = self.contacts(tx, &rows)?;
            let mut states: Vec<AccountState> = rows
                .into_iter()
                .map(|row| {
                    let usable = hash::is_usable(row.password.reveal());
                    AccountState {
                        credential: usable.then(|| version(&row.key, row.password.reveal())),
                        sessions: sessions.remove(&row.key).unwrap_or_default(),
                        grants: grants.remove(&row.key).unwrap_or_default().into_iter().collect(),
                        hidden: hidden.remove(&row.key).unwrap_or_default(),
                        factors: Vec::new(),
                        is_off: row.active == Some(false),
                        record: self.record(
                            &row,
                            usable,
                            social.contains(&row.key),
                            contacts.remove(&row.key).unwrap_or_default(),
                        ),
                    }
                })
                .collect();
            states.sort_by(|a, b| a.record.account.cmp(&b.record.account));
            Ok(states)
        })
    }

    fn record(&self, row: &User, usable: bool, social: bool, contacts: Vec<Contact>) -> Account {
        let mut credentials = Vec::new();
        if usable {
            credentials.push(CredentialKind::Password);
        }
        if social {
            credentials.push(CredentialKind::Sso);
        }
        if credentials.is_empty() {
            credentials.push(CredentialKind::None);
        }
        let account = row.account.clone();
        let protected = match self.settings.protect {
            Protect::Staff => row.staff || row.superuser,
            Protect::Superusers => row.superuser,
            Protect::Nobody => false,
        };
        Account {
            created: row.joined,
            active: row.active,
            credentials: Some(credentials),
            contacts: Some(contacts),
            protected: Some(protected),
            at_risk: Some(self.settings.at_risk.contains(&account)),
            service: Some(self.settings.service.contains(&account)),
            sentinel: Some(self.settings.sentinel.contains(&account)),
            probe: Some(self.settings.probe.contains(&account)),
            ..Account::unknown(account)
        }
    }

    fn users(&self, tx: &mut Tx<'_>, accounts: Option<&[AccountId]>) -> Result<Vec<User>, ConnectError> {
        let (user, dialect) = (&self.schema.user, self.db.dialect());
        let or_null = |there: bool, sql: String| if there { sql } else { "NULL".to_owned() };
        let truth = |column: &str| format!("CASE WHEN {column} THEN '1' ELSE '0' END");
        let wanted: Vec<String> = accounts
            .unwrap_or_default()
            .iter()
            .filter(|a| user.account_fits(a.as_str()))
            .map(ToString::to_string)
            .collect();
        let sql = format!(
            "SELECT CAST({key} AS text), CAST({account} AS text), password, {joined}, {email}, {active}, {staff}, \
             {superuser} FROM {table} WHERE {which}",
            key = user.key,
            account = user.account,
            table = user.table,
            joined = or_null(user.joined, dialect.millis("date_joined")),
            email = or_null(user.email, "email".into()),
            active = or_null(user.active, truth("is_active")),
            staff = or_null(user.staff, truth("is_staff")),
            superuser = or_null(user.superuser, truth("is_superuser")),
            which = match accounts {
                Some(_) => dialect.among(&user.account, 1, &user.account_type),
                None => format!("{} IS NOT NULL", user.key),
            },
        );
        let params = if accounts.is_some() { vec![Param::Many(&wanted)] } else { Vec::new() };
        Ok(tx.rows(&sql, &params)?.into_iter().map(User::read).collect())
    }

    /// Keys of the users that can sign in by somebody else's word.
    fn social(&self, tx: &mut Tx<'_>, users: Option<&[String]>) -> Result<BTreeSet<String>, ConnectError> {
        let mut found = BTreeSet::new();
        for table in &self.schema.social {
            let (theirs, params) = self.theirs("user_id", users);
            let sql = format!("SELECT DISTINCT CAST(user_id AS text) FROM {table} WHERE {theirs}");
            found.extend(tx.rows(&sql, &params)?.into_iter().filter_map(|mut row| text(row.pop())));
        }
        Ok(found)
    }

    /// Contacts by user key: the present address first, then allauth's, then former ones, newest first.
    fn contacts(
        &self,
        tx: &mut Tx<'_>,
        rows: &[User],
    ) -> Result<BTreeMap<String, Vec<Contact>>, ConnectError> {
        let mut contacts: BTreeMap<String, Vec<Contact>> = BTreeMap::new();
        for row in rows {
            if let Some(email) = row.email.as_ref().filter(|e| e.reveal().contains('@')) {
                contacts.entry(row.key.clone()).or_default().push(of_unknown_age(email.clone()));
            }
        }
        let known: BTreeSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
        if self.schema.allauth_mail {
            let sql = "SELECT CAST(user_id AS text), email FROM account_emailaddress ORDER BY id";
            for row in tx.rows(sql, &[])? {
                let mut cells = row.into_iter();
                let (Some(user), Some(email)) = (text(cells.next()), cells.next().flatten()) else {
                    continue;
                };
                if known.contains(user.as_str()) && place(contacts.get(&user), &email).is_none() {
                    contacts.entry(user).or_default().push(of_unknown_age(email));
                }
            }
        }
        if self.schema.contact_history {
            let sql = "SELECT user_id, value, CAST(since AS text), CAST(verified_at AS text) \
                       FROM rightful_events_contact WHERE kind = 'mail' ORDER BY user_id, since DESC, id DESC";
            for row in tx.rows(sql, &[])? {
                let mut cells = row.into_iter();
                let (Some(user), Some(value)) = (text(cells.next()), cells.next().flatten()) else {
                    continue;
                };
                if !known.contains(user.as_str()) {
                    continue;
                }
                let (since, verified_at) = (millis(cells.next()), millis(cells.next()));
                let theirs = contacts.entry(user).or_default();
                match place(Some(theirs), &value) {
                    // the newest row speaks for the address: taken back after the intruder's, it counts from then
                    Some(i) if theirs[i].since.is_none() => {
                        theirs[i].since = since;
                        theirs[i].verified_at = verified_at;
                    }
                    Some(_) => {}
                    None => theirs.push(Contact { kind: ContactKind::Mail, value, verified_at, since }),
                }
            }
        }
        Ok(contacts)
    }
}

struct User {
    key: String,
    account: AccountId,
    password: Secret,
    joined: Option<Millis>,
    email: Option<Secret>,
    active: Option<bool>,
    staff: bool,
    superuser: bool,
}

impl User {
    fn read(row: Vec<Cell>) -> Self {
        let mut cells = row.into_iter();
        let truth = |cell: Option<Cell>| text(cell).map(|t| t == "1");
        Self {
            key: text(cells.next()).unwrap_or_default(),
            account: AccountId::new(text(cells.next()).unwrap_or_default()),
            password: cells.next().flatten().unwrap_or_else(|| Secret::new("")),
            joined: millis(cells.next()),
            email: cells.next().flatten(),
            active: truth(cells.next()),
            staff: truth(cells.next()).unwrap_or_default(),
            superuser: truth(cells.next()).unwrap_or_default(),
        }
    }
}

fn of_unknown_age(value: Secret) -> Contact {
    Contact { kind: ContactKind::Mail, value, verified_at: None, since: None }
}

fn place(contacts: Option<&Vec<Contact>>, value: &Secret) -> Option<usize> {
    contacts?.iter().position(|c| c.value.reveal().eq_ignore_ascii_case(value.reveal()))
}

fn millis(cell: Option<Cell>) -> Option<Millis> {
    text(cell)?.parse().ok()
}

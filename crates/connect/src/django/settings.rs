//! What an operator says about the site; an unknown key is refused by whoever reads it.

use model::id::{AccountId, AppId};
use model::secret::Secret;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Where the site keeps what; the defaults are Django's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// `sqlite:PATH` or `postgres://USER@HOST/NAME`.
    pub database: Secret,
    /// The site's name as it is written in plans: `forum.example`.
    pub site: String,
    /// The user model's table.
    #[serde(default = "user_table")]
    pub user_table: String,
    /// Its primary key.
    #[serde(default = "id")]
    pub user_key: String,
    /// The column whose value is the account's id in events: the key, or `username`.
    #[serde(default = "id")]
    pub account_column: String,
    /// The table of sessions.
    #[serde(default = "session_table")]
    pub session_table: String,
    /// Where the site keeps its sessions.
    #[serde(default)]
    pub sessions: SessionEngine,
    /// Tables of tokens besides the ones that are found by themselves.
    #[serde(default)]
    pub tokens: Vec<TokenTable>,
    /// What others can see and we can hide.
    #[serde(default)]
    pub content: Vec<ContentTable>,
    /// Whose accounts are handled by hand only.
    #[serde(default)]
    pub protect: Protect,
    /// PBKDF2 iterations of the hashes we make (`pbkdf2_sha256`, which the site's `PASSWORD_HASHERS` must know to let an
    /// owner in with a password chosen here; Django's own list does); absent: as many as the replaced hash has, else Django 5.2's own.
    #[serde(default)]
    pub iterations: Option<u32>,
    /// Accounts of machines.
    #[serde(default)]
    pub service: BTreeSet<AccountId>,
    /// A notice without details, by hand only.
    #[serde(default)]
    pub at_risk: BTreeSet<AccountId>,
    /// Planted accounts that can't be compromised.
    #[serde(default)]
    pub sentinel: BTreeSet<AccountId>,
    /// Ours, for trying what is refused.
    #[serde(default)]
    pub probe: BTreeSet<AccountId>,
}

/// Where the site keeps its sessions (its `SESSION_ENGINE`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionEngine {
    /// `django.contrib.sessions.backends.db`: a row deleted is a session ended.
    #[default]
    Db,
    /// Anything else: a cache, files, signed cookies. They can't be ended from here, so nothing is restored either.
    Elsewhere,
}

/// A table of tokens of the site's own.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenTable {
    /// The table.
    pub table: String,
    /// The column that holds the user's key.
    pub owner: String,
    /// What the token is called in events and plans.
    pub app: AppId,
}

/// A table of posts.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ContentTable {
    /// The table.
    pub table: String,
    /// Its primary key.
    #[serde(default = "id")]
    pub id: String,
    /// The column that holds the owner's key.
    pub owner: String,
    /// A boolean column: true hides.
    pub hidden: String,
    /// What an object's id in events begins with: `forum.post:` where the object is `forum.post:17`.
    #[serde(default)]
    pub prefix: String,
}

/// Whose accounts are protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protect {
    /// Staff and superusers.
    #[default]
    Staff,
    /// Superusers.
    Superusers,
    /// Nobody.
    Nobody,
}

impl Settings {
    /// Django's defaults for a site in a database.
    #[must_use]
    pub fn new(site: impl Into<String>, database: Secret) -> Self {
        Self {
            database,
            site: site.into(),
            user_table: user_table(),
            user_key: id(),
            account_column: id(),
            session_table: session_table(),
            sessions: SessionEngine::default(),
            tokens: Vec::new(),
            content: Vec::new(),
            protect: Protect::default(),
            iterations: None,
            service: BTreeSet::new(),
            at_risk: BTreeSet::new(),
            sentinel: BTreeSet::new(),
            probe: BTreeSet::new(),
        }
    }
}

fn user_table() -> String {
    "auth_user".into()
}

fn session_table() -> String {
    "django_session".into()
}

fn id() -> String {
    "id".into()
}

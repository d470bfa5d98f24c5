//! A ledger of each kind for a test (cargo feature `testing`). A PostgreSQL that can't be had fails the test: it is
//! never passed over.

mod server;

use crate::db::{Chance, Store};
use crate::url::Url;
use model::id::Digest;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;

/// An empty ledger of a test's own; it is gone with this value.
pub struct Database {
    url: Url,
    _folder: Option<TempDir>,
    server: Option<server::Server>,
}

impl Database {
    /// A SQLite file in a folder of its own.
    ///
    /// # Panics
    /// Where no folder can be made.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self { url: Url::Sqlite(folder.path().join("ledger.db")), _folder: Some(folder), server: None }
    }

    /// The same where the system keeps files in memory, if it does: for plays of many seeds, in which no machine is lost and
    /// a disk only takes time.
    ///
    /// # Panics
    /// Where no folder can be made.
    #[must_use]
    pub fn sqlite_in_memory() -> Self {
        let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
        let folder = folder.expect("a temporary folder can be made");
        Self { url: Url::Sqlite(folder.path().join("ledger.db")), _folder: Some(folder), server: None }
    }

    /// A database on a PostgreSQL server of this process, which is started for the first one, and ends with the
    /// process.
    ///
    /// # Panics
    /// Where PostgreSQL is not installed or does not start; the message says what to do.
    #[must_use]
    #[allow(clippy::panic, reason = "a test without its database must fail, and say why")]
    pub fn postgres() -> Self {
        match server::database() {
            Ok(url) => Self { url, _folder: None, server: None },
            Err(why) => panic!("no PostgreSQL for this test: {why}"),
        }
    }

    /// A database on a PostgreSQL server of its own, which can die without taking others' with it.
    ///
    /// # Panics
    /// As [`Database::postgres`].
    #[must_use]
    #[allow(clippy::panic, reason = "a test without its database must fail, and say why")]
    pub fn postgres_of_its_own() -> Self {
        match server::start().and_then(|server| Ok((server.database()?, server))) {
            Ok((url, server)) => Self { url, _folder: None, server: Some(server) },
            Err(why) => panic!("no PostgreSQL for this test: {why}"),
        }
    }

    /// The server of its own dies without a word to anybody (`pg_ctl stop -m immediate`), and is started again.
    ///
    /// # Panics
    /// Where it has none, or the server does not come back.
    #[allow(clippy::panic, reason = "a test without its database must fail, and say why")]
    pub fn dies_and_comes_back(&self) {
        let back = self.server.as_ref().map(server::Server::dies_and_comes_back);
        if !matches!(back, Some(Ok(()))) {
            panic!("the server of this database is not back: {back:?}");
        }
    }

    /// The socket of the server of its own, for whoever stands in between.
    #[must_use]
    pub fn socket(&self) -> Option<std::path::PathBuf> {
        self.server.as_ref().map(|server| server.folder().join(".s.PGSQL.5432"))
    }

    /// Where it lies.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether its files hold these bytes: SQLite's with the write-ahead log, a server's data files without its log.
    ///
    /// # Panics
    /// Where they can't be read.
    #[must_use]
    pub fn holds(&self, bytes: &[u8]) -> bool {
        let (folder, begins) = match &self.url {
            Url::Sqlite(path) => (path.with_file_name(""), "ledger.db"),
            Url::Postgres(_) => (server::written(&self.url), ""),
        };
        let files = std::fs::read_dir(folder).expect("the folder can be read").map(|f| f.expect("a file"));
        let ours = files.filter(|f| f.file_name().to_string_lossy().starts_with(begins));
        ours.filter_map(|f| std::fs::read(f.path()).ok())
            .any(|file| file.windows(bytes.len()).any(|window| window == bytes))
    }

    /// Opens it, with chance that is the same in each run.
    ///
    /// # Panics
    /// Where it can't be opened.
    #[must_use]
    #[allow(clippy::panic, reason = "a test without its database must fail, and say why")]
    pub fn open(&self) -> Store {
        match Store::open(&self.url, counted_chance()) {
            Ok(store) => store,
            Err(why) => panic!("{why}"),
        }
    }
}

/// Changes a ledger behind its back, as other hands would.
///
/// # Panics
/// Where the database refuses it.
#[allow(clippy::panic, reason = "a test whose ledger can't be changed must fail, and say why")]
pub fn script(url: &Url, sql: &str) {
    let done = match url {
        Url::Sqlite(path) => {
            rusqlite::Connection::open(path).and_then(|c| c.execute_batch(sql)).map_err(|e| e.to_string())
        }
        Url::Postgres(text) => postgres::Client::connect(text.reveal(), postgres::NoTls)
            .and_then(|mut client| client.batch_execute(sql))
            .map_err(|e| e.to_string()),
    };
    if let Err(why) = done {
        panic!("{sql}: {why}");
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let (Url::Postgres(_), None) = (&self.url, &self.server) {
            server::forget(&self.url);
        }
    }
}

/// Runs a test on an empty ledger of each kind. When it fails, standard error says on which.
pub fn on_both(test: impl Fn(&Database)) {
    for database in [Database::sqlite, Database::postgres] {
        let database = database();
        let _told = Told(&database);
        test(&database);
    }
}

/// Says which database a failing test was on.
struct Told<'a>(&'a Database);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("this failed on {}", self.0.url);
        }
    }
}

/// Chance that counts: never the same twice, and the same in each run of one test.
#[must_use]
pub fn counted_chance() -> Chance {
    let count = AtomicU64::new(0);
    Arc::new(move || Digest::of(&count.fetch_add(1, Ordering::Relaxed).to_be_bytes()).0)
}

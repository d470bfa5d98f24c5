//! A site's tables as Django makes them, on SQLite and on a PostgreSQL of the tests' own; the same rows on both.

use crate::django::{ContentTable, Django, Settings, hash};
use crate::sql::{Database, Mode, Param};
use base64::Engine as _;
use model::id::AccountId;
use model::secret::Secret;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

pub(super) struct Site {
    pub(super) settings: Settings,
    db: Database,
    _dir: Option<tempfile::TempDir>,
}

/// Runs a test on both databases.
pub(super) fn on_both(test: impl Fn(&Site)) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("site.db");
    rusqlite::Connection::open(&path).unwrap();
    test(&Site::made(&format!("sqlite:{}", path.display()), Some(dir)));
    test(&Site::made(&postgres_database(), None));
}

impl Site {
    fn made(url: &str, dir: Option<tempfile::TempDir>) -> Self {
        let url = Secret::new(url);
        let mut settings = Settings::new("forum.test", url.clone());
        settings.iterations = Some(10);
        settings.content = vec![ContentTable {
            table: "forum_post".into(),
            id: "id".into(),
            owner: "author_id".into(),
            hidden: "hidden".into(),
            prefix: "forum.post:".into(),
        }];
        let site = Self { settings, db: Database::new(&url).unwrap(), _dir: dir };
        for statement in include_str!("site.sql").split(';').filter(|s| !s.trim().is_empty()) {
            site.run(statement);
        }
        for (id, name, mail) in [
            (1, "ann", "ann@mail.test"),
            (2, "ben", "ben@mail.test"),
            (3, "cas", "ben@mail.test"),
            (4, "dot", ""),
        ] {
            site.run(&format!(
                "INSERT INTO auth_user VALUES ({id}, '{}', '2026-10-01 08:00:00.123456', FALSE, '{name}', '{mail}', \
                 FALSE, TRUE, '2020-01-02 03:04:05')",
                old_hash(id)
            ));
        }
        site
    }

    pub(super) fn django(&self) -> Django {
        Django::open(self.settings.clone()).unwrap()
    }

    pub(super) fn run(&self, sql: &str) {
        self.db.within(Mode::Write, |tx| tx.run(sql, &[])).unwrap_or_else(|e| panic!("{e}: {sql}"));
    }

    /// One cell as text.
    pub(super) fn ask(&self, sql: &str) -> String {
        let rows =
            self.db.within(Mode::Read, |tx| tx.rows(sql, &[])).unwrap_or_else(|e| panic!("{e}: {sql}"));
        rows[0][0].as_ref().map_or_else(|| "null".to_owned(), |s| s.reveal().to_owned())
    }

    pub(super) fn count(&self, table: &str) -> u64 {
        self.ask(&format!("SELECT CAST(COUNT(*) AS text) FROM {table}")).parse().unwrap()
    }

    /// A session row as Django 5 writes it; `user` 0 is nobody signed in.
    pub(super) fn session(&self, key: &str, user: i64) {
        let json = if user == 0 {
            r#"{"cart":[1]}"#.to_owned()
        } else {
            format!(r#"{{"_auth_user_id":"{user}","_auth_user_backend":"b","_auth_user_hash":"h"}}"#)
        };
        let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(json);
        self.raw_session(key, &format!("{payload}:1vxyz:signature"));
    }

    pub(super) fn raw_session(&self, key: &str, data: &str) {
        let sql = match self.db.dialect() {
            crate::sql::Dialect::Sqlite => {
                "INSERT INTO django_session VALUES (?1, ?2, '2099-01-01 00:00:00')"
            }
            crate::sql::Dialect::Postgres => {
                "INSERT INTO django_session VALUES ($1::text, $2::text, '2099-01-01 00:00:00')"
            }
        };
        self.db.within(Mode::Write, |tx| tx.run(sql, &[Param::One(key), Param::One(data)])).unwrap();
    }

    /// Every row of the tables that may change, without the named user's and what is theirs.
    pub(super) fn of_others(&self, user: i64) -> String {
        [
            format!("SELECT CAST(id AS text), password, CAST(last_login AS text) FROM auth_user WHERE id <> {user}"),
            format!("SELECT key, CAST(user_id AS text), '' FROM authtoken_token WHERE user_id <> {user}"),
            format!(
                "SELECT CAST(id AS text), CASE WHEN hidden THEN 'h' ELSE 's' END, text FROM forum_post \
                 WHERE author_id <> {user}"
            ),
            format!("SELECT token, '', '' FROM oauth2_provider_accesstoken WHERE user_id <> {user}"),
            format!("SELECT session_key, session_data, '' FROM django_session WHERE session_key NOT LIKE 'u{user}%'"),
        ]
        .iter()
        .map(|sql| {
            let mut rows: Vec<String> = self
                .db
                .within(Mode::Read, |tx| tx.rows(sql, &[]))
                .unwrap()
                .iter()
                .map(|r| {
                    r.iter()
                        .map(|c| c.as_ref().map_or_else(String::new, |s| s.reveal().to_owned()))
                        .collect::<Vec<_>>()
                        .join("|")
                })
                .collect();
            rows.sort();
            rows.join("\n")
        })
        .collect::<Vec<_>>()
        .join("\n--\n")
    }
}

/// What user `id` has for a password.
pub(super) fn old_hash(id: i64) -> String {
    hash::stored(&Secret::new(format!("old-{id}")), "seasaltseasaltseasalt1", 7).reveal().to_owned()
}

pub(super) fn account(id: i64) -> AccountId {
    AccountId::new(id.to_string())
}

struct Cluster {
    port: u16,
    // its end of the pipe closes when this process ends, which stops the server
    _guard: Child,
    _dir: tempfile::TempDir,
}

static CLUSTER: OnceLock<Cluster> = OnceLock::new();
static NEXT: AtomicU32 = AtomicU32::new(0);

pub(super) fn postgres_database() -> String {
    let cluster = CLUSTER.get_or_init(start);
    let name = format!("site{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let admin = format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.port);
    let mut client = postgres::Client::connect(&admin, postgres::NoTls).unwrap();
    client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
    format!("postgres://postgres@127.0.0.1:{}/{name}", cluster.port)
}

fn start() -> Cluster {
    let dir = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut guard = Command::new("bash")
        .arg("-c")
        .arg(include_str!("postgres.sh"))
        .arg("postgres.sh")
        .arg(dir.path())
        .arg(port.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bash");
    let mut line = String::new();
    let out = guard.stdout.take().expect("a pipe");
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
    assert_eq!(line.trim(), "ready", "PostgreSQL did not start: install Debian's postgresql");
    Cluster { port, _guard: guard, _dir: dir }
}

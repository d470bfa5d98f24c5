//! A PostgreSQL server of the test process's own, reached by a socket in a folder that only its user may enter.

use crate::url::Url;
use model::secret::Secret;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// How the server is set up: it may lose everything when the machine fails, and that is fine for a test.
const SETTINGS: &str =
    "-c listen_addresses= -c fsync=off -c full_page_writes=off -c max_connections=200 -c shared_buffers=32MB";

pub(super) struct Server {
    folder: PathBuf,
    pg_ctl: PathBuf,
    user: Option<String>,
    /// While this process holds it, the watcher lets the server live.
    _alive: std::process::ChildStdin,
}

impl Server {
    /// The only database of a server of its own.
    pub(super) fn database(&self) -> Result<Url, String> {
        administer(self, "CREATE DATABASE ledger")?;
        Ok(url(self, "ledger"))
    }

    /// The folder of its socket.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// It dies without a word to anybody, and is started again.
    pub(super) fn dies_and_comes_back(&self) -> Result<(), String> {
        let user = self.user.as_deref();
        let data = self.folder.join("data");
        run(as_user(user, &self.pg_ctl).args(["-w", "-m", "immediate", "-D"]).arg(data).arg("stop"))?;
        launch(user, &self.pg_ctl, &self.folder)
    }
}

static SERVER: OnceLock<Result<Server, String>> = OnceLock::new();

/// A new, empty database.
pub(super) fn database() -> Result<Url, String> {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let server = SERVER.get_or_init(start).as_ref().map_err(Clone::clone)?;
    let name = format!("ledger_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    administer(server, &format!("CREATE DATABASE {name}"))?;
    Ok(url(server, &name))
}

/// Drops a database; one that stays is removed with the server.
pub(super) fn forget(database: &Url) {
    let (Some(Ok(server)), Url::Postgres(url)) = (SERVER.get(), database) else { return };
    let name = url.reveal().rsplit_once('/').map_or("", |(_, name)| name);
    let _ = administer(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
}

/// The folder of a database's data files, after all that is in memory was written to them.
#[allow(clippy::panic, reason = "a test without its database must fail, and say why")]
pub(super) fn written(database: &Url) -> PathBuf {
    let (Some(Ok(server)), Url::Postgres(url)) = (SERVER.get(), database) else {
        panic!("this is no database of this process")
    };
    let found = postgres::Client::connect(url.reveal(), postgres::NoTls).and_then(|mut client| {
        client.batch_execute("CHECKPOINT")?;
        let sql = "SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = current_database()";
        client.query_one(sql, &[])?.try_get::<_, String>(0)
    });
    match found {
        Ok(oid) => server.folder.join("data/base").join(oid),
        Err(why) => panic!("{why}"),
    }
}

fn url(server: &Server, name: &str) -> Url {
    let host = server.folder.display().to_string().replace('/', "%2F");
    Url::Postgres(Secret::new(format!("postgres://postgres@{host}/{name}")))
}

fn administer(server: &Server, sql: &str) -> Result<(), String> {
    let Url::Postgres(url) = url(server, "postgres") else { return Ok(()) };
    let mut client = postgres::Client::connect(url.reveal(), postgres::NoTls)
        .map_err(|e| format!("it does not answer: {e}"))?;
    client.batch_execute(sql).map_err(|e| format!("{sql}: {e}"))
}

pub(super) fn start() -> Result<Server, String> {
    let programs = programs()?;
    let user = user()?;
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    let folder = tempfile::Builder::new().prefix("pg-").permissions(private).tempdir();
    let folder = folder.map_err(|e| format!("no temporary folder: {e}"))?;
    let path = folder.path().to_owned();
    if let Some(user) = &user {
        run(Command::new("chown").arg(user).arg(&path))?;
    }
    let data = path.join("data");
    run(as_user(user.as_deref(), &programs.join("initdb"))
        .args(["-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "--no-sync", "-D"])
        .arg(&data))?;
    let pg_ctl = programs.join("pg_ctl");
    launch(user.as_deref(), &pg_ctl, &path)?;
    let alive = watch(user.as_deref(), &pg_ctl, &path)?;
    Ok(Server { folder: folder.keep(), pg_ctl, user, _alive: alive })
}

fn launch(user: Option<&str>, pg_ctl: &Path, folder: &Path) -> Result<(), String> {
    let log = folder.join("log");
    let options = format!("{SETTINGS} -k {}", folder.display());
    let started = run(as_user(user, pg_ctl)
        .args(["-w", "-t", "60", "-o", &options, "-D"])
        .arg(folder.join("data"))
        .arg("-l")
        .arg(&log)
        .arg("start"));
    let said =
        started.map_err(|e| format!("{e}; its log: {}", std::fs::read_to_string(&log).unwrap_or_default()));
    said.map(drop)
}

/// Starts a process that waits for the end of this one (its standard input closes, however we end), then stops the
/// server and removes its folder.
fn watch(user: Option<&str>, pg_ctl: &Path, folder: &Path) -> Result<std::process::ChildStdin, String> {
    // The server may still be removing its own files when it is said to have stopped.
    let script = r#"trap "" INT TERM HUP; read -r _; "$1" -D "$2/data" -m immediate -w stop
        rm -rf "$2" || { sleep 1; rm -rf "$2"; }"#;
    let mut watcher = as_user(user, Path::new("sh"))
        .args(["-c", script, "sh"])
        .arg(pg_ctl)
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|e| format!("sh: {e}"))?;
    watcher.stdin.take().ok_or_else(|| "the watcher has no standard input".to_owned())
}

/// The folder with `initdb` and its fellows: on the path, or where Debian keeps them, the newest first.
fn programs() -> Result<PathBuf, String> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&paths)
        .find_map(|folder| folder.join("initdb").canonicalize().ok()?.parent().map(Path::to_owned));
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = versions
        .filter_map(|entry| {
            let version: u32 = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin"))).filter(|(_, bin)| bin.join("initdb").exists())
        })
        .max()
        .map(|(_, bin)| bin);
    on_path.or(debian).ok_or_else(|| {
        "initdb was found neither on the path nor under /usr/lib/postgresql; install PostgreSQL (Debian: apt-get install postgresql)"
            .to_owned()
    })
}

/// PostgreSQL does not run as root: the user to run it as, where we are root.
fn user() -> Result<Option<String>, String> {
    if run(Command::new("id").arg("-u"))?.trim() != "0" {
        return Ok(None);
    }
    let found = ["postgres", "nobody"].into_iter().find(|user| run(Command::new("id").arg(user)).is_ok());
    found.map(|user| Some(user.to_owned())).ok_or_else(|| {
        "this is root, and there is neither a user postgres nor nobody to run it as; add one".to_owned()
    })
}

fn as_user(user: Option<&str>, program: &Path) -> Command {
    let mut command = match user {
        Some(user) => {
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--"]).arg(program);
            command
        }
        None => Command::new(program),
    };
    // The caller's folder may be one that the user can't enter.
    command.current_dir("/").stdin(Stdio::null());
    command
}

/// Runs a command to its end; gives what it wrote.
fn run(command: &mut Command) -> Result<String, String> {
    let name = format!("{:?}", command.get_program());
    let output = command.output().map_err(|e| format!("{name}: {e}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let words = [output.stdout, output.stderr].concat();
    Err(format!("{name} ended with {}: {}", output.status, String::from_utf8_lossy(&words).trim()))
}

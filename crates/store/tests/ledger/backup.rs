//! A ledger comes back from its backup as it was, on either database and from one to the other, and starts nothing; a
//! backup that is not whole, or not for this ledger, changes nothing.

use crate::fixture;
use ed25519_dalek::SigningKey;
use model::audit::Checkpoint;
use model::id::RunId;
use model::merkle::Frontier;
use model::order::Order;
use model::plan::Purpose;
use model::run::RunState;
use model::seal::SealedEntry;
use model::secret::Secret;
use serde_json::json;
use std::path::{Path, PathBuf};
use store::backup::{BackedUp, Backup, Restoring, Stopped};
use store::testing::{Database, counted_chance, on_both, script};
use store::{Store, StoreError, Url};

const REASON: &str = "restored from a backup";

fn sign(frontier: &Frontier) -> Result<(Checkpoint, String), StoreError> {
    let (size, root) = (frontier.size(), frontier.root());
    let checkpoint = Checkpoint { origin: "log.example".to_owned(), size, root };
    let note = checkpoint.sign(&SigningKey::from_bytes(&[1; 32])).unwrap();
    Ok((checkpoint, note))
}

fn back_up(store: &Store, path: &Path) -> BackedUp {
    let mut file = std::fs::File::create(path).unwrap();
    store.back_up(5_000, sign, &mut file).unwrap()
}

fn restore(path: &Path, into: &Database) -> Result<Stopped, StoreError> {
    let how = Restoring { by: "ana", now: 6_000, reason: REASON };
    Backup::open(path)?.restore(into.url(), counted_chance(), &how)
}

/// A standing order that ends at a moment.
fn order(name: &str, ends_at: &str) -> Order {
    let text = format!(
        "name = \"{name}\"\nstarts_at = \"1970-01-01T00:00:00Z\"\nends_at = \"{ends_at}\"\n\
         calibration = \"labels\"\nconfidence_min = 0.97\n[bounds]\naccounts_per_hour_max = 4\n\
         accounts_per_day_max = 5\nactive_share_per_day_max = 0.005\nsegment_share_per_day_max = 0.02\n\
         reference_multiple_max = 3.0\n[reference]\naccounts_per_day = 10\nactive = 10000\nsegments = {{}}\n"
    );
    Order::parse(&text, &fixture::policy(), "rehearse:here").unwrap()
}

/// A ledger with something in many tables: a run that is done, one that is running, orders of which one is over, a
/// lease, a checkpoint.
fn lived(store: &Store) {
    let done = fixture::sealed(store, fixture::draft("p1", &[3], Purpose::Contain));
    let run = fixture::running(store, &done, "r1");
    fixture::wave(store, &done, &run, 0);
    store.write(3_100, |tx| tx.finish_run(&run, "ana")).unwrap();
    fixture::exonerate(store, &run, 2);
    let open = fixture::sealed(store, fixture::draft("p2", &[2, 2], Purpose::Contain));
    let run = fixture::running(store, &open, "r2");
    store
        .write(3_200, |tx| {
            assert_eq!(tx.lease("executor", "process-1", 9_000)?, Some(1));
            tx.put_order(&order("over", "1970-01-01T00:00:04Z"), "ana")?;
            tx.put_order(&order("daily", "1970-01-02T00:00:00Z"), "ana")?;
            tx.begin_wave(&run, 0)
        })
        .unwrap();
    let entries = fixture::to_do(store, &open, &run, 0);
    fixture::intend(store, &run, &entries).unwrap();
    let frontier = store.read(store::Read::audit_frontier).unwrap();
    let (checkpoint, note) = sign(&frontier).unwrap();
    store.write(3_300, |tx| tx.put_checkpoint(&checkpoint, &note, &frontier)).unwrap();
}

/// The lines of a backup without its header and end, which hold moments of their own.
fn rows(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines: Vec<String> = text.lines().skip(1).map(str::to_owned).collect();
    lines.pop();
    lines
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}

#[test]
fn a_ledger_comes_back_as_it_was_on_either_database_with_its_runs_halted() {
    for (from, into) in [
        (Database::sqlite as fn() -> Database, Database::sqlite as fn() -> Database),
        (Database::sqlite, Database::postgres),
        (Database::postgres, Database::sqlite),
        (Database::postgres, Database::postgres),
    ] {
        let (from, into, files) = (from(), into(), Files::new());
        let store = from.open();
        lived(&store);
        let kept = back_up(&store, &files.path("a"));
        let lines = rows(&files.path("a"));
        assert_eq!(kept.rows as usize, lines.iter().filter(|l| l.starts_with('[')).count());
        let stopped = restore(&files.path("a"), &into).unwrap();
        let daily = order("daily", "1970-01-02T00:00:00Z").digest().unwrap();
        assert_eq!(stopped, Stopped { runs: vec![RunId::new("r2")], orders: vec![daily] });

        let back = into.open();
        let run = back.read(|r| r.run(&"r2".into())).unwrap();
        assert_eq!((run.state, run.reason.as_deref()), (RunState::Halted, Some(REASON)));
        assert_eq!(back.read(|r| r.run(&"r1".into())).unwrap().state, RunState::Done);
        let suspended = back.read(|r| r.suspensions(&daily)).unwrap();
        assert_eq!(suspended.iter().map(|s| s.suspension.reason.as_str()).collect::<Vec<_>>(), [REASON]);
        // Neither does the process of before go on, nor does it keep others out.
        let lease = |fence| back.write(6_001, |tx| tx.insist_on_lease("executor", fence));
        assert!([1, 2, 3].into_iter().all(|fence| lease(fence).is_err()));
        let fence = back.write(6_001, |tx| tx.lease("executor", "process-2", 9_000)).unwrap();
        assert!(fence > Some(6_000), "{fence:?}");

        let log = back.read(|r| r.audit_records(0, 1_000)).unwrap();
        let last = log.last().unwrap().as_ref().unwrap().entry.clone();
        assert_eq!((last.action.as_str(), last.actor.as_str()), ("db.restore", "ana"));
        assert_eq!(last.detail["root"], json!(kept.header.checkpoint.root));
        assert_eq!(
            (&last.detail["size"], &last.detail["halted"]),
            (&json!(kept.header.checkpoint.size), &json!(["r2"]))
        );
        // All the rest is as it was: what one restore changed is all that the two backups differ in.
        back_up(&back, &files.path("b"));
        let (before, after) = (rows(&files.path("a")), rows(&files.path("b")));
        let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
        let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
        // The run, its plan and the lease are others; three entries and the suspension are more.
        assert_eq!((gone.len(), new.len()), (3, 7), "{gone:#?}\n{new:#?}");
        assert_eq!(before.len() + 4, after.len());
    }
}

/// What `lived` is, written by the programs of these versions. A migration adds the one before it.
const OLDER: [(i64, &str); 2] =
    [(9, include_str!("backups/version-9.backup")), (10, include_str!("backups/version-10.backup"))];

#[test]
fn a_backup_of_an_older_version_is_brought_to_this_one() {
    for (version, text) in OLDER {
        on_both(|database| {
            let files = Files::new();
            std::fs::write(files.path("a"), text).unwrap();
            let backup = Backup::open(&files.path("a")).unwrap();
            assert_eq!(backup.header().version, version);
            assert_eq!(restore(&files.path("a"), database).unwrap().runs, [RunId::new("r2")]);
            let back = database.open();
            let size = backup.header().checkpoint.size;
            let log = back.read(|r| r.audit_records(0, size)).unwrap();
            let wanted: Vec<_> = log.iter().flatten().map(|r| r.commitment().unwrap()).collect();
            assert_eq!(wanted.len() as u64, size, "version {version}: nothing was erased");
            assert_eq!(back.read(|r| r.audit_commitments(0, size)).unwrap(), wanted, "version {version}");
            for plan in ["p1", "p2"] {
                back.read(|r| r.sealed(&plan.into())).unwrap();
            }
        });
    }
}

#[test]
fn a_backup_is_of_one_moment_while_others_write() {
    on_both(|database| {
        let (store, files) = (database.open(), Files::new());
        lived(&store);
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writer = database.open();
            let stop = &stop;
            scope.spawn(move || {
                for n in 0..i64::MAX {
                    if stop.load(std::sync::atomic::Ordering::SeqCst) {
                        return;
                    }
                    // An operator and the entry that tells of it are one transaction: neither is seen alone.
                    let (operator, _) = fixture::operator(&format!("o{n}"));
                    writer.write(4_000, |tx| tx.add_operator(&operator, "root")).unwrap();
                }
            });
            for n in 0..5 {
                let path = files.path(&format!("b{n}"));
                back_up(&store, &path);
                let into = Database::sqlite();
                restore(&path, &into).unwrap();
                let back = into.open();
                let operators = back.read(store::Read::operators).unwrap().len();
                let log = back.read(|r| r.audit_records(0, 1_000_000)).unwrap();
                let added = log.iter().flatten().filter(|r| r.entry.action == "operator.add").count();
                assert_eq!(operators, added);
            }
            stop.store(true, std::sync::atomic::Ordering::SeqCst);
        });
    });
}

#[test]
fn a_ledger_that_is_not_empty_is_left_as_it_is_and_one_that_is_takes_it() {
    on_both(|database| {
        let (from, files) = (Database::sqlite(), Files::new());
        lived(&from.open());
        back_up(&from.open(), &files.path("a"));
        let store = database.open();
        store.write(1, |tx| tx.audit("ana", "test.write", "x", json!({}))).unwrap();
        let refused = restore(&files.path("a"), database).unwrap_err();
        assert!(matches!(&refused, StoreError::NotEmpty { table, .. } if table == "audit"), "{refused}");
        assert_eq!(store.read(store::Read::audit_size).unwrap(), 1);
        script(database.url(), "DELETE FROM audit");
        drop(store);
        restore(&files.path("a"), database).unwrap();
        assert_eq!(database.open().read(store::Read::runs).unwrap().len(), 2);
    });
}

#[test]
fn a_backup_that_is_damaged_cut_off_newer_or_not_what_its_checkpoint_says_changes_nothing() {
    on_both(|database| {
        let (from, files) = (Database::sqlite(), Files::new());
        lived(&from.open());
        let path = files.path("a");
        back_up(&from.open(), &path);
        let whole = std::fs::read_to_string(&path).unwrap();
        let refused = |text: &str| {
            std::fs::write(files.path("b"), text).unwrap();
            restore(&files.path("b"), database).unwrap_err().to_string()
        };
        let is_one_byte = |m: &usize| whole.is_char_boundary(*m) && whole.is_char_boundary(m + 1);
        let middle = (whole.len() / 2..).find(is_one_byte).unwrap();
        let other = if &whole[middle..=middle] == "7" { "8" } else { "7" };
        let damaged = format!("{}{other}{}", &whole[..middle], &whole[middle + 1..]);
        for (text, says) in [
            (damaged.as_str(), "its checksum is another"),
            (&whole[..middle], "its end is missing"),
            (&whole[..whole.len() - 1], "its end is missing"),
            ("", "it is empty"),
            ("SQLite format 3", "it is no backup of a ledger"),
        ] {
            let why = refused(text);
            assert!(why.contains(says), "{says}: {why}");
        }
        // With a checksum that fits, since whoever changes a file can compute one.
        let lines: Vec<&str> = whole.lines().collect();
        let summed = |change: &dyn Fn(&mut Vec<String>)| {
            let mut lines: Vec<String> = lines.iter().map(|l| (*l).to_owned()).collect();
            let end: serde_json::Value = serde_json::from_str(&lines.pop().unwrap()).unwrap();
            let was = lines.len() as u64;
            change(&mut lines);
            let rows = end["rows"].as_u64().unwrap() + lines.len() as u64 - was;
            let text = lines.join("\n") + "\n";
            let sum = model::id::Digest::of(text.as_bytes());
            refused(&format!("{text}{{\"rows\":{rows},\"sha256\":\"{sum}\"}}\n"))
        };
        let swap = |lines: &mut Vec<String>, at: usize, from: &str, to: &str| {
            assert!(lines[at].contains(from), "{from}: {}", lines[at]);
            lines[at] = lines[at].replacen(from, to, 1);
        };
        let find = |begins: &str| lines.iter().position(|l| l.starts_with(begins)).unwrap();
        let (audit, run) = (find("{\"table\":\"audit\""), find("{\"table\":\"run\""));
        let known = from.open().version();
        let version = |n: i64| format!("\"version\":{n},");
        let newer = summed(&|l| swap(l, 0, &version(known), &version(known + 1)));
        assert!(newer.contains(&format!("it is of version {}", known + 1)), "{newer}");
        let unknown = summed(&|l| swap(l, 0, &version(known), &version(0)));
        assert!(unknown.contains("it is of version 0"), "{unknown}");
        let form = summed(&|l| swap(l, 0, "\"rightful_backup\":1", "\"rightful_backup\":2"));
        assert!(form.contains("its form is 2"), "{form}");
        let size = summed(&|l| swap(l, 0, "\"size\":", "\"size\":1"));
        assert!(size.contains("its checkpoint says"), "{size}");
        let table = summed(&|l| swap(l, audit, "\"audit\"", "\"audit; DROP TABLE run\""));
        assert!(table.contains("is unknown"), "{table}");
        let column = summed(&|l| swap(l, audit, "\"nonce\"", "\"nonsense\""));
        assert!(column.contains("has other columns"), "{column}");
        let value = summed(&|l| swap(l, audit + 1, "[0,", "[0,1,"));
        assert!(value.contains("as many values"), "{value}");
        let row = summed(&|l| l.insert(run + 1, lines[run + 1].to_owned()));
        assert!(row.contains("the ledger refuses it"), "a run twice: {row}");
        let lost = summed(&|l| swap(l, run + 1, "\"p1\"", "\"p9\""));
        assert!(lost.contains("the ledger refuses it"), "a run of no plan: {lost}");

        let store = database.open();
        assert_eq!(store.read(store::Read::audit_size).unwrap(), 0, "something was written");
        drop(store);
        restore(&path, database).unwrap();
    });
}

#[test]
fn on_a_server_it_takes_no_more_than_a_role_with_a_database_of_its_own() {
    let (database, files) = (Database::postgres(), Files::new());
    script(
        database.url(),
        "CREATE ROLE plain LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE; CREATE SCHEMA AUTHORIZATION plain",
    );
    let Url::Postgres(url) = database.url() else { panic!("this is no server") };
    let own = Url::Postgres(Secret::new(url.reveal().replacen("//postgres@", "//plain@", 1)));
    let from = Database::sqlite();
    lived(&from.open());
    back_up(&from.open(), &files.path("a"));
    let how = Restoring { by: "ana", now: 6_000, reason: REASON };
    Backup::open(&files.path("a")).unwrap().restore(&own, counted_chance(), &how).unwrap();
    let store = Store::open(&own, counted_chance()).unwrap();
    back_up(&store, &files.path("b"));
    store.scrub().unwrap();
    // References wait no more than they did before: a division by none where one still does.
    let none_waits =
        "SELECT 1 / (1 - CAST(COUNT(*) > 0 AS INT)) FROM pg_constraint WHERE contype = 'f' AND condeferrable";
    script(&own, none_waits);
}

/// The sealed credentials of a run, as they lie in the ledger.
fn sealed_under(store: &Store, run: &RunId, entries: &[SealedEntry]) -> Vec<Vec<u8>> {
    let accounts: Vec<_> = entries.iter().map(|e| e.entry().account.clone()).collect();
    let sealed = store.read(|r| r.sealed_credentials(run, &accounts)).unwrap();
    sealed.into_iter().map(|c| c.ciphertext).collect()
}

#[test]
fn the_bytes_of_destroyed_credentials_and_keys_leave_the_files() {
    on_both(|database| {
        let store = database.open();
        let (run, entries) = fixture::intended(&store, &[40]);
        let other = fixture::sealed(&store, fixture::draft("p2", &[3], Purpose::Contain));
        let kept_run = fixture::running(&store, &other, "r2");
        store.write(1_600, |tx| tx.begin_wave(&kept_run, 0)).unwrap();
        let kept_entries = fixture::to_do(&store, &other, &kept_run, 0);
        fixture::intend(&store, &kept_run, &kept_entries).unwrap();
        let wrapped = b"wrapped: thirty-two bytes or more of a run's key".as_slice();
        store.write(2_100, |tx| tx.put_run_key(&run, "master", wrapped)).unwrap();
        let destroyed = sealed_under(&store, &run, &entries);
        let kept = sealed_under(&store, &kept_run, &kept_entries);
        assert_eq!((destroyed.len(), kept.len()), (40, 3));
        let held = |bytes: &[Vec<u8>]| bytes.iter().filter(|b| database.holds(b)).count();
        assert!(
            held(&destroyed) == 40 && database.holds(wrapped),
            "they are there, and found where they are"
        );
        store.write(2_200, |tx| tx.destroy_run_key(&run, "ana")).unwrap();
        store.scrub().unwrap();
        assert_eq!((held(&destroyed), database.holds(wrapped)), (0, false));
        // What lies beside it and was not destroyed is still there.
        assert_eq!(held(&kept), 3);
        assert_eq!(sealed_under(&store, &kept_run, &kept_entries), kept);
    });
}

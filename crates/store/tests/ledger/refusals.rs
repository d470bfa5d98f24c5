//! Bad input: a newer ledger, a file of somebody else's, a full disk, a place that isn't there.

use crate::fixture;
use model::plan::Purpose;
use serde_json::json;
use store::testing::{Database, counted_chance, on_both, script};
use store::{Store, StoreError, Url};

fn open(url: &Url) -> Result<Store, StoreError> {
    Store::open(url, counted_chance())
}

#[test]
fn a_newer_ledger_is_refused_and_left_as_it_is() {
    on_both(|database| {
        database.open().write(1, |tx| tx.audit("ana", "test.write", "x", json!({}))).unwrap();
        script(database.url(), "INSERT INTO ledger_version (version, name) VALUES (41, 'later')");
        match open(database.url()) {
            Err(error @ StoreError::Newer { found: 41, known, .. }) => {
                let text = error.to_string();
                assert!(text.contains("version 41") && text.contains(&known.to_string()), "{text}");
                assert!(text.contains("use the newer program"), "{text}");
            }
            other => panic!("{:?}", other.err()),
        }
        script(database.url(), "DELETE FROM ledger_version WHERE version = 41");
        assert_eq!(database.open().read(store::Read::audit_size).unwrap(), 1);
    });
}

#[test]
fn another_programs_database_is_refused_and_left_as_it_is() {
    on_both(|database| {
        script(database.url(), "CREATE TABLE theirs (x BIGINT); INSERT INTO theirs VALUES (1)");
        let bytes = |url: &Url| match url {
            Url::Sqlite(path) => std::fs::read(path).unwrap(),
            Url::Postgres(_) => vec![],
        };
        let before = bytes(database.url());
        let refused = open(database.url()).err();
        assert!(matches!(refused, Some(StoreError::Foreign { .. })), "{refused:?}");
        assert_eq!(bytes(database.url()), before);
        script(database.url(), "DROP TABLE theirs");
    });
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let database = Database::sqlite();
    let Url::Sqlite(path) = database.url() else { panic!("a file") };
    std::fs::write(path, "my thesis").unwrap();
    assert!(matches!(open(database.url()).err(), Some(StoreError::Foreign { .. })));
    assert_eq!(std::fs::read_to_string(path).unwrap(), "my thesis");
    std::fs::write(path, "").unwrap();
    open(database.url()).unwrap();
}

#[test]
fn a_place_that_is_not_there_is_named_without_the_password() {
    let url: Url = "postgres://ana:hunter2@127.0.0.1:1/ledger".parse().unwrap();
    let text = open(&url).err().unwrap().to_string();
    assert!(text.contains("127.0.0.1:1/ledger") && !text.contains("hunter2"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let url = Url::Sqlite(folder.path().join("no/such/folder/ledger.db"));
    let refused = open(&url).err();
    assert!(matches!(refused, Some(StoreError::Open { .. })), "{refused:?}");
}

#[test]
fn a_full_disk_is_called_so_and_loses_nothing() {
    let database = Database::sqlite();
    let store = database.open();
    let sealed = fixture::sealed(&store, fixture::draft("p1", &[20], Purpose::Contain));
    let size = store.read(store::Read::audit_size).unwrap();
    store.leave_no_room(true).unwrap();
    let big = fixture::draft("p2", &[5_000], Purpose::Contain);
    let full = store.write(2, |tx| tx.put_draft(&big, &fixture::policy()));
    match full {
        Err(error @ StoreError::Full(_)) => assert!(error.to_string().contains("make room"), "{error}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(store.read(store::Read::audit_size).unwrap(), size);
    assert_eq!(store.read(|r| r.sealed(&"p1".into())).unwrap(), sealed);
    assert!(matches!(store.read(|r| r.plan(&"p2".into())), Err(StoreError::Missing { .. })));
    store.leave_no_room(false).unwrap();
    store.write(2, |tx| tx.put_draft(&big, &fixture::policy())).unwrap();
    drop(store);
    assert_eq!(database.open().read(|r| r.sealed(&"p1".into())).unwrap(), sealed);
}

#[test]
fn a_row_changed_by_other_hands_is_named() {
    on_both(|database| {
        let store = database.open();
        fixture::sealed(&store, fixture::draft("p1", &[3], Purpose::Contain));
        script(database.url(), "UPDATE plan SET state = 'perhaps' WHERE id = 'p1'");
        match store.read(|r| r.plan(&"p1".into())) {
            Err(StoreError::Corrupt { table: "plan", key, .. }) => assert_eq!(key, "p1"),
            other => panic!("{other:?}"),
        }
        script(database.url(), "UPDATE plan SET state = 'sealed' WHERE id = 'p1'");
        let zeros = "0".repeat(64);
        script(
            database.url(),
            &format!("UPDATE plan_line SET commitment = '{zeros}' WHERE plan = 'p1' AND n = 2"),
        );
        let changed = store.read(|r| r.sealed(&"p1".into()));
        assert!(matches!(changed, Err(StoreError::Seal { .. })), "{changed:?}");
    });
}

#[test]
fn a_text_that_one_database_can_not_keep_is_refused_by_both() {
    on_both(|database| {
        let store = database.open();
        let refused = store.write(1, |tx| tx.audit("ana", "test.write", "a\0b", json!({})));
        assert!(matches!(refused, Err(StoreError::Value { .. })), "{refused:?}");
        assert_eq!(store.read(store::Read::audit_size).unwrap(), 0);
    });
}

#[test]
fn two_programs_may_make_one_ledger_at_once() {
    on_both(|database| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    database.open().write(1, |tx| tx.audit("ana", "test.write", "x", json!({}))).unwrap()
                });
            }
        });
        assert_eq!(database.open().read(store::Read::audit_size).unwrap(), 4);
    });
}

#[test]
fn what_a_panic_broke_off_is_not_kept_and_the_next_goes_on() {
    on_both(|database| {
        let store = database.open();
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _: Result<(), StoreError> = store.write(1, |tx| {
                tx.audit("ana", "test.write", "x", json!({}))?;
                panic!("in the middle");
            });
        }));
        assert!(broken.is_err());
        assert_eq!(store.read(store::Read::audit_size).unwrap(), 0);
        store.write(2, |tx| tx.audit("ana", "test.write", "x", json!({}))).unwrap();
        assert_eq!(store.read(store::Read::audit_size).unwrap(), 1);
    });
}

#[test]
fn a_connection_that_died_idle_is_made_anew_and_one_that_dies_at_work_is_told() {
    let database = Database::postgres();
    let store = database.open();
    let hang_up = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()";
    store.write(1, |tx| tx.audit("ana", "test.write", "x", json!({}))).unwrap();
    script(database.url(), hang_up);
    store.write(2, |tx| tx.audit("ana", "test.write", "x", json!({}))).unwrap();
    let lost = store.write(3, |tx| {
        tx.audit("ana", "test.write", "x", json!({}))?;
        script(database.url(), hang_up);
        tx.audit("ana", "test.write", "x", json!({}))
    });
    assert!(matches!(lost, Err(StoreError::Lost(_))), "{lost:?}");
    assert_eq!(store.read(store::Read::audit_size).unwrap(), 2);
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let database = Database::sqlite();
    let store = database.open();
    store.write(1, |tx| tx.audit("ana", "test.write", "x", json!({}))).unwrap();
    let Url::Sqlite(path) = database.url() else { panic!("a file") };
    let files = std::fs::read_dir(path.parent().unwrap()).unwrap().map(|f| f.unwrap().path());
    let files: Vec<_> = files.filter(|f| f.to_string_lossy().contains("ledger.db")).collect();
    assert!(files.len() >= 2, "{files:?}");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o077, 0, "{}", file.display());
    }
}

#[test]
fn every_text_of_postgres_sorts_as_in_sqlite() {
    let database = Database::postgres();
    drop(database.open());
    let Url::Postgres(url) = database.url() else { panic!("a server") };
    let mut client = postgres::Client::connect(url.reveal(), postgres::NoTls).unwrap();
    let sql = "SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public' AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'
        AND table_name <> 'ledger_version'";
    let others: Vec<String> = client.query(sql, &[]).unwrap().iter().map(|r| r.get(0)).collect();
    assert!(others.is_empty(), "{others:?}");
}

//! Migrations come in pairs: one of each name for SQLite and for PostgreSQL.

use crate::checkout::below;
use crate::{caught, none};

const FOLDER: &str = "crates/store/migrations";

fn pairs(sqlite: &[String], postgres: &[String]) -> Vec<String> {
    let mut findings = Vec::new();
    for (here, there, place) in [(sqlite, postgres, "postgres"), (postgres, sqlite, "sqlite")] {
        let alone = here.iter().filter(|name| !there.contains(name));
        findings.extend(alone.map(|name| format!("{FOLDER}/{place} lacks {name}")));
    }
    if sqlite.is_empty() {
        findings.push(format!("{FOLDER}/sqlite is empty"));
    }
    findings
}

fn names(place: &str) -> Vec<String> {
    let folder = format!("{FOLDER}/{place}/");
    below(folder.trim_end_matches('/'))
        .iter()
        .filter_map(|path| path.strip_prefix(&folder))
        .map(str::to_owned)
        .collect()
}

#[test]
fn migrations_come_in_pairs() {
    none(&pairs(&names("sqlite"), &names("postgres")));
}

#[test]
fn a_migration_alone_is_caught() {
    let both = ["0001_first.sql".to_owned(), "0002_second.sql".to_owned()];
    none(&pairs(&both, &both));
    caught(&pairs(&both, &both[..1]), &["postgres lacks 0002_second.sql"]);
    caught(&pairs(&both[1..], &both), &["sqlite lacks 0001_first.sql"]);
    caught(&pairs(&[], &[]), &["empty"]);
}

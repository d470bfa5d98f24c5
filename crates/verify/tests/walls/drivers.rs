//! Where databases, mail and TLS may come in.

use super::graph::Graph;
use crate::checkout::{Text, sources};
use crate::rust::{paths, shipped, under};
use crate::{caught, none};

const SQL: &[&str] = &[
    "rusqlite",
    "libsqlite3-sys",
    "sqlite",
    "postgres",
    "tokio-postgres",
    "deadpool-postgres",
    "sqlx",
    "diesel",
    "sea-orm",
    "mysql",
    "mysql_async",
    "duckdb",
];
const SQL_ROOMS: &[&str] = &["store", "connect"];

const MAIL: &[&str] = &["lettre", "mail-send", "sendmail", "async-smtp"];
const MAIL_FAMILIES: &[&str] = &["mailin"];
const MAIL_ROOMS: &[&str] = &["connect"];

/// The one room of `connect` that speaks SQL, as a file or a folder.
const SQL_FILES: &[&str] = &["crates/connect/src/sql.rs", "crates/connect/src/sql/"];

fn drivers(graph: &Graph) -> Vec<String> {
    let mut findings = Vec::new();
    for (name, asked) in &graph.ours {
        for to in asked.all() {
            if SQL.contains(&to.as_str()) && !SQL_ROOMS.contains(&name.as_str()) {
                findings.push(format!("{name} asks for the SQL driver {to}"));
            }
            let mail =
                MAIL.contains(&to.as_str()) || MAIL_FAMILIES.iter().any(|family| to.starts_with(family));
            if mail && !MAIL_ROOMS.contains(&name.as_str()) {
                findings.push(format!("{name} asks for the mail crate {to}"));
            }
        }
    }
    findings
}

fn foreign_tls(graph: &Graph) -> Vec<String> {
    let foreign = |name: &&String| {
        ["openssl", "openssl-sys", "openssl-src"].contains(&name.as_str())
            || name.contains("native-tls")
            || name.ends_with("-openssl")
    };
    graph
        .resolved
        .iter()
        .filter(foreign)
        .map(|name| format!("{name} is in the build: TLS is rustls"))
        .collect()
}

fn sql_outside_its_room(files: &[Text]) -> Vec<String> {
    let outside = files.iter().filter(|file| !SQL_FILES.iter().any(|room| file.path.starts_with(room)));
    outside
        .flat_map(|file| {
            let named = paths(&file.text);
            let drivers = SQL.iter().map(|driver| driver.replace('-', "_"));
            drivers
                .filter(move |driver| under(&named, driver))
                .map(|driver| format!("{} names {driver}", file.path))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn databases_and_mail_come_in_through_their_rooms() {
    none(&drivers(&Graph::read()));
}

#[test]
fn a_driver_in_another_room_is_caught() {
    let house = Graph::read();
    for (from, to) in
        [("server", "rusqlite"), ("hunt", "postgres"), ("respond", "tokio-postgres"), ("verify", "sqlx")]
    {
        caught(&drivers(&house.clone().with(from, to)), &[from, "SQL driver", to]);
    }
    for (from, to) in [("server", "lettre"), ("respond", "lettre"), ("rehearse", "mailin-embedded")] {
        caught(&drivers(&house.clone().with_in_tests(from, to)), &[from, "mail crate", to]);
    }
    none(&drivers(&house.with("store", "rusqlite").with("connect", "lettre")));
}

#[test]
fn tls_is_our_own() {
    none(&foreign_tls(&Graph::read()));
}

#[test]
fn a_foreign_tls_is_caught() {
    for name in ["openssl", "openssl-sys", "native-tls", "tokio-native-tls", "postgres-openssl"] {
        caught(&foreign_tls(&Graph::read().with("connect", name)), &[name]);
    }
}

#[test]
fn connectors_speak_sql_in_one_room() {
    none(&sql_outside_its_room(&shipped(&sources("connect"))));
}

#[test]
fn sql_in_a_connector_is_caught() {
    let file = |path: &str, text: &str| Text { path: path.to_owned(), text: text.to_owned() };
    let twin = [
        file("crates/connect/src/django.rs", "use rusqlite::Connection;"),
        file("crates/connect/src/sqlite.rs", "fn a(b: &mut postgres::Client) {}"),
        file("crates/connect/src/sql.rs", "use postgres::Client;"),
        file("crates/connect/src/sql/lite.rs", "use rusqlite::Connection;"),
    ];
    let findings = sql_outside_its_room(&twin);
    caught(&findings, &["django.rs", "rusqlite"]);
    caught(&findings, &["sqlite.rs", "postgres"]);
    assert_eq!(findings.len(), 2, "{findings:?}");
}

//! PostgreSQL, synchronously. A connection that leaves this machine must be told so by its URL.

use super::{Cell, Mode, Param};
use crate::error::ConnectError;
use ::postgres::config::{Host, SslMode};
use ::postgres::types::ToSql;
use ::postgres::{Client, Config, IsolationLevel, NoTls, Transaction};
use model::secret::Secret;
use std::time::Duration;

const CONNECT_MS: u64 = 10_000;
const STATEMENT_MS: u64 = 60_000;
const LOCK_MS: u64 = 5_000;

/// How errors name the database: host and name, without user and password.
pub(super) fn place(url: &Secret) -> Result<String, ConnectError> {
    let config = read(url)?;
    let host = config.get_hosts().first().map_or_else(|| "?".to_owned(), named);
    Ok(format!("the site's database {} at {host}", config.get_dbname().unwrap_or("?")))
}

pub(super) fn open(url: &Secret, place: &str) -> Result<Client, ConnectError> {
    let mut config = read(url)?;
    let near = config.get_hosts().iter().all(is_near);
    if !near && config.get_ssl_mode() != SslMode::Disable {
        return Err(ConnectError::Setting {
            key: "database",
            reason: "this build speaks to PostgreSQL without TLS: use a tunnel or a socket on this machine, or say \
                     sslmode=disable where the network between is trusted"
                .into(),
        });
    }
    config
        .connect_timeout(Duration::from_millis(CONNECT_MS))
        .application_name("rightful")
        .options(&format!("-c statement_timeout={STATEMENT_MS} -c lock_timeout={LOCK_MS} -c timezone=UTC"));
    config.connect(NoTls).map_err(|e| match e.as_db_error() {
        Some(db) => ConnectError::Unreachable {
            place: place.into(),
            reason: format!("SQLSTATE {}", db.code().code()),
        },
        None => ConnectError::Unreachable { place: place.into(), reason: "no connection".into() },
    })
}

pub(super) fn begin(client: &mut Client, mode: Mode) -> Result<Transaction<'_>, ::postgres::Error> {
    match mode {
        Mode::Read => {
            client.build_transaction().isolation_level(IsolationLevel::RepeatableRead).read_only(true).start()
        }
        Mode::Write => client.transaction(),
    }
}

pub(super) fn rows(
    tx: &mut Transaction<'_>,
    sql: &str,
    params: &[Param<'_>],
) -> Result<Vec<Vec<Cell>>, ::postgres::Error> {
    let values = values(params);
    let found = tx.query(sql, &refs(&values))?;
    found
        .iter()
        .map(|row| {
            (0..row.len()).map(|i| Ok(row.try_get::<_, Option<String>>(i)?.map(Secret::new))).collect()
        })
        .collect()
}

pub(super) fn run(
    tx: &mut Transaction<'_>,
    sql: &str,
    params: &[Param<'_>],
) -> Result<u64, ::postgres::Error> {
    let values = values(params);
    tx.execute(sql, &refs(&values))
}

/// Only the SQLSTATE is passed on: PostgreSQL's messages can quote a row.
pub(super) fn said(place: &str, error: &::postgres::Error) -> ConnectError {
    let place = place.to_owned();
    match error.code() {
        None if error.is_closed() || error.as_db_error().is_none() => {
            ConnectError::Lost { place, reason: "the connection ended".into() }
        }
        None => ConnectError::Refused { place, reason: "an answer that can't be read".into() },
        Some(code) => {
            let reason = format!("SQLSTATE {}", code.code());
            match code.code() {
                // serialization failure, deadlock, lock not available, cancelled by a time limit, too many connections
                "40001" | "40P01" | "55P03" | "57014" | "53300" => ConnectError::Busy { place, reason },
                // the server goes down, or its outcome is unknown
                "57P01" | "57P02" | "57P03" | "40003" | "08007" => ConnectError::Lost { place, reason },
                _ => ConnectError::Refused { place, reason },
            }
        }
    }
}

fn read(url: &Secret) -> Result<Config, ConnectError> {
    url.reveal().parse::<Config>().map_err(|_| ConnectError::Setting {
        key: "database",
        reason: "is no PostgreSQL address; it reads postgres://USER@HOST:PORT/NAME".into(),
    })
}

fn named(host: &Host) -> String {
    match host {
        Host::Tcp(name) => name.clone(),
        Host::Unix(path) => path.display().to_string(),
    }
}

fn is_near(host: &Host) -> bool {
    match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => crate::smtp::is_loopback(name),
    }
}

enum Value<'a> {
    One(&'a str),
    Many(&'a [String]),
}

fn values<'a>(params: &'a [Param<'a>]) -> Vec<Value<'a>> {
    params
        .iter()
        .map(|p| match p {
            Param::One(text) => Value::One(text),
            Param::Many(list) => Value::Many(list),
        })
        .collect()
}

fn refs<'a>(values: &'a [Value<'a>]) -> Vec<&'a (dyn ToSql + Sync)> {
    values
        .iter()
        .map(|v| match v {
            Value::One(text) => text as &(dyn ToSql + Sync),
            Value::Many(list) => list as &(dyn ToSql + Sync),
        })
        .collect()
}

//! Where a ledger lies. A URL's password is never shown.

use crate::error::StoreError;
use model::secret::Secret;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// Where the ledger lies: a SQLite file, or a PostgreSQL database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Url {
    /// A file: `sqlite:path`.
    Sqlite(PathBuf),
    /// A database: `postgres://user:password@host/name`, as libpq reads it.
    Postgres(Secret),
}

impl FromStr for Url {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        match text.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path))),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Postgres(Secret::new(text)))
            }
            Some((scheme, _)) => Err(StoreError::Url { scheme: scheme.to_owned() }),
            None => Err(StoreError::Url { scheme: String::new() }),
        }
    }
}

impl fmt::Display for Url {
    /// The place without user and password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let rest = url.reveal().split_once("//").map_or("", |(_, rest)| rest);
                let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
                let place = place.split_once('?').map_or(place, |(place, _)| place);
                write!(f, "postgres://{place}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let url: Url = "postgres://ana:pass@word@db.example:5432/ledger?password=x".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://db.example:5432/ledger");
        assert!(!format!("{url:?}").contains("pass"));
    }

    #[test]
    fn only_the_two_databases_are_known() {
        assert_eq!("sqlite:a/b.db".parse::<Url>().unwrap(), Url::Sqlite("a/b.db".into()));
        for wrong in ["mysql://x/y", "a/b.db", "sqlite:", "postgres:x"] {
            assert!(matches!(wrong.parse::<Url>(), Err(StoreError::Url { .. })), "{wrong}");
        }
    }
}

//! What must differ between the two databases: a few fragments of SQL, and nothing with a value in it.

use crate::error::ConnectError;

/// Which SQL is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    /// Parameter `n` (from 1) as a value of the column type `kind`.
    pub(crate) fn one(self, n: usize, kind: &str) -> String {
        match self {
            Self::Sqlite => format!("?{n}"),
            Self::Postgres => format!("CAST(${n}::text AS {kind})"),
        }
    }

    /// "`column` is among the list that is parameter `n`", for a column of type `kind`.
    pub(crate) fn among(self, column: &str, n: usize, kind: &str) -> String {
        match self {
            Self::Sqlite => format!("{column} IN (SELECT value FROM json_each(?{n}))"),
            Self::Postgres => format!("{column} = ANY(CAST(${n}::text[] AS {kind}[]))"),
        }
    }

    /// A moment's column as milliseconds since 1970, as text.
    pub(crate) fn millis(self, column: &str) -> String {
        match self {
            Self::Sqlite => {
                format!("CAST(CAST(ROUND(unixepoch({column}, 'subsec') * 1000) AS INTEGER) AS TEXT)")
            }
            Self::Postgres => format!("CAST(CAST(EXTRACT(EPOCH FROM {column}) * 1000 AS BIGINT) AS TEXT)"),
        }
    }

    /// A moment's expression one second later; SQLite's text keeps its fraction.
    pub(crate) fn second_later(self, moment: &str) -> String {
        match self {
            Self::Sqlite => format!("datetime({moment}, '+1 second') || substr({moment}, 20)"),
            Self::Postgres => format!("{moment} + interval '1 second'"),
        }
    }

    /// Statement that lists name and type of the columns of the table that is parameter 1.
    pub(crate) fn columns(self) -> &'static str {
        match self {
            Self::Sqlite => "SELECT name, lower(type) FROM pragma_table_info(?1)",
            Self::Postgres => {
                "SELECT CAST(a.attname AS text), format_type(a.atttypid, NULL) FROM pg_attribute a \
                 WHERE a.attrelid = to_regclass(quote_ident($1::text)) AND a.attnum > 0 AND NOT a.attisdropped"
            }
        }
    }
}

/// A table's or column's name in quotes; anything but letters, digits and `_` is refused.
pub(crate) fn quoted(key: &'static str, name: &str) -> Result<String, ConnectError> {
    let plain =
        !name.is_empty() && name.len() <= 63 && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if plain {
        Ok(format!("\"{name}\""))
    } else {
        Err(ConnectError::Setting {
            key,
            reason: "a table or column is named with letters, digits and _".into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_hold_no_sql() {
        assert_eq!(quoted("t", "auth_user").unwrap(), "\"auth_user\"");
        for bad in ["", "a b", "a\";drop", "a.b", "ü"] {
            assert!(quoted("t", bad).is_err(), "{bad}");
        }
    }
}

//! Files that name accounts: lists from outside, and account records.

use crate::error::{Error, Result, at};
use model::account::Account;
use model::id::AccountId;
use std::collections::BTreeMap;
use std::path::Path;

/// Reads account records (JSON Lines).
pub(crate) fn read(file: &Path) -> Result<BTreeMap<AccountId, Account>> {
    let text = std::fs::read_to_string(file).map_err(at(file))?;
    let mut accounts = BTreeMap::new();
    for (n, line) in (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty()) {
        let record: Account = serde_json::from_str(line).map_err(|e| {
            Error::failed(format!("{}, line {n}: not an account record: {e}", file.display()))
                .hint("account records are JSON Lines, see docs/events.md")
        })?;
        accounts.insert(record.account.clone(), record);
    }
    Ok(accounts)
}

/// Reads a list of accounts: an id a line, JSON Lines with `account`, or CSV with a column `account`.
pub(crate) fn read_list(file: &Path) -> Result<Vec<AccountId>> {
    let bytes = std::fs::read(file).map_err(at(file))?;
    let text = String::from_utf8(bytes).map_err(|e| {
        let line = e.as_bytes()[..e.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count() + 1;
        bad(file, line, "not UTF-8 text")
    })?;
    let first = text.lines().find(|l| !l.trim().is_empty()).ok_or_else(|| {
        Error::failed(format!("{} is empty", file.display())).hint("a list names at least one account")
    })?;
    let accounts = if first.trim_start().starts_with('{') {
        json_lines(file, &text)?
    } else if first.contains(',') || first.trim() == "account" {
        csv_column(file, &text)?
    } else {
        plain(file, &text)?
    };
    let mut seen = std::collections::BTreeSet::new();
    match accounts.iter().find(|(_, a)| !seen.insert(a)) {
        Some((line, account)) => Err(bad(file, *line, &format!("{account} is there twice"))),
        None => Ok(accounts.into_iter().map(|(_, a)| a).collect()),
    }
}

fn bad(file: &Path, line: usize, why: &str) -> Error {
    Error::failed(format!("{}, line {line}: {why}", file.display()))
        .hint("a list is an id a line, JSON Lines with \"account\", or CSV with a column named account")
}

fn json_lines(file: &Path, text: &str) -> Result<Vec<(usize, AccountId)>> {
    #[derive(serde::Deserialize)]
    struct Named {
        account: AccountId,
    }
    let lines = (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty());
    lines
        .map(|(n, line)| match serde_json::from_str::<Named>(line) {
            Ok(named) => Ok((n, named.account)),
            Err(e) => Err(bad(file, n, &e.to_string())),
        })
        .collect()
}

fn csv_column(file: &Path, text: &str) -> Result<Vec<(usize, AccountId)>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().map_err(|e| bad(file, 1, &e.to_string()))?;
    let column = headers
        .iter()
        .position(|h| h.trim() == "account")
        .ok_or_else(|| bad(file, 1, "no column is named account"))?;
    let records = reader.records().map(|record| {
        let record = record.map_err(|e| {
            let line = e.position().map_or(1, csv::Position::line);
            bad(file, line as usize, &e.to_string())
        })?;
        let line = record.position().map_or(1, csv::Position::line) as usize;
        match record.get(column).map(str::trim) {
            Some(account) if !account.is_empty() => Ok((line, AccountId::new(account))),
            Some(_) | None => Err(bad(file, line, "the column account is empty")),
        }
    });
    records.collect()
}

fn plain(file: &Path, text: &str) -> Result<Vec<(usize, AccountId)>> {
    let lines = (1..).zip(text.lines()).map(|(n, l)| (n, l.trim())).filter(|(_, l)| !l.is_empty());
    lines
        .map(|(n, line)| {
            if line.chars().any(char::is_whitespace) {
                Err(bad(file, n, "more than one word"))
            } else {
                Ok((n, AccountId::new(line)))
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &[u8]) -> Result<Vec<String>> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Ok(read_list(file.path())?.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn the_three_forms_are_read() {
        assert_eq!(list(b"a\nb\n\n").unwrap(), ["a", "b"]);
        assert_eq!(list(b"{\"account\":\"a\"}\n{\"account\":\"b\",\"x\":1}\n").unwrap(), ["a", "b"]);
        assert_eq!(list(b"why,account\nx,a\ny,b\n").unwrap(), ["a", "b"]);
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let cases: [(&[u8], &str); 6] = [
            (b"", "is empty"),
            (b"a\nb c\n", "line 2"),
            (b"{\"account\":\"a\"}\n{\"acount\":\"b\"}\n", "line 2"),
            (b"id,why\nx,a\n", "no column is named account"),
            (b"a\nb\na\n", "line 3: a is there twice"),
            (b"a\n\xff\xfe\n", "line 2: not UTF-8"),
        ];
        for (text, said) in cases {
            let error = list(text).unwrap_err().to_string();
            assert!(error.contains(said), "{error} lacks {said}");
        }
    }
}

//! Reads a folder in the form of the Schonlau masquerade data. What does not fit is an error with file and line; nothing
//! is filled in.

use crate::error::{Error, Result, at};
use std::path::{Path, PathBuf};

/// Tokens of a block.
pub(super) const BLOCK: usize = 100;

/// All users, in the order of their numbers.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) users: Vec<User>,
    /// Blocks at the beginning that are each owner's for certain.
    pub(super) certain: usize,
}

/// One user.
#[derive(Debug)]
pub(super) struct User {
    pub(super) tokens: Vec<String>,
    /// Of each block after the certain ones, whether it is a stranger's.
    pub(super) strangers: Vec<bool>,
}

/// Reads the users' files, named `User` and a number, and the labels: the file named, or the only other one.
pub(super) fn read(dir: &Path, labels: Option<&Path>) -> Result<Data> {
    let mut users: Vec<(u32, PathBuf)> = Vec::new();
    let mut others = Vec::new();
    for file in super::in_folder(dir)? {
        let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let number = name.strip_suffix(".txt").unwrap_or(&name).strip_prefix("User").map(str::parse);
        match number {
            Some(Ok(number)) => users.push((number, file)),
            Some(Err(_)) | None => others.push(file),
        }
    }
    users.sort();
    let here = dir.display();
    if users.len() < 2 {
        return Err(Error::failed(format!("{here}: {} files of users, named User1, User2 …", users.len()))
            .hint("a user is told from others: there must be two at least"));
    }
    let labels = match (labels, others.as_slice()) {
        (Some(labels), _) => labels.to_owned(),
        (None, [only]) => only.clone(),
        (None, files) => {
            return Err(Error::failed(format!(
                "{here}: {} files beside the users', one of them must hold the labels",
                files.len()
            ))
            .hint("name it: rightful bench sequence DIR --labels FILE"));
        }
    };
    let table = table(&labels, users.len())?;
    let mut data = Data { users: Vec::new(), certain: 0 };
    for (column, (_, file)) in users.iter().enumerate() {
        let tokens = tokens(file)?;
        let blocks = tokens.len() / BLOCK;
        let name = file.display();
        if !tokens.len().is_multiple_of(BLOCK) || blocks <= table.len() {
            return Err(Error::failed(format!(
                "{name}: {} lines; there must be whole blocks of {BLOCK}, and more of them than the {} rows of {}",
                tokens.len(),
                table.len(),
                labels.display()
            )));
        }
        let certain = blocks - table.len();
        if column > 0 && certain != data.certain {
            return Err(Error::failed(format!(
                "{name}: {certain} blocks before the labelled ones, where others have {}",
                data.certain
            )));
        }
        data.certain = certain;
        data.users.push(User { tokens, strangers: table.iter().map(|row| row[column]).collect() });
    }
    let strangers = data.users.iter().flat_map(|u| &u.strangers).filter(|s| **s).count();
    if strangers == 0 || strangers == data.users.len() * table.len() {
        return Err(Error::failed(format!("{}: all labels are the same", labels.display())));
    }
    Ok(data)
}

fn text(file: &Path) -> Result<String> {
    let bytes = std::fs::read(file).map_err(at(file))?;
    String::from_utf8(bytes).map_err(|e| {
        let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        let line = before.iter().filter(|b| **b == b'\n').count() + 1;
        Error::failed(format!("{}, line {line}: not UTF-8", file.display()))
    })
}

fn tokens(file: &Path) -> Result<Vec<String>> {
    let text = text(file)?;
    let mut tokens = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let token = line.trim();
        if token.is_empty() {
            return Err(Error::failed(format!("{}, line {}: no token", file.display(), at + 1)));
        }
        tokens.push(token.to_owned());
    }
    Ok(tokens)
}

/// The labels: a row a block, a column a user.
fn table(file: &Path, users: usize) -> Result<Vec<Vec<bool>>> {
    let text = text(file)?;
    let mut table = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let bad = |what: String| Error::failed(format!("{}, line {}: {what}", file.display(), at + 1));
        let row: Vec<bool> = line
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|cell| !cell.is_empty())
            .map(|cell| match cell {
                "0" => Ok(false),
                "1" => Ok(true),
                other => Err(bad(format!("a label is 0 or 1, not \"{other}\""))),
            })
            .collect::<Result<_>>()?;
        if row.len() != users {
            return Err(bad(format!("{} labels for {users} users", row.len())));
        }
        table.push(row);
    }
    if table.is_empty() {
        return Err(Error::failed(format!("{}: no labels", file.display())));
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, String)]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        for (name, text) in files {
            std::fs::write(dir.path().join(name), text).expect("it is written");
        }
        dir
    }

    #[test]
    fn users_stand_in_the_order_of_their_numbers_with_their_columns() {
        let blocks = |token: &str, many: usize| format!("{token}\n").repeat(BLOCK * many);
        let dir = folder(&[
            ("User10", blocks("ten", 3)),
            ("User2", blocks("two", 3)),
            ("masquerade_summary.txt", "0 1\n0 0\n".to_owned()),
        ]);
        let data = read(dir.path(), None).expect("it fits");
        assert_eq!((data.certain, data.users.len()), (1, 2));
        assert_eq!(
            (data.users[0].tokens[0].as_str(), &data.users[0].strangers),
            ("two", &vec![false, false])
        );
        assert_eq!((data.users[1].tokens[0].as_str(), &data.users[1].strangers), ("ten", &vec![true, false]));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let blocks = |many: usize| "ls\n".repeat(BLOCK * many);
        let cases = [
            (vec![("User1", blocks(2)), ("l", "1\n".to_owned())], "1 files of users"),
            (vec![("User1", blocks(2)), ("User2", blocks(2))], "0 files beside the users'"),
            (
                vec![("User1", blocks(2)), ("User2", blocks(2)), ("l", "0 2\n".to_owned())],
                "line 1: a label is 0 or 1, not \"2\"",
            ),
            (
                vec![("User1", blocks(2)), ("User2", blocks(2)), ("l", "0 1\n0\n".to_owned())],
                "line 2: 1 labels for 2 users",
            ),
            (vec![("User1", blocks(2)), ("User2", blocks(1)), ("l", "0 1\n".to_owned())], "User2: 100 lines"),
            (
                vec![("User1", blocks(2)), ("User2", format!("{}\n", blocks(2))), ("l", "0 1\n".to_owned())],
                "User2, line 201: no token",
            ),
            (
                vec![("User1", blocks(2)), ("User2", blocks(3)), ("l", "0 1\n".to_owned())],
                "2 blocks before the labelled ones",
            ),
            (
                vec![("User1", blocks(2)), ("User2", blocks(2)), ("l", "0 0\n".to_owned())],
                "all labels are the same",
            ),
        ];
        for (files, expected) in cases {
            let dir = folder(&files);
            let error = read(dir.path(), None).expect_err("it does not fit").to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}

//! Files of intelligence: read whole, held to their form line by line, known by their digest. It compares nothing with
//! events. No error repeats a line: a file of credentials may have been named by mistake.

mod networks;

pub(crate) use networks::{Network, Networks};

use crate::error::HuntError;
use crate::read::Moment;
use decide::detect::{Outside, Prefix, Source};
use model::id::{Digest, Millis};
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Files with what others say, all of them optional.
#[derive(Clone, Debug, Default)]
pub struct IntelligenceFiles {
    /// Domains that are said to be bad, one a line.
    pub domains: Option<PathBuf>,
    /// Addresses and prefixes that are said to be bad, one a line.
    pub addresses: Option<PathBuf>,
    /// Accounts whose credential is said to be leaked: an id a line, or JSON with `account` and, where known, `time`.
    pub leaked: Option<PathBuf>,
    /// The network and country of addresses; of several that know one, the first speaks.
    pub mmdb: Vec<PathBuf>,
}

impl IntelligenceFiles {
    /// Reads what is said of domains, addresses and accounts.
    pub(crate) fn outside(&self) -> Result<Outside, HuntError> {
        Ok(Outside {
            domains: self.domains.as_deref().map(domains).transpose()?,
            prefixes: self.addresses.as_deref().map(prefixes).transpose()?,
            leaked: self.leaked.as_deref().map(leaked).transpose()?,
        })
    }

    /// Reads the MMDB files.
    pub(crate) fn networks(&self) -> Result<Networks, HuntError> {
        Networks::read(&self.mmdb)
    }
}

/// The bytes of a file, and what it is known by.
fn bytes(file: &Path) -> Result<(Source, Vec<u8>), HuntError> {
    let bytes =
        std::fs::read(file).map_err(|cause| HuntError::Unreadable { file: file.to_owned(), cause })?;
    let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok((Source { name, digest: Digest::of(&bytes) }, bytes))
}

/// A file's lines, each taken by a function that may refuse it. Blank lines are passed over.
fn lines(
    file: &Path,
    bytes: &[u8],
    mut take: impl FnMut(&str) -> Result<(), &'static str>,
) -> Result<(), HuntError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut any = false;
    for (line, bytes) in (1..).zip(bytes.split(|b| *b == b'\n')) {
        let bad = |cause| HuntError::BadIntelligence { file: file.to_owned(), line, cause };
        let text = std::str::from_utf8(bytes).map_err(|_| bad("that is no text in UTF-8"))?.trim();
        if !text.is_empty() {
            any = true;
            take(text).map_err(bad)?;
        }
    }
    let nothing =
        HuntError::BadIntelligence { file: file.to_owned(), line: 1, cause: "the file names nothing" };
    if any { Ok(()) } else { Err(nothing) }
}

/// A line without what stands behind `#` or `;`, as published files have it.
fn uncommented(text: &str) -> Option<&str> {
    let text = text.split(['#', ';']).next().unwrap_or_default().trim();
    (!text.is_empty()).then_some(text)
}

/// A file with one value a line.
fn listed<T>(
    file: &Path,
    read: impl Fn(&str) -> Result<T, &'static str>,
) -> Result<(Source, Vec<T>), HuntError> {
    let (source, bytes) = bytes(file)?;
    let mut named = Vec::new();
    lines(file, &bytes, |text| {
        named.extend(uncommented(text).map(&read).transpose()?);
        Ok(())
    })?;
    Ok((source, named))
}

fn domains(file: &Path) -> Result<(Source, Vec<String>), HuntError> {
    listed(file, Outside::domain)
}

fn prefixes(file: &Path) -> Result<(Source, Vec<Prefix>), HuntError> {
    listed(file, Prefix::read)
}

/// A line of JSON in a file of leaks.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Leak {
    account: String,
    time: Option<Moment>,
}

fn leaked(file: &Path) -> Result<(Source, HashMap<String, Option<Millis>>), HuntError> {
    let (source, bytes) = bytes(file)?;
    let mut accounts: HashMap<String, Option<Millis>> = HashMap::new();
    lines(file, &bytes, |text| {
        let (account, time) = if text.starts_with('{') {
            let leak: Leak = serde_json::from_str(text).map_err(|_| {
                "that is no JSON with `account` and, where known, `time` (milliseconds or RFC 3339), and nothing else"
            })?;
            (leak.account, leak.time.map(|Moment(ms)| ms))
        } else {
            (text.to_owned(), None)
        };
        if account.is_empty() || account.contains(char::is_whitespace) {
            return Err("that is no account's id: an id alone on a line, no credential beside it");
        }
        // Of two leaks the first counts, and one at a time that nobody knows is before all others.
        accounts
            .entry(account)
            .and_modify(|known| *known = (*known).zip(time).map(|(a, b)| a.min(b)))
            .or_insert(time);
        Ok(())
    })?;
    Ok((source, accounts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_file<T>(text: &[u8], read: impl Fn(&Path) -> Result<T, HuntError>) -> Result<T, String> {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("said.txt");
        std::fs::write(&file, text).expect("it is written");
        read(&file).map_err(|e| e.to_string())
    }

    #[test]
    fn what_is_published_is_read_and_known_by_its_digest() {
        let text = b"\xef\xbb\xbf; a list\n192.0.2.0/24 ; SBL1\r\n\n2001:db8::/32 # a net\n";
        let (source, named) = in_file(text, prefixes).expect("it is read");
        assert_eq!((source.name.as_str(), source.digest), ("said.txt", Digest::of(text)));
        assert_eq!(
            named.iter().map(Prefix::to_string).collect::<Vec<_>>(),
            ["192.0.2.0/24", "2001:db8::/32"]
        );
        let (_, names) = in_file(b"# all\nLure.example\n*.bad.example.", domains).expect("it is read");
        assert_eq!(names, ["lure.example", "bad.example"]);
        let text = b"u1\n{\"account\":\"u2\",\"time\":5}\n{\"account\":\"u2\",\"time\":\"1970-01-01T00:00:00.003Z\"}\n\
                     {\"account\":\"u3\",\"time\":9}\nu3\n";
        let (_, accounts) = in_file(text, leaked).expect("it is read");
        let expected = [("u1", None), ("u2", Some(3)), ("u3", None)].map(|(a, t)| (a.to_owned(), t));
        assert_eq!(accounts, HashMap::from(expected));
    }

    #[test]
    fn a_bad_line_is_refused_with_its_place_and_without_its_text() {
        let no_prefix =
            [&b"192.0.2.1\n\nhunter2\n"[..], b"192.0.2.1\n#\n10.0.0.0/7", b"a\n1.2.3.4", b"\n#\n\xff"];
        for (text, line) in no_prefix.into_iter().zip([3, 3, 1, 3]) {
            let error = in_file(text, prefixes).expect_err("it is refused");
            assert!(error.contains(&format!("said.txt:{line}:")) && !error.contains("hunter2"), "{error}");
        }
        let error = in_file(b"lure.example\nbob@lure.example:hunter2", domains).expect_err("it is refused");
        assert!(error.contains("said.txt:2:") && !error.contains("hunter2"), "{error}");
        let no_leak = [
            &b"u1\nu2 hunter2"[..],
            b"u1\n{\"account\":\"u2\",\"password\":\"hunter2\"}",
            b"u1\n{\"account\":\"u2\",\"time\":\"hunter2\"}",
            b"u1\n{\"account\":\"\"}",
        ];
        for text in no_leak {
            let error = in_file(text, leaked).expect_err("it is refused");
            assert!(error.contains("said.txt:2:") && !error.contains("hunter2"), "{error}");
        }
        for text in [&b""[..], b"\n \n"] {
            let error = in_file(text, leaked).expect_err("it is refused");
            assert!(error.contains("names nothing"), "{error}");
        }
    }
}

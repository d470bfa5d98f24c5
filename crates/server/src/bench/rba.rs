//! Reads the public login data set for risk-based authentication, row by row: its own columns, found by their names. What
//! can't be read is an error with its line; nothing is guessed.

use crate::error::{Error, Result, at};
use csv::StringRecord;
use model::id::Millis;
use std::fs::File;
use std::path::{Path, PathBuf};

/// The columns that are read, as the data set names them.
const COLUMNS: [&str; 11] = [
    "Login Timestamp",
    "User ID",
    "IP Address",
    "Country",
    "ASN",
    "User Agent String",
    "Browser Name and Version",
    "OS Name and Version",
    "Device Type",
    "Login Successful",
    "Is Account Takeover",
];

/// One sign-in, let in or not.
#[derive(Debug)]
pub(super) struct Row<'a> {
    pub(super) time: Millis,
    pub(super) user: &'a str,
    pub(super) ip: &'a str,
    pub(super) country: &'a str,
    pub(super) asn: Option<u32>,
    pub(super) user_agent: &'a str,
    pub(super) browser: &'a str,
    pub(super) system: &'a str,
    pub(super) machine: &'a str,
    pub(super) let_in: bool,
    pub(super) taken_over: bool,
}

pub(super) struct Reader {
    file: PathBuf,
    csv: csv::Reader<File>,
    /// Where each of [`COLUMNS`] stands.
    places: [usize; COLUMNS.len()],
    record: StringRecord,
}

impl Reader {
    pub(super) fn open(file: &Path) -> Result<Self> {
        let opened = File::open(file).map_err(at(file))?;
        let mut csv = csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_reader(opened);
        let heading = csv.headers().map_err(|e| unreadable(file, &e))?.clone();
        let mut places = [0; COLUMNS.len()];
        for (place, column) in places.iter_mut().zip(COLUMNS) {
            *place = heading.iter().position(|name| name.trim() == column).ok_or_else(|| {
                bad(file, 1, &format!("there is no column \"{column}\""))
                    .hint(format!("the heading of the public data set names {}", COLUMNS.join(", ")))
            })?;
        }
        Ok(Self { file: file.to_owned(), csv, places, record: StringRecord::new() })
    }

    /// The next row; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<Row<'_>>> {
        if !self.csv.read_record(&mut self.record).map_err(|e| unreadable(&self.file, &e))? {
            return Ok(None);
        }
        let line = self.record.position().map_or(0, csv::Position::line);
        let cell = |column: usize| self.record.get(self.places[column]).unwrap_or_default().trim();
        let wrong = |column: usize, what: &str| {
            bad(&self.file, line, &format!("{} \"{}\" is not {what}", COLUMNS[column], cell(column)))
        };
        let yes_or_no = |column: usize| match cell(column) {
            "True" | "true" | "1" => Ok(true),
            "False" | "false" | "0" => Ok(false),
            _other => Err(wrong(column, "True or False")),
        };
        let asn = cell(4).strip_suffix(".0").unwrap_or_else(|| cell(4));
        if cell(1).is_empty() {
            return Err(wrong(1, "a user"));
        }
        Ok(Some(Row {
            time: moment(cell(0)).ok_or_else(|| wrong(0, "a moment as 2020-02-03 12:43:30.772"))?,
            user: cell(1),
            ip: cell(2),
            country: cell(3),
            asn: if asn.is_empty() {
                None
            } else {
                Some(asn.parse().map_err(|_| wrong(4, "a network's number"))?)
            },
            user_agent: cell(5),
            browser: cell(6),
            system: cell(7),
            machine: cell(8),
            let_in: yes_or_no(9)?,
            taken_over: yes_or_no(10)?,
        }))
    }
}

fn moment(text: &str) -> Option<Millis> {
    let civil: jiff::civil::DateTime = text.parse().ok()?;
    Some(jiff::tz::TimeZone::UTC.to_timestamp(civil).ok()?.as_millisecond())
}

fn bad(file: &Path, line: u64, what: &str) -> Error {
    Error::failed(format!("{}, line {line}: {what}", file.display()))
}

fn unreadable(file: &Path, e: &csv::Error) -> Error {
    match e.position() {
        Some(position) => bad(file, position.line(), &e.to_string()),
        None => Error::failed(format!("{}: {e}", file.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADING: &str = "index,Login Timestamp,User ID,Round-Trip Time [ms],IP Address,Country,Region,City,ASN,User \
                           Agent String,Browser Name and Version,OS Name and Version,Device Type,Login Successful,Is \
                           Attack IP,Is Account Takeover";

    fn all(rows: &[&str]) -> Result<Vec<(Millis, bool, bool)>> {
        let dir = tempfile::tempdir().expect("a folder");
        let file = dir.path().join("rba.csv");
        std::fs::write(&file, format!("{}\n", rows.join("\n"))).expect("it is written");
        let mut reader = Reader::open(&file)?;
        let mut read = Vec::new();
        while let Some(row) = reader.next()? {
            read.push((row.time, row.let_in, row.taken_over));
        }
        Ok(read)
    }

    #[test]
    fn rows_are_read_by_the_names_of_their_columns() {
        let first = "0,2020-02-03 12:43:30.772,-43,,10.0.65.171,NO,-,-,29695,\"Mozilla/5.0 (iPhone, like)\",Firefox \
                     20,iOS 13.4,mobile,False,False,False";
        let second = "1,2020-02-03 12:43:31,7,12.5,10.0.65.171,NO,-,-,,A,B,C,desktop,True,False,True";
        let read = all(&[HEADING, first, second]).expect("both are rows");
        assert_eq!(read, [(1_580_733_810_772, false, false), (1_580_733_811_000, true, true)]);
    }

    #[test]
    fn what_can_not_be_read_is_named_with_its_line() {
        let good = "0,2020-02-03 12:43:30.772,7,,10.0.0.1,NO,-,-,29695,A,B,C,mobile,True,False,False";
        let cases = [
            (good.replace("2020-02-03 12:43:30.772", "Monday"), "line 3: Login Timestamp \"Monday\""),
            (good.replace("29695", "AS1"), "line 3: ASN \"AS1\""),
            (good.replace("True", "maybe"), "line 3: Login Successful \"maybe\""),
            (good.replace(",7,", ",,"), "line 3: User ID \"\""),
            (good.replace(",mobile", ""), "line 3"),
        ];
        for (row, expected) in cases {
            let error = all(&[HEADING, good, &row]).expect_err("the row is bad").to_string();
            assert!(error.contains(expected), "{error}");
        }
        let error = all(&["a,b", "1,2"]).expect_err("no columns").to_string();
        assert!(error.contains("line 1: there is no column \"Login Timestamp\""), "{error}");
    }
}

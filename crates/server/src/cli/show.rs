//! What commands print: one JSON value, or lines and tables; progress goes to standard error.
#![allow(clippy::print_stdout, reason = "this is the one place that prints to standard output")]

use jiff::Timestamp;
use model::id::Millis;
use serde::Serialize;
use std::io::IsTerminal;
use std::time::Duration;

/// Prints one JSON value.
pub(crate) fn json(value: &impl Serialize) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => println!("{text}"),
        Err(e) => eprintln!("rightful: this answer has no JSON form: {e}"),
    }
}

/// Prints a line.
pub(crate) fn line(text: impl std::fmt::Display) {
    println!("{text}");
}

/// Prints rows in columns under a heading; the first row is the columns' names.
pub(crate) fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(text, width)| format!("{text:width$}"));
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// `07:00`: a time of somebody's own day, from the ms after their midnight.
pub(crate) fn time_of_day(ms: Millis) -> String {
    model::quiet::time_of_day(ms)
}

/// A moment as people read it.
pub(crate) fn moment(ms: Millis) -> String {
    Timestamp::from_millisecond(ms)
        .map_or_else(|_| format!("{ms} ms"), |t| t.strftime("%Y-%m-%d %H:%M:%S UTC").to_string())
}

/// A row of text cells.
macro_rules! row {
    ($($cell:expr),+ $(,)?) => { vec![$($cell.to_string()),+] };
}
pub(crate) use row;

/// Progress of long work: a bar on a terminal, plain lines elsewhere.
pub(crate) struct Progress {
    bar: Option<indicatif::ProgressBar>,
    last: std::cell::RefCell<String>,
}

impl Progress {
    /// Begins.
    pub(crate) fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = indicatif::ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, last: std::cell::RefCell::default() }
    }

    /// Says where the work stands; where nobody watches, each `phase` is said once.
    pub(crate) fn say(&self, phase: &str, detail: &str) {
        match &self.bar {
            Some(bar) => bar.set_message(format!("{phase} {detail}")),
            None if *self.last.borrow() != phase => {
                eprintln!("{phase} {detail}");
                phase.clone_into(&mut self.last.borrow_mut());
            }
            None => {}
        }
    }

    /// Ends; what was said on the bar goes away.
    pub(crate) fn done(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// An event as one row for people.
pub(crate) fn event_row(event: &model::event::Event) -> Vec<String> {
    let or_empty = |text: Option<&str>| text.unwrap_or_default().to_owned();
    vec![
        moment(event.time),
        serde_json::to_value(&event.kind)
            .ok()
            .and_then(|k| k.as_str().map(str::to_owned))
            .unwrap_or_default(),
        or_empty(event.country.as_deref()),
        or_empty(event.ip.as_deref()),
        or_empty(event.app.as_ref().map(model::id::AppId::as_str)),
        or_empty(event.device.as_deref()),
        event.text.as_deref().or(event.change.as_deref()).unwrap_or_default().replace('\n', " "),
    ]
}

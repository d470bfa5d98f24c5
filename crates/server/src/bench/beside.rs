//! What a measurement of detection says of methods from papers, beside ours on the same events.

use super::detect::Measured;
use super::published::{Method, Standing};
use super::table::{share, upper};
use crate::cli::show::{self, row};
use hunt::Share;
use serde_json::{Value, json};

pub(super) fn as_json(measured: &Measured) -> Value {
    let of = |(method, standing): (&Method, &Standing)| {
        json!({
            "method": method, "recall": standing.whole().value(), "attacks": standing.attacks,
            "wrong": { "share": standing.wrong.value(), "upper_95": upper(standing.wrong), "n": standing.wrong.of },
        })
    };
    measured.published.iter().map(of).collect()
}

pub(super) fn say(measured: &Measured) {
    let whole = &measured.whole;
    let text = |of: Share| of.value().map_or_else(|| "-".to_owned(), |_| format!("{:.4}", share(of)));
    let mut names = row!["found, beside others", "ours"];
    names.extend(measured.published.keys().map(|m| m.name().to_owned()));
    let mut rows = vec![names];
    for (attack, of) in &whole.attacks {
        let mut row = row![attack, text(of.found)];
        let found = |s: &Standing| s.attacks.get(attack).copied().unwrap_or_default();
        row.extend(measured.published.values().map(|s| text(found(s))));
        rows.push(row);
    }
    let line = |what: &str, ours: String, of: &dyn Fn(&Standing) -> String| {
        let mut row = row![what, ours];
        row.extend(measured.published.values().map(of));
        row
    };
    rows.push(line("all", text(whole.whole().found), &|s| text(s.whole())));
    let wrong = whole.wrong;
    rows.push(line("flagged", wrong.of.to_string(), &|s| s.wrong.of.to_string()));
    rows.push(line("wrong share", text(wrong), &|s| text(s.wrong)));
    let most = |wrong: Share| format!("{:.4}", upper(wrong));
    rows.push(line("at most (95 %)", most(wrong), &|s| most(s.wrong)));
    show::line("");
    show::table(&rows);
    show::line("");
}

//! `bench takeover`: the public login data set for risk-based authentication (Wiefling et al., ACM TOPS 2022;
//! synthesised from real statistics), one sign-in at a time as it stands in the file. How many account takeovers are
//! among the sign-ins that would be challenged, by what our own detection has to say of a single sign-in, and by Freeman's
//! score as published.
//!
//! What is kept grows with users and different values, not with sign-ins.

use super::curve::{Curve, Found};
use super::freeman::{Freeman, Login};
use super::rba::{Reader, Row};
use crate::cli::show::{self, Progress, row};
use crate::error::{Error, Result};
use clap::Args;
use decide::detect::{Owner, SignIn};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::PathBuf;

/// The shares of sign-ins challenged.
const CHALLENGED: [f64; 4] = [0.001, 0.005, 0.01, 0.02];
const OURS: &str = "the novelty of one sign-in (new_network, new_country, new_browser, each as much as the owner is \
                    known); no other signal of detection can speak of a sign-in alone, and none of these convicts by itself";
const FREEMAN: &str = "Freeman et al., NDSS 2016, as published";

/// What is measured.
#[derive(Args)]
pub(crate) struct Takeover {
    /// The data set: CSV with its own heading.
    #[arg(long, value_name = "FILE")]
    rba: PathBuf,
    /// How often the users are drawn anew, for the intervals.
    #[arg(long, default_value_t = 200, value_parser = clap::value_parser!(u32).range(20..=1000))]
    resamples: u32,
    /// Equal seeds draw the same.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Everything measured.
struct Measured {
    rows: u64,
    users: usize,
    /// Lines whose time is before that of the line above.
    out_of_order: u64,
    ours: Curve,
    freeman: Curve,
}

pub(super) fn run(asked: &Takeover, json: bool) -> Result<()> {
    let progress = Progress::new();
    let measured = measure(asked, &progress)?;
    progress.done();
    if measured.freeman.takeovers() == 0 {
        return Err(Error::failed(format!(
            "{}: no sign-in that was let in is an account takeover, so that there is nothing to find",
            asked.rba.display()
        )));
    }
    if json {
        show::json(&as_json(asked, &measured));
    } else {
        say(&measured);
    }
    Ok(())
}

fn measure(asked: &Takeover, progress: &Progress) -> Result<Measured> {
    let mut reader = Reader::open(&asked.rba)?;
    let curve = || Curve::new(asked.resamples as usize, asked.seed);
    let mut measured = Measured { rows: 0, users: 0, out_of_order: 0, ours: curve(), freeman: curve() };
    let mut model = Freeman::default();
    let mut owners: HashMap<u64, Owner> = HashMap::new();
    let mut last = i64::MIN;
    while let Some(row) = reader.next()? {
        measured.rows += 1;
        measured.out_of_order += u64::from(row.time < last);
        last = row.time;
        if measured.rows.is_multiple_of(1_000_000) {
            progress.say("reading", &format!("{} million sign-ins", measured.rows / 1_000_000));
        }
        if !row.let_in {
            continue;
        }
        let login = login(&row);
        let sign_in = SignIn {
            time: row.time,
            ip: row.ip,
            asn: row.asn.unwrap_or(0),
            country: row.country,
            user_agent: row.user_agent,
        };
        let owner = owners.entry(login.user).or_default();
        measured.ours.count(login.user, ours_bin(owner.novelty(&sign_in)), row.taken_over);
        measured.freeman.count(login.user, freeman_bin(model.score(&login)), row.taken_over);
        // Who was let in teaches both alike: whether a sign-in was an attack is never told to them.
        owner.learn(&sign_in);
        model.learn(&login);
    }
    measured.users = owners.len();
    Ok(measured)
}

fn login(row: &Row<'_>) -> Login {
    let key = |text: &str| decide::detect::hash64(text.as_bytes(), 1);
    Login {
        user: key(row.user),
        ip: [key(row.ip), row.asn.map_or(0, u64::from), key(row.country)],
        agent: [key(row.user_agent), key(row.browser), key(row.system), key(row.machine)],
    }
}

/// Weights are far below 8: a bin is a sixty-fourth.
fn ours_bin(score: Option<f64>) -> usize {
    score.map_or(Curve::UNKNOWN, |score| Curve::bin(score / 8.0))
}

/// From 2^-64 to 2^64, by the logarithm: 32 bins for each doubling.
fn freeman_bin(score: Option<f64>) -> usize {
    score.map_or(Curve::UNKNOWN, |score| Curve::bin((score.log2() + 64.0) / 128.0))
}

fn found(of: Option<Found>) -> Value {
    of.map_or(Value::Null, |f| json!({ "recall": f.recall, "low_95": f.low, "high_95": f.high }))
}

fn as_json(asked: &Takeover, measured: &Measured) -> Value {
    let at = |share: &f64| {
        json!({ "challenged": share, "ours": found(measured.ours.recall(*share)),
            "freeman": found(measured.freeman.recall(*share)) })
    };
    json!({
        "file": asked.rba, "rows": measured.rows, "let_in": measured.freeman.sign_ins(), "users": measured.users,
        "takeovers": measured.freeman.takeovers(), "lines_out_of_order": measured.out_of_order,
        "scored": { "ours": OURS, "freeman": FREEMAN },
        "without_history": { "ours": measured.ours.unknown(), "freeman": measured.freeman.unknown() },
        "resamples_by_user": asked.resamples, "seed": asked.seed,
        "recall": CHALLENGED.iter().map(at).collect::<Value>(),
    })
}

fn say(measured: &Measured) {
    show::line(format!(
        "{} sign-ins, {} of them let in, of {} users; {} account takeovers",
        measured.rows,
        measured.freeman.sign_ins(),
        measured.users,
        measured.freeman.takeovers()
    ));
    if measured.out_of_order > 0 {
        show::line(format!("{} lines stand after a later one; taken as they stand", measured.out_of_order));
    }
    let text = |of: Option<Found>| {
        of.map_or_else(|| "-".to_owned(), |f| format!("{:.4} ({:.4} to {:.4})", f.recall, f.low, f.high))
    };
    let mut rows = vec![row!["challenged", "ours", "Freeman"]];
    for share in CHALLENGED {
        rows.push(row![
            format!("{} %", share * 100.0),
            text(measured.ours.recall(share)),
            text(measured.freeman.recall(share)),
        ]);
    }
    show::table(&rows);
    show::line("takeovers found, with the middle 95 % over users drawn anew");
    show::line(format!("ours: {OURS}"));
    show::line(format!("Freeman: {FREEMAN}"));
}

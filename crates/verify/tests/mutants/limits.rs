//! The limits: for each a case that it alone catches. Its broken twin is the policy with that one limit lifted: then the
//! case goes through, and every other limit still catches its own.
//!
//! Where several limits are one figure together (a share that must be excluded, and how surely), lifting one of them may
//! let the cases of the others through; such are named as one [`Row::group`].

mod chosen;
mod drafted;
mod gated;
mod order;
mod running;

use crate::house::House;
use model::mutant;
use model::policy::{LIMITS, Policy};
use std::collections::BTreeSet;
use std::path::Path;
use store::testing::Database;

/// The case of a limit.
pub(crate) struct Row {
    /// The limit's place in the policy file.
    pub(crate) key: &'static str,
    /// Those whose cases go through together; empty where it stands alone.
    pub(crate) group: &'static str,
    pub(crate) case: Case,
}

/// Where the case is played.
pub(crate) enum Case {
    /// On what is decided from a policy.
    Decided {
        /// The limit, lifted just so far that its case goes through.
        lifted: f64,
        /// Whether the case is caught under a policy.
        catches: fn(&Policy) -> bool,
        /// Whether a ledger is filled for it: then it is held against the twins of its own section alone, which is all
        /// it reads.
        is_filled: bool,
    },
    /// In a house, where something is really done.
    Done {
        /// The line of the shipped policy, which lets the case through.
        shipped: &'static str,
        /// The line that does not.
        tight: &'static str,
        /// Whether the case is caught in a house.
        catches: fn(&House) -> bool,
    },
    /// Where only the program itself takes the limit: the test of the program that catches the case, and lets it
    /// through where the limit is met.
    Program {
        /// The file.
        file: &'static str,
        /// The test's name.
        test: &'static str,
    },
}

pub(crate) const fn decided(key: &'static str, lifted: f64, catches: fn(&Policy) -> bool) -> Row {
    together("", key, lifted, catches)
}

pub(crate) const fn filled(key: &'static str, lifted: f64, catches: fn(&Policy) -> bool) -> Row {
    Row { key, group: "", case: Case::Decided { lifted, catches, is_filled: true } }
}

pub(crate) const fn together(
    group: &'static str,
    key: &'static str,
    lifted: f64,
    catches: fn(&Policy) -> bool,
) -> Row {
    Row { key, group, case: Case::Decided { lifted, catches, is_filled: false } }
}

pub(crate) const fn done(
    key: &'static str,
    shipped: &'static str,
    tight: &'static str,
    catches: fn(&House) -> bool,
) -> Row {
    Row { key, group: "", case: Case::Done { shipped, tight, catches } }
}

fn rows() -> impl Iterator<Item = &'static Row> {
    [chosen::ROWS, drafted::ROWS, gated::ROWS, order::ROWS, running::ROWS].into_iter().flatten()
}

/// The shipped policy, with the sections that it leaves out, and some figures so small that a case can meet them.
pub(crate) fn base() -> Policy {
    let shipped = include_str!("../../../../policy/shipped.toml")
        .replace("accounts_max = 1000000\n", "accounts_max = 79\n")
        .replace("active_share_max = 0.10\n", "active_share_max = 0.019\n")
        .replace("wave_accounts_max = 20000\n", "wave_accounts_max = 3000\n")
        .replace("dry_labels_min = 149\n", "dry_labels_min = 300\n")
        .replace("batch_rows = 1000\n", "batch_rows = 1\n");
    let more = "[solo]\naccounts_max = 20\ndelay_ms = 1800000\n\
        [reference]\nhunts = 1\naccounts = 10\nactive = 4000\nmultiple_max = 5.0\n";
    Policy::parse(&format!("{shipped}{more}")).expect("a policy")
}

/// The policy in which one limit has another value: no check of the policy itself stands before what it is for.
fn with(key: &str, value: f64) -> Policy {
    let mut policy = serde_json::to_value(base()).expect("it is written");
    let place = policy.pointer_mut(&format!("/{}", key.replace('.', "/"))).expect("it is there");
    *place = if place.is_f64() { value.into() } else { (value as i64).into() };
    serde_json::from_value(policy).expect("it is read")
}

fn section(key: &str) -> &str {
    key.split('.').next().unwrap_or_default()
}

#[test]
fn each_limit_has_its_case() {
    let limits: BTreeSet<&str> = LIMITS.iter().map(|l| l.key).collect();
    let cases: Vec<&str> = rows().map(|p| p.key).collect();
    let each: BTreeSet<&str> = cases.iter().copied().collect();
    assert_eq!(each.len(), cases.len(), "a limit has one case");
    assert_eq!(each, limits);
    let checkout = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for row in rows() {
        let Case::Program { file, test } = row.case else { continue };
        let text = std::fs::read_to_string(checkout.join(file)).unwrap_or_default();
        assert!(text.contains(&format!("fn {test}()")), "{}: no test {test} in {file}", row.key);
    }
}

#[test]
fn each_limit_catches_what_goes_through_where_it_is_lifted_and_no_other_lets_it() {
    mutant::with(None, cross_what_is_decided);
}

fn cross_what_is_decided() {
    let base = base();
    let mut wrong = Vec::new();
    for row in rows() {
        let Case::Decided { lifted, catches, .. } = row.case else { continue };
        if !catches(&base) {
            wrong.push(format!("{}: its case is not caught", row.key));
        }
        let twin = with(row.key, lifted);
        for other in rows() {
            let Case::Decided { catches, is_filled, .. } = other.case else { continue };
            if is_filled && section(row.key) != section(other.key) {
                continue;
            }
            let is_own = other.key == row.key;
            let is_shared = !is_own && !row.group.is_empty() && row.group == other.group;
            if !is_shared && catches(&twin) == is_own {
                let how = if is_own { "still caught" } else { "let through" };
                wrong.push(format!("{} lifted: the case of {} is {how}", row.key, other.key));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n  {}", wrong.len(), wrong.join("\n  "));
}

#[test]
fn each_limit_on_what_is_done_catches_what_goes_through_where_it_is_lifted() {
    mutant::with(None, lift_on_what_is_done);
}

fn lift_on_what_is_done() {
    let shipped = include_str!("../../../../policy/shipped.toml");
    let mut wrong = Vec::new();
    for row in rows() {
        let Case::Done { shipped: line, tight, catches } = row.case else { continue };
        assert!(shipped.contains(line), "{}: {line:?} is not in the shipped policy", row.key);
        for (limits, is_caught) in [(&[(line, tight)][..], true), (&[], false)] {
            let database = Database::sqlite();
            if catches(&House::with(&database, 5, 60, 1, limits)) != is_caught {
                wrong.push(format!("{}: caught should be {is_caught}", row.key));
            }
        }
    }
    assert!(wrong.is_empty(), "{} cases:\n  {}", wrong.len(), wrong.join("\n  "));
}

//! `policy`: the limits, two policies held against each other, and past plans under another.

use super::Call;
use super::hunt::parse_moment;
use super::show::{self, row};
use crate::error::Result;
use crate::{keys, ops};
use clap::Subcommand;
use model::id::{Millis, OperatorName};
use model::policy::{LIMITS, Unit};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum PolicyCommand {
    /// The limits in force, each with its value, its unit and what it is for.
    Show,
    /// The limits in which two policy files differ.
    Diff { a: PathBuf, b: PathBuf },
    /// What past plans would have met under another policy, as far as the ledger can tell.
    WhatIf { file: PathBuf },
    /// What is usual, counted from the ledger, as a section for the policy file: there it never moves by itself.
    Freeze {
        /// Hunts recorded from it on: RFC 3339 or milliseconds.
        #[arg(long, value_name = "T", value_parser = parse_moment)]
        since: Millis,
        /// Hunts recorded from it on are passed over; now where it is not said.
        #[arg(long, value_name = "T", value_parser = parse_moment)]
        until: Option<Millis>,
        /// How many times that a plan may be.
        #[arg(long, value_name = "N")]
        multiple: f64,
    },
    /// Sign a standing order; it is in force with the last signature that it needs.
    Sign {
        /// The order, as docs/orders.md describes it.
        file: PathBuf,
        #[arg(long, value_name = "NAME")]
        operator: String,
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
    },
}

pub(crate) fn policy(call: &Call, command: PolicyCommand) -> Result<()> {
    match command {
        PolicyCommand::Sign { file, operator, key } => {
            let key = keys::signing_key(&key)?;
            let order = ops::order::sign(&call.context()?, &file, &OperatorName::new(operator), &key)?;
            super::routine::show_order(call, &order);
            Ok(())
        }
        PolicyCommand::Show => show_policy(call),
        PolicyCommand::Diff { a, b } => diff(call, &a, &b),
        PolicyCommand::WhatIf { file } => what_if(call, &file),
        PolicyCommand::Freeze { since, until, multiple } => freeze(call, since, until, multiple),
    }
}

fn show_policy(call: &Call) -> Result<()> {
    let policy = crate::context::policy(call.config.policy.as_deref())?;
    let digest = policy.digest()?;
    if call.json {
        let limits: Vec<_> = LIMITS
            .iter()
            .map(|l| {
                serde_json::json!({
                    "key": l.key, "value": (l.value)(&policy), "unit": l.unit.as_str(), "what": l.what,
                })
            })
            .collect();
        show::json(&serde_json::json!({ "digest": digest, "policy": policy, "limits": limits }));
        return Ok(());
    }
    show::line(format!("version {}, digest {digest}", policy.version));
    let mut rows = vec![row!["limit", "value", "what"]];
    rows.extend(LIMITS.iter().map(|l| row![l.key, said((l.value)(&policy), l.unit), l.what]));
    show::table(&rows);
    Ok(())
}

fn diff(call: &Call, a: &std::path::Path, b: &std::path::Path) -> Result<()> {
    let found = ops::policy::diff(&ops::policy::read(a)?, &ops::policy::read(b)?);
    if call.json {
        show::json(&found);
        return Ok(());
    }
    if found.is_empty() {
        show::line("no limit is another");
        return Ok(());
    }
    let (a, b) = (a.display().to_string(), b.display().to_string());
    let mut rows = vec![row!["limit", a, b, "what"]];
    rows.extend(LIMITS.iter().filter_map(|l| {
        let d = found.iter().find(|d| d.key == l.key)?;
        Some(row![l.key, said(d.a, l.unit), said(d.b, l.unit), l.what])
    }));
    show::table(&rows);
    Ok(())
}

fn what_if(call: &Call, file: &std::path::Path) -> Result<()> {
    let other = ops::policy::read(file)?;
    let found = ops::policy::what_if(&call.context()?, &other)?;
    if call.json {
        show::json(&found);
        return Ok(());
    }
    for plan in &found.plans {
        show::line(format!("{} ({}, {} accounts)", plan.plan, plan.state, plan.accounts));
        if plan.changed.is_empty() && plan.cannot_tell.is_empty() {
            show::line("  the same");
        }
        for c in &plan.changed {
            let unit = model::policy::Limit::of(c.limit).map_or(Unit::Count, |l| l.unit);
            let of = if c.of.is_empty() { String::new() } else { format!(" of {}", c.of) };
            show::line(format!(
                "  {}{of}: {} measured, {} allowed, {} under this policy: {}",
                c.limit,
                c.measured,
                said(c.was, unit),
                said(c.would_be, unit),
                c.says
            ));
        }
        for c in &plan.cannot_tell {
            show::line(format!("  {}: can't be told; {}", c.limit, c.why));
        }
    }
    if found.plans.is_empty() {
        show::line("no plan is on record");
    }
    Ok(())
}

fn freeze(call: &Call, since: Millis, until: Option<Millis>, multiple: f64) -> Result<()> {
    let ctx = call.context()?;
    let reference = ops::policy::freeze(&ctx, since, until.unwrap_or_else(|| ctx.now()), multiple)?;
    if call.json {
        show::json(&reference);
        return Ok(());
    }
    show::line(format!(
        "# what was usual from {} to {}\n[reference]\nhunts = {}\naccounts = {}\nactive = {}\nmultiple_max = {multiple:?}",
        show::moment(since),
        until.map_or_else(|| "now".to_owned(), show::moment),
        reference.hunts,
        reference.accounts,
        reference.active,
    ));
    Ok(())
}

/// A value as people read it.
fn said(value: Option<f64>, unit: Unit) -> String {
    let Some(value) = value else { return "not there".to_owned() };
    match unit {
        Unit::Share => format!("{} %", rounded(value * 100.0)),
        Unit::Ms => long(value),
        Unit::Times => format!("{value} times"),
        Unit::Accounts | Unit::People | Unit::Count => format!("{value}"),
    }
}

/// Without the digits that only the binary form has.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

fn long(ms: f64) -> String {
    let units = [(86_400_000.0, "days"), (3_600_000.0, "hours"), (60_000.0, "minutes"), (1000.0, "seconds")];
    let fitting = units.iter().find(|(size, _)| ms >= *size);
    fitting.map_or_else(|| format!("{ms} ms"), |(size, name)| format!("{} {name}", rounded(ms / size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_in_their_unit() {
        let cases = [
            (Some(0.02), Unit::Share, "2 %"),
            (Some(86_400_000.0), Unit::Ms, "1 days"),
            (Some(1_800_000.0), Unit::Ms, "30 minutes"),
            (Some(0.0), Unit::Ms, "0 ms"),
            (Some(3.0), Unit::Times, "3 times"),
            (Some(50.0), Unit::Accounts, "50"),
            (None, Unit::Accounts, "not there"),
        ];
        for (value, unit, text) in cases {
            assert_eq!(said(value, unit), text);
        }
    }
}

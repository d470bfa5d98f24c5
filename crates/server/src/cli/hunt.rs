//! `simulate` and `hunt`.

use super::Call;
use super::calibrate::{Calibrate, calibrate};
use super::show::{self, Progress, row};
use crate::error::{Error, Result};
use clap::{Args, Subcommand, ValueEnum};
use model::id::Millis;
use rehearse::simulate::{Attack, Format, Settings, population, write};
use std::path::PathBuf;

/// The files' form.
#[derive(Clone, Copy, ValueEnum)]
enum FileForm {
    Jsonl,
    Parquet,
}

#[derive(Args)]
pub(crate) struct Simulate {
    /// The folder to write to.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Equal seeds give equal bytes.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    #[arg(long, default_value_t = 10_000)]
    accounts: u32,
    #[arg(long, default_value_t = 30)]
    days: u32,
    /// About how many events in all.
    #[arg(long)]
    events: Option<u64>,
    /// Share of the accounts that are attacked with success.
    #[arg(long, default_value_t = 0.03, value_name = "SHARE")]
    attacked: f64,
    /// Attacks, separated by commas; all of them where it is not said. `none` for a quiet service.
    #[arg(long, value_name = "LIST")]
    attacks: Option<String>,
    #[arg(long, value_enum, default_value_t = FileForm::Jsonl)]
    format: FileForm,
}

pub(crate) fn simulate(arguments: &Simulate, json: bool) -> Result<()> {
    if !(0.0..=0.5).contains(&arguments.attacked) {
        return Err(Error::usage(format!(
            "--attacked is a share between 0 and 0.5, not {}",
            arguments.attacked
        )));
    }
    let attacks = match arguments.attacks.as_deref() {
        None => Attack::ALL.to_vec(),
        Some("none") => Vec::new(),
        Some(list) => {
            list.split(',').map(|name| name.trim().parse().map_err(Error::usage)).collect::<Result<_>>()?
        }
    };
    let settings = Settings {
        seed: arguments.seed,
        accounts: arguments.accounts,
        days: arguments.days,
        events: arguments.events,
        attacked_share: arguments.attacked,
        attacks,
        ..Settings::default()
    };
    let progress = Progress::new();
    progress.say("living", &format!("{} accounts for {} days", settings.accounts, settings.days));
    let population = population(&settings);
    progress.say("writing", &arguments.out.display().to_string());
    let format = match arguments.format {
        FileForm::Jsonl => Format::Jsonl,
        FileForm::Parquet => Format::Parquet,
    };
    write(&population, &arguments.out, format).map_err(Error::failed)?;
    progress.done();
    let out = arguments.out.display();
    if json {
        show::json(&serde_json::json!({
            "out": arguments.out, "seed": arguments.seed, "accounts": population.accounts.len(),
            "events": population.events.len(), "compromised": population.truth.len(),
        }));
    } else {
        show::line(format!(
            "{} accounts, {} events, {} of the accounts compromised: {out}\n  next: rightful hunt {out}/events* --out answer",
            population.accounts.len(),
            population.events.len(),
            population.truth.len(),
        ));
    }
    Ok(())
}

#[derive(Subcommand)]
enum HuntCommand {
    /// Labels and owners' answers, held against the confidences of the verdicts in sealed plans.
    Calibrate(Calibrate),
}

#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(crate) struct Hunt {
    #[command(subcommand)]
    command: Option<HuntCommand>,
    /// JSON Lines (plain, gzip, zstd) or Parquet, in any order.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The folder for the answer.
    #[arg(long, value_name = "DIR", required = true)]
    out: Option<PathBuf>,
    /// Account records.
    #[arg(long, value_name = "FILE")]
    accounts: Option<PathBuf>,
    /// A policy: what does not reach its limits of a cohort is suspected, and no more.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// A correction of the confidence, as `hunt calibrate --out` writes it.
    #[arg(long, value_name = "FILE")]
    calibration: Option<PathBuf>,
    /// Domains that are said to be bad, one a line; of themselves they never decide.
    #[arg(long, value_name = "FILE")]
    intel_domains: Option<PathBuf>,
    /// Addresses and prefixes that are said to be bad, one a line.
    #[arg(long, value_name = "FILE")]
    intel_addresses: Option<PathBuf>,
    /// Accounts whose credential is said to be leaked: an id a line, or JSON with account and time.
    #[arg(long, value_name = "FILE")]
    intel_leaked: Option<PathBuf>,
    /// Networks or countries of addresses, for events that state none; may be given more than once.
    #[arg(long, value_name = "FILE")]
    mmdb: Vec<PathBuf>,
    /// Profiles from all before, verdicts from it on: RFC 3339 or milliseconds.
    #[arg(long, value_name = "T", value_parser = parse_moment)]
    since: Option<Millis>,
    /// Events from it on are passed over.
    #[arg(long, value_name = "T", value_parser = parse_moment)]
    until: Option<Millis>,
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
    /// What the events may take in memory: 512M, 4G.
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    memory: Option<u64>,
    /// The share of lines that may be unreadable.
    #[arg(long, value_name = "SHARE", default_value_t = 0.01)]
    max_rejects: f64,
}

pub(crate) fn hunt(call: &Call, arguments: &Hunt) -> Result<()> {
    let json = call.json;
    if let Some(HuntCommand::Calibrate(asked)) = &arguments.command {
        return calibrate(call, asked);
    }
    let out = arguments
        .out
        .clone()
        .ok_or_else(|| Error::usage("the folder for the answer is not named: --out DIR"))?;
    let policy = arguments.policy.as_deref().map(|file| crate::context::policy(Some(file))).transpose()?;
    let request = hunt::Request {
        cohort: policy.map(|policy| policy.cohort),
        accounts: arguments.accounts.clone(),
        calibration: arguments.calibration.clone(),
        intelligence: hunt::IntelligenceFiles {
            domains: arguments.intel_domains.clone(),
            addresses: arguments.intel_addresses.clone(),
            leaked: arguments.intel_leaked.clone(),
            mmdb: arguments.mmdb.clone(),
        },
        since: arguments.since,
        until: arguments.until,
        threads: arguments.threads,
        memory_bytes: arguments.memory,
        max_rejects: arguments.max_rejects,
        ..hunt::Request::new(arguments.files.clone(), out.clone())
    };
    let progress = Progress::new();
    let summary = hunt::run(&request, &|p| match p {
        hunt::Progress::Reading { bytes, of_bytes } => {
            progress.say(
                "reading",
                &format!("{} MB (of {} MB on disk)", bytes / 1_000_000, of_bytes / 1_000_000),
            );
        }
        hunt::Progress::Sorted { events, accounts } => {
            progress.say("folding", &format!("{events} events of {accounts} accounts"));
        }
        hunt::Progress::Folded => progress.say("tying", "accounts together"),
        hunt::Progress::Tied => progress.say("judging", ""),
        hunt::Progress::Writing => progress.say("writing", &out.display().to_string()),
    })?;
    progress.done();
    if json {
        show::json(&summary);
        return Ok(());
    }
    let mut rows = vec![row!["events", summary.events], row!["accounts", summary.accounts]];
    for (what, n) in [("unreadable lines", summary.rejected), ("seen twice", summary.duplicates)] {
        if n > 0 {
            rows.push(row![what, n]);
        }
    }
    rows.extend(summary.verdicts.iter().map(|(what, n)| row![what, n]));
    rows.extend(summary.shifts.iter().map(|s| row![format!("shift: {} {}", s.feature, s.value), s.accounts]));
    for file in &summary.intelligence {
        let what = if file.names.is_some() { "met of" } else { "events filled in by" };
        rows.push(row![format!("{what} {} ({})", file.file, file.digest.short()), file.met]);
        if let Some(common) = file.common {
            rows.push(row!["  of these say nothing, since they are common here", common]);
        }
    }
    if !summary.left_out.is_empty() {
        rows.push(row!["like a campaign, left out", summary.left_out.len()]);
    }
    show::table(&rows);
    let out = out.display();
    show::line(format!(
        "the evidence: {out}/verdicts.jsonl\n  next: rightful plan draft --hunt {out} --author NAME"
    ));
    Ok(())
}

pub(super) fn parse_moment(text: &str) -> std::result::Result<Millis, String> {
    match text.parse::<i64>() {
        Ok(ms) => Ok(ms),
        Err(_) => text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond).map_err(|_| {
            "a moment is written 2026-11-08T04:00:00Z, or in milliseconds since 1970".to_owned()
        }),
    }
}

fn parse_size(text: &str) -> std::result::Result<u64, String> {
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    let factor = match unit.to_ascii_uppercase().as_str() {
        "" | "B" => Some(1),
        "K" | "KB" => Some(1 << 10),
        "M" | "MB" => Some(1 << 20),
        "G" | "GB" => Some(1 << 30),
        _ => None,
    };
    let number = digits.parse::<u64>().ok();
    number
        .zip(factor)
        .and_then(|(n, f)| n.checked_mul(f))
        .ok_or_else(|| "a size is written 512M or 4G".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_moments_are_read() {
        assert_eq!(parse_size("2G"), Ok(2 << 30));
        assert_eq!(parse_size("10"), Ok(10));
        assert!(parse_size("much").is_err() && parse_size("99999999999G").is_err());
        assert_eq!(parse_moment("1970-01-01T00:00:01Z"), Ok(1000));
        assert_eq!(parse_moment("5"), Ok(5));
        assert!(parse_moment("Friday").is_err());
    }
}

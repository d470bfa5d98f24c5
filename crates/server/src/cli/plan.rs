//! `plan`.

use super::Call;
use super::run::{adds_to, adds_to_line};
use super::show::{self, row};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::{keys, ops};
use clap::Subcommand;
use model::id::{AccountId, OperatorName, PlanId};
use model::labels::Label;
use model::operator::Decision;
use model::plan::{ActKind, PlanState};
use model::probe::named;
use std::collections::BTreeMap;
use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

#[derive(Subcommand)]
pub(crate) enum PlanCommand {
    /// Make a plan from a hunt's answer; a list narrows it, and can never widen it.
    Draft {
        /// The hunt's answer.
        #[arg(long, value_name = "DIR")]
        hunt: PathBuf,
        /// Accounts, an id a line, JSON Lines or CSV.
        #[arg(long, value_name = "FILE")]
        list: Option<PathBuf>,
        /// Who makes it, and so can't approve it.
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
    },
    /// Draft what the same hand made since a plan was sealed: objects to hide, on accounts that its run contained.
    Addendum {
        /// The run, or its plan.
        id: String,
        /// A later hunt's answer.
        #[arg(long, value_name = "DIR")]
        hunt: PathBuf,
        /// Who makes it, and so can't approve it.
        #[arg(long, value_name = "NAME")]
        author: Option<String>,
    },
    /// Hold a draft against the limits, by a way of its own.
    Check {
        id: PlanId,
        /// Also hunt over a quiet window of the same length before the attack: files of the hunt's own events.
        #[arg(long, value_name = "FILE", num_args = 1..)]
        placebo: Vec<PathBuf>,
        /// The MMDB files that the hunt was given, for the placebo.
        #[arg(long, value_name = "FILE", requires = "placebo")]
        mmdb: Vec<PathBuf>,
    },
    /// Fix every byte of a checked plan under one digest.
    Seal { id: PlanId },
    /// Look at a random sample, blind; with labels from standard input or a file, `ACCOUNT LABEL` a line.
    Review {
        id: PlanId,
        /// Who looks.
        #[arg(long, value_name = "NAME")]
        operator: Option<String>,
        /// Labels: compromised, not_compromised, cant_tell.
        #[arg(long, value_name = "FILE")]
        labels: Option<PathBuf>,
    },
    /// Sign a plan's digest.
    Approve {
        id: PlanId,
        #[arg(long, value_name = "NAME")]
        operator: String,
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// The short digest you mean; asked for on a terminal.
        #[arg(long)]
        digest: Option<String>,
        /// Say no instead.
        #[arg(long)]
        refuse: bool,
    },
    /// One plan.
    Show { id: PlanId },
    /// All plans.
    List,
    /// Write the plan's file, and the entries beside it.
    Export { id: PlanId, file: PathBuf },
    /// Compute a plan file's digest from the file alone.
    Verify {
        file: PathBuf,
        /// The digest it must have.
        #[arg(long)]
        digest: Option<String>,
    },
}

pub(crate) fn plan(call: &Call, command: PlanCommand) -> Result<()> {
    if let PlanCommand::Verify { file, digest } = &command {
        return verify(call, file, digest.as_deref());
    }
    let ctx = call.context()?;
    match command {
        PlanCommand::Draft { hunt, list, author } => {
            let author = author.map_or_else(whoami, OperatorName::new);
            let drafted = ops::plan::draft(&ctx, &hunt, list.as_deref(), &author)?;
            if call.json {
                show::json(&serde_json::json!({
                    "plan": drafted.plan, "accounts": drafted.accounts, "left_out": drafted.left_out,
                    "refused": drafted.refused,
                }));
            } else {
                show::line(format!(
                    "{}: {} accounts, {} left out",
                    drafted.plan, drafted.accounts, drafted.left_out
                ));
            }
            match drafted.refused {
                Some(reason) => Err(Error::failed(format!("refused: {reason}"))
                    .hint(format!("rightful plan show {} lists who was left out and why", drafted.plan))
                    .said()),
                None => next(call, &format!("rightful plan check {}", drafted.plan)),
            }
        }
        PlanCommand::Addendum { id, hunt, author } => {
            let author = author.map_or_else(whoami, OperatorName::new);
            let run = ops::run::find(&ctx, &id)?;
            let drafted = ops::addendum::draft(&ctx, &run, &hunt, &author)?;
            if call.json {
                show::json(&serde_json::json!({
                    "plan": drafted.plan, "adds_to": run, "accounts": drafted.accounts, "objects": drafted.objects,
                    "left_out": drafted.left_out,
                }));
            } else {
                show::line(format!(
                    "{}: an addendum to {run}; {} posts of {} accounts, {} accounts left out",
                    drafted.plan, drafted.objects, drafted.accounts, drafted.left_out
                ));
            }
            next(call, &format!("rightful plan check {}", drafted.plan))
        }
        PlanCommand::Check { id, placebo, mmdb } => check(call, &ctx, &id, &placebo, &mmdb),
        PlanCommand::Seal { id } => {
            let digest = ops::plan::seal_plan(&ctx, &id, whoami().as_str())?;
            if call.json {
                show::json(&serde_json::json!({ "plan": id, "digest": digest, "short": digest.short() }));
            } else {
                show::line(format!("{id} is sealed under {digest}"));
            }
            next(call, &format!("rightful plan review {id} --operator NAME"))
        }
        PlanCommand::Review { id, operator, labels } => review(call, &ctx, &id, operator, labels),
        PlanCommand::Approve { id, operator, key, digest, refuse } => {
            let row = ctx.store.read(|r| r.plan(&id))?;
            confirm(&row, digest.as_deref())?;
            let decision = if refuse { Decision::Refuse } else { Decision::Approve };
            let name = OperatorName::new(operator);
            let state = ops::review::approve(&ctx, &id, &name, &keys::signing_key(&key)?, decision)?;
            if call.json {
                show::json(&serde_json::json!({ "plan": id, "state": state.as_str(), "operator": name }));
            } else {
                show::line(format!("{id} is {}", state.as_str()));
            }
            if state == PlanState::Approved {
                next(call, &format!("rightful run arm {id}"))
            } else if state == PlanState::Refused {
                Ok(())
            } else {
                next(call, "another operator's approval")
            }
        }
        PlanCommand::Show { id } => show_plan(call, &ctx, &id),
        PlanCommand::List => list(call, &ctx),
        PlanCommand::Export { id, file } => {
            let (plan, entries) = ops::plan::export(&ctx, &id)?;
            let beside = ops::plan::entries_beside(&file);
            std::fs::write(&file, plan).map_err(crate::error::at(&file))?;
            std::fs::write(&beside, entries).map_err(crate::error::at(&beside))?;
            if call.json {
                show::json(&serde_json::json!({ "plan": file, "entries": beside }));
            } else {
                show::line(format!("{} and {}", file.display(), beside.display()));
            }
            next(call, &format!("rightful plan verify {}", file.display()))
        }
        PlanCommand::Verify { .. } => Ok(()),
    }
}

/// Whoever is signed in to the machine, where no name is given.
pub(crate) fn whoami() -> OperatorName {
    OperatorName::new(std::env::var("USER").unwrap_or_else(|_| "unnamed".to_owned()))
}

fn next(call: &Call, what: &str) -> Result<()> {
    if !call.json {
        show::line(format!("  next: {what}"));
    }
    Ok(())
}

/// On a terminal the short digest is typed; a script names it, or has it in its signed approvals.
pub(crate) fn confirm(row: &store::plans::PlanRow, named: Option<&str>) -> Result<()> {
    let Some(digest) = row.digest else {
        return Err(Error::failed(format!("{} is {}, not sealed", row.id, row.state.as_str()))
            .hint(format!("rightful plan seal {}", row.id)));
    };
    let typed = match named {
        Some(named) => named.to_owned(),
        None if std::io::stdin().is_terminal() => {
            eprint!("{}: {} accounts. Type the short digest to go on: ", row.id, row.header.accounts);
            let mut typed = String::new();
            std::io::stdin().lock().read_line(&mut typed).map_err(Error::failed)?;
            typed
        }
        None => return Ok(()),
    };
    if typed.trim() == digest.short() || typed.trim() == digest.hex() {
        return Ok(());
    }
    Err(Error::usage(format!("{:?} is not the digest of {}", typed.trim(), row.id))
        .hint(format!("rightful plan show {} shows it; look whether it is the plan you mean", row.id)))
}

fn check(call: &Call, ctx: &Context, id: &PlanId, placebo: &[PathBuf], mmdb: &[PathBuf]) -> Result<()> {
    let (state, notes) = ops::preflight::check(ctx, id, whoami().as_str(), placebo, mmdb)?;
    if call.json {
        show::json(&serde_json::json!({ "plan": id, "state": state.as_str(), "notes": notes }));
    } else {
        for note in &notes {
            show::line(format!(
                "{}  {}: {} ({})\n      {}",
                note.severity.as_str(),
                note.code,
                note.text,
                note.sure.map_or("not said how sure", model::note::Sure::says),
                note.todo
            ));
        }
        show::line(format!("{id} is {}", state.as_str()));
    }
    if state == PlanState::Refused {
        let refused =
            Error::failed(format!("{id} can't be sealed")).hint("do what the notes say, then draft again");
        return Err(refused.said());
    }
    next(call, &format!("rightful plan seal {id}"))
}

fn review(
    call: &Call,
    ctx: &Context,
    id: &PlanId,
    operator: Option<String>,
    labels: Option<PathBuf>,
) -> Result<()> {
    let who = operator.map_or_else(whoami, OperatorName::new);
    ops::review::begin(ctx, id, who.as_str())?;
    match labels {
        Some(file) => {
            let text = std::fs::read_to_string(&file).map_err(crate::error::at(&file))?;
            for (n, line) in (1..).zip(text.lines()).filter(|(_, l)| !l.trim().is_empty()) {
                let place = format!("{}, line {n}", file.display());
                one_label(ctx, id, &who, line, &place)?;
            }
        }
        None if std::io::stdin().is_terminal() && !call.json => ask_labels(ctx, id, &who)?,
        None => {}
    }
    let earlier = ctx.store.read(|r| r.earlier_seals(id))?;
    for seal in earlier.iter().filter(|_| !call.json) {
        let why = seal.reason.as_deref().map(|r| format!(": {r}")).unwrap_or_default();
        show::line(format!(
            "sealed before: {} at {}, {} accounts, {} of them here too, {}{why}",
            seal.plan,
            show::moment(seal.sealed_at),
            seal.accounts,
            seal.shared,
            seal.state.as_str()
        ));
    }
    let left = ops::review::to_look_at(ctx, id)?;
    if !left.is_empty() {
        if call.json {
            show::json(&serde_json::json!({ "plan": id, "to_look_at": left, "earlier_seals": earlier }));
        } else {
            show::line(format!("{} accounts of the sample have no label yet", left.len()));
        }
        return next(call, &format!("rightful plan review {id} --operator NAME --labels FILE"));
    }
    let state = ctx.store.read(|r| Ok(r.plan(id)?.state))?;
    let finding = if state == PlanState::Sealed {
        Some(ops::review::conclude(ctx, id, who.as_str())?)
    } else {
        ops::review::finding(ctx, id)?
    };
    let Some(finding) = finding else { return Ok(()) };
    if call.json {
        show::json(&serde_json::json!({
            "plan": id, "passes": finding.passes, "looked_at": finding.looked_at, "wrong": finding.wrong,
            "wrong_share_bound": finding.wrong_share_bound, "planted": finding.planted, "earlier_seals": earlier,
        }));
    } else {
        show::line(&finding.text);
        for (reviewer, (missed, of)) in &finding.planted {
            show::line(format!("{reviewer} called {missed} of {of} planted clear accounts compromised"));
        }
    }
    if finding.passes {
        next(call, &format!("rightful plan approve {id} --operator NAME --key FILE"))
    } else {
        Err(Error::failed(format!("the review refuses {id}"))
            .hint("the labels stay; draft again without those who are not compromised")
            .said())
    }
}

fn one_label(ctx: &Context, id: &PlanId, who: &OperatorName, line: &str, place: &str) -> Result<()> {
    let (account, label) = one_label_line(line, place)?;
    ops::review::label(ctx, id, &account, who, label)
}

/// A line `ACCOUNT LABEL`.
pub(crate) fn one_label_line(line: &str, place: &str) -> Result<(AccountId, Label)> {
    let mut words = line.split_whitespace();
    let (Some(account), Some(label), None) = (words.next(), words.next(), words.next()) else {
        return Err(Error::failed(format!("{place}: {line:?}")).hint("a line is ACCOUNT LABEL"));
    };
    let label = Label::from_name(label).ok_or_else(|| {
        Error::failed(format!("{place}: no label is called {label:?}"))
            .hint("compromised, not_compromised, cant_tell")
    })?;
    Ok((AccountId::new(account), label))
}

fn ask_labels(ctx: &Context, id: &PlanId, who: &OperatorName) -> Result<()> {
    let left = ops::review::to_look_at(ctx, id)?;
    let all = left.len();
    for (n, shown) in (1..).zip(left) {
        show::line(format!("\n{n} of {all}: {}", shown.account));
        show::table(&shown.events.iter().map(show::event_row).collect::<Vec<_>>());
        loop {
            eprint!("compromised, not compromised, can't tell, or stop? [c/n/?/q] ");
            let mut said = String::new();
            std::io::stdin().lock().read_line(&mut said).map_err(Error::failed)?;
            let label = match said.trim() {
                "c" => Label::Compromised,
                "n" => Label::NotCompromised,
                "?" => Label::CantTell,
                "q" | "" => return Ok(()),
                _ => continue,
            };
            ops::review::label(ctx, id, &shown.account, who, label)?;
            break;
        }
    }
    Ok(())
}

fn show_plan(call: &Call, ctx: &Context, id: &PlanId) -> Result<()> {
    let (row, notes, left_out, approvals, run) = ctx
        .store
        .read(|r| Ok((r.plan(id)?, r.notes(id)?, r.left_out(id)?, r.approvals(id)?, r.run_of(id)?)))?;
    let draft = ctx.store.read(|r| r.draft(id))?;
    let adds_to = ctx.store.read(|r| adds_to(r, id))?;
    let unprobed = ops::probe::unprobed(ctx, &draft);
    let (entries, probes) = (draft.entries, draft.probes);
    let matches = ops::preflight::left_out_matches(ctx, id)?;
    let mut acts: BTreeMap<ActKind, u64> = BTreeMap::new();
    for act in entries.iter().flat_map(|e| &e.acts) {
        *acts.entry(act.kind()).or_default() += 1;
    }
    let quiet: Vec<&model::quiet::Quiet> = entries.iter().filter_map(|e| e.quiet.as_ref()).collect();
    if call.json {
        show::json(&serde_json::json!({
            "quiet": quiet.len(), "plan": id, "state": row.state.as_str(), "reason": row.reason, "digest": row.digest, "header": row.header,
            "acts": acts, "notes": notes, "left_out": left_out, "matches": matches, "approvals": approvals, "run": run.map(|r| r.id),
            "accounts": entries.iter().map(|e| &e.account).collect::<Vec<_>>(),
            "probes": probes.iter().map(|p| serde_json::json!({ "account": p.account, "wave": p.wave, "tries": p.tries })).collect::<Vec<_>>(),
            "unprobed": unprobed, "adds_to": adds_to,
        }));
        return Ok(());
    }
    let digest = row.digest.map_or("not sealed".to_owned(), |d| format!("{} ({d})", d.short()));
    show::table(&[
        row!["plan", id],
        row!["state", row.state.as_str()],
        row!["digest", digest],
        row!["author", row.header.author],
        row!["accounts", row.header.accounts],
        row!["waves", format!("{:?}", row.header.waves)],
        row!["good until", show::moment(row.header.expires_at)],
        row!["left out", left_out.len()],
    ]);
    if let Some(line) = adds_to.as_ref().and_then(adds_to_line) {
        show::line(line);
    }
    if let Some(reason) = &row.reason {
        show::line(format!("because: {reason}"));
    }
    if let Some(one) = quiet.first() {
        let zones: std::collections::BTreeSet<&str> = quiet.iter().map(|q| q.zone.as_str()).collect();
        show::line(format!(
            "{} accounts are left alone from {} to {} of their owners' own day, in {} zones",
            quiet.len(),
            show::time_of_day(one.from_ms),
            show::time_of_day(one.until_ms),
            zones.len()
        ));
    }
    show::line("");
    let mut rows = vec![row!["act", "accounts", "undo"]];
    rows.extend(acts.iter().map(|(act, n)| row![act.as_str(), n, act.undo()]));
    show::table(&rows);
    for note in &notes {
        show::line(format!("{}  {}: {}", note.severity.as_str(), note.code, note.text));
    }
    for probe in &probes {
        show::line(format!(
            "probe  {}  wave {}: {} tried before and after",
            probe.account,
            probe.wave,
            named(&probe.tries)
        ));
    }
    if !unprobed.is_empty() {
        show::line(format!("unprobed in the canary: {}", named(&unprobed)));
    }
    show_matches(&matches);
    for approval in &approvals {
        show::line(format!("{:?} by {}", approval.consent.decision, approval.consent.operator));
    }
    Ok(())
}

/// Who matches a campaign and is not in the plan, by campaign.
fn show_matches(matches: &[decide::preflight::Match]) {
    for of_one in matches.chunk_by(|a, b| a.campaign == b.campaign) {
        show::line(format!(
            "\n{} match campaign {} and are not in this plan:",
            of_one.len(),
            of_one[0].campaign
        ));
        show::table(&of_one.iter().map(|m| row![format!("  {}", m.account), m.reason]).collect::<Vec<_>>());
    }
}

fn list(call: &Call, ctx: &Context) -> Result<()> {
    let plans = ctx.store.read(store::Read::plans)?;
    if call.json {
        let plans: Vec<_> = plans
            .iter()
            .map(|p| serde_json::json!({ "plan": p.id, "state": p.state.as_str(), "accounts": p.header.accounts, "digest": p.digest }))
            .collect();
        show::json(&plans);
        return Ok(());
    }
    let mut rows = vec![row!["plan", "state", "accounts", "digest", "drafted"]];
    rows.extend(plans.iter().map(|p| {
        let digest = p.digest.map_or(String::new(), |d| d.short());
        row![p.id, p.state.as_str(), p.header.accounts, digest, show::moment(p.header.drafted_at)]
    }));
    show::table(&rows);
    Ok(())
}

fn verify(call: &Call, file: &std::path::Path, expected: Option<&str>) -> Result<()> {
    let found = ops::plan::verify(file)?;
    let digest = found.sealed.digest();
    if let Some(expected) = expected
        && expected != digest.hex()
        && expected != digest.short()
    {
        return Err(Error::failed(format!("{} has the digest {digest}, not {expected}", file.display()))
            .hint("this is not the plan that was sealed under that digest: it was changed, or it is another one"));
    }
    if call.json {
        show::json(&serde_json::json!({
            "digest": digest, "short": digest.short(), "accounts": found.sealed.header().accounts, "probes": found.sealed.header().probes, "entries": found.entries,
        }));
    } else {
        show::line(format!(
            "{digest}: {} accounts and {} probes, {} entries beside the file are what the lines commit to",
            found.sealed.header().accounts,
            found.sealed.header().probes,
            found.entries
        ));
    }
    Ok(())
}

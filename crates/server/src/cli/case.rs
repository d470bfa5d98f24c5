//! `case`: one account, both hands, and what people say of it.

use super::Call;
use super::show::{self, row};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops;
use clap::{Subcommand, ValueEnum};
use model::exoneration::Proof;
use model::id::{AccountId, OperatorName};
use model::labels::Label;
use model::run::Mover;

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum LabelWord {
    Compromised,
    NotCompromised,
    CantTell,
}

/// What an operator can say proves a dispute.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ProofWord {
    Support,
}

#[derive(Subcommand)]
pub(crate) enum CaseCommand {
    /// The timeline with both hands, what was done, what the owner said.
    Show { account: AccountId },
    /// In plain words, for whoever talks to the owner: what happened, where it stands, what may be said.
    Explain {
        /// The account, or the code of a notice.
        whom: String,
    },
    /// What a person who looked says.
    Label {
        account: AccountId,
        label: LabelWord,
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// The owner turned to support; it counts in the gate of the account's last run.
    Contact {
        account: AccountId,
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// Accounts that need a person, the longest waiting first.
    Queue,
    /// Take an account out of the queue, with a note of what was done; a label does it as well.
    Close {
        account: AccountId,
        /// What was done, or found.
        #[arg(long)]
        note: String,
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
    /// Support has seen proof that a dispute is right; drafts the undo of this one account.
    Prove {
        account: AccountId,
        /// What proves it; a device proves itself on the owner's page.
        #[arg(long, value_enum, default_value = "support")]
        by: ProofWord,
        /// What was seen.
        #[arg(long, alias = "how")]
        reason: String,
        #[arg(long, value_name = "NAME")]
        operator: String,
    },
}

pub(crate) fn case(call: &Call, command: CaseCommand) -> Result<()> {
    let ctx = call.context()?;
    match command {
        CaseCommand::Show { account } => show_case(call, &ctx, &account),
        CaseCommand::Explain { whom } => explain(call, &ctx, &whom),
        CaseCommand::Label { account, label, operator } => {
            let label = match label {
                LabelWord::Compromised => Label::Compromised,
                LabelWord::NotCompromised => Label::NotCompromised,
                LabelWord::CantTell => Label::CantTell,
            };
            ops::review::label_case(&ctx, &account, &OperatorName::new(operator), label)
        }
        CaseCommand::Contact { account, operator } => {
            let who = ops::review::known(&ctx, &OperatorName::new(operator))?.name;
            let contacted = ops::support::contact(&ctx, &account, who.as_str())?;
            let run = contacted.run.as_ref().ok_or_else(|| {
                Error::failed(format!("nothing was ever done to {account}"))
                    .hint("only owners of accounts that a run acted on are counted")
            })?;
            if call.json {
                show::json(&contacted);
            } else if contacted.counted {
                show::line(format!("{account} counts among the support contacts of {run}"));
            } else {
                show::line(format!("{account} is counted among those of {run} already"));
            }
            Ok(())
        }
        CaseCommand::Queue => queue(call, &ctx),
        CaseCommand::Close { account, note, operator } => {
            let closed = ops::review::close_case(&ctx, &account, &OperatorName::new(operator), &note)?;
            if call.json {
                show::json(&serde_json::json!({ "account": account, "closed": closed }));
            } else {
                show::line(format!("{account} is out of the queue"));
            }
            Ok(())
        }
        CaseCommand::Prove { account, by: ProofWord::Support, reason, operator } => {
            let who = ops::review::known(&ctx, &OperatorName::new(operator))?.name;
            let disputes = ctx.store.read(|r| r.disputes_of(&account))?;
            let dispute = disputes
                .first()
                .ok_or_else(|| Error::failed(format!("the owner of {account} has disputed nothing")))?;
            let run = dispute.run.clone();
            ctx.store.write(ctx.now(), |tx| {
                tx.prove_dispute(&run, &account, Proof::Support, &reason, who.as_str())
            })?;
            let plan = ops::undo::draft_for_one(&ctx, &run, &account, &who).map_err(|e| {
                e.hint(format!("the proof is kept; rightful run undo {run} --account {account}"))
            })?;
            if call.json {
                show::json(&serde_json::json!({ "account": account, "run": run, "plan": plan }));
            } else {
                show::line(format!(
                    "{plan} takes it back\n  next: rightful plan approve {plan} --operator NAME --key FILE, then rightful run arm {plan}"
                ));
            }
            Ok(())
        }
    }
}

fn explain(call: &Call, ctx: &Context, whom: &str) -> Result<()> {
    let account = ops::explain::whom(ctx, whom)?;
    let explained = ops::explain::explain(ctx, &account)?;
    let said = explained.render().map_err(Error::failed)?;
    if call.json {
        let letters = explained.letters.iter().map(
            |l| serde_json::json!({ "code": l.code, "state": l.state, "subject": l.subject, "at": l.at }),
        );
        show::json(&serde_json::json!({
            "account": account, "window": explained.seen, "route": explained.route,
            "evidence": explained.evidence, "recovered_at": explained.recovered_at,
            "disputed": explained.disputed.map(|(at, proved)| serde_json::json!({ "at": at, "proved": proved })),
            "needs": explained.needs.iter().map(|n| &n.todo).collect::<Vec<_>>(),
            "letters": letters.collect::<Vec<_>>(),
            "title": said.subject, "text": said.text,
        }));
    } else {
        show::line(format!("{}\n\n{}", said.subject, said.text.trim_end()));
    }
    Ok(())
}

fn queue(call: &Call, ctx: &Context) -> Result<()> {
    let rows = ctx.store.read(store::Read::queue)?;
    if call.json {
        let row = |q: &store::queue::QueueRow| {
            serde_json::json!({
                "account": q.account, "why": q.why, "saying": q.saying, "todo": q.why.todo(), "plan": q.plan,
                "run": q.run, "since": q.opened_at,
            })
        };
        show::json(&rows.iter().map(row).collect::<Vec<_>>());
        return Ok(());
    }
    if rows.is_empty() {
        show::line("nobody needs a person");
        return Ok(());
    }
    let mut table = vec![row!["account", "why", "since", "what to do"]];
    table.extend(
        rows.iter().map(|q| row![q.account, q.why.as_str(), show::moment(q.opened_at), q.why.todo()]),
    );
    show::table(&table);
    Ok(())
}

fn show_case(call: &Call, ctx: &Context, account: &AccountId) -> Result<()> {
    let (cases, labels, disputes, notices) = ctx.store.read(|r| {
        Ok((r.cases_of(account)?, r.labels_of(account)?, r.disputes_of(account)?, r.notices_of(account)?))
    })?;
    let Some(case) = cases.first() else {
        return Err(Error::failed(format!("nothing was ever done to {account}"))
            .hint("the hunt's timelines.jsonl has what was seen of it, if anything was"));
    };
    let (timeline, value, steps, holds, queued) = ctx.store.read(|r| {
        let one = std::slice::from_ref(account);
        Ok((
            r.timeline(&case.plan, account)?,
            r.values_of(&case.plan, one)?.into_iter().next(),
            r.steps(&case.run, one)?,
            r.open_holds_of(account)?,
            r.queue_of(account)?,
        ))
    })?;
    let evidence = value.map(|v| v.entry.evidence).unwrap_or_default();
    let moments = timeline.map(|t| t.moments).unwrap_or_default();
    if call.json {
        show::json(&serde_json::json!({
            "account": account, "run": case.run, "state": case.state, "reason": case.reason, "stuck": case.stuck, "moved": case.moved,
            "evidence": evidence,
            "timeline": moments,
            "steps": steps.iter().map(|s| serde_json::json!({ "act": s.kind, "state": s.state, "result": s.result })).collect::<Vec<_>>(),
            "holds": holds.iter().map(|h| serde_json::json!({ "run": h.run, "state": h.state, "ends_at": h.ends_at })).collect::<Vec<_>>(),
            "queue": queued.iter().map(|q| serde_json::json!({ "why": q.why, "since": q.opened_at, "closed": q.closed_at, "note": q.note })).collect::<Vec<_>>(),
            "labels": labels.iter().map(|l| serde_json::json!({ "by": l.operator, "label": l.label })).collect::<Vec<_>>(),
            "disputes": disputes.iter().map(|d| serde_json::json!({ "run": d.run, "proved": d.proved_at.is_some(), "how": d.how })).collect::<Vec<_>>(),
            "notices": notices.iter().map(|n| serde_json::json!({ "code": n.code, "state": n.state, "subject": n.subject })).collect::<Vec<_>>(),
        }));
        return Ok(());
    }
    show::line(format!("{account}: {} in {}", case.state.as_str(), case.run));
    if let Some(mover) = case.moved {
        let by = match mover {
            Mover::Owner => "its owner",
            Mover::Intruder => "the intruder",
            Mover::Unknown => "nobody knows whom",
        };
        show::line(format!("  its credential was changed after sealing, by {by}"));
    }
    if let Some(stuck) = case.stuck {
        show::line(format!("  stuck ({}): {}", stuck.as_str(), stuck.todo()));
    }
    for queued in queued.iter().filter(|q| q.closed_at.is_none()) {
        show::line(format!("  needs a person ({}): {}", queued.why.as_str(), queued.why.todo()));
    }
    for hold in &holds {
        show::line(format!("  taken off by {} until {}", hold.run, show::moment(hold.ends_at)));
    }
    for evidence in &evidence {
        show::line(format!("  {}: {}", evidence.signal, evidence.summary));
    }
    show::line("");
    let rows: Vec<_> = moments
        .iter()
        .map(|m| {
            let hand = match m.hand {
                model::verdict::Hand::Owner => "owner",
                model::verdict::Hand::Intruder => "INTRUDER",
                model::verdict::Hand::Unknown => "?",
            };
            let mut row = vec![hand.to_owned()];
            row.extend(show::event_row(&m.event));
            row
        })
        .collect();
    show::table(&rows);
    show::line("");
    for step in &steps {
        show::line(format!(
            "{}: {} {}",
            step.kind.as_str(),
            step.state.as_str(),
            step.result.clone().unwrap_or_default()
        ));
    }
    for notice in &notices {
        show::line(format!("notice {} is {}: {}", notice.code, notice.state.as_str(), notice.subject));
    }
    for dispute in &disputes {
        let proved = dispute.how.as_deref().map_or("not proved".to_owned(), |how| format!("proved by {how}"));
        show::line(format!("the owner said \u{201c}that was me\u{201d} ({proved})"));
    }
    Ok(())
}

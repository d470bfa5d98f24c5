//! `notice`: what owners read.

use super::Call;
use super::show::{self, row};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::ops;
use clap::Subcommand;
use model::id::PlanId;
use respond::execute::{LetterOrder, WasDone};
use std::collections::BTreeMap;

#[derive(Subcommand)]
pub(crate) enum NoticeCommand {
    /// What the first owner of each kind in a plan would read.
    Preview { plan: PlanId },
    /// Notices of a run.
    List {
        /// The run, or its plan.
        run: String,
    },
    /// Send what is due.
    Send,
}

pub(crate) fn notice(call: &Call, command: &NoticeCommand) -> Result<()> {
    let ctx = call.context()?;
    match command {
        NoticeCommand::Preview { plan } => preview(call, &ctx, plan),
        NoticeCommand::List { run } => {
            let run = ops::run::find(&ctx, run)?;
            let notices = ctx.store.read(|r| r.notices(&run))?;
            if call.json {
                let rows: Vec<_> = notices
                    .iter()
                    .map(|n| serde_json::json!({ "code": n.code, "account": n.account, "template": n.template, "state": n.state, "attempts": n.attempts, "reply": n.reply }))
                    .collect();
                show::json(&rows);
                return Ok(());
            }
            let mut rows = vec![row!["code", "account", "state", "tries", "answer"]];
            rows.extend(notices.iter().map(|n| {
                row![n.code, n.account, n.state.as_str(), n.attempts, n.reply.clone().unwrap_or_default()]
            }));
            show::table(&rows);
            Ok(())
        }
        NoticeCommand::Send => {
            let flushed = ops::run::send_due(&ctx)?;
            if call.json {
                show::json(
                    &serde_json::json!({ "sent": flushed.sent, "failed": flushed.failed, "later": flushed.later }),
                );
            } else {
                show::line(format!(
                    "sent {}, failed {}, to be tried later {}",
                    flushed.sent, flushed.failed, flushed.later
                ));
            }
            Ok(())
        }
    }
}

fn preview(call: &Call, ctx: &Context, plan: &PlanId) -> Result<()> {
    let (header, entries) = ctx.store.read(|r| {
        let draft = r.draft(plan)?;
        Ok((draft.header, draft.entries))
    })?;
    let mut first = BTreeMap::new();
    for entry in entries {
        first.entry(entry.notice).or_insert(entry);
    }
    let letters = ops::letters::writer(ctx);
    let code = model::id::NoticeCode::new("0000-0000-0000");
    let mut shown = Vec::new();
    for (template, entry) in &first {
        let at = ctx.now();
        let done = WasDone::as_planned(entry, at);
        let order = LetterOrder { header: &header, entry, code: &code, done, at };
        let letter = ctx.store.read(|r| Ok(letters(r, &order)))?.map_err(Error::failed)?;
        if call.json {
            shown.push(serde_json::json!({ "template": template, "subject": letter.subject, "text": letter.text, "html": letter.html }));
        } else {
            show::line(format!("Subject: {}\n\n{}\n{}", letter.subject, letter.text, "-".repeat(78)));
        }
    }
    if call.json {
        show::json(&shown);
    }
    Ok(())
}

//! `run undo` and `run retract`: what would be taken back, and the sealed plan that does it.

use super::Call;
use super::plan::whoami;
use super::show;
use crate::context::Context;
use crate::error::Result;
use crate::ops;
use model::id::{AccountId, OperatorName};
use store::undo::Retraction;

/// Previews or drafts the undo of a run.
pub(crate) fn undo(
    call: &Call,
    ctx: &Context,
    id: &str,
    only_preview: bool,
    accounts: &[String],
    author: Option<String>,
) -> Result<()> {
    let run = ops::run::find(ctx, id)?;
    let accounts: Vec<AccountId> = accounts.iter().map(|a| AccountId::new(a.as_str())).collect();
    let preview = ops::undo::preview(ctx, &run, &accounts)?;
    let (restored, released) = (preview.restored.len(), preview.released.len());
    if only_preview {
        if call.json {
            show::json(&preview);
            return Ok(());
        }
        show::line(format!(
            "restored, with their old credential: {restored}\nreleased, to set a new one: {released}"
        ));
        if let Some(at) = preview.credentials_destroyed_at {
            let at = show::moment(at);
            show::line(format!(
                "the old credentials were destroyed at {at}, with the undo window: nothing can be restored, only released"
            ));
        }
        for (account, why) in &preview.restored {
            show::line(format!("  {account}: {why}"));
        }
        say_unsettled(&preview);
        return Ok(());
    }
    let author = author.map_or_else(whoami, OperatorName::new);
    let plan = ops::undo::draft(ctx, &run, &accounts, &author)?;
    let digest = ctx.store.read(|r| Ok(r.plan(&plan)?.digest))?;
    if call.json {
        show::json(&serde_json::json!({
            "plan": plan, "digest": digest, "restored": restored, "released": released,
            "unsettled": preview.unsettled,
        }));
    } else {
        say_unsettled(&preview);
        show::line(format!(
            "{plan}: {restored} would be restored, {released} released; sealed under {}\n  next: rightful plan approve {plan} --operator NAME --key FILE, then rightful run arm {plan}",
            digest.map_or(String::new(), |d| d.short())
        ));
    }
    Ok(())
}

/// Who is not in the undo yet.
fn say_unsettled(preview: &ops::undo::Preview) {
    for (account, addendum) in &preview.unsettled {
        show::line(format!(
            "not yet  {account}: an addendum has begun with it, and what came of that is not known\n  rightful run resume {addendum}"
        ));
    }
}

/// Withdraws a signal, or only says what that would come to.
pub(crate) fn retract(call: &Call, ctx: &Context, retraction: &Retraction, only_preview: bool) -> Result<()> {
    let found = ops::undo::retract(ctx, retraction, only_preview)?;
    if call.json {
        show::json(
            &serde_json::json!({ "signal": retraction.signal, "preview": only_preview, "runs": found }),
        );
        return Ok(());
    }
    for one in &found {
        show::line(format!(
            "{}: {} restored, {} left contained, {} that nobody can tell",
            one.run,
            one.restored.len(),
            one.left_contained.len(),
            one.cant_tell.len()
        ));
        one.restored.iter().for_each(|(a, why)| show::line(format!("  restored  {a}: {why}")));
        one.left_contained.iter().for_each(|(a, why)| show::line(format!("  stands    {a}: {why}")));
        one.cant_tell
            .iter()
            .for_each(|a| show::line(format!("  look at   {a}: its confidence can't be computed again")));
        if let Some(plan) = &one.plan {
            show::line(format!(
                "  next: rightful plan approve {plan} --operator NAME --key FILE, then rightful run arm {plan}"
            ));
        }
    }
    if found.is_empty() {
        show::line(format!("nobody who is contained rests on {}", retraction.signal));
    }
    Ok(())
}

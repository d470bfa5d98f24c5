//! Lists from outside. Twitter, 8 November 2012: reset "a larger number of accounts, beyond those that we believed to
//! have been compromised".

use crate::drill::cast::Drilled;
use crate::error::{Result, at};
use crate::ops;
use crate::stage::hasty;
use model::id::AccountId;
use model::verdict::Belief;
use std::path::PathBuf;

/// A list five times as wide is refused whole, and an exported plan that was changed is another plan. The twin's list
/// names those with evidence.
pub(super) fn wider_than_believed(drill: &mut Drilled<'_>) -> Result<()> {
    let answer = drill.play.stage.scene.answer_folder();
    drill.play.stage.scene.answer()?;
    if drill.twin {
        let list = exact_list(drill)?;
        let ended = drill.play.respond_to_all(&answer, Some(&list))?;
        drill.expect(ended.done, format!("the right list halted: {}", ended.why));
        drill.ends("contained");
        return Ok(());
    }
    let list = hasty::wide_list(&drill.play.stage, 4)?;
    let drafted = drill.play.draft(&answer, Some(&list))?;
    drill.expect(drafted.refused.is_some(), "the wide list was not refused");
    changed_after_seal(drill)?;
    drill.ends("refused when it was drafted");
    Ok(())
}

fn exact_list(drill: &Drilled<'_>) -> Result<PathBuf> {
    let stage = &drill.play.stage;
    let believed = stage.scene.answer()?.verdicts.iter().filter(|v| v.verdict == Belief::Compromised);
    let text: String = believed.map(|v| format!("{}\n", v.account)).collect();
    let path = stage.folder.path().join("exact-list.txt");
    std::fs::write(&path, text).map_err(at(&path))?;
    Ok(path)
}

/// A plan that somebody widens after its seal does not verify any more.
fn changed_after_seal(drill: &mut Drilled<'_>) -> Result<()> {
    let answer = drill.play.stage.scene.answer_folder();
    let plan = drill.play.reviewed(&answer, None, &|_| false)?;
    let (file, entries) = ops::plan::export(&drill.play.stage.ctx, &plan)?;
    let path = drill.play.stage.folder.path().join("widened.plan");
    let outsider = outsider(drill)?;
    let first = entries.lines().next().unwrap_or_default();
    let account = serde_json::from_str::<model::seal::Value>(first)?.entry.account;
    let widened =
        entries.replacen(&format!("\"account\":\"{account}\""), &format!("\"account\":\"{outsider}\""), 1);
    std::fs::write(&path, file).map_err(at(&path))?;
    let beside = ops::plan::entries_beside(&path);
    std::fs::write(&beside, widened).map_err(at(&beside))?;
    drill.expect(ops::plan::verify(&path).is_err(), "a plan widened after its seal verifies");
    Ok(())
}

/// Somebody without any evidence.
fn outsider(drill: &Drilled<'_>) -> Result<AccountId> {
    let scene = &drill.play.stage.scene;
    let verdicts = &scene.answer()?.verdicts;
    let free = scene.population.accounts.iter().find(|a| verdicts.iter().all(|v| v.account != a.account));
    free.map(|a| a.account.clone()).ok_or_else(|| crate::error::Error::failed("everybody has a verdict"))
}

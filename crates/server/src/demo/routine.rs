//! The acts of the demonstration: hunt, list, and the mistake.

use super::teller::Teller;
use crate::error::Result;
use crate::stage::play::{Ended, Play};
use crate::stage::{Stage, hasty};
use model::id::AccountId;

/// How many accounts the mistaken rule names.
const MISTAKEN: usize = 150;

/// Hunts.
pub(crate) fn hunt(stage: &Stage, teller: &Teller) -> Result<()> {
    let answer = stage.scene.answer()?;
    for (what, n) in &answer.summary.verdicts {
        teller.say(format!("{n} {what}"));
    }
    for shift in &answer.summary.shifts {
        teller.say(format!(
            "explained away: {} {:?} came to {} accounts at once",
            shift.feature, shift.value, shift.accounts
        ));
    }
    if let Some(first) = answer.verdicts.first() {
        teller.say(format!("the most certain, {} ({:.3}):", first.account, first.confidence));
        for evidence in &first.evidence {
            teller.say(format!("  {}: {}", evidence.signal, evidence.summary));
        }
    }
    Ok(())
}

/// Somebody brings a list: those found, and many more. Whether it was refused.
pub(crate) fn wide_list(play: &Play<'_>) -> Result<bool> {
    let list = hasty::wide_list(&play.stage, 4)?;
    let drafted = play.draft(&play.stage.scene.answer_folder(), Some(&list))?;
    match &drafted.refused {
        Some(reason) => play.say(format!("{}: refused: {reason}", drafted.plan)),
        None => play.say(format!("{} was not refused", drafted.plan)),
    }
    Ok(drafted.refused.is_some())
}

/// A hasty rule, reviewers who are taken in, and a canary.
pub(crate) fn mistaken(play: &mut Play<'_>) -> Result<Ended> {
    let rule = hasty::rule(&play.stage, MISTAKEN)?;
    let innocent = rule.named.iter().filter(|a| !play.stage.is_victim(a)).count();
    play.say(format!(
        "a hasty rule (\u{201c}whoever is busy from a device that looks new\u{201d}) names {} accounts; {innocent} of them are innocent",
        rule.named.len()
    ));
    play.say("two reviewers look, and are taken in");
    let fooled = |account: &AccountId| rule.named.contains(account);
    play.respond(&rule.folder, None, &fooled)
}

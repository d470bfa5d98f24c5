//! The daily routine, and an input that is not what it was: all at once, or a little more every day.

use crate::drill::cast::{Cast, Drilled};
use crate::error::{Kind, Result};
use crate::ops::routine::{Input, Turn, turn};
use crate::stage::daily::{self, Day};
use crate::stage::{Scene, Setting, hasty};
use model::id::AccountId;
use rehearse::simulate::{Attack, Settings};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

/// What a usual day brings, and what the flood brings.
const USUAL: Day = Day { reference: 20, dry: 20, dry_days: 2 };
const FLOOD: usize = 400;
/// Where the creep begins, and how it grows a day.
const FIRST: Day = Day { reference: 8, dry: 12, dry_days: 3 };
const GROWTH: f64 = 1.1;
/// Three times the reference is passed after twelve days of ten percent, a little later where some are for people.
const DAYS: usize = 16;
/// A steady input is looked at for so long; people see to the rest while there is much of it: at the end only those would be
/// left who can't be told, and a plan of these is refused.
const STEADY_DAYS: usize = 5;

/// Victims enough for days of them, of an attack that is found with the confidence that an order asks for.
pub(super) fn much_attacked(cast: &Cast, _twin: bool) -> Result<Arc<Scene>> {
    let attacks = vec![Attack::StuffingSpam];
    Ok(Arc::new(Scene::play(&Settings { attacked_share: 0.1, attacks, ..cast.settings() })?))
}

pub(super) fn small(setting: &mut Setting) {
    setting.policy = daily::policy(&setting.policy);
}

/// One day the input is twenty times the usual. The order stops at its bound, nothing is kept for the next hour.
pub(super) fn flood(drill: &mut Drilled<'_>) -> Result<()> {
    drill.play.begin_routine(USUAL)?;
    let found = daily::found(&drill.play.stage)?;
    let usual = part(drill, &found, 0, USUAL.reference as usize, "usual")?;
    let first = drill.play.routine_day(&usual)?;
    drill.expect(matches!(first, Turn::Batch { .. }), format!("a usual day did not go through: {first:?}"));
    if drill.twin {
        for day in 1..=3 {
            let n = USUAL.reference as usize;
            let next = part(drill, &found, day * n, n, &format!("day-{day}"))?;
            let done = drill.play.routine_day(&next)?;
            drill.expect(
                matches!(done, Turn::Batch { .. }),
                format!("day {day} did not go through: {done:?}"),
            );
        }
        return the_rest(drill);
    }
    // What is still late of the usual day is none of the flood.
    drill.play.stage.service.let_late_arrive();
    let before: BTreeSet<AccountId> = drill.play.stage.service.asked_of().into_keys().collect();
    let rule = hasty::rule(&drill.play.stage, FLOOD)?;
    let day = turn(&drill.play.stage.ctx, &Input::Answer(rule.folder.clone()), false)?;
    let stopped =
        matches!(&day, Turn::ForPeople { reasons, .. } if reasons.iter().any(|r| r.contains("per_day")));
    drill.expect(stopped, format!("the flood was not stopped at a bound: {day:?}"));
    for _ in 0..3 {
        drill.play.stage.pass(3_600_000);
        let resting = turn(&drill.play.stage.ctx, &Input::Answer(usual.clone()), false);
        let rests = resting.is_err_and(|e| e.kind == Kind::NeedsApproval);
        drill.expect(rests, "the order did not rest until two people had looked");
    }
    let asked = drill.play.stage.service.asked_of();
    let new: Vec<&AccountId> =
        asked.keys().filter(|a| rule.named.contains(*a) || !before.contains(*a)).collect();
    let why = format!("something of the flood was done: {new:?}");
    let is_none = new.is_empty();
    drill.expect(is_none, why);
    drill.ms_to_halt = Some(0);
    drill.ends("stopped at its bound before the first act; nothing was kept for the next hour");
    Ok(())
}

/// A little more every day. The frozen reference stops it where a moving average would have followed.
pub(super) fn creep(drill: &mut Drilled<'_>) -> Result<()> {
    drill.play.begin_routine(FIRST)?;
    let found = daily::found(&drill.play.stage)?;
    // Without the mistake every day brings the same, well below the bound.
    let first = FIRST.reference as f64 * if drill.twin { 2.0 } else { 1.0 };
    let (mut size, mut from, mut stopped_at) = (first, 0, None);
    for day in 0..if drill.twin { STEADY_DAYS } else { DAYS } {
        let n = (size.round() as usize).min(found.len().saturating_sub(from));
        if n == 0 {
            break;
        }
        let answer = part(drill, &found, from, n, &format!("day-{day}"))?;
        let done = drill.play.routine_day(&answer)?;
        match &done {
            Turn::Batch { .. } => {}
            Turn::ForPeople { reasons, .. } if reasons.iter().any(|r| r.contains("reference_per_day")) => {
                stopped_at = Some(n);
                break;
            }
            Turn::ForPeople { .. } | Turn::Dry { .. } | Turn::Nothing => {
                drill.expect(false, format!("day {day}, {n} accounts: {done:?}"));
                break;
            }
        }
        from += n;
        if !drill.twin {
            size *= GROWTH;
        }
    }
    if drill.twin {
        drill.expect(stopped_at.is_none(), "a steady input was stopped");
        return the_rest(drill);
    }
    let most = FIRST.reference as usize * 3;
    let bounded = stopped_at.is_some_and(|n| n > most && n <= most + most / 4);
    drill.expect(bounded, format!("the reference did not stop it just beyond {most}: {stopped_at:?}"));
    drill.ends("stopped by the frozen reference at three times its day");
    Ok(())
}

/// A part of what was found, as a hunt's answer.
fn part(drill: &Drilled<'_>, found: &[AccountId], from: usize, n: usize, name: &str) -> Result<PathBuf> {
    let some: BTreeSet<AccountId> = found.iter().skip(from).take(n).cloned().collect();
    hasty::part(&drill.play.stage, &some, name)
}

/// What the routine is not meant for, and what it has not come to, is for people: the ordinary way takes it back.
fn the_rest(drill: &mut Drilled<'_>) -> Result<()> {
    let stage = &drill.play.stage;
    let done = stage.service.asked_of();
    let verdicts = &stage.scene.answer()?.verdicts;
    let rest = verdicts.iter().map(|v| v.account.clone()).filter(|a| !done.contains_key(a)).collect();
    let answer = hasty::part(stage, &rest, "rest")?;
    let ended = drill.play.respond_to_all(&answer, None)?;
    drill.innocent_bound += drill.reviewed_bound()?;
    drill.expect(ended.done, format!("the plan for the rest halted: {}", ended.why));
    drill.ends("usual days go through; people see to the rest");
    Ok(())
}

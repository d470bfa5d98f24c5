//! What happens between a plan's seal and its run.

use crate::drill::cast::Drilled;
use crate::error::Result;
use crate::ops;
use crate::stage::AUTHOR;
use crate::stage::people::{self, new_password};
use model::id::AccountId;

const DAY_MS: i64 = 86_400_000;
/// How many owners change their password over the weekend.
const BACK: usize = 12;

/// Over a weekend some owners change their passwords; what they chose is left alone. A plan that is too old is not
/// armed at all.
pub(super) fn stale_plan(drill: &mut Drilled<'_>) -> Result<()> {
    drill.play.stage.scene.answer()?;
    let answer = drill.play.stage.scene.answer_folder();
    let plan = drill.play.reviewed(&answer, None, &|_| false)?;
    let (mut back, mut replaced) = (Vec::new(), Vec::new());
    if !drill.twin {
        drill.play.stage.pass(3 * DAY_MS);
        let members = ops::plan::sealed(&drill.play.stage.ctx, &plan)?.1;
        for value in members {
            let replaces = value.entry.acts.iter().any(|a| a.guard().is_some());
            let account = value.entry.account;
            if back.len() < BACK && own_password_again(drill, &account) {
                drill.hands.insert(account.clone());
                if replaces {
                    replaced.push(account.clone());
                }
                back.push(account);
            }
        }
        drill.expect(back.len() == BACK, "too few owners could change their password");
    }
    let run = drill.play.armed(&plan)?;
    let ended = drill.play.carry_out(&run)?;
    let ended = drill.play.finish(ended, &answer)?;
    drill.expect(ended.done, format!("the run halted: {}", ended.why));
    // Nobody tells the run whose hand it was: they are held until a person has looked, and no longer.
    drill.play.stage.pass(drill.play.stage.ctx.policy.hold.unreached_ms);
    ops::run::end_holds(&drill.play.stage.ctx)?;
    let queued = drill.play.stage.ctx.store.read(store::Read::queue)?;
    let missing = replaced.iter().filter(|a| !queued.iter().any(|q| q.account == **a)).count();
    drill.expect(missing == 0, format!("{missing} whose password had moved are in nobody's queue"));
    let stage = &drill.play.stage;
    let overwritten: Vec<&AccountId> =
        back.iter().filter(|a| stage.service.sign_in(a, &new_password(a)).is_err()).collect();
    let message = format!("what owners had chosen was overwritten: {overwritten:?}");
    let kept = overwritten.is_empty();
    drill.expect(kept, message);
    if !drill.twin {
        expired(drill)?;
    }
    drill.ends(if drill.twin {
        "contained"
    } else {
        "what owners chose is left; a person is asked; an expired plan is refused"
    });
    Ok(())
}

/// A plan whose time is over can't be armed.
fn expired(drill: &mut Drilled<'_>) -> Result<()> {
    let folder = crate::stage::hasty::rule(&drill.play.stage, 70)?;
    let plan = drill.play.reviewed(&folder.folder, None, &|a| folder.named.contains(a))?;
    people::approve(&drill.play.stage, &plan)?;
    let valid = drill.play.stage.ctx.policy.approval.valid_ms;
    drill.play.stage.pass(valid + 1);
    let armed = ops::run::arm(&drill.play.stage.ctx, &plan, AUTHOR);
    drill.expect(armed.is_err(), "a plan was armed after its time");
    Ok(())
}

/// The owner signs in with the password they know, and chooses another.
fn own_password_again(drill: &Drilled<'_>, account: &AccountId) -> bool {
    let service = &drill.play.stage.service;
    let Some(old) = service.owner_password(account) else { return false };
    let Ok(session) = service.sign_in(account, &old) else { return false };
    service.change_password(&session, &new_password(account))
}

//! Taking back, in panic and with reason.

use crate::drill::cast::Drilled;
use crate::error::Result;
use crate::stage::hasty;

/// How many accounts the wrong rule names.
const NAMED: usize = 150;

/// The whole run is undone with no word from anybody: victims are released, and none gets the old password back.
pub(super) fn victims_undone(drill: &mut Drilled<'_>) -> Result<()> {
    let ended = drill.answer_the_attack()?;
    if !drill.twin {
        drill.play.undo(&ended.run)?;
    }
    drill.ends(if drill.twin { "contained" } else { "released, none restored" });
    Ok(())
}

/// A rule that is all wrong and people who are taken in; halted, and everybody has the account back as it was.
pub(super) fn undo(drill: &mut Drilled<'_>) -> Result<()> {
    if drill.twin {
        drill.answer_the_attack()?;
        drill.ends("contained");
        return Ok(());
    }
    let rule = hasty::rule(&drill.play.stage, NAMED)?;
    let ended = drill.play.respond(&rule.folder, None, &|account| rule.named.contains(account))?;
    drill.expect(!ended.done, "the wrong run went to its end");
    drill.innocent_bound = drill.two_waves();
    drill.halted(&ended);
    drill.play.take_back(&ended.run)?;
    drill.ends("halted by a gate; restored, told, apologised to");
    Ok(())
}

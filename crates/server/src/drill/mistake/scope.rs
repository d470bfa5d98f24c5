//! Too few. LinkedIn 2012 told of 6.5 million accounts, and of 117 million four years later.

use crate::drill::cast::Drilled;
use crate::error::{Result, at};
use model::verdict::Belief;

/// A list of half of those found: the others are listed as left out, with the reason.
pub(super) fn under_scoped(drill: &mut Drilled<'_>) -> Result<()> {
    if drill.twin {
        drill.answer_the_attack()?;
        drill.ends("contained");
        return Ok(());
    }
    let stage = &drill.play.stage;
    let answer = stage.scene.answer()?;
    let found = answer.verdicts.iter().filter(|v| v.verdict == Belief::Compromised).map(|v| &v.account);
    let (half, others): (Vec<_>, Vec<_>) = found.enumerate().partition(|(n, _)| n % 2 == 0);
    let list = stage.folder.path().join("half.txt");
    let text: String = half.iter().map(|(_, a)| format!("{a}\n")).collect();
    std::fs::write(&list, text).map_err(at(&list))?;
    let drafted = drill.play.draft(&stage.scene.answer_folder(), Some(&list))?;
    let left_out = stage.ctx.store.read(|r| r.left_out(&drafted.plan))?;
    let unlisted = others.iter().filter(|(_, a)| left_out.iter().all(|l| l.account != **a)).count();
    drill.expect(unlisted == 0, format!("{unlisted} of {} found and left out are not listed", others.len()));
    drill.ends("those left out are listed with the reason");
    Ok(())
}

//! What the public is told, and the log that anybody can verify.

use super::teller::Teller;
use crate::error::{Error, Result, at};
use crate::ops;
use crate::ops::audit::Trust;
use crate::ops::incident::Saying;
use crate::stage::play::Ended;
use crate::stage::{AUTHOR, Stage};
use model::audit::tile::Tile;
use model::id::{IncidentId, RunId};
use model::incident::{Cause, IncidentState, Statement};

/// The first statement, after the run.
pub(crate) fn first(stage: &Stage, teller: &Teller, right: &Ended) -> Result<IncidentId> {
    let ctx = &stage.ctx;
    let runs = [std::slice::from_ref(&right.run), right.further.as_slice()].concat();
    let id =
        ops::incident::open(ctx, "Accounts used by someone other than their owners", &runs, None, AUTHOR)?;
    let saying = Saying {
        state: IncidentState::Identified,
        title: None,
        cause: Cause::Known(
            "Passwords that were used elsewhere too, sessions that were stolen, and an app that people were led to let in."
                .to_owned(),
        ),
        body: "Someone other than their owners used these accounts. We ended that, and told each owner how to get back."
            .to_owned(),
        correction: false,
    };
    told(teller, &ops::incident::publish(ctx, &id, saying, AUTHOR)?);
    Ok(id)
}

/// The correction, after the mistake.
pub(crate) fn correction(stage: &Stage, teller: &Teller, id: &IncidentId, wrong: &RunId) -> Result<()> {
    ops::incident::attach(&stage.ctx, id, wrong, AUTHOR)?;
    let saying = Saying {
        state: IncidentState::Monitoring,
        title: None,
        cause: Cause::Known(
            "The accounts of the first statement: as said there. Those that were reset by mistake: a rule of ours was wrong, \
             and people who checked it did not see it. Owners who told us stopped it."
                .to_owned(),
        ),
        body: "We also reset accounts that nobody but their owners had used. That was our mistake. They have their own \
               passwords back, and we have apologised to each."
            .to_owned(),
        correction: true,
    };
    told(teller, &ops::incident::publish(&stage.ctx, id, saying, AUTHOR)?);
    Ok(())
}

fn told(teller: &Teller, statement: &Statement) {
    let f = &statement.figures;
    teller.say(format!(
        "published, version {}: contained {}, by mistake {}, put back {}, owners back {}",
        statement.version, f.contained, f.by_mistake, f.put_back, f.recovered
    ));
}

/// Exports the log and verifies it; a changed byte is found.
pub(crate) fn audit(stage: &Stage, teller: &Teller) -> Result<()> {
    let folder = stage.folder.path().join("audit");
    ops::audit::export(&stage.ctx, &folder)?;
    let trust = Trust::folders_own(&folder)?;
    let verified = ops::audit::verify(&folder, &trust, &[])?;
    teller.say(format!("{} entries under {}", verified.size, verified.root));
    let tile = Tile::in_log(0, 0, verified.size).ok_or_else(|| Error::failed("the audit log is empty"))?;
    let path = folder.join(tile.path());
    let bytes = std::fs::read(&path).map_err(at(&path))?;
    let mut changed = bytes.clone();
    changed[0] ^= 1;
    std::fs::write(&path, changed).map_err(at(&path))?;
    match ops::audit::verify(&folder, &trust, &[]) {
        Err(error) => teller.say(format!("one bit changed: {error}")),
        Ok(_) => return Err(Error::failed("a changed log was taken for a good one")),
    }
    std::fs::write(&path, bytes).map_err(at(&path))
}

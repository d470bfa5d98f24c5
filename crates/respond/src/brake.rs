//! A brake made longer: two people who did not pull it sign its digest, each to a moment beyond its own end. Nobody new is
//! braked by it; what is held stays held until then.

use crate::consent::{self, BrakeEnd};
use crate::error::RespondError;
use model::id::{Millis, RunId};
use model::operator::Approval;
use model::plan::Purpose;
use store::Store;

/// Keeps one person's signed word that a brake should last longer, and where it is the second, has its holds end later.
///
/// # Errors
/// Where the run is no brake, is over, or was pulled by this person, or the word is of another digest, not theirs, or ends
/// before the brake does by itself.
pub fn make_longer(
    store: &Store,
    run: &RunId,
    word: &Approval,
    now: Millis,
) -> Result<BrakeEnd, RespondError> {
    let refuse = |why: String| Err(RespondError::NotLonger { run: run.clone(), why });
    store.write_with(now, |tx| {
        let row = tx.run(run)?;
        let header = tx.plan(&row.plan)?.header;
        let end = match (&header.purpose, consent::brake_end(tx, &row.plan)?) {
            (Purpose::Brake, Some(end)) => end,
            (Purpose::Brake | Purpose::Contain | Purpose::Undo { .. } | Purpose::Addendum { .. }, _) => {
                return refuse("it is no brake".to_owned());
            }
        };
        let by = &word.consent.operator;
        if end.at <= now {
            return refuse("it is over, and its holds have ended: pull it again".to_owned());
        }
        if *by == header.author {
            return refuse(format!("{by} pulled it, and is none of the two"));
        }
        if word.consent.expires_at <= end.by_itself_at {
            return refuse("this consent ends before the brake does by itself".to_owned());
        }
        if !tx.operator(by)?.is_some_and(|o| word.holds(&o, &row.digest, now)) {
            return refuse(format!("this is not {by}'s signature of its digest"));
        }
        tx.put_approval(&row.plan, word)?;
        let end = consent::brake_end(tx, &row.plan)?.unwrap_or(end);
        if end.at > end.by_itself_at {
            tx.extend_holds(run, end.at, by.as_str())?;
        }
        Ok(end)
    })
}

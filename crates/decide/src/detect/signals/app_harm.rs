//! `foreign_app`, `disowned_app`, `shared_app`: an application let in lately reaches out to people here as on other
//! accounts, and those who noticed threw it out.

use super::{Case, Finding, Signal, long};
use crate::detect::actor::Origin;

pub(super) fn find(case: &Case<'_>) -> Vec<Finding> {
    let actor = case.actor();
    let Origin::App(app) = actor.origin else { return Vec::new() };
    let Some(harm) = case.apps.harmful(app) else { return Vec::new() };
    let name = case.lore.words.apps.text(app);
    let acts: Vec<usize> = case.own_acts().map(|(at, _)| at).collect();
    vec![
        Finding::new(
            Signal::ForeignApp,
            format!(
                "the application {name}, which was let in only lately, acted by itself, usually {} after",
                long(harm.lag_ms)
            ),
            vec![actor.first],
        ),
        Finding::new(
            Signal::DisownedApp,
            match harm.is_minded {
                true => format!(
                    "of {} accounts that {name} acted on, {} threw it out, deleted its posts or were reported within a week",
                    harm.accounts, harm.disowned
                ),
                false => format!(
                    "on all {} accounts {name} writes to people or follows them at once or after the same wait, as no other application here does",
                    harm.accounts
                ),
            },
            vec![actor.first],
        ),
        Finding::new(
            Signal::SharedApp,
            format!(
                "one of {} accounts on which {name} acted on its own, {:.0} % of it messages and follows",
                harm.accounts,
                harm.reaches * 100.0
            ),
            acts,
        ),
    ]
}

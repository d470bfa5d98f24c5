//! A flood of one signal. Entra, April 2025: a clean-up of tokens raised "leaked credentials" on clean accounts, and policy
//! locked them.

use crate::drill::cast::{Cast, Drilled};
use crate::error::Result;
use crate::ops;
use crate::stage::{AUTHOR, Scene, flood};
use model::id::{AccountId, PlanId};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use store::plans::Severity;

/// How many clean accounts the flood names: few enough for every limit on size.
const FLOODED: usize = 240;
/// One account in so many is cleaned up.
const EVERY: usize = 3;

/// The attacked service, where the service itself changed something on a third of the accounts; the twin without.
pub(super) fn cleaned_up_scene(cast: &Cast, twin: bool) -> Result<Arc<Scene>> {
    let attacked = cast.attacked()?;
    if twin {
        return Ok(attacked);
    }
    let mut population = attacked.population.clone();
    let victims: BTreeSet<&AccountId> = attacked.population.truth.iter().map(|t| &t.account).collect();
    let clean = attacked.population.accounts.iter().filter(|a| !victims.contains(&a.account));
    let touched = clean.enumerate().filter(|(n, a)| n % EVERY == 0 || a.sentinel == Some(true));
    let acts = touched.flat_map(|(_, a)| flood::acts(&a.account, attacked.end_ms - flood::LATEST_MS));
    population.events.extend(acts);
    population.events.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    Ok(Arc::new(Scene::of(population, attacked.end_ms)?))
}

/// What the clean-up did is no evidence. A detection that takes it for some is stopped by the sentinels that it convicts;
/// and where it convicts none of them, by the leap of the one signal on which its cohort rests.
pub(super) fn signal_flood(drill: &mut Drilled<'_>) -> Result<()> {
    if drill.twin {
        drill.answer_the_attack()?;
        drill.ends("contained");
        return Ok(());
    }
    let scene = Arc::clone(&drill.play.stage.scene);
    let cited = scene.answer()?.verdicts.iter().flat_map(|v| v.evidence.iter().flat_map(|e| &e.events));
    let own = cited.filter(|e| e.as_str().starts_with(flood::CLEAN_UP)).count();
    drill.expect(own == 0, format!("{own} acts of the clean-up are held against accounts"));

    let (sentinels, clean) = flood::cleaned(&scene)?;
    let clean: BTreeSet<AccountId> = clean.into_iter().take(FLOODED).collect();
    drill.expect(!sentinels.is_empty(), "this service has no sentinel");
    drill.expect(clean.len() == FLOODED, format!("only {} clean accounts", clean.len()));
    let with_sentinels = clean.union(&sentinels).cloned().collect();
    let answer = flood::answer(&drill.play.stage, "flood-with-sentinels", &with_sentinels)?;
    refused_by(drill, &answer, "sentinel")?;

    // An ordinary day: from it on, each signal has a history.
    drill.answer_the_attack()?;
    let answer = flood::answer(&drill.play.stage, "flood", &clean)?;
    let plan = refused_by(drill, &answer, "signal_rate")?;
    let sealed = ops::plan::seal_plan(&drill.play.stage.ctx, &plan, AUTHOR).is_ok();
    drill.expect(!sealed, "the flood's plan was sealed");
    drill.ends("no evidence; stopped by sentinels, and held for its leap; the victims are contained");
    Ok(())
}

/// Drafts from an answer; the preflight must refuse it, and by this check alone.
fn refused_by(drill: &mut Drilled<'_>, answer: &Path, code: &str) -> Result<PlanId> {
    let drafted = drill.play.draft(answer, None)?;
    drill.expect(drafted.refused.is_none(), format!("refused when it was drafted: {:?}", drafted.refused));
    let (_, notes) = ops::plan::check(&drill.play.stage.ctx, &drafted.plan, AUTHOR)?;
    let codes: BTreeSet<String> =
        notes.into_iter().filter(|n| n.severity == Severity::Refuse).map(|n| n.code).collect();
    drill.expect(
        codes == BTreeSet::from([code.to_owned()]),
        format!("{code} was to refuse the flood, and these did: {codes:?}"),
    );
    Ok(drafted.plan)
}

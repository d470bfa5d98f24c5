//! Detections that are wrong.

use crate::drill::cast::{Cast, Drilled};
use crate::error::Result;
use crate::ops;
use crate::stage::people;
use crate::stage::{AUTHOR, Scene, hasty};
use model::event::{Event, Kind, Outcome};
use model::id::{AccountId, EventId, ObjectId};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Every account carries the evidence of another: the preflight reads it again, by account.
pub(super) fn wrong_join(drill: &mut Drilled<'_>) -> Result<()> {
    if drill.twin {
        drill.answer_the_attack()?;
        drill.ends("contained");
        return Ok(());
    }
    let joined = hasty::wrong_join(&drill.play.stage)?;
    let drafted = drill.play.draft(&joined, None)?;
    let passes = drafted.refused.is_none() && drill.play.check(&drafted.plan)?;
    drill.expect(!passes, "the preflight let evidence of other accounts pass");
    drill.ends("refused by the preflight");
    Ok(())
}

/// Reviewers who look see it; where they are taken in, owners stop the run.
pub(super) fn bad_detector(drill: &mut Drilled<'_>) -> Result<()> {
    if drill.twin {
        drill.answer_the_attack()?;
        drill.ends("contained");
        return Ok(());
    }
    let rule = hasty::diluted(&drill.play.stage, 0.3)?;
    // People who are taken in come first: what reviewers see is left out of every later plan.
    let ended = drill.play.respond(&rule.folder, None, &|account| rule.named.contains(account))?;
    drill.innocent_bound = drill.two_waves();
    drill.halted(&ended);
    let stage = &drill.play.stage;
    let drafted = drill.play.draft(&rule.folder, None)?;
    if drafted.refused.is_none() && drafted.accounts > 0 && drill.play.check(&drafted.plan)? {
        ops::plan::seal_plan(&stage.ctx, &drafted.plan, AUTHOR)?;
        let finding = people::review(stage, &drafted.plan, &|_| false, drill.seed)?;
        drill.expect(!finding.passes, format!("the review let the rest of it pass: {}", finding.text));
    }
    drill.play.take_back(&ended.run)?;
    let how = if ended.done { "let through by the gates" } else { "halted by a gate" };
    drill.ends(format!(
        "{how} where reviewers were taken in, and taken back; refused by reviewers who were not"
    ));
    Ok(())
}

/// How many innocents are framed.
const FRAMED: usize = 150;

/// The attacked service, and on top of it what makes innocents look hijacked.
pub(super) fn framed_scene(cast: &Cast, twin: bool) -> Result<Arc<Scene>> {
    let attacked = cast.attacked()?;
    if twin {
        return Ok(attacked);
    }
    let mut population = attacked.population.clone();
    let end = attacked.end_ms;
    let framed = framed_accounts(&attacked);
    for (n, account) in framed.iter().enumerate() {
        for k in 0..12_i64 {
            let id = EventId::new(format!("framed-{n}-{k}"));
            let mut event = Event::new(id, end - 3_600_000 + k * 60_000, account.clone(), Kind::Login);
            event.outcome = Some(Outcome::Failure);
            event.ip = Some("203.0.113.77".to_owned());
            event.country = Some("NL".to_owned());
            event.device = Some(format!("framer-{n}"));
            event.user_agent = Some("python-requests/2.32".to_owned());
            population.events.push(event);
        }
        for k in 0..8 {
            let id = EventId::new(format!("framed-report-{n}-{k}"));
            let mut event = Event::new(id, end - 1_800_000 + k, account.clone(), Kind::Report);
            event.object = Some(ObjectId::new(format!("mob-{k}")));
            population.events.push(event);
        }
    }
    population.events.sort_by(|a, b| (a.time, &a.id).cmp(&(b.time, &b.id)));
    Ok(Arc::new(Scene::of(population, end)?))
}

fn framed_accounts(scene: &Scene) -> Vec<AccountId> {
    let victims: BTreeSet<&AccountId> = scene.population.truth.iter().map(|t| &t.account).collect();
    let mut lives: BTreeMap<&AccountId, u32> = BTreeMap::new();
    for event in scene.population.events.iter().filter(|e| !victims.contains(&e.account)) {
        *lives.entry(&event.account).or_default() += 1;
    }
    let busy = lives.into_iter().filter(|(_, n)| *n >= 10).map(|(a, _)| a.clone());
    busy.step_by(7).take(FRAMED).collect()
}

/// What others do to an account is no hand on it. The real attack is answered all the same.
pub(super) fn framed(drill: &mut Drilled<'_>) -> Result<()> {
    drill.answer_the_attack()?;
    if !drill.twin {
        let convicted = {
            let answer = drill.play.stage.scene.answer()?;
            let framed: BTreeSet<EventId> = answer
                .verdicts
                .iter()
                .flat_map(|v| v.evidence.iter().flat_map(|e| &e.events))
                .filter(|e| e.as_str().starts_with("framed-"))
                .cloned()
                .collect();
            framed.len()
        };
        drill.expect(convicted == 0, format!("{convicted} acts of the framer are held against accounts"));
    }
    drill.ends(if drill.twin { "contained" } else { "the framed stay clear, the victims are contained" });
    Ok(())
}

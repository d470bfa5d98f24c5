//! The daily routine, played: an order that two people sign, dry days that people look at, and a turn a day over a part
//! of what the hunt found.

use super::people::{self, Heard};
use super::play::Play;
use super::{APPROVERS, Stage, hasty};
use crate::error::{Error, Result, at};
use crate::ops;
use crate::ops::routine::{Input, Turn, sample, turn};
use model::id::{AccountId, OperatorName};
use model::labels::Label;
use respond::port::Clock;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const DAY_MS: i64 = 86_400_000;
/// Confidence that the played order asks for.
const CONFIDENCE_MIN: f64 = 0.97;
/// So many dry days more people look at, where one of them erred and the bound is not met yet.
const DRY_DAYS_MORE: usize = 5;

/// How large the order's day is.
#[derive(Clone, Copy)]
pub(crate) struct Day {
    /// Accounts a day in its frozen reference; three times as many are its bound.
    pub(crate) reference: u64,
    /// Accounts of each dry batch, and on how many days there is one.
    pub(crate) dry: usize,
    /// As above.
    pub(crate) dry_days: usize,
}

/// A policy under which an order can be played on a small service: fewer labels, larger shares.
pub(crate) fn policy(shipped: &str) -> String {
    shipped
        .replace("wrong_share_max = 0.02", "wrong_share_max = 0.1")
        .replace("dry_days_min = 7", "dry_days_min = 2")
        .replace("dry_labels_min = 149", "dry_labels_min = 29")
        .replace("active_share_per_day_max = 0.005", "active_share_per_day_max = 0.2")
        .replace("segment_share_per_day_max = 0.02", "segment_share_per_day_max = 0.4")
}

/// What the hunt found with the confidence that the order asks for, in no order that means anything.
pub(crate) fn found(stage: &Stage) -> Result<Vec<AccountId>> {
    let answer = stage.scene.answer()?;
    let sure = answer.verdicts.iter().filter(|v| v.confidence >= CONFIDENCE_MIN);
    Ok(sure.map(|v| v.account.clone()).filter(|a| stage.is_victim(a)).collect())
}

impl Play<'_> {
    /// Two people sign an order; dry batches are looked at on some days, and on more where a reviewer erred.
    pub(crate) fn begin_routine(&mut self, day: Day) -> Result<()> {
        let file = self.stage.folder.path().join("order.toml");
        std::fs::write(&file, order(&self.stage, day)).map_err(at(&file))?;
        for name in APPROVERS.map(OperatorName::from) {
            let key =
                self.stage.keys.get(&name).ok_or_else(|| Error::failed(format!("{name} has no key")))?;
            ops::order::sign(&self.stage.ctx, &file, &name, key)?;
        }
        let found = found(&self.stage)?;
        for n in 0..day.dry_days + DRY_DAYS_MORE {
            let finding = ops::routine::status::status(&self.stage.ctx)?.finding;
            if n >= day.dry_days && finding.is_none_or(|f| f.enough) {
                break;
            }
            let part: BTreeSet<AccountId> = found.iter().skip(n * day.dry).take(day.dry).cloned().collect();
            let folder = hasty::part(&self.stage, &part, &format!("dry-{n}"))?;
            match turn(&self.stage.ctx, &Input::Answer(folder), true)? {
                Turn::Dry { plan, .. } => people::review(&self.stage, &plan, &|_| false, n as u64)?,
                other @ (Turn::Nothing | Turn::Batch { .. } | Turn::ForPeople { .. }) => {
                    return Err(Error::failed(format!("no dry batch: {other:?}")));
                }
            };
            self.stage.pass(DAY_MS);
        }
        Ok(())
    }

    /// A turn over an answer, then the rest of the day: owners live, people look at the day's sample.
    pub(crate) fn routine_day(&mut self, answer: &Path) -> Result<Turn> {
        let done = turn(&self.stage.ctx, &Input::Answer(answer.to_owned()), false)?;
        self.say(format!("the routine: {done:?}"));
        self.watch.again(&self.stage)?;
        for _ in 0..4 {
            self.stage.pass(DAY_MS / 4);
            for run in self.stage.ctx.store.read(store::Read::runs)? {
                self.owners.live(&self.stage, &run.id, &mut Heard::default())?;
            }
            ops::run::send_due(&self.stage.ctx)?;
        }
        self.label_samples()?;
        self.watch.again(&self.stage)?;
        Ok(done)
    }

    /// People label the samples that wait, by what really is so.
    fn label_samples(&self) -> Result<()> {
        let (ctx, by) = (&self.stage.ctx, OperatorName::from("first-reviewer"));
        if let Some(order) = ops::order::current(ctx)? {
            sample::see_to(ctx, &order.row)?;
        }
        for open in sample::open_days(ctx)? {
            for shown in sample::to_look_at(ctx, open.day)? {
                let label = match self.stage.is_victim(&shown.account) {
                    true => Label::Compromised,
                    false => Label::NotCompromised,
                };
                sample::label(ctx, open.day, &shown.account, &by, label)?;
            }
            sample::conclude(ctx, open.day, by.as_str())?;
        }
        Ok(())
    }
}

/// The order's file: a reference as the service is now, bounds of three times that.
fn order(stage: &Stage, day: Day) -> String {
    let active = stage.scene.population.accounts.iter().filter(|a| a.active == Some(true));
    let mut segments: BTreeMap<&str, u64> = BTreeMap::new();
    for segment in active.clone().filter_map(|a| a.segment.as_deref()) {
        *segments.entry(segment).or_default() += 1;
    }
    let segments: Vec<String> = segments.iter().map(|(name, n)| format!("{name:?} = {n}")).collect();
    let moment =
        |ms: i64| jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |t| t.to_string());
    let now = stage.clock.now();
    format!(
        "name = \"daily\"\nstarts_at = \"{}\"\nends_at = \"{}\"\ncalibration = \"simulated\"\nconfidence_min = \
         {CONFIDENCE_MIN}\n[bounds]\naccounts_per_hour_max = {most}\naccounts_per_day_max = {most}\n\
         active_share_per_day_max = 0.2\nsegment_share_per_day_max = 0.4\nreference_multiple_max = 3.0\n[reference]\n\
         accounts_per_day = {}\nactive = {}\nsegments = {{ {} }}\n",
        moment(now),
        moment(now + 30 * DAY_MS),
        day.reference,
        active.count(),
        segments.join(", "),
        // So far above the reference that it is the reference which stops a flood.
        most = day.reference * 4,
    )
}

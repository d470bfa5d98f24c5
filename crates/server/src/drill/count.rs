//! The counts of a drill: from the service's own tables, its mail server and the truth, never from our journal.

use super::cast::Drilled;
use super::row::Row;
use crate::error::Result;
use crate::stage::people::new_password;
use crate::stage::{Planned, Stage};
use model::id::{AccountId, ObjectId};
use std::collections::{BTreeMap, BTreeSet};

/// Counts a drill that was played.
pub(crate) fn count(drilled: &Drilled<'_>) -> Result<Row> {
    let (stage, watch) = (&drilled.play.stage, &drilled.play.watch);
    let truth = stage.service.truth();
    let planned = Planned::of(stage)?;
    let touched = watch.touched();
    let asked = stage.service.asked_of();
    let ours = stage.probes()?;
    let innocent: BTreeSet<&AccountId> =
        asked.keys().filter(|a| !truth.contains_key(*a) && !ours.contains(*a)).collect();
    let by_hands = |a: &AccountId| drilled.hands.contains(a);
    // Asked by us, or seen to change by nobody's hand.
    let outside = asked
        .keys()
        .chain(touched.iter().filter(|a| !by_hands(a)))
        .filter(|a| !planned.accounts.contains(*a))
        .collect::<BTreeSet<_>>();
    let owners_own = |(account, object): &&(AccountId, ObjectId)| {
        truth.get(account).is_none_or(|t| !t.objects.contains(object))
    };
    let taken_back = watch.taken_back(stage);
    let still_in = drilled.play.held.still_in(stage);
    let mut to_contained: Vec<i64> = asked
        .iter()
        .filter(|(a, _)| truth.contains_key(*a))
        .filter_map(|(a, _)| drilled.play.watch.first_seen(a))
        .map(|at| at - drilled.began_at)
        .collect();
    to_contained.sort_unstable();
    let mut row = Row {
        drill: drilled.drill,
        seed: drilled.seed,
        twin: drilled.twin,
        accounts: stage.scene.population.accounts.len() as u64,
        victims: truth.len() as u64,
        victims_contained: truth.keys().filter(|a| !still_in.contains(*a)).count() as u64,
        contained_outside_plan: outside.len() as u64,
        contained_innocent: innocent.len() as u64,
        innocent_bound: drilled.innocent_bound,
        told_outside_plan: told_outside(stage, &planned.accounts),
        hidden_outside_plan: watch.hidden().iter().filter(|h| !planned.objects.contains(*h)).count() as u64,
        owner_objects_hidden: watch.hidden().iter().filter(owners_own).count() as u64,
        taken_back: taken_back.len() as u64,
        taken_back_outside_plan: taken_back.iter().filter(|(t, _)| !planned.taken_back.contains(t)).count()
            as u64,
        owner_follows_taken_back: taken_back.iter().filter(|(_, own)| *own).count() as u64,
        not_brought_back: innocent.iter().filter(|a| !is_back(stage, a)).count() as u64,
        victims_restored: asked.iter().filter(|(a, s)| truth.contains_key(*a) && s.restored).count() as u64,
        ms_to_contained_p50: to_contained.get(to_contained.len() / 2).copied(),
        ms_to_halt: drilled.ms_to_halt,
        let_through: drilled.let_through,
        outcome: drilled.outcome.clone(),
        breach: false,
        breaches: Vec::new(),
    };
    row.judge(drilled.unmet.clone());
    Ok(row)
}

/// Whether an innocent has the account as it was: signs in by the old password, or by one they chose meanwhile, or
/// never had one; nothing of theirs is hidden.
fn is_back(stage: &Stage, account: &AccountId) -> bool {
    let in_again = match stage.service.owner_password(account) {
        None => true,
        Some(old) => [old, new_password(account)].iter().any(|p| stage.service.sign_in(account, p).is_ok()),
    };
    in_again && stage.service.hidden_objects(account).is_empty()
}

/// Notices to an address that belongs to nobody whom a sealed plan names.
fn told_outside(stage: &Stage, planned: &BTreeSet<AccountId>) -> u64 {
    let mut owners: BTreeMap<&str, Vec<&AccountId>> = BTreeMap::new();
    for account in &stage.scene.population.accounts {
        for contact in account.contacts.iter().flatten() {
            owners.entry(contact.value.reveal()).or_default().push(&account.account);
        }
    }
    let outside = |to: &String| {
        owners.get(to.as_str()).is_none_or(|accounts| !accounts.iter().any(|a| planned.contains(*a)))
    };
    stage.catcher.mails().iter().filter(|m| m.to.iter().any(outside)).count() as u64
}

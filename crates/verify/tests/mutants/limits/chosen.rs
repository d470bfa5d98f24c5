//! Who is in a plan, who looks, who says yes.

use super::{Row, decided};
use crate::world::{World, evidence, id, verdict};
use decide::gather::{Sources, gather};
use decide::review::{Item, draw, judge, sample_size};
use model::id::{AccountId, Digest};
use model::labels::Label;
use model::plan::{FORMAT, Header, Purpose};
use model::policy::Policy;
use model::verdict::{Belief, Verdict};
use respond::consent::{is_solo, needed};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) const ROWS: &[Row] = &[
    decided("cohort.confidence_min", 0.80, |p| is_left_out(p, |v| v.confidence = 0.85)),
    decided("cohort.families_min", 1.0, |p| is_left_out(p, |v| v.evidence = evidence(0, &["new_device"]))),
    decided("cohort.precaution_accounts_max", 1001.0, too_many_by_precaution),
    decided("cohort.list_left_out_share_max", 0.5, a_list_that_is_too_wide),
    decided("review.wrong_share_max", 0.12, |p| !reviewed(p, 149, 10)),
    decided("review.confidence", 0.3, |p| !reviewed(p, 20, 0)),
    decided("review.whole_below_accounts", 10.0, |p| {
        // So much may be wrong that a sample would be smaller.
        let lax = model::policy::ReviewPolicy { wrong_share_max: 0.5, ..p.review.clone() };
        sample_size(59, &lax) == 59
    }),
    decided("review.planted_share_min", 0.05, |p| {
        draw(&Digest::of(b"seed"), &ids("m", 59), &ids("c", 5), &p.review).is_none()
    }),
    decided("approval.people", 1.0, |p| needed(&header(Purpose::Contain, 100), p, 5).0 == 2),
    decided("approval.large_accounts", 10_001.0, |p| {
        needed(&header(Purpose::Contain, 10_000), p, 5).0 == p.approval.large_people
    }),
    decided("approval.large_people", 2.0, |p| needed(&header(Purpose::Contain, 20_000), p, 5).0 == 3),
    decided("undo.one_person_accounts_max", 21.0, |p| {
        needed(&header(Purpose::Undo { run: "r".into() }, 21), p, 5) != (1, true)
    }),
    decided("solo.accounts_max", 21.0, |p| !is_solo(&header(Purpose::Contain, 21), p, 1)),
];

/// Whether an account is left out whose verdict is changed so.
fn is_left_out(policy: &Policy, change: fn(&mut Verdict)) -> bool {
    let mut world = World::new();
    world.policy = policy.clone();
    world.verdicts.truncate(1);
    change(&mut world.verdicts[0]);
    world.draft().entries.is_empty()
}

fn refused(world: &World, list: Option<&[AccountId]>) -> bool {
    let sources = Sources {
        verdicts: &world.verdicts,
        list,
        states: &world.states,
        labels: &world.labels,
        contained: &BTreeMap::new(),
        moved: &BTreeMap::new(),
        unsettled: &BTreeSet::new(),
        policy: &world.policy,
    };
    gather(&sources).refused.is_some()
}

fn too_many_by_precaution(policy: &Policy) -> bool {
    let mut world = World::new();
    world.policy = policy.clone();
    world.verdicts = (0..1001).map(|i| verdict(i, &["new_device"])).collect();
    world.verdicts.iter_mut().for_each(|v| v.verdict = Belief::Suspected);
    world.labels = (0..1001).map(|i| (id(i), Label::Compromised)).collect();
    refused(&world, None)
}

fn a_list_that_is_too_wide(policy: &Policy) -> bool {
    let mut world = World::new();
    world.policy = policy.clone();
    let list: Vec<AccountId> = (0..100).map(id).collect();
    refused(&world, Some(&list))
}

fn ids(prefix: &str, n: usize) -> Vec<AccountId> {
    (0..n).map(|i| AccountId::new(format!("{prefix}{i}"))).collect()
}

/// Whether so many labels of a plan of a thousand, some of them wrong, are enough.
fn reviewed(policy: &Policy, looked_at: usize, wrong: usize) -> bool {
    let all = ids("m", looked_at);
    let items: Vec<Item> =
        all.iter().map(|account| Item { account: account.clone(), planted: false }).collect();
    let label = |(i, account): (usize, &AccountId)| {
        let label = if i < wrong { Label::NotCompromised } else { Label::Compromised };
        (account.clone(), "ana".to_owned(), label)
    };
    let labels: Vec<_> = all.iter().enumerate().map(label).collect();
    judge(&items, &labels, 1000, &policy.review).passes
}

fn header(purpose: Purpose, accounts: u64) -> Header {
    Header {
        format: FORMAT.to_owned(),
        plan: "p".into(),
        purpose,
        author: "ana".into(),
        drafted_at: 0,
        expires_at: 1,
        accounts,
        probes: 0,
        waves: vec![accounts],
        policy: Digest::of(b"policy"),
        hunt: Digest::of(b"hunt"),
        connector: "test".to_owned(),
    }
}

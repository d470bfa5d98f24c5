//! Plans: from a hunt's answer to a sealed plan.

use super::accounts::read_list;
use crate::context::Context;
use crate::error::{Error, Result};
use decide::gather::{Cohort, Sources, gather};
use decide::moved::{Moved, is_unsettled, since_named};
use decide::plan::{Occasion, with_probes};
use hunt::Answer;
use model::account::AccountState;
use model::id::{AccountId, Digest, Millis, OperatorName, PlanId};
use model::labels::Label;
use model::plan::{Draft, LeftOutCode, PlanState, Purpose};
use model::run::{Mover, PersonNeeded};
use model::seal::{Sealed, Value, seal};
use model::verdict::Timeline;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use store::plans::OwnerContact;
use store::put_back::ContactValue;

/// What a draft came to.
pub(crate) struct Drafted {
    /// The plan, kept whether it is refused or not.
    pub(crate) plan: PlanId,
    /// Accounts in it.
    pub(crate) accounts: u64,
    /// Accounts left out.
    pub(crate) left_out: usize,
    /// Why it was refused at once, where it was.
    pub(crate) refused: Option<String>,
}

/// A draft that is not kept yet, with what stands beside it.
pub(crate) struct Prepared {
    pub(crate) draft: Draft,
    pub(crate) answer: Answer,
    contacts: Vec<OwnerContact>,
    /// Contacts by value that acts refer to.
    values: Vec<ContactValue>,
    /// Those whose contact or factor in place nobody knows who set.
    unsettled: BTreeSet<AccountId>,
    refused: Option<String>,
    place: PathBuf,
}

impl Prepared {
    /// A draft from the hunt's answer in a folder, with the contacts of its accounts as they are now.
    pub(crate) fn new(
        draft: Draft,
        answer: Answer,
        hunt: &Path,
        states: &BTreeMap<AccountId, AccountState>,
        refused: Option<String>,
    ) -> Self {
        let contacts = contacts(&draft, states);
        let values = contact_values(&draft, states);
        let place = hunt.canonicalize().unwrap_or_else(|_| hunt.to_owned());
        Self { draft, answer, contacts, values, unsettled: BTreeSet::new(), refused, place }
    }
}

/// Makes a cohort smaller.
pub(crate) type Narrow<'n> = dyn for<'a> Fn(Cohort<'a>) -> Cohort<'a> + 'n;

/// Drafts a plan from a hunt's answer, and perhaps a list.
pub(crate) fn draft(
    ctx: &Context,
    hunt: &Path,
    list: Option<&Path>,
    author: &OperatorName,
) -> Result<Drafted> {
    keep(ctx, prepare(ctx, hunt, list, author, &|cohort| cohort)?)
}

/// Makes a draft, and keeps nothing of it.
pub(crate) fn prepare(
    ctx: &Context,
    hunt: &Path,
    list: Option<&Path>,
    author: &OperatorName,
    narrow: &Narrow<'_>,
) -> Result<Prepared> {
    let answer = hunt::read_answer(hunt)?;
    let list = list.map(read_list).transpose()?;
    let states = ctx.accounts(None)?;
    let (labels, contained) = (labels(ctx, &answer)?, contained(ctx)?);
    let moved = moved(ctx, &answer, &states, &contained)?;
    let unsettled = unsettled(&answer, &states);
    let cohort = narrow(gather(&Sources {
        verdicts: &answer.verdicts,
        list: list.as_deref(),
        states: &states,
        labels: &labels,
        contained: &contained,
        moved: &moved,
        unsettled: &unsettled,
        policy: &ctx.policy,
    }));
    let capabilities = ctx.service.directory.capabilities();
    let occasion = Occasion {
        plan: PlanId::new(ctx.new_name("plan")),
        author: author.clone(),
        at: ctx.now(),
        hunt: answer.digest,
        connector: capabilities.name.clone(),
        policy: (&ctx.policy, ctx.policy.digest()?),
        can: &capabilities.acts,
        outlives_ms: capabilities.outlives_ms(),
    };
    let probes = super::probe::free(ctx, &answer)?;
    let draft = decide::plan::draft(&cohort, &occasion);
    let draft = with_probes(draft, &probes, &capabilities.probes, &states, &occasion);
    let refused = cohort.refused.clone();
    drop(cohort);
    Ok(Prepared { unsettled, ..Prepared::new(draft, answer, hunt, &states, refused) })
}

/// Keeps a draft.
pub(crate) fn keep(ctx: &Context, prepared: Prepared) -> Result<Drafted> {
    let Prepared { draft, answer, contacts, values, unsettled, refused, place } = prepared;
    let (plan, author) = (draft.header.plan.clone(), &draft.header.author);
    let members: BTreeSet<&AccountId> = draft.entries.iter().map(|e| &e.account).collect();
    let timelines: Vec<_> =
        answer.timelines.iter().filter(|t| members.contains(&t.account)).cloned().collect();
    ctx.store.write(ctx.now(), |tx| {
        tx.put_hunt(author.as_str(), answer.digest, &place.to_string_lossy(), &answer.summary)?;
        tx.put_members(&answer.digest, &answer.verdicts)?;
        tx.put_signals(&answer.digest, &answer.verdicts)?;
        tx.put_draft(&draft, &ctx.policy)?;
        tx.put_contacts(&plan, &contacts)?;
        tx.put_contact_values(&plan, &values)?;
        tx.put_timelines(&plan, &timelines)?;
        let unreachable = draft.left_out.iter().filter(|l| l.code == LeftOutCode::NotReachable);
        for one in unreachable.filter(|_| refused.is_none()) {
            tx.put_in_queue(&plan, None, &one.account, PersonNeeded::Unreachable, &one.reason)?;
        }
        for account in members.intersection(&unsettled.iter().collect()).filter(|_| refused.is_none()) {
            let saying =
                "a contact or second factor in place was set by nobody knows whom, since the intruder came";
            tx.put_in_queue(&plan, None, account, PersonNeeded::SetByUnknown, saying)?;
        }
        match &refused {
            Some(reason) => tx.refuse_plan(&plan, "rightful", reason),
            None => Ok(()),
        }
    })?;
    Ok(Drafted { plan, accounts: draft.header.accounts, left_out: draft.left_out.len(), refused })
}

/// What people said of the accounts of this hunt, the latest word counting.
pub(crate) fn labels(ctx: &Context, answer: &Answer) -> Result<BTreeMap<AccountId, Label>> {
    let mut said = BTreeMap::new();
    ctx.store.read(|r| {
        for verdict in &answer.verdicts {
            if let Some(last) = r.labels_of(&verdict.account)?.into_iter().max_by_key(|l| l.labelled_at)
                && last.labelled_at > verdict.window.end
            {
                said.insert(verdict.account.clone(), last.label);
            }
        }
        Ok(())
    })?;
    Ok(said)
}

/// Accounts under a containment that was not taken back, with its moment.
fn contained(ctx: &Context) -> Result<BTreeMap<AccountId, Millis>> {
    use store::steps::{Case, CaseState};
    Ok(ctx.store.read(|r| {
        let mut since = BTreeMap::new();
        let mut back = BTreeSet::new();
        // The latest run first: what it says of an account is what counts.
        for run in r.runs()? {
            let undoes = match r.plan(&run.plan)?.header.purpose {
                Purpose::Undo { .. } => true,
                Purpose::Contain => false,
                // A brake ends by itself: who is under one still needs a plan.
                Purpose::Brake => continue,
                // It contains nobody who was not contained before.
                Purpose::Addendum { .. } => continue,
            };
            // Where the intruder had moved first, or nobody knows, only the worst was stopped: that still needs a plan.
            let is_final = |c: &Case| {
                c.state == CaseState::Done && !matches!(c.moved, Some(Mover::Intruder | Mover::Unknown))
            };
            for case in r.cases(&run.id)?.into_iter().filter(is_final) {
                if undoes {
                    back.insert(case.account);
                } else if !back.contains(&case.account) {
                    since.entry(case.account).or_insert(case.settled_at.unwrap_or(case.intended_at));
                }
            }
        }
        Ok(since)
    })?)
}

/// Credentials that moved since an earlier plan named them, and not by the intruder as far as is known. Of an account that was
/// contained it is known who changed it.
fn moved(
    ctx: &Context,
    answer: &Answer,
    states: &BTreeMap<AccountId, AccountState>,
    contained: &BTreeMap<AccountId, Millis>,
) -> Result<BTreeMap<AccountId, Moved>> {
    let considered = || answer.verdicts.iter().filter(|v| !contained.contains_key(&v.account));
    let accounts: Vec<AccountId> = considered().map(|v| v.account.clone()).collect();
    let on_record = ctx.store.read(|r| r.credentials_on_record(&accounts))?;
    let timelines: BTreeMap<&AccountId, &Timeline> =
        answer.timelines.iter().map(|t| (&t.account, t)).collect();
    let moved = considered().filter_map(|v| {
        let (state, known) = (states.get(&v.account)?, on_record.get(&v.account)?);
        let moved = since_named(v, timelines.get(&v.account).copied(), state, known)?;
        Some((v.account.clone(), moved))
    });
    Ok(moved.collect())
}

/// Accounts of which a contact or factor in place was set by nobody knows whom, since the intruder came.
fn unsettled(answer: &Answer, states: &BTreeMap<AccountId, AccountState>) -> BTreeSet<AccountId> {
    let verdicts: BTreeMap<&AccountId, _> = answer.verdicts.iter().map(|v| (&v.account, v)).collect();
    let is_so = |timeline: &&Timeline| {
        let (verdict, state) = (verdicts.get(&timeline.account), states.get(&timeline.account));
        verdict.zip(state).is_some_and(|(verdict, state)| is_unsettled(verdict, timeline, state))
    };
    answer.timelines.iter().filter(is_so).map(|t| t.account.clone()).collect()
}

/// The contacts that the entries refer to, by value, each held against its reference.
fn contacts(draft: &Draft, states: &BTreeMap<AccountId, AccountState>) -> Vec<OwnerContact> {
    let of_entry = |entry: &model::plan::Entry| {
        let wanted = entry.contact.as_ref()?;
        let record = &states.get(&entry.account)?.record;
        let contact =
            record.contacts.iter().flatten().find(|c| {
                c.kind == wanted.kind && Digest::of(c.value.reveal().as_bytes()) == wanted.version
            })?;
        Some(OwnerContact {
            account: entry.account.clone(),
            version: wanted.version,
            kind: contact.kind,
            value: contact.value.clone(),
            language: record.language.clone(),
            time_zone: record.time_zone.clone(),
        })
    };
    draft.entries.iter().filter_map(of_entry).collect()
}

/// The contacts by value that acts put back or take out.
fn contact_values(draft: &Draft, states: &BTreeMap<AccountId, AccountState>) -> Vec<ContactValue> {
    let of_entry = |entry: &model::plan::Entry| {
        let named: BTreeSet<Digest> = entry.acts.iter().flat_map(model::plan::Act::contacts).collect();
        let contacts =
            states.get(&entry.account).into_iter().flat_map(|s| s.record.contacts.iter().flatten());
        let values: BTreeMap<Digest, _> =
            contacts.map(|c| (Digest::of(c.value.reveal().as_bytes()), c.value.clone())).collect();
        let named = values.into_iter().filter(|(version, _)| named.contains(version));
        let value = |(version, value)| ContactValue { account: entry.account.clone(), version, value };
        named.map(value).collect::<Vec<_>>()
    };
    draft.entries.iter().flat_map(of_entry).collect()
}

/// The hunt's answer that a plan was drafted from, if it still is that one.
pub(crate) fn answer_of(ctx: &Context, plan: &PlanId) -> Result<Answer> {
    let digest = ctx.store.read(|r| Ok(r.plan(plan)?.header.hunt))?;
    let known = ctx.store.read(|r| r.hunt(&digest))?;
    let place = known
        .map(|h| PathBuf::from(h.place))
        .ok_or_else(|| Error::failed(format!("no hunt is on record for {plan}")))?;
    let answer = hunt::read_answer(&place)?;
    if answer.digest != digest {
        return Err(Error::failed(format!(
            "{} is not the answer that {plan} was drafted from",
            place.display()
        ))
        .hint("draft the plan again from the answer that is there now"));
    }
    Ok(answer)
}

/// Runs the preflight on a draft, without a placebo; gives its notes and what became of it.
pub(crate) fn check(ctx: &Context, plan: &PlanId, by: &str) -> Result<(PlanState, Vec<store::plans::Note>)> {
    super::preflight::check(ctx, plan, by, &[], &[])
}

/// Seals a checked plan.
pub(crate) fn seal_plan(ctx: &Context, plan: &PlanId, by: &str) -> Result<Digest> {
    let draft = ctx.store.read(|r| r.draft(plan))?;
    let needs_no_review = match draft.header.purpose {
        // Its accounts are a subset of a plan that was reviewed; what it needs is people who approve it, by size.
        Purpose::Undo { .. } => Some(serde_json::json!({ "undo": true })),
        // One person has looked, at night; it ends by itself.
        Purpose::Brake => Some(serde_json::json!({ "brake": true })),
        Purpose::Contain | Purpose::Addendum { .. } => None,
    };
    let (sealed, values) = seal(draft, || ctx.chance.bytes())?;
    ctx.store.write(ctx.now(), |tx| {
        tx.seal_plan(&sealed, &values, by)?;
        if let Some(why) = needs_no_review {
            tx.mark_reviewed(plan, by, why)?;
        }
        Ok(())
    })?;
    Ok(sealed.digest())
}

/// A sealed plan with all its values of owners' accounts.
pub(crate) fn sealed(ctx: &Context, plan: &PlanId) -> Result<(Sealed, Vec<Value>)> {
    Ok(ctx.store.read(|r| Ok((r.sealed(plan)?, r.values(plan, None)?)))?)
}

/// The plan's file, and the file of entries beside it.
pub(crate) fn export(ctx: &Context, plan: &PlanId) -> Result<(String, String)> {
    let (sealed, values) = sealed(ctx, plan)?;
    let probes = ctx.store.read(|r| r.probe_values(plan))?;
    let mut entries = String::new();
    for value in values.iter().chain(&probes) {
        entries.push_str(&model::canonical(value)?);
        entries.push('\n');
    }
    Ok((sealed.file()?, entries))
}

/// What a plan file turned out to be.
pub(crate) struct Verified {
    pub(crate) sealed: Sealed,
    /// Entries that were there and are what the lines commit to.
    pub(crate) entries: u64,
}

/// Verifies a plan file from itself alone, and the entries beside it where they are there.
pub(crate) fn verify(file: &Path) -> Result<Verified> {
    let read = |path: &Path| std::fs::read_to_string(path).map_err(crate::error::at(path));
    let sealed =
        Sealed::parse(&read(file)?).map_err(|e| Error::failed(format!("{}: {e}", file.display())))?;
    let beside = entries_beside(file);
    let mut entries = 0;
    if beside.exists() {
        let text = read(&beside)?;
        for (n, line) in (1..).zip(text.lines()) {
            let place =
                |e: &dyn std::fmt::Display| Error::failed(format!("{}, line {n}: {e}", beside.display()));
            let value: Value = serde_json::from_str(line).map_err(|e| place(&e))?;
            sealed.open(value).map_err(|e| place(&e))?;
            entries += 1;
        }
    }
    Ok(Verified { sealed, entries })
}

/// Where the entries of an exported plan stand.
pub(crate) fn entries_beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".entries");
    file.with_file_name(name)
}

#[cfg(test)]
mod tests;

//! The brake: one person, at night, ends the sessions of a few accounts that a hunt suspects, or takes them off as well. It
//! is a sealed plan like any other, with a purpose of its own, and approved by the one signature; nothing more is started
//! under it after its time, and its holds end with it. Two other people may make that time longer.

use super::plan::seal_plan;
use super::review::{approve, signer};
use super::run::{Advance, advance, arm, start};
use crate::context::Context;
use crate::error::{Error, Result};
use ed25519_dalek::SigningKey;
use model::account::{AccountState, Reach};
use model::id::{AccountId, Digest, Millis, OperatorName, PlanId, RunId};
use model::operator::{Consent, Decision, sign};
use model::order::Per;
use model::plan::{Act, ActKind, ContactRef, Draft, Entry, FORMAT, Header, Purpose, Template, Tier};
use model::verdict::{Timeline, Verdict};
use std::collections::BTreeMap;
use std::path::Path;
use store::plans::OwnerContact;

/// The counter of all brakes.
const COUNTER: &str = "brake.accounts_per_day";

/// What a brake came to.
#[derive(serde::Serialize)]
pub(crate) struct Braked {
    pub(crate) plan: PlanId,
    pub(crate) run: RunId,
    pub(crate) digest: Digest,
    pub(crate) accounts: u64,
    /// When nothing more is started under it, ms.
    pub(crate) ends_at: i64,
}

/// What one person does at night.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pull {
    /// Sessions end.
    EndSessions,
    /// Sessions end, and the accounts are off until the brake's time is over.
    Hold,
}

/// Ends the sessions of accounts, or holds them, on one person's word. Each must have a verdict in the answer, compromised or suspected,
/// and be nobody's that is protected.
pub(crate) fn brake(
    ctx: &Context,
    answer: &Path,
    accounts: &[AccountId],
    pull: Pull,
    by: &OperatorName,
    key: &SigningKey,
) -> Result<Braked> {
    signer(ctx, by, key)?;
    let capabilities = ctx.service.directory.capabilities();
    if pull == Pull::Hold && !capabilities.acts.contains(&ActKind::Hold) {
        return Err(Error::failed(format!("{} can take nobody off", capabilities.name))
            .hint("pull the brake without --hold: sessions end"));
    }
    if ctx.halt_file().is_there() {
        return Err(Error::halted(format!(
            "{} is there: nothing is started",
            ctx.halt_file().path().display()
        )));
    }
    let answer_read = hunt::read_answer(answer)?;
    let states = ctx.accounts(Some(accounts))?;
    let verdicts: BTreeMap<&AccountId, &Verdict> =
        answer_read.verdicts.iter().map(|v| (&v.account, v)).collect();
    let mut members = BTreeMap::new();
    for account in accounts {
        let verdict = verdicts.get(account).copied().ok_or_else(|| {
            Error::failed(format!(
                "{account} has no verdict in {}: without evidence on file nobody brakes",
                answer.display()
            ))
            .hint("hunt again, or take it off the list")
        })?;
        let state = states
            .get(account)
            .ok_or_else(|| Error::failed(format!("the service does not know {account}")))?;
        let r = &state.record;
        if [r.protected, r.at_risk, r.service, r.sentinel].contains(&Some(true)) {
            return Err(Error::failed(format!(
                "{account} is protected, at risk, a machine's or a sentinel: by hand only"
            )));
        }
        members.insert(account.clone(), (verdict, state));
    }
    let (now, limits) = (ctx.now(), &ctx.policy.brake);
    let plan = PlanId::new(ctx.new_name("brake"));
    let entries: Vec<Entry> =
        members.values().map(|(verdict, state)| entry(verdict, state, acts(pull, limits.valid_ms))).collect();
    let n = entries.len() as u64;
    if n == 0 {
        return Err(Error::usage("no account is named")
            .hint("rightful run brake ACCOUNT… --hunt DIR --operator NAME --key FILE"));
    }
    let header = Header {
        format: FORMAT.to_owned(),
        plan: plan.clone(),
        purpose: Purpose::Brake,
        author: by.clone(),
        drafted_at: now,
        expires_at: now + limits.valid_ms,
        accounts: n,
        waves: vec![n],
        probes: 0,
        policy: ctx.policy.digest()?,
        hunt: answer_read.digest,
        connector: capabilities.name,
    };
    let contacts: Vec<OwnerContact> = members.values().filter_map(|(v, s)| contact(v, s)).collect();
    let timelines: Vec<Timeline> =
        answer_read.timelines.iter().filter(|t| members.contains_key(&t.account)).cloned().collect();
    let place = answer.canonicalize().unwrap_or_else(|_| answer.to_owned());
    let draft = Draft { header, entries, probes: Vec::new(), left_out: Vec::new() };
    ctx.store.write(now, |tx| {
        tx.reserve(COUNTER, Per::Day.bucket(now), n, limits.accounts_per_day_max)?;
        tx.put_hunt(by.as_str(), answer_read.digest, &place.to_string_lossy(), &answer_read.summary)?;
        tx.put_draft(&draft, &ctx.policy)?;
        tx.put_contacts(&plan, &contacts)?;
        tx.put_timelines(&plan, &timelines)?;
        tx.check_plan(&plan, &[note(n, pull, limits.valid_ms, by)], by.as_str()).map(|_| ())
    })?;
    let digest = seal_plan(ctx, &plan, by.as_str())?;
    approve(ctx, &plan, by, key, Decision::Approve)?;
    let run = arm(ctx, &plan, by.as_str())?;
    start(ctx, &run, by.as_str())?;
    while let Advance::Wave(_) = advance(ctx, &run, &|_| {})? {}
    Ok(Braked { plan, run, digest, accounts: n, ends_at: draft.header.expires_at })
}

/// What one person's word on a brake came to.
#[derive(serde::Serialize)]
pub(crate) struct Longer {
    pub(crate) run: RunId,
    /// Who has signed for longer so far.
    pub(crate) people: Vec<OperatorName>,
    /// How many it takes.
    pub(crate) needed: usize,
    /// When it ends, as things stand, ms.
    pub(crate) ends_at: Millis,
}

/// One of two people says that a brake should last as much longer as the policy allows.
pub(crate) fn make_longer(ctx: &Context, run: &RunId, by: &OperatorName, key: &SigningKey) -> Result<Longer> {
    signer(ctx, by, key)?;
    let (row, header, policy) = ctx.store.read(|r| {
        let row = r.run(run)?;
        Ok((row.clone(), r.plan(&row.plan)?.header, r.policy_of(&row.plan)?))
    })?;
    let consent = Consent {
        digest: row.digest,
        decision: Decision::Approve,
        expires_at: header.expires_at.saturating_add(policy.brake.longer_ms),
        operator: by.clone(),
    };
    let end = respond::brake::make_longer(&ctx.store, run, &sign(consent, key)?, ctx.now())?;
    Ok(Longer {
        run: run.clone(),
        people: end.people.into_iter().collect(),
        needed: respond::consent::LONGER_PEOPLE,
        ends_at: end.at,
    })
}

/// A hold first: sessions that end before it could be opened again meanwhile.
fn acts(pull: Pull, lasts_ms: Millis) -> Vec<Act> {
    match pull {
        Pull::EndSessions => vec![Act::EndSessions],
        Pull::Hold => vec![Act::Hold { lasts_ms }, Act::EndSessions],
    }
}

fn note(accounts: u64, pull: Pull, lasts_ms: Millis, by: &OperatorName) -> store::plans::Note {
    let off = match pull {
        Pull::EndSessions => String::new(),
        Pull::Hold => {
            let hours = accounts as f64 * lasts_ms as f64 / 3_600_000.0;
            format!(" and takes them off: {hours:.1} owner-hours offline")
        }
    };
    store::plans::Note {
        code: "brake".to_owned(),
        severity: store::plans::Severity::Warn,
        text: format!(
            "{by} alone ends the sessions of {accounts} accounts{off}; an ended session can't be given back"
        ),
        sure: Some(model::note::Sure::Exact),
        todo: "make a plan that people look at, or let it end".to_owned(),
    }
}

fn entry(verdict: &Verdict, state: &AccountState, acts: Vec<Act>) -> Entry {
    let contact = state
        .record
        .mail_known_before(verdict.window.start)
        .map(|(_, c)| ContactRef { kind: c.kind, version: Digest::of(c.value.reveal().as_bytes()) });
    Entry {
        account: verdict.account.clone(),
        wave: 0,
        tier: Tier::Precaution,
        route: verdict.route,
        reason: "a brake: one person ended its sessions, or took it off for a while, and no more".to_owned(),
        confidence: verdict.confidence,
        window: verdict.window,
        evidence: verdict.evidence.clone(),
        acts,
        quiet: None,
        if_moved: Vec::new(),
        segment: state.record.segment.clone(),
        reach: if contact.is_some() { Reach::Mail } else { Reach::InProduct },
        contact,
        notice: Template::Precaution,
        tries: Vec::new(),
    }
}

fn contact(verdict: &Verdict, state: &AccountState) -> Option<OwnerContact> {
    let (_, contact) = state.record.mail_known_before(verdict.window.start)?;
    Some(OwnerContact {
        account: verdict.account.clone(),
        version: Digest::of(contact.value.reveal().as_bytes()),
        kind: contact.kind,
        value: contact.value.clone(),
        language: state.record.language.clone(),
        time_zone: state.record.time_zone.clone(),
    })
}

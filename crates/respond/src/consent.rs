//! Consent: the one function that says whether a plan may be carried out, and on whose word: enough different people
//! who signed exactly this digest, or a standing order in force whose bounds it provably meets. Every entry (command
//! line, console, API, executor, timer) goes through it.

mod order;

pub use order::{Standing, standing};

use crate::error::RespondError;
use model::id::{Digest, Millis, OperatorName, PlanId, RunId};
use model::mutant::{self, Mutant};
use model::operator::{Approval, Decision};
use model::plan::{Header, Purpose};
use model::policy::Policy;
use std::collections::BTreeSet;
use store::{Read, StoreError};

/// On whose word a plan is carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// So many different people's, as the policy asks for.
    People(BTreeSet<OperatorName>),
    /// One person's alone: a small undo, a brake, or a forum with one administrator.
    One(OperatorName),
    /// A standing order's, by its digest.
    Order(Digest),
    /// Nobody's: a brake is over, and what it held is released.
    BrakeOver,
}

/// Consent that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// The digest it is of.
    pub digest: Digest,
    /// Whose word it is.
    pub word: Word,
    /// Whether one person alone decided on a containment, which is said in public.
    pub is_solo: bool,
    /// Nothing is started before this moment, ms.
    pub not_before: Option<Millis>,
}

/// Whether this is a plan that one person alone may decide on: the policy allows it, it is small, and nobody else is
/// on record who could look.
#[must_use]
pub fn is_solo(header: &Header, policy: &Policy, operators: usize) -> bool {
    let small = policy.solo.as_ref().is_some_and(|solo| header.accounts <= solo.accounts_max);
    header.purpose.asks_owners() && small && operators == 1
}

/// How many people a plan needs, and whether its author may be one of them; `operators` are on record.
#[must_use]
pub fn needed(header: &Header, policy: &Policy, operators: usize) -> (u32, bool) {
    let approval = &policy.approval;
    match &header.purpose {
        Purpose::Brake => (1, true),
        Purpose::Contain | Purpose::Addendum { .. } if is_solo(header, policy, operators) => (1, true),
        Purpose::Undo { .. } if header.accounts <= policy.undo.one_person_accounts_max => (1, true),
        Purpose::Undo { .. } | Purpose::Contain | Purpose::Addendum { .. }
            if header.accounts >= approval.large_accounts =>
        {
            (approval.large_people, false)
        }
        Purpose::Undo { .. } | Purpose::Contain | Purpose::Addendum { .. } => (approval.people, false),
    }
}

/// Checks that the plan may be carried out now: [`given`], and no delay is left; gives the digest.
///
/// # Errors
/// Which of these does not hold.
pub fn check(read: &Read, plan: &PlanId, now: Millis) -> Result<Digest, RespondError> {
    let consent = given(read, plan, now)?;
    match consent.not_before {
        Some(until) if now < until => Err(RespondError::TooEarly { plan: plan.clone(), until }),
        Some(_) | None => Ok(consent.digest),
    }
}

/// Checks that the plan is sealed, is under its own policy, has not expired, nobody refused it, and enough people, or
/// a standing order in force, consent.
///
/// # Errors
/// Which of these does not hold.
pub fn given(read: &Read, plan: &PlanId, now: Millis) -> Result<Consent, RespondError> {
    let sealed = read.sealed(plan)?;
    let (digest, header) = (sealed.digest(), sealed.header());
    let ends_at = match header.purpose {
        Purpose::Brake => brake_end(read, plan)?.map_or(header.expires_at, |end| end.at),
        Purpose::Contain | Purpose::Undo { .. } | Purpose::Addendum { .. } => header.expires_at,
    };
    if ends_at <= now && !mutant::is_on(Mutant::IgnoresExpiry) {
        return Err(RespondError::Expired { plan: plan.clone() });
    }
    let policy = read.policy_of(plan)?;
    if policy.digest()? != header.policy {
        return Err(RespondError::OtherPolicy { plan: plan.clone() });
    }
    let consent = |word| Consent { digest, word, is_solo: false, not_before: None };
    if let Some(batch) = read.batch(plan)? {
        order::covers(read, &batch, &sealed, &policy, now)?;
        return Ok(consent(Word::Order(batch.order)));
    }
    if let Purpose::Undo { run } = &header.purpose
        && brake_is_over(read, run, now)?
    {
        return Ok(consent(Word::BrakeOver));
    }
    let operators = read.operators()?.len();
    let (need, author_counts) = needed(header, &policy, operators);
    let except = (!author_counts).then_some(&header.author);
    let signed = signers(read, &read.approvals(plan)?, &digest, except, now)?;
    if let Some(operator) = signed.refused {
        return Err(RespondError::Refused { plan: plan.clone(), operator });
    }
    let have = u32::try_from(signed.people.len()).unwrap_or(u32::MAX);
    if have < need {
        return Err(RespondError::NotApproved { plan: plan.clone(), have, need, missing: signed.missing });
    }
    let mut found = consent(Word::People(signed.people.clone()));
    // A brake past its own end goes on by the word of those who made it longer.
    if let (1, Some(one), true) = (need, signed.people.first(), now < header.expires_at) {
        found.word = Word::One(one.clone());
    }
    if is_solo(header, &policy, operators) {
        found.is_solo = true;
        let delay_ms = policy.solo.as_ref().map_or(0, |solo| solo.delay_ms);
        let first = read.first_signed_at(plan)?.unwrap_or(now);
        found.not_before = Some(first.saturating_add(delay_ms));
    }
    Ok(found)
}

/// Whether a run is a brake whose time is over.
///
/// # Errors
/// The ledger's.
pub fn brake_is_over(read: &Read, run: &RunId, now: Millis) -> Result<bool, RespondError> {
    Ok(brake_end(read, &read.run(run)?.plan)?.is_some_and(|end| end.at <= now))
}

/// When a brake ends, and by whose word it lasts longer than by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrakeEnd {
    /// When, ms.
    pub at: Millis,
    /// When it would end by itself, ms.
    pub by_itself_at: Millis,
    /// Who signed for longer, its author excepted; as long as they are fewer than [`LONGER_PEOPLE`], it is not.
    pub people: BTreeSet<OperatorName>,
}

/// How many people make a brake longer; whoever pulled it is none of them.
pub const LONGER_PEOPLE: usize = 2;

/// When a brake ends: by itself, or for as long as two people who did not pull it consent to its digest beyond that, and
/// the policy it was made under allows; `None` for a plan that is no brake.
///
/// # Errors
/// The ledger's, or where its digest or its policy's can't be made.
pub fn brake_end(read: &Read, plan: &PlanId) -> Result<Option<BrakeEnd>, RespondError> {
    let row = read.plan(plan)?;
    let (Purpose::Brake, Some(digest)) = (&row.header.purpose, row.digest) else { return Ok(None) };
    let (by_itself_at, policy) = (row.header.expires_at, read.policy_of(plan)?);
    let mut end = BrakeEnd { at: by_itself_at, by_itself_at, people: BTreeSet::new() };
    if policy.digest()? != row.header.policy {
        return Ok(Some(end));
    }
    let approvals = read.approvals(plan)?;
    // Only what holds at the brake's own end says that it should last beyond it.
    let signed = signers(read, &approvals, &digest, Some(&row.header.author), by_itself_at)?;
    let most = by_itself_at.saturating_add(policy.brake.longer_ms);
    let of_them = approvals.iter().filter(|a| signed.people.contains(&a.consent.operator));
    let mut until: Vec<Millis> = of_them.map(|a| a.consent.expires_at.min(most)).collect();
    until.sort_unstable_by(|a, b| b.cmp(a));
    if signed.refused.is_none()
        && let Some(at) = until.get(match mutant::is_on(Mutant::LengthensOnOneWord) {
            true => 0,
            false => LONGER_PEOPLE - 1,
        })
    {
        end.at = *at;
    }
    end.people = signed.people;
    Ok(Some(end))
}

/// Who signed a digest.
pub(crate) struct Signers {
    /// Different people whose consent holds.
    pub(crate) people: BTreeSet<OperatorName>,
    /// Somebody who says no.
    pub(crate) refused: Option<OperatorName>,
    /// Why others do not count.
    pub(crate) missing: String,
}

/// Counts the different people whose signed consent to `digest` holds at `now`, one of them perhaps excepted.
pub(crate) fn signers(
    read: &Read,
    approvals: &[Approval],
    digest: &Digest,
    except: Option<&OperatorName>,
    now: Millis,
) -> Result<Signers, StoreError> {
    let mut found = Signers { people: BTreeSet::new(), refused: None, missing: String::new() };
    for approval in approvals {
        let name = &approval.consent.operator;
        let signed = read.operator(name)?.is_some_and(|o| approval.is_signed_by(&o));
        if !signed {
            found.missing.push_str(&format!("; {name}'s signature is not theirs"));
        } else if approval.consent.digest != *digest {
            found.missing.push_str(&format!("; {name} signed another digest"));
        } else if approval.consent.decision == Decision::Refuse {
            found.refused = Some(name.clone());
        } else if approval.consent.expires_at <= now {
            found.missing.push_str(&format!("; {name}'s consent expired"));
        } else if Some(name) == except {
            found.missing.push_str(&format!("; {name} is the author"));
        } else {
            found.people.insert(name.clone());
        }
    }
    Ok(found)
}

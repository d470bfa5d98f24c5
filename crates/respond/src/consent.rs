//! Consent: the one function that says whether enough different people signed exactly this digest. Every entry
//! (command line, console, API, executor) goes through it.

use crate::error::RespondError;
use model::id::{Digest, Millis, OperatorName, PlanId};
use model::operator::Decision;
use model::plan::{Header, Purpose};
use model::policy::Policy;
use std::collections::BTreeSet;
use store::Read;

/// How many people a plan needs, and whether its author may be one of them.
#[must_use]
pub fn needed(header: &Header, policy: &Policy) -> (u32, bool) {
    let approval = &policy.approval;
    match &header.purpose {
        Purpose::Undo { .. } if header.accounts <= policy.undo.one_person_accounts_max => (1, true),
        Purpose::Undo { .. } | Purpose::Contain if header.accounts >= approval.large_accounts => {
            (approval.large_people, false)
        }
        Purpose::Undo { .. } | Purpose::Contain => (approval.people, false),
    }
}

/// Checks that the plan is sealed, has not expired, nobody refused it, and enough people consent; gives the digest.
///
/// # Errors
/// Which of these does not hold.
pub fn check(read: &Read, plan: &PlanId, now: Millis) -> Result<Digest, RespondError> {
    let sealed = read.sealed(plan)?;
    let (digest, header) = (sealed.digest(), sealed.header());
    if header.expires_at <= now {
        return Err(RespondError::Expired { plan: plan.clone() });
    }
    let (need, author_counts) = needed(header, &read.policy_of(plan)?);
    let mut people: BTreeSet<OperatorName> = BTreeSet::new();
    let mut missing = String::new();
    for approval in read.approvals(plan)? {
        let name = &approval.consent.operator;
        let signed = read.operator(name)?.is_some_and(|o| approval.is_signed_by(&o));
        if !signed {
            missing.push_str(&format!("; {name}'s signature is not theirs"));
        } else if approval.consent.digest != digest {
            missing.push_str(&format!("; {name} signed another digest"));
        } else if approval.consent.decision == Decision::Refuse {
            return Err(RespondError::Refused { plan: plan.clone(), operator: name.clone() });
        } else if approval.consent.expires_at <= now {
            missing.push_str(&format!("; {name}'s consent expired"));
        } else if *name == header.author && !author_counts {
            missing.push_str(&format!("; {name} is the author"));
        } else {
            people.insert(name.clone());
        }
    }
    let have = u32::try_from(people.len()).unwrap_or(u32::MAX);
    if have < need {
        return Err(RespondError::NotApproved { plan: plan.clone(), have, need, missing });
    }
    Ok(digest)
}

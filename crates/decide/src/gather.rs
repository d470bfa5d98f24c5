//! The cohort: who of those found may enter a plan, with a reason each, and who was left out, with theirs.

use crate::moved::Moved;
use model::account::{Account, AccountState, CredentialVersion, Reach};
use model::id::{AccountId, Millis};
use model::labels::Label;
use model::plan::{LeftOut, LeftOutCode, Tier};
use model::policy::Policy;
use model::run::Mover;
use model::verdict::{Belief, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// What a cohort is gathered from.
pub struct Sources<'a> {
    /// The hunt's verdicts.
    pub verdicts: &'a [Verdict],
    /// A list from outside, where there is one: the cohort is drawn from it alone.
    pub list: Option<&'a [AccountId]>,
    /// The accounts as the service has them now.
    pub states: &'a BTreeMap<AccountId, AccountState>,
    /// What people said after looking.
    pub labels: &'a BTreeMap<AccountId, Label>,
    /// When accounts now under containment were contained.
    pub contained: &'a BTreeMap<AccountId, Millis>,
    /// Credentials that moved since an earlier plan named them, and not by the intruder as far as is known.
    pub moved: &'a BTreeMap<AccountId, Moved>,
    /// Accounts with a contact or factor in place that nobody knows who set, since the intruder came.
    pub unsettled: &'a BTreeSet<AccountId>,
    /// The limits.
    pub policy: &'a Policy,
}

/// A chosen account.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// What it is chosen for.
    pub verdict: &'a Verdict,
    /// As the service has it.
    pub state: &'a AccountState,
    /// Why it may be here.
    pub tier: Tier,
    /// How its owner can be told.
    pub reach: Reach,
    /// The credential that may be replaced: the one in place; the one from before where that may be the owner's choice; none
    /// where it is.
    pub credential: Option<CredentialVersion>,
    /// Whether a contact or factor in place was set by nobody knows whom, since the intruder came.
    pub is_unsettled: bool,
}

/// Who is in and who is not.
#[derive(Clone, Debug, PartialEq)]
pub struct Cohort<'a> {
    /// Sorted by account.
    pub members: Vec<Member<'a>>,
    /// Sorted by account.
    pub left_out: Vec<LeftOut>,
    /// Why the whole draft is refused, where it is.
    pub refused: Option<String>,
}

/// Gathers the cohort.
#[must_use]
pub fn gather<'a>(sources: &Sources<'a>) -> Cohort<'a> {
    let verdicts: BTreeMap<&AccountId, &Verdict> = sources.verdicts.iter().map(|v| (&v.account, v)).collect();
    let asked: BTreeSet<&AccountId> = match sources.list {
        Some(list) => list.iter().collect(),
        None => verdicts.keys().copied().collect(),
    };
    let mut members = Vec::new();
    let mut left_out = Vec::new();
    for &account in &asked {
        match consider(sources, account, verdicts.get(account).copied()) {
            Ok(member) => members.push(member),
            Err((code, reason)) => left_out.push(LeftOut { account: account.clone(), code, reason }),
        }
    }
    if sources.list.is_some() {
        // Too few is a mistake as well as too many: who is believed compromised and not asked for is listed.
        let unlisted = sources.verdicts.iter().filter(|v| v.verdict == Belief::Compromised);
        left_out.extend(unlisted.filter(|v| !asked.contains(&v.account)).map(|v| LeftOut {
            account: v.account.clone(),
            code: LeftOutCode::NotListed,
            reason: "believed compromised, and not on the list".to_owned(),
        }));
        left_out.sort();
    }
    let precautions = members.iter().filter(|m| m.tier == Tier::Precaution).count() as u64;
    let refused = refuse_list(sources, asked.len(), &left_out).or_else(|| {
        let most = sources.policy.cohort.precaution_accounts_max;
        (precautions > most).then(|| {
            format!("{precautions} accounts would be in by precaution, and the policy allows {most} (cohort.precaution_accounts_max)")
        })
    });
    Cohort { members, left_out, refused }
}

/// A wrong list must not be trimmed into a right one.
fn refuse_list(sources: &Sources<'_>, asked: usize, left_out: &[LeftOut]) -> Option<String> {
    sources.list?;
    let count = |code: LeftOutCode| left_out.iter().filter(|l| l.code == code).count();
    let unknown = left_out.iter().find(|l| l.code == LeftOutCode::UnknownAccount);
    if let Some(first) = unknown {
        return Some(format!(
            "{} of the list's {asked} accounts are not known to the service, {} the first of them: this may be the wrong file",
            count(LeftOutCode::UnknownAccount),
            first.account
        ));
    }
    let without = count(LeftOutCode::NoEvidence);
    let share = without as f64 / asked.max(1) as f64;
    let most = sources.policy.cohort.list_left_out_share_max;
    (share > most).then(|| {
        format!(
            "{without} of the list's {asked} accounts ({:.1} %) have no evidence against them, and the policy allows {:.1} % \
             (cohort.list_left_out_share_max): the list is wider than what is believed compromised",
            share * 100.0,
            most * 100.0
        )
    })
}

type Left = (LeftOutCode, String);

fn consider<'a>(
    sources: &Sources<'a>,
    account: &AccountId,
    verdict: Option<&'a Verdict>,
) -> Result<Member<'a>, Left> {
    let no = |code, reason: &str| Err((code, reason.to_owned()));
    let Some(state) = sources.states.get(account) else {
        return if verdict.is_some() && sources.list.is_none() {
            no(LeftOutCode::MissingAtService, "the service does not know this account any more")
        } else {
            no(LeftOutCode::UnknownAccount, "the service does not know this account")
        };
    };
    let Some(verdict) = verdict else {
        return no(LeftOutCode::NoEvidence, "no evidence against it");
    };
    by_hand_only(&state.record)?;
    if let Some(at) = sources.contained.get(account)
        && verdict.window.end <= *at
    {
        return no(LeftOutCode::AlreadyContained, "already contained, and nothing was seen since");
    }
    let moved = sources.moved.get(account);
    if moved.is_some_and(|m| m.is_asked && m.by == Mover::Unknown) {
        return no(
            LeftOutCode::WaitsForPerson,
            "its credential was changed by nobody knows whom, and a person was asked: rightful case queue",
        );
    }
    let tier = tier(sources, account, verdict)?;
    let reach = reach(&state.record, verdict.window.start);
    if reach == Reach::None && tier == Tier::Precaution {
        return no(
            LeftOutCode::NotReachable,
            "only suspected, and its owner can't be told in any way: by hand",
        );
    }
    let credential = match moved {
        None => state.credential,
        Some(Moved { by: Mover::Owner, .. }) => None,
        Some(Moved { named, by: Mover::Intruder | Mover::Unknown, .. }) => Some(*named),
    };
    let is_unsettled = sources.unsettled.contains(account);
    Ok(Member { verdict, state, tier, reach, credential, is_unsettled })
}

fn by_hand_only(record: &Account) -> Result<(), Left> {
    let marks = [
        (record.protected, LeftOutCode::Protected, "protected: by hand only"),
        (record.at_risk, LeftOutCode::AtRisk, "its owner is at risk: by hand only"),
        (record.service, LeftOutCode::ServiceAccount, "a machine's account: by hand only"),
        (record.probe, LeftOutCode::Probe, "a probe account of ours: nobody's, and tried in each wave"),
        (
            record.sentinel,
            LeftOutCode::Sentinel,
            "a sentinel, which can't be compromised: the detection is wrong about it",
        ),
    ];
    match marks.into_iter().find(|(mark, _, _)| *mark == Some(true)) {
        Some((_, code, reason)) => Err((code, reason.to_owned())),
        None => Ok(()),
    }
}

fn tier(sources: &Sources<'_>, account: &AccountId, verdict: &Verdict) -> Result<Tier, Left> {
    let limits = &sources.policy.cohort;
    let label = sources.labels.get(account);
    if label == Some(&Label::NotCompromised) {
        return Err((
            LeftOutCode::LabelledNotCompromised,
            "a person looked and said: not compromised".to_owned(),
        ));
    }
    match verdict.verdict {
        Belief::Suspected if label == Some(&Label::Compromised) => Ok(Tier::Precaution),
        Belief::Suspected => {
            Err((LeftOutCode::OnlySuspected, "only suspected: a person must look first".to_owned()))
        }
        Belief::Compromised if verdict.confidence < limits.confidence_min => Err((
            LeftOutCode::BelowConfidence,
            format!("confidence {} is below the policy's {}", verdict.confidence, limits.confidence_min),
        )),
        Belief::Compromised if verdict.families() < limits.families_min as usize => Err((
            LeftOutCode::OneFamily,
            format!(
                "evidence of {} families, and the policy asks for {}",
                verdict.families(),
                limits.families_min
            ),
        )),
        Belief::Compromised => Ok(Tier::Evidence),
    }
}

/// By mail to a contact from before the window, else in the product while the account is in use.
fn reach(record: &Account, before: Millis) -> Reach {
    if record.mail_known_before(before).is_some() {
        Reach::Mail
    } else if record.active == Some(true) {
        Reach::InProduct
    } else {
        Reach::None
    }
}

//! Too few is a mistake as well as too many: who looks like a campaign and is not in the plan, with the reason.

use super::{Check, Ground, Report, Severity};
use model::id::{AccountId, CampaignId};
use model::note::Sure;
use model::plan::{LeftOut, LeftOutCode};
use model::verdict::NearMiss;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// An account that matches a campaign and is not in the plan.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Match {
    /// The campaign.
    pub campaign: CampaignId,
    /// The account.
    pub account: AccountId,
    /// Why it is not in.
    pub reason: String,
}

/// Lists who matches a campaign and is not among `members`, sorted: those to whom the hunt gave no verdict, and those
/// with one that rests on a campaign (`campaign_of`) who were left out when the plan was made. Who is contained already
/// is in no need of a plan.
#[must_use]
pub fn matches(
    near: &[NearMiss],
    left_out: &[LeftOut],
    campaign_of: &BTreeMap<AccountId, CampaignId>,
    members: &BTreeSet<&AccountId>,
) -> Vec<Match> {
    let near = near.iter().map(|m| (&m.campaign, &m.account, m.reason.as_str()));
    let left = left_out
        .iter()
        .filter(|l| l.code != LeftOutCode::AlreadyContained)
        .filter_map(|l| campaign_of.get(&l.account).map(|c| (c, &l.account, l.reason.as_str())));
    let all: BTreeMap<&AccountId, (&CampaignId, &str)> = near
        .chain(left)
        .filter(|(_, account, _)| !members.contains(account))
        .map(|(campaign, account, reason)| (account, (campaign, reason)))
        .collect();
    let mut matches: Vec<Match> = all
        .into_iter()
        .map(|(account, (campaign, reason))| Match {
            campaign: campaign.clone(),
            account: account.clone(),
            reason: reason.to_owned(),
        })
        .collect();
    matches.sort();
    matches
}

pub(super) fn under_scoped(ground: &Ground<'_>, report: &mut Report) {
    // It names no account that another plan does not.
    if ground.is_added() {
        return;
    }
    let campaign = |evidence: &[model::verdict::Evidence]| evidence.iter().find_map(|e| e.campaign.clone());
    let campaign_of: BTreeMap<AccountId, CampaignId> = ground
        .basis
        .verdicts
        .iter()
        .filter_map(|v| campaign(&v.evidence).map(|c| (v.account.clone(), c)))
        .collect();
    let members: BTreeSet<&AccountId> = ground.entries().iter().map(|e| &e.account).collect();
    let found = matches(&ground.basis.summary.left_out, &ground.draft.left_out, &campaign_of, &members);
    if found.is_empty() {
        return;
    }
    let mut by_campaign: BTreeMap<&CampaignId, (u64, u64)> = BTreeMap::new();
    for one in &found {
        by_campaign.entry(&one.campaign).or_default().0 += 1;
    }
    for account in &members {
        if let Some(counts) = campaign_of.get(*account).and_then(|c| by_campaign.get_mut(c)) {
            counts.1 += 1;
        }
    }
    let list: Vec<String> = by_campaign
        .iter()
        .map(|(c, (out, inside))| format!("{c}: {out} beside {inside} that are in"))
        .collect();
    let more = by_campaign.values().any(|(out, inside)| out > inside);
    report.say(
        Check::UnderScoped,
        if more { Severity::Warn } else { Severity::Info },
        Sure::Exact,
        format!("{} accounts match a campaign and are not in this plan ({})", found.len(), list.join("; ")),
        "look at them, each with its reason (rightful plan show): the plan may be too small as well as too large",
    );
}

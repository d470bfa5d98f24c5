//! The blind review: which accounts a person is shown, and what their labels prove about the plan.

use crate::bound;
use model::id::{AccountId, Digest};
use model::labels::Label;
use model::policy::ReviewPolicy;
use std::collections::BTreeMap;

/// One account to be looked at; whoever looks is not shown `planted`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The account.
    pub account: AccountId,
    /// A clear account among the others, to see whether the reviewer looks.
    pub planted: bool,
}

/// How many of a plan's accounts must be looked at.
#[must_use]
pub fn sample_size(accounts: u64, policy: &ReviewPolicy) -> u64 {
    let needed = bound::labels_needed(policy.wrong_share_max, policy.confidence);
    if accounts < policy.whole_below_accounts { accounts } else { needed.min(accounts) }
}

/// Draws the sample: members in the order of H(seed ‖ account), clear accounts planted among them, all in an order
/// that tells nothing. The seed must be drawn after sealing.
///
/// `None` where there are not enough clear accounts to plant.
#[must_use]
pub fn draw(
    seed: &Digest,
    members: &[AccountId],
    clear: &[AccountId],
    policy: &ReviewPolicy,
) -> Option<Vec<Item>> {
    let size = sample_size(members.len() as u64, policy) as usize;
    // Planted accounts are a share of all that is shown: p = planted / (size + planted).
    let share = policy.planted_share_min;
    let planted = (size as f64 * share / (1.0 - share)).ceil() as usize;
    if clear.len() < planted {
        return None;
    }
    let first = |accounts: &[AccountId], n: usize| {
        let mut all: Vec<_> = accounts.iter().map(|a| (key(seed, "draw", a), a)).collect();
        all.sort_unstable();
        all.into_iter().take(n).map(|(_, a)| a.clone()).collect::<Vec<_>>()
    };
    let items = |accounts: Vec<AccountId>, planted| {
        accounts.into_iter().map(move |account| Item { account, planted })
    };
    let mut shown: Vec<Item> =
        items(first(members, size), false).chain(items(first(clear, planted), true)).collect();
    shown.sort_by_key(|item| key(seed, "show", &item.account));
    Some(shown)
}

fn key(seed: &Digest, purpose: &str, account: &AccountId) -> Digest {
    let mut bytes = seed.0.to_vec();
    bytes.extend_from_slice(purpose.as_bytes());
    bytes.push(0);
    bytes.extend_from_slice(account.as_str().as_bytes());
    Digest::of(&bytes)
}

/// What the labels say.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Members that still lack a label.
    pub unlabelled: u64,
    /// Members looked at.
    pub looked_at: u64,
    /// Of these, *not compromised* or *can't tell*.
    pub wrong: u64,
    /// The wrong share in the whole plan that is not excluded (exact where all were looked at).
    pub wrong_share_bound: f64,
    /// Whether that is within the policy.
    pub passes: bool,
    /// Planted clear accounts by reviewer: (called compromised, looked at).
    pub planted: BTreeMap<String, (u64, u64)>,
    /// One sentence.
    pub text: String,
}

/// Judges the labels: `(item, reviewer, label)` for each that was given.
#[must_use]
pub fn judge(
    items: &[Item],
    labels: &[(AccountId, String, Label)],
    members: u64,
    policy: &ReviewPolicy,
) -> Finding {
    let is_planted: BTreeMap<&AccountId, bool> = items.iter().map(|i| (&i.account, i.planted)).collect();
    let mut by_member: BTreeMap<&AccountId, bool> = BTreeMap::new();
    let mut planted: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (account, reviewer, label) in labels {
        match is_planted.get(account) {
            Some(false) => {
                // Any reviewer's doubt counts: two labels on one account are not a vote.
                *by_member.entry(account).or_insert(false) |= *label != Label::Compromised;
            }
            Some(true) => {
                let tally = planted.entry(reviewer.clone()).or_default();
                tally.0 += u64::from(*label == Label::Compromised);
                tally.1 += 1;
            }
            None => {}
        }
    }
    let to_see = items.iter().filter(|i| !i.planted).count() as u64;
    let looked_at = by_member.len() as u64;
    let wrong = by_member.values().filter(|w| **w).count() as u64;
    let wrong_share_bound = if looked_at == members && members > 0 {
        wrong as f64 / members as f64
    } else {
        bound::upper(wrong, looked_at, policy.confidence)
    };
    let unlabelled = to_see - looked_at;
    let passes = unlabelled == 0 && looked_at > 0 && wrong_share_bound <= policy.wrong_share_max;
    let text = format!(
        "{looked_at} of {members} accounts looked at, {wrong} of them wrong or not to be told: at most {:.2} % of the plan \
         is wrong ({}; the policy allows {:.2} %)",
        wrong_share_bound * 100.0,
        if looked_at == members {
            "all were looked at".to_owned()
        } else {
            format!("one-sided, {} %", policy.confidence * 100.0)
        },
        policy.wrong_share_max * 100.0
    );
    Finding { unlabelled, looked_at, wrong, wrong_share_bound, passes, planted, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy() -> ReviewPolicy {
        ReviewPolicy {
            wrong_share_max: 0.02,
            confidence: 0.95,
            whole_below_accounts: 60,
            planted_share_min: 0.1,
        }
    }

    fn accounts(prefix: &str, n: usize) -> Vec<AccountId> {
        (0..n).map(|i| AccountId::new(format!("{prefix}{i}"))).collect()
    }

    fn labelled(items: &[Item], wrong: usize) -> Vec<(AccountId, String, Label)> {
        let mut left = wrong;
        items
            .iter()
            .map(|i| {
                let doubt = i.planted || left > 0;
                left -= usize::from(!i.planted && left > 0);
                let label = if doubt { Label::NotCompromised } else { Label::Compromised };
                (i.account.clone(), "r".to_owned(), label)
            })
            .collect()
    }

    #[test]
    fn sizes_follow_the_policy() {
        assert_eq!(
            [10, 59, 60, 149, 150, 9_999].map(|n| sample_size(n, &policy())),
            [10, 59, 60, 149, 149, 149]
        );
    }

    #[test]
    fn another_seed_shows_others_and_at_least_a_tenth_is_planted() {
        let (members, clear) = (accounts("m", 1000), accounts("c", 100));
        let one = draw(&Digest::of(b"1"), &members, &clear, &policy()).unwrap();
        let two = draw(&Digest::of(b"2"), &members, &clear, &policy()).unwrap();
        assert_ne!(one, two);
        let planted = one.iter().filter(|i| i.planted).count();
        assert!(planted * 10 >= one.len() && one.len() - planted == 149);
        assert!(draw(&Digest::of(b"1"), &members, &clear[..5], &policy()).is_none());
    }

    #[test]
    fn one_error_in_a_sample_of_149_refuses_and_none_passes() {
        let (members, clear) = (accounts("m", 1000), accounts("c", 100));
        let items = draw(&Digest::of(b"1"), &members, &clear, &policy()).unwrap();
        assert!(judge(&items, &labelled(&items, 0), 1000, &policy()).passes);
        assert!(!judge(&items, &labelled(&items, 1), 1000, &policy()).passes);
        let mut one_missing = labelled(&items, 0);
        one_missing.retain(|(a, _, _)| a != &items.iter().find(|i| !i.planted).unwrap().account);
        assert!(!judge(&items, &one_missing, 1000, &policy()).passes);
    }

    #[test]
    fn a_plan_that_was_looked_at_whole_is_known_exactly() {
        let (members, clear) = (accounts("m", 100), accounts("c", 100));
        let items = draw(&Digest::of(b"1"), &members, &clear, &policy()).unwrap();
        assert!(judge(&items, &labelled(&items, 2), 100, &policy()).passes);
        assert!(!judge(&items, &labelled(&items, 3), 100, &policy()).passes);
    }
}

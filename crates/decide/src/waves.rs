//! How a plan is cut into waves: the canary, then each wave as large as what is known by then allows.
//!
//! Before a wave of `s` accounts the gate excludes, but for the policy's `pass_error`, that more than
//! `wrong_accounts_max` of them would be wrong. So a wave is `wrong_accounts_max` over the wrong share that a right plan
//! can be expected to exclude by then: `heard_share` of the owners contained so far are heard from, `usual_proved_share`
//! of these prove a dispute by mistake, and [`sequential::upper`] over `wronged_proved_share` bounds the wrong share.
//! It grows with what is learned, not by a factor that somebody chose. Nor is a wave larger than the supporters can
//! answer for on a day.

use crate::sequential;
use model::policy::Policy;

/// The accounts of each wave, the canary first; their sum is `accounts`. Where no owner is asked (an undo), only the
/// supporters bound them.
#[must_use]
pub fn sizes(accounts: u64, policy: &Policy, asks_owners: bool) -> Vec<u64> {
    let mut sizes = Vec::new();
    let (mut done, mut next) = (0, policy.run.canary_accounts);
    while done < accounts {
        let size = next.min(accounts - done);
        sizes.push(size);
        done += size;
        next = after(done, policy, asks_owners);
    }
    sizes
}

/// The most accounts that a wave may have after so many were contained.
#[must_use]
pub fn after(contained: u64, policy: &Policy, asks_owners: bool) -> u64 {
    let by_power = if asks_owners { by_power(contained, policy) } else { u64::MAX };
    by_power
        .min(policy.support.accounts_per_day())
        .min(policy.run.wave_accounts_max)
        .max(policy.run.canary_accounts)
}

/// As many as hold `wrong_accounts_max` wrong ones at the wrong share that can be excluded by then.
fn by_power(contained: u64, policy: &Policy) -> u64 {
    let gate = &policy.gate;
    let heard = (contained as f64 * gate.heard_share).floor();
    let proved = (heard * gate.usual_proved_share).ceil();
    let bound = sequential::upper(proved as u64, heard as u64, gate.pass_error);
    let wrong_share = (bound / gate.wronged_proved_share).min(gate.wrong_share_stopped);
    (gate.wrong_accounts_max as f64 / wrong_share).floor() as u64
}

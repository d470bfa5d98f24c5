//! How often somebody may try: by account, by address, by network.
//!
//! The generic cell rate algorithm (ITU-T I.371) with one number a slot, in tables of a fixed size: whatever comes,
//! they never grow, and nothing in them names anybody. Two who share a slot share its rate; which ones do can't be
//! chosen from outside, as the places are salted anew at each start.

use super::client::nets_of;
use model::id::Digest;
use model::policy::RecoveryPolicy;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

const SLOTS: usize = 1 << 14;
const HOUR_MS: i64 = 3_600_000;
/// Tries of one address at once, and then one each …
const ADDRESS_BURST: i64 = 20;
/// … so often, ms.
const ADDRESS_EVERY_MS: i64 = 12_000;
/// A network has as many of both as so many addresses.
const NET_ADDRESSES: i64 = 8;

/// What is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tried {
    /// A recovery code was asked for.
    Ask,
    /// A recovery code was entered.
    Enter,
    /// A message was to be checked.
    Check,
}

/// All limits of the doors.
pub(super) struct Limits {
    began: Instant,
    salt: [u8; 32],
    addresses: [Rate; 3],
    nets: [Rate; 3],
    /// By account, or by notice.
    named: [Rate; 3],
}

impl Limits {
    /// Accounts are held to what the policy lets the ledger count in an hour, so that nobody is told to wait for what
    /// would have been given.
    pub(super) fn new(policy: &RecoveryPolicy, salt: [u8; 32]) -> Self {
        let codes = i64::from(policy.codes_per_hour_max.max(1));
        let wrong = codes * i64::from(policy.wrong_codes_max.max(1));
        let address = || Rate::new(ADDRESS_BURST, ADDRESS_EVERY_MS);
        let net = || Rate::new(ADDRESS_BURST * NET_ADDRESSES, ADDRESS_EVERY_MS / NET_ADDRESSES);
        let hourly = |n: i64| Rate::new(n, HOUR_MS / n);
        Self {
            began: Instant::now(),
            salt,
            addresses: [address(), address(), address()],
            nets: [net(), net(), net()],
            named: [hourly(codes), hourly(wrong), hourly(wrong)],
        }
    }

    /// Takes one try, or says how long to wait, ms. Whoever is refused by their own address takes nothing from the
    /// account they name.
    pub(super) fn take(&self, tried: Tried, from: IpAddr, named: Option<&str>) -> Result<(), i64> {
        let now = i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX);
        let (address, net) = nets_of(from);
        let which = tried as usize;
        self.addresses[which].take(self.slot(&address), now)?;
        self.nets[which].take(self.slot(&net), now)?;
        named.map_or(Ok(()), |name| self.named[which].take(self.slot(name.as_bytes()), now))
    }

    fn slot(&self, key: &[u8]) -> usize {
        let [a, b, ..] = Digest::of(&[&self.salt[..], key].concat()).0;
        usize::from(u16::from_le_bytes([a, b])) % SLOTS
    }
}

struct Rate {
    every_ms: i64,
    burst: i64,
    /// For each slot, when it will be as if it had never been used, ms since the start.
    full_at: Mutex<Vec<i64>>,
}

impl Rate {
    fn new(burst: i64, every_ms: i64) -> Self {
        Self { every_ms, burst, full_at: Mutex::new(vec![0; SLOTS]) }
    }

    fn take(&self, slot: usize, now: i64) -> Result<(), i64> {
        let mut slots = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(full_at) = slots.get_mut(slot) else { return Ok(()) };
        let next = (*full_at).max(now) + self.every_ms;
        let wait = next - now - self.burst * self.every_ms;
        if wait > 0 {
            return Err(wait);
        }
        *full_at = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_one_each_interval_and_no_more() {
        let rate = Rate::new(3, 1_000);
        let taken: Vec<bool> = [0, 0, 0, 0, 999, 1_000, 1_000, 60_000, 60_000, 60_000, 60_000]
            .map(|now| rate.take(7, now).is_ok())
            .to_vec();
        let expected = [true, true, true, false, false, true, false, true, true, true, false];
        assert_eq!(taken, expected);
        assert_eq!(rate.take(7, 60_000), Err(1_000), "and it says how long to wait");
        assert_eq!(rate.take(8, 60_000), Ok(()), "another slot is untouched");
    }

    #[test]
    fn who_is_refused_takes_nothing_from_the_account_they_name() {
        let policy = RecoveryPolicy {
            code_valid_ms: 1,
            codes_per_hour_max: 100,
            wrong_codes_max: 1,
            password_length_min: 15,
        };
        let limits = Limits::new(&policy, [7; 32]);
        let (loud, other) = ("192.0.2.1".parse().unwrap(), "198.51.100.1".parse().unwrap());
        let passed = (0..200).filter(|_| limits.take(Tried::Ask, loud, Some("ana")).is_ok()).count();
        assert!(passed < 30, "{passed}");
        assert_eq!(limits.take(Tried::Ask, other, Some("ana")), Ok(()));
        assert_eq!(
            limits.take(Tried::Enter, loud, Some("ana")),
            Ok(()),
            "another kind of try has its own rate"
        );
    }
}

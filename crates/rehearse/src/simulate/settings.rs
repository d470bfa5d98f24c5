//! What a simulated population is made from. Two equal settings give the same bytes.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// 2026-10-01T00:00:00Z: where a simulation ends unless it is told otherwise.
pub const END_MS: i64 = 1_790_812_800_000;

/// A way in which accounts are taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attack {
    /// Reused passwords are tried by machine; those that work send spam.
    StuffingSpam,
    /// Each victim sends the lure to its friends, some of whom fall for it.
    Worm,
    /// The owner lets in an application that then acts on its own.
    OauthApp,
    /// A session cookie is copied and used from elsewhere beside its owner.
    SessionTheft,
    /// Mail, password and second factor are changed in a row; nothing is posted.
    Lockout,
    /// A few acts in days, from a residential address in the owner's own country.
    LowAndSlow,
    /// Bought accounts follow whoever pays.
    FollowFarm,
    /// The password was checked by a machine; nothing was done yet.
    Sleeper,
}

impl Attack {
    /// Every kind of attack.
    pub const ALL: [Self; 8] = [
        Self::StuffingSpam,
        Self::Worm,
        Self::OauthApp,
        Self::SessionTheft,
        Self::Lockout,
        Self::LowAndSlow,
        Self::FollowFarm,
        Self::Sleeper,
    ];

    /// The contract's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::StuffingSpam => "stuffing_spam",
            Self::Worm => "worm",
            Self::OauthApp => "oauth_app",
            Self::SessionTheft => "session_theft",
            Self::Lockout => "lockout",
            Self::LowAndSlow => "low_and_slow",
            Self::FollowFarm => "follow_farm",
            Self::Sleeper => "sleeper",
        }
    }

    /// Whether it needs an account with a password.
    pub(crate) fn wants_password(self) -> bool {
        match self {
            Self::StuffingSpam | Self::Lockout | Self::LowAndSlow | Self::FollowFarm | Self::Sleeper => true,
            Self::Worm | Self::OauthApp | Self::SessionTheft => false,
        }
    }
}

impl fmt::Display for Attack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A name that is no attack's.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "no attack is called '{0}'; known: stuffing_spam, worm, oauth_app, session_theft, lockout, low_and_slow, follow_farm, sleeper"
)]
pub struct UnknownAttack(String);

impl FromStr for Attack {
    type Err = UnknownAttack;

    fn from_str(name: &str) -> Result<Self, UnknownAttack> {
        Self::ALL.into_iter().find(|a| a.name() == name).ok_or_else(|| UnknownAttack(name.to_owned()))
    }
}

/// Something that the service itself, or a carrier, changes on many accounts at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shift {
    /// The official Android application reports under a new name.
    RenamedApp,
    /// A front end writes its own address on everybody's events, for some hours.
    ProxyEverybody,
    /// One of many front ends writes its own address, on a twentieth of the accounts, until the end.
    ProxyTwentieth,
    /// A carrier moves its customers to other addresses under another number.
    CarrierRenumbered,
    /// Events lose the device from a moment on: a fault of the logging.
    DroppedDevice,
    /// Events lose the user agent for some days.
    DroppedAgent,
    /// The site asks everybody for a new password; most follow within days.
    PasswordsAsked,
}

impl Shift {
    /// Every kind of shift.
    pub const ALL: [Self; 7] = [
        Self::RenamedApp,
        Self::ProxyEverybody,
        Self::ProxyTwentieth,
        Self::CarrierRenumbered,
        Self::DroppedDevice,
        Self::DroppedAgent,
        Self::PasswordsAsked,
    ];
}

/// What people do at the service, and so how others are lured there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Style {
    /// Likes, posts, messages, follows; lures with links.
    Microblog,
    /// Posts and replies above all; nobody follows anybody; lures in words of their own, to a link or a contact.
    Forum,
    /// Few offers, many messages; lures in words of their own, to a contact: a payment handle, a telephone number.
    Marketplace,
}

/// What a population is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Decides everything that is not said below: lives, places, and the attacks' own parameters.
    pub seed: u64,
    /// How many accounts.
    pub accounts: u32,
    /// How many days, up to `end_ms`.
    pub days: u32,
    /// About how many events in all; scales how busy people are. `None`: about 45 an account in 30 days.
    pub events: Option<u64>,
    /// Share of the accounts that are attacked with success, 0 to 1.
    pub attacked_share: f64,
    /// The attacks that take place.
    pub attacks: Vec<Attack>,
    /// Whether benign look-alikes are planted.
    pub look_alikes: bool,
    /// Systemic changes that take place.
    pub shifts: Vec<Shift>,
    /// Share of the events without a device, and (drawn apart) without a session, 0 to 1.
    pub bare_share: f64,
    /// Share of the machines (owners' and intruders') that never name a device, 0 to 1.
    pub deviceless_share: f64,
    /// Share of the machines that never name a session, 0 to 1.
    pub sessionless_share: f64,
    /// Whether the service writes down what is said.
    pub texts: bool,
    /// Whether the service knows network and country of an address.
    pub places: bool,
    /// Whether intruders hide their links from filters and have applications wait before they act, and owners secure
    /// their accounts on new phones in new homes.
    pub hard: bool,
    /// Share of the victims whose password was sold to a second intruder as well, 0 to 1.
    pub seconds_share: f64,
    /// What people do at the service.
    pub style: Style,
    /// Share of the accounts that join within the time, 0 to 1.
    pub joiners_share: f64,
    /// Whether all are about as busy, rather than few busy and many quiet.
    pub even: bool,
    /// The last moment, milliseconds since 1970 UTC.
    pub end_ms: i64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            accounts: 10_000,
            days: 30,
            events: None,
            attacked_share: 0.03,
            attacks: Attack::ALL.to_vec(),
            look_alikes: true,
            shifts: vec![Shift::RenamedApp, Shift::ProxyTwentieth, Shift::CarrierRenumbered],
            bare_share: 0.0,
            deviceless_share: 0.0,
            sessionless_share: 0.0,
            texts: true,
            places: true,
            hard: false,
            seconds_share: 0.02,
            style: Style::Microblog,
            joiners_share: 0.0,
            even: false,
            end_ms: END_MS,
        }
    }
}

impl Settings {
    /// The first moment, milliseconds since 1970 UTC.
    #[must_use]
    pub fn start_ms(&self) -> i64 {
        self.end_ms - i64::from(self.days) * DAY
    }
}

/// Milliseconds of a second, a minute, an hour, a day.
pub(crate) const SECOND: i64 = 1000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_agree_with_serde() {
        for attack in Attack::ALL {
            assert_eq!(attack.to_string().parse::<Attack>(), Ok(attack));
            assert_eq!(serde_json::to_value(attack).unwrap(), attack.name());
        }
        assert!("stuffing".parse::<Attack>().unwrap_err().to_string().contains("stuffing_spam"));
    }
}

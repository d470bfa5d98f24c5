//! Machines that people and intruders use, and what they call themselves at a moment.
//!
//! Browsers bring out a version every four weeks, and everybody has it within days; applications every two. The
//! device id stays while the user agent changes: the same hand.

use super::dice::{Dice, mix2};
use super::settings::{DAY, HOUR};

/// What sort of machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Iphone,
    Android,
    Tablet,
    Windows,
    Mac,
    Linux,
}

/// Which client acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Client {
    /// The service's own application.
    Native,
    Chrome,
    Firefox,
    Safari,
    Edge,
}

/// One machine with one client on it.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    pub(crate) key: u64,
    pub(crate) class: Class,
    pub(crate) client: Client,
    /// How long after a version came out this machine has it.
    pub(crate) lag_ms: i64,
    /// Versions it stays behind for good.
    pub(crate) behind: i64,
    /// Keeps no cookies: the service sees no device.
    pub(crate) bare: bool,
    /// When its owner began, and ended, to use it.
    pub(crate) from: i64,
    pub(crate) until: i64,
}

/// What all machines share: the service's name in user agents, and when versions came out.
pub(crate) struct Releases {
    pub(crate) brand: String,
    /// First moment of the simulation, from which versions count.
    pub(crate) start: i64,
    pub(crate) chrome_phase: i64,
    pub(crate) app_phase: i64,
    pub(crate) chrome: i64,
    pub(crate) firefox: i64,
    pub(crate) safari: i64,
    pub(crate) app_major: i64,
    pub(crate) app_minor: i64,
    pub(crate) models: Vec<String>,
}

impl Device {
    /// A phone with the service's application (or, now and then, a browser).
    pub(crate) fn phone(dice: &mut Dice, iphone: bool, from: i64) -> Self {
        let class = if iphone { Class::Iphone } else { Class::Android };
        let client = match (dice.chance(0.85), iphone) {
            (true, _) => Client::Native,
            (false, true) => Client::Safari,
            (false, false) => Client::Chrome,
        };
        Self::made(dice, class, client, from)
    }

    /// A computer with a browser.
    pub(crate) fn computer(dice: &mut Dice, from: i64) -> Self {
        let class = [Class::Windows, Class::Mac, Class::Linux][dice.weighted(&[0.68, 0.26, 0.06])];
        let client = match class {
            Class::Mac => {
                [Client::Chrome, Client::Safari, Client::Firefox][dice.weighted(&[0.5, 0.42, 0.08])]
            }
            Class::Windows | Class::Iphone | Class::Android | Class::Tablet => {
                [Client::Chrome, Client::Edge, Client::Firefox][dice.weighted(&[0.68, 0.2, 0.12])]
            }
            Class::Linux => [Client::Chrome, Client::Firefox][dice.weighted(&[0.45, 0.55])],
        };
        Self::made(dice, class, client, from)
    }

    /// A tablet.
    pub(crate) fn tablet(dice: &mut Dice, from: i64) -> Self {
        let client = if dice.chance(0.5) { Client::Native } else { Client::Safari };
        Self::made(dice, Class::Tablet, client, from)
    }

    /// A machine of the common kinds, as drawn blindly.
    pub(crate) fn any(dice: &mut Dice, from: i64) -> Self {
        if dice.chance(0.6) {
            Self::computer(dice, from)
        } else {
            let iphone = dice.chance(0.4);
            Self::phone(dice, iphone, from)
        }
    }

    fn made(dice: &mut Dice, class: Class, client: Client, from: i64) -> Self {
        Self {
            key: dice.bits(),
            class,
            client,
            lag_ms: dice.exponential(2.5 * DAY as f64) as i64,
            behind: if dice.chance(0.08) { dice.between(1, 9) } else { 0 },
            bare: client != Client::Native && dice.chance(0.03),
            from,
            until: i64::MAX,
        }
    }

    /// The application it acts through.
    pub(crate) fn app(&self) -> &'static str {
        match (self.client, self.class) {
            (Client::Native, Class::Iphone | Class::Tablet) => "app-ios",
            (Client::Native, Class::Android | Class::Windows | Class::Mac | Class::Linux) => "app-android",
            (Client::Chrome | Client::Firefox | Client::Safari | Client::Edge, _) => "web",
        }
    }

    /// Whether it is carried about.
    pub(crate) fn is_phone(&self) -> bool {
        matches!(self.class, Class::Iphone | Class::Android)
    }

    /// Whether it is in use at a moment.
    pub(crate) fn used_at(&self, time: i64) -> bool {
        self.from <= time && time < self.until
    }

    /// The user agent it sends at a moment.
    pub(crate) fn agent(&self, releases: &Releases, time: i64) -> String {
        let since = time - self.lag_ms - releases.start;
        let step = |phase: i64, every: i64| (since - phase).div_euclid(every * DAY);
        let chrome = releases.chrome + step(releases.chrome_phase, 28) - self.behind;
        let firefox = releases.firefox + step(releases.chrome_phase + 9 * DAY, 28) - self.behind;
        let safari = releases.safari + step(releases.chrome_phase + 15 * DAY, 60);
        let model = &releases.models[(mix2(self.key, 3) % releases.models.len() as u64) as usize];
        let system = match self.class {
            Class::Windows => "Windows NT 10.0; Win64; x64",
            Class::Mac => "Macintosh; Intel Mac OS X 10_15_7",
            Class::Linux => "X11; Linux x86_64",
            Class::Iphone => "iPhone; CPU iPhone OS 19_4 like Mac OS X",
            Class::Tablet => "iPad; CPU OS 19_4 like Mac OS X",
            Class::Android => "Linux; Android 10; K",
        };
        let mobile = if self.is_phone() { " Mobile" } else { "" };
        match self.client {
            Client::Native => {
                let minor = releases.app_minor + step(releases.app_phase, 14) - self.behind;
                let os = match self.class {
                    Class::Iphone | Class::Tablet => format!("iOS 19.{}", 2 + mix2(self.key, 4) % 4),
                    Class::Android | Class::Windows | Class::Mac | Class::Linux => {
                        format!("Android {}", 13 + mix2(self.key, 4) % 5)
                    }
                };
                format!("{}/{}.{minor} ({model}; {os})", releases.brand, releases.app_major)
            }
            Client::Chrome => format!(
                "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{chrome}.0.0.0{mobile} Safari/537.36"
            ),
            Client::Edge => format!(
                "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{chrome}.0.0.0 Safari/537.36 Edg/{chrome}.0.0.0"
            ),
            Client::Firefox => {
                format!("Mozilla/5.0 ({system}; rv:{firefox}.0) Gecko/20100101 Firefox/{firefox}.0")
            }
            Client::Safari => format!(
                "Mozilla/5.0 ({system}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.{safari}{} Safari/605.1.15",
                if mobile.is_empty() { "" } else { " Mobile/15E148" }
            ),
        }
    }

    /// How long a session lasts on it before the owner must sign in again.
    pub(crate) fn session_ms(&self, dice: &mut Dice) -> i64 {
        match self.client {
            Client::Native => dice.between(40 * DAY, 200 * DAY),
            Client::Chrome | Client::Firefox | Client::Safari | Client::Edge => {
                dice.lognormal(9.0 * DAY as f64, 0.9).max(2.0 * HOUR as f64) as i64
            }
        }
    }
}

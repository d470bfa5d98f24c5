//! What all accounts of a population share: networks, workplaces, applications, hosts that are linked to.

use super::device::Releases;
use super::dice::{Dice, Purpose, mix2};
use super::lands::{LANDS, land_for};
use super::names;
use super::network::{Address, Provider, Registry, Site, Vpn};
use super::settings::{DAY, Settings, Style};

/// What a third party's application does in its user's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppKind {
    /// Posts what its user wrote elsewhere.
    Crosspost,
    /// Posts its own template with a figure.
    Boast,
    /// A client to read and write with.
    Client,
}

/// A third party's application.
#[derive(Clone, Debug)]
pub(crate) struct ThirdApp {
    pub(crate) name: String,
    pub(crate) kind: AppKind,
    pub(crate) host: String,
    pub(crate) servers: Vec<Address>,
    pub(crate) agent: String,
    /// Which of a language's boasts is its own.
    pub(crate) boast: usize,
}

/// What a population shares.
pub(crate) struct World {
    pub(crate) seed: u64,
    pub(crate) start: i64,
    pub(crate) end: i64,
    pub(crate) days: i64,
    pub(crate) accounts: u32,
    pub(crate) communities: u32,
    pub(crate) releases: Releases,
    pub(crate) providers: Vec<Provider>,
    pub(crate) sites: Vec<Site>,
    pub(crate) vpns: Vec<Vpn>,
    pub(crate) apps: Vec<ThirdApp>,
    pub(crate) hosts: Vec<String>,
    pub(crate) mails: Vec<String>,
    /// Links that everybody shares for two days, and from when.
    viral: Vec<(String, i64)>,
    /// Where the service's own staff and jobs sit.
    pub(crate) staff: Address,
    /// Whether events carry lists of links, mentions and hashtags beside the text.
    pub(crate) lists: bool,
    pub(crate) style: Style,
    /// Whether it is hard: see the settings.
    pub(crate) hard: bool,
}

impl World {
    pub(crate) fn draw(settings: &Settings) -> Self {
        let mut dice = Dice::of(settings.seed, Purpose::World, 0);
        let mut registry = Registry::new();
        let providers: Vec<Provider> = (0..LANDS.len())
            .map(|land| Provider {
                homes: (0..4).map(|_| registry.net(&mut dice, land, 3, 0.7)).collect(),
                mobiles: (0..3).map(|_| registry.net(&mut dice, land, 2, 0.5)).collect(),
                hosts: (0..3).map(|_| registry.net(&mut dice, land, 2, 0.0)).collect(),
            })
            .collect();
        let n = settings.accounts as usize;
        let sites = (0..(n / 25).max(LANDS.len()))
            .map(|i| {
                let land = if i < LANDS.len() { i } else { weighted_land(&mut dice) };
                let net = dice.pick(&providers[land].homes);
                Site { land, address: net.machine(dice.bits()) }
            })
            .collect();
        let vpns = (0..4)
            .map(|_| Vpn {
                exits: (0..dice.between(6, 12))
                    .map(|_| {
                        let land = dice.below(LANDS.len());
                        let net = dice.pick(&providers[land].hosts);
                        (0..dice.between(3, 10)).map(|_| net.machine(dice.bits())).collect()
                    })
                    .collect(),
            })
            .collect();
        let apps = (0..18).map(|_| ThirdApp::draw(&mut dice, &providers)).collect();
        let hosts = (0..(n / 20).clamp(60, 4000)).map(|_| names::host(&mut dice)).collect();
        let mails = (0..7).map(|_| names::host(&mut dice)).collect();
        let viral = (0..2 + settings.days / 3)
            .map(|_| {
                let url = format!("https://{}{}", names::host(&mut dice), names::path(&mut dice));
                (url, dice.between(settings.start_ms() - DAY, settings.end_ms))
            })
            .collect();
        let staff = registry.net(&mut dice, 0, 1, 0.0).machine(1);
        let mut brand = names::word(&mut dice);
        brand[..1].make_ascii_uppercase();
        let start = settings.start_ms();
        let releases = Releases {
            brand,
            start,
            chrome_phase: dice.between(0, 28 * DAY),
            app_phase: dice.between(0, 14 * DAY),
            chrome: dice.between(146, 152),
            firefox: dice.between(148, 154),
            safari: dice.between(2, 5),
            app_major: dice.between(3, 14),
            app_minor: dice.between(12, 60),
            models: (0..40)
                .map(|_| {
                    let maker = names::word(&mut dice).to_uppercase();
                    format!("{}-{}", &maker[..2], dice.between(10, 990))
                })
                .collect(),
        };
        Self {
            seed: settings.seed,
            start,
            end: settings.end_ms,
            days: i64::from(settings.days),
            accounts: settings.accounts,
            communities: (settings.accounts / 60).max(1),
            releases,
            providers,
            sites,
            vpns,
            apps,
            hosts,
            mails,
            viral,
            staff,
            lists: dice.chance(0.6),
            style: settings.style,
            hard: settings.hard,
        }
    }

    /// The name of the n-th account.
    pub(crate) fn account(&self, n: u32) -> String {
        format!("u{:07}", mix2(self.seed, 77) % 90_000_000 / 100 * 10 + u64::from(n))
    }

    /// An opaque id: different for every two (letter, number) of one population.
    pub(crate) fn opaque(&self, letter: char, n: u64) -> String {
        format!("{letter}{:016x}", super::dice::mix(n ^ mix2(self.seed, letter as u64)))
    }

    /// A post's id: the k-th of an account.
    pub(crate) fn post_id(&self, account: u32, k: u64) -> String {
        self.opaque('p', (u64::from(account) << 24) | k)
    }

    /// Whom the k-th place in an account's circle names; mostly people of the same community.
    pub(crate) fn acquaintance(&self, dice: &mut Dice, account: u32) -> u32 {
        let community = account % self.communities;
        let members = (self.accounts - community).div_ceil(self.communities);
        if members < 2 || dice.chance(0.15) {
            return dice.below(self.accounts as usize) as u32;
        }
        dice.below(members as usize) as u32 * self.communities + community
    }

    /// An account that everybody knows; a few far better than the rest.
    pub(crate) fn celebrity(&self, dice: &mut Dice) -> u32 {
        let place = dice.zipf((self.accounts as usize / 40).max(3)) as u64;
        (mix2(self.seed ^ 0xce1e, place) % u64::from(self.accounts)) as u32
    }

    /// A link that goes round at a moment.
    pub(crate) fn viral(&self, dice: &mut Dice, time: i64) -> Option<&str> {
        let round = |v: &&(String, i64)| v.1 <= time && time < v.1 + 2 * DAY;
        let now: Vec<&(String, i64)> = self.viral.iter().filter(round).collect();
        (!now.is_empty()).then(|| dice.pick(&now).0.as_str())
    }

    /// Language and country of an account's community.
    pub(crate) fn community(&self, account: u32) -> (&'static str, usize) {
        let mut dice = Dice::of(self.seed, Purpose::Community, u64::from(account % self.communities));
        let home = weighted_land(&mut dice);
        (LANDS[home].language, home)
    }
}

impl ThirdApp {
    /// A new application, from the one maker for all hands.
    pub(crate) fn draw(dice: &mut Dice, providers: &[Provider]) -> Self {
        let name = names::app(dice);
        let host = names::host(dice);
        let land = weighted_land(dice);
        let net = dice.pick(&providers[land].hosts);
        let servers = (0..dice.between(1, 5)).map(|_| net.machine(dice.bits())).collect();
        let kind = [AppKind::Crosspost, AppKind::Boast, AppKind::Client][dice.weighted(&[0.4, 0.4, 0.2])];
        let agent = format!(
            "{}/{}.{} (+https://{host})",
            name.replace(' ', ""),
            dice.between(0, 6),
            dice.between(0, 30)
        );
        Self { name, kind, host, servers, agent, boast: dice.below(6) }
    }
}

/// A country, by how many live there.
pub(crate) fn weighted_land(dice: &mut Dice) -> usize {
    let weights: Vec<f64> = LANDS.iter().map(|l| l.weight).collect();
    dice.weighted(&weights)
}

/// A country where a language is spoken.
pub(crate) fn land_of(language: &str, dice: &mut Dice) -> usize {
    land_for(language, dice)
}

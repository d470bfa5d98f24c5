//! An owner: where they live, what they use, when they are awake, whom they know, how they can be reached.

use super::device::Device;
use super::dice::{Dice, Purpose};
use super::lands::LANDS;
use super::lexicon::{Lexicon, lexicon};
use super::names;
use super::network::{Address, Line};
use super::settings::{DAY, HOUR};
use super::world::{ThirdApp, World, land_of};
use model::account::{Account, Contact, ContactKind, CredentialKind};
use model::id::AccountId;
use model::secret::Secret;

/// A stay away from home.
#[derive(Clone, Debug)]
pub(crate) struct Trip {
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) land: usize,
    /// Tells hotels apart.
    pub(crate) key: u64,
}

/// A third party's application that the owner let in.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) app: ThirdApp,
    /// When; before the simulation for most.
    pub(crate) since: i64,
    /// Posts a day.
    pub(crate) daily: f64,
}

/// A hand that shares the account by agreement (a team): own hours, own home, own devices.
#[derive(Clone)]
pub(crate) struct Mate {
    pub(crate) from: i64,
    pub(crate) life: Person,
}

/// How an owner uses a VPN.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tunnel {
    pub(crate) vpn: usize,
    pub(crate) from: i64,
    /// Share of visits through it.
    pub(crate) share: f64,
}

/// Where they work or learn, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Workplace {
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) site: usize,
}

/// An owner.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) n: u32,
    /// Events in 30 days.
    pub(crate) monthly: f64,
    pub(crate) words: &'static Lexicon,
    /// Minutes east of UTC, and from when on.
    pub(crate) offsets: Vec<(i64, i64)>,
    /// Hours of the day (local) around which they are active, with weights.
    pub(crate) peaks: Vec<(f64, f64)>,
    /// Like, post, message, follow, other.
    pub(crate) mix: [f64; 5],
    pub(crate) topics: [usize; 2],
    /// Shares of posts with a link, hashtags, a mention, an emoji; of visits made on a phone away from home.
    pub(crate) links: f64,
    pub(crate) hashes: f64,
    pub(crate) mentions: f64,
    pub(crate) emoji: f64,
    pub(crate) roams: f64,
    pub(crate) homes: Vec<(i64, Line)>,
    pub(crate) mobiles: Vec<(i64, usize, usize)>,
    pub(crate) subscriber: u64,
    pub(crate) site: Option<Workplace>,
    pub(crate) devices: Vec<Device>,
    pub(crate) friends: Vec<u32>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) tunnel: Option<Tunnel>,
    pub(crate) trips: Vec<Trip>,
    pub(crate) silences: Vec<(i64, i64)>,
    pub(crate) mates: Vec<Mate>,
    /// When all sessions were ended (a new password).
    pub(crate) cuts: Vec<i64>,
    /// A machine of theirs that stands in a data centre.
    pub(crate) cloud: Option<(usize, Address)>,
    pub(crate) favourites: Vec<usize>,
    /// Advertises, as shops and clubs do.
    pub(crate) promotes: bool,
    /// Where buyers are asked to pay or call, for those who sell.
    pub(crate) handle: Option<String>,
    pub(crate) record: Account,
}

impl Person {
    /// The owner of the n-th account.
    pub(crate) fn draw(world: &World, n: u32) -> Self {
        let mut dice = Dice::of(world.seed, Purpose::Person, u64::from(n));
        let dice = &mut dice;
        let (community_language, community_land) = world.community(n);
        let land = match dice.below(20) {
            0 => super::world::weighted_land(dice),
            1..=3 => land_of(community_language, dice),
            _ => community_land,
        };
        let words = lexicon(LANDS[land].language);
        let zone = *dice.pick(LANDS[land].zones);
        // a heavy tail: half of all have under twenty events a month, some have hundreds
        let monthly = if dice.chance(0.12) { 2.0 } else { dice.lognormal(22.0, 1.15).clamp(2.0, 900.0) };
        let subscriber = dice.bits();
        let home = line(dice, land);
        let mobile = dice.weighted(&[0.5, 0.3, 0.2]);
        let iphone = dice.chance(0.42);
        let mut devices = Vec::new();
        if dice.chance(0.93) {
            devices.push(Device::phone(dice, iphone, i64::MIN));
        }
        if dice.chance(0.62) || devices.is_empty() {
            devices.push(Device::computer(dice, i64::MIN));
        }
        if dice.chance(0.2) {
            devices.push(Device::computer(dice, i64::MIN));
        }
        if dice.chance(0.14) {
            devices.push(Device::tablet(dice, i64::MIN));
        }
        let site = dice.chance(0.45).then(|| pick_site(world, dice, land)).flatten();
        let friends =
            (0..dice.between(4, 30)).map(|_| world.acquaintance(dice, n)).filter(|f| *f != n).collect();
        let grants = (0..dice.weighted(&[0.72, 0.22, 0.06]))
            .map(|_| Grant {
                app: world.apps[dice.zipf(world.apps.len())].clone(),
                since: if dice.chance(0.85) { i64::MIN } else { dice.between(world.start, world.end) },
                daily: dice.lognormal(0.12, 0.8).min(2.0) * (monthly / 30.0).min(2.0),
            })
            .collect();
        let tunnel = dice.chance(0.035).then(|| Tunnel {
            vpn: dice.below(world.vpns.len()),
            from: i64::MIN,
            share: dice.real(0.3, 1.0),
        });
        let promotes = dice.chance(0.012);
        let shape =
            [dice.real(0.2, 1.0), dice.real(0.1, 1.0), dice.real(0.05, 0.9), dice.real(0.01, 0.12), 0.05];
        let mut person = Self {
            n,
            monthly: if promotes { monthly.max(30.0) } else { monthly },
            words,
            offsets: vec![(i64::MIN, zone.1)],
            peaks: peaks(dice),
            mix: shape,
            topics: [dice.below(6), dice.below(6)],
            links: dice.real(0.0, 0.25),
            hashes: dice.real(0.0, 0.4),
            mentions: dice.real(0.0, 0.3),
            emoji: dice.real(0.0, 0.6),
            roams: dice.real(0.1, 0.5),
            homes: vec![(i64::MIN, home)],
            mobiles: vec![(i64::MIN, land, mobile)],
            subscriber,
            site: site.map(|site| Workplace { from: i64::MIN, until: i64::MAX, site }),
            devices,
            friends,
            grants,
            tunnel,
            trips: Vec::new(),
            silences: Vec::new(),
            mates: Vec::new(),
            cuts: Vec::new(),
            cloud: None,
            favourites: (0..5).map(|_| dice.zipf(world.hosts.len())).collect(),
            promotes,
            handle: None,
            record: Account::unknown(AccountId::new(world.account(n))),
        };
        if dice.chance(0.05) {
            // ordinary holidays; those of the look-alikes come on top
            let from = dice.between(world.start, world.end);
            let land = super::world::weighted_land(dice);
            let until = from + dice.between(2 * DAY, 9 * DAY);
            person.trips.push(Trip { from, until, land, key: dice.bits() });
        }
        person.record = record(world, dice, &person, zone.0);
        person
    }

    /// Minutes east of UTC at a moment, trips included.
    pub(crate) fn offset_ms(&self, time: i64) -> i64 {
        let minutes = match self.trip(time) {
            Some(trip) => LANDS[trip.land].zones[0].1,
            None => latest(&self.offsets, time, |o| o.0).1,
        };
        minutes * super::settings::MINUTE
    }

    /// The trip they are on.
    pub(crate) fn trip(&self, time: i64) -> Option<&Trip> {
        self.trips.iter().find(|t| t.from <= time && time < t.until)
    }

    /// The line into their home at a moment.
    pub(crate) fn home(&self, time: i64) -> &Line {
        &latest(&self.homes, time, |h| h.0).1
    }

    /// Country and carrier of their phone.
    pub(crate) fn carrier(&self, time: i64) -> (usize, usize) {
        let mobile = latest(&self.mobiles, time, |m| m.0);
        (mobile.1, mobile.2)
    }

    /// Whether they keep away from the service.
    pub(crate) fn silent(&self, time: i64) -> bool {
        self.silences.iter().any(|s| s.0 <= time && time < s.1)
    }

    /// Country they live in at a moment.
    pub(crate) fn land(&self, time: i64) -> usize {
        self.home(time).land
    }

    /// Whether the account signs in by password.
    pub(crate) fn has_password(&self) -> bool {
        self.record.credentials.as_ref().is_some_and(|c| c.contains(&CredentialKind::Password))
    }

    /// A likely local hour of activity.
    pub(crate) fn hour(&self, dice: &mut Dice) -> f64 {
        let weights: Vec<f64> = self.peaks.iter().map(|p| p.1).collect();
        let peak = self.peaks[dice.weighted(&weights)].0;
        if dice.chance(0.06) {
            return dice.real(0.0, 24.0);
        }
        (peak + 1.3 * dice.normal()).rem_euclid(24.0)
    }
}

/// The entry in force at a moment: the last whose start is not after it.
fn latest<T>(list: &[T], time: i64, start: impl Fn(&T) -> i64) -> &T {
    list.iter().rev().find(|x| start(x) <= time).unwrap_or(&list[0])
}

/// A line into a home in a country.
pub(crate) fn line(dice: &mut Dice, land: usize) -> Line {
    Line {
        land,
        net: dice.weighted(&[0.45, 0.25, 0.2, 0.1]),
        subscriber: dice.bits(),
        lease_days: [0, 1, 7, 30][dice.weighted(&[0.35, 0.2, 0.25, 0.2])],
        v6: dice.chance(0.65),
    }
}

/// A workplace or school in a country.
pub(crate) fn pick_site(world: &World, dice: &mut Dice, land: usize) -> Option<usize> {
    (0..24).map(|_| dice.below(world.sites.len())).find(|s| world.sites[*s].land == land)
}

/// Morning, noon and evening as this person has them; some are owls.
pub(crate) fn peaks(dice: &mut Dice) -> Vec<(f64, f64)> {
    let late = dice.normal() * 1.2;
    vec![
        (7.6 + late, dice.real(0.2, 1.0)),
        (12.6 + late * 0.5, dice.real(0.1, 0.8)),
        (17.8 + late, dice.real(0.1, 0.8)),
        (21.0 + late, dice.real(0.4, 1.4)),
    ]
}

fn record(world: &World, dice: &mut Dice, person: &Person, zone: &str) -> Account {
    let created = world.start - (dice.unit().powf(0.7) * 3000.0 * DAY as f64) as i64 - 20 * DAY;
    let verified = |dice: &mut Dice, since: i64| Some(since + dice.between(20_000, 2 * HOUR));
    let mut contacts = Vec::new();
    let form = dice.weighted(&[0.90, 0.04, 0.03, 0.03]);
    if form <= 1 {
        // the mail of the day of joining, or a later one
        let since = if dice.chance(0.7) { created } else { dice.between(created, world.start - 3 * DAY) };
        let verified_at = if form == 0 { verified(dice, since) } else { None };
        let value = Secret::new(names::mail(dice, &world.mails));
        contacts.push(Contact { kind: ContactKind::Mail, value, verified_at, since: Some(since) });
    }
    if form == 2 || (form == 0 && dice.chance(0.3)) {
        let since = dice.between(created, world.start - 3 * DAY);
        let value = Secret::new(format!("+{}555{:07}", dice.between(10, 99), dice.between(0, 10_000_000)));
        let verified_at = verified(dice, since);
        contacts.push(Contact { kind: ContactKind::Phone, value, verified_at, since: Some(since) });
    }
    use CredentialKind::{AppPassword, Passkey, Password, Sso};
    let credentials = match dice.weighted(&[0.79, 0.07, 0.03, 0.09, 0.02]) {
        0 => vec![Password],
        1 => vec![Password, Passkey],
        2 => vec![Password, AppPassword],
        3 => vec![Sso],
        _ => vec![Passkey],
    };
    let segment = ["consumer", "creator", "business", "education"][dice.weighted(&[0.78, 0.08, 0.08, 0.06])];
    let tenant = (segment == "business" || segment == "education")
        .then(|| format!("t{:03}", person.site.map_or_else(|| dice.below(400), |w| w.site % 400)));
    Account {
        account: person.record.account.clone(),
        created: Some(created),
        segment: Some(segment.to_owned()),
        tenant,
        language: Some(person.words.code.to_owned()),
        time_zone: Some(zone.to_owned()),
        active: Some(true),
        credentials: Some(credentials),
        contacts: Some(contacts),
        protected: Some(dice.chance(0.003)),
        at_risk: Some(dice.chance(0.003)),
        service: Some(false),
        sentinel: Some(dice.chance(0.002)),
        probe: None,
    }
}

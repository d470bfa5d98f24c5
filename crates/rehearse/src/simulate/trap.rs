//! Benign lives that look like an intruder's: what is planted on an account, and what its owner does then.

use super::device::Device;
use super::dice::{Dice, Purpose};
use super::lands::LANDS;
use super::network::Address;
use super::person::{Grant, Mate, Person, Trip, Tunnel, Workplace, line};
use super::settings::{DAY, HOUR, MINUTE};
use super::world::{AppKind, ThirdApp, World, weighted_land};

/// A benign look-alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Trap {
    Travel,
    NewPhone,
    ReturnNewPhone,
    Team,
    PopularApp,
    Petition,
    FailedStuffing,
    ReportMob,
    ForgottenPassword,
    SecuritySitting,
    SharedAddress,
    Vpn,
    MovedAbroad,
    CloudDesktop,
    Season,
    Giveaway,
    StaffChange,
    Household,
    Shop,
    RenamedApp,
    BrokenProxy,
    CarrierRenumbered,
    DroppedField,
    PasswordsAsked,
}

impl Trap {
    /// Those that are planted on chosen accounts; the others come by themselves.
    pub(crate) const PLANTED: [Self; 17] = [
        Self::Travel,
        Self::NewPhone,
        Self::ReturnNewPhone,
        Self::Team,
        Self::PopularApp,
        Self::Petition,
        Self::ReportMob,
        Self::ForgottenPassword,
        Self::SecuritySitting,
        Self::SharedAddress,
        Self::Vpn,
        Self::MovedAbroad,
        Self::CloudDesktop,
        Self::Season,
        Self::Giveaway,
        Self::StaffChange,
        Self::Household,
    ];

    /// The name in `traps.json`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Travel => "travel",
            Self::NewPhone => "new_phone",
            Self::ReturnNewPhone => "return_new_phone",
            Self::Team => "team_two_continents",
            Self::PopularApp => "popular_app",
            Self::Petition => "petition",
            Self::FailedStuffing => "failed_stuffing",
            Self::ReportMob => "report_mob",
            Self::ForgottenPassword => "forgotten_password",
            Self::SecuritySitting => "security_sitting",
            Self::SharedAddress => "shared_address",
            Self::Vpn => "vpn",
            Self::MovedAbroad => "moved_abroad",
            Self::CloudDesktop => "cloud_desktop",
            Self::Season => "season",
            Self::Giveaway => "giveaway",
            Self::StaffChange => "staff_change",
            Self::Household => "household",
            Self::Shop => "shop",
            Self::RenamedApp => "renamed_app",
            Self::BrokenProxy => "broken_proxy",
            Self::CarrierRenumbered => "carrier_renumbered",
            Self::DroppedField => "dropped_field",
            Self::PasswordsAsked => "passwords_asked",
        }
    }

    /// Whether it can happen to a person.
    pub(crate) fn fits(self, person: &Person) -> bool {
        match self {
            Self::ForgottenPassword | Self::SecuritySitting | Self::StaffChange => person.has_password(),
            Self::Team => person.mates.is_empty(),
            Self::Travel
            | Self::NewPhone
            | Self::ReturnNewPhone
            | Self::PopularApp
            | Self::Petition
            | Self::FailedStuffing
            | Self::ReportMob
            | Self::SharedAddress
            | Self::Vpn
            | Self::MovedAbroad
            | Self::CloudDesktop
            | Self::Season
            | Self::Giveaway
            | Self::Household
            | Self::Shop
            | Self::RenamedApp
            | Self::BrokenProxy
            | Self::CarrierRenumbered
            | Self::DroppedField
            | Self::PasswordsAsked => true,
        }
    }

    /// A second account that shares it.
    pub(crate) fn partner(self, world: &World, n: u32) -> Option<u32> {
        let other = n ^ 1;
        (self == Self::Household && other < world.accounts).then_some(other)
    }
}

/// What look-alikes have in common with each other: the application of the week, the petition, the term.
#[derive(Default)]
pub(crate) struct Groups {
    pub(crate) apps: Vec<(ThirdApp, i64)>,
    /// Which cause, its page, when it began.
    pub(crate) petitions: Vec<(usize, String, i64)>,
    pub(crate) term_start: i64,
    /// Account that gives something away, and when.
    pub(crate) giveaways: Vec<(u32, i64)>,
}

impl Groups {
    pub(crate) fn draw(world: &World, dice: &mut Dice) -> Self {
        let when =
            |dice: &mut Dice| world.start + ((world.end - world.start) as f64 * dice.real(0.35, 0.88)) as i64;
        Self {
            apps: (0..2)
                .map(|k| {
                    let mut app = ThirdApp::draw(dice, &world.providers);
                    app.kind = if k == 0 { AppKind::Boast } else { app.kind };
                    (app, when(dice))
                })
                .collect(),
            petitions: (0..3)
                .map(|_| {
                    let url = format!("https://{}{}", super::names::host(dice), super::names::path(dice));
                    (dice.below(64), url, when(dice))
                })
                .collect(),
            term_start: when(dice),
            giveaways: (0..2).map(|_| (dice.below(world.accounts as usize) as u32, when(dice))).collect(),
        }
    }
}

/// A look-alike as it will be played on one account.
#[derive(Clone, Debug)]
pub(crate) struct Planted {
    pub(crate) trap: Trap,
    pub(crate) at: i64,
}

/// Changes a person's life before it is played.
pub(crate) fn prepare(
    trap: Trap,
    world: &World,
    groups: &Groups,
    person: &mut Person,
    dice: &mut Dice,
) -> Planted {
    let span = (world.end - world.start) as f64;
    let at = world.start + (span * dice.real(0.3, 0.93)) as i64;
    match trap {
        Trap::Travel => {
            let land = other_land(dice, person.land(at));
            let until = at + dice.between(3 * DAY, 12 * DAY);
            person.trips.push(Trip { from: at, until, land, key: dice.bits() });
        }
        Trap::NewPhone => new_phone(person, at, dice),
        Trap::ReturnNewPhone => {
            person.silences.push((world.start + dice.between(0, 3 * DAY), at));
            new_phone(person, at, dice);
            if dice.chance(0.4) {
                let land = person.land(at);
                person.homes.push((at - DAY, line(dice, land)));
            }
        }
        Trap::Team => {
            for k in 0..1 + dice.below(3) as u32 {
                let mut mate = colleague(world, person, k, dice);
                mate.from = if k == 0 && dice.chance(0.6) { world.start } else { at };
                person.mates.push(mate);
            }
        }
        Trap::PopularApp => {
            let (app, since) = &groups.apps[usize::from(dice.chance(0.3))];
            let since = since + dice.between(0, 4 * DAY);
            person.grants.push(Grant { app: app.clone(), since, daily: dice.lognormal(0.7, 0.5) });
        }
        Trap::SharedAddress => {
            // a term begins: machines of the school's own, one address for all
            // the first places of the list are one a country
            let site = person.land(at);
            person.site = Some(Workplace { from: groups.term_start, until: i64::MAX, site });
            let lab = (site as u64) << 8 | dice.below(8) as u64;
            let shared = &mut Dice::of(world.seed, Purpose::Trap, lab);
            person.devices.push(Device::computer(shared, groups.term_start));
            return Planted { trap, at: groups.term_start };
        }
        Trap::Vpn => {
            let vpn = dice.below(world.vpns.len());
            person.tunnel = Some(Tunnel { vpn, from: at, share: dice.real(0.5, 1.0) });
        }
        Trap::MovedAbroad => {
            let land = other_land(dice, person.land(at));
            person.homes.push((at, line(dice, land)));
            person.mobiles.push((at + dice.between(0, 4 * DAY), land, dice.below(3)));
            person.offsets.push((at, LANDS[land].zones[0].1));
            if let Some(work) = &mut person.site {
                work.until = at;
            }
            if dice.chance(0.4) {
                new_phone(person, at + dice.between(2 * DAY, 12 * DAY), dice);
            }
        }
        Trap::CloudDesktop => {
            let land = if dice.chance(0.5) { person.land(at) } else { weighted_land(dice) };
            let net = dice.pick(&world.providers[land].hosts);
            let address: Address = net.machine(dice.bits());
            person.devices.push(Device::computer(dice, at));
            person.cloud = Some((person.devices.len() - 1, address));
        }
        Trap::Season => {
            let now = person.offsets[0].1;
            let hours = if dice.chance(0.5) { dice.between(1, 5) } else { -dice.between(1, 5) };
            person.offsets.push((at, now + 60 * hours));
        }
        Trap::Household => {
            let pair = person.n / 2;
            let shared = &mut Dice::of(world.seed, Purpose::Trap, (1 << 40) | u64::from(pair));
            let land = person.land(at);
            let mut home = line(shared, land);
            home.land = land;
            let tablet = Device::tablet(shared, i64::MIN);
            person.homes = vec![(i64::MIN, home)];
            person.devices.push(tablet);
        }
        Trap::ForgottenPassword => person.cuts.push(at + 4 * MINUTE),
        Trap::SecuritySitting if world.hard && dice.chance(0.4) => {
            new_phone(person, at, dice);
            let land = if dice.chance(0.15) { other_land(dice, person.land(at)) } else { person.land(at) };
            person.homes.push((at - HOUR, line(dice, land)));
            person.cuts.push(at + 15 * MINUTE);
        }
        Trap::StaffChange | Trap::SecuritySitting => person.cuts.push(at + 15 * MINUTE),
        Trap::Petition => {
            let (_, _, since) = &groups.petitions[dice.below(groups.petitions.len())];
            return Planted { trap, at: since + dice.exponential(14.0 * HOUR as f64) as i64 };
        }
        Trap::Giveaway => {
            let (_, since) = groups.giveaways[dice.below(groups.giveaways.len())];
            return Planted { trap, at: since + dice.exponential(6.0 * HOUR as f64) as i64 };
        }
        Trap::FailedStuffing
        | Trap::ReportMob
        | Trap::Shop
        | Trap::RenamedApp
        | Trap::BrokenProxy
        | Trap::CarrierRenumbered
        | Trap::DroppedField
        | Trap::PasswordsAsked => {}
    }
    Planted { trap, at }
}

fn other_land(dice: &mut Dice, home: usize) -> usize {
    let land = weighted_land(dice);
    if land == home { (land + 1 + dice.below(LANDS.len() - 1)) % LANDS.len() } else { land }
}

/// The old phone goes in a drawer, at once or some days later.
fn new_phone(person: &mut Person, at: i64, dice: &mut Dice) {
    let retired = at + if dice.chance(0.6) { 0 } else { dice.between(DAY, 5 * DAY) };
    let iphone = match person.devices.iter().find(|d| d.is_phone()) {
        Some(old) => (old.class == super::device::Class::Iphone) != dice.chance(0.15),
        None => dice.chance(0.4),
    };
    for old in person.devices.iter_mut().filter(|d| d.is_phone()) {
        old.until = old.until.min(retired);
    }
    person.devices.push(Device::phone(dice, iphone, at));
}

/// Somebody on another continent who shares the account, writing in its language.
fn colleague(world: &World, person: &Person, k: u32, dice: &mut Dice) -> Mate {
    let stranger = person.n + world.accounts * (k + 1);
    let mut life = Person::draw(world, stranger);
    let here = person.land(world.start);
    let land = (0..20).map(|_| weighted_land(dice)).find(|l| far(*l, here)).unwrap_or(0);
    life.n = person.n;
    life.words = person.words;
    life.topics = person.topics;
    life.mix = person.mix;
    life.friends.clone_from(&person.friends);
    life.favourites.clone_from(&person.favourites);
    life.homes = vec![(i64::MIN, line(dice, land))];
    life.mobiles = vec![(i64::MIN, land, dice.below(3))];
    life.offsets = vec![(i64::MIN, LANDS[land].zones[0].1)];
    life.site = None;
    life.grants.clear();
    life.trips.clear();
    life.tunnel = None;
    life.monthly = (person.monthly * dice.real(0.4, 1.2)).max(8.0);
    Mate { from: world.start, life }
}

fn far(a: usize, b: usize) -> bool {
    (LANDS[a].zones[0].1 - LANDS[b].zones[0].1).abs() >= 240
}

//! A wave: one group of intruders with its machines, its words and its habits, all drawn from the seed.
//!
//! Names, addresses, devices and texts come from the same makers as the owners' own.

use super::device::Device;
use super::dice::{Dice, mix2};
use super::lands::LANDS;
use super::network::{Address, Line};
use super::person::Person;
use super::scene::{Means, Scene};
use super::settings::{Attack, DAY, HOUR, MINUTE};
use super::text::{Lure, Variation};
use super::world::{ThirdApp, World, weighted_land};

/// Where a wave's connections come from.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// A few rented machines.
    Rented(Vec<Address>),
    /// Other people's home lines, one a victim; in the victim's country, or anywhere.
    Homes { same_country: bool },
    /// Shared exits of a VPN that customers use too.
    Vpn(usize),
    /// Phones on one carrier.
    Carrier { land: usize, net: usize },
}

/// What a wave's machines show as a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cookie {
    PerAccount,
    PerSession,
    Shared,
    Absent,
}

/// One group of intruders.
#[derive(Clone, Debug)]
pub(crate) struct Wave {
    pub(crate) attack: Attack,
    pub(crate) start: i64,
    pub(crate) span_ms: i64,
    pub(crate) source: Source,
    pub(crate) cookie: Cookie,
    /// Machines whose user agents it shows.
    pub(crate) machines: Vec<Device>,
    /// Whether it shows the victim's own user agent where it has seen it.
    pub(crate) mimics: bool,
    pub(crate) lure: Lure,
    /// Accounts it follows or likes for whoever pays.
    pub(crate) targets: Vec<u32>,
    pub(crate) app: Option<ThirdApp>,
    /// The run of tried passwords its victims come from.
    pub(crate) run: Option<usize>,
    /// How much it does, around 1.
    pub(crate) vigour: f64,
    /// Posts rather than messages, 0 to 1.
    pub(crate) public: f64,
    /// When it acts in common, where it does.
    pub(crate) commands: Vec<i64>,
    /// Worm: uses the victim's own session. Lock-out: changes the phone too.
    pub(crate) variant: bool,
}

impl Wave {
    pub(crate) fn draw(world: &World, attack: Attack, run: Option<usize>, dice: &mut Dice) -> Self {
        let span = world.end - world.start;
        let start = world.start + (span as f64 * dice.real(0.33, 0.94)) as i64;
        let span_ms = match attack {
            Attack::StuffingSpam | Attack::Sleeper => dice.lognormal(14.0 * HOUR as f64, 0.8),
            Attack::Worm => dice.lognormal(20.0 * HOUR as f64, 0.6),
            Attack::OauthApp | Attack::LowAndSlow => dice.lognormal(4.0 * DAY as f64, 0.4),
            Attack::SessionTheft | Attack::Lockout => dice.lognormal(2.5 * DAY as f64, 0.7),
            Attack::FollowFarm => dice.lognormal(1.5 * DAY as f64, 0.7),
        } as i64;
        let variation = match attack {
            Attack::LowAndSlow => [Variation::Fresh, Variation::Spun][dice.weighted(&[0.7, 0.3])],
            Attack::StuffingSpam
            | Attack::Worm
            | Attack::OauthApp
            | Attack::SessionTheft
            | Attack::Lockout
            | Attack::FollowFarm
            | Attack::Sleeper => {
                [Variation::Stamped, Variation::Spun, Variation::Fresh][dice.weighted(&[0.45, 0.42, 0.13])]
            }
        };
        let commands =
            (0..dice.between(2, 7)).map(|_| start + (span as f64 * dice.real(0.02, 0.3)) as i64).collect();
        Self {
            attack,
            start,
            span_ms: span_ms.clamp(2 * HOUR, 6 * DAY),
            source: source(world, attack, dice),
            cookie: [Cookie::PerAccount, Cookie::PerSession, Cookie::Shared, Cookie::Absent]
                [dice.weighted(&[0.5, 0.25, 0.12, 0.13])],
            machines: (0..dice.between(1, 7)).map(|_| Device::any(dice, i64::MIN)).collect(),
            mimics: dice.chance(0.4),
            targets: (0..dice.between(15, 60)).map(|_| dice.below(world.accounts as usize) as u32).collect(),
            app: (attack == Attack::OauthApp).then(|| ThirdApp::draw(dice, &world.providers)),
            run,
            vigour: dice.lognormal(1.0, 0.4),
            public: dice.unit(),
            commands,
            variant: dice.chance(0.35),
            lure: Lure::draw(world, dice, variation),
        }
    }

    /// An address for a victim; the same for the same `visit`.
    pub(crate) fn address(&self, world: &World, victim: &Person, visit: u64, time: i64) -> Address {
        let key = mix2(visit, u64::from(victim.n));
        match &self.source {
            Source::Rented(list) => list[(key % list.len() as u64) as usize].clone(),
            Source::Homes { same_country } => {
                let mut dice = Dice::of(world.seed, super::dice::Purpose::Intruder, key >> 24);
                let land = if *same_country { victim.land(time) } else { weighted_land(&mut dice) };
                let net = dice.weighted(&[0.45, 0.25, 0.2, 0.1]);
                let line = Line { land, net, subscriber: key, lease_days: 7, v6: dice.chance(0.3) };
                world.providers[land].homes[net].home(&line, key, time)
            }
            Source::Vpn(vpn) => {
                let exits = &world.vpns[*vpn].exits;
                let exit = &exits[(key % exits.len() as u64) as usize];
                exit[(key >> 16) as usize % exit.len()].clone()
            }
            Source::Carrier { land, net } => world.providers[*land].mobiles[*net].mobile(key, time),
        }
    }

    /// The intruder's own session on a victim: machine, device id and address by the wave's habits.
    pub(crate) fn enter(&self, scene: &mut Scene<'_>, victim: &Person, visit: u64, time: i64) -> Means {
        let world = scene.world;
        let key =
            mix2(scene.key(self.start as u64), if self.cookie == Cookie::PerSession { visit } else { 0 });
        let own = &self.machines[(key % self.machines.len() as u64) as usize];
        let seen = victim.devices.iter().find(|d| d.used_at(time));
        let model = match (self.mimics, seen) {
            (true, Some(seen)) => seen,
            _ => own,
        };
        let mut machine = model.clone();
        machine.key = match self.cookie {
            Cookie::PerAccount | Cookie::PerSession | Cookie::Absent => key,
            Cookie::Shared => own.key,
        };
        let session = scene.session();
        let mut means = scene.means(&machine, session, self.address(world, victim, visit, time), time);
        means.agent = Some(model.agent(&world.releases, time));
        if self.cookie == Cookie::Absent {
            means.device = None;
        }
        means
    }

    /// Some minutes, by the wave's vigour.
    pub(crate) fn pause(&self, dice: &mut Dice, mean_ms: i64) -> i64 {
        4000 + dice.exponential(mean_ms as f64 / self.vigour) as i64
    }
}

fn source(world: &World, attack: Attack, dice: &mut Dice) -> Source {
    let rented = |dice: &mut Dice| {
        let land = weighted_land(dice);
        let net = dice.pick(&world.providers[land].hosts);
        Source::Rented((0..dice.between(2, 30)).map(|_| net.machine(dice.bits())).collect())
    };
    if attack == Attack::LowAndSlow {
        return Source::Homes { same_country: true };
    }
    match dice.weighted(&[0.4, 0.2, 0.2, 0.1, 0.1]) {
        0 => rented(dice),
        1 => Source::Homes { same_country: false },
        2 => Source::Homes { same_country: true },
        3 => Source::Vpn(dice.below(world.vpns.len())),
        _ => {
            let land = weighted_land(dice);
            Source::Carrier { land, net: dice.below(world.providers[land].mobiles.len()) }
        }
    }
}

/// A run of tried passwords: machines that fail on thousands and succeed on a few.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) start: i64,
    pub(crate) span_ms: i64,
    addresses: Vec<Address>,
    machines: Vec<Device>,
    with_device: bool,
}

impl Run {
    pub(crate) fn draw(world: &World, start: i64, tries: usize, dice: &mut Dice) -> Self {
        let addresses = if dice.chance(0.6) {
            let land = weighted_land(dice);
            let net = dice.pick(&world.providers[land].hosts);
            (0..dice.between(3, 25)).map(|_| net.machine(dice.bits())).collect()
        } else {
            let each = dice.between(4, 20) as usize;
            (0..(tries / each).max(3))
                .map(|_| {
                    let land = weighted_land(dice);
                    let net = dice.below(LANDS.len().min(4));
                    let line = Line { land, net, subscriber: dice.bits(), lease_days: 0, v6: false };
                    world.providers[land].homes[net].home(&line, 0, start)
                })
                .collect()
        };
        Self {
            start,
            span_ms: dice.lognormal(10.0 * HOUR as f64, 0.9).clamp(HOUR as f64, 4.0 * DAY as f64) as i64,
            addresses,
            machines: (0..dice.between(1, 5)).map(|_| Device::any(dice, i64::MIN)).collect(),
            with_device: dice.chance(0.5),
        }
    }

    /// A moment within the run.
    pub(crate) fn moment(&self, dice: &mut Dice) -> i64 {
        self.start + dice.between(MINUTE, self.span_ms.max(2 * MINUTE))
    }

    /// By what a password is tried on an account.
    pub(crate) fn means(&self, scene: &Scene<'_>, time: i64, dice: &mut Dice) -> Means {
        let machine = dice.pick(&self.machines);
        let key = dice.bits();
        Means {
            session: None,
            device: self.with_device.then(|| scene.world.opaque('d', key)),
            address: Some(dice.pick(&self.addresses).clone()),
            agent: Some(machine.agent(&scene.world.releases, time)),
            app: Some(machine.app().to_owned()),
        }
    }
}

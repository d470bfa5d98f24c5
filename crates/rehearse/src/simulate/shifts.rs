//! Changes that the service or a carrier makes on many at once; written over the events of both hands alike.

use super::dice::{Dice, mix2};
use super::lands::LANDS;
use super::network::{Address, Net, Registry};
use super::settings::{DAY, HOUR, Settings, Shift};
use super::trap::Trap;
use super::world::World;
use model::event::{Event, Initiator};
use model::id::AppId;

/// A shift with its moment and values.
pub(crate) enum Laid {
    Renamed { since: i64, name: AppId },
    Proxy { since: i64, until: i64, one_in: u64, address: Address, key: u64 },
    Carrier { since: i64, former: u32, net: Net },
    NoDevice { since: i64 },
    NoAgent { since: i64, until: i64 },
    NewPasswords { since: i64 },
}

/// Lays the settings' shifts into the time of a population.
pub(crate) fn lay(settings: &Settings, world: &World, dice: &mut Dice) -> Vec<Laid> {
    let span = (world.end - world.start) as f64;
    let mut laid = Vec::new();
    for shift in &settings.shifts {
        let since = world.start + (span * dice.real(0.35, 0.85)) as i64;
        let proxy = |dice: &mut Dice, until, one_in| Laid::Proxy {
            since,
            until,
            one_in,
            address: Address {
                ip: format!("198.51.100.{}", dice.between(2, 250)),
                asn: world.staff.asn,
                country: world.staff.country,
            },
            key: dice.bits(),
        };
        laid.push(match shift {
            Shift::RenamedApp => {
                let ending = dice.one(&["2", "-next", "-mobile", "-x"]);
                Laid::Renamed { since, name: AppId::new(format!("app-android{ending}")) }
            }
            Shift::ProxyEverybody => {
                let hours = dice.between(8, 48);
                proxy(dice, since + hours * HOUR, 1)
            }
            Shift::ProxyTwentieth => proxy(dice, i64::MAX, 20),
            Shift::CarrierRenumbered => {
                let weights: Vec<f64> = LANDS.iter().map(|l| l.weight * l.weight).collect();
                let land = dice.weighted(&weights);
                let former = world.providers[land].homes[0].asn;
                let net = Registry::new().net(dice, land, 3, 1.0);
                Laid::Carrier { since, former, net }
            }
            Shift::DroppedDevice => Laid::NoDevice { since },
            Shift::DroppedAgent => Laid::NoAgent { since, until: since + dice.between(1, 6) * DAY },
            Shift::PasswordsAsked => Laid::NewPasswords { since },
        });
    }
    laid
}

impl Laid {
    /// Writes the shift over an event, where it meets it.
    pub(crate) fn apply(&self, event: &mut Event, n: u32) -> Option<Trap> {
        if event.ip.is_none() || event.initiator.is_some_and(|i| i != Initiator::User) {
            return None;
        }
        match self {
            Self::Renamed { since, name } => {
                let hit =
                    event.time >= *since && event.app.as_ref().is_some_and(|a| a.as_str() == "app-android");
                hit.then(|| {
                    event.app = Some(name.clone());
                    Trap::RenamedApp
                })
            }
            Self::Proxy { since, until, one_in, address, key } => {
                let time = (*since..*until).contains(&event.time);
                (time && mix2(*key, u64::from(n)).is_multiple_of(*one_in)).then(|| {
                    event.ip = Some(address.ip.clone());
                    event.asn = Some(address.asn);
                    event.country = Some(address.country.to_owned());
                    Trap::BrokenProxy
                })
            }
            Self::Carrier { since, former, net } => {
                // moved within a day, line by line
                let own = since + (mix2(u64::from(n), 5) % DAY as u64) as i64;
                (event.asn == Some(*former) && event.time >= own).then(|| {
                    let key = event.ip.as_deref().map_or(0, hash);
                    let moved = net.machine(key);
                    event.ip = Some(moved.ip);
                    event.asn = Some(moved.asn);
                    Trap::CarrierRenumbered
                })
            }
            Self::NoDevice { since } => {
                (event.time >= *since && event.device.take().is_some()).then_some(Trap::DroppedField)
            }
            Self::NoAgent { since, until } => ((*since..*until).contains(&event.time)
                && event.user_agent.take().is_some())
            .then_some(Trap::DroppedField),
            Self::NewPasswords { .. } => None,
        }
    }
}

/// When an owner follows the site's request for a new password, where there is one and they do.
pub(crate) fn asked_password(laid: &[Laid], dice: &mut Dice) -> Option<i64> {
    let since = laid.iter().find_map(|laid| match laid {
        Laid::NewPasswords { since } => Some(*since),
        Laid::Renamed { .. }
        | Laid::Proxy { .. }
        | Laid::Carrier { .. }
        | Laid::NoDevice { .. }
        | Laid::NoAgent { .. } => None,
    })?;
    dice.chance(0.7).then(|| since + dice.exponential(1.5 * DAY as f64) as i64)
}

/// A number of a text's own.
pub(crate) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

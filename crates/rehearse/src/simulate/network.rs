//! Networks and the addresses they give: homes, carriers, workplaces, data centres, VPNs.
//!
//! Numbers and blocks are drawn from the seed; nothing is looked up. Carriers put many customers behind few
//! addresses, homes change theirs every day to never, and IPv6 hosts change the second half every day.

use super::dice::{Dice, mix, mix2};
use super::lands::LANDS;
use super::settings::{DAY, HOUR};

/// An address, its network's number and country.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Address {
    pub(crate) ip: String,
    pub(crate) asn: u32,
    pub(crate) country: &'static str,
}

/// A network with a number of its own.
#[derive(Clone)]
pub(crate) struct Net {
    pub(crate) asn: u32,
    pub(crate) land: usize,
    /// Upper halves of its IPv4 addresses.
    blocks: Vec<u16>,
    /// Upper 32 bits of its IPv6 addresses; `None` where it has only IPv4.
    v6: Option<u32>,
}

/// The networks of one country.
pub(crate) struct Provider {
    pub(crate) homes: Vec<Net>,
    pub(crate) mobiles: Vec<Net>,
    pub(crate) hosts: Vec<Net>,
}

/// A line into a home: who gives it, and how long an address lasts.
#[derive(Clone, Copy)]
pub(crate) struct Line {
    pub(crate) land: usize,
    pub(crate) net: usize,
    pub(crate) subscriber: u64,
    /// Days until the carrier gives another address; 0: never.
    pub(crate) lease_days: i64,
    pub(crate) v6: bool,
}

/// A workplace or school: everybody behind the same address.
pub(crate) struct Site {
    pub(crate) land: usize,
    pub(crate) address: Address,
}

/// A VPN: exits in several countries, each with a few addresses.
pub(crate) struct Vpn {
    pub(crate) exits: Vec<Vec<Address>>,
}

/// Hands out numbers and blocks, each once.
pub(crate) struct Registry {
    used_asns: std::collections::BTreeSet<u32>,
    used_blocks: std::collections::BTreeSet<u16>,
}

impl Registry {
    pub(crate) fn new() -> Self {
        Self { used_asns: std::collections::BTreeSet::new(), used_blocks: std::collections::BTreeSet::new() }
    }

    /// A new network in a country.
    pub(crate) fn net(&mut self, dice: &mut Dice, land: usize, blocks: usize, v6_chance: f64) -> Net {
        let asn = loop {
            let asn =
                if dice.chance(0.6) { dice.between(700, 64_000) } else { dice.between(196_700, 401_000) };
            let asn = u32::try_from(asn).unwrap_or(0);
            if self.used_asns.insert(asn) {
                break asn;
            }
        };
        let mut own = Vec::new();
        while own.len() < blocks {
            let block = (dice.bits() & 0xffff) as u16;
            let first = block >> 8;
            let reserved = first == 0
                || first == 10
                || first == 127
                || first >= 224
                || matches!(block, 0xc0a8 | 0xa9fe | 0xc000 | 0xc612 | 0xc613 | 0xc633 | 0xcb00)
                || (first == 100 && (block & 0xff) >= 64 && (block & 0xff) < 128)
                || (first == 172 && (block & 0xff) >= 16 && (block & 0xff) < 32);
            if !reserved && self.used_blocks.insert(block) {
                own.push(block);
            }
        }
        let v6 = dice.chance(v6_chance).then_some(0x2400_0000 | (asn & 0x03ff_ffff));
        Net { asn, land, blocks: own, v6 }
    }
}

impl Net {
    fn at(&self, ip: String) -> Address {
        Address { ip, asn: self.asn, country: LANDS[self.land].code }
    }

    fn v4(&self, key: u64) -> Address {
        let block = self.blocks[(key >> 32) as usize % self.blocks.len()];
        let low = (key & 0xffff) as u16;
        self.at(format!("{}.{}.{}.{}", block >> 8, block & 0xff, low >> 8, 1 + (low & 0xff) % 254))
    }

    fn v6(&self, prefix: u32, site: u64, host: u64) -> Address {
        let subnet = if site & 0x3 == 0 { (site >> 8) & 0xf } else { 0 };
        self.at(format!(
            "{:x}:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}:{:x}",
            prefix >> 16,
            prefix & 0xffff,
            (site >> 16) & 0xffff,
            ((site >> 32) & 0xff00) | subnet,
            (host >> 48) & 0xffff,
            (host >> 32) & 0xffff,
            (host >> 16) & 0xffff,
            host & 0xffff
        ))
    }

    /// The address of a machine of its own, the same for the same key.
    pub(crate) fn machine(&self, key: u64) -> Address {
        self.v4(mix2(u64::from(self.asn), key))
    }

    /// A customer's home address at a moment; `device` tells IPv6 hosts apart.
    pub(crate) fn home(&self, line: &Line, device: u64, time: i64) -> Address {
        let epoch = match line.lease_days {
            0 => 0,
            days => (time + (mix(line.subscriber) % DAY as u64) as i64) / (days * DAY) + 1,
        };
        let site = mix2(line.subscriber, epoch as u64);
        match self.v6 {
            // three in four connections prefer IPv6; which one holds for an hour
            Some(prefix) if line.v6 && !mix2(device, (time / HOUR) as u64).is_multiple_of(4) => {
                self.v6(prefix, site, mix2(device, (time / DAY) as u64))
            }
            _ => self.v4(site),
        }
    }

    /// A mobile customer's address at a moment: IPv6 of the day, or one of the carrier's shared IPv4 addresses.
    pub(crate) fn mobile(&self, subscriber: u64, time: i64) -> Address {
        let slot = mix2(subscriber, (time / (3 * HOUR)) as u64);
        match self.v6 {
            Some(prefix) if subscriber & 1 == 1 && !slot.is_multiple_of(5) => {
                let day = mix2(subscriber, (time / DAY) as u64);
                self.v6(prefix, day, mix(day))
            }
            _ => {
                let shared = slot % 160;
                let block = self.blocks[(shared % self.blocks.len() as u64) as usize];
                self.at(format!("{}.{}.{}.{}", block >> 8, block & 0xff, 16 + shared % 5, 1 + shared))
            }
        }
    }
}

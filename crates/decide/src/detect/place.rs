//! What an address and a user agent say once what changes by itself is taken away: the network behind an address
//! that is new every day, the browser behind a version that is new every month.

use super::words::hash64;
use std::net::{IpAddr, Ipv6Addr};

/// Where an address stands; 0 is unknown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// The line: an IPv4 address, or an IPv6 /64 (hosts take a new address in it every day, RFC 8981).
    pub line: u64,
    /// The neighbourhood: an IPv4 /24 or an IPv6 /48.
    pub prefix: u64,
    /// An IPv4 /16 or an IPv6 /32: stands for the network where its number is not known.
    pub region: u64,
}

impl Place {
    /// Reads an address; what is none is a place of its own text, without neighbours.
    #[must_use]
    pub fn of(ip: &str) -> Self {
        match ip.trim().parse::<IpAddr>().map(canonical) {
            Ok(IpAddr::V4(v4)) => {
                let [a, b, c, d] = v4.octets();
                Self {
                    line: hash64(&[4, a, b, c, d], 0),
                    prefix: hash64(&[4, a, b, c], 0),
                    region: hash64(&[4, a, b], 0),
                }
            }
            Ok(IpAddr::V6(v6)) => {
                let octets = v6.octets();
                Self {
                    line: hash64(&octets[..8], 6),
                    prefix: hash64(&octets[..6], 6),
                    region: hash64(&octets[..4], 6),
                }
            }
            Err(_) => Self { line: hash64(ip.as_bytes(), 1), prefix: 0, region: 0 },
        }
    }
}

/// The prefix of an address as people write it, `None` where the text is no address.
#[must_use]
pub(super) fn prefix_text(ip: &str) -> Option<String> {
    Some(match canonical(ip.trim().parse().ok()?) {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    })
}

/// An IPv4 address that came in IPv6 clothes is an IPv4 address (RFC 4291, 2.5.5.2).
fn canonical(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V4(_) => ip,
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(ip, IpAddr::V4),
    }
}

/// The user agent without its version numbers, as a key; 0 for an empty one. A number that is part of a word (a model
/// like `KA-88`, `x86_64`) is no version.
#[must_use]
pub(super) fn agent_family(agent: &str) -> u64 {
    if agent.is_empty() {
        return 0;
    }
    let mut masked = String::with_capacity(agent.len());
    let (mut in_version, mut before) = (false, ' ');
    for c in agent.chars() {
        if in_version && (c.is_ascii_digit() || c == '.' || c == '_') {
            continue;
        }
        in_version = c.is_ascii_digit() && !before.is_alphanumeric() && before != '-' && before != '_';
        if in_version {
            masked.push('#');
        } else {
            masked.extend(c.to_lowercase());
        }
        before = c;
    }
    hash64(masked.as_bytes(), 2).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_share_a_prefix_and_strangers_do_not() {
        let cases = [
            ("192.0.2.1", "192.0.2.200", false, true),
            ("192.0.2.1", "::ffff:192.0.2.1", true, true),
            ("192.0.2.1", "198.51.100.1", false, false),
            ("2001:db8:1:2:aaaa::1", "2001:db8:1:2:bbbb::9", true, true),
            ("2001:db8:1:2::1", "2001:db8:1:3::1", false, true),
            ("2001:db8:1::1", "2001:db8:2::1", false, false),
        ];
        for (a, b, line, prefix) in cases {
            let (a, b) = (Place::of(a), Place::of(b));
            assert_eq!((a.line == b.line, a.prefix == b.prefix), (line, prefix), "{a:?} {b:?}");
        }
        assert_eq!(Place::of("not an address").prefix, 0);
        assert_eq!(prefix_text("192.0.2.77").as_deref(), Some("192.0.2.0/24"));
        assert_eq!(prefix_text("2001:db8:1:2::3").as_deref(), Some("2001:db8:1::/48"));
    }

    #[test]
    fn an_update_is_the_same_browser_and_another_system_is_not() {
        let old = agent_family("Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/126.0.0.0 Safari/537.36");
        let new = agent_family("Mozilla/5.0 (Windows NT 11.0; Win64) Chrome/131.0.1 Safari/537.36");
        let other = agent_family("Mozilla/5.0 (X11; Linux x86_64) Chrome/126.0.0.0 Safari/537.36");
        assert_eq!(old, new);
        assert_ne!(old, other);
        let models =
            [agent_family("App/1.2 (KA-88; Android 14)"), agent_family("App/1.3 (HA-842; Android 14)")];
        assert_ne!(models[0], models[1]);
        assert_eq!(models[0], agent_family("App/2.0.1 (KA-88; Android 15)"));
        assert_eq!(agent_family(""), 0);
    }
}

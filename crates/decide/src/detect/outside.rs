//! What files of intelligence say, as values that can be compared: domains, prefixes, accounts. It judges nothing, and no
//! reason that it gives repeats a file's text: a file of credentials may have been named by mistake.

use model::id::{Digest, Millis};
use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A file of intelligence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name, without the folder.
    pub name: String,
    /// SHA-256 over its bytes.
    pub digest: Digest,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (SHA-256 {})", self.name, self.digest.short())
    }
}

/// What the files say.
#[derive(Clone, Debug, Default)]
pub struct Outside {
    /// Domains that are said to be bad, as [`Outside::domain`] gives them.
    pub domains: Option<(Source, Vec<String>)>,
    /// Addresses and prefixes that are said to be bad.
    pub prefixes: Option<(Source, Vec<Prefix>)>,
    /// Accounts whose credential is said to be leaked, with since when, ms.
    pub leaked: Option<(Source, HashMap<String, Option<Millis>>)>,
}

impl Outside {
    /// Reads a domain: in lower case, without a dot at its end or `*.` at its begin.
    ///
    /// # Errors
    /// What is no domain, or one under which anybody may have a name; the reason does not repeat the text.
    pub fn domain(text: &str) -> Result<String, &'static str> {
        let name = text.strip_prefix("*.").unwrap_or(text).trim_end_matches('.').to_ascii_lowercase();
        if name.parse::<Ipv4Addr>().is_ok() {
            return Ok(name);
        }
        if !name.is_ascii() {
            return Err("the name is not ASCII; write it as DNS does (xn--…)");
        }
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        if !name.contains('.') || !name.split('.').all(is_label) {
            return Err("that is no domain");
        }
        if psl::domain_str(&name).is_none() {
            return Err("that is a public suffix, under which anybody may have a name");
        }
        Ok(name)
    }
}

/// An address with all that begin with the same bits; of IPv4 as the IPv6 addresses that stand for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Prefix {
    bits: u128,
    length: u8,
}

/// Wider prefixes are a good part of the whole internet, and a mistake.
const LENGTH_V4_MIN: u8 = 8;
const LENGTH_V6_MIN: u8 = 16;

impl Prefix {
    /// Reads an address or a prefix (`192.0.2.0/24`, `2001:db8::/32`).
    ///
    /// # Errors
    /// What is neither, or wider than anything that could be bad as a whole; the reason does not repeat the text.
    pub fn read(text: &str) -> Result<Self, &'static str> {
        let (address, length) = text.split_once('/').map_or((text, None), |(a, l)| (a, Some(l)));
        let address: IpAddr = address.parse().map_err(|_| "that is no address and no prefix")?;
        let (width, least) = if address.is_ipv4() { (32, LENGTH_V4_MIN) } else { (128, LENGTH_V6_MIN) };
        let length = match length {
            None => width,
            Some(length) => match length.parse::<u8>() {
                Ok(length) if length <= width => length,
                Ok(_) | Err(_) => return Err("the prefix has more bits than the address"),
            },
        };
        let prefix = Self::around(address, length + (128 - width));
        if length < least || prefix.holds_a_wide_v4() {
            return Err("the prefix is too wide to be bad as a whole (/8 at the widest, of IPv6 /16)");
        }
        if prefix.bits == bits(address) { Ok(prefix) } else { Err("the address has bits beyond its prefix") }
    }

    /// Whether it holds more of IPv4 than a prefix of IPv4 may, in the clothes of IPv6.
    fn holds_a_wide_v4(&self) -> bool {
        let v4 = Self::around(Ipv4Addr::UNSPECIFIED.into(), 96);
        self.length < 96 + LENGTH_V4_MIN && masked(self.bits, self.length) == masked(v4.bits, self.length)
    }

    /// The prefix of a length around an address.
    pub(super) fn around(address: IpAddr, length: u8) -> Self {
        Self { bits: masked(bits(address), length), length }
    }

    /// Its length, of IPv4 too among the 128 bits of IPv6.
    pub(super) fn length(&self) -> u8 {
        self.length
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v6 = Ipv6Addr::from(self.bits);
        match v6.to_ipv4_mapped() {
            Some(v4) if self.length >= 96 => write!(f, "{v4}/{}", self.length - 96),
            _not => write!(f, "{v6}/{}", self.length),
        }
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().into(),
        IpAddr::V6(v6) => v6.into(),
    }
}

fn masked(bits: u128, length: u8) -> u128 {
    match length {
        0 => 0,
        length => bits & (u128::MAX << (128 - u32::from(length))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_read_as_it_is_written_and_what_is_none_is_refused_without_its_text() {
        for text in ["192.0.2.0/24", "2001:db8::/32", "198.51.100.7/32", "10.0.0.0/8"] {
            assert_eq!(Prefix::read(text).map(|p| p.to_string()).as_deref(), Ok(text));
        }
        assert_eq!(Prefix::read("192.0.2.7").map(|p| p.to_string()).as_deref(), Ok("192.0.2.7/32"));
        assert_eq!(Prefix::read("::ffff:192.0.2.7"), Prefix::read("192.0.2.7"), "IPv4 in IPv6's clothes");
        let refused = [
            ("0.0.0.0/0", "too wide"),
            ("2000::/3", "too wide"),
            ("::ffff:0.0.0.0/96", "too wide"),
            ("192.0.2.7/24", "beyond"),
            ("192.0.2.0/33", "more bits"),
            ("192.0.2.0/-1", "more bits"),
            ("hunter2", "no address"),
            ("", "no address"),
        ];
        for (text, why) in refused {
            let error = Prefix::read(text).expect_err(text);
            assert!(error.contains(why) && !error.contains("hunter2"), "{text}: {error}");
        }
    }

    #[test]
    fn a_domain_is_a_registrable_one_or_under_one() {
        let read = [
            ("Lure.Example", "lure.example"),
            ("*.lure.example.", "lure.example"),
            ("a.b.co.uk", "a.b.co.uk"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
            ("192.0.2.7", "192.0.2.7"),
        ];
        for (text, domain) in read {
            assert_eq!(Outside::domain(text).as_deref(), Ok(domain));
        }
        let refused = [
            ("co.uk", "public suffix"),
            ("github.io", "public suffix"),
            ("b\u{fc}cher.example", "ASCII"),
            ("https://lure.example/x", "no domain"),
            ("localhost", "no domain"),
            ("a..example", "no domain"),
            ("bob@lure.example:hunter2", "no domain"),
        ];
        for (text, why) in refused {
            let error = Outside::domain(text).expect_err(text);
            assert!(error.contains(why) && !error.contains("hunter2"), "{text}: {error}");
        }
    }
}

//! Who asks, and under which name: addresses for the limits, the host for cookies and for the console.

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// The name a request was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Host {
    /// Name and port, in small letters, as the browser wrote them.
    pub(super) authority: String,
}

impl Host {
    /// Whether it can only mean this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let name = match self.authority.strip_prefix('[') {
            Some(six) => six.split_once(']').map_or(six, |(name, _)| name),
            None => self.authority.split(':').next().unwrap_or_default(),
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        match name.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            // RFC 6761: these names are never asked of the network's name servers.
            Err(_) => name == "localhost" || name.ends_with(".localhost"),
        }
    }
}

/// The request's one Host header.
pub(super) fn host_of(headers: &HeaderMap) -> Option<Host> {
    let mut all = headers.get_all(header::HOST).iter();
    match (all.next(), all.next()) {
        (Some(one), None) => Some(Host { authority: one.to_str().ok()?.to_ascii_lowercase() }),
        (Some(_), Some(_)) | (None, _) => None,
    }
}

/// The visitor's address.
///
/// Behind a proxy on this machine it is the last one that the proxy noted; whoever comes from elsewhere is believed
/// nothing but the connection itself.
pub(super) fn address_of(parts: &Parts) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip().to_canonical());
    if !peer.is_loopback() {
        return peer;
    }
    let noted = parts.headers.get_all("x-forwarded-for").iter().next_back();
    noted
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse::<IpAddr>().ok())
        .map_or(peer, |address| address.to_canonical())
}

/// The network an address is in, as one holder usually has it: /24 and /48; of an IPv6 address, the /64 stands for
/// the address itself.
pub(super) fn nets_of(address: IpAddr) -> (Vec<u8>, Vec<u8>) {
    match address {
        IpAddr::V4(four) => (four.octets().to_vec(), four.octets()[..3].to_vec()),
        IpAddr::V6(six) => (six.octets()[..8].to_vec(), six.octets()[..6].to_vec()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::Request;

    fn host(name: &str) -> bool {
        let request = Request::builder().header("host", name).body(()).unwrap();
        host_of(request.headers()).unwrap().is_loopback()
    }

    #[test]
    fn only_names_that_mean_this_machine_are_taken() {
        for name in [
            "localhost",
            "LOCALHOST:8081",
            "127.0.0.1:9",
            "127.8.8.8",
            "[::1]:1",
            "demo.localhost",
            "localhost.",
        ] {
            assert!(host(name), "{name}");
        }
        for name in [
            "evil.test",
            "localhost.evil.test",
            "127.0.0.1.evil.test",
            "10.0.0.1",
            "[2001:db8::1]",
            "",
            "0.0.0.0",
        ] {
            assert!(!host(name), "{name}");
        }
    }

    fn asked_from(peer: &str, noted: Option<&str>) -> String {
        let mut request = Request::builder();
        if let Some(noted) = noted {
            request = request.header("x-forwarded-for", noted);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        parts.extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 1)));
        address_of(&parts).to_string()
    }

    #[test]
    fn a_noted_address_counts_only_behind_a_proxy_on_this_machine() {
        assert_eq!(asked_from("192.0.2.7", Some("198.51.100.1")), "192.0.2.7");
        assert_eq!(asked_from("127.0.0.1", Some("203.0.113.9, 198.51.100.1")), "198.51.100.1");
        assert_eq!(asked_from("::ffff:127.0.0.1", Some("nonsense")), "127.0.0.1");
        assert_eq!(asked_from("127.0.0.1", None), "127.0.0.1");
    }
}

//! Whose address a request comes from, where proxies stand between.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::{HeaderMap, HeaderName};
use serde::{Deserialize, Deserializer};

/// Each proxy adds the address that it was asked from, at the end.
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Addresses that begin alike, such as `10.0.0.0/8`; a single address is a network of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: Ipv6Addr,
    length: u32,
}

impl Network {
    /// Reads an address, or a network as an address with the length of its prefix.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let own_bits = if address.is_ipv4() { 32 } else { 128 };
        let length = match length {
            Some(length) => length
                .parse()
                .ok()
                .filter(|length: &u32| *length <= own_bits)?,
            None => own_bits,
        };
        Some(Self {
            address: wide(address),
            length: 128 - own_bits + length,
        })
    }

    fn holds(self, address: IpAddr) -> bool {
        let differing = self.address.to_bits() ^ wide(address).to_bits();
        differing.leading_zeros() >= self.length
    }
}

impl<'de> Deserialize<'de> for Network {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "\"{text}\" is no address and no network; write 10.1.2.3, 10.0.0.0/8 or fd00::/8"
            ))
        })
    }
}

/// Addresses of both versions are compared in the wider one.
fn wide(address: IpAddr) -> Ipv6Addr {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped(),
        IpAddr::V6(address) => address,
    }
}

/// The address that a request comes from: the connection's other end, unless that is a trusted proxy. Then it is the
/// last address of `X-Forwarded-For` that is no trusted proxy: what stands before it anybody may have written.
#[must_use]
pub fn client(peer: SocketAddr, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.holds(address));
    let mut client = peer.ip();
    if !is_trusted(client) {
        return client;
    }
    let values = headers.get_all(FORWARDED_FOR).iter().rev();
    for address in values.flat_map(|value| {
        let addresses = value.to_str().unwrap_or_default().rsplit(',');
        addresses.map(|address| forwarded(address.trim()))
    }) {
        let Some(address) = address else {
            break;
        };
        client = address;
        if !is_trusted(address) {
            break;
        }
    }
    client
}

/// An address as proxies write it; some add the port.
fn forwarded(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    bare.unwrap_or(text)
        .parse()
        .ok()
        .or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn client_of(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
        }
        let trusted: Vec<Network> = trusted
            .iter()
            .map(|text| Network::parse(text).unwrap())
            .collect();
        client(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn without_trusted_proxies_nobody_names_their_own_address() {
        assert_eq!(
            client_of("192.0.2.1:80", &["203.0.113.9"], &[]),
            "192.0.2.1"
        );
        assert_eq!(
            client_of("192.0.2.1:80", &["203.0.113.9"], &["10.0.0.0/8"]),
            "192.0.2.1"
        );
    }

    #[test]
    fn behind_proxies_it_is_the_last_address_that_is_none_of_them() {
        for (forwarded, expected) in [
            (&["203.0.113.9"][..], "203.0.113.9"),
            (&["198.51.100.7, 203.0.113.9"], "203.0.113.9"),
            (&["198.51.100.7", "203.0.113.9, 10.9.9.9"], "203.0.113.9"),
            (&["203.0.113.9:5555"], "203.0.113.9"),
            (&["2001:db8::1"], "2001:db8::1"),
            (&["[2001:db8::1]:443"], "2001:db8::1"),
            (&["::ffff:10.1.1.1"], "::ffff:10.1.1.1"),
            (&["203.0.113.9, nonsense"], "10.0.0.1"),
            (&["10.2.2.2"], "10.2.2.2"),
            (&[""], "10.0.0.1"),
            (&[], "10.0.0.1"),
        ] {
            assert_eq!(
                client_of("10.0.0.1:80", forwarded, &["10.0.0.0/8"]),
                expected,
                "{forwarded:?}"
            );
        }
    }

    #[test]
    fn networks_are_read_and_hold_what_begins_alike() {
        let holds = |network: &str, address: &str| {
            Network::parse(network)
                .unwrap()
                .holds(address.parse().unwrap())
        };
        assert!(holds("192.0.2.1", "192.0.2.1"));
        assert!(!holds("192.0.2.1", "192.0.2.2"));
        assert!(holds("10.0.0.0/8", "::ffff:10.1.2.3"));
        assert!(holds("fd00::/8", "fd12::1") && !holds("fd00::/8", "fe00::1"));
        assert!(holds("0.0.0.0/0", "203.0.113.9") && !holds("0.0.0.0/0", "2001:db8::1"));
        for wrong in [
            "",
            "10.0.0.0/33",
            "10.0.0/8",
            "::/129",
            "host",
            "10.0.0.0/-1",
        ] {
            assert!(Network::parse(wrong).is_none(), "{wrong}");
        }
    }
}

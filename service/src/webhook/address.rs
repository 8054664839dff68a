//! Where webhooks may lead: to public addresses of the Internet, over TLS.
//!
//! An address is judged twice: as it is written, when a webhook is made and before each attempt; and as its name
//! resolves, by the resolver of the client that then connects to what was judged, so that nothing can change in between.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;

use futures_util::FutureExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::Semaphore;
use url::{Host, Url};

/// Most characters of an address.
const LONGEST: usize = 2_000;
/// Names that are resolved at once: each takes a thread, which outlives the request that it was for. More than the attempts
/// for one person's webhooks, so that names which nobody answers for leave others theirs.
const LOOKUPS: usize = 64;

/// What the IANA registry of special-purpose IPv4 addresses calls not globally reachable, multicast, and what was once
/// for relays: network and length of its prefix.
const SPECIAL_V4: &[(Ipv4Addr, u32)] = &[
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// All that is public of IPv6.
const GLOBAL_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What in it is not, or leads to an IPv4 address that only a relay knows: protocol assignments with Teredo, the
/// addresses of documentation, 6to4, and segment routing.
const SPECIAL_V6: &[(Ipv6Addr, u32)] = &[
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Prefixes of 96 bits before an IPv4 address that is meant: mapped, and translated by NAT64.
const EMBEDDING_V6: &[Ipv6Addr] = &[
    Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0),
    Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0),
];

/// Names that no public name ends in, each for this machine or the network that it is in.
const LOCAL_NAMES: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "private",
    "home.arpa",
    "test",
    "invalid",
    "onion",
];

fn within_v4(address: Ipv4Addr, (network, length): (Ipv4Addr, u32)) -> bool {
    let rest = u32::BITS - length;
    address.to_bits() >> rest == network.to_bits() >> rest
}

fn within_v6(address: Ipv6Addr, (network, length): (Ipv6Addr, u32)) -> bool {
    let rest = u128::BITS - length;
    address.to_bits() >> rest == network.to_bits() >> rest
}

/// Whether an address is one that everybody in the Internet can reach. An IPv6 address that stands for an IPv4 address
/// is as public as that.
#[must_use]
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => !SPECIAL_V4
            .iter()
            .any(|&special| within_v4(address, special)),
        IpAddr::V6(address) => {
            let mut embedding = EMBEDDING_V6.iter();
            if embedding.any(|&prefix| within_v6(address, (prefix, 96))) {
                let [.., a, b, c, d] = address.octets();
                return is_public(IpAddr::V4(Ipv4Addr::new(a, b, c, d)));
            }
            within_v6(address, GLOBAL_V6)
                && !SPECIAL_V6
                    .iter()
                    .any(|&special| within_v6(address, special))
        }
    }
}

/// Reads the address of a webhook; why it cannot be one, as a sentence. Names are resolved when something is sent.
pub(super) fn check(text: &str, allow_private: bool) -> Result<Url, String> {
    let refuse = |message: &str| Err(message.to_owned());
    if text.chars().count() > LONGEST {
        return Err(format!("An address has at most {LONGEST} characters."));
    }
    let Ok(url) = Url::parse(text.trim()) else {
        return refuse("This is no absolute address, such as https://learn.example.org/hooks.");
    };
    match url.scheme() {
        "https" => {}
        "http" if allow_private => {}
        "http" => {
            return refuse(
                "Webhooks are sent over TLS only: give an address that begins with https://.",
            );
        }
        _ => return refuse("An address of a webhook begins with https://."),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refuse(
            "An address with a name or a password in it is not taken: the receiver knows us by the signature.",
        );
    }
    if url.fragment().is_some() {
        return refuse("An address of a webhook has no part after #, which no receiver would see.");
    }
    if url.port() == Some(0) {
        return refuse("Nothing listens on port 0.");
    }
    if allow_private {
        return Ok(url);
    }
    let public = match url.host() {
        None => false,
        Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
        Some(Host::Domain(name)) => is_public_name(name),
    };
    if public {
        Ok(url)
    } else {
        refuse(
            "Webhooks are sent to public addresses of the Internet only, and this one is private or local.",
        )
    }
}

/// Whether a name can be one of the public domain name system.
fn is_public_name(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_local = |local: &str| {
        let rest = name.strip_suffix(local);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    };
    name.contains('.') && !LOCAL_NAMES.iter().any(|local| is_local(local))
}

/// How names are resolved; blocks.
pub(super) type Lookup = Arc<dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync>;

/// As the system resolves names.
pub(super) fn by_the_system() -> Lookup {
    Arc::new(|name: &str| {
        let found = (name, 0).to_socket_addrs()?;
        Ok(found.map(|address| address.ip()).collect())
    })
}

/// A name leads to no public address.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the name leads to no public address")]
pub(super) struct NotPublic;

/// Resolves names to the addresses that may be connected to.
#[derive(Clone)]
pub(super) struct Resolver {
    allow_private: bool,
    lookup: Lookup,
    lookups: Arc<Semaphore>,
}

impl Resolver {
    pub(super) fn new(allow_private: bool, lookup: Lookup) -> Self {
        Self {
            allow_private,
            lookup,
            lookups: Arc::new(Semaphore::new(LOOKUPS)),
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        async move {
            let permit = resolver.lookups.acquire_owned().await?;
            let lookup = resolver.lookup;
            let found = tokio::task::spawn_blocking(move || {
                // Kept until the thread is free again, whoever still waits for it.
                let _permit = permit;
                lookup(name.as_str())
            })
            .await??;
            let allowed: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| resolver.allow_private || is_public(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if allowed.is_empty() {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter());
            Ok(addresses)
        }
        .boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_addresses_of_the_internet_are_public() {
        for (text, public) in [
            ("8.8.8.8", true),
            ("1.1.1.1", true),
            ("93.184.215.14", true),
            ("100.63.255.255", true),
            ("100.128.0.0", true),
            ("172.15.255.255", true),
            ("172.32.0.0", true),
            ("192.0.1.1", true),
            ("198.17.255.255", true),
            ("223.255.255.255", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.0.0.1", false),
            ("10.255.255.255", false),
            ("100.64.0.1", false),
            ("100.127.255.255", false),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("169.254.169.254", false),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("192.0.0.8", false),
            ("192.0.2.1", false),
            ("192.88.99.1", false),
            ("192.168.1.1", false),
            ("198.18.0.1", false),
            ("198.19.255.255", false),
            ("198.51.100.7", false),
            ("203.0.113.7", false),
            ("224.0.0.1", false),
            ("239.255.255.255", false),
            ("240.0.0.1", false),
            ("255.255.255.255", false),
            ("2606:4700:4700::1111", true),
            ("2a00:1450:4001:81b::200e", true),
            ("::ffff:8.8.8.8", true),
            ("64:ff9b::8.8.8.8", true),
            ("::", false),
            ("::1", false),
            ("::8.8.8.8", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("64:ff9b::10.0.0.1", false),
            ("64:ff9b::127.0.0.1", false),
            ("64:ff9b:1::8.8.8.8", false),
            ("100::1", false),
            ("2001::1", false),
            ("2001:0:4136:e378:8000:63bf:3fff:fdd2", false),
            ("2001:20::1", false),
            ("2001:db8::1", false),
            ("2002:7f00:1::1", false),
            ("2002:808:808::1", false),
            ("3fff::1", false),
            ("5f00::1", false),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
        ] {
            let address: IpAddr = text.parse().unwrap();
            assert_eq!(is_public(address), public, "{text}");
        }
    }

    #[test]
    fn an_address_is_public_uses_tls_and_carries_no_secret() {
        for text in [
            "https://learn.example.org/hooks?from=repertoire",
            "https://learn.example.org:8443/hooks",
            "https://8.8.8.8/",
            "https://[2606:4700:4700::1111]/",
            " https://bücher.example/ ",
            "https://localhost.example.org/",
            "https://mylocal.org/",
        ] {
            assert!(check(text, false).is_ok(), "{text}");
        }
        let refused = [
            "",
            "learn.example.org/hooks",
            "/hooks",
            "http://learn.example.org/hooks",
            "ftp://learn.example.org/",
            "javascript:alert(1)",
            "https://",
            "https://ada@learn.example.org/",
            "https://ada:secret@learn.example.org/",
            "https://learn.example.org/#here",
            "https://learn.example.org:0/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://a.localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://router/",
            "https://router./",
            "https://nas.home.arpa/",
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f000001/",
            "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/latest/meta-data/",
            "https://10.1.2.3/",
        ];
        for text in refused {
            assert!(check(text, false).is_err(), "{text}");
        }
        let long = format!("https://learn.example.org/{}", "a".repeat(LONGEST));
        assert!(check(&long, false).is_err());
    }

    #[test]
    fn the_switch_opens_what_is_private_and_nothing_else() {
        for (text, taken) in [
            ("http://127.0.0.1:8080/hooks", true),
            ("http://localhost/", true),
            ("https://10.0.0.1/", true),
            ("http://moodle/", true),
            ("ftp://127.0.0.1/", false),
            ("http://ada:secret@127.0.0.1/", false),
            ("http://127.0.0.1/#a", false),
        ] {
            assert_eq!(check(text, true).is_ok(), taken, "{text}");
        }
    }

    #[tokio::test]
    async fn a_name_is_connected_to_only_where_its_address_is_public() {
        let answers = |answers: &'static [&'static str]| -> Lookup {
            Arc::new(|_: &str| Ok(answers.iter().map(|text| text.parse().unwrap()).collect()))
        };
        let resolve = async |allow_private: bool, lookup: Lookup| {
            let resolver = Resolver::new(allow_private, lookup);
            let found = resolver.resolve("learn.example.org".parse().unwrap()).await;
            found.map(|found| {
                found
                    .map(|found| found.ip().to_string())
                    .collect::<Vec<_>>()
            })
        };
        let mixed = answers(&["10.0.0.1", "8.8.8.8", "::1"]);
        assert_eq!(resolve(false, mixed).await.unwrap(), ["8.8.8.8"]);
        let private = resolve(false, answers(&["127.0.0.1", "fd00::1"])).await;
        assert!(private.unwrap_err().is::<NotPublic>());
        assert!(resolve(false, answers(&[])).await.is_err());
        let allowed = resolve(true, answers(&["127.0.0.1"])).await;
        assert_eq!(allowed.unwrap(), ["127.0.0.1"]);
    }

    proptest! {
        #[test]
        fn an_embedded_address_is_as_public_as_the_address_itself(bits in any::<u32>()) {
            let plain = Ipv4Addr::from_bits(bits);
            let expected = is_public(IpAddr::V4(plain));
            let mapped = plain.to_ipv6_mapped();
            prop_assert_eq!(is_public(IpAddr::V6(mapped)), expected);
            let translated = Ipv6Addr::from_bits((0x64_ff9b_u128 << 96) | u128::from(bits));
            prop_assert_eq!(is_public(IpAddr::V6(translated)), expected);
            for written in [format!("https://{plain}/"), format!("https://[{mapped}]/"), format!("https://{bits}/")] {
                prop_assert_eq!(check(&written, false).is_ok(), expected, "{}", written);
            }
        }

        #[test]
        fn relays_lead_nowhere(bits in any::<u32>(), rest in any::<u128>()) {
            let sixtofour = (0x2002_u128 << 112) | (u128::from(bits) << 80) | (rest >> 48);
            let teredo = (0x2001_0000_u128 << 96) | (rest >> 32);
            let compatible = u128::from(bits);
            for bits in [sixtofour, teredo, compatible] {
                prop_assert!(!is_public(IpAddr::V6(Ipv6Addr::from_bits(bits))));
            }
        }

        #[test]
        fn any_text_is_taken_or_refused(text in "\\PC{0,60}", allow in any::<bool>()) {
            let _ = check(&text, allow);
        }
    }
}

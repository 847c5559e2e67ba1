//! Which addresses may be dialled: public ones, and those an operator allows.
//!
//! The tables follow the IANA special-purpose address registries for IPv4 and IPv6 (RFC 6890) with the metadata services of the clouds on
//! top. IPv6 is judged the other way round: only global unicast (`2000::/3`) is public, less the exceptions named here.
//! An IPv4 address inside an IPv6 one (mapped, compatible, NAT64, 6to4, Teredo) is judged too, since that is where the packets end.
//!
//! Does not know names, ports or sockets.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// Which addresses may be dialled: public ones, plus the CIDRs an operator allows. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allow: Arc<[IpNet]>,
}

/// Why an address is not dialled: what kind of address it is. In words the address is left out, since they are for whoever
/// named the host, and what a name means inside is not for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address is not dialled: {class} address (an operator can allow its network with egress.allow)")]
pub struct Refused {
    /// The address as it was resolved.
    pub address: IpAddr,
    /// Its kind in a word or two: `loopback`, `private`, `link-local`, `metadata`, …
    pub class: &'static str,
}

/// Addresses that passed the judge, in the order to try them; never empty. Only [`Guard::admit`] makes one: holding it is the permission.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted(Vec<IpAddr>);

impl Admitted {
    /// The addresses, in the order to try them.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.0
    }
}

impl Guard {
    /// A judge that allows these CIDRs besides public addresses. An IPv4 CIDR also allows the IPv4-mapped form of its addresses. An IPv6
    /// CIDR as wide as a translation prefix (`64:ff9b::/96`) leaves the IPv4 address inside to be judged; a narrower one speaks about
    /// the addresses inside and allows them.
    pub fn new(allow: Vec<IpNet>) -> Self {
        Self { allow: allow.into() }
    }

    /// A judge that allows every address: for whom an operator names in the configuration, never for what a tenant names.
    pub fn anywhere() -> Self {
        Self::new(vec![Ipv4Net::default().into(), Ipv6Net::default().into()])
    }

    /// Judges all addresses and keeps the good ones in their order. When none is left the error is about the first one.
    pub fn admit(&self, addresses: &[IpAddr]) -> Result<Admitted, Refused> {
        let mut admitted = Vec::with_capacity(addresses.len());
        let mut refused = None;
        for &address in addresses {
            match self.judge(address) {
                Ok(()) => admitted.push(address),
                Err(why) => refused = refused.or(Some(why)),
            }
        }
        match refused {
            Some(why) if admitted.is_empty() => Err(why),
            None if admitted.is_empty() => Err(Refused { address: Ipv6Addr::UNSPECIFIED.into(), class: "missing" }),
            _ => Ok(Admitted(admitted)),
        }
    }

    /// Whether one address may be dialled.
    pub fn judge(&self, address: IpAddr) -> Result<(), Refused> {
        let class = match address {
            IpAddr::V4(v4) => self.refuse_v4(v4),
            IpAddr::V6(v6) => self.refuse_v6(v6),
        };
        class.map_or(Ok(()), |class| Err(Refused { address, class }))
    }

    fn refuse_v4(&self, v4: Ipv4Addr) -> Option<&'static str> {
        if self.allows(v4.into(), 0) {
            return None;
        }
        V4.iter().find(|(net, _)| net.contains(&v4)).map(|(_, class)| *class)
    }

    fn refuse_v6(&self, v6: Ipv6Addr) -> Option<&'static str> {
        let Some(Inside { form, prefix, mut v4, refused_itself }) = inside(v6) else {
            return if self.allows(v6.into(), 0) { None } else { special_v6(v6) };
        };
        if self.allows(v6.into(), prefix + 1) {
            return None;
        }
        if let Some(class) = v4.find_map(|v4| self.refuse_v4(v4)) {
            return Some(class);
        }
        let allowed = !refused_itself || self.allows(v6.into(), 0) || (form == MAPPED && self.allows_inside(v6));
        (!allowed).then_some(form)
    }

    /// Whether a CIDR of at least this prefix length holds the address.
    fn allows(&self, address: IpAddr, at_least: u8) -> bool {
        self.allow.iter().any(|net| net.prefix_len() >= at_least && net.contains(&address))
    }

    fn allows_inside(&self, mapped: Ipv6Addr) -> bool {
        mapped.to_ipv4_mapped().is_some_and(|v4| self.allows(v4.into(), 0))
    }
}

impl fmt::Display for Admitted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, address) in self.0.iter().enumerate() {
            write!(f, "{}{address}", if n == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

const MAPPED: &str = "IPv4-mapped";

/// An IPv6 address that carries IPv4 ones.
struct Inside {
    form: &'static str,
    /// Length of the prefix that announces the form.
    prefix: u8,
    v4: std::iter::Flatten<std::array::IntoIter<Option<Ipv4Addr>, 2>>,
    /// Refused whatever is inside: such an address has no business in DNS.
    refused_itself: bool,
}

fn inside(v6: Ipv6Addr) -> Option<Inside> {
    let bits = v6.to_bits();
    let last = Ipv4Addr::from_bits(bits as u32);
    let found = |form, prefix, v4: [Option<Ipv4Addr>; 2], refused_itself| {
        Some(Inside { form, prefix, v4: v4.into_iter().flatten(), refused_itself })
    };
    match v6.segments() {
        // `::` and `::1` are no IPv4-compatible addresses (RFC 4291, 2.5.5.1).
        [0, 0, 0, 0, 0, 0, 0, 0 | 1] => None,
        [0, 0, 0, 0, 0, 0xffff, _, _] => found(MAPPED, 96, [Some(last), None], true),
        [0, 0, 0, 0, 0, 0, _, _] => found("IPv4-compatible", 96, [Some(last), None], true),
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => found("NAT64", 96, [Some(last), None], false),
        [0x2002, ..] => found("6to4", 16, [Some(Ipv4Addr::from_bits((bits >> 80) as u32)), None], false),
        // The server stands in the clear, the client inverted (RFC 4380, 4).
        [0x2001, 0, ..] => {
            let server = Ipv4Addr::from_bits((bits >> 64) as u32);
            found("Teredo", 32, [Some(server), Some(Ipv4Addr::from_bits(!(bits as u32)))], false)
        }
        _ => None,
    }
}

fn special_v6(v6: Ipv6Addr) -> Option<&'static str> {
    let named = V6.iter().find(|(net, _)| net.contains(&v6)).map(|(_, class)| *class);
    named.or_else(|| (!GLOBAL_UNICAST.contains(&v6)).then_some("reserved"))
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8, class: &'static str) -> (Ipv4Net, &'static str) {
    (Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix), class)
}

const fn v6(s: [u16; 8], prefix: u8, class: &'static str) -> (Ipv6Net, &'static str) {
    (Ipv6Net::new_assert(Ipv6Addr::new(s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]), prefix), class)
}

/// First match wins: the narrow ones stand first.
const V4: &[(Ipv4Net, &str)] = &[
    v4(169, 254, 169, 254, 32, "metadata"), // the address nearly every cloud uses
    v4(169, 254, 170, 2, 32, "metadata"),   // Amazon ECS task credentials
    v4(100, 100, 100, 200, 32, "metadata"), // Alibaba
    v4(168, 63, 129, 16, 32, "metadata"),   // Azure's WireServer: inside public space
    v4(192, 0, 0, 192, 32, "metadata"),     // Oracle
    v4(0, 0, 0, 0, 8, "unspecified"),
    v4(10, 0, 0, 0, 8, "private"),
    v4(172, 16, 0, 0, 12, "private"),
    v4(192, 168, 0, 0, 16, "private"),
    v4(100, 64, 0, 0, 10, "shared (CGNAT)"),
    v4(127, 0, 0, 0, 8, "loopback"),
    v4(169, 254, 0, 0, 16, "link-local"),
    v4(192, 0, 0, 0, 24, "reserved"),
    v4(192, 0, 2, 0, 24, "documentation"),
    v4(198, 51, 100, 0, 24, "documentation"),
    v4(203, 0, 113, 0, 24, "documentation"),
    v4(192, 88, 99, 0, 24, "reserved"), // 6to4 relays, deprecated by RFC 7526
    v4(198, 18, 0, 0, 15, "benchmarking"),
    v4(224, 0, 0, 0, 4, "multicast"),
    v4(255, 255, 255, 255, 32, "broadcast"),
    v4(240, 0, 0, 0, 4, "reserved"),
];

/// What is reachable at all, "global unicast" (RFC 4291, 2.4): all else is at best reserved.
const GLOBAL_UNICAST: Ipv6Net = Ipv6Net::new_assert(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// First match wins; addresses with an IPv4 one inside never get here.
const V6: &[(Ipv6Net, &str)] = &[
    v6([0, 0, 0, 0, 0, 0, 0, 0], 128, "unspecified"),
    v6([0, 0, 0, 0, 0, 0, 0, 1], 128, "loopback"),
    v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128, "metadata"), // Amazon
    v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128, "metadata"),  // Google
    v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, "private"),
    v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, "link-local"),
    v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, "private"), // site-local, deprecated by RFC 3879
    v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, "multicast"),
    v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, "NAT64"), // a network's own translator, RFC 8215
    v6([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, "benchmarking"),
    v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, "reserved"), // protocol assignments, RFC 2928
    v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, "documentation"),
    v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, "documentation"),
];

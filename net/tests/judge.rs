//! Which addresses are dialled: a table, then properties.
#![allow(clippy::unwrap_used, reason = "in helpers too, a panic is how a test fails")]

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use net::Guard;
use proptest::prelude::*;

fn guard(allow: &[&str]) -> Guard {
    Guard::new(allow.iter().map(|cidr| cidr.parse().unwrap()).collect())
}

/// The class an address is refused for, or `ok`.
fn class(guard: &Guard, address: &str) -> &'static str {
    guard.judge(address.parse().unwrap()).map_or_else(|refused| refused.class, |()| "ok")
}

#[test]
fn public_addresses_only() {
    let table = [
        ("1.1.1.1", "ok"),
        ("8.8.8.8", "ok"),
        ("100.63.255.255", "ok"),
        ("100.128.0.0", "ok"),
        ("172.15.255.255", "ok"),
        ("172.32.0.0", "ok"),
        ("192.0.1.0", "ok"),
        ("223.255.255.255", "ok"),
        ("0.0.0.0", "unspecified"),
        ("0.1.2.3", "unspecified"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"),
        ("10.0.0.1", "private"),
        ("172.16.0.1", "private"),
        ("172.31.255.255", "private"),
        ("192.168.1.1", "private"),
        ("169.254.0.1", "link-local"),
        ("169.254.169.254", "metadata"),
        ("169.254.170.2", "metadata"),
        ("100.100.100.200", "metadata"),
        ("168.63.129.16", "metadata"),
        ("192.0.0.192", "metadata"),
        ("100.64.0.1", "shared (CGNAT)"),
        ("100.127.255.255", "shared (CGNAT)"),
        ("192.0.0.8", "reserved"),
        ("192.0.2.1", "documentation"),
        ("198.51.100.1", "documentation"),
        ("203.0.113.1", "documentation"),
        ("192.88.99.1", "reserved"),
        ("198.18.0.1", "benchmarking"),
        ("198.19.255.255", "benchmarking"),
        ("224.0.0.1", "multicast"),
        ("239.255.255.255", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("2606:4700::1111", "ok"),
        ("2a00:1450:4001:80b::200e", "ok"),
        ("::", "unspecified"),
        ("::1", "loopback"),
        ("fc00::1", "private"),
        ("fd12:3456::1", "private"),
        ("fd00:ec2::254", "metadata"),
        ("fe80::1", "link-local"),
        ("febf::1", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"),
        ("100::1", "reserved"),
        ("2001:db8::1", "documentation"),
        ("3fff:fff::1", "documentation"),
        ("2001:2::1", "benchmarking"),
        ("2001:10::1", "reserved"),
        ("5f00::1", "reserved"),
        ("4000::1", "reserved"),
    ];
    for (address, expected) in table {
        assert_eq!(class(&Guard::default(), address), expected, "{address}");
    }
}

#[test]
fn what_hides_inside_is_judged_too() {
    let table = [
        ("::ffff:127.0.0.1", "loopback"),
        ("::ffff:169.254.169.254", "metadata"),
        ("::ffff:8.8.8.8", "IPv4-mapped"),
        ("::10.0.0.1", "private"),
        ("::8.8.8.8", "IPv4-compatible"),
        ("64:ff9b::10.0.0.1", "private"),
        ("64:ff9b::8.8.8.8", "ok"),
        ("64:ff9b::127.0.0.1", "loopback"),
        ("64:ff9b::169.254.169.254", "metadata"),
        ("64:ff9b:1::8.8.8.8", "NAT64"),
        ("2002:7f00:1::1", "loopback"),
        ("2002:0a00:0001::", "private"),
        ("2002:0808:0808::1", "ok"),
        // Teredo: server in the clear, client inverted.
        ("2001:0:808:808:0:0:f5ff:fffe", "private"),
        ("2001:0:a00:1:0:0:f7f7:f7f7", "private"),
        ("2001:0:808:808:0:0:f7f7:f7f7", "ok"),
    ];
    for (address, expected) in table {
        assert_eq!(class(&Guard::default(), address), expected, "{address}");
    }
}

#[test]
fn an_operator_allows_what_a_cidr_says_and_no_more() {
    let table: [(&[&str], &str, &str); 17] = [
        (&["127.0.0.0/8"], "127.0.0.1", "ok"),
        (&["127.0.0.0/8"], "::ffff:127.0.0.1", "ok"),
        (&["127.0.0.0/8"], "::1", "loopback"),
        (&["127.0.0.0/8"], "10.0.0.1", "private"),
        (&["::1/128"], "::1", "ok"),
        (&["::1/128"], "127.0.0.1", "loopback"),
        (&["10.1.0.0/16", "fd00::/8"], "10.1.2.3", "ok"),
        (&["10.1.0.0/16", "fd00::/8"], "fd00::2", "ok"),
        (&["10.1.0.0/16"], "10.2.0.1", "private"),
        (&["169.254.169.254/32"], "169.254.169.254", "ok"),
        (&["10.0.0.0/8"], "64:ff9b::10.0.0.1", "ok"),
        // As wide as the translation: what is inside must still be public or allowed.
        (&["64:ff9b::/96"], "64:ff9b::8.8.8.8", "ok"),
        (&["64:ff9b::/96"], "64:ff9b::169.254.169.254", "metadata"),
        (&["64:ff9b::/96", "10.0.0.0/8"], "64:ff9b::10.0.0.1", "ok"),
        (&["::/0"], "::ffff:10.0.0.1", "private"),
        (&["0.0.0.0/0", "::/0"], "::ffff:10.0.0.1", "ok"),
        // Narrower: it speaks about the addresses inside.
        (&["64:ff9b::10.0.0.0/104"], "64:ff9b::10.0.0.1", "ok"),
    ];
    for (allow, address, expected) in table {
        assert_eq!(class(&guard(allow), address), expected, "{allow:?} {address}");
    }
}

#[test]
fn anywhere_is_anywhere() {
    let anywhere = Guard::anywhere();
    for address in ["127.0.0.1", "169.254.169.254", "8.8.8.8", "::1", "fe80::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1"] {
        assert_eq!(anywhere.judge(address.parse().unwrap()), Ok(()), "{address}");
    }
}

#[test]
fn only_the_good_ones_of_many_are_admitted() {
    let of = |list: &[&str]| list.iter().map(|address| address.parse().unwrap()).collect::<Vec<IpAddr>>();
    let admitted = Guard::default().admit(&of(&["10.0.0.1", "1.1.1.1", "::1", "2606:4700::1"])).unwrap();
    assert_eq!(admitted.addresses(), of(&["1.1.1.1", "2606:4700::1"]));
    assert_eq!(admitted.to_string(), "1.1.1.1, 2606:4700::1");

    let refused = Guard::default().admit(&of(&["10.0.0.1", "127.0.0.1"])).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the address is not dialled: private address (an operator can allow its network with egress.allow)"
    );
    assert!(Guard::default().admit(&[]).is_err());
}

proptest! {
    /// What std knows to be special is never dialled, in any IPv6 dress either.
    #[test]
    fn no_special_v4_passes(bits: u32) {
        let v4 = Ipv4Addr::from_bits(bits);
        let special = v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_multicast() || v4.is_broadcast()
            || v4.is_documentation() || v4.is_unspecified();
        let guard = Guard::default();
        let bare = guard.judge(v4.into());
        prop_assert!(!special || bare.is_err());
        prop_assert!(guard.judge(v4.to_ipv6_mapped().into()).is_err());
        let sixtofour = Ipv6Addr::from_bits((0x2002 << 112) | (u128::from(bits) << 80) | 1);
        prop_assert_eq!(guard.judge(sixtofour.into()).is_err(), bare.is_err());
        let nat64 = Ipv6Addr::from_bits((0x0064_ff9b << 96) | u128::from(bits));
        prop_assert_eq!(guard.judge(nat64.into()).is_err(), bare.is_err());
        let translating = Guard::new(vec!["64:ff9b::/96".parse().unwrap()]);
        prop_assert_eq!(translating.judge(nat64.into()).is_err(), bare.is_err());
    }

    #[test]
    fn only_global_unicast_v6_passes(bits: u128) {
        let v6 = Ipv6Addr::from_bits(bits);
        if Guard::default().judge(v6.into()).is_ok() {
            prop_assert_eq!(bits >> 125, 1);
        }
    }

    /// An allowed CIDR allows exactly its addresses, plain and mapped.
    #[test]
    fn an_allowed_cidr_allows(bits: u32, prefix in 0_u8..=32, other: u32) {
        let net = ipnet::Ipv4Net::new(Ipv4Addr::from_bits(bits), prefix).unwrap().trunc();
        let allowing = Guard::new(vec![net.into()]);
        for address in [Ipv4Addr::from_bits(bits), Ipv4Addr::from_bits(other)] {
            let plain = allowing.judge(address.into());
            let mapped = allowing.judge(address.to_ipv6_mapped().into());
            if net.contains(&address) {
                prop_assert!(plain.is_ok() && mapped.is_ok());
            } else {
                prop_assert_eq!(plain, Guard::default().judge(address.into()));
                prop_assert!(mapped.is_err());
            }
        }
    }
}

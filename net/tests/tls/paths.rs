//! Which paths are taken, and what their end is.

use rcgen::CustomExtension;

use super::*;

/// An authority of this name below another, until the second day of a year.
fn below(issuer: &Authority, name: &str, until: i32) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 2), date_time_ymd(until, 1, 2));
    CertifiedIssuer::signed_by(params, KeyPair::generate().unwrap(), issuer).unwrap()
}

#[tokio::test]
async fn the_end_is_that_of_the_path_that_verified() {
    let root = authority("House CA");
    let middle = below(&root, "Middle", 2030);
    let mut identity = signed(&middle, &params(&["a.example"], (2020, 2080)));
    identity.chain.push(middle.der().clone());
    // Nobody needs it, and it is long over.
    identity.chain.push(below(&root, "Another", 2021).der().clone());
    identity.chain.push(signed(&root, &params(&["other.example"], (2020, 2022))).chain[0].clone());
    let end = |connection: TlsConnection| connection.facts.unwrap().not_after;
    let verified = greet_v4("a.example", plain(&identity), &trusting(&root.pem())).await.unwrap();
    assert_eq!(end(verified), date_time_ymd(2030, 1, 2).unix_timestamp());
    let lax = TlsSettings { verify: false, ..TlsSettings::default() };
    let unverified = greet_v4("a.example", plain(&identity), &lax).await.unwrap();
    assert_eq!(end(unverified), date_time_ymd(2080, 1, 2).unix_timestamp());
}

/// A site's certificate that is marked as an authority.
fn marked(years: (i32, i32)) -> CertificateParams {
    let mut params = params(&["a.example"], years);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params
}

/// A site's certificate under a policy that is critical.
fn with_policy(names: &[&str]) -> CertificateParams {
    let mut params = params(names, NOW);
    let any = [0x30, 0x08, 0x30, 0x06, 0x06, 0x04, 0x55, 0x1d, 0x20, 0x00];
    params.custom_extensions.push(critical(&[2, 5, 29, 32], &any));
    params
}

/// A critical extension: this OID and this value.
pub(crate) fn critical(oid: &[u64], value: &[u8]) -> CustomExtension {
    let mut extension = CustomExtension::from_oid_content(oid, value.to_vec());
    extension.set_criticality(true);
    extension
}

#[tokio::test]
async fn what_webpki_lacks_a_rule_for_is_judged_by_hand() {
    let root = authority("House CA");
    let trust = trusting(&root.pem());
    let (mut deep, mut chain) = (below(&root, "Level 0", 2090), Vec::new());
    for level in 1..9 {
        chain.insert(0, deep.der().clone());
        deep = below(&deep, &format!("Level {level}"), 2090);
    }
    let mut far = signed(&deep, &params(&["a.example"], NOW));
    far.chain.push(deep.der().clone());
    far.chain.extend(chain);
    let mut wild = with_policy(&["*.example"]);
    wild.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    for identity in
        [signed(&root, &marked(NOW)), signed(&root, &with_policy(&["a.example"])), signed(&root, &wild), far]
    {
        for versions in [rustls::ALL_VERSIONS, &[&rustls::version::TLS12]] {
            let config = identity.server(builder(versions));
            let connection = greet_v4("a.example", config, &trust).await.unwrap();
            assert_eq!(connection.facts.unwrap().not_after, date_time_ymd(2090, 1, 2).unix_timestamp());
        }
    }
}

#[tokio::test]
async fn by_hand_is_no_less_strict() {
    let root = authority("House CA");
    let trust = trusting(&root.pem());
    let stranger = authority("Stranger CA");
    let mut odd = params(&["a.example"], NOW);
    odd.custom_extensions.push(critical(&[1, 3, 6, 1, 4, 1, 99_999, 1], &[5, 0]));
    // Signed by a site, which is no authority.
    let site = CertifiedIssuer::signed_by(params(&["b.example"], NOW), KeyPair::generate().unwrap(), &root).unwrap();
    let mut by_site = signed(&site, &marked(NOW));
    by_site.chain.push(site.der().clone());
    // The name of the authority, and another key.
    let forged = signed(&authority("House CA"), &marked(NOW));
    for (identity, expected) in [
        (signed(&root, &marked((2019, 2021))), TlsError::Expired("certificate expired 2021-01-02".into())),
        (
            signed(&stranger, &marked(NOW)),
            TlsError::Untrusted("issuer unknown: Stranger CA (the server sent no intermediate certificate)".into()),
        ),
        (signed(&root, &with_policy(&["b.example"])), TlsError::Hostname("certificate is not for a.example".into())),
        (signed(&root, &odd), TlsError::Untrusted("certificate has a critical extension that cannot be obeyed".into())),
        (forged, TlsError::Untrusted("issuer unknown: House CA (the server sent no intermediate certificate)".into())),
    ] {
        assert_eq!(greet_v4("a.example", plain(&identity), &trust).await.unwrap_err(), expected);
    }
    let error = greet_v4("a.example", plain(&by_site), &trust).await.unwrap_err();
    assert!(matches!(error, TlsError::Untrusted(_)), "{error}");
}

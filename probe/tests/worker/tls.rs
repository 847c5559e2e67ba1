//! Redis behind TLS, with a certificate of an authority nobody else knows.

use testbed::certified::Certified;
use testbed::servers::free_port;

use crate::fleet::{Fleet, until};

#[test]
fn a_probe_trusts_the_authority_it_is_told_of_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let certified = Certified::new(dir.path()).unwrap();
    let port = free_port().unwrap();
    let fleet = Fleet::on(|folder| certified.redis(folder, port).unwrap());
    let ca = certified.ca.to_str().unwrap();
    let url = format!("rediss://127.0.0.1:{port}");
    let _probe = fleet.probe("w1", &[("REDIS_URL", &url), ("REDIS_CA", ca)]);
    fleet.push_job("/secret", &[]);
    fleet.expect_outcomes(1);

    let stranger = fleet.probe_unready("w2", &[("REDIS_URL", &url)]);
    until("it says whom it does not trust", || stranger.log().contains("UnknownIssuer"));
    let mut plain = fleet.probe_unready("w3", &[("REDIS_CA", ca)]);
    assert_eq!(plain.exit_code(), 64);
    assert!(plain.log().contains("redis_ca (REDIS_CA)"), "{}", plain.log());
}

#[test]
fn a_redis_that_is_its_own_authority_is_trusted_as_itself() {
    let dir = tempfile::tempdir().unwrap();
    let certified = Certified::by_itself(dir.path()).unwrap();
    let port = free_port().unwrap();
    let fleet = Fleet::on(|folder| certified.redis(folder, port).unwrap());
    let url = format!("rediss://127.0.0.1:{port}");
    let _probe = fleet.probe("w1", &[("REDIS_URL", &url), ("REDIS_CA", certified.ca.to_str().unwrap())]);
    fleet.push_job("/secret", &[]);
    fleet.expect_outcomes(1);
}

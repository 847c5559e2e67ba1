//! Regions that come and go while all runs, each a user of Redis with the rights of `deploy/redis/users.sh` and no more.

use std::process::{Command, Output};

use serde_json::json;
use testbed::service::binary;

use crate::{
    deployment::{Deployment, JOBS, Plan, own, results},
    page::{follow, root},
};

fn remove(system: &Deployment, region: &str) -> Output {
    let mut command = Command::new(binary("upguard-control").unwrap());
    command.args(["admin", "remove-region", region]).env("UPGUARD_POSTGRES__URL", system.servers().database_url());
    command.env("UPGUARD_AUTH__SECRET", "a secret of the tests, longer than 32 bytes");
    command.env("UPGUARD_TIMES__LANE_LEASE", "2s");
    command.output().unwrap()
}

fn stored(system: &Deployment, region: &str) -> i64 {
    system.number(&format!(
        "select count(*) from results r join regions g on g.key = r.region
         where g.id = '{region}' and r.attempt = 0 and r.verdict = 'up'"
    ))
}

#[test]
fn a_region_is_added_and_another_removed_while_all_runs() {
    let plan = || Plan::default().times("3s", "5s", "8s").users();
    let mut system = plan().start();
    let site = system.site("up");
    system.monitors(40, &json!({"url": site.url()}));
    system.until("both regions check", || ["eu-west", "us-east"].iter().all(|region| stored(&system, region) > 20));

    // Added: a user, then a probe.
    let password = [(":PASSWORD", ":ap-south-password")];
    follow(&system, "redis.md", "## Add a region", &password, root());
    let probe = plan().probe(system.servers(), "ap-south/w1", &system.address);
    system.probes.insert("ap-south/w1".to_owned(), probe);
    system.until("the new region checks", || stored(&system, "ap-south") > 20);

    // Removed: first it owes nothing more, then its probes end, then its user and keys go.
    let only = system.monitor(&json!({"url": site.url(), "regions": ["us-east"]}));
    let refused = remove(&system, "us-east");
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && complaint.contains("1 monitors are checked from us-east alone"),
        "{complaint}"
    );
    system.ask(http::Method::PATCH, &only.at(""), Some(json!({"regions": []})));
    let removed = remove(&system, "us-east");
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    assert!(!remove(&system, "us-east").status.success(), "it was removed before");
    let last = system.number("select to_slot from regions where id = 'us-east'");
    system.expect_closed(last);
    let mut gone = system.probes.remove("us-east/w1").unwrap();
    gone.stop();
    follow(&system, "redis.md", "## Remove a region", &[], root());
    assert_eq!(system.redis(&["EXISTS", &own("us-east"), &results("us-east")]), "0");
    let left = system.redis(&["XINFO", "GROUPS", JOBS]) + &system.redis(&["ACL", "LIST"]);
    assert!(!left.contains("us-east") && left.contains("eu-west"), "{left}");

    let regions = system.get("/api/v1/regions");
    let names: Vec<_> = regions["items"].as_array().unwrap().iter().map(|region| region["id"].clone()).collect();
    assert_eq!(names, ["ap-south", "eu-west"]);
    let before = stored(&system, "eu-west");
    system.until("the others go on", || stored(&system, "eu-west") > before + 20);
    let audit = system.audit();
    audit.expect_no("missed");
    audit.expect_some("us-east up");
    audit.expect_some("ap-south up");
    assert_eq!(system.number("select count(*) from incidents"), 0, "nobody is to be woken by it");
    // Redis remembers whom it refused what.
    let log = system.redis(&["ACL", "LOG"]);
    assert!(!log.contains("control") && !log.contains("eu-west") && !log.contains("ap-south"), "{log}");
}

//! Regions that come and go while all runs, each a user of Redis with the rights of `deploy/redis/users.sh` and no more.

use std::process::{Command, Output};

use loadtest::house::binary;
use serde_json::json;

use crate::{
    house::{House, JOBS, Plan, own, results},
    page::{follow, root},
};

fn remove(house: &House, region: &str) -> Output {
    let mut command = Command::new(binary("upguard-control").unwrap());
    command.args(["admin", "remove-region", region]).env("UPGUARD_POSTGRES__URL", house.ground().database_url());
    command.env("UPGUARD_AUTH__SECRET", "a secret of the tests, longer than 32 bytes");
    command.env("UPGUARD_TIMES__LANE_LEASE", "2s");
    command.output().unwrap()
}

fn stored(house: &House, region: &str) -> i64 {
    house.number(&format!(
        "select count(*) from results r join regions g on g.key = r.region
         where g.id = '{region}' and r.attempt = 0 and r.verdict = 'up'"
    ))
}

#[test]
fn a_region_is_added_and_another_removed_while_all_runs() {
    let plan = || Plan::default().times("3s", "5s", "8s").users();
    let mut house = plan().start();
    let site = house.site("up");
    house.monitors(40, &json!({"url": site.url()}));
    house.until("both regions check", || ["eu-west", "us-east"].iter().all(|region| stored(&house, region) > 20));

    // Added: a user, then a probe.
    let password = [(":PASSWORD", ":ap-south-password")];
    follow(&house, "redis.md", "## Add a region", &password, root());
    let probe = plan().probe(house.ground(), "ap-south/w1", &house.address);
    house.probes.insert("ap-south/w1".to_owned(), probe);
    house.until("the new region checks", || stored(&house, "ap-south") > 20);

    // Removed: first it owes nothing more, then its probes end, then its user and keys go.
    let only = house.monitor(&json!({"url": site.url(), "regions": ["us-east"]}));
    let refused = remove(&house, "us-east");
    let complaint = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && complaint.contains("1 monitors are checked from us-east alone"),
        "{complaint}"
    );
    house.ask(http::Method::PATCH, &only.at(""), Some(json!({"regions": []})));
    let removed = remove(&house, "us-east");
    assert!(removed.status.success(), "{}", String::from_utf8_lossy(&removed.stderr));
    assert!(!remove(&house, "us-east").status.success(), "it was removed before");
    let last = house.number("select to_slot from regions where id = 'us-east'");
    house.expect_closed(last);
    let mut gone = house.probes.remove("us-east/w1").unwrap();
    gone.stop();
    follow(&house, "redis.md", "## Remove a region", &[], root());
    assert_eq!(house.redis(&["EXISTS", &own("us-east"), &results("us-east")]), "0");
    let left = house.redis(&["XINFO", "GROUPS", JOBS]) + &house.redis(&["ACL", "LIST"]);
    assert!(!left.contains("us-east") && left.contains("eu-west"), "{left}");

    let regions = house.get("/api/v1/regions");
    let names: Vec<_> = regions["items"].as_array().unwrap().iter().map(|region| region["id"].clone()).collect();
    assert_eq!(names, ["ap-south", "eu-west"]);
    let before = stored(&house, "eu-west");
    house.until("the others go on", || stored(&house, "eu-west") > before + 20);
    let books = house.audit();
    books.expect_no("missed");
    books.expect_some("us-east up");
    books.expect_some("ap-south up");
    assert_eq!(house.number("select count(*) from incidents"), 0, "nobody is to be woken by it");
    // Redis remembers whom it refused what.
    let log = house.redis(&["ACL", "LOG"]);
    assert!(!log.contains("control") && !log.contains("eu-west") && !log.contains("ap-south"), "{log}");
}

//! A lane nothing of which is stored, for whatever reason, looks dead on every replica, and calls people; and goes on after.

use std::time::Duration;

use serde_json::{Value, json};
use testbed::http::{get, is_ok};

use crate::{
    deployment::{Deployment, Plan, contract},
    sse::Stream,
};

/// How many monitors there are, each checked every 5 s.
const MONITORS: usize = 20;

/// Two replicas that hold no slot back, and monitors that are up.
fn two() -> Deployment {
    two_of(Plan::default())
}

fn two_of(plan: Plan) -> Deployment {
    let system = plan.controls(2).times("9s", "10s", "12s").start();
    let site = system.site("up");
    system.monitors(MONITORS, &json!({"url": site.url()}));
    let up = "select count(*) from monitor_status where status = 'up'";
    system.until("all are up", || system.number(up) == MONITORS as i64);
    system
}

/// Somebody who asks one replica after the other.
struct Person<'h> {
    system: &'h Deployment,
    token: String,
}

impl<'h> Person<'h> {
    /// Signs up: an organisation of their own.
    fn sign_up(system: &'h Deployment, who: &str) -> Self {
        let body = json!({"email": format!("{who}@example.org"), "password": "three unrelated words"});
        let url = format!("{}/api/v1/auth/register", system.controls[0].api);
        let answer = agent().post(url).header("content-type", "application/json").send(body.to_string()).unwrap();
        let answer: Value = serde_json::from_str(&answer.into_body().read_to_string().unwrap()).unwrap();
        Self { system, token: answer["access_token"].as_str().unwrap().to_owned() }
    }

    /// The system's own user's key, which may read.
    fn of_the_system(system: &'h Deployment) -> Self {
        let made = system.post("/api/v1/api-keys", Some(json!({"name": "reader", "scopes": ["read", "metrics"]})));
        Self { system, token: made["key"].as_str().unwrap().to_owned() }
    }

    fn text(&self, replica: usize, path: &str) -> String {
        let url = format!("{}{path}", self.system.controls[replica].api);
        let answer = agent().get(url).header("authorization", format!("Bearer {}", self.token)).call().unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.into_body().read_to_string().unwrap()
    }

    #[track_caller]
    fn get(&self, replica: usize, path: &str) -> Value {
        let body = serde_json::from_str(&self.text(replica, path)).unwrap();
        contract::check("GET", path, 200, "application/json", &body);
        body
    }

    /// How many of the system's monitors a replica answers for a query, and whether all of them are `status`, and say since
    /// when they are unchecked or do not.
    fn sees(&self, replica: usize, query: &str, status: &str, unchecked: bool) -> usize {
        let items = self.get(replica, &format!("/api/v1/monitors?{query}"))["items"].take();
        let items = items.as_array().unwrap();
        for item in items {
            assert_eq!((&item["status"], item.get("unchecked_since").is_some()), (&json!(status), unchecked), "{item}");
        }
        items.len()
    }
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
    config.timeout_global(Some(Duration::from_secs(10))).build().into()
}

fn both(mut holds: impl FnMut(usize) -> bool) -> bool {
    holds(0) && holds(1)
}

/// Whether a replica calls anything up.
fn calls_something_up(person: &Person<'_>, replica: usize) -> bool {
    let ups = |path: &str| person.get(replica, path)["items"].as_array().unwrap().len();
    ups("/api/v1/monitors?status=up") + ups("/api/v1/monitors?view=live&status=up") > 0
}

/// Every answer on both replicas says that nobody knows, and since when.
fn expect_unknown(person: &Person<'_>) {
    for replica in [0, 1] {
        for query in ["limit=50", "status=unknown", "view=live", "view=live&status=unknown,down&sort=-since"] {
            assert_eq!(person.sees(replica, query, "unknown", true), MONITORS, "{query}");
        }
        let items = person.get(replica, "/api/v1/monitors?limit=1")["items"].take();
        let page = format!("/api/v1/monitors/{}", items[0]["id"].as_str().unwrap());
        let (one, verdict) = (person.get(replica, &page), person.get(replica, &format!("{page}/verdict")));
        assert_eq!((&one["status"], &one["reason"]), (&json!("unknown"), &Value::Null));
        assert_eq!((&verdict["status"], &verdict["unchecked_since"]), (&json!("unknown"), &one["unchecked_since"]));
        let page = person.text(replica, "/api/v1/metrics");
        assert!(page.contains("upguard_monitor_info{") && !page.contains("probe_success{"), "{page}");
    }
}

/// Both replicas' figures grow, whoever holds the lane.
fn expect_growing_lags(system: &Deployment) {
    let series = ["upguard_lane_stalled_seconds", "upguard_results_backlog_seconds", "upguard_closed_lag_seconds"];
    for (replica, name) in [0, 1].into_iter().flat_map(|replica| series.map(|name| (replica, name))) {
        let read = || system.metric(replica, &format!("{name}{{lane=\"0\"}}"));
        let before = read();
        assert!(before > 4.0, "{name} of {replica}: {before}");
        system.until(&format!("{name} of {replica} grows"), || read() > before + 1.0);
    }
}

/// Both say on their admin port that they are not ready, and that the API is.
fn expect_red(system: &Deployment, sentence: &str) {
    system.until("both replicas are red", || {
        both(|replica| {
            let answer = system.readyz(replica);
            answer.starts_with("HTTP/1.1 503") && answer.contains(sentence)
        })
    });
    assert!(both(|replica| is_ok(&format!("{}/readyz?scope=api", system.controls[replica].admin))));
}

fn expect_well(system: &Deployment, person: &Person<'_>) {
    system.until("all is as before", || {
        both(|replica| {
            let up = person.get(replica, "/api/v1/monitors?status=up")["items"].as_array().unwrap().len();
            up == MONITORS && system.readyz(replica).starts_with("HTTP/1.1 200")
        })
    });
    assert!(both(|replica| person.sees(replica, "view=live", "up", false) == MONITORS));
    assert!(both(|replica| system.metric(replica, "upguard_lane_stalled_seconds{lane=\"0\"}") < 10.0));
}

#[test]
fn a_lane_that_can_store_nothing_looks_dead_everywhere_and_calls_the_operators() {
    let system = two();
    let owner = Person::of_the_system(&system);
    let stranger = Person::sign_up(&system, "bob");
    let mut streams: Vec<_> =
        (0..2).map(|at| Stream::listen(&system.controls[at].api, &stranger.token, "", None)).collect();
    system.sql(
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'no room'; end $$;
         create trigger refuse before insert on results for each row execute function refuse()",
    );
    let took = system.until("nothing is called up any more", || both(|replica| !calls_something_up(&owner, replica)));
    assert!(took < Duration::from_secs(15), "{took:?}: two intervals are 10 s");
    expect_unknown(&owner);
    expect_red(&system, "no result of lane 0 has been stored for");
    expect_growing_lags(&system);
    // Whoever listens is told, whatever organisation and replica.
    for stream in &mut streams {
        let told = stream.next_named("lanes");
        contract::check_event("lanes", &told);
        assert_eq!((&told["lanes"][0]["lane"], &told["lanes"][0]["unknown_up_to"]), (&json!(0), &json!(5)));
        while stream.next_named("lanes")["lanes"][0]["stalled"] != json!(true) {}
    }

    system
        .until("the operators are called", || system.number("select count(*) from incidents where kind = 'lane'") == 1);
    let listed = system.get("/api/v1/incidents?kind=lane")["items"].take();
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["state"]), (1, &json!("open")));
    assert_eq!(listed[0]["level"], "lane");
    let detail = system.get(&format!("/api/v1/incidents/{}", listed[0]["id"].as_str().unwrap()));
    let said = detail["timeline"][0]["data"]["detail"].as_str().unwrap();
    assert!(said.starts_with("no result of lane 0 has been stored since 20"), "{said}");
    assert_eq!(stranger.get(0, "/api/v1/incidents")["items"], json!([]));

    system.sql("drop trigger refuse on results");
    expect_well(&system, &owner);
    for stream in &mut streams {
        while stream.next_named("lanes") != json!({"lanes": []}) {}
    }
    system.until("the incident is over", || {
        system.number("select count(*) from incidents where kind = 'lane' and state = 'resolved'") == 1
    });
    assert_eq!(system.number("select count(*) from incidents"), 1, "nobody was called for a site");
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_some("missed");
}

#[test]
fn a_postgres_that_only_reads_looks_dead_everywhere_and_silences_the_watchdog() {
    let watchdog = testbed::world::World::start();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let watchdog = runtime.block_on(watchdog).unwrap();
    let kennel = watchdog.site("watchdog");
    let system = two_of(Plan::default().set("UPGUARD_WATCHDOG__URL", kennel.url()));
    let owner = Person::of_the_system(&system);
    system.until("the watchdog is called", || kennel.requests() > 0);
    system.sql("alter system set default_transaction_read_only = on");
    system.sql("select pg_reload_conf()");
    let took = system.until("nothing is called up any more", || both(|replica| !calls_something_up(&owner, replica)));
    assert!(took < Duration::from_secs(15), "{took:?}: two intervals are 10 s");
    expect_unknown(&owner);
    expect_red(&system, "read-only: it takes no writes");
    expect_growing_lags(&system);
    system.until("the lane is 32 s old", || system.metric(0, "upguard_lane_stalled_seconds{lane=\"0\"}") > 32.0);
    let called = kennel.requests();
    system.until("the watchdog's next turn is over", || {
        system.metric(0, "upguard_lane_stalled_seconds{lane=\"0\"}") > 32.0 + 31.0
    });
    assert_eq!(kennel.requests(), called, "who is called believes that all is well");
    assert_eq!(system.number("select count(*) from incidents"), 0, "where nothing can be written nothing is");

    system.sql("alter system reset default_transaction_read_only");
    system.sql("select pg_reload_conf()");
    expect_well(&system, &owner);
    let audit = system.audit();
    audit.expect_no("down");
    audit.expect_some("missed");
    assert!(get(&format!("{}/readyz", system.controls[0].admin)).unwrap().contains("\"postgres write\":\"ok\""));
}

#[test]
fn a_takeover_is_none_of_all_this() {
    let mut system = two();
    let owner = system.expect_owner();
    let other = 1 - owner;
    system.controls[owner].service.kill9();
    let mut oldest: f64 = 0.0;
    system.until("the other holds the lane, and was ready all the time", || {
        let answer = system.readyz(other);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        oldest = oldest.max(system.metric(other, "upguard_lane_stalled_seconds{lane=\"0\"}"));
        system.owner() == Some(other)
    });
    system.until("it stores", || system.metric(other, "upguard_lane_stalled_seconds{lane=\"0\"}") < 3.0);
    eprintln!("the lane was silent for {oldest} s");
    assert_eq!(system.number("select count(*) from incidents"), 0);
    system.controls[owner].service.start().unwrap();
}

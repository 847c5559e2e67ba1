//! Stored results, uptime and regions as a client sees them. The test stores them itself, so that it knows them all.

#![allow(clippy::unwrap_used, reason = "a test that finds nothing fails")]

mod support;

use serde_json::{Value, json};
use support::{Server, User};

/// A replica that serves and does nothing else, two regions, and one monitor (every 60 s, three days old) of `user`.
fn server() -> Server {
    let server = Server::start_with(&[("UPGUARD_STREAM__WORK", "false")]);
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0), ('us-east', 0)");
    server.psql("select make_partitions(frontier - 4 * 86400, frontier + 86400) from lanes");
    server
}

fn monitor(server: &Server, user: &User<'_>) -> String {
    let made = user.post("/api/v1/monitors", &json!({"name": "a", "url": "http://a.example/"})).expect(201);
    server.psql(
        "update monitors set created_at = now() - interval '3 days';
         update cadences set from_slot = from_slot - 3 * 86400",
    );
    format!("/api/v1/monitors/{}", made["id"].as_str().unwrap())
}

/// Rows for every expected slot of the last `seconds`.
fn fill(server: &Server, seconds: i64) -> usize {
    server.psql(&format!(
        "insert into results (slot, monitor, region, attempt, verdict, started_ms, resolve_us, processing_us, http_status, address)
         select slot, monitor, region, 0, 'up', 250, 1500, 20000, 200, '127.0.0.1'
         from lanes, expected(0::smallint, frontier - {seconds} + 1, frontier)"
    ));
    server.psql("select count(*) from results").parse().unwrap()
}

/// Everything behind `path`, page after page: `(slot, attempt, region)`, and how many pages it took.
fn walk(user: &User<'_>, path: &str) -> (Vec<(i64, i64, String)>, usize) {
    let (mut seen, mut after, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = user.get(&format!("{path}{after}")).expect(200);
        pages += 1;
        let key = |row: &Value| {
            (
                row["slot"].as_i64().unwrap(),
                row["attempt"].as_i64().unwrap(),
                row["region"].as_str().unwrap().to_owned(),
            )
        };
        seen.extend(page["items"].as_array().unwrap().iter().map(key));
        let Some(next) = page["next"].as_str() else { return (seen, pages) };
        after = format!("&after={next}");
    }
}

#[test]
fn results_page_over_days() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let path = monitor(&server, &ann);
    let stored = fill(&server, 2 * 86_400);
    assert_eq!(stored, 2 * 2880);
    server.psql(
        "insert into results (slot, monitor, region, attempt, verdict, reason)
         select frontier - 30, key, (select min(key) from regions), 255, 'down', 'connect' from lanes, monitors;
         insert into results (slot, monitor, region, attempt, verdict, reason)
         select slot, monitor, region, 1, 'missed', 'late' from results where attempt = 0 order by slot limit 1",
    );
    let days = server.psql("select count(distinct tableoid) from results").parse::<usize>().unwrap();
    assert!(days >= 3, "spread over {days} partitions");

    let (seen, pages) = walk(&ann, &format!("{path}/results?limit=200"));
    assert_eq!((seen.len(), pages), (stored + 2, 29));
    let order = |row: &(i64, i64, String)| (-row.0, -row.1);
    assert!(seen.is_sorted_by_key(order), "newest first");
    let unique: std::collections::HashSet<_> = seen.iter().collect();
    assert_eq!(unique.len(), seen.len(), "none twice");
    let unscheduled: Vec<_> = seen.iter().filter(|row| row.1 != 0).map(|row| row.1).collect();
    assert_eq!(unscheduled, [255, 1]);

    let (one, _) = walk(&ann, &format!("{path}/results?limit=200&region=us-east"));
    assert_eq!(one.len(), stored / 2);
    let (bad, _) = walk(&ann, &format!("{path}/results?limit=10&verdict=down"));
    assert_eq!(bad.len(), 1);
    let (missed, _) = walk(&ann, &format!("{path}/results?limit=1&verdict=missed&region=eu-west"));
    assert_eq!(missed.len(), 1);
    for beyond in ["after=-9223372036854775808.0.0", "after=0.0.0"] {
        assert_eq!(ann.get(&format!("{path}/results?{beyond}")).expect(200), json!({"items": [], "next": null}));
    }
    let far = ann.get(&format!("{path}/results?after=9223372036854775807.0.0&limit=1")).expect(200);
    assert_eq!(far["items"].as_array().unwrap().len(), 1);
    for query in ["limit=0", "after=1.2", "after=x.y.z", "region=mars", "verdict=fine", "attempt=0"] {
        ann.get(&format!("{path}/results?{query}")).problem(400);
    }
}

#[test]
fn a_result_has_this_shape() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let path = monitor(&server, &ann);
    server.psql(
        "insert into results (slot, monitor, region, attempt, verdict, reason, started_ms, resolve_us, connect_us, http_status, address, detail)
         select s.slot, m.key, r.key, 0, 'down', 'status', 1007, 1500, 250, 503, '192.0.2.7', 'got 503'
         from monitors m, regions r, lanes l, slots_of(m.key, l.frontier - 59, l.frontier) s where r.id = 'eu-west';
         insert into results (slot, monitor, region, attempt, verdict, reason, started_ms, suspect)
         select s.slot, m.key, r.key, 255, 'down', 'connect', 2000, 'network'
         from monitors m, regions r, lanes l, slots_of(m.key, l.frontier - 119, l.frontier - 60) s where r.id = 'eu-west';
         insert into results (slot, monitor, region, attempt, verdict, reason)
         select s.slot, m.key, r.key, 0, 'missed', 'no_probe'
         from monitors m, regions r, lanes l, slots_of(m.key, l.frontier - 59, l.frontier) s where r.id = 'us-east'",
    );
    let slot: i64 = server.psql("select max(slot) from results").parse().unwrap();
    let moment = |ms: i64| {
        server.psql(&format!(
            "select to_char(to_timestamp({ms} / 1000.0) at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"
        ))
    };
    let down = json!({
        "slot": slot, "region": "eu-west", "attempt": 0, "cause": "schedule", "verdict": "down", "reason": "status",
        "suspect": null, "http_status": 503, "phases": {"resolve": 0.0015, "connect": 0.00025}, "address": "192.0.2.7",
        "detail": "got 503", "started_at": moment(slot * 1000 + 1007),
    });
    let missed = json!({
        "slot": slot, "region": "us-east", "attempt": 0, "cause": "schedule", "verdict": "missed", "reason": "no_probe",
        "suspect": null, "http_status": null, "phases": {}, "address": null, "detail": null, "started_at": null,
    });
    let doubted = json!({
        "slot": slot - 60, "region": "eu-west", "attempt": 255, "cause": "request", "verdict": "down", "reason": "connect",
        "suspect": "network", "http_status": null, "phases": {}, "address": null, "detail": null,
        "started_at": moment(slot * 1000 - 58_000),
    });
    let all = json!({"items": [missed, down, doubted], "next": null});
    assert_eq!(ann.get(&format!("{path}/results")).expect(200), all);
    assert_eq!(
        ann.get(&path).expect(200)["regions_now"],
        json!([
            {"region": "eu-west", "verdict": "down", "reason": "status", "suspect": null, "at": moment(slot * 1000 + 1007), "ms": 1.75},
            {"region": "us-east", "verdict": "missed", "reason": "no_probe", "suspect": null, "at": moment(slot * 1000), "ms": null},
        ])
    );
}

#[test]
fn what_a_region_says_now_is_its_newest_word() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let path = monitor(&server, &ann);
    fill(&server, 3_600);
    let now = |region: usize| ann.get(&path).expect(200)["regions_now"][region]["verdict"].clone();
    assert_eq!((now(0), now(1)), (json!("up"), json!("up")));
    server.psql(
        "insert into results (slot, monitor, region, attempt, verdict)
         select frontier, key, (select min(key) from regions), 255, 'degraded' from lanes, monitors;
         insert into results (slot, monitor, region, attempt, verdict)
         select frontier - 200, key, (select max(key) from regions), 255, 'down' from lanes, monitors",
    );
    assert_eq!((now(0), now(1)), (json!("degraded"), json!("up")));
    // What is older than two intervals and H is no word of now.
    server.psql("delete from results r using lanes where slot > frontier - 400");
    assert_eq!(ann.get(&path).expect(200)["regions_now"], json!([]));
}

#[test]
fn uptime_is_closed_hours_and_the_closed_slots_since() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let path = monitor(&server, &ann);
    // Two hours and a bit are closed; what lies before is summarised.
    server.psql(
        "update lanes set summarised = (frontier - frontier % 3600) - 3600, closed = frontier - 180;
         insert into uptime_hours
         select key, summarised - 3600 * n, 110, 115, 120 from monitors, lanes, generate_series(1, 100) n;
         insert into uptime_hours select key, summarised - 3600 * 800, 1000, 1000, 1000 from monitors, lanes;
         insert into results (slot, monitor, region, attempt, verdict, suspect)
         select slot, monitor, region, 0, (array['up', 'degraded', 'down', 'missed'])[1 + (slot / 60) % 4]::verdict,
                case when (slot / 60) % 10 = 0 then 'clock'::diagnosis end
         from lanes, expected(0::smallint, summarised - 7200, frontier);
         insert into results (slot, monitor, region, attempt, verdict)
         select slot, monitor, region, 255, 'down' from results, lanes where attempt = 0 and slot > frontier - 600",
    );
    let tail = |verdicts: &str| -> i64 {
        let count = server.psql(&format!(
            "select count(*) from results, lanes where attempt = 0 and slot between summarised and closed and verdict in ({verdicts}) and suspect is null"
        ));
        count.parse().unwrap()
    };
    let (good, down, missed) = (tail("'up', 'degraded'"), tail("'down'"), tail("'missed'"));
    let suspect: i64 = server
        .psql("select count(*) from results, lanes where attempt = 0 and slot between summarised and closed and suspect is not null")
        .parse()
        .unwrap();
    assert!(good > 0 && down > 0 && missed > 0 && suspect > 0);
    let hours = server.psql("select count(*) from uptime_hours, lanes where hour >= (extract(epoch from now())::bigint - 86400) / 3600 * 3600");
    let uptime = ann.get(&path).expect(200)["uptime"].clone();
    for (period, hours) in [("24h", hours.parse().unwrap()), ("7d", 100), ("30d", 100)] {
        let counts = &uptime[period];
        assert_eq!(counts["good"], good + 110 * hours, "{period}");
        assert_eq!(counts["total"], good + down + 115 * hours, "{period}");
        assert_eq!(counts["expected"], good + down + missed + suspect + 120 * hours, "{period}");
        assert!((0.0..100.0).contains(&counts["uptime_percent"].as_f64().unwrap()));
        assert!((0.0..100.0).contains(&counts["coverage_percent"].as_f64().unwrap()));
    }
    let listed = ann.get("/api/v1/monitors").expect(200);
    assert_eq!(listed["items"][0]["uptime"], uptime, "the list tells the same");
}

#[test]
fn regions_and_their_workers() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    server.psql(
        "insert into workers select key, 'w1', '0.1.0', 3, 512, 20, -4, 'network', now() from regions where id = 'eu-west';
         insert into workers select key, 'w2', '0.1.0', 0, 512, 0, 0, null, now() - interval '1 minute' from regions where id = 'eu-west'",
    );
    for (group, stream) in [("eu-west", "betteruptime:website"), ("stranger", "betteruptime:website")] {
        server.redis.cli(&["XGROUP", "CREATE", stream, group, "0", "MKSTREAM"]).unwrap();
    }
    server.redis.cli(&["XADD", "betteruptime:website", "*", "id", "x", "url", "y"]).unwrap();
    server
        .redis
        .cli(&["XREADGROUP", "GROUP", "eu-west", "w1", "COUNT", "1", "STREAMS", "betteruptime:website", ">"])
        .unwrap();
    let fleet = bob.get("/api/v1/regions").expect(200);
    let by_id = |id: &str| fleet["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone();
    let eu = by_id("eu-west");
    assert_eq!((&eu["registered"], &eu["pending"], eu["lag_seconds"].as_f64()), (&json!(true), &json!(1), Some(0.0)));
    let worker = &eu["workers"][0];
    assert_eq!((&worker["worker"], &worker["limit"], &worker["alive"]), (&json!("1"), &json!(512), &json!(true)));
    assert_eq!(eu["workers"][1]["alive"], false);
    assert_eq!((&worker["diagnosis"], &eu["workers"][1]["diagnosis"]), (&json!("network"), &Value::Null));
    let stranger = by_id("stranger");
    assert_eq!(
        (&stranger["registered"], &stranger["since"], &stranger["pending"]),
        (&json!(false), &Value::Null, &json!(0))
    );
    assert!(stranger["lag_seconds"].as_f64().is_some());
    assert_eq!(by_id("us-east")["workers"], json!([]));
    assert!(fleet.get("note").is_none() && fleet["next"].is_null());

    let made = ann.post("/api/v1/regions", &json!({"id": "ap-south", "isolated": true})).expect(201);
    assert_eq!((&made["registered"], &made["isolated"]), (&json!(true), &json!(true)));
    let row = server
        .psql("select from_slot > (select max(frontier) from lanes), isolated from regions where id = 'ap-south'");
    assert_eq!(row, "t|t");
    let again = ann.post("/api/v1/regions", &json!({"id": "ap-south"})).expect(201);
    assert_eq!((&again["since"], &again["isolated"]), (&made["since"], &json!(false)));
    server.psql("update regions set to_slot = from_slot + 60 where id = 'ap-south'");
    let removed = ann.post("/api/v1/regions", &json!({"id": "ap-south"}));
    removed.problem(409);
    assert!(removed.body["detail"].as_str().unwrap().contains("such as ap-south-2"), "{removed:?}");
    assert_eq!(
        ann.post("/api/v1/regions", &json!({"id": "EU", "isolated": 1, "x": 2})).problem(422),
        ["/id", "/isolated", "/x"]
    );
    assert_eq!(ann.post("/api/v1/regions", &json!({"id": "control"})).problem(422), ["/id"]);
    bob.post("/api/v1/regions", &json!({"id": "mars"})).problem(403);
}

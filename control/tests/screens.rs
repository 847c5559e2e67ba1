//! What single screens are made of: charts, uptime by day, what happened last, and the same done to many monitors. The
//! tests store results themselves, so that they know them all.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]

mod sse;
mod support;

use serde_json::{Value, json};
use sse::Stream;
use support::{Server, User};

/// A replica that serves and does nothing else, and two regions.
fn server() -> Server {
    let server = Server::start_with(&[("UPGUARD_STREAM__WORK", "false")]);
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0), ('us-east', 0)");
    server.psql("select make_partitions(frontier - 4 * 86400, frontier + 86400) from lanes");
    server
}

fn make(user: &User<'_>, name: &str) -> String {
    let body = json!({"name": name, "url": format!("http://{name}.example/"), "tags": ["old"]});
    user.post("/api/v1/monitors", &body).expect(201)["id"].as_str().unwrap().to_owned()
}

/// A monitor that is three days old and was checked in every slot of the last `seconds`, from each region: by eu-west
/// in 20 ms, by us-east in 40 ms, and every tenth time nobody answers.
fn checked(server: &Server, user: &User<'_>, seconds: i64) -> String {
    let id = make(user, "shop");
    server.psql("update monitors set created_at = now() - interval '3 days'; update cadences set from_slot = from_slot - 3 * 86400");
    server.psql(&format!(
        "insert into results (slot, monitor, region, attempt, verdict, reason, started_ms, connect_us, processing_us, http_status)
         select e.slot, e.monitor, e.region, 0, x.verdict::verdict, x.reason::reason, 5, case when x.verdict = 'up' then 10000 end,
                case when x.verdict = 'up' then case when g.id = 'eu-west' then 10000 else 30000 end end,
                case when x.verdict = 'up' then 200 end
         from lanes l, expected(0::smallint, l.frontier - {seconds}, l.frontier) e join regions g on g.key = e.region,
              lateral (select case when (e.slot / 60) % 10 = 0 then 'down' else 'up' end as verdict,
                              case when (e.slot / 60) % 10 = 0 then 'connect' end as reason) x"
    ));
    format!("/api/v1/monitors/{id}")
}

fn number(server: &Server, sql: &str) -> i64 {
    server.psql(sql).parse().unwrap()
}

fn sum(list: &Value) -> i64 {
    list.as_array().unwrap().iter().map(|it| it.as_i64().unwrap()).sum()
}

#[test]
fn charts_of_single_results() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let path = checked(&server, &ann, 7_200);
    server.psql(
        "insert into incidents (id, organisation, kind, monitor, state, level, worst, opened_at, resolved_at)
         select x.id::uuid, organisation, 'availability', key, 'resolved', 'degraded', 'down', frontier - x.from, frontier - x.to
         from monitors, lanes, (values ('00000000-0000-0000-0000-000000000001', 1800, 600),
                                       ('00000000-0000-0000-0000-000000000002', 90000, 80000)) x (id, \"from\", \"to\")",
    );
    let now = number(&server, "select frontier from lanes");
    let chart = ann.get(&format!("{path}/series?from={}&to={now}", now - 3_600)).expect(200);
    assert_eq!((&chart["step"], chart["at"].as_array().unwrap().len() >= 60), (&json!(60), true));
    let names: Vec<_> = chart["regions"].as_array().unwrap().iter().map(|it| it["region"].as_str().unwrap()).collect();
    assert_eq!(names, ["eu-west", "us-east"]);
    let eu = &chart["regions"][0];
    assert_eq!((&eu["summary"]["p50"], &chart["regions"][1]["summary"]["p99"]), (&json!(20.0), &json!(40.0)));
    let from = chart["from"].as_i64().unwrap();
    let stored = |verdict: &str| {
        number(
            &server,
            &format!("select count(*) from results where verdict = '{verdict}' and slot >= {from} and slot < {now}"),
        )
    };
    assert_eq!((sum(&chart["all"]["up"]), sum(&chart["all"]["down"])), (stored("up"), stored("down")));
    assert_eq!(chart["all"]["summary"]["down"], stored("down"));
    for (place, p50) in eu["p50"].as_array().unwrap().iter().enumerate() {
        let answered = eu["up"][place] != 0;
        assert_eq!(p50.as_f64(), answered.then_some(20.0), "gaps stay gaps");
        assert_eq!(eu["phases"]["connect"][place].as_f64(), answered.then_some(10.0));
        assert_eq!(eu["phases"]["tls"][place], Value::Null);
    }
    let incident =
        json!({"id": "00000000-0000-0000-0000-000000000001", "level": "down", "from": now - 1_800, "to": now - 600});
    assert_eq!(chart["incidents"], json!([incident]));

    let one = ann.get(&format!("{path}/series?region=us-east")).expect(200);
    assert_eq!((one["regions"].as_array().unwrap().len(), &one["all"]["summary"]["p50"]), (1, &json!(40.0)));
    let id = path.rsplit('/').next().unwrap();
    bob.get(&format!("/api/v1/monitors/{id}/series")).problem(404);
    for bad in ["from=x", "region=mars", "from=9999999999999", "from=1&to=1", "from=1000000000", "x=1"] {
        ann.get(&format!("{path}/series?{bad}")).problem(400);
    }
}

#[test]
fn charts_of_summaries_tell_the_same() {
    // This one does its housekeeping; nothing is checked, and the test closes what it has filled.
    let server = Server::start();
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0), ('us-east', 0)");
    server.psql("select make_partitions(frontier - 4 * 86400, frontier + 86400) from lanes");
    let ann = server.sign_up("ann@example.org");
    let path = checked(&server, &ann, 30 * 3_600);
    server.psql("update lanes set summarised = (frontier - frontier % 3600) - 24 * 3600");
    support::eventually("all hours are summarised", || {
        (number(&server, "select summarised + 3600 - closed from lanes") > 0
            && number(&server, "select count(*) from latency_hours") >= 46)
            .then_some(())
    });
    let rows = server.psql(
        "select up, down, connect_n, connect_us, histogram from latency_hours h join regions g on g.key = h.region
         where g.id = 'eu-west' order by hour desc limit 1",
    );
    // 20 ms is at place floor(ln 20000 / ln 1.1) = 103.
    let entry = (103 << 16) + 54;
    assert_eq!(rows, format!("54|6|54|540000|{{{entry}}}"));
    let now = number(&server, "select frontier from lanes");
    let chart = ann.get(&format!("{path}/series?from={}", now - 3 * 86_400)).expect(200);
    assert_eq!(chart["step"], 3_600);
    let p50 = chart["regions"][0]["summary"]["p50"].as_f64().unwrap();
    assert!((p50 / 20.0 - 1.0).abs() < 0.05, "{p50}");
    let summarised = "h.hour >= l.summarised - 23 * 3600";
    let up = number(&server, &format!("select sum(up) from latency_hours h, lanes l where {summarised}"));
    assert!(sum(&chart["all"]["up"]) >= up && chart["all"]["phases"]["connect"].to_string().contains("10.0"));
    // Uptime of the organisation is kept by hours, too.
    let total = number(&server, "select sum(total) from organisation_hours");
    assert_eq!(total, number(&server, "select sum(total) from uptime_hours"));
    let (all, one) =
        (ann.get("/api/v1/uptime?days=3").expect(200), ann.get(&format!("{path}/uptime?days=3")).expect(200));
    assert_eq!(all, one, "the only monitor is all there are");
    assert!(all["windows"]["7d"]["total"].as_i64().unwrap() >= total, "{all}");
}

#[test]
fn uptime_by_days() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let id = make(&ann, "shop");
    let path = format!("/api/v1/monitors/{id}");
    let today = number(&server, "select extract(epoch from date_trunc('day', now() at time zone 'UTC'))::bigint");
    server.psql(&format!(
        "update lanes set summarised = {today}, closed = greatest(closed, {today}) ;
         insert into uptime_hours select key, {today} - 3600 * n, 50, 55, 60 from monitors, generate_series(1, 48) n;
         insert into organisation_hours select organisation, {today} - 3600 * n, 0, 500, 550, 600 from monitors, generate_series(1, 48) n;
         insert into incidents (id, organisation, kind, monitor, state, level, worst, opened_at, resolved_at)
         select gen_random_uuid(), organisation, 'availability', key, 'resolved', 'down', x.worst::level, {today} - x.from, {today} - x.to
         from monitors, (values ('down', 90000, 80000), ('regional', 5000, 4000)) x (worst, \"from\", \"to\")"
    ));
    let one = ann.get(&format!("{path}/uptime?days=3")).expect(200);
    let days = one["days"].as_array().unwrap();
    assert_eq!(days.len(), 3);
    let facts =
        |day: &Value| ["good", "total", "expected", "incidents", "down_seconds"].map(|key| day[key].as_i64().unwrap());
    assert_eq!(facts(&days[0]), [1200, 1320, 1440, 1, 90_000 - 86_400]);
    assert_eq!(facts(&days[1]), [1200, 1320, 1440, 1, 86_400 - 80_000]);
    assert_eq!(facts(&days[2])[3..], [0, 0]);
    assert_eq!(one["windows"]["30d"]["down_seconds"], 10_000);
    let all = ann.get("/api/v1/uptime").expect(200);
    assert_eq!((all["days"].as_array().unwrap().len(), &all["windows"]["90d"]["good"]), (90, &json!(24_000)));
    bob.get(&format!("/api/v1/monitors/{id}/uptime")).problem(404);
    assert_eq!(bob.get("/api/v1/uptime?days=1").expect(200)["windows"]["1y"]["total"], 0);
    for bad in ["days=0", "days=367", "days=x", "x=1"] {
        ann.get(&format!("/api/v1/uptime?{bad}")).problem(400);
    }
}

#[test]
fn many_are_changed_at_once() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let ids: Vec<String> = (0..30).map(|number| make(&ann, &format!("m{number}"))).collect();
    let others = make(&bob, "bobs");
    let bulk = |body: &Value| ann.post("/api/v1/monitors/bulk", body).expect(200)["items"].as_array().unwrap().clone();
    server.open_down("select key from monitors where name in ('m0', 'm1')");
    let mut stream = Stream::listen(server.url(), &ann.access, "", None);

    let mut wanted = ids.clone();
    wanted.push(others.clone());
    let done = bulk(&json!({"action": "pause", "ids": wanted}));
    assert_eq!(done.len(), 31);
    assert!(done[..30].iter().all(|it| it["ok"] == true && it["detail"].is_null()), "{done:?}");
    assert_eq!(done[30], json!({"id": others, "ok": false, "detail": "not found"}));
    let paused = "select count(*) from monitors m join monitor_status s on s.monitor = m.key
                  where not m.enabled and s.status = 'paused' and not exists (select from cadences c where c.monitor = m.key and c.to_slot > 1e12)";
    assert_eq!(number(&server, paused), 30);
    assert_eq!(number(&server, "select count(*) from incidents where state = 'resolved'"), 2);
    let heard: Vec<_> = (0..32).map(|_| stream.next().unwrap().name).collect();
    assert_eq!((&heard[0][..], &heard[31][..]), ("monitor.changed", "incident.resolved"));

    assert!(bulk(&json!({"action": "resume", "ids": [ids[0], ids[1]]})).iter().all(|it| it["ok"] == true));
    assert_eq!(number(&server, "select count(*) from monitor_status where status = 'pending'"), 3);
    let jobs = server.redis.cli(&["XLEN", "{betteruptime:website}:eu-west"]).unwrap();
    assert!(jobs.parse::<i64>().unwrap() >= 33, "each of the two is checked at once: {jobs}");

    let change = json!({"add": ["new"], "remove": ["old"]});
    bulk(&json!({"action": "tag", "ids": [ids[0]], "tags": change}));
    assert_eq!(ann.get(&format!("/api/v1/monitors/{}", ids[0])).expect(200)["tags"], json!(["new"]));
    let many: Vec<_> = (0..20).map(|number| format!("tag-{number}")).collect();
    let done = bulk(&json!({"action": "tag", "ids": [ids[0], ids[1]], "tags": {"add": many}}));
    assert!(done.iter().all(|it| it["ok"] == false && it["detail"].as_str().unwrap().contains("21 tags")), "{done:?}");

    bulk(&json!({"action": "delete", "ids": ids}));
    assert_eq!(number(&server, "select count(*) from monitors where deleted_at is null"), 1);
    assert!(bulk(&json!({"action": "delete", "ids": ids})).iter().all(|it| it["detail"] == "not found"));
    ann.get(&format!("/api/v1/monitors/{}", ids[0])).problem(404);
    assert_eq!(ann.post("/api/v1/monitors/bulk", &json!({"action": "stop", "ids": []})).problem(422), ["/action"]);
    server.psql("update memberships set role = 'viewer'");
    ann.post("/api/v1/monitors/bulk", &json!({"action": "pause", "ids": ids})).problem(403);
}

#[test]
fn what_happened_last() {
    let server = server();
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let id = make(&ann, "shop");
    let open = || server.open_down("select key from monitors").remove(0);
    let incident = open();
    ann.post(&format!("/api/v1/incidents/{incident}/acknowledge"), &json!({})).expect(200);
    ann.post(&format!("/api/v1/incidents/{incident}/comments"), &json!({"text": "hm"})).expect(200);
    ann.post(&format!("/api/v1/incidents/{incident}/resolve"), &json!({})).expect(200);
    let second = open();
    let items = ann.get("/api/v1/activity").expect(200)["items"].as_array().unwrap().clone();
    let told: Vec<_> =
        items.iter().map(|it| (it["incident"].as_str().unwrap(), it["what"].as_str().unwrap())).collect();
    let first = incident.as_str();
    assert_eq!(told, [(second.as_str(), "opened"), (first, "resolved"), (first, "acknowledged"), (first, "opened")]);
    let acknowledged = &items[2];
    assert_eq!(
        (&acknowledged["monitor"], &acknowledged["level"]),
        (&json!({"id": id, "name": "shop"}), &json!("down"))
    );
    assert!(acknowledged["who"]["id"].is_string() && items[0]["who"].is_null() && items[0]["region"].is_null());
    assert_eq!(ann.get("/api/v1/activity?limit=2").expect(200)["items"].as_array().unwrap().len(), 2);
    assert_eq!(bob.get("/api/v1/activity").expect(200), json!({"items": [], "keys": []}));
    ann.get("/api/v1/activity?after=1").problem(400);
}

#[test]
fn checks_on_request_alone() {
    let server = server();
    let ann = server.sign_up("ann@example.org");
    let path = checked(&server, &ann, 3_600);
    server.psql(
        "insert into results (slot, monitor, region, attempt, verdict, reason)
         select frontier - n, key, 1, x.attempt, 'down', 'connect' from lanes, monitors, generate_series(10, 30, 10) n,
                (values (1), (255)) x (attempt)",
    );
    let page = ann.get(&format!("{path}/results?attempt=request&limit=2")).expect(200);
    let more = ann.get(&format!("{path}/results?attempt=request&after={}", page["next"].as_str().unwrap())).expect(200);
    let all: Vec<_> = [&page, &more].into_iter().flat_map(|it| it["items"].as_array().unwrap()).collect();
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(|it| it["cause"] == "request"), "{all:?}");
    ann.get(&format!("{path}/results?attempt=0")).problem(400);
}

//! `/api/v1/metrics` as a Prometheus fetches it. The tests store results themselves, so that they know them all.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]

mod support;

use std::{
    collections::BTreeSet,
    io::Write,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::json;
use support::{Server, User};
use testbed::servers::install;

const PAGE: &str = "/api/v1/metrics";

/// A replica that serves and does nothing else, and two regions.
fn server(variables: &[(&str, &str)]) -> Server {
    let server = Server::start_with(&[&[("UPGUARD_STREAM__WORK", "false")], variables].concat());
    server.psql("insert into regions (id, from_slot) values ('eu-west', 0), ('us-east', 0)");
    server.psql("select make_partitions(frontier - 2 * 86400, frontier + 86400) from lanes");
    server
}

/// A new monitor that is an hour old; its id.
fn make(server: &Server, user: &User<'_>, name: &str, regions: &[&str]) -> String {
    let body = json!({"name": name, "url": "https://a.example/health?token=t", "regions": regions});
    let id = user.post("/api/v1/monitors", &body).expect(201)["id"].as_str().unwrap().to_owned();
    server.psql(&format!(
        "update cadences set from_slot = from_slot - 3600 where monitor = (select key from monitors where id = '{id}')"
    ));
    id
}

/// Stores what `region` found of a monitor so many slots ago: `columns` and `values` beside the key's own.
fn found(server: &Server, monitor: &str, region: &str, (ago, attempt): (i64, i16), columns: &str, values: &str) {
    let stored = server.psql(&format!(
        "insert into results (slot, monitor, region, attempt, {columns})
         select s.now - (s.now - c.phase) % c.interval - {ago} * c.interval, c.monitor, r.key, {attempt}, {values}
         from (select floor(extract(epoch from now()))::bigint as now) s, cadences c join monitors m on m.key = c.monitor,
              regions r where m.id = '{monitor}' and r.id = '{region}' and c.to_slot > 1e12 returning 1"
    ));
    assert_eq!(stored, "1");
}

/// A key that may fetch the page and nothing else.
fn key(user: &User<'_>) -> String {
    let made = user.post("/api/v1/api-keys", &json!({"name": "Prometheus", "scopes": ["metrics"]})).expect(201);
    made["key"].as_str().unwrap().to_owned()
}

fn page(server: &Server, key: &str) -> String {
    server.send("GET", PAGE, Some(key), None).expect(200).as_str().unwrap().to_owned()
}

/// The series of a page that are about this monitor, without its id.
fn of<'p>(page: &'p str, monitor: &str) -> Vec<String> {
    let label = format!("monitor=\"{monitor}\"");
    let lines = page.lines().filter(|line| line.contains(&label));
    lines.map(|line: &'p str| line.replace(&format!("{label},"), "")).collect()
}

/// What Prometheus' own tool thinks of a page: nothing at all.
fn judged(page: &str) -> String {
    install::ensure(&["prometheus"]).unwrap();
    let mut promtool = Command::new("promtool");
    promtool.args(["check", "metrics"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut promtool = promtool.spawn().unwrap();
    promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = promtool.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

#[test]
fn the_last_word_of_each_region_is_shown() {
    let server = server(&[]);
    let ann = server.sign_up("ann@example.org");
    let prometheus = key(&ann);
    let shop = make(&server, &ann, "shop", &[]);
    found(&server, &shop, "eu-west", (1, 0), "verdict, reason", "'down', 'connect'");
    found(
        &server,
        &shop,
        "eu-west",
        (0, 0),
        "verdict, http_status, resolve_us, connect_us, tls_us, processing_us, transfer_us",
        "'up', 200, 1000, 2000, 3000, 4000, 500",
    );
    found(&server, &shop, "us-east", (0, 0), "verdict, reason, http_status", "'down', 'status', 503");
    server.psql("update monitor_status set cert_not_after = 1900000000");

    let answer = server.send("GET", PAGE, Some(&prometheus), None);
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    let page = page(&server, &prometheus);
    assert_eq!(
        of(&page, &shop),
        [
            r#"upguard_monitor_info{kind="http",name="shop",url="https://a.example/health"} 1"#,
            r#"probe_success{region="eu-west"} 1"#,
            r#"probe_success{region="us-east"} 0"#,
            r#"probe_duration_seconds{region="eu-west"} 0.0105"#,
            r#"probe_http_duration_seconds{region="eu-west",phase="resolve"} 0.001"#,
            r#"probe_http_duration_seconds{region="eu-west",phase="connect"} 0.002"#,
            r#"probe_http_duration_seconds{region="eu-west",phase="tls"} 0.003"#,
            r#"probe_http_duration_seconds{region="eu-west",phase="processing"} 0.004"#,
            r#"probe_http_duration_seconds{region="eu-west",phase="transfer"} 0.0005"#,
            r#"probe_http_status_code{region="eu-west"} 200"#,
            r#"probe_http_status_code{region="us-east"} 503"#,
            r#"probe_ssl_earliest_cert_expiry{region="eu-west"} 1900000000"#,
            r#"probe_failure_reason{region="us-east",reason="status"} 1"#,
        ]
    );
    assert!(page.lines().any(|line| line == "upguard_series_cut 0"), "{page}");
    assert_eq!(judged(&page), "");
    // The judge is one.
    assert_ne!(judged("probe_success{region=\"a\" 1\n"), "");

    server.get(PAGE).problem(401);
}

#[test]
fn what_nobody_looked_at_is_absent() {
    let server = server(&[]);
    let ann = server.sign_up("ann@example.org");
    let prometheus = key(&ann);
    let ids = ["missed", "suspect", "old", "paused", "narrowed", "rechecked", "none"].map(|name| {
        let regions: &[&str] = if name == "narrowed" { &["eu-west"] } else { &[] };
        make(&server, &ann, name, regions)
    });
    let [missed, suspect, old, paused, narrowed, rechecked, none] = &ids;
    found(&server, missed, "eu-west", (1, 0), "verdict", "'up'");
    found(&server, missed, "eu-west", (0, 0), "verdict, reason", "'missed', 'no_probe'");
    found(&server, missed, "us-east", (0, 0), "verdict", "'up'");
    found(&server, suspect, "eu-west", (1, 0), "verdict", "'up'");
    found(&server, suspect, "eu-west", (0, 0), "verdict, suspect", "'up', 'network'");
    // Two intervals and a minute are three slots of a minute.
    found(&server, old, "eu-west", (4, 0), "verdict", "'up'");
    found(&server, old, "us-east", (2, 0), "verdict", "'up'");
    found(&server, paused, "eu-west", (0, 0), "verdict", "'up'");
    ann.post(&format!("/api/v1/monitors/{paused}/pause"), &json!({})).expect(200);
    found(&server, narrowed, "eu-west", (0, 0), "verdict", "'up'");
    found(&server, narrowed, "us-east", (0, 0), "verdict", "'up'");
    found(&server, rechecked, "eu-west", (0, 0), "verdict, reason", "'down', 'connect'");
    found(&server, rechecked, "eu-west", (0, 1), "verdict", "'up'");
    found(&server, rechecked, "eu-west", (0, 255), "verdict, reason", "'down', 'connect'");

    let page = page(&server, &prometheus);
    let success = |monitor: &str| -> Vec<String> {
        of(&page, monitor).into_iter().filter(|line| line.starts_with("probe_")).collect()
    };
    let up = |region: &str| vec![format!("probe_success{{region=\"{region}\"}} 1")];
    assert_eq!(success(missed), up("us-east"));
    assert_eq!(success(suspect), Vec::<String>::new());
    assert_eq!(success(old), up("us-east"));
    assert_eq!(of(&page, paused), Vec::<String>::new());
    assert_eq!(success(narrowed), up("eu-west"));
    assert_eq!(success(rechecked), up("eu-west"));
    assert_eq!(of(&page, none).len(), 1, "its info alone");
}

#[test]
fn no_other_tenants_monitor_is_shown() {
    let server = server(&[]);
    let (ann, bob) = (server.sign_up("ann@example.org"), server.sign_up("bob@example.org"));
    let (anns, bobs) = (make(&server, &ann, "anns shop", &[]), make(&server, &bob, "bobs bar", &[]));
    for monitor in [&anns, &bobs] {
        found(&server, monitor, "eu-west", (0, 0), "verdict", "'up'");
    }
    let (of_ann, of_bob) = (page(&server, &key(&ann)), page(&server, &key(&bob)));
    assert!(of_ann.contains(&anns) && of_ann.contains("anns shop") && of_bob.contains(&bobs));
    for (page, other, name) in [(&of_ann, &bobs, "bobs"), (&of_bob, &anns, "anns")] {
        assert!(!page.contains(other.as_str()) && !page.contains(name), "{page}");
    }
    // By a token of one's own as well.
    let by_token = ann.get("/api/v1/metrics").expect(200);
    assert_eq!(by_token.as_str(), Some(of_ann.as_str()));
}

#[test]
fn whole_monitors_are_cut_the_newest_first_whatever_was_found() {
    // A monitor in two regions is reckoned with 21 series, one in one with 11.
    let server = server(&[("UPGUARD_METRICS__SERIES", "45")]);
    let ann = server.sign_up("ann@example.org");
    let prometheus = key(&ann);
    let ids: Vec<_> = (0..5).map(|n| make(&server, &ann, &format!("m{n}"), &[])).collect();
    let small = make(&server, &ann, "small", &["eu-west"]);
    for id in ids.iter().chain([&small]) {
        found(&server, id, "eu-west", (0, 0), "verdict", "'up'");
    }
    let shown = || {
        let page = page(&server, &prometheus);
        let all: BTreeSet<_> = ids.iter().chain([&small]).cloned().collect();
        all.into_iter().filter(|id| !of(&page, id).is_empty()).collect::<Vec<_>>()
    };
    let mut first_two = ids[..2].to_vec();
    first_two.sort();
    assert_eq!(shown(), first_two, "the third has no room, and so has nobody behind it");
    assert!(page(&server, &prometheus).contains("\nupguard_series_cut 74\n"));
    found(&server, &ids[1], "us-east", (0, 0), "verdict, reason", "'down', 'connect'");
    assert_eq!(shown(), first_two);
    let counted = server.admin("/metrics").body.as_str().unwrap().to_owned();
    assert!(counted.contains("\nupguard_series_cut_total 222\n"), "three pages have lacked 74 each");
    ann.delete(&format!("/api/v1/monitors/{}", ids[0])).expect(204);
    assert!(!shown().contains(&ids[0]) && shown().contains(&ids[2]), "the next one moves up");
}

#[test]
fn ten_thousand_monitors_with_names_from_hell() {
    let server = server(&[("UPGUARD_METRICS__SERIES", "210000")]);
    let ann = server.sign_up("ann@example.org");
    let prometheus = key(&ann);
    server.psql(
        "insert into monitors (id, organisation, lane, name, url, interval, phase)
         select u.id, o.id, 0, n || E' \"quoted\" back\\\\slash\\nnew line } 1 {a=\"b\",} # \\u202E\\u65E5\\u672C \\U0001F525\\r\\t', 'https://a.example/' || n, 60,
                phase_of(u.id, 60)
         from organisations o, (select gen_random_uuid() as id, n from generate_series(1, 10000) n) u;
         insert into monitor_status (monitor, since, cert_not_after) select key, 0, 1900000000 from monitors;
         insert into cadences (monitor, lane, interval, phase, from_slot)
         select key, 0, 60, phase, extract(epoch from now())::bigint - 3600 from monitors;
         insert into results (slot, monitor, region, attempt, verdict, started_ms, resolve_us, connect_us, tls_us,
                              processing_us, transfer_us, http_status)
         select t.now - (t.now - m.phase) % 60 - 60 * n, m.key, r.key, 0, 'up', 20, 1000, 2000, 3000, 4000, 500, 200
         from monitors m, regions r, generate_series(0, 9) n, (select extract(epoch from now())::bigint as now) t;
         analyze monitors, monitor_status, cadences, results",
    );
    let fetch = || {
        let asked = Instant::now();
        let page = page(&server, &prometheus);
        (asked.elapsed(), page)
    };
    let mut times: Vec<Duration> = (0..4).map(|_| fetch().0).collect();
    let (took, page) = fetch();
    times.push(took);
    times.sort();
    let series = page.lines().filter(|line| !line.starts_with('#')).count();
    let gzip = [("authorization", &*format!("Bearer {prometheus}")), ("accept-encoding", "gzip")];
    let squeezed = server.raw("GET", PAGE, &gzip, "");
    assert_eq!((squeezed.status, squeezed.header("content-encoding")), (200, Some("gzip")));
    let small: usize = squeezed.header("content-length").unwrap().parse().unwrap();
    println!("{series} series, {} bytes, {small} as gzip, median {:?} of {times:?}", page.len(), times[2]);
    assert!(small < page.len() / 8, "{small} of {}", page.len());
    assert_eq!(series, 10_000 + 20_000 * 9 + 1);
    assert!(times[2] < Duration::from_secs(8), "{times:?}");
    assert_eq!(judged(&page), "");
}

//! `loadtest decode` on a real Redis with a batch reported the way a probe does it.

#![allow(clippy::unwrap_used, reason = "helpers of tests; a panic is the report")]

use std::{process::Command, time::Duration};

use testbed::servers::Redis;
use wire::{Diagnosis, Done, Entry, Evidence, Keys, Link, MonitorId, Outcome, Phases, Reason, Target, Verdict};

fn outcome(monitor: MonitorId, slot: i64, reason: Option<Reason>) -> Outcome {
    Outcome {
        verdict: reason.map_or(Verdict::Up, Reason::verdict),
        reason,
        phases: Phases { connect: Some(Duration::from_micros(1_500)), ..Phases::default() },
        http_status: Some(200),
        address: Some("127.0.0.1".parse().unwrap()),
        suspect: reason.map(|_| Diagnosis::Network),
        evidence: reason.map(|_| Box::new(Evidence { request: "GET / HTTP/1.1".to_owned(), ..Evidence::default() })),
        ..Outcome::missed(monitor, slot, 0, Reason::Late, slot * 1000 + 7)
    }
}

/// Pushes two jobs, takes them in `region` and reports the first as up, the second as down.
async fn report_two(url: &str, region: &str) {
    let keys = Keys::new("betteruptime:website", 0).unwrap();
    let mut line = Link::new(url, 1).unwrap().own().await.unwrap();
    let streams = wire::ensure_groups(&mut line, &keys, &region.parse().unwrap()).await.unwrap();
    let slot = 1_700_000_000;
    let id = MonitorId("7e57d004-2b97-4e7a-b45f-5387367791cd".parse().unwrap());
    let job = |slot| Entry {
        target: Target::All,
        id,
        url: "http://127.0.0.1:1/",
        slot,
        until: slot + 60,
        attempt: 0,
        spec: None,
        rev: 0,
    };
    wire::push_one(&mut line, &keys, &[job(slot), job(slot + 60)], 0).await.unwrap();
    let taken = wire::take(&mut line, &streams, "w1", 10, Duration::from_secs(5)).await.unwrap();
    let reasons = [None, Some(Reason::Connect)];
    let done: Vec<_> = taken.deliveries.into_iter().zip(reasons).collect();
    let done: Vec<_> = done
        .into_iter()
        .map(|(delivery, reason)| {
            let slot = delivery.job.as_ref().unwrap().slot;
            Done { lease: delivery.lease, outcome: Some(outcome(id, slot, reason)) }
        })
        .collect();
    assert_eq!(done.len(), 2);
    wire::report(&mut line, &streams, "w1", &done).await.unwrap();
}

fn decode(url: &str, args: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_loadtest"));
    let output = command.args(["decode", "--redis-url", url]).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test]
async fn outcomes_are_printed_verdict_first() {
    let folder = tempfile::tempdir().unwrap();
    let redis = Redis::start(folder.path(), &[]).unwrap();
    report_two(&redis.url(), "eu-west").await;
    let printed = decode(&redis.url(), &[]);
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines.len(), 2, "{printed}");
    let monitor = "monitor=7e57d004-2b97-4e7a-b45f-5387367791cd";
    let expected = format!(
        "up       -                {monitor} slot=1700000000 attempt=0 ms=1.5 late_ms=7 http=200 address=127.0.0.1 \
         region=eu-west worker=w1"
    );
    assert_eq!(lines[0], expected);
    assert!(lines[1].starts_with("down     connect ") && lines[1].contains(" suspect=network "), "{printed}");
    assert!(lines[1].contains("request: \"GET / HTTP/1.1\""), "{printed}");
    assert_eq!(decode(&redis.url(), &["--count", "1"]).lines().count(), 1);
    assert_eq!(decode(&redis.url(), &["--region", "us-east", "ap-1"]), "");
    let json = decode(&redis.url(), &["--json", "--region", "eu-west"]);
    let first: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).unwrap();
    assert_eq!((&first["verdict"], &first["region"]), (&"up".into(), &"eu-west".into()));
    assert_eq!(first["phases"], serde_json::json!({"connect": 0.0015}));
    assert_eq!((&first["suspect"], &first["evidence"]), (&serde_json::Value::Null, &serde_json::Value::Null));
    let second: serde_json::Value = serde_json::from_str(json.lines().nth(1).unwrap()).unwrap();
    assert_eq!((&second["suspect"], &second["evidence"]["request"]), (&"network".into(), &"GET / HTTP/1.1".into()));
}

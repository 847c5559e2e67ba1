//! Targets that are tried out before they are saved: real probes look, whoever asked hears of it, and nobody else does.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that finds nothing fails")]
#![allow(clippy::float_cmp, reason = "counters are whole")]

#[path = "deployment/mod.rs"]
mod deployment;
mod sse;

use deployment::{Deployment, Plan};
use http::Method;
use serde_json::{Value, json};
use sse::Stream;
use testbed::world::Shown;

fn try_out(system: &Deployment, body: &Value) -> Vec<Value> {
    system.post("/api/v1/monitors/try", Some(body.clone()))["regions"].as_array().unwrap().clone()
}

/// A region's first word registers it; its probe is known with the next one.
fn until_probes_are_known(system: &Deployment) {
    system.until("a probe of both regions is known", || {
        let regions = system.get("/api/v1/regions")["items"].as_array().unwrap().clone();
        regions.len() == 2 && regions.iter().all(|region| region["workers"][0]["alive"] == true)
    });
}

/// Signs up beside the user of the system; an access token.
fn stranger(system: &Deployment) -> String {
    let body = json!({"email": "bob@example.org", "password": "three unrelated words"});
    let url = format!("{}/api/v1/auth/register", system.controls[0].api);
    let mut answer =
        ureq::Agent::from(ureq::Agent::config_builder().proxy(None).build()).post(url).send_json(body).unwrap();
    let tokens: Value = answer.body_mut().read_json().unwrap();
    tokens["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn each_region_says_what_it_finds_and_nothing_is_kept() {
    // Two replicas: one of them asks, and whichever has the lane tells.
    let system = Plan::default().controls(2).start();
    until_probes_are_known(&system);
    let (site, secret) = (system.site("shop"), "Bearer do-not-tell");
    let token = stranger(&system);
    let mut streams: Vec<_> =
        system.controls.iter().map(|control| Stream::listen(&control.api, &token, "", None)).collect();

    for _ in 0..2 {
        let good = try_out(&system, &json!({"url": site.url(), "timeout": 2}));
        let names: Vec<_> = good.iter().map(|each| each["region"].as_str().unwrap()).collect();
        assert_eq!(names, ["eu-west", "us-east"], "{good:?}");
        for each in &good {
            let outcome = &each["outcome"];
            assert_eq!((&outcome["verdict"], &each["why"]), (&json!("up"), &Value::Null), "{each}");
            assert_eq!((&outcome["http_status"], &outcome["address"]), (&json!(200), &json!("127.0.0.1")), "{each}");
            assert!(
                outcome["phases"]["processing"].as_f64().unwrap() > 0.0 && outcome["started_at"].is_string(),
                "{each}"
            );
            for none in ["reason", "suspect", "certificate", "evidence"] {
                assert_eq!(outcome[none], Value::Null, "{each}");
            }
        }
    }

    site.answer(503);
    let bad =
        try_out(&system, &json!({"url": site.url(), "regions": ["us-east"], "headers": {"authorization": secret}}));
    assert_eq!(bad.len(), 1);
    let outcome = &bad[0]["outcome"];
    assert_eq!(
        (&outcome["verdict"], &outcome["reason"], &outcome["http_status"]),
        (&json!("down"), &json!("status"), &json!(503))
    );
    assert!(outcome["detail"].as_str().unwrap().contains("503"), "{outcome}");
    let request = outcome["evidence"]["request"].as_str().unwrap();
    assert!(request.starts_with("GET ") && !bad[0].to_string().contains("do-not-tell"), "{request}");

    let refused = try_out(&system, &json!({"url": "http://10.0.0.1/"}));
    assert!(refused.iter().all(|each| each["outcome"]["reason"] == "refused_address"), "{refused:?}");

    let url = format!("{}/up", system.world.https(Shown::Good));
    let tls = try_out(&system, &json!({"url": url, "tls": {"ca": system.world.ca_pem()}}));
    for each in tls {
        assert_eq!(each["outcome"]["verdict"], "up", "{each}");
        assert!(each["outcome"]["certificate"]["not_after"].as_str().unwrap().ends_with('Z'), "{each}");
    }

    // A region without a probe says so at once.
    system.post("/api/v1/regions", Some(json!({"id": "ap-south"})));
    system.until("it is in force", || try_out(&system, &json!({"url": site.url()})).len() == 3);
    let silent = try_out(&system, &json!({"url": site.url(), "regions": ["ap-south"]}));
    assert_eq!(silent, [json!({"region": "ap-south", "outcome": null, "why": "no probe is running in ap-south"})]);

    assert_eq!(system.sql("select count(*) from monitors") + &system.sql("select count(*) from results"), "00");
    let counted = |why: &str| {
        (0..2).map(|it| system.metric(it, &format!("upguard_ingest_dropped_total{{why=\"{why}\"}}"))).sum::<f64>()
    };
    assert!(counted("tried") >= 11.0 && counted("unexpected") + counted("too_late") == 0.0);
    // Strangers heard none of it.
    for stream in &mut streams {
        let heard = stream.next_or_ping().unwrap();
        assert_eq!((heard.comment.as_str(), heard.name.as_str()), ("ping", ""), "{heard:?}");
    }
}

#[test]
fn what_cannot_be_tried_is_refused() {
    let system = Plan::default().set("UPGUARD_QUOTA__REQUESTED_CHECKS", "60").start();
    until_probes_are_known(&system);
    let status = |body: Value| system.ask(Method::POST, "/api/v1/monitors/try", Some(body)).status;
    assert_eq!(status(json!({"url": "ftp://x"})), 422);
    assert_eq!(status(json!({"url": "http://a.example/", "regions": ["mars"]})), 422);
    assert_eq!(status(json!({"url": "http://a.example/", "enabled": 7})), 422);
    system.sql("update memberships set role = 'viewer'");
    assert_eq!(status(json!({"url": "http://10.0.0.1/"})), 403);
    system.sql("update memberships set role = 'editor'");
    let statuses: Vec<u16> =
        (0..40).map(|_| status(json!({"url": "http://10.0.0.1/", "regions": ["eu-west"]}))).collect();
    assert!(statuses.contains(&429) && statuses.iter().filter(|it| **it == 200).count() >= 30, "{statuses:?}");
}

mod properties;
mod tcp;

use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

fn minimal() -> Value {
    json!({"name": "Shop", "url": "https://shop.example/"})
}

fn with(field: &str, value: Value) -> Value {
    let mut body = minimal();
    body[field] = value;
    body
}

/// The one problem of a body.
fn problem(body: &Value) -> (String, String) {
    let problems = Monitor::parse(body).unwrap_err();
    let [Problem { pointer, detail }] = problems.as_slice() else { panic!("{body}: {problems:?}") };
    (pointer.clone(), detail.clone())
}

#[test]
fn a_name_and_a_url_are_enough() {
    let monitor = Monitor::parse(&minimal()).unwrap();
    assert_eq!(monitor.spec_text(), None);
    assert_eq!(
        monitor.to_body(),
        json!({
            "name": "Shop", "url": "https://shop.example/", "kind": "http", "interval": 60, "timeout": 10,
            "regions": [], "method": "GET", "headers": {}, "body": null, "follow_redirects": true,
            "max_redirects": 10, "tcp": null, "tls": {"verify": true, "ca": null},
            "expect": {"status": ["200-299"], "contains": null, "not_contains": null, "max_latency_ms": null,
                       "min_cert_days": null},
            "confirm": {"failures": 2, "recoveries": 2, "recheck_every": null}, "quorum": "majority",
            "alert_policy": null, "tags": [], "enabled": true,
        })
    );
}

#[test]
fn a_head_expects_nothing_of_a_body() {
    let mut body = with("method", json!("HEAD"));
    body["expect"] = json!({"contains": "a", "not_contains": "b"});
    let problems = Monitor::parse(&body).unwrap_err();
    let said: Vec<_> = problems.iter().map(|problem| (problem.pointer.as_str(), problem.detail.as_str())).collect();
    let why = |name| format!("`{name}` looks into the body, and the answer to HEAD has none: use GET, or leave it out");
    assert_eq!(
        said,
        [("/expect/contains", why("contains").as_str()), ("/expect/not_contains", why("not_contains").as_str())]
    );
    body["expect"] = json!({"status": ["204"]});
    assert!(Monitor::parse(&body).is_ok());
}

#[test]
fn each_bad_field_is_named_and_mended() {
    for (field, value, pointer, detail) in [
        ("name", json!(""), "/name", "`name` must have 1 to 200 characters, not 0"),
        (
            "name",
            json!("a\u{0}b"),
            "/name",
            "`name` has the character U+0000, which is invisible or changes how the text around it reads: leave it out",
        ),
        ("name", json!(null), "/name", "`name` is required"),
        (
            "url",
            json!("shop"),
            "/url",
            "`url` is no absolute URL: begin it with https:// or http://, such as https://example.com/path",
        ),
        ("url", json!("ftp://a/"), "/url", "`url` has the scheme `ftp`: only http, https and tcp can be checked"),
        ("url", json!(7), "/url", "`url` must be a text, not 7"),
        ("kind", json!("quantum"), "/kind", "`quantum` is none of http, tcp"),
        ("kind", json!("tcp"), "/kind", "`kind` must be `http`, as the URL's scheme says, not `tcp`"),
        ("tcp", json!({}), "/tcp", "`tcp` is for `tcp`, and the URL's scheme says `http`: leave it out"),
        ("kind", json!(7), "/kind", "`kind` must be a text, not 7"),
        ("timeout", json!(31), "/timeout", "`timeout` must be from 1 to 30 seconds, not 31"),
        ("timeout", json!(1.5), "/timeout", "`timeout` must be a whole number, not 1.5"),
        ("timeout", json!("10"), "/timeout", "`timeout` must be a whole number, not a text"),
        ("regions", json!("eu"), "/regions", "`regions` must be a list, not a text"),
        ("method", json!("FETCH"), "/method", "`FETCH` is not one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
        (
            "headers",
            json!({"X-A": "a\nb"}),
            "/headers/X-A",
            "the value of `X-A` has control characters, such as a line break",
        ),
        (
            "headers",
            json!({"X-A": "é"}),
            "/headers/X-A",
            "the value of `X-A` has characters beyond ASCII: encode them as the site expects",
        ),
        ("headers", json!({"Host/": "a"}), "/headers/Host~1", "`Host/` is no header name"),
        ("headers", json!({"Te": "a"}), "/headers/Te", "`Te` is set by the probe itself: leave it out"),
        ("headers", json!({"X-A": "1", "x-a": "2"}), "/headers", "`x-a` is given twice: header names have no case"),
        ("follow_redirects", json!("yes"), "/follow_redirects", "`follow_redirects` must be true or false, not a text"),
        ("max_redirects", json!(21), "/max_redirects", "`max_redirects` must be from 0 to 20, not 21"),
        ("tls", json!([]), "/tls", "`tls` must be an object, not a list"),
        ("tls", json!({"key": "x"}), "/tls/key", "`key` is not supported by this version: leave it out"),
        ("expect", json!({"regex": "x"}), "/expect/regex", "`regex` is not supported by this version: leave it out"),
        (
            "expect",
            json!({"status": ["200", "2xx"]}),
            "/expect/status/1",
            "`2xx` is no status range: write \"200\" or \"200-299\", from 100 to 999",
        ),
        (
            "expect",
            json!({"status": [200]}),
            "/expect/status/0",
            "`status/0` must be a text such as \"200-299\", not 200",
        ),
        ("expect", json!({"contains": ""}), "/expect/contains", "`contains` must have 1 to 16384 bytes, not 0"),
        (
            "expect",
            json!({"max_latency_ms": null, "status": ["99"]}),
            "/expect/status/0",
            "`99` is no status range: write \"200\" or \"200-299\", from 100 to 999",
        ),
        (
            "expect",
            json!({"max_latency_ms": 0}),
            "/expect/max_latency_ms",
            "`max_latency_ms` must be from 1 to 60000, not 0",
        ),
        (
            "expect",
            json!({"min_cert_days": 4000}),
            "/expect/min_cert_days",
            "`min_cert_days` must be from 1 to 3650, not 4000",
        ),
        ("tags", json!(["ok", " "]), "/tags/1", "`tags/1` must have 1 to 50 characters, not 0"),
        ("tags", json!(vec!["t"; 21]), "/tags", "`tags` must have at most 20 entries, not 21"),
        ("group", json!("a"), "/group", "`group` is not supported by this version: leave it out"),
        ("status", json!("up"), "/status", "`status` is set by UpGuard: leave it out"),
    ] {
        assert_eq!(problem(&with(field, value)), (pointer.to_owned(), detail.to_owned()));
    }
}

#[test]
fn what_is_wrong_with_the_rules_is_named() {
    for (field, value, pointer, detail) in [
        ("confirm", json!({"failures": 11}), "/confirm/failures", "`failures` must be from 1 to 10, not 11"),
        ("confirm", json!({"recoveries": 0}), "/confirm/recoveries", "`recoveries` must be from 1 to 10, not 0"),
        (
            "confirm",
            json!({"recheck_every": 60}),
            "/confirm/recheck_every",
            "`recheck_every` must be less than the interval of 60 seconds, not 60: leave it out",
        ),
        (
            "confirm",
            json!({"failure": 1}),
            "/confirm/failure",
            "`failure` is no field here: leave it out or write one of failures, recoveries, recheck_every",
        ),
        ("quorum", json!({"count": 0}), "/quorum/count", "`count` must be from 1 to 65535, not 0"),
        (
            "quorum",
            json!({"counts": 1}),
            "/quorum/counts",
            "`counts` is no field here: leave it out or write one of count",
        ),
        (
            "quorum",
            json!("most"),
            "/quorum",
            "`quorum` must be \"any\", \"majority\", \"all\" or {\"count\": n}, not `most`",
        ),
        ("quorum", json!(2), "/quorum", "`quorum` must be \"any\", \"majority\", \"all\" or {\"count\": n}, not 2"),
    ] {
        assert_eq!(problem(&with(field, value)), (pointer.to_owned(), detail.to_owned()));
    }
}

#[test]
fn intervals_are_listed() {
    let (pointer, detail) = problem(&with("interval", json!(7)));
    assert_eq!(pointer, "/interval");
    assert!(detail.starts_with("`interval` must be one of 5, 10, 15,") && detail.ends_with("86400 seconds, not 7"));
    assert!(
        problem(&with("frequency", json!(7))).1.contains("is no field here: leave it out or write one of name, url")
    );
    assert!(problem(&with("regions", json!(["EU"]))).1.contains("`EU` names no region"));
}

#[test]
fn all_bad_fields_in_one_answer() {
    let body = json!({"url": "x", "timeout": 0, "expect": {"status": ["9"], "not_contains": 1}});
    let pointers: Vec<_> = Monitor::parse(&body).unwrap_err().into_iter().map(|problem| problem.pointer).collect();
    assert_eq!(pointers, ["/name", "/url", "/expect/not_contains", "/expect/status/0", "/timeout"]);
    assert_eq!(problem(&json!([1])), (String::new(), "the body must be a JSON object, not a list".to_owned()));
}

#[test]
fn a_short_interval_takes_the_default_timeout() {
    assert!(Monitor::parse(&with("interval", json!(5))).is_ok());
}

#[test]
fn a_url_that_grows_too_long_when_encoded_is_refused() {
    let (pointer, detail) = problem(&with("url", json!(format!("http://a.example/{}", "é".repeat(600)))));
    assert_eq!(pointer, "/url");
    assert!(detail.contains("once it is percent-encoded"), "{detail}");
}

#[test]
fn authorities_must_be_certificates() {
    let authority = rcgen::generate_simple_self_signed(["ca.example".to_owned()]).unwrap().cert.pem();
    let monitor = Monitor::parse(&with("tls", json!({"ca": authority}))).unwrap();
    assert!(monitor.spec_text().unwrap().contains("BEGIN CERTIFICATE"));
    let cut = &authority[..authority.len() / 2];
    for (pem, why) in [
        ("no pem", "`ca` holds no certificate"),
        (cut, "`ca` "),
        (
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "`ca` has a certificate that cannot be used",
        ),
    ] {
        let (pointer, detail) = problem(&with("tls", json!({"ca": pem})));
        assert_eq!(pointer, "/tls/ca");
        assert!(detail.starts_with(why), "{detail}");
    }
}

#[test]
fn a_patch_merges() {
    let body = json!({"name": "a", "url": "http://a.example/", "interval": 10, "headers": {"X-A": "1", "X-B": "2"},
                      "expect": {"contains": "hello", "max_latency_ms": 5}, "tags": ["x", "y"]});
    let monitor = Monitor::parse(&body).unwrap();
    let patch =
        json!({"interval": null, "headers": {"X-A": null, "X-C": "3"}, "expect": {"contains": null}, "tags": ["z"]});
    let merged = monitor.merge(&patch).unwrap();
    let expect = json!({"name": "a", "url": "http://a.example/", "headers": {"x-b": "2", "x-c": "3"},
                        "expect": {"max_latency_ms": 5}, "tags": ["z"]});
    assert_eq!(merged, Monitor::parse(&expect).unwrap());
    assert_eq!(monitor.merge(&json!({})).unwrap(), monitor);
    assert_eq!(monitor.merge(&json!({"url": null})).unwrap_err()[0].detail, "`url` is required");
    assert_eq!(monitor.merge(&json!("x")).unwrap_err()[0].pointer, "");
}

#[test]
fn a_patch_that_leads_to_another_kind_begins_with_its_defaults() {
    let body = json!({"name": "a", "url": "http://a.example/", "method": "POST", "timeout": 3, "tags": ["x"],
                      "expect": {"status": ["404"], "max_latency_ms": 5}});
    let monitor = Monitor::parse(&body).unwrap();
    let moved = monitor.merge(&json!({"url": "tcp://a.example:25", "tcp": {"send": "x"}, "method": null})).unwrap();
    let expected = json!({"name": "a", "url": "tcp://a.example:25", "tcp": {"send": "x"}, "tags": ["x"]});
    assert_eq!(moved, Monitor::parse(&expected).unwrap());
    assert_eq!(monitor.merge(&json!({"tcp": {"send": "x"}})).unwrap_err()[0].pointer, "/tcp");
    let said = moved.merge(&json!({"tcp": {"send": {"hex": "00"}}})).unwrap();
    assert_eq!(said.to_body()["tcp"]["send"], json!({"hex": "00"}));
}

#[test]
fn what_changes_when() {
    let monitor = Monitor::parse(&minimal()).unwrap();
    let changed = |patch: Value| {
        let other = monitor.merge(&patch).unwrap();
        (other.schedule_differs(&monitor), other.target_differs(&monitor))
    };
    assert_eq!(changed(json!({"name": "b", "tags": ["x"]})), (false, false));
    assert_eq!(changed(json!({"interval": 30})), (true, false));
    assert_eq!(changed(json!({"regions": ["eu"]})), (true, false));
    assert_eq!(changed(json!({"enabled": false})), (true, false));
    assert_eq!(changed(json!({"confirm": {"failures": 1}})), (true, false));
    assert_eq!(changed(json!({"quorum": {"count": 2}})), (true, false));
    assert_eq!(changed(json!({"alert_policy": Uuid::from_u128(7)})), (false, false));
    assert_eq!(changed(json!({"timeout": 3})), (false, true));
    assert_eq!(changed(json!({"url": "http://b.example/"})), (false, true));
}

#[test]
fn what_makes_a_monitor_ask_another_server() {
    let monitor = Monitor::parse(&json!({"name": "a", "url": "https://a.example/"})).unwrap();
    let differs = |patch: Value| monitor.merge(&patch).unwrap().server_differs(&monitor);
    for patch in [json!({"url": "https://A.example:443/b?c"}), json!({"timeout": 3, "tls": {"verify": false}})] {
        assert!(!differs(patch.clone()), "{patch}");
    }
    for url in ["http://a.example/", "https://b.example/", "https://a.example:8443/"] {
        assert!(differs(json!({ "url": url })), "{url}");
    }
}

/// The RFC's own examples (appendix A), as far as they have objects on both sides.
#[test]
fn merge_patch_is_the_rfcs() {
    for (target, patch, result) in [
        (r#"{"a":"b"}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"b":"c"}"#, r#"{"a":"b","b":"c"}"#),
        (r#"{"a":"b"}"#, r#"{"a":null}"#, r"{}"),
        (r#"{"a":["b"]}"#, r#"{"a":"c"}"#, r#"{"a":"c"}"#),
        (r#"{"a":{"b":"c"}}"#, r#"{"a":{"b":"d","c":null}}"#, r#"{"a":{"b":"d"}}"#),
        (r#"{"a":[{"b":"c"}]}"#, r#"{"a":[1]}"#, r#"{"a":[1]}"#),
        (r#"{"e":null}"#, r#"{"a":1}"#, r#"{"e":null,"a":1}"#),
        (r"{}", r#"{"a":{"bb":{"ccc":null}}}"#, r#"{"a":{"bb":{}}}"#),
    ] {
        let mut merged: Value = serde_json::from_str(target).unwrap();
        merge_patch(&mut merged, serde_json::from_str(patch).unwrap());
        assert_eq!(merged, serde_json::from_str::<Value>(result).unwrap(), "{target} + {patch}");
    }
}

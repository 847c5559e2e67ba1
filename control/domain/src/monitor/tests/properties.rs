//! Whatever body comes.

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;

fn text() -> impl Strategy<Value = String> {
    "[ -~é☃]{1,40}"
}

prop_compose! {
    fn expectations()(
        status in vec((100u16..=999, 0u16..50), 0..4), contains in option::of(text()), not_contains in option::of(text()),
        max_latency_ms in option::of(1u32..=60_000), min_cert_days in option::of(1u16..=3_650),
    ) -> Value {
        let range = |(from, more): &(u16, u16)| format!("{from}-{}", (from + more).min(999));
        let status: Vec<_> = status.iter().map(range).collect();
        json!({"status": status, "contains": contains, "not_contains": not_contains, "max_latency_ms": max_latency_ms,
               "min_cert_days": min_cert_days})
    }
}

prop_compose! {
    fn bodies()(
        name in "[!-~é☃]{1,60}", path in "[a-zé/ ?&=#%]{0,30}", interval in select(INTERVALS.to_vec()), timeout in 1u8..=30,
        regions in option::of(vec("[a-z0-9][a-z0-9-]{0,10}x", 0..4)), method in select(vec!["GET", "HEAD", "POST", "DELETE"]),
        headers in vec(("[a-zA-Z]{1,8}-[0-9]{3}", "[!-~]{0,20}"), 0..4), body in option::of(text()), flags in any::<[bool; 3]>(),
        max_redirects in 0u8..=20, mut expect in expectations(), tags in vec("[a-z☃]{1,10}", 0..5),
        (failures, recoveries) in (1u8..=10, 1u8..=10), recheck_every in option::of(5u16..40_000),
        quorum in select(vec![json!("any"), json!("majority"), json!("all"), json!({"count": 3})]),
        policy in option::of(any::<u128>()),
    ) -> Value {
        let recheck_every = recheck_every.filter(|every| i32::from(*every) < interval);
        if method == "HEAD" {
            (expect["contains"], expect["not_contains"]) = (json!(null), json!(null));
        }
        let mut unique = serde_json::Map::new();
        for (name, value) in headers {
            unique.insert(name.to_lowercase(), json!(value));
        }
        json!({
            "name": name, "url": format!("https://a.example/{}", path.replace(' ', "")), "interval": interval,
            "timeout": timeout, "regions": regions, "method": method, "headers": unique, "body": body,
            "follow_redirects": flags[0], "max_redirects": max_redirects, "tls": {"verify": flags[1]},
            "expect": expect, "tags": tags, "enabled": flags[2], "quorum": quorum,
            "confirm": {"failures": failures, "recoveries": recoveries, "recheck_every": recheck_every},
            "alert_policy": policy.map(Uuid::from_u128),
        })
    }
}

proptest! {
    #[test]
    fn a_body_is_itself_again(body in bodies()) {
        let monitor = Monitor::parse(&body).unwrap();
        prop_assert_eq!(&Monitor::parse(&monitor.to_body()).unwrap(), &monitor);
        prop_assert_eq!(&Monitor::try_from(monitor.columns()).unwrap(), &monitor);
        if let Some(text) = monitor.spec_text() {
            prop_assert_eq!(&Spec::from_json(Kind::Http, Some(&text)).unwrap(), monitor.spec());
        }
    }

    #[test]
    fn whatever_is_sent_is_answered(name in any::<String>(), number in any::<i64>(), text in any::<String>()) {
        for value in [json!(number), json!(text), json!([text]), json!({ "a": number }), json!(null)] {
            let fields = ["url", "interval", "regions", "headers", "expect", "tls", "tags", "method", &name];
            let body = fields.iter().map(|field| ((*field).to_owned(), value.clone())).collect();
            prop_assert!(Monitor::parse(&Value::Object(body)).is_err());
        }
    }
}

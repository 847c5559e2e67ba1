//! The body of a monitor that checks a TCP port.

use super::*;

fn tcp(field: &str, value: Value) -> Value {
    let mut body = json!({"name": "Mail", "url": "tcp://mail.example:25"});
    body[field] = value;
    body
}

#[test]
fn a_tcp_port_has_fields_of_its_own() {
    let said = json!({"tls": true, "send": "QUIT\r\n", "expect": {"hex": "32 32"}, "starts_with": null});
    let monitor = Monitor::parse(&tcp("tcp", said)).unwrap();
    assert_eq!(monitor.spec_text().unwrap(), r#"{"tcp":{"expect":{"hex":"3232"},"send":"QUIT\r\n","tls":true}}"#);
    let body = monitor.to_body();
    assert_eq!((&body["kind"], &body["method"], &body["timeout"]), (&json!("tcp"), &Value::Null, &json!(10)));
    assert_eq!(body["tcp"], json!({"tls": true, "send": "QUIT\r\n", "expect": {"hex": "3232"}, "starts_with": null}));
    assert_eq!(body["expect"]["status"], Value::Null);
    assert_eq!(Monitor::parse(&body).unwrap(), monitor);
    assert_eq!(Monitor::try_from(monitor.columns()).unwrap(), monitor);
    assert_eq!(Monitor::parse(&tcp("tags", json!([]))).unwrap().spec_text(), None);
}

#[test]
fn what_is_wrong_with_a_tcp_port_is_named() {
    for (field, value, pointer, detail) in [
        (
            "url",
            json!("tcp://mail.example"),
            "/url",
            "`url` has no port: write the one to connect to, as in tcp://example.com:25",
        ),
        ("method", json!("GET"), "/method", "`method` is for `http`, and the URL's scheme says `tcp`: leave it out"),
        (
            "expect",
            json!({"status": ["200"]}),
            "/expect/status",
            "`status` is no field here: leave it out or write one of max_latency_ms, min_cert_days",
        ),
        ("kind", json!("http"), "/kind", "`kind` must be `tcp`, as the URL's scheme says, not `http`"),
        ("tcp", json!("x"), "/tcp", "`tcp` must be an object, not a text"),
        ("tcp", json!({"send": ""}), "/tcp/send", "`send` must have 1 to 16384 bytes, not 0"),
        ("tcp", json!({"send": 7}), "/tcp/send", "`send` must be a text or {\"hex\": …}, not 7"),
        (
            "tcp",
            json!({"expect": {"hex": "0"}}),
            "/tcp/expect/hex",
            "`hex` must be pairs of hexadecimal digits, such as `0d 0a`",
        ),
        (
            "tcp",
            json!({"expect": {"text": "0"}}),
            "/tcp/expect/text",
            "`text` is no field here: leave it out or write one of hex",
        ),
        ("tcp", json!({"tls": "yes"}), "/tcp/tls", "`tls` must be true or false, not a text"),
        (
            "tcp",
            json!({"starttls": {"a": 1}}),
            "/tcp/starttls",
            "`starttls` is no field here: leave it out or write one of tls, send, expect, starts_with",
        ),
    ] {
        assert_eq!(problem(&tcp(field, value)), (pointer.to_owned(), detail.to_owned()));
    }
}

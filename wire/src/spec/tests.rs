use serde_json::{Value, json};

use super::*;

/// What is wrong with a URL, or how it is written.
fn url(text: &str) -> String {
    text.parse::<CheckUrl>().map_or_else(|why| why, |url| format!("{} {url}", url.kind()))
}

#[test]
fn the_scheme_names_the_kind() {
    for (text, expected) in [
        ("HTTPS://A.example:443", "http https://a.example/"),
        ("http://a.example:81/b?c#d", "http http://a.example:81/b?c#d"),
        ("tcp://A.Example:25/", "tcp tcp://a.example:25"),
        ("tcp://127.1:25", "tcp tcp://127.0.0.1:25"),
        ("tcp://[::0:1]:25", "tcp tcp://[::1]:25"),
        ("tcp://exämple.com:25", "tcp tcp://xn--exmple-cua.com:25"),
        ("tcp://a.example", "has no port: write the one to connect to, as in tcp://example.com:25"),
        ("tcp://a.example:25/b", "has more than a host and a port: write it as in tcp://example.com:25"),
        ("tcp://a.example:25?b", "has more than a host and a port: write it as in tcp://example.com:25"),
        ("tcp://a.example:0", "has port 0, which cannot be dialled"),
        ("tcp://a@a.example:25", "carries credentials: leave `user:password@` out"),
        ("tcp://:25", "has no host: write one after the //, such as https://example.com/path"),
        ("tcp:a.example:25", "has no host: write one after the //, such as https://example.com/path"),
        (
            "tcp://a%20b:25",
            "has a host that can be no name: leave out blanks and signs, as in https://example.com/path",
        ),
        (
            "tcp://1.2.3.400:25",
            "has a host that is all numbers but no IPv4 address: write four of them from 0 to 255, as in https://192.0.2.7/path",
        ),
        ("ftp://a.example/", "has the scheme `ftp`: only http, https and tcp can be checked"),
        ("http://u:p@a.example/", "carries credentials: leave `user:password@` out"),
        ("http://a.example:0/", "has port 0, which cannot be dialled"),
    ] {
        assert_eq!(url(text), expected, "{text}");
    }
}

/// The spec of the kind that `target` names, written out whole.
fn read(target: &str, text: &str) -> Result<Value, String> {
    let kind = target.parse::<CheckUrl>().unwrap().kind();
    Spec::from_json(kind, Some(text)).map(|spec| json!(spec)).map_err(|why| why.to_string())
}

#[test]
fn a_spec_is_of_its_urls_kind() {
    let http = read("http://a.example/", "{}").unwrap();
    assert_eq!(http, json!(Spec::usual(Kind::Http)));
    assert_eq!((&http["kind"], &http["expect"]["status"]), (&json!("http"), &json!(["200-299"])));
    assert_eq!(read("http://a.example/", r#"{"kind": "http"}"#), Ok(http));
    for (text, why) in [
        (r#"{"kind": "quantum"}"#, "`quantum` is none of http, tcp"),
        (r#"{"kind": "tcp"}"#, "must be `http`, as the URL's scheme says, not `tcp`"),
        (r#"{"tcp": {}}"#, "unknown field `tcp`"),
        ("{} {}", "trailing"),
    ] {
        let found = read("http://a.example/", text).unwrap_err();
        assert!(found.starts_with(why), "{found}");
    }
}

#[test]
fn what_is_written_out_is_read_again() {
    for kind in Kind::ALL {
        let usual = Spec::usual(*kind);
        let text = json!(usual).to_string();
        assert_eq!(Spec::from_json(*kind, Some(&text)).unwrap(), usual, "{text}");
    }
}

#[test]
fn a_header_is_given_once_whatever_its_case() {
    let of = |headers: &str| read("http://a.example/", &format!(r#"{{"headers": {headers}}}"#));
    assert_eq!(of(r#"{"B": "1", "a": "2"}"#).unwrap()["headers"].to_string(), r#"{"a":"2","b":"1"}"#);
    assert!(of(r#"{"A": "1", "a": "2"}"#).unwrap_err().starts_with("`a` is given twice"));
    assert!(of(r#"{"a": "é"}"#).unwrap_err().contains("beyond ASCII"));
}

#[test]
fn no_status_range_is_the_usual_one() {
    let of = |ranges: Value| read("http://a.example/", &json!({"expect": {"status": ranges}}).to_string());
    assert_eq!(of(json!([])).unwrap()["expect"]["status"], json!(["200-299"]));
    assert_eq!(of(json!(["404", "200-204"])).unwrap()["expect"]["status"], json!(["404", "200-204"]));
    assert!(of(json!(vec!["200"; 21])).unwrap_err().contains("at most 20"));
    assert_eq!(of(json!(["100", "600-999"])).unwrap()["expect"]["status"], json!(["100", "600-999"]));
    for wrong in ["99", "1000", "999-1000", "300-200"] {
        assert!(of(json!([wrong])).unwrap_err().contains("from 100 to 999"), "{wrong}");
    }
}

#[test]
fn what_a_head_cannot_answer() {
    let of = |method: &str, expect: &str| {
        let text = format!(r#"{{"method": "{method}", "expect": {expect}}}"#);
        let spec = Spec::from_json(Kind::Http, Some(&text)).unwrap();
        spec.unanswerable().into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of("HEAD", r#"{"contains": "a", "not_contains": "b"}"#), "contains not_contains");
    assert_eq!(of("HEAD", r#"{"status": ["204"]}"#), "");
    assert_eq!(of("GET", r#"{"contains": "a"}"#), "");
}

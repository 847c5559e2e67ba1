//! `upguard-probe check` as people and scripts run it: the real binary, its output and its exit codes.

use std::{
    io::Write as _,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::site::{Site, ok, send};

/// Exit code, standard output, standard error.
fn run(args: &[&str], input: &str) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_upguard-probe"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Who refuses the command line does not read on.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let out = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (out.status.code().unwrap(), text(out.stdout), text(out.stderr))
}

#[test]
fn for_people() {
    let site = Site::new(|_| ok("hello"));
    let (code, out, err) = run(&["check", &site.url("/"), "--allow", "127.0.0.0/8"], "");
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with(&format!("UP  {}\n", site.url("/"))), "{out}");
    for part in ["connect", "processing", "transfer", " ms  █", "status       200", "address      127.0.0.1"] {
        assert!(out.contains(part), "{part} in {out}");
    }
}

#[test]
fn for_machines() {
    let site = Site::new(|_| send("HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"));
    let (code, out, err) = run(&["check", &site.url("/"), "--json", "--allow", "127.0.0.1"], "");
    assert_eq!((code, err.as_str(), out.lines().count()), (1, "", 1));
    let mut found: Value = serde_json::from_str(&out).unwrap();
    let (phases, evidence) = (found["phases"].take(), found["evidence"].take());
    assert_eq!((&evidence["body"], &evidence["body_cut"]), (&json!("no"), &json!(false)));
    let named: Vec<_> = phases.as_object().unwrap().keys().cloned().collect();
    assert_eq!(named, ["connect", "processing", "transfer"]);
    assert!(phases.as_object().unwrap().values().all(|took| (0.0..10.0).contains(&took.as_f64().unwrap())));
    let expected = json!({
        "verdict": "down", "reason": "status", "http_status": 503, "phases": null, "address": "127.0.0.1",
        "redirects": 0, "tls": null, "detail": "status 503, expected 200-299", "evidence": null,
    });
    assert_eq!(found, expected);
}

#[test]
fn a_spec_from_a_file_or_from_standard_input() {
    let site = Site::new(|_| ok("hello"));
    let spec = r#"{"method": "POST", "body": "b", "expect": {"contains": "goodbye"}}"#;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), spec).unwrap();
    for (path, input) in [(file.path().to_str().unwrap(), ""), ("-", spec)] {
        let (code, out, _) = run(&["check", &site.url("/"), "--allow", "127.0.0.1", "--spec", path], input);
        assert!(code == 1 && out.contains("body does not contain `goodbye`"), "{out}");
    }
    assert!(site.requests()[1].starts_with("POST / ") && site.requests().len() == 2);
}

#[test]
fn degraded_is_no_failure() {
    let site = Site::new(|_| ok("hello"));
    let spec = r#"{"expect": {"min_cert_days": 1}}"#;
    let (code, out, _) = run(&["check", &site.url("/"), "--allow", "127.0.0.1", "--spec", "-"], spec);
    assert!(code == 0 && out.starts_with("DEGRADED (certificate_days)"), "{out}");
}

#[test]
fn a_refused_address_names_the_flag() {
    let site = Site::new(|_| ok("secret"));
    for json in [&["--json"][..], &[]] {
        let (code, out, _) = run(&[&["check", &site.url("/")], json].concat(), "");
        assert!(code == 1 && out.contains("refused_address") && out.contains("--allow 127.0.0.0/8"), "{out}");
    }
    assert_eq!(site.requests().len(), 0);
}

#[test]
fn what_makes_no_sense_exits_64() {
    let url = "http://127.0.0.1:9/";
    let cases: [(&[&str], &str, &str); 15] = [
        (&["fly"], "", "fly"),
        (&["check"], "", "<URL>"),
        (&["check", url, "--fast"], "", "--fast"),
        (&["check", "example.com"], "", "is no absolute URL"),
        (&["check", "ftp://example.com"], "", "only http, https and tcp"),
        (&["check", "http://u:p@example.com"], "", "credentials"),
        (&["check", "http://example.com/\r\nEvil: b"], "", "control character"),
        (&["check", url, "--allow", "10.0.0.0/33"], "", "10.0.0.0/8"),
        (&["check", url, "--timeout", "31"], "", "from 1 to 30 seconds"),
        (&["check", url, "--spec", "/no/such/file"], "", "/no/such/file"),
        (&["check", url, "--spec", "-"], r#"{"timeout": 0}"#, "timeout: must be from 1 to 30 seconds"),
        (&["check", url, "--spec", "-"], r#"{"expect": {"contians": "x"}}"#, "contians"),
        (&["check", url, "--spec", "-"], r#"{"headers": {"X-A": "a\r\nEvil: b"}}"#, "headers: the value of `X-A`"),
        (
            &["check", url, "--spec", "-"],
            r#"{"method": "HEAD", "expect": {"contains": "x"}}"#,
            "expect.contains looks into the body, and the answer to HEAD has none",
        ),
        (&["check", url, "--spec", "-"], r#"{"tls": {"ca": "no pem"}}"#, "tls.ca holds no certificate"),
    ];
    for (args, input, expected) in cases {
        let (code, out, err) = run(args, input);
        assert!((code, out.as_str()) == (64, "") && err.contains(expected), "{args:?} {input}: {code} {out} {err}");
    }
}

#[test]
fn help_and_version() {
    let (code, out, _) = run(&["--help"], "");
    assert!(code == 0 && ["run", "check", "health", "version"].iter().all(|word| out.contains(word)), "{out}");
    let (code, out, _) = run(&["check", "--help"], "");
    assert!(code == 0 && out.contains("upguard-probe check https://example.com --spec spec.json"), "{out}");
    for flag in ["version", "--version"] {
        assert_eq!(run(&[flag], "").1, format!("upguard-probe {}\n", env!("CARGO_PKG_VERSION")));
    }
}

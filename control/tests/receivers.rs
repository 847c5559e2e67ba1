//! What receivers get and what becomes of their answers: an HTTP server, one with TLS, `aiosmtpd` and the verifier of
//! `standardwebhooks`, each a real one on this machine.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod support;

use std::{
    fs,
    io::Write,
    process::Stdio,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use support::{
    Server, User, eventually,
    mail::MailServer,
    receiver::{Receiver, Request},
};
use testbed::{certified::Certified, process::Process, servers::free_port};

const PATH: &str = "/api/v1/channels";
const POLICIES: &str = "/api/v1/policies";
/// Receivers are on this machine.
const HERE: (&str, &str) = ("UPGUARD_EGRESS__ALLOW", "127.0.0.0/8");
const IDLE: (&str, &str) = ("UPGUARD_STREAM__WORK", "false");

fn make(user: &User<'_>, body: &Value) -> Value {
    user.post("/api/v1/channels", body).expect(201)
}

fn webhook(url: &str) -> Value {
    json!({"name": "Hook", "kind": "webhook", "settings": {"url": url}})
}

fn at(row: &Value, rest: &str) -> String {
    format!("{PATH}/{}{rest}", row["id"].as_str().unwrap())
}

fn test(user: &User<'_>, channel: &Value) -> Value {
    user.post(&at(channel, "/test"), &json!({})).expect(200)
}

/// What the standardwebhooks package makes of a request.
fn is_genuine(request: &Request, secret: &str) -> bool {
    let mut python = testbed::python::with_packages(&["standardwebhooks"]).unwrap();
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/verify.py"));
    let mut python = python.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let given = json!({"secret": secret, "headers": request.headers, "body": request.body});
    python.stdin.take().unwrap().write_all(given.to_string().as_bytes()).unwrap();
    let output = python.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() || said.contains("WebhookVerificationError"), "{said}");
    output.status.success()
}

#[test]
fn a_webhook_is_signed_and_its_secret_can_be_rotated() {
    let server = Server::start_with(&[IDLE, HERE]);
    let ann = server.sign_up("ann@example.org");
    let receiver = Receiver::answering("202 Accepted", "", "thanks");
    let hook = make(&ann, &webhook(&format!("{}/up?team=1", receiver.url())));
    let tested = test(&ann, &hook);
    assert_eq!((&tested["ok"], &tested["status"], &tested["answer"]), (&json!(true), &json!(202), &json!("thanks")));

    let request = receiver.one();
    let old = hook["secret"].as_str().unwrap();
    assert_eq!(request.path, "/up?team=1");
    assert_eq!(request.headers["content-type"], "application/json");
    assert!(request.headers["user-agent"].starts_with("UpGuard/"));
    assert!(request.headers["webhook-id"].starts_with("test:"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!((&body["type"], &body["data"]["channel"]["id"]), (&json!("channel.test"), &hook["id"]));
    assert!(is_genuine(&request, old));
    let forged = Request { body: request.body.replace("channel.test", "channel.tset"), ..request };
    assert!(!is_genuine(&forged, old));

    let rotated = ann.post(&format!("/api/v1/channels/{}/rotate-secret", hook["id"].as_str().unwrap()), &json!({}));
    let rotated = rotated.expect(200);
    let new = rotated["secret"].as_str().unwrap();
    assert_ne!(new, old);
    assert_eq!(rotated["secrets"], json!(["previous", "secret"]));
    test(&ann, &hook);
    let both = receiver.requests().remove(1);
    assert_eq!(both.headers["webhook-signature"].split(' ').count(), 2);
    assert!(is_genuine(&both, old) && is_genuine(&both, new));
    let log = server.psql("select attempt, ok, status, answer, outbox is null from deliveries order by key");
    assert_eq!(log, "1|t|202|thanks|t\n1|t|202|thanks|t");

    let slack = make(&ann, &json!({"name": "s", "kind": "slack", "settings": {"url": "https://a.example/"}}));
    ann.post(&at(&slack, "/rotate-secret"), &json!({})).problem(409);
}

#[test]
fn each_vendor_gets_its_own_request() {
    let server = Server::start_with(&[IDLE, HERE]);
    let ann = server.sign_up("ann@example.org");
    let vendors = [
        ("slack", "ok", json!({"url": "{}/services/T/B/X"}), "/services/T/B/X", "/blocks/0/type", "header"),
        (
            "discord",
            r#"{"id": "7"}"#,
            json!({"url": "{}/api/webhooks/1/X"}),
            "/api/webhooks/1/X",
            "/embeds/0/title",
            "🔵 Test of a channel",
        ),
        (
            "telegram",
            r#"{"ok": true, "result": {}}"#,
            json!({"token": "1:X", "chat_id": "-7", "api_url": "{}"}),
            "/bot1:X/sendMessage",
            "/chat_id",
            "-7",
        ),
        (
            "pagerduty",
            r#"{"status": "success", "dedup_key": "k"}"#,
            json!({"routing_key": "a".repeat(32), "api_url": "{}"}),
            "/v2/enqueue",
            "/event_action",
            "trigger",
        ),
        (
            "ntfy",
            r#"{"id": "hwQ2YpKdmg"}"#,
            json!({"topic": "ops", "server": "{}", "token": "tk"}),
            "/",
            "/topic",
            "ops",
        ),
    ];
    for (kind, yes, settings, path, pointer, expected) in vendors {
        let receiver = Receiver::answering("200 OK", "", yes);
        let settings: Value = serde_json::from_str(&settings.to_string().replace("{}", &receiver.url())).unwrap();
        let channel = make(&ann, &json!({"name": "a", "kind": kind, "settings": settings}));
        assert_eq!(test(&ann, &channel)["ok"], true, "{kind}");
        let request = receiver.one();
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!((request.path.as_str(), body.pointer(pointer)), (path, Some(&json!(expected))), "{kind}");
        let authorization = request.headers.get("authorization").map(String::as_str);
        assert_eq!(authorization, (kind == "ntfy").then_some("Bearer tk"), "{kind}");
    }
}

#[test]
fn a_receiver_that_misbehaves_is_an_answer() {
    let quick = ("UPGUARD_EGRESS__TIMEOUT", "1s");
    let server = Server::start_with(&[IDLE, HERE, quick]);
    let ann = server.sign_up("ann@example.org");
    let told = |receiver: &Receiver| test(&ann, &make(&ann, &webhook(&receiver.url())));

    let elsewhere = Receiver::answering("200 OK", "", "");
    let target = elsewhere.url();
    let redirects = Receiver::with(move |_, stream| {
        write!(stream, "HTTP/1.1 307 Temporary Redirect\r\nLocation: {target}\r\nContent-Length: 0\r\n\r\n")
    });
    let redirected = told(&redirects);
    assert_eq!(
        (&redirected["ok"], &redirected["status"], &redirected["permanent"]),
        (&json!(false), &json!(307), &json!(false))
    );
    assert!(redirected["answer"].as_str().unwrap().contains("redirects are not followed"));
    assert!(elsewhere.requests().is_empty());

    let hangs = Receiver::with(|_, stream| {
        let mut rest = [0];
        // Until the other side hangs up.
        std::io::Read::read(stream, &mut rest).map(drop)
    });
    let began = Instant::now();
    let hung = told(&hangs);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert!((1_000..3_000).contains(&hung["took_ms"].as_i64().unwrap()), "{hung}");
    assert_eq!(
        (&hung["ok"], &hung["status"], &hung["answer"]),
        (&json!(false), &Value::Null, &json!("no answer within 1 s"))
    );

    let floods = Receiver::with(|_, stream| {
        stream.write_all(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n")?;
        loop {
            write!(stream, "400\r\n{}\r\n", "x".repeat(1_024))?;
        }
    });
    let flooded = told(&floods);
    assert_eq!((&flooded["status"], &flooded["permanent"]), (&json!(500), &json!(false)));
    assert_eq!(flooded["answer"].as_str().unwrap().len(), 1_024);

    let speaks = Receiver::with(|_, stream| stream.write_all(b"220 mail.example ESMTP\r\n"));
    let spoke = told(&speaks);
    assert_eq!((&spoke["ok"], &spoke["status"]), (&json!(false), &Value::Null));
    for (status, permanent) in
        [("404 Not Found", false), ("410 Gone", true), ("429 Too Many", false), ("503 Busy", false)]
    {
        let refused = told(&Receiver::answering(status, "Retry-After: 7\r\n", "a\0b"));
        assert_eq!((&refused["permanent"], &refused["answer"]), (&json!(permanent), &json!("ab")), "{status}");
    }
}

#[test]
fn what_may_not_be_dialled_is_not() {
    let server = Server::start_with(&[IDLE]);
    let ann = server.sign_up("ann@example.org");
    let receiver = Receiver::answering("200 OK", "", "");
    for url in [receiver.url(), receiver.url().replace("127.0.0.1", "localhost"), "http://169.254.169.254/".to_owned()]
    {
        let refused = test(&ann, &make(&ann, &webhook(&url)));
        assert_eq!(refused["ok"], false);
        assert!(refused["answer"].as_str().unwrap().contains("is not dialled"), "{refused}");
    }
    assert!(receiver.requests().is_empty());
}

#[test]
fn a_mail_arrives_over_starttls_and_over_tls() {
    for security in ["starttls", "tls"] {
        let dir = tempfile::tempdir().unwrap();
        let mut smtp = MailServer::start(dir.path(), security);
        let server = Server::start_with(&[&[IDLE][..], &smtp.variables()].concat());
        let ann = server.sign_up("ann@example.org");
        let all = ann.get(PATH).expect(200);
        let owners = &all["items"][0];
        assert_eq!((&owners["name"], &owners["able"]), (&json!("Owners"), &json!(true)));
        assert_eq!(ann.get(POLICIES).expect(200)["items"][0]["warning"], Value::Null);

        let tested = test(&ann, owners);
        assert_eq!((&tested["ok"], &tested["status"]), (&json!(true), &json!(250)), "{security}: {tested}");
        assert_eq!(tested["answer"], "2.0.0 kept as 7");
        let mail = smtp.next();
        assert_eq!((&mail["to"], &mail["sender"]), (&json!(["ann@example.org"]), &json!("alerts@up.example.org")));
        assert_eq!((&mail["tls"], &mail["signed_in"]), (&json!(true), &json!(true)));
        let header = |name: &str| mail["headers"][name].as_str().unwrap_or_default().to_owned();
        assert_eq!(header("subject"), "Test of a channel");
        assert_eq!(header("from"), "UpGuard ä <alerts@up.example.org>");
        assert!(header("message-id").starts_with("<test.") && header("message-id").ends_with("@up.example.org>"));
        assert_eq!(header("auto-submitted"), "auto-generated");
        assert!(header("content-type").starts_with("multipart/alternative"), "{mail}");
        assert!(mail["text"].as_str().unwrap().contains("Nothing is wrong now."));
        assert!(mail["html"].as_str().unwrap().contains("<a href=\"http://localhost:8080\">"));
    }
}

#[test]
fn a_refused_reader_keeps_nobody_from_being_told() {
    let dir = tempfile::tempdir().unwrap();
    let mut smtp = MailServer::start(dir.path(), "starttls");
    let server = Server::start_with(&[&[IDLE][..], &smtp.variables()].concat());
    let ann = server.sign_up("ann@example.org");
    let mails = |to: &[&str]| {
        for address in to {
            server.psql(&format!(
                "insert into recipients (organisation, address, confirmed_at) select id, '{address}', now() from organisations
                 on conflict do nothing"
            ));
        }
        let channel = make(&ann, &json!({"name": "a", "kind": "email", "settings": {"to": to}}));
        test(&ann, &channel)
    };
    let some = mails(&["nobody@example.org", "ops@example.org"]);
    assert_eq!(some["ok"], true);
    assert!(some["answer"].as_str().unwrap().contains("not to nobody@example.org: "), "{some}");
    assert_eq!(smtp.next()["to"], json!(["ops@example.org"]));
    let none = mails(&["nobody@example.org"]);
    assert_eq!((&none["ok"], &none["status"], &none["permanent"]), (&json!(false), &json!(550), &json!(true)));
    let later = mails(&["later@example.org", "nobody@example.org"]);
    assert_eq!((&later["ok"], &later["status"], &later["permanent"]), (&json!(false), &json!(450), &json!(false)));
}

#[test]
fn a_mail_server_that_cannot_be_trusted_gets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let smtp = MailServer::start(dir.path(), "starttls");
    let with = |name: &str, value: &'static str| {
        let changed =
            smtp.variables().into_iter().map(|(key, old)| if key == name { (key, value) } else { (key, old) });
        let variables: Vec<_> = changed.chain([IDLE]).collect();
        let server = Server::start_with(&variables);
        let ann = server.sign_up("ann@example.org");
        let owners = ann.get(PATH).expect(200)["items"][0].clone();
        test(&ann, &owners)
    };
    let unknown = with("UPGUARD_SMTP__CA", "");
    assert_eq!((&unknown["ok"], &unknown["permanent"]), (&json!(false), &json!(false)));
    let stranger = with("UPGUARD_SMTP__PASSWORD", "wrong");
    assert_eq!(stranger["ok"], false);
    assert!(stranger["answer"].as_str().unwrap().contains("535"), "{stranger}");
    assert!(!stranger.to_string().contains("wrong"));
}

#[test]
fn a_mail_server_that_is_its_own_authority_is_trusted_as_itself() {
    for security in ["starttls", "tls"] {
        let dir = tempfile::tempdir().unwrap();
        let smtp = MailServer::showing(Certified::by_itself(dir.path()).unwrap(), dir.path(), security);
        let server = Server::start_with(&[&[IDLE][..], &smtp.variables()].concat());
        let ann = server.sign_up("ann@example.org");
        let owners = ann.get(PATH).expect(200)["items"][0].clone();
        let tested = test(&ann, &owners);
        assert_eq!(tested["ok"], true, "{security}: {tested}");
    }
}

#[test]
fn a_receiver_with_tls_has_to_prove_itself() {
    let dir = tempfile::tempdir().unwrap();
    let Certified { cert, key, ca } = Certified::new(dir.path()).unwrap();
    let port = free_port().unwrap().to_string();
    let mut python = testbed::python::with_packages(&[]).unwrap();
    python.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/https.py")).arg(&port);
    python.args([cert, key]);
    let process = Process::spawn("https", python, &dir.path().join("https.log")).unwrap();
    eventually("it serves", || fs::read_to_string(process.log()).unwrap().contains("ready").then_some(()));
    for (ca, ok) in [(ca.to_str().unwrap(), true), ("", false)] {
        let server = Server::start_with(&[IDLE, HERE, ("UPGUARD_EGRESS__CA", ca)]);
        let ann = server.sign_up("ann@example.org");
        let told = |host: &str| test(&ann, &make(&ann, &webhook(&format!("https://{host}:{port}/up"))));
        let tested = told("127.0.0.1");
        assert_eq!((&tested["ok"], &tested["answer"] == "over TLSv1.3"), (&json!(ok), ok), "{tested}");
        let other_name = told("localhost");
        assert_eq!((&other_name["ok"], &other_name["status"]), (&json!(false), &Value::Null), "{other_name}");
    }
}

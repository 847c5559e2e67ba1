//! What answers mean: vendors' own words are a yes or a final no, and what stands between us and them is neither. Receivers are
//! real sockets.

use std::{
    io::{Read, Write},
    net::TcpListener,
    thread,
};

use domain::channel::Readers;
use serde_json::json;

use super::{Kind, links, settings, test};
use crate::{
    Draft, Meaning,
    Meaning::{Never, NotYet, Taken},
    Sender, Sent, render,
};

const PAGE: &str = "<!doctype html><html><title>Sign in</title></html>";

/// What is said of an answer to a message for this kind of channel.
async fn told(kind: Kind, status: &str, body: &str) -> Sent {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/x", listener.local_addr().unwrap());
    let answer = match body {
        "" => format!("HTTP/1.1 {status}\r\nLocation: /login\r\nConnection: close\r\n\r\n"),
        body => format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n{body}", body.len()),
    };
    let receiver = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut read = Vec::new();
        while !whole(&read) {
            let mut some = [0; 4_096];
            let n = stream.read(&mut some).unwrap();
            assert_ne!(n, 0, "the request breaks off");
            read.extend_from_slice(&some[..n]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
    });
    let Draft::Http(mut post) = render(&settings(kind), &test(), &links()) else { panic!("{kind} is no request") };
    post.url = url.parse::<url::Url>().unwrap().into();
    let sent = sender().send(&Draft::Http(post), &Readers::default(), super::OPENED).await;
    receiver.join().unwrap();
    sent
}

/// Whether a request is there to its last byte.
fn whole(read: &[u8]) -> bool {
    let text = String::from_utf8_lossy(read).to_lowercase();
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    read.len() >= head.len() + 4 + length.parse::<usize>().unwrap()
}

fn sender() -> Sender {
    let variables =
        [("UPGUARD_EGRESS__ALLOW", "127.0.0.0/8"), ("UPGUARD_AUTH__SECRET", "0123456789abcdef0123456789abcdef")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Sender::new(&config::from(None, variables).unwrap()).unwrap()
}

fn meaning(sent: &Sent) -> Meaning {
    match (sent.ok, sent.permanent) {
        (true, _) => Taken,
        (false, true) => Never,
        (false, false) => NotYet,
    }
}

#[tokio::test]
async fn each_kind_knows_its_vendors_yes_and_its_final_no() {
    let long = json!({"ok": true, "result": {"text": "x".repeat(9_000)}}).to_string();
    let invalid =
        r#"{"status":"invalid event","message":"Event object is invalid","errors":["'routing_key' is invalid"]}"#;
    let kicked = r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was kicked from the group chat"}"#;
    let busy = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 3","parameters":{"retry_after":3}}"#;
    let cases = [
        (Kind::Slack, "200 OK", "ok", Taken),
        (Kind::Slack, "200 OK", r#"{"success":true}"#, Taken),
        (Kind::Slack, "200 OK", "invalid_token", Never),
        (Kind::Slack, "200 OK", r#"{"ok":false,"error":"invalid_token"}"#, Never),
        (Kind::Slack, "404 Not Found", "no_service", Never),
        (Kind::Slack, "410 Gone", "channel_is_archived", Never),
        (Kind::Slack, "500 No", "rollup_error", NotYet),
        (Kind::Discord, "204 No Content", "", Taken),
        (Kind::Discord, "200 OK", r#"{"id":"7","type":0}"#, Taken),
        (Kind::Discord, "404 Not Found", r#"{"message":"Unknown Webhook","code":10015}"#, Never),
        (Kind::Discord, "429 Too Many", r#"{"message":"You are being rate limited.","retry_after":1.5}"#, NotYet),
        (Kind::Telegram, "200 OK", &long, Taken),
        (Kind::Telegram, "200 OK", r#"{"ok":false,"error_code":500,"description":"Internal"}"#, NotYet),
        (Kind::Telegram, "403 Forbidden", kicked, Never),
        (Kind::Telegram, "429 Too Many", busy, NotYet),
        (Kind::Pagerduty, "202 Accepted", r#"{"status":"success","message":"Event processed","dedup_key":"k"}"#, Taken),
        (Kind::Pagerduty, "400 Bad Request", invalid, Never),
        (Kind::Pagerduty, "500 No", invalid, NotYet),
        (Kind::Ntfy, "200 OK", r#"{"id":"hwQ2YpKdmg","event":"message"}"#, Taken),
        (Kind::Ntfy, "403 Forbidden", r#"{"code":40301,"http":403,"error":"forbidden"}"#, Never),
        (Kind::Ntfy, "429 Too Many", r#"{"code":42901,"http":429,"error":"limit reached"}"#, NotYet),
        (Kind::Webhook, "200 OK", PAGE, Taken),
        (Kind::Webhook, "204 No Content", "", Taken),
        (Kind::Webhook, "410 Gone", PAGE, Never),
    ];
    for (kind, status, body, expected) in cases {
        let sent = told(kind, status, body).await;
        assert_eq!(meaning(&sent), expected, "{kind} {status} {body}: {sent:?}");
        assert_eq!(sent.status, status[..3].parse().ok());
    }
}

#[tokio::test]
async fn what_stands_between_is_neither_yes_nor_no() {
    for kind in Kind::ALL.iter().copied().filter(|kind| *kind != Kind::Email) {
        let statuses = ["302 Found", "400 Bad Request", "403 Forbidden", "404 Not Found", "502 Bad Gateway"];
        for (status, body) in statuses.iter().flat_map(|status| [(*status, PAGE), (*status, "")]) {
            let sent = told(kind, status, body).await;
            assert_eq!(meaning(&sent), NotYet, "{kind} {status}: {sent:?}");
        }
        if kind != Kind::Webhook {
            let sent = told(kind, "200 OK", PAGE).await;
            assert_eq!(meaning(&sent), NotYet, "{kind}: {sent:?}");
            assert!(sent.answer.starts_with(&format!("this is no yes of {kind} (")), "{sent:?}");
            assert!(sent.answer.ends_with(PAGE), "what was answered is kept: {sent:?}");
        }
    }
}

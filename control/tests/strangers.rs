//! People who have agreed to nothing yet: mail channels that name them, and sign-ups with their address. With a real mail server.

#![allow(clippy::unwrap_used, reason = "a test says where it fails")]

mod support;

use serde_json::{Value, json};
use support::{Answer, PASSWORD, Server, User, mail::MailServer};
use tempfile::TempDir;

const PATH: &str = "/api/v1/channels";
const REGISTER: &str = "/api/v1/auth/register";

struct Scene {
    server: Server,
    smtp: MailServer,
    _dir: TempDir,
}

fn scene(more: &[(&str, &str)]) -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let smtp = MailServer::start(dir.path(), "starttls");
    let mut variables = smtp.variables();
    variables.push(("UPGUARD_STREAM__WORK", "false"));
    variables.extend_from_slice(more);
    let server = Server::start_with(&variables);
    Scene { server, smtp, _dir: dir }
}

fn mail_channel(user: &User<'_>, to: &[&str]) -> Value {
    user.post(PATH, &json!({"name": "Ops", "kind": "email", "settings": {"to": to}})).expect(201)
}

fn at(channel: &Value, rest: &str) -> String {
    format!("{PATH}/{}{rest}", channel["id"].as_str().unwrap())
}

/// The path of the one link in a mail.
fn link(mail: &Value) -> String {
    let text = mail["text"].as_str().unwrap();
    let links: Vec<_> = text.split_whitespace().filter(|word| word.starts_with("http")).collect();
    assert_eq!(links.len(), 1, "{text}");
    links[0].trim_start_matches("http://localhost:8080").to_owned()
}

fn subject(mail: &Value) -> &str {
    mail["headers"]["subject"].as_str().unwrap()
}

fn page(answer: Answer, status: u16) -> String {
    assert!(answer.header("content-type").unwrap().starts_with("text/html"));
    answer.expect(status).as_str().unwrap().to_owned()
}

fn addresses(channel: &Value) -> Vec<&str> {
    channel["unconfirmed"].as_array().unwrap().iter().map(|one| one["address"].as_str().unwrap()).collect()
}

#[test]
fn a_stranger_is_mailed_once_until_they_confirm() {
    let Scene { server, mut smtp, _dir } = scene(&[]);
    let ann = server.sign_up("ann@example.org");
    let ops = mail_channel(&ann, &["Ops@Example.org", "ann@example.org"]);
    assert_eq!(addresses(&ops), ["Ops@Example.org"], "members need not confirm");
    assert!(ops["unconfirmed"][0]["asked_at"].is_string());
    let asked = smtp.next();
    assert_eq!((&asked["to"], subject(&asked)), (&json!(["Ops@Example.org"]), "Confirm your address for alerts"));

    // A test reaches who is a member, in a mail of their own, and whoever named the channel does not write its subject.
    ann.patch(&at(&ops, ""), &json!({"name": "You won! Click http://evil.example"})).expect(200);
    let tested = ann.post(&at(&ops, "/test"), &json!({})).expect(200);
    assert_eq!(tested["ok"], true);
    let mail = smtp.next();
    assert_eq!((&mail["to"], subject(&mail)), (&json!(["ann@example.org"]), "Test of a channel"));

    // Programs that look through mails follow links; that confirms nothing.
    let path = link(&asked);
    for _ in 0..2 {
        assert!(page(server.get(&path), 200).contains("<form method=\"post\">"));
    }
    assert_eq!(addresses(&ann.get(&at(&ops, "")).expect(200)), ["Ops@Example.org"]);
    assert!(page(server.raw("POST", &path, &[], ""), 200).contains("Confirmed"));
    page(server.raw("POST", &path, &[], ""), 404);
    page(server.get(&path), 404);
    assert!(addresses(&ann.get(&at(&ops, "")).expect(200)).is_empty());
    ann.post(&at(&ops, "/test"), &json!({})).expect(200);
    let mails = [smtp.next(), smtp.next()];
    let mut readers: Vec<_> = mails.iter().map(|mail| mail["to"].clone()).collect();
    readers.sort_by_key(Value::to_string);
    assert_eq!(readers, [json!(["Ops@Example.org"]), json!(["ann@example.org"])], "one mail a reader");
    assert!(mails.iter().all(|mail| mail["headers"]["to"].as_str().unwrap().matches('@').count() == 1));

    // Another organisation has to ask anew.
    server.psql("insert into organisations (id, name) values (gen_random_uuid(), 'Other')");
    let said = "select may_be_mailed(o.id, 'ops@example.org') from organisations o order by number";
    assert_eq!(server.psql(said), "t\nf");
}

#[test]
fn nobody_is_asked_again_and_again() {
    let limits = [("UPGUARD_QUOTA__CONFIRMATIONS", "4"), ("UPGUARD_QUOTA__CONFIRMATIONS_ADDRESS", "2")];
    let Scene { server, mut smtp, _dir } = scene(&limits);
    let ann = server.sign_up("ann@example.org");
    let ops = mail_channel(&ann, &["ops@example.org"]);
    assert_eq!(ops["why_not"], "no reader has confirmed their address yet");
    let old = link(&smtp.next());
    let again = ann.post(&format!("/api/v1/channels/{}/confirmations", ops["id"].as_str().unwrap()), &json!({}));
    assert_eq!(again.expect(200)["items"], json!([{"address": "ops@example.org", "sent": true, "why_not": null}]));
    let new = link(&smtp.next());
    page(server.get(&old), 404);
    page(server.get(&new), 200);
    let third = ann.post(&at(&ops, "/confirmations"), &json!({})).expect(200);
    let why = third["items"][0]["why_not"].as_str().unwrap();
    assert!(third["items"][0]["sent"] == false && why.contains("quota.confirmations_address"), "{third}");
    // What is refused by the mail server waits, and can be asked again.
    let nobody = mail_channel(&ann, &["nobody@example.org", "a@example.org", "b@example.org"]);
    let left = nobody["unconfirmed"].as_array().unwrap();
    assert_eq!(left.iter().filter(|one| one["asked_at"].is_string()).count(), 1, "{nobody}");
    // Its time runs out.
    server.psql("update recipients set expires_at = now()");
    page(server.raw("POST", &new, &[], ""), 404);
    let hashes = server.psql("select encode(token, 'hex') from recipients where token is not null");
    assert!(!hashes.lines().any(|hash| new.contains(hash)), "tokens are stored hashed");
}

#[test]
fn whoever_signs_up_does_not_learn_who_has_an_account() {
    let Scene { server, mut smtp, _dir } = scene(&[]);
    server.sign_up("ann@example.org");
    let body = |email: &str| json!({"email": email, "password": PASSWORD, "name": "Bob"});
    let taken = server.post(REGISTER, &body("ann@example.org"));
    let mail = smtp.next();
    assert_eq!((&mail["to"], subject(&mail)), (&json!(["ann@example.org"]), "You have an account already"));
    let free = server.post(REGISTER, &body("bob@example.org"));
    assert_eq!((taken.status, &taken.body), (202, &free.body));
    assert_eq!(free.status, 202);
    let mail = smtp.next();
    assert_eq!((&mail["to"], subject(&mail)), (&json!(["bob@example.org"]), "Finish your sign-up"));
    assert_eq!(server.psql("select count(*) from users"), "1");
    let login = json!({"email": "bob@example.org", "password": PASSWORD});
    server.post("/api/v1/auth/login", &login).problem(401);

    let path = link(&mail);
    page(server.get(&path), 200);
    assert_eq!(server.psql("select count(*) from users"), "1", "a look makes no account");
    page(server.raw("POST", &path, &[], ""), 200);
    page(server.raw("POST", &path, &[], ""), 404);
    server.post("/api/v1/auth/login", &login).expect(200);
    assert_eq!(server.psql("select name from organisations order by number desc limit 1"), "Bob");
    // However often somebody tries, the reader of an address is mailed three times a day.
    for _ in 0..5 {
        server.post(REGISTER, &body("eve@example.org")).expect(202);
    }
    assert_eq!(server.psql("select count(*) from sign_ups"), "3");
    page(server.raw("POST", "/api/v1/public/sign-up/7", &[], ""), 404);
    page(server.get("/api/v1/public/sign-up/7"), 404);
    page(server.get("/api/v1/public/confirm/7"), 404);
    page(server.raw("POST", "/api/v1/public/confirm/7", &[], ""), 404);
}

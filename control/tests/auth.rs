//! Signing up, in and out, as a client sees it: a real replica, a real PostgreSQL, a real Redis.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test says where it fails")]

mod support;

use serde_json::{Value, json};
use support::{PASSWORD, SECRET, Server};

fn credentials(email: &str, password: &str) -> Value {
    json!({"email": email, "password": password})
}

#[test]
fn a_person_signs_up_in_and_out() {
    let server = Server::start();
    let ann = json!({"email": " Ann@Example.org ", "password": PASSWORD, "name": "Ann"});
    let first = server.post("/api/v1/auth/register", &ann).expect(201);
    assert_eq!((first["token_type"].as_str(), first["expires_in"].as_u64()), (Some("Bearer"), Some(900)));
    let twice = server.post("/api/v1/auth/register", &ann);
    twice.problem(409);

    let signed_in = server.post("/api/v1/auth/login", &credentials("ANN@example.org", PASSWORD)).expect(200);
    let access = signed_in["access_token"].as_str().unwrap();
    let me = server.send("GET", "/api/v1/auth/me", Some(access), None).expect(200);
    assert_eq!((me["email"].as_str(), me["name"].as_str()), (Some("ann@example.org"), Some("Ann")));
    assert_eq!((me["role"].as_str(), &me["organisations"][0]["id"]), (Some("owner"), &me["organisation"]));

    // Nobody learns whether there is an account.
    let wrong = server.post("/api/v1/auth/login", &credentials("ann@example.org", "three other words"));
    let unknown = server.post("/api/v1/auth/login", &credentials("bob@example.org", PASSWORD));
    wrong.problem(401);
    assert_eq!((wrong.status, &wrong.body), (unknown.status, &unknown.body));
    assert_eq!(wrong.header("www-authenticate"), Some("Bearer"));

    server.send("POST", "/api/v1/auth/logout", Some(access), None).expect(204);
    server.send("GET", "/api/v1/auth/me", Some(access), None).problem(401);
    server.post("/api/v1/auth/refresh", &json!({"refresh_token": signed_in["refresh_token"]})).problem(401);
    // The other sign-in is another affair.
    let other = first["access_token"].as_str().unwrap();
    server.send("GET", "/api/v1/auth/me", Some(other), None).expect(200);
    server.post("/api/v1/auth/logout", &json!({"refresh_token": first["refresh_token"]})).expect(204);
    server.send("GET", "/api/v1/auth/me", Some(other), None).problem(401);
    assert!(!server.log().contains(PASSWORD) && !server.log().contains(SECRET));
}

#[test]
fn every_bad_field_is_named_at_once() {
    let server = Server::start();
    let bad = json!({"email": "ann", "password": "password", "name": 7, "plan": "gold"});
    let answer = server.post("/api/v1/auth/register", &bad);
    assert_eq!(answer.problem(422), ["/email", "/name", "/password", "/plan"]);
    let nothing = server.post("/api/v1/auth/login", &json!({}));
    assert_eq!(nothing.problem(422), ["/email", "/password"]);
    let common = server.post("/api/v1/auth/register", &credentials("ann@example.org", "Password2024!"));
    assert_eq!(common.problem(422), ["/password"]);

    let ann = server.sign_up("ann@example.org");
    let wrong = ann
        .post("/api/v1/auth/password", &json!({"current_password": "x", "new_password": "four quite unrelated words"}));
    assert_eq!(wrong.problem(422), ["/current_password"]);
    let short = ann.post("/api/v1/auth/password", &json!({"new_password": "x"}));
    assert_eq!(short.problem(422), ["/current_password", "/new_password"]);
}

#[test]
fn a_new_password_ends_all_other_sign_ins() {
    let server = Server::start();
    let here = server.sign_up("ann@example.org");
    let there = server.post("/api/v1/auth/login", &credentials("ann@example.org", PASSWORD)).expect(200);
    let new = "four quite unrelated words";
    here.post("/api/v1/auth/password", &json!({"current_password": PASSWORD, "new_password": new})).expect(204);
    here.get("/api/v1/auth/me").expect(200);
    server.send("GET", "/api/v1/auth/me", there["access_token"].as_str(), None).problem(401);
    server.post("/api/v1/auth/login", &credentials("ann@example.org", PASSWORD)).problem(401);
    server.post("/api/v1/auth/login", &credentials("ann@example.org", new)).expect(200);

    // Whoever is no member any more is out at once.
    server.psql("delete from memberships");
    here.get("/api/v1/auth/me").problem(401);
}

#[test]
fn a_rotated_token_answers_with_its_successor_for_a_while_and_then_ends_the_sign_in() {
    let server = Server::start();
    let ann = server.sign_up("ann@example.org");
    let refresh = |token: &str| server.post("/api/v1/auth/refresh", &json!({"refresh_token": token}));

    let second = refresh(&ann.refresh).expect(200)["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(second, ann.refresh);
    let again = refresh(&ann.refresh).expect(200);
    assert_eq!(again["refresh_token"], second.as_str(), "a second tab gets the very same one");
    let third = refresh(&second).expect(200)["refresh_token"].as_str().unwrap().to_owned();
    let access = again["access_token"].as_str().unwrap();
    server.send("GET", "/api/v1/auth/me", Some(access), None).expect(200);

    // Eleven seconds later, by the clock of the rows.
    server.psql("update refresh_tokens set rotated_at = rotated_at - interval '11 seconds'");
    refresh(&ann.refresh).problem(401);
    refresh(&third).problem(401);
    server.send("GET", "/api/v1/auth/me", Some(access), None).problem(401);

    let bob = server.sign_up("bob@example.org");
    server.psql("update refresh_tokens set expires_at = now() - interval '1 second'");
    refresh(&bob.refresh).problem(401);
    refresh("nonsense").problem(401);
    assert_eq!(server.post("/api/v1/auth/refresh", &json!({})).problem(422), ["/refresh_token"]);
    let stored = server.psql("select count(*) from refresh_tokens where encode(hash, 'escape') like '%' || 'a' || '%' and length(hash) <> 32");
    assert_eq!(stored, "0");
}

#[test]
fn tokens_that_are_not_ours_are_refused() {
    let server = Server::start_with(&[("UPGUARD_AUTH__ACCESS_TTL", "1s")]);
    let ann = server.sign_up("ann@example.org");
    let (head, rest) = ann.access.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    let flipped: String = signature.chars().rev().collect();
    for bad in
        [format!("{head}.{body}.{flipped}"), format!("eyJhbGciOiJub25lIn0.{body}."), "x".to_owned(), String::new()]
    {
        let answer = server.send("GET", "/api/v1/auth/me", Some(&bad), None);
        answer.problem(401);
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    server.get("/api/v1/auth/me").problem(401);
    server.raw("GET", "/api/v1/auth/me", &[("authorization", "Basic YTpi")], "").problem(401);
    support::eventually("the token expires", || (ann.get("/api/v1/auth/me").status == 401).then_some(()));
    let expired = ann.get("/api/v1/auth/me");
    assert_eq!(expired.body["detail"], "the access token has expired");
}

#[test]
fn browsers_keep_the_refresh_token_in_a_cookie() {
    let server = Server::start_with(&[("UPGUARD_PUBLIC_URL", "https://status.example.org")]);
    server.sign_up("ann@example.org");
    let answer = server.post("/api/v1/auth/login?cookie=true", &credentials("ann@example.org", PASSWORD));
    let cookie = answer.header("set-cookie").unwrap().to_owned();
    for part in ["HttpOnly", "SameSite=Strict", "Secure", "Path=/api/v1/auth"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    assert!(answer.expect(200).get("refresh_token").is_none());

    let pair = cookie.split(';').next().unwrap();
    let refreshed = server.raw("POST", "/api/v1/auth/refresh", &[("cookie", pair)], "");
    let next = refreshed.header("set-cookie").unwrap().to_owned();
    assert_ne!(next.split(';').next(), Some(pair));
    let access = refreshed.expect(200)["access_token"].as_str().unwrap().to_owned();
    let out = server.raw("POST", "/api/v1/auth/logout", &[("cookie", next.split(';').next().unwrap())], "");
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    out.expect(204);
    server.send("GET", "/api/v1/auth/me", Some(&access), None).problem(401);
}

#[test]
fn too_many_tries_have_to_wait() {
    let server = Server::start_with(&[
        ("UPGUARD_AUTH__RATE__ACCOUNT", "3"),
        ("UPGUARD_AUTH__RATE__ADDRESS", "5"),
        ("UPGUARD_HTTP__TRUSTED_PROXIES", "127.0.0.0/8"),
    ]);
    let from = |address: &str, email: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", address)];
        server.raw("POST", "/api/v1/auth/login", &headers, &credentials(email, "wrong password").to_string())
    };
    for _ in 0..3 {
        from("192.0.2.1", "ann@example.org").problem(401);
    }
    let limited = from("192.0.2.2", "ann@example.org");
    limited.problem(429);
    assert!(limited.header("retry-after").unwrap().parse::<u32>().unwrap() > 0);
    // That account's address may still try others, twice.
    from("192.0.2.1", "bob@example.org").problem(401);
    from("192.0.2.1", "bob@example.org").problem(401);
    from("192.0.2.1", "cid@example.org").problem(429);
    from("192.0.2.3", "cid@example.org").problem(401);
}

#[test]
fn signing_up_may_need_an_invitation() {
    let server = Server::start_with(&[("UPGUARD_AUTH__SIGNUP", "invite")]);
    server.post("/api/v1/auth/register", &credentials("ann@example.org", PASSWORD)).problem(403);
    assert_eq!(server.psql("select count(*) from users"), "0");
}

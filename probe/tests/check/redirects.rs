//! Redirects: followed, bounded, judged at every hop, and trusted with no secret of another origin.

use crate::{
    check, phases,
    site::{Act, Site, moved, ok, send},
    told,
};

/// `/3` leads to `/2`, …, `/0` answers.
fn stairs() -> Site {
    Site::new(|request| match request[5..6].parse::<u8>().unwrap() {
        0 => ok("ground floor"),
        n => moved(302, &format!("/{}", n - 1)),
    })
}

#[tokio::test]
async fn a_chain_is_followed() {
    let site = stairs();
    let found = check(&site.url("/3"), r#"{"expect": {"contains": "ground"}}"#).await;
    assert_eq!((told(&found).as_str(), found.redirects, found.http_status), ("up", 3, Some(200)));
    assert_eq!((site.requests().len(), phases(&found).as_str()), (4, "connect processing transfer"));
}

#[tokio::test]
async fn unless_it_is_not_wanted_or_too_long() {
    let site = stairs();
    let cases = [
        (r#"{"follow_redirects": false}"#, "status: status 302, expected 200-299".to_owned(), 0),
        (r#"{"follow_redirects": false, "expect": {"status": ["302"]}}"#, "up".to_owned(), 0),
        (r#"{"max_redirects": 3}"#, "up".to_owned(), 3),
        (
            r#"{"max_redirects": 2}"#,
            format!("redirect: more than 2 redirects: the next leads to {}", site.url("/0")),
            2,
        ),
        (r#"{"max_redirects": 0}"#, "status: status 302, expected 200-299".to_owned(), 0),
        (r#"{"max_redirects": 0, "expect": {"status": ["302"]}}"#, "up".to_owned(), 0),
    ];
    for (spec, expected, followed) in cases {
        let found = check(&site.url("/3"), spec).await;
        assert_eq!((told(&found), found.redirects), (expected, followed), "{spec}");
    }
}

#[tokio::test]
async fn a_loop_ends() {
    let site = Site::new(|_| moved(301, "/round?and=round"));
    let found = check(&site.url("/"), "{}").await;
    let expected = format!("redirect: more than 10 redirects: the next leads to {}", site.url("/round"));
    assert_eq!((told(&found), site.requests().len(), found.http_status), (expected, 11, Some(301)));
}

#[tokio::test]
async fn nowhere_to_go() {
    for (location, expected) in [
        ("gopher://a.example/", "redirect leads to the scheme `gopher`, not to http or https"),
        ("http://", "redirect has a Location that is no URL: empty host"),
    ] {
        let site = Site::new(move |_| moved(302, location));
        assert_eq!(told(&check(&site.url("/"), "{}").await), format!("redirect: {expected}"));
    }
}

#[tokio::test]
async fn a_redirect_does_not_get_around_the_guard() {
    for target in ["http://10.0.0.1/", "http://169.254.169.254/latest/meta-data/", "http://[::ffff:10.0.0.1]/"] {
        let site = Site::new(move |_| moved(302, target));
        let found = check(&site.url("/"), "{}").await;
        assert!(told(&found).starts_with("refused_address: "), "{found:?}");
        assert_eq!((found.redirects, phases(&found).as_str()), (1, "connect processing"));
    }
}

const SECRETS: &str = r#"{"method": "POST", "body": "secret", "headers": {"Authorization": "Bearer secret",
    "Cookie": "secret", "Proxy-Authorization": "secret", "X-Api-Key": "secret", "Host": "named.example",
    "Accept": "text/html", "Content-Type": "text/plain"}}"#;

#[tokio::test]
async fn secrets_do_not_travel_to_another_origin() {
    let other = Site::new(|_| ok("x"));
    let to = other.url("/there");
    let site = Site::new(move |_| moved(302, &to));
    assert_eq!(told(&check(&site.url("/"), SECRETS).await), "up");
    assert!(site.requests()[0].matches("secret").count() == 5 && site.requests()[0].contains("Host: named.example"));
    let arrived = other.requests().remove(0);
    assert!(arrived.starts_with("GET /there HTTP/1.1\r\n") && arrived.contains("Accept: text/html\r\n"), "{arrived}");
    assert!(arrived.contains(&format!("Host: {}\r\n", other.address)), "{arrived}");
    assert!(!arrived.contains("secret") && !arrived.contains("Content-"), "{arrived}");
}

#[tokio::test]
async fn they_do_within_it_and_308_keeps_method_and_body() {
    let site = Site::new(|request| if request.starts_with("POST / ") { moved(308, "/there") } else { ok("x") });
    assert_eq!(told(&check(&site.url("/"), SECRETS).await), "up");
    let arrived = site.requests().remove(1);
    assert!(arrived.starts_with("POST /there HTTP/1.1\r\n") && arrived.ends_with("\r\n\r\nsecret"), "{arrived}");
    assert_eq!(arrived.matches("secret").count(), 5, "{arrived}");
}

/// Redirects to itself, setting a cookie, until it is sent.
fn until_sent(set: &'static str, pair: &'static str) -> Site {
    Site::new(move |request| {
        if request.contains(pair) {
            return ok("x");
        }
        send(format!("HTTP/1.1 302 Moved\r\nLocation: /x/\r\n{set}\r\nContent-Length: 0\r\n\r\n"))
    })
}

#[tokio::test]
async fn cookies_go_along_within_the_visit() {
    for (set, pair, requests) in [
        ("Set-Cookie: seen=1; Path=/; HttpOnly", "\r\nCookie: seen=1\r\n", 2),
        ("Set-Cookie: a=1\r\nSet-Cookie: b=2; Path=/x", "\r\nCookie: b=2; a=1\r\n", 2),
        ("Set-Cookie: seen=1; Max-Age=0", "Cookie: ", 11),
        ("Set-Cookie: seen=1; Secure", "Cookie: ", 11),
        ("Set-Cookie: seen=1; Path=/y", "Cookie: ", 11),
        ("Set-Cookie: seen=1; Domain=a.example", "Cookie: ", 11),
    ] {
        let site = until_sent(set, pair);
        let found = check(&site.url("/"), "{}").await;
        assert_eq!((found.reason.is_none(), site.requests().len()), (requests == 2, requests), "{set}: {found:?}");
        assert!(!site.requests()[0].contains("Cookie: "));
        // Another check is another visit.
        check(&site.url("/"), r#"{"follow_redirects": false}"#).await;
        assert!(!site.requests()[requests].contains("Cookie: "));
    }
    let site = until_sent("Set-Cookie: seen=1", "\r\nCookie: mine=2; seen=1\r\n");
    let spec = r#"{"headers": {"Cookie": "mine=2; seen=0"}}"#;
    assert_eq!((told(&check(&site.url("/"), spec).await).as_str(), site.requests().len()), ("up", 2));
}

#[tokio::test]
async fn cookies_stay_with_who_set_them() {
    let other = Site::new(|_| ok("x"));
    for host in ["127.0.0.1", "localhost"] {
        let to = format!("http://{host}:{}/", other.address.port());
        let site = Site::new(move |_| {
            let set = "Set-Cookie: sid=secret; Path=/";
            send(format!("HTTP/1.1 302 Moved\r\nLocation: {to}\r\n{set}\r\nContent-Length: 0\r\n\r\n"))
        });
        assert_eq!(told(&check(&site.url("/"), "{}").await), "up");
    }
    assert!(other.requests().len() == 2 && other.requests().iter().all(|request| !request.contains("secret")));
}

#[tokio::test]
async fn a_location_is_bytes_and_an_empty_one_is_none() {
    let site = Site::new(|request| match &request[..6] {
        "GET / " => Act::Send(b"HTTP/1.1 302 Moved\r\nLocation: /caf\xe9\r\nContent-Length: 0\r\n\r\n".to_vec()),
        _ => ok("x"),
    });
    assert_eq!(told(&check(&site.url("/"), "{}").await), "up");
    assert!(site.requests()[1].starts_with("GET /caf%E9 HTTP/1.1\r\n"));
    let empty = Site::new(|_| moved(302, " "));
    assert_eq!(told(&check(&empty.url("/"), r#"{"expect": {"status": ["302"]}}"#).await), "up");
    assert_eq!(empty.requests().len(), 1);
}

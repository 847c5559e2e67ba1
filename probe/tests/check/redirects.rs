//! Redirects: followed, bounded, judged at every hop, and trusted with no secret of another origin.

use crate::{
    check, phases,
    site::{Site, moved, ok},
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
        (
            r#"{"max_redirects": 0}"#,
            format!("redirect: more than 0 redirects: the next leads to {}", site.url("/2")),
            0,
        ),
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

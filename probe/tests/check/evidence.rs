//! What a failing check keeps for people, and that a check that is not down keeps nothing.

use wire::{Evidence, Reason};

use crate::{
    check, hasty,
    secure::Authority,
    site::{Act, Site, listen, moved, ok, send},
    told,
};

fn answer(head: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

async fn evidence(url: &str, spec: &str) -> Evidence {
    let found = hasty(url, spec).await;
    *found.evidence.clone().unwrap_or_else(|| panic!("no evidence: {}", told(&found)))
}

#[tokio::test]
async fn a_failing_status_shows_request_head_and_body() {
    let site =
        Site::new(|_| Act::Send(answer("503 Out To Lunch\r\nServer: nginx\r\nRetry-After: 7", "come back later")));
    let seen = evidence(&site.url("/shop?page=2"), r#"{"method": "POST", "body": "not shown"}"#).await;
    let host = site.address;
    let request = format!(
        "POST /shop?page=2 HTTP/1.1\nHost: {host}\nUser-Agent: UpGuard/test\nAccept: */*\nAccept-Encoding: gzip, br, deflate, zstd\n\
         Connection: close\nContent-Length: 9"
    );
    let head = "HTTP/1.1 503 Out To Lunch\nserver: nginx\nretry-after: 7\ncontent-length: 15".to_owned();
    let body = Some("come back later".to_owned());
    assert_eq!(seen, Evidence { request, response_head: Some(head), body, body_cut: false, certificate: None });
    let sent = &site.requests()[0];
    for line in seen.request.lines() {
        assert!(sent.contains(&format!("{line}\r\n")), "`{line}` was not sent like this:\n{sent}");
    }
}

#[tokio::test]
async fn what_is_not_down_has_no_evidence() {
    let site = Site::new(|_| ok("fine"));
    let found = check(&site.url("/"), r#"{"expect": {"contains": "fine"}}"#).await;
    assert_eq!((told(&found).as_str(), found.evidence), ("up", None));
    let found = check(&site.url("/"), r#"{"expect": {"min_cert_days": 1}}"#).await;
    assert_eq!((found.reason, found.evidence), (Some(Reason::CertificateDays), None));
}

#[tokio::test]
async fn secrets_are_hidden_where_sent_and_where_repeated() {
    let site = Site::new(|request| {
        let body = format!("you sent {request}");
        Act::Send(answer("403 No\r\nSet-Cookie: sid=1234567\r\nX-Echo: Basic aHVudGVyMg==", &body))
    });
    let spec = r#"{"headers": {"Authorization": "Basic aHVudGVyMg==", "Cookie": "sid=tasty-biscuit",
        "Proxy-Authorization": "Basic cHJveHk=", "X-Api-Token": "tok-1234567", "X-Trace": "visible"}}"#;
    let seen = evidence(&site.url("/"), spec).await;
    assert!(site.requests()[0].contains("aHVudGVyMg=="), "it was sent all the same");
    for name in ["Authorization", "Cookie", "Proxy-Authorization", "X-Api-Token"] {
        assert!(seen.request.contains(&format!("\n{name}: [hidden]")), "{name} in\n{}", seen.request);
    }
    assert!(seen.request.contains("\nX-Trace: visible"), "{}", seen.request);
    let all = format!("{seen:?}");
    for secret in ["aHVudGVyMg==", "tasty-biscuit", "cHJveHk=", "tok-1234567", "sid=1234567"] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
    assert!(seen.response_head.unwrap().contains("\nx-echo: [hidden]"));
}

#[tokio::test]
async fn bodies_are_cut_whole_or_in_pieces() {
    let long = "é".repeat(10_000);
    for piece in [7, 1_000_000] {
        let bytes = answer("200 OK", &long);
        let site = Site::new(move |_| Act::Pieces(bytes.clone(), piece));
        let seen = evidence(&site.url("/"), r#"{"expect": {"contains": "nowhere"}}"#).await;
        let body = seen.body.unwrap();
        assert!(long.starts_with(&body) && seen.body_cut, "in pieces of {piece}");
        assert!(body.len() > Evidence::BODY_MAX - 2, "{} in pieces of {piece}", body.len());
    }
    let site = Site::new(|_| Act::Send([answer("500 Oops", "ab"), vec![0; 0]].concat()));
    assert_eq!(evidence(&site.url("/"), "{}").await.body.as_deref(), Some("ab"));
}

#[tokio::test]
async fn bodies_are_shown_in_the_clear() {
    let text = "<p>Ошибка</p>".repeat(900);
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    std::io::Write::write_all(&mut encoder, text.as_bytes()).unwrap();
    let body = encoder.finish().unwrap();
    let head = format!("HTTP/1.1 500 Oops\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\n\r\n", body.len());
    let site = Site::new(move |_| Act::Send([head.as_bytes(), &body].concat()));
    let seen = evidence(&site.url("/"), "{}").await;
    let shown = seen.body.unwrap();
    assert!(text.starts_with(&shown) && shown.len() > Evidence::BODY_MAX - 4 && seen.body_cut, "{shown}");
    let head = "HTTP/1.1 500 Oops\r\nContent-Type: text/html; charset=windows-1251\r\nContent-Length: 6\r\n\r\n";
    let site = Site::new(move |_| Act::Send([head.as_bytes(), b"\xce\xf8\xe8\xe1\xea\xe0"].concat()));
    assert_eq!(evidence(&site.url("/"), "{}").await.body.as_deref(), Some("Ошибка"));
}

#[tokio::test]
async fn an_answer_that_broke_off_shows_how_far_it_came() {
    let site = Site::new(|_| send("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf"));
    let seen = evidence(&site.url("/"), "{}").await;
    assert_eq!((seen.body.as_deref(), seen.body_cut), (Some("half"), false));
    let site = Site::new(|_| Act::Hold(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nslow".to_vec()));
    let found = hasty(&site.url("/"), "{}").await;
    assert_eq!(found.reason, Some(Reason::TimeoutBody));
    let seen = found.evidence.unwrap();
    assert_eq!(seen.body.as_deref(), Some("slow"));
    assert_eq!(seen.response_head.as_deref(), Some("HTTP/1.1 200 OK\ncontent-length: 99"));
}

#[tokio::test]
async fn no_answer_shows_the_request_alone() {
    let address = listen("127.0.0.1:0", drop).unwrap();
    let seen = evidence(&format!("http://{address}/"), "{}").await;
    assert!(seen.request.starts_with("GET / HTTP/1.1\nHost: 127.0.0.1:"), "{}", seen.request);
    assert_eq!((seen.response_head, seen.body, seen.certificate), (None, None, None));
}

#[tokio::test]
async fn of_several_hops_the_last_is_shown() {
    let last = Site::new(|_| Act::Send(answer("500 Oops", "the end")));
    let to = last.url("/end");
    let first = Site::new(move |_| moved(302, &to));
    let seen = evidence(&first.url("/begin"), r#"{"headers": {"X-Own": "mine"}}"#).await;
    assert!(seen.request.starts_with("GET /end HTTP/1.1\n"), "{}", seen.request);
    assert!(!seen.request.contains("X-Own"), "it stays with its origin: {}", seen.request);
    assert_eq!(seen.body.as_deref(), Some("the end"));
    let round = Site::new(|_| moved(301, "/"));
    let seen = evidence(&round.url("/"), r#"{"max_redirects": 1}"#).await;
    assert!(seen.response_head.unwrap().starts_with("HTTP/1.1 301 Moved\nlocation: /"));
    let nowhere = Site::new(|_| moved(302, "http://127.0.0.1:1/gone"));
    let seen = evidence(&nowhere.url("/"), "{}").await;
    assert!(seen.request.starts_with("GET /gone HTTP/1.1") && seen.response_head.is_none(), "{seen:?}");
}

#[tokio::test]
async fn certificates_are_shown_refused_or_not() {
    let authority = Authority::new();
    let refused = Site::secure(authority.server("other.example", 2090), |_| ok("x"));
    let found = authority.check(&refused.secure_url("localhost"), "{}").await;
    assert_eq!(found.reason, Some(Reason::TlsHostname));
    let seen = found.evidence.unwrap();
    let certificate = seen.certificate.unwrap();
    assert_eq!((certificate.names, seen.response_head), (vec!["other.example".to_owned()], None));
    let good = Site::secure(authority.server("localhost", 2090), |_| Act::Send(answer("500 Oops", "")));
    let found = authority.check(&good.secure_url("localhost"), "{}").await;
    let certificate = found.evidence.unwrap().certificate.unwrap();
    assert!(
        certificate.issuer.contains("CN=Test CA") && certificate.subject.contains("CN=Test Site"),
        "{certificate:?}"
    );
    // 2020-01-02 and 2090-01-02.
    assert_eq!((certificate.not_before, certificate.not_after), (1_577_923_200, 3_786_998_400));
}

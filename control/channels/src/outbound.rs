//! One POST over one connection: resolve → admit → connect → TLS → request → the beginning of the answer. Redirects are
//! not followed: they would lead past what was entered, and lose the body.
//!
//! The deadline is the caller's.

use std::{
    pin::pin,
    time::{Duration, UNIX_EPOCH},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{
    HeaderMap, HeaderValue, Request, Response,
    header::{self, HeaderName},
};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use net::{Family, Net, TlsSettings};
use ring::hmac;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncWrite};
use url::{Position, Url};

use super::{Answer, Kind, Meaning, Post, Signing, hear, sent::Sent, webhook::secret_bytes, yes};

/// Who we are.
const USER_AGENT: &str = concat!("UpGuard/", env!("CARGO_PKG_VERSION"));
/// Response heads longer than this are not read.
const MAX_HEAD: usize = 32 * 1024;
/// Once the status is known, the rest of the answer is worth waiting for this long.
const BODY_PATIENCE: Duration = Duration::from_secs(5);
/// Vendors answer with the whole message, and half of it is no JSON; so much is read, and less is kept.
const MAX_BODY: usize = 64 * 1024;

/// Sends it. `now` is unix seconds.
pub(super) async fn post(net: &Net, post: &Post, now: i64) -> Sent {
    let request = match request(post, now) {
        Ok(request) => request,
        Err(why) => return Sent::impossible(format!("the request cannot be written: {why}")),
    };
    match exchange(net, (post.kind, post.url.reveal()), request, now).await {
        Ok(sent) => sent,
        Err(why) => Sent::failed(why),
    }
}

/// Asks for a URL, and sends nothing. `now` is unix seconds.
pub(super) async fn get(net: &Net, url: &Url, now: i64) -> Sent {
    let request = Request::get(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::HOST, &url[Position::BeforeHost..Position::AfterPort])
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::CONNECTION, "close")
        .body(Full::default());
    match request {
        Ok(request) => exchange(net, (Kind::Webhook, url), request, now).await.unwrap_or_else(Sent::failed),
        Err(why) => Sent::impossible(format!("the request cannot be written: {why}")),
    }
}

fn request(post: &Post, now: i64) -> Result<Request<Full<Bytes>>, http::Error> {
    let (url, body) = (post.url.reveal(), post.body.reveal());
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut request = Request::post(&url[Position::BeforePath..Position::AfterQuery])
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::USER_AGENT, USER_AGENT)
        .header(header::ACCEPT, "*/*")
        .header(header::CONNECTION, "close");
    if let Some(authorization) = &post.authorization {
        let mut value = HeaderValue::try_from(authorization.reveal())?;
        value.set_sensitive(true);
        request = request.header(header::AUTHORIZATION, value);
    }
    for (name, value) in post.signing.iter().flat_map(|signing| signed(signing, body, now)) {
        request = request.header(name, value);
    }
    request.body(Full::new(Bytes::from(body.clone())))
}

/// The headers of Standard Webhooks; one signature for each secret that is in use.
fn signed(signing: &Signing, body: &str, now: i64) -> [(HeaderName, String); 3] {
    let content = format!("{}.{now}.{body}", signing.id);
    let in_use = signing.secrets.iter().filter(|(_, until)| until.is_none_or(|until| now < until));
    let keys = in_use.filter_map(|(secret, _)| secret_bytes(secret.reveal()));
    let signatures: Vec<_> = keys.map(|key| format!("v1,{}", signature(&key, &content))).collect();
    [
        (HeaderName::from_static("webhook-id"), signing.id.clone()),
        (HeaderName::from_static("webhook-timestamp"), now.to_string()),
        (HeaderName::from_static("webhook-signature"), signatures.join(" ")),
    ]
}

fn signature(key: &[u8], content: &str) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    BASE64_STANDARD.encode(hmac::sign(&key, content.as_bytes()))
}

/// The reasons name the host and never the URL: it may hold a secret.
async fn exchange(
    net: &Net,
    (kind, url): (Kind, &Url),
    request: Request<Full<Bytes>>,
    now: i64,
) -> Result<Sent, String> {
    let host = url.host_str().ok_or("the URL has no host")?;
    let port = url.port_or_known_default().ok_or("the URL has no port")?;
    let found = net.resolve(host, Family::Any).await.map_err(|why| why.to_string())?;
    let admitted = net.admit(&found).map_err(|why| why.to_string())?;
    let connected = net.connect(&admitted, port).await.map_err(|why| why.to_string())?;
    if url.scheme() == "http" {
        return converse(connected.tcp, kind, request, now).await;
    }
    let settings = TlsSettings { alpn: vec!["http/1.1".to_owned()], ..TlsSettings::default() };
    let secured = net.handshake(connected.tcp, host, &settings).await.map_err(|why| why.to_string())?;
    converse(secured.stream, kind, request, now).await
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    kind: Kind,
    request: Request<Full<Bytes>>,
    now: i64,
) -> Result<Sent, String> {
    let mut builder = http1::Builder::new();
    builder.max_buf_size(MAX_HEAD);
    let broke = |why: hyper::Error| format!("the receiver did not answer as HTTP wants: {why}");
    let (mut sender, connection) = builder.handshake(TokioIo::new(stream)).await.map_err(broke)?;
    let asking = async {
        let response = sender.send_request(request).await.map_err(broke)?;
        Ok(judge(kind, response, now).await)
    };
    // The connection moves only while it is looked at; when it ends first, what it has read is still there.
    match select(pin!(asking), pin!(connection)).await {
        Either::Left((answered, _)) => answered,
        Either::Right((_, asking)) => asking.await,
    }
}

async fn judge(kind: Kind, response: Response<Incoming>, now: i64) -> Sent {
    let (head, body) = response.into_parts();
    let body = beginning(body).await;
    let answer = Answer::new(head.status, &body);
    let (meaning, status) = (hear(kind, &answer), head.status.as_u16());
    if meaning == Meaning::Taken {
        return Sent::accepted(status, answer.text);
    }
    let text = if head.status.is_redirection() {
        "the receiver redirects, and redirects are not followed: enter the URL it leads to".to_owned()
    } else if head.status.is_success() {
        format!("this is no yes of {kind} ({}): {}", yes(kind), answer.text.trim())
    } else {
        answer.text
    };
    Sent::refused(status, meaning == Meaning::Never, text).asking_to_wait(retry_after(&head.headers, &body, now))
}

/// What there is of a body that breaks off or drips.
async fn beginning(mut body: Incoming) -> Vec<u8> {
    let mut bytes = Vec::new();
    let reading = async {
        while let Some(Ok(frame)) = body.frame().await {
            bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
            if bytes.len() >= MAX_BODY {
                break;
            }
        }
    };
    // Too slow is as good as ended.
    let _ = tokio::time::timeout(BODY_PATIENCE, reading).await;
    bytes.truncate(MAX_BODY);
    bytes
}

/// Seconds or a date (RFC 9110, section 10.2.3); Discord and Telegram also say it in their JSON, in seconds.
fn retry_after(headers: &HeaderMap, body: &[u8], now: i64) -> Option<Duration> {
    let header = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok());
    if let Some(wait) = header.and_then(|text| wait(text.trim(), now)) {
        return Some(wait);
    }
    let said: Value = serde_json::from_slice(body).ok()?;
    let seconds = said["retry_after"].as_f64().or_else(|| said["parameters"]["retry_after"].as_f64())?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn wait(text: &str, now: i64) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(at.saturating_sub(Duration::from_secs(now.try_into().unwrap_or_default())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>, and of
    /// every library's tests.
    #[test]
    fn the_signature_is_the_specifications() {
        let signing = Signing {
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek".to_owned(),
            secrets: vec![("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned().into(), None)],
        };
        let headers = signed(&signing, r#"{"test": 2432232314}"#, 1_614_265_330);
        assert_eq!(headers[1].1, "1614265330");
        assert_eq!(headers[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_replaced_secret_signs_as_long_as_it_is_good() {
        let secret = |byte: u8| format!("whsec_{}", BASE64_STANDARD.encode([byte; 32])).into();
        let signing = Signing { id: "a".to_owned(), secrets: vec![(secret(1), None), (secret(2), Some(100))] };
        assert_eq!(signed(&signing, "{}", 99)[2].1.split(' ').count(), 2);
        assert_eq!(signed(&signing, "{}", 100)[2].1.split(' ').count(), 1);
    }

    #[test]
    fn waits_are_seconds_dates_or_json() {
        let wait = |header: Option<&str>, body: &str| {
            let mut headers = HeaderMap::new();
            headers.extend(header.map(|text| (header::RETRY_AFTER, HeaderValue::from_str(text).unwrap())));
            retry_after(&headers, body.as_bytes(), 784_111_770).map(|wait| wait.as_secs_f64())
        };
        assert_eq!(wait(Some("120"), ""), Some(120.0));
        assert_eq!(wait(Some("Sun, 06 Nov 1994 08:49:37 GMT"), ""), Some(7.0));
        assert_eq!(wait(Some("Sun, 06 Nov 1994 08:40:00 GMT"), ""), Some(0.0));
        assert_eq!(wait(None, r#"{"retry_after": 1.5}"#), Some(1.5));
        assert_eq!(wait(Some("soon"), r#"{"parameters": {"retry_after": 3}}"#), Some(3.0));
        for (header, body) in [(None, ""), (Some("-1"), "no"), (None, r#"{"retry_after": -1}"#)] {
            assert_eq!(wait(header, body), None);
        }
    }
}

//! A receiver of webhooks on loopback, as a customer would run one: it verifies the signature (Standard Webhooks,
//! <https://www.standardwebhooks.com>), answers at once, and remembers what it was told and when. It does not know
//! whether what it is told is right.

use std::{
    convert::Infallible,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU16, AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_STANDARD};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::{
    HeaderMap, Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use ring::hmac;
use serde_json::Value;
use tokio::{net::TcpListener, sync::Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::clock::unix_ms;

mod told;

pub use told::{Told, read};

/// Connections at once; further ones wait.
const CONNECTIONS: usize = 64;
/// The longest body read, bytes: a digest of many incidents.
const BODY_MAX: usize = 8 << 20;
/// How many requests are remembered; further ones are refused.
const REQUESTS_MAX: usize = 200_000;
/// Of bad requests, how many are kept for people.
const BAD_MAX: usize = 20;
/// How far a signed moment may be off, seconds: what the standard's own libraries allow.
const TOLERANCE: i64 = 5 * 60;

/// A running receiver; it ends when dropped.
pub struct Receiver {
    address: SocketAddr,
    inbox: Arc<Inbox>,
    end: CancellationToken,
    tasks: TaskTracker,
}

/// A request that was accepted.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// When it was received, unix milliseconds.
    pub at_ms: i64,
    /// Its `webhook-id`.
    pub id: String,
    /// Its body.
    pub body: Value,
}

struct Inbox {
    key: Option<hmac::Key>,
    /// What accepted requests are answered with; those answered with an error are forgotten.
    status: AtomicU16,
    /// How long an answer to them takes, milliseconds.
    delay_ms: AtomicU64,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    deliveries: Vec<Delivery>,
    refused: usize,
    bad: Vec<String>,
}

impl Receiver {
    /// A receiver on a free port, served by the tokio runtime this is called on. With a `secret` (`whsec_…`) a request
    /// without a good signature is a bad one.
    pub async fn start(secret: Option<&str>) -> Result<Self> {
        let key =
            secret.map(|secret| signing_key(secret).context("the secret is not whsec_ and base64")).transpose()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("cannot listen on loopback")?;
        let address = listener.local_addr()?;
        let inbox =
            Arc::new(Inbox { key, status: AtomicU16::new(204), delay_ms: AtomicU64::new(0), kept: Mutex::default() });
        let (end, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(accept(listener, Arc::clone(&inbox), tasks.clone(), end.clone()));
        Ok(Self { address, inbox, end, tasks })
    }

    /// Where it wants to be told.
    pub fn url(&self) -> String {
        format!("http://{}/alerts", self.address)
    }

    /// From now on requests are answered with this status; with an error they count as refused and are forgotten.
    pub fn answer(&self, status: u16) {
        self.inbox.status.store(status, Ordering::Relaxed);
    }

    /// From now on what it was told is answered this much later: who is killed meanwhile does not know that it was heard.
    pub fn delay(&self, delay: Duration) {
        self.inbox.delay_ms.store(delay.as_millis() as u64, Ordering::Relaxed);
    }

    /// Every accepted request, in the order they came; repeats too.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.inbox.kept().deliveries.clone()
    }

    /// What it was told, each thing once: repeats (requests under a `webhook-id` that was seen before) are left out and
    /// counted, digests are taken apart.
    pub fn told(&self) -> (Vec<Told>, usize) {
        read(&self.inbox.kept().deliveries)
    }

    /// How many requests were answered with the error that [`Receiver::answer`] asked for.
    pub fn refused(&self) -> usize {
        self.inbox.kept().refused
    }

    /// Requests that were not as they should be, in sentences.
    pub fn bad(&self) -> Vec<String> {
        self.inbox.kept().bad.clone()
    }

    /// Closes every connection, and waits for that.
    pub async fn stop(self) {
        self.end.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.end.cancel();
        self.tasks.close();
    }
}

async fn accept(listener: TcpListener, inbox: Arc<Inbox>, tasks: TaskTracker, end: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while let Some(Ok(place)) = end.run_until_cancelled(Arc::clone(&places).acquire_owned()).await {
        let Some(Ok((tcp, _))) = end.run_until_cancelled(listener.accept()).await else { continue };
        let (inbox, end) = (Arc::clone(&inbox), end.clone());
        tasks.spawn(async move {
            let serve = service_fn(|request| serve(request, &inbox));
            // A sender that is killed in the middle is not news here.
            let _ = end.run_until_cancelled(http1::Builder::new().serve_connection(TokioIo::new(tcp), serve)).await;
            drop(place);
        });
    }
}

async fn serve(request: Request<Incoming>, inbox: &Inbox) -> Result<Response<Empty<Bytes>>, Infallible> {
    let at_ms = unix_ms();
    let status = match receive(request, inbox, at_ms).await {
        Ok(delivery) => {
            let status = inbox.keep(delivery);
            tokio::time::sleep(Duration::from_millis(inbox.delay_ms.load(Ordering::Relaxed))).await;
            status
        }
        Err((status, why)) => {
            let mut kept = inbox.kept();
            if kept.bad.len() < BAD_MAX {
                kept.bad.push(why);
            }
            status
        }
    };
    let mut response = Response::new(Empty::new());
    *response.status_mut() = status;
    Ok(response)
}

/// Reads a request, or says what is wrong with it.
async fn receive(request: Request<Incoming>, inbox: &Inbox, at_ms: i64) -> Result<Delivery, (StatusCode, String)> {
    let bad = |why: &str| (StatusCode::BAD_REQUEST, why.to_owned());
    let (head, body) = request.into_parts();
    if head.method != Method::POST {
        return Err((StatusCode::METHOD_NOT_ALLOWED, format!("{} instead of POST", head.method)));
    }
    let body = Limited::new(body, BODY_MAX).collect().await;
    let body = body.map_err(|why| (StatusCode::PAYLOAD_TOO_LARGE, format!("its body: {why}")))?.to_bytes();
    let id = text(&head.headers, "webhook-id").ok_or_else(|| bad("there is no webhook-id"))?;
    if let Some(key) = &inbox.key {
        verify(key, &head.headers, id, &body, at_ms / 1000).map_err(|why| (StatusCode::UNAUTHORIZED, why))?;
    }
    let body = serde_json::from_slice(&body).map_err(|why| bad(&format!("its body is no JSON: {why}")))?;
    Ok(Delivery { at_ms, id: id.to_owned(), body })
}

/// Whether one of the signatures is made with `key`.
fn verify(key: &hmac::Key, headers: &HeaderMap, id: &str, body: &[u8], now: i64) -> Result<(), String> {
    let moment = text(headers, "webhook-timestamp").ok_or("there is no webhook-timestamp")?;
    let said: i64 = moment.parse().map_err(|_| format!("webhook-timestamp `{moment}` is no number"))?;
    if (now - said).abs() > TOLERANCE {
        return Err(format!("it was signed {} s ago", now - said));
    }
    let signatures = text(headers, "webhook-signature").ok_or("there is no webhook-signature")?;
    let signed = [format!("{id}.{moment}.").as_bytes(), body].concat();
    let is_good = |signature: &str| {
        let bytes = signature.strip_prefix("v1,").and_then(|text| BASE64_STANDARD.decode(text).ok());
        bytes.is_some_and(|bytes| hmac::verify(key, &signed, &bytes).is_ok())
    };
    signatures.split(' ').any(is_good).then_some(()).ok_or_else(|| format!("no good signature in `{signatures}`"))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn signing_key(secret: &str) -> Option<hmac::Key> {
    let bytes = BASE64_STANDARD.decode(secret.strip_prefix("whsec_")?).ok()?;
    Some(hmac::Key::new(hmac::HMAC_SHA256, &bytes))
}

impl Inbox {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, delivery: Delivery) -> StatusCode {
        let status = StatusCode::from_u16(self.status.load(Ordering::Relaxed)).unwrap_or(StatusCode::NO_CONTENT);
        let mut kept = self.kept();
        if !status.is_success() {
            kept.refused += 1;
        } else if kept.deliveries.len() >= REQUESTS_MAX {
            return StatusCode::INSUFFICIENT_STORAGE;
        } else {
            kept.deliveries.push(delivery);
        }
        status
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::Full;
    use hyper_util::{client::legacy::Client, rt::TokioExecutor};
    use serde_json::json;

    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The example of <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>.
    #[test]
    fn the_signature_is_the_specifications() {
        let (id, moment, body) = ("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, br#"{"test": 2432232314}"#);
        let good = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        let judge = |signatures: &str, now: i64| {
            let mut headers = HeaderMap::new();
            headers.insert("webhook-timestamp", moment.into());
            headers.insert("webhook-signature", signatures.parse().unwrap());
            verify(&signing_key(SECRET).unwrap(), &headers, id, body, now).is_ok()
        };
        assert!(judge(good, moment));
        assert!(judge(&format!("v1,b3RoZXI= {good}"), moment + 200), "a rotated secret's signature stands beside it");
        assert!(!judge("v1,b3RoZXI=", moment));
        assert!(!judge(good, moment + 301));
    }

    async fn post(receiver: &Receiver, id: &str, body: &Value, secret: &str) -> u16 {
        let (moment, body) = ((unix_ms() / 1000).to_string(), body.to_string());
        let key = signing_key(secret).unwrap();
        let signature = BASE64_STANDARD.encode(hmac::sign(&key, format!("{id}.{moment}.{body}").as_bytes()));
        let request = Request::post(receiver.url())
            .header("webhook-id", id)
            .header("webhook-timestamp", moment)
            .header("webhook-signature", format!("v1,{signature}"));
        let client = Client::builder(TokioExecutor::new()).build_http();
        client.request(request.body(Full::new(Bytes::from(body))).unwrap()).await.unwrap().status().as_u16()
    }

    #[tokio::test]
    async fn what_is_well_signed_is_kept_and_what_is_not_is_refused() {
        let receiver = Receiver::start(Some(SECRET)).await.unwrap();
        let body = json!({"type": "channel.test", "data": {}});
        assert_eq!(post(&receiver, "a", &body, SECRET).await, 204);
        assert_eq!(post(&receiver, "b", &body, "whsec_b3RoZXJvdGhlcm90aGVyb3RoZXJvdGhlcg==").await, 401);
        receiver.answer(503);
        assert_eq!(post(&receiver, "c", &body, SECRET).await, 503);
        receiver.answer(200);
        assert_eq!(post(&receiver, "c", &body, SECRET).await, 200);
        let kept = receiver.deliveries();
        assert_eq!(kept.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(), ["a", "c"]);
        assert_eq!((&kept[0].body, receiver.refused(), receiver.bad().len()), (&body, 1, 1));
        receiver.stop().await;
    }
}

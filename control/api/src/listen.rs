//! Our own accept loop around warp's service: limits, deadlines, who the client is, and what is noted of each request.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use ::http::{HeaderValue, Method, Request, StatusCode, header};
use futures_util::FutureExt;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use ipnet::IpNet;
use tokio::{
    net::{TcpListener, TcpStream},
    time::Instant,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use uuid::Uuid;
use warp::{Filter, Reply, reply::Response};

use self::{
    paced::Paced,
    places::{Place, Places},
};
use crate::{client, compress, metrics::Metrics, monitors::try_out, problem::ApiError, routes};

mod paced;
mod places;

/// A request's headers take this long at most, and so may a connection be idle.
const HEADERS: Duration = Duration::from_secs(30);
/// Until the head of the answer: whoever waits longer is better off trying again.
const ANSWER: Duration = Duration::from_secs(10);
/// What is left of a connection when the process ends: a slow client must not hold that up.
const LAST: Duration = Duration::from_secs(15);
/// The same for an answer without end, which has ended by then: its client comes back in any case.
const LAST_OF_ENDLESS: Duration = Duration::from_secs(1);
/// A request's line and headers have so many bytes at most.
const HEAD: usize = 64 * 1024;
/// How long the loop rests when the kernel has no more sockets for us.
const PAUSE: Duration = Duration::from_millis(100);

/// How one listener serves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Connections served at once.
    pub connections: usize,
    /// Of these, from one address (of IPv6: one /64); 0 is no limit. Trusted proxies have none.
    pub connections_each: usize,
    /// How long a client may read nothing of what is sent to it.
    pub stall: Duration,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Where requests are counted; the admin port counts none.
    pub metrics: Option<Arc<Metrics>>,
}

/// Serves `filter` until `token` is cancelled; then lets every connection finish its request. Connections are tasks of
/// `tracker`.
pub async fn serve<F>(
    listener: TcpListener,
    filter: F,
    settings: Settings,
    token: CancellationToken,
    tracker: TaskTracker,
) where
    F: Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static,
    F::Future: Send,
{
    let places = Places::new(settings.connections, settings.connections_each, settings.trusted_proxies.clone());
    let settings = Arc::new(settings);
    loop {
        let accepted = tokio::select! {
            () = token.cancelled() => return,
            accepted = accept(&listener, &places) => accepted,
        };
        let Some((stream, peer, place)) = accepted else { continue };
        tracker.spawn(connection(stream, peer, Arc::new(place), filter.clone(), settings.clone(), token.clone()));
    }
}

/// The next one there is a place for; none where that has to be asked again.
async fn accept(listener: &TcpListener, places: &Arc<Places>) -> Option<(TcpStream, SocketAddr, Place)> {
    match listener.accept().await {
        Ok((stream, peer)) => places.take(peer.ip()).await.map(|place| (stream, peer, place)),
        Err(why) => {
            tracing::warn!(%why, "a connection could not be accepted");
            tokio::time::sleep(PAUSE).await;
            None
        }
    }
}

async fn connection<F>(
    stream: TcpStream,
    peer: SocketAddr,
    place: Arc<Place>,
    filter: F,
    settings: Arc<Settings>,
    token: CancellationToken,
) where
    F: Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static,
    F::Future: Send,
{
    let _ = stream.set_nodelay(true);
    let endless = Arc::new(AtomicBool::new(false));
    let is_endless = endless.clone();
    let stream = Paced::new(stream, settings.stall);
    let speaker = place.clone();
    let service = service_fn(move |request| {
        speaker.spoke();
        let (filter, settings, endless) = (filter.clone(), settings.clone(), endless.clone());
        async move {
            let response = answer(request, peer.ip(), filter, &settings).await;
            endless.store(has_no_end(&response), Ordering::Relaxed);
            Ok::<_, Infallible>(response)
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    // What ends a connection early is the client's affair.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = place.lost() => {}
        () = token.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let limit = if is_endless.load(Ordering::Relaxed) { LAST_OF_ENDLESS } else { LAST };
            let _ = tokio::time::timeout(limit, connection).await;
        }
    }
}

/// Server-sent events go on until somebody ends them.
fn has_no_end(response: &Response) -> bool {
    response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream")
}

async fn answer<F>(mut request: Request<Incoming>, peer: IpAddr, filter: F, settings: &Settings) -> Response
where
    F: Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static,
    F::Future: Send,
{
    let (start, id) = (Instant::now(), Uuid::now_v7());
    let route = routes::name(request.method().as_str(), request.uri().path());
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    if method == Method::HEAD {
        // The answer to GET; hyper leaves its body out.
        *request.method_mut() = Method::GET;
    }
    let has_body = !hyper::body::Body::is_end_stream(request.body());
    let shrinks = compress::takes(request.headers(), "gzip");
    let client = client::note(peer, &mut request, &settings.trusted_proxies);
    let span = tracing::info_span!("request", %id);
    let patience = if route == try_out::PATH { try_out::LONGEST } else { ANSWER };
    let mut response = match refusal(&request) {
        Some(refused) => refused.into_response(),
        None => tracing::Instrument::instrument(bounded(request, filter, patience), span).await,
    };
    if response.status() == StatusCode::METHOD_NOT_ALLOWED {
        let allowed = HeaderValue::from_str(&routes::allowed(&path));
        response.headers_mut().extend(allowed.ok().map(|allowed| (header::ALLOW, allowed)));
    }
    if shrinks {
        response = compress::shrink(response).await;
    }
    stamp(&mut response, id);
    if has_body && !response.status().is_success() {
        // The body may not have been read; the client is told before the connection closes on it.
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    let (status, elapsed) = (response.status().as_u16(), start.elapsed());
    if let Some(metrics) = &settings.metrics {
        metrics.answered(route, verb(&method), status, elapsed.as_secs_f64());
    }
    tracing::debug!(%id, %method, route, status, elapsed_ms = elapsed.as_millis() as u64, %client, "answered");
    response
}

/// What is wrong with a request, whatever it asks for.
fn refusal<B>(request: &Request<B>) -> Option<ApiError> {
    // hyper stops reading a head somewhere beyond what it is told.
    let headers = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    if headers.sum::<usize>() + request.uri().to_string().len() > HEAD {
        return Some(ApiError::LongHead(HEAD));
    }
    routes::astray(request.uri().path()).map(ApiError::Astray)
}

/// Neither a hang nor a panic reaches the client as silence.
async fn bounded<F>(request: Request<Incoming>, filter: F, patience: Duration) -> Response
where
    F: Filter<Extract = (Response,), Error = Infallible> + Clone + Send + Sync + 'static,
    F::Future: Send,
{
    let service = TowerToHyperService::new(warp::service(filter));
    let answered = AssertUnwindSafe(hyper::service::Service::call(&service, request)).catch_unwind();
    match tokio::time::timeout(patience, answered).await {
        Ok(Ok(Ok(response))) => response,
        Ok(Err(_)) => ApiError::Internal("a handler panicked".to_owned()).into_response(),
        Err(_) => ApiError::Busy(format!("no answer within {} s", patience.as_secs())).into_response(),
    }
}

/// Metric labels are a closed set, and a client can write any method.
fn verb(method: &::http::Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

fn stamp(response: &mut Response, id: Uuid) {
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert("x-request-id", id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("no-referrer"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
}

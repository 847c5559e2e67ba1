//! The admin port: `/metrics` for Prometheus, `/livez` and `/readyz` for whoever restarts and deploys us. Read-only and
//! without secrets, but meant for the inside of a network.

use std::{convert::Infallible, sync::Arc, time::Duration, time::Instant};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::CONTENT_TYPE,
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    metrics::Metrics,
    worker::{
        health::Health,
        pulse::{LIVE, Pulse},
    },
};

/// Connections answered at once; more wait in the kernel's queue.
const CONNECTIONS: usize = 64;

/// How long a client may take for a request's head.
const HEAD_LIMIT: Duration = Duration::from_secs(5);

/// How long a connection may stay: Prometheus reconnects.
const CONNECTION_LIMIT: Duration = Duration::from_mins(2);

/// What the port tells of.
pub(crate) struct Admin {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) pulse: Arc<Pulse>,
    pub(crate) lanes: Vec<Arc<Health>>,
    pub(crate) stop: CancellationToken,
}

type Answer = (StatusCode, String);

/// Answers, for ever.
pub(crate) async fn serve(listener: TcpListener, admin: Admin) {
    let admin = Arc::new(admin);
    let mut connections = JoinSet::new();
    loop {
        while connections.len() >= CONNECTIONS {
            connections.join_next().await;
        }
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => drop(connections.spawn(converse(stream, Arc::clone(&admin)))),
                // Out of file descriptors, most likely: it passes.
                Err(why) => {
                    tracing::debug!(%why, "the admin port could not accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn converse(stream: TcpStream, admin: Arc<Admin>) {
    let service = service_fn(|request| std::future::ready(Ok::<_, Infallible>(respond(&admin, &request))));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEAD_LIMIT);
    // That a scraper hangs up is no news.
    let _ = tokio::time::timeout(CONNECTION_LIMIT, server.serve_connection(TokioIo::new(stream), service)).await;
}

fn respond(admin: &Admin, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET | &Method::HEAD, path) => admin.answer(path),
        _ => (StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    let kind = hyper::header::HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}

impl Admin {
    fn answer(&self, path: &str) -> Answer {
        match path {
            "/metrics" => self.metrics(),
            "/livez" => self.live(),
            "/readyz" => self.ready(),
            _ => (StatusCode::NOT_FOUND, "only /metrics, /livez and /readyz\n".to_owned()),
        }
    }

    fn metrics(&self) -> Answer {
        match self.metrics.text() {
            Ok(text) => (StatusCode::OK, text),
            Err(why) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{why}\n")),
        }
    }

    /// The loops share a runtime with the ticker: while it ticks, they get their turns.
    fn live(&self) -> Answer {
        let age = self.pulse.age(Instant::now());
        if age <= LIVE {
            return (StatusCode::OK, "alive\n".to_owned());
        }
        (StatusCode::SERVICE_UNAVAILABLE, format!("no tick for {age:?}\n"))
    }

    fn ready(&self) -> Answer {
        if self.stop.is_cancelled() {
            return (StatusCode::SERVICE_UNAVAILABLE, "draining\n".to_owned());
        }
        match self.lanes.iter().find_map(|lane| lane.trouble()) {
            None => (StatusCode::OK, "ready\n".to_owned()),
            Some(trouble) => (StatusCode::SERVICE_UNAVAILABLE, format!("{trouble}\n")),
        }
    }
}

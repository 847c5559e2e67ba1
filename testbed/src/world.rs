//! A world of sites that behave as they are told: by path and query (see [`Behaviour::of`]), or by a [`Site`] handle.
//!
//! It knows nothing of monitors, Redis or PostgreSQL; whoever runs checks against it knows what to expect.

use std::{
    collections::{BTreeMap, HashMap},
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

mod behaviour;
mod certificates;
mod serve;

pub use behaviour::{Answer, Behaviour, Body};
pub use certificates::Shown;

use crate::clock::unix_now;
pub(crate) use certificates::Authority;

/// A running world; it ends when dropped.
pub struct World {
    http: SocketAddr,
    tls: BTreeMap<Shown, SocketAddr>,
    ca_pem: String,
    sites: Arc<Sites>,
    end: CancellationToken,
    tasks: TaskTracker,
}

impl World {
    /// A world on free loopback ports, served by the tokio runtime this is called on.
    pub async fn start() -> Result<Self> {
        let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self::start_on(any, any).await
    }

    /// A world whose plain sites listen on `http` and whose good TLS sites on `https`. A certificate is shown before
    /// the path is known, so each bad certificate has a free port of its own, on the address of `https`.
    pub async fn start_on(http: SocketAddr, https: SocketAddr) -> Result<Self> {
        let authority = Authority::new(unix_now())?;
        let end = CancellationToken::new();
        let tasks = TaskTracker::new();
        let sites = Arc::new(Sites::default());
        let listener = listen(http).await?;
        let http = listener.local_addr()?;
        let told = Arc::clone(&sites);
        tasks.spawn(accept(listener, tasks.clone(), end.clone(), move |tcp| plain(tcp, Arc::clone(&told))));
        let mut tls = BTreeMap::new();
        for shown in Shown::ALL {
            let port = if shown == Shown::Good { https.port() } else { 0 };
            let listener = listen(SocketAddr::new(https.ip(), port)).await?;
            tls.insert(shown, listener.local_addr()?);
            let acceptor = TlsAcceptor::from(authority.server_config(shown)?);
            let told = Arc::clone(&sites);
            let serve = move |tcp| encrypted(tcp, acceptor.clone(), Arc::clone(&told));
            tasks.spawn(accept(listener, tasks.clone(), end.clone(), serve));
        }
        Ok(Self { http, tls, ca_pem: authority.pem, sites, end, tasks })
    }

    /// `http://127.0.0.1:PORT`, to put a path behind.
    pub fn http(&self) -> String {
        format!("http://{}", self.http)
    }

    /// `https://localhost:PORT` of the listener that shows such a certificate, to put a path behind.
    pub fn https(&self, shown: Shown) -> String {
        format!("https://localhost:{}", self.tls.get(&shown).map_or(0, SocketAddr::port))
    }

    /// The certificate of the world's authority, for clients to trust.
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// A site under control: the same name is the same site. It answers 200 until it is told otherwise.
    pub fn site(&self, name: &str) -> Site {
        let state = Arc::clone(lock(&self.sites.named).entry(name.to_owned()).or_default());
        Site { url: format!("{}/site/{name}", self.http()), state }
    }

    /// Requests answered or refused so far, over all sites.
    pub fn requests(&self) -> u64 {
        self.sites.requests.load(Ordering::Relaxed)
    }

    /// Closes every listener and connection, and waits for that.
    pub async fn stop(self) {
        self.end.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.end.cancel();
        self.tasks.close();
    }
}

/// A site under control, over plain HTTP.
#[derive(Clone)]
pub struct Site {
    url: String,
    state: Arc<SiteState>,
}

impl Site {
    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// From now on it answers at once with `status`.
    pub fn answer(&self, status: u16) {
        self.behave(Behaviour::Answer(Answer::status(status)));
    }

    /// From now on its answer, the present one or a 200, comes this much later.
    pub fn delay(&self, delay: Duration) {
        let mut behaviour = lock(&self.state.behaviour);
        let answer = match &*behaviour {
            Behaviour::Answer(answer) => answer.clone(),
            _ => Answer::status(200),
        };
        *behaviour = Behaviour::Answer(Answer { delay, ..answer });
    }

    /// From now on it does this.
    pub fn behave(&self, behaviour: Behaviour) {
        *lock(&self.state.behaviour) = behaviour;
    }

    /// The next request alone is answered with 503; what comes after it finds the site as it was.
    pub fn stumble(&self) {
        self.state.stumbles.fetch_add(1, Ordering::Relaxed);
    }

    /// How many requests it was sent.
    pub fn requests(&self) -> u64 {
        self.state.requests.load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Sites {
    named: Mutex<HashMap<String, Arc<SiteState>>>,
    requests: AtomicU64,
}

struct SiteState {
    behaviour: Mutex<Behaviour>,
    requests: AtomicU64,
    /// How many of the next requests fail.
    stumbles: AtomicU64,
}

impl Default for SiteState {
    fn default() -> Self {
        let behaviour = Mutex::new(Behaviour::Answer(Answer::status(200)));
        Self { behaviour, requests: AtomicU64::new(0), stumbles: AtomicU64::new(0) }
    }
}

impl SiteState {
    fn decide(&self) -> Behaviour {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let fewer = |left: u64| left.checked_sub(1);
        if self.stumbles.fetch_update(Ordering::Relaxed, Ordering::Relaxed, fewer).is_ok() {
            return Behaviour::Answer(Answer::status(503));
        }
        lock(&self.behaviour).clone()
    }
}

impl Sites {
    fn decide(&self, target: &str) -> Behaviour {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let Some(name) = target.strip_prefix("/site/") else { return Behaviour::of(target, unix_now()) };
        let name = name.split(['?', '/']).next().unwrap_or_default();
        let site = lock(&self.named).get(name).cloned();
        site.map_or_else(|| Behaviour::Answer(Answer::status(404)), |site| site.decide())
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address}: choose another address"))
}

/// Serves every connection in a task of its own until `end`.
async fn accept<F>(
    listener: TcpListener,
    tasks: TaskTracker,
    end: CancellationToken,
    serve: impl Fn(TcpStream) -> F + Send + 'static,
) where
    F: Future<Output = ()> + Send + 'static,
{
    while let Some(accepted) = end.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((socket, _)) => {
                let _ = socket.set_nodelay(true);
                let (end, serving) = (end.clone(), serve(socket));
                tasks.spawn(async move { end.run_until_cancelled_owned(serving).await });
            }
            // Out of descriptors: connections end by themselves.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

// A client that goes away in the middle is not news in a world like this.
async fn plain(tcp: TcpStream, sites: Arc<Sites>) {
    let _ = serve::serve(tcp, |target| sites.decide(target)).await;
}

async fn encrypted(tcp: TcpStream, acceptor: TlsAcceptor, sites: Arc<Sites>) {
    if let Ok(tls) = acceptor.accept(tcp).await {
        let _ = serve::serve(tls, |target| sites.decide(target)).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

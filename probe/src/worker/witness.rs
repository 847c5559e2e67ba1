//! Whether this worker's own network works: a few addresses that always answer, its witnesses, are dialled every 2 s.
//! While one of them does not answer, what checks find says nothing about sites.
//!
//! Redis and the first name server are witnesses once they have answered; those an operator names are from the start.
//! A failing check asks for a round that begins after it, since the last one may be older than the trouble; however
//! many fail at once, they share it. Knows nothing of outcomes. Who is dialled is configuration, not a tenant's wish, so the
//! egress guard has no say.

use std::{
    net::SocketAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures_util::future::{join_all, select_ok};
use net::{Family, Net};
use prometheus::IntGauge;
use tokio::{
    sync::{Notify, watch},
    time::{sleep_until, timeout},
};

use crate::config::Address;

/// The longest pause between two rounds.
const EVERY: Duration = Duration::from_secs(2);

/// How long a witness has to answer.
const PATIENCE: Duration = Duration::from_millis(1_500);

/// The shortest time from one round to the next, however many checks fail.
const PACE: Duration = Duration::from_millis(50);

/// How long a failing check waits for its round. A little longer than a round: who waits through a whole one hears its
/// end.
const LONGEST_WAIT: Duration = Duration::from_millis(1_750);

/// The witnesses of a process, and what their last round said.
#[derive(Debug)]
pub(crate) struct Witnesses {
    net: Net,
    all: Vec<Witness>,
    /// As in the last round, for who does not want to wait for another.
    failing: AtomicBool,
    rounds: watch::Sender<Round>,
    asked: Notify,
    gauge: IntGauge,
}

#[derive(Debug)]
struct Witness {
    who: Who,
    /// Whether its silence means anything: an operator says so, or it has answered before.
    counts: AtomicBool,
    /// Whether it was said that it does not count.
    said: AtomicBool,
}

#[derive(Debug)]
enum Who {
    /// Several stand for one another: it is enough that any of them answers.
    AnyOf(Vec<Address>),
    /// The name server asked first, as the machine's files have it now; here as they had it in the last round.
    NameServer(Mutex<Option<SocketAddr>>),
}

#[derive(Clone, Copy, Debug, Default)]
struct Round {
    /// None before the first.
    began: Option<Instant>,
    failed: bool,
    /// The end of the last one that failed, this or one before.
    last_failed: Option<Instant>,
}

impl Witnesses {
    /// Dials through `net`: its first name server and the `usual` count once they answered, the operator's `named` from the start.
    /// `gauge` is 1 while one that counts does not answer.
    pub(crate) fn new(net: Net, usual: Vec<Vec<Address>>, named: &[Address], gauge: IntGauge) -> Self {
        let witness = |who, counts| Witness { who, counts: AtomicBool::new(counts), said: AtomicBool::default() };
        let usual = usual.into_iter().map(|addresses| witness(Who::AnyOf(addresses), false));
        let named = named.iter().map(|address| witness(Who::AnyOf(vec![address.clone()]), true));
        let all = usual.chain([witness(Who::NameServer(Mutex::default()), false)]).chain(named).collect();
        let (rounds, _) = watch::channel(Round::default());
        Self { net, all, failing: AtomicBool::default(), rounds, asked: Notify::new(), gauge }
    }

    /// Asks all witnesses every 2 s, or as soon as somebody wants to know. For ever.
    pub(crate) async fn keep_asking(&self) {
        loop {
            let began = Instant::now();
            let silent = self.ask_all().await;
            self.note(&silent);
            self.rounds.send_modify(|round| {
                *round = Round { began: Some(began), failed: !silent.is_empty(), ..*round };
                if round.failed {
                    round.last_failed = Some(Instant::now());
                }
            });
            let _ = timeout(EVERY, self.asked.notified()).await;
            sleep_until((began + PACE).into()).await;
        }
    }

    /// Whether a witness did not answer when they were asked last.
    pub(crate) fn fail(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    /// Whether a witness failed while a check ran that took from `start` to `end`, or fails in the round after it.
    /// Waits for that, but no longer than a round takes; then the last one must do.
    pub(crate) async fn fail_about(&self, start: Instant, end: Instant) -> bool {
        let failed = |round: &Round| round.last_failed.is_some_and(|failed| failed >= start);
        let tells = |round: &Round| failed(round) || round.began.is_some_and(|began| began >= end);
        let mut rounds = self.rounds.subscribe();
        if !tells(&rounds.borrow_and_update()) {
            self.asked.notify_one();
        }
        match timeout(LONGEST_WAIT, rounds.wait_for(tells)).await {
            Ok(Ok(round)) => failed(&round),
            _ => self.fail(),
        }
    }

    /// Those that count and did not answer, with what happened instead.
    async fn ask_all(&self) -> Vec<String> {
        join_all(self.all.iter().map(|witness| witness.ask(&self.net))).await.into_iter().flatten().collect()
    }

    /// Says so when it changes.
    fn note(&self, silent: &[String]) {
        let failing = !silent.is_empty();
        self.gauge.set(failing.into());
        match (self.failing.swap(failing, Ordering::Relaxed), failing) {
            (false, true) => {
                tracing::warn!(
                    why = silent.join("; "),
                    "a witness does not answer: what checks find is suspect until it does"
                );
            }
            (true, false) => tracing::info!("all witnesses answer again: what checks find counts"),
            _ => {}
        }
    }
}

impl Witness {
    /// What is wrong, if its silence counts.
    async fn ask(&self, net: &Net) -> Option<String> {
        let addresses = self.addresses(net);
        if addresses.is_empty() {
            return None;
        }
        let why = match select_ok(addresses.iter().map(|address| Box::pin(dial_soon(net, address)))).await {
            Ok((Dialled::Answered, _)) => {
                self.counts.store(true, Ordering::Relaxed);
                return None;
            }
            // No socket to ask with: checks that have none either are not reported.
            Ok((Dialled::ShortOfSockets, _)) => return None,
            Err(why) => why,
        };
        if self.counts.load(Ordering::Relaxed) {
            return Some(why);
        }
        if !self.said.swap(true, Ordering::Relaxed) {
            tracing::info!(why, "no witness of this network: it has to answer once to become one");
        }
        None
    }
}

impl Witness {
    /// Where it is now. Another name server has to answer first, like the one before.
    fn addresses(&self, net: &Net) -> Vec<Address> {
        let last = match &self.who {
            Who::AnyOf(addresses) => return addresses.clone(),
            Who::NameServer(last) => last,
        };
        let first = net.servers().first().copied();
        let before = std::mem::replace(&mut *last.lock().unwrap_or_else(PoisonError::into_inner), first);
        if before != first {
            self.counts.store(false, Ordering::Relaxed);
            self.said.store(false, Ordering::Relaxed);
        }
        first.map(|server| Address { host: server.ip().to_string(), port: server.port() }).into_iter().collect()
    }
}

enum Dialled {
    Answered,
    ShortOfSockets,
}

async fn dial_soon(net: &Net, address: &Address) -> Result<Dialled, String> {
    match timeout(PATIENCE, dial(net, address)).await {
        Ok(dialled) => dialled.map_err(|why| format!("{address}: {why}")),
        Err(_) => Err(format!("{address}: no answer within {PATIENCE:?}")),
    }
}

/// A TCP connection, closed at once.
async fn dial(net: &Net, address: &Address) -> Result<Dialled, String> {
    let found = net.resolve(&address.host, Family::Any).await.map_err(|why| why.to_string())?;
    let admitted = net.admit(&found).map_err(|why| why.to_string())?;
    match net.connect(&admitted, address.port).await {
        Ok(_) => Ok(Dialled::Answered),
        Err(why) if why.is_ours() => Ok(Dialled::ShortOfSockets),
        Err(why) => Err(why.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use net::{Guard, Resolver, Tls};
    use tokio::{net::TcpListener, task::JoinSet};

    use super::*;

    fn witnesses(usual: &[&[SocketAddr]], named: &[SocketAddr]) -> Arc<Witnesses> {
        let servers = [([127, 0, 0, 1], 9).into()];
        let net = Net::new(Guard::anywhere(), Resolver::with_servers(&servers).unwrap(), Tls::new(None).unwrap());
        let addresses = |all: &[SocketAddr]| -> Vec<_> {
            all.iter().map(|at| Address { host: at.ip().to_string(), port: at.port() }).collect()
        };
        let gauge = IntGauge::new("suspect", "test").unwrap();
        let usual = usual.iter().map(|at| addresses(at)).collect();
        Arc::new(Witnesses::new(net, usual, &addresses(named), gauge))
    }

    /// A witness, and where it stands.
    async fn open() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    }

    fn keep(witnesses: &Arc<Witnesses>) -> JoinSet<()> {
        let (mut task, witnesses) = (JoinSet::new(), Arc::clone(witnesses));
        task.spawn(async move { witnesses.keep_asking().await });
        task
    }

    /// What a check hears that failed just now.
    async fn fail(witnesses: &Witnesses) -> bool {
        let now = Instant::now();
        witnesses.fail_about(now, now).await
    }

    #[tokio::test]
    async fn the_usual_ones_count_once_they_answered() {
        let (listener, address) = open().await;
        drop(listener);
        let witnesses = witnesses(&[&[address]], &[]);
        let _task = keep(&witnesses);
        assert!(!fail(&witnesses).await, "it never answered");
        let listener = TcpListener::bind(address).await.unwrap();
        assert!(!fail(&witnesses).await);
        drop(listener);
        assert!(fail(&witnesses).await, "it did before");
        assert_eq!((witnesses.fail(), witnesses.gauge.get()), (true, 1));
    }

    #[tokio::test]
    async fn the_named_ones_count_from_the_start_and_heal() {
        let ((here, near), (gone, far)) = (open().await, open().await);
        drop(gone);
        let witnesses = witnesses(&[&[near]], &[near, far]);
        let _task = keep(&witnesses);
        assert!(fail(&witnesses).await, "one of them is enough");
        let _back = TcpListener::bind(far).await.unwrap();
        assert!(!fail(&witnesses).await);
        assert_eq!((witnesses.fail(), witnesses.gauge.get()), (false, 0));
        drop(here);
    }

    #[tokio::test]
    async fn of_several_that_stand_for_one_another_any_is_enough() {
        let ((first, one), (second, other)) = (open().await, open().await);
        drop(first);
        let witnesses = witnesses(&[&[one, other]], &[]);
        let _task = keep(&witnesses);
        assert!(!fail(&witnesses).await, "the other one answers");
        drop(second);
        assert!(fail(&witnesses).await, "neither does, and they have before");
    }

    #[tokio::test]
    async fn a_network_that_healed_while_the_check_ran_is_remembered() {
        let (listener, address) = open().await;
        drop(listener);
        let witnesses = witnesses(&[], &[address]);
        let _task = keep(&witnesses);
        let start = Instant::now();
        assert!(fail(&witnesses).await);
        let _back = TcpListener::bind(address).await.unwrap();
        assert!(!fail(&witnesses).await);
        assert!(witnesses.fail_about(start, Instant::now()).await);
    }

    #[tokio::test]
    async fn many_share_a_round_and_a_fresh_one_serves_all() {
        let (listener, address) = open().await;
        let witnesses = witnesses(&[], &[address]);
        let _task = keep(&witnesses);
        assert!(!fail(&witnesses).await);
        let all = join_all((0..1_000).map(|_| fail(&witnesses))).await;
        assert!(all.iter().all(|failed| !failed));
        let mut dialled = 0;
        while timeout(Duration::from_millis(20), listener.accept()).await.is_ok() {
            dialled += 1;
        }
        // The first round, the one they share, and one asked for while that was under way.
        assert!((2..=3).contains(&dialled), "{dialled} connections");
    }

    #[tokio::test]
    async fn a_name_server_that_is_not_asked_any_more_is_no_witness() {
        let ((here, one), (gone, other)) = (open().await, open().await);
        drop(gone);
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("resolv.conf");
        let write = |server: SocketAddr| {
            std::fs::write(&file, format!("nameserver [{}]:{}\n", server.ip(), server.port())).unwrap();
        };
        write(one);
        let resolver = Resolver::of_files(&file, &dir.path().join("hosts")).unwrap();
        let net = Net::new(Guard::anywhere(), resolver, Tls::new(None).unwrap());
        let gauge = IntGauge::new("suspect", "test").unwrap();
        let witnesses = Arc::new(Witnesses::new(net, Vec::new(), &[], gauge));
        let _task = keep(&witnesses);
        assert!(!fail(&witnesses).await, "it answers");
        drop(here);
        assert!(fail(&witnesses).await, "it does not any more");
        write(other);
        let began = Instant::now();
        while fail(&witnesses).await {
            assert!(began.elapsed() < Duration::from_secs(10), "nobody asks it any more, and it still counts");
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_ever() {
        let (_listener, address) = open().await;
        let witnesses = witnesses(&[], &[address]);
        let began = Instant::now();
        assert!(!fail(&witnesses).await, "no round ever was, and none is kept");
        assert!((LONGEST_WAIT..LONGEST_WAIT * 3).contains(&began.elapsed()));
    }
}

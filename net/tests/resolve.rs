//! Names to addresses, against a name server of our own on loopback.
#![allow(clippy::unwrap_used, reason = "in helpers too, a panic is how a test fails")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::{CNAME, SOA};
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use net::{Family, ResolveError, Resolver, literal};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

/// Answers by name (see [`reply`]), counts questions, ends with the test.
struct NameServer {
    address: SocketAddr,
    questions: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl NameServer {
    async fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let questions = Arc::new(AtomicUsize::new(0));
        let mut task = JoinSet::new();
        let count = Arc::clone(&questions);
        task.spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                count.fetch_add(1, Ordering::SeqCst);
                if let Some(reply) = reply(&Message::from_vec(&buffer[..length]).unwrap()) {
                    socket.send_to(&reply.to_vec().unwrap(), from).await.unwrap();
                }
            }
        });
        Self { address, questions, _task: task }
    }

    fn resolver(&self) -> Resolver {
        Resolver::with_servers(&[self.address]).unwrap()
    }

    fn questions(&self) -> usize {
        self.questions.load(Ordering::SeqCst)
    }
}

fn reply(question: &Message) -> Option<Message> {
    let query = question.queries[0].clone();
    let mut reply = Message::response(question.metadata.id, OpCode::Query);
    reply.add_query(query.clone());
    let v6 = query.query_type() == RecordType::AAAA;
    let name = query.name().clone();
    let a = |ttl, address: &str| Record::from_rdata(name.clone(), ttl, address.parse::<IpAddr>().unwrap().into());
    match (query.name().to_ascii().as_str(), v6) {
        ("v4.test." | "both.test.", false) => drop(reply.add_answers([a(60, "192.0.2.1"), a(60, "192.0.2.2")])),
        ("both.test.", true) => drop(reply.add_answer(a(60, "2001:db8::1"))),
        ("brief.test.", _) => drop(reply.add_answer(a(1, "192.0.2.1"))),
        ("alias.test.", false) => {
            let target = Name::from_ascii("target.test.").unwrap();
            reply.add_answer(Record::from_rdata(name, 60, RData::CNAME(CNAME(target.clone()))));
            reply.add_answer(Record::from_rdata(target, 60, RData::A(Ipv4Addr::new(192, 0, 2, 7).into())));
        }
        ("half.test.", false) => drop(reply.add_answer(a(60, "192.0.2.1"))),
        ("half.test." | "silent.test.", _) => return None,
        ("v4.test." | "halfbroken.test.", true) | ("empty.test.", _) => {}
        ("broken.test." | "halfbroken.test.", _) => reply.metadata.response_code = ResponseCode::ServFail,
        _ => {
            reply.metadata.response_code = ResponseCode::NXDomain;
            let zone = Name::from_ascii("test.").unwrap();
            let soa = SOA::new(zone.clone(), zone.clone(), 1, 3600, 3600, 3600, 3600);
            reply.add_authority(Record::from_rdata(zone, 3600, RData::SOA(soa)));
        }
    }
    Some(reply)
}

fn addresses(list: &[&str]) -> Vec<IpAddr> {
    list.iter().map(|address| address.parse().unwrap()).collect()
}

#[test]
fn a_written_out_address_is_one() {
    for (host, expected) in [
        ("192.0.2.1", Some("192.0.2.1")),
        ("2001:db8::1", Some("2001:db8::1")),
        ("[2001:db8::1]", Some("2001:db8::1")),
        ("[192.0.2.1]", None),
        ("example.com", None),
        ("192.0.2.1.", None),
        ("", None),
    ] {
        assert_eq!(literal(host), expected.map(|address| address.parse().unwrap()), "{host}");
    }
}

#[tokio::test]
async fn a_resolver_names_its_servers() {
    let server = NameServer::start().await;
    assert_eq!(server.resolver().servers(), [server.address]);
}

#[tokio::test]
async fn names_become_addresses_of_the_wanted_family() {
    let server = NameServer::start().await;
    let resolver = server.resolver();
    for (host, family, expected) in [
        ("v4.test", Family::Any, &["192.0.2.1", "192.0.2.2"][..]),
        ("v4.test.", Family::V4, &["192.0.2.1", "192.0.2.2"]),
        ("both.test", Family::Any, &["2001:db8::1", "192.0.2.1", "192.0.2.2"]),
        ("both.test", Family::V4, &["192.0.2.1", "192.0.2.2"]),
        ("both.test", Family::V6, &["2001:db8::1"]),
        ("alias.test", Family::Any, &["192.0.2.7"]),
        ("127.0.0.1", Family::Any, &["127.0.0.1"]),
        ("[::1]", Family::V6, &["::1"]),
    ] {
        assert_eq!(resolver.resolve(host, family).await.unwrap(), addresses(expected), "{host} {family:?}");
    }
}

#[tokio::test]
async fn every_failure_has_its_name() {
    let server = NameServer::start().await;
    let resolver = server.resolver();
    for (host, family, expected) in [
        ("none.test", Family::Any, "no such host: none.test"),
        ("none.test", Family::V4, "no such host: none.test"),
        ("a_b.test", Family::Any, "no such host: a_b.test"),
        ("münchen.test", Family::Any, "no such host: münchen.test"),
        ("empty.test", Family::Any, "empty.test has no address"),
        ("v4.test", Family::V6, "v4.test has no IPv6 address"),
        ("127.0.0.1", Family::V6, "127.0.0.1 has no IPv6 address"),
        ("broken.test", Family::Any, "looking up broken.test: name server SERVER could not look it up (SERVFAIL)"),
        (
            "halfbroken.test",
            Family::Any,
            "looking up halfbroken.test: name server SERVER could not look it up (SERVFAIL)",
        ),
        ("", Family::Any, "\"\" is not a host name: it is empty"),
        ("a b.test", Family::Any, "\"a b.test\" is not a host name: it contains ' '"),
    ] {
        let error = resolver.resolve(host, family).await.unwrap_err();
        assert_eq!(error.to_string(), expected.replace("SERVER", &server.address.to_string()));
        match error {
            ResolveError::NoSuchHost(_) => assert!(expected.starts_with("no such")),
            ResolveError::NoAddress(_) => assert!(expected.contains("has no")),
            ResolveError::Other(_) => assert!(expected.contains("not")),
            ResolveError::NeverAnswered(_) => panic!("it answered: {error}"),
        }
    }
    for host in ["a..test", &format!("{}.test", "x".repeat(64))] {
        assert!(matches!(resolver.resolve(host, Family::Any).await, Err(ResolveError::Other(_))), "{host}");
    }
}

#[tokio::test]
async fn two_lookups_are_one_question_until_the_ttl_ends() {
    let server = NameServer::start().await;
    let resolver = server.resolver();
    for _ in 0..2 {
        resolver.resolve("v4.test", Family::V4).await.unwrap();
        resolver.clone().resolve("none.test", Family::V4).await.unwrap_err();
    }
    assert_eq!(server.questions(), 2);

    let started = Instant::now();
    while server.questions() < 4 {
        resolver.resolve("brief.test", Family::V4).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(started.elapsed() < Duration::from_secs(10), "a TTL of one second never ends");
    }
    assert!(started.elapsed() >= Duration::from_millis(900), "asked again before the TTL ended");
}

#[tokio::test]
async fn silence_is_left_to_the_callers_deadline() {
    let server = NameServer::start().await;
    let resolver = server.resolver();
    let waited = tokio::time::timeout(Duration::from_millis(300), resolver.resolve("silent.test", Family::Any)).await;
    assert!(waited.is_err());
    // A dropped lookup leaves nothing behind that would spoil the next.
    assert_eq!(resolver.resolve("v4.test", Family::V4).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_name_server_silent_about_one_family_costs_a_second_not_the_check() {
    let server = NameServer::start().await;
    let started = Instant::now();
    assert_eq!(server.resolver().resolve("half.test", Family::Any).await.unwrap(), addresses(&["192.0.2.1"]));
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
}

#[tokio::test]
async fn many_lookups_at_once_all_end_well() {
    let server = NameServer::start().await;
    let resolver = server.resolver();
    let mut lookups = JoinSet::new();
    for n in 0..512 {
        let resolver = resolver.clone();
        lookups.spawn(async move { resolver.resolve(&format!("n{n}.test"), Family::V4).await });
    }
    for result in lookups.join_all().await {
        assert!(matches!(result, Err(ResolveError::NoSuchHost(_))), "{result:?}");
    }
}

#[tokio::test]
async fn localhost_needs_no_name_server() {
    let nobody = Resolver::with_servers(&[(Ipv4Addr::LOCALHOST, 9).into()]).unwrap();
    for resolver in [nobody, Resolver::system().unwrap()] {
        let found = resolver.resolve("localhost", Family::V4).await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback), "{found:?}");
        assert_eq!(resolver.resolve("localhost", Family::V6).await.unwrap(), addresses(&["::1"]));
    }
}

#[tokio::test]
async fn nobody_at_the_name_servers_address() {
    let nobody = Resolver::with_servers(&[(Ipv4Addr::LOCALHOST, 9).into()]).unwrap();
    let started = tokio::time::Instant::now();
    let error = nobody.resolve("v4.test", Family::Any).await.unwrap_err();
    let why = "looking up v4.test: name server 127.0.0.1:9 did not answer in 2 s, nor did any ever answer this machine";
    assert_eq!(error, ResolveError::NeverAnswered(why.into()));
    assert!(!nobody.has_answered());
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert!(Resolver::with_servers(&[]).unwrap_err().to_string().contains("empty"));
}

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
use tokio::io::{AsyncReadExt, AsyncWriteExt};
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

/// What a server of a list does with every question.
#[derive(Clone, Copy, Debug)]
enum Role {
    /// Knows `v4.test` and its like, see [`reply`], and what nobody else does: itself, as 192.0.2.100 and its number.
    Knows,
    /// Knows, but takes its time.
    Slow,
    /// Has one answer to all questions.
    Says(ResponseCode),
    /// Has none.
    Silent,
    /// Does not know EDNS, and says so.
    Old,
    /// Does not know EDNS, and does not say so.
    Older,
    /// Sends 100 addresses over UDP, whatever it was told it may.
    Floods,
    /// Cuts its answer, and has the whole over TCP.
    Cuts,
}

/// Servers with these roles, each on a port of its own, for as long as the set lives.
async fn servers(roles: &[Role]) -> (Vec<SocketAddr>, JoinSet<()>) {
    let (mut addresses, mut tasks) = (Vec::new(), JoinSet::new());
    for (number, role) in roles.iter().copied().enumerate() {
        // A port that is free for TCP may be somebody's for UDP.
        let (listener, socket) = loop {
            let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            if let Ok(socket) = UdpSocket::bind(listener.local_addr().unwrap()).await {
                break (listener, socket);
            }
        };
        let address = listener.local_addr().unwrap();
        tasks.spawn(async move {
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let question = Message::from_vec(&buffer[..length]).unwrap();
                if matches!(role, Role::Slow) {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                if let Some(answer) = role.answer(number, &question, false) {
                    socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
                }
            }
        });
        tasks.spawn(async move {
            while let Ok((mut tcp, _)) = listener.accept().await {
                let mut length = [0; 2];
                while tcp.read_exact(&mut length).await.is_ok() {
                    let mut question = vec![0; u16::from_be_bytes(length).into()];
                    tcp.read_exact(&mut question).await.unwrap();
                    let question = Message::from_vec(&question).unwrap();
                    let answer = role.answer(number, &question, true).unwrap().to_vec().unwrap();
                    tcp.write_all(&(answer.len() as u16).to_be_bytes()).await.unwrap();
                    tcp.write_all(&answer).await.unwrap();
                }
            }
        });
        addresses.push(address);
    }
    (addresses, tasks)
}

impl Role {
    fn answer(self, number: usize, question: &Message, tcp: bool) -> Option<Message> {
        let query = question.queries[0].clone();
        let v4 = query.query_type() == RecordType::A;
        let mut answer = Message::response(question.metadata.id, OpCode::Query);
        answer.add_query(query.clone());
        let record =
            |last: u8| Record::from_rdata(query.name().clone(), 60, RData::A(Ipv4Addr::new(192, 0, 2, last).into()));
        let own = 100 + number as u8;
        match self {
            Self::Silent => return None,
            Self::Older if question.edns.is_some() => return None,
            Self::Old if question.edns.is_some() => answer.metadata.response_code = ResponseCode::FormErr,
            Self::Says(code) => answer.metadata.response_code = code,
            Self::Floods if v4 => drop(answer.add_answers((1..=100).map(record))),
            Self::Cuts if v4 && !tcp => answer.metadata.truncation = true,
            _ if v4 => drop(answer.add_answer(record(own))),
            _ => {}
        }
        Some(answer)
    }
}

#[tokio::test]
async fn servers_are_asked_in_their_order_until_one_knows() {
    use Role::{Cuts, Floods, Knows, Old, Older, Says, Silent, Slow};
    const FAIL: Role = Says(ResponseCode::ServFail);
    const REFUSED: Role = Says(ResponseCode::Refused);
    const NOTIMP: Role = Says(ResponseCode::NotImp);
    const NOBODY: Role = Says(ResponseCode::NXDomain);
    let cases: Vec<(&[Role], &str)> = vec![
        (&[Knows], "192.0.2.100"),
        (&[Knows, FAIL], "192.0.2.100"),
        (&[Slow, FAIL], "192.0.2.100"),
        (&[Slow, NOBODY, Knows], "192.0.2.100"),
        (&[FAIL, Knows], "192.0.2.101"),
        (&[REFUSED, FAIL, NOTIMP, Knows], "192.0.2.103"),
        (&[NOBODY, Knows], "no such host: a.test"),
        (&[FAIL, NOBODY, Knows], "no such host: a.test"),
        (&[Silent, Knows], "192.0.2.101"),
        (&[Silent, Silent, Slow, Knows], "192.0.2.102"),
        (&[Old], "192.0.2.100"),
        (&[Older], "192.0.2.100"),
        (&[Older, FAIL], "192.0.2.100"),
        (&[Floods], "100 addresses"),
        (&[Cuts], "192.0.2.100"),
        (
            &[FAIL, REFUSED],
            "looking up a.test: name server 0 could not look it up (SERVFAIL), name server 1 refuses to look it up (REFUSED)",
        ),
        (
            &[Silent, NOTIMP],
            "looking up a.test: name server 0 did not answer in 2 s, name server 1 does not know this kind of question (NOTIMP)",
        ),
    ];
    let mut running = JoinSet::new();
    for (roles, expected) in cases {
        running.spawn(async move {
            let (addresses, _tasks) = servers(roles).await;
            let resolver = Resolver::with_servers(&addresses).unwrap();
            let said = match resolver.resolve("a.test", Family::Any).await {
                Ok(found) if found.len() > 1 => format!("{} addresses", found.len()),
                Ok(found) => found[0].to_string(),
                Err(error) => error.to_string(),
            };
            let named = |text: String, (place, address): (usize, &SocketAddr)| {
                text.replace(&format!("name server {address}"), &format!("name server {place}"))
            };
            let said = addresses.iter().enumerate().fold(said, named);
            assert_eq!(said, expected, "{roles:?}");
            assert!(resolver.has_answered());
        });
    }
    while let Some(done) = running.join_next().await {
        done.unwrap();
    }
}

#[tokio::test]
async fn a_silent_server_is_asked_last_for_a_while() {
    let (addresses, _tasks) = servers(&[Role::Silent, Role::Knows]).await;
    let resolver = Resolver::with_servers(&addresses).unwrap();
    resolver.resolve("a.test", Family::V4).await.unwrap();
    let started = Instant::now();
    resolver.resolve("b.test", Family::V4).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(1), "{:?}", started.elapsed());
}

/// A resolver of these files, the servers' addresses in place of `A` and `B`.
fn of_files(dir: &std::path::Path, resolv_conf: &str, hosts: &str) -> Resolver {
    std::fs::write(dir.join("resolv.conf"), resolv_conf).unwrap();
    std::fs::write(dir.join("hosts"), hosts).unwrap();
    Resolver::of_files(&dir.join("resolv.conf"), &dir.join("hosts")).unwrap()
}

fn line(server: SocketAddr) -> String {
    format!("nameserver [{}]:{}\n", server.ip(), server.port())
}

#[tokio::test]
async fn one_name_is_found_and_both_its_families() {
    // Under corp.test everything has an IPv6 address alone: another machine.
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = socket.local_addr().unwrap();
    let mut task = JoinSet::new();
    task.spawn(async move {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let question = Message::from_vec(&buffer[..length]).unwrap();
            let query = question.queries[0].clone();
            let mut answer = Message::response(question.metadata.id, OpCode::Query);
            answer.add_query(query.clone());
            let given =
                |address: &str| Record::from_rdata(query.name().clone(), 60, address.parse::<IpAddr>().unwrap().into());
            match (query.name().to_ascii().as_str(), query.query_type() == RecordType::AAAA) {
                ("site.test.", false) => drop(answer.add_answer(given("192.0.2.1"))),
                ("site.test.", true) => {}
                (name, true) if name.ends_with(".corp.test.") => drop(answer.add_answer(given("2001:db8::1"))),
                (name, false) if name.ends_with(".corp.test.") => {}
                _ => answer.metadata.response_code = ResponseCode::NXDomain,
            }
            socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
        }
    });
    let dir = tempfile::tempdir().unwrap();
    let resolver = of_files(dir.path(), &format!("{}search corp.test\n", line(address)), "");
    for (host, family, expected) in [
        ("site.test", Family::Any, "192.0.2.1"),
        ("site.test", Family::V4, "192.0.2.1"),
        ("web", Family::Any, "2001:db8::1"),
        ("other.test", Family::Any, "2001:db8::1"),
        ("other.test.", Family::Any, "no such host: other.test."),
        ("web", Family::V4, "web has no IPv4 address"),
    ] {
        let said = match resolver.resolve(host, family).await {
            Ok(found) => found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            Err(error) => error.to_string(),
        };
        assert_eq!(said, expected, "{host} {family:?}");
    }
    let resolver = of_files(dir.path(), &format!("{}options no-aaaa use-vc\n", line(address)), "");
    let error = resolver.resolve("site.test", Family::Any).await.unwrap_err();
    assert!(error.to_string().contains("cannot be asked: it takes no connection"), "nobody listens on TCP: {error}");
}

#[tokio::test]
async fn what_the_files_say_counts_from_when_they_say_it() {
    let (addresses, _tasks) = servers(&[Role::Silent, Role::Knows]).await;
    let dir = tempfile::tempdir().unwrap();
    let resolver = of_files(dir.path(), &line(addresses[0]), "");
    assert_eq!(resolver.servers(), [addresses[0]]);
    // As a late network does it: written beside, and moved into place.
    std::fs::write(dir.path().join("new"), line(addresses[1])).unwrap();
    std::fs::rename(dir.path().join("new"), dir.path().join("resolv.conf")).unwrap();
    std::fs::write(dir.path().join("hosts"), "192.0.2.7 box.lan box # here\n").unwrap();
    let started = Instant::now();
    while resolver.servers() != [addresses[1]] {
        assert!(started.elapsed() < Duration::from_secs(10), "the file is not read again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(resolver.resolve("a.test", Family::Any).await.unwrap(), addresses_of("192.0.2.101"));
    assert_eq!(resolver.resolve("box", Family::Any).await.unwrap(), addresses_of("192.0.2.7"));
    std::fs::remove_file(dir.path().join("resolv.conf")).unwrap();
    let local = SocketAddr::from((Ipv4Addr::LOCALHOST, 53));
    while resolver.servers() != [local] {
        assert!(started.elapsed() < Duration::from_secs(20), "the file that is gone still counts");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn addresses_of(address: &str) -> Vec<IpAddr> {
    vec![address.parse().unwrap()]
}

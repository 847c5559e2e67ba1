//! Who is asked, in which order, and what the machine's files have to say.
#![allow(clippy::unwrap_used, reason = "in helpers too, a panic is how a test fails")]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::{RData, Record, RecordType};
use net::{Family, Resolver};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;

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

//! Mail to the owners, which every organisation starts with.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc::{Receiver, Sender, channel},
    thread,
    time::Duration,
};

use crate::{
    scene::{Scene, server_with},
    support::eventually,
};

/// A mail server that takes everything: as much of RFC 5321 as one needs for that. Sends `(readers, message)`.
fn mail_server() -> (u16, Receiver<(Vec<String>, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (taken, mails) = channel();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let taken = taken.clone();
            // Who hangs up early sends no mail.
            thread::spawn(move || take(stream, &taken));
        }
    });
    (port, mails)
}

fn take(mut stream: TcpStream, taken: &Sender<(Vec<String>, String)>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let mut readers = Vec::new();
    stream.write_all(b"220 ready\r\n")?;
    while let Some(line) = lines.next().transpose()? {
        let reply = if let Some(reader) = line.strip_prefix("RCPT TO:") {
            readers.push(reader.trim_matches(['<', '>', ' ']).to_owned());
            "250 known"
        } else if line == "DATA" {
            stream.write_all(b"354 go on\r\n")?;
            let text: Vec<_> = lines.by_ref().map_while(Result::ok).take_while(|line| line != ".").collect();
            // Nobody listens any more once the test has ended.
            let _ = taken.send((std::mem::take(&mut readers), text.join("\n")));
            "250 taken"
        } else if line == "QUIT" {
            "221 bye"
        } else {
            "250 fine"
        };
        stream.write_all(format!("{reply}\r\n").as_bytes())?;
    }
    Ok(())
}

#[test]
fn the_owners_are_mailed_unless_somebody_says_otherwise() {
    let (port, mails) = mail_server();
    let server = server_with(&[
        ("UPGUARD_SMTP__HOST", "127.0.0.1"),
        ("UPGUARD_SMTP__PORT", &port.to_string()),
        ("UPGUARD_SMTP__SECURITY", "none"),
        ("UPGUARD_SMTP__FROM", "UpGuard <alerts@example.org>"),
    ]);
    let scene = Scene::new(&server);
    server.psql(
        "insert into policy_channels select p.id, c.id from policies p join channels c on c.organisation = p.organisation",
    );
    scene.open(1, Duration::ZERO);
    let (readers, message) = mails.recv_timeout(Duration::from_secs(30)).unwrap();
    assert_eq!(readers, ["ann@example.org"]);
    assert!(
        message.contains("From: \"UpGuard\" <alerts@example.org>") || message.contains("From: UpGuard"),
        "{message}"
    );
    assert!(message.contains("site 1"), "{message}");
    let state = "select string_agg(what || ' ' || state, ',') from outbox";
    eventually("it is marked", || (server.psql(state) == "opened sent").then_some(()));
}

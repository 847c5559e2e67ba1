//! Mail against a server on a socket that says word for word what it is told to: slow ones, confused ones, and what they hear.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    thread,
    time::Duration,
};

use domain::channel::Readers;

use super::OPENED;
use crate::{Draft, Mail, Sender, Sent};

/// What the server answers to the names of commands; whatever is not named is answered with 250.
type Replies = &'static [(&'static str, &'static str)];

/// Serves one connection in the clear, and hands over what it heard.
fn serve(wait: Duration, replies: Replies) -> (u16, mpsc::Receiver<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (port, (tell, heard)) = (listener.local_addr().unwrap().port(), mpsc::channel());
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        thread::sleep(wait);
        tell.send(converse(stream, replies)).unwrap();
    });
    (port, heard)
}

fn converse(mut stream: TcpStream, replies: Replies) -> Vec<String> {
    let mut lines = BufReader::new(stream.try_clone().unwrap());
    let mut heard = Vec::new();
    stream.write_all(b"220 mail.example ESMTP\r\n").unwrap();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap_or(0) == 0 {
            return heard;
        }
        let line = line.trim_end().to_owned();
        let reply = replies.iter().find(|(command, _)| line.starts_with(command)).map(|(_, reply)| *reply);
        let reply = reply.unwrap_or(if line == "DATA" { "354 go on" } else { "250 2.0.0 fine" });
        write!(stream, "{reply}\r\n").unwrap();
        heard.push(line.clone());
        if line == "DATA" && reply.starts_with('3') {
            let mut mail = Vec::new();
            while !mail.ends_with(b"\r\n.\r\n") {
                let mut byte = [0];
                lines.read_exact(&mut byte).unwrap();
                mail.push(byte[0]);
            }
            heard.push(String::from_utf8(mail).unwrap());
            stream.write_all(b"250 2.0.0 kept\r\n").unwrap();
        }
    }
}

/// Mails these readers through the server on `port`.
async fn mail(port: u16, to: &[&str], more: &[(&str, &str)]) -> Sent {
    let port = port.to_string();
    let ours = [
        ("UPGUARD_AUTH__SECRET", "0123456789abcdef0123456789abcdef"),
        ("UPGUARD_EGRESS__TIMEOUT", "100ms"),
        ("UPGUARD_SMTP__HOST", "127.0.0.1"),
        ("UPGUARD_SMTP__PORT", &port),
        ("UPGUARD_SMTP__SECURITY", "none"),
        ("UPGUARD_SMTP__FROM", "UpGuard <alerts@büro.example>"),
    ];
    let mut variables: Vec<(String, String)> = Vec::new();
    variables.extend(ours.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    let sender = Sender::new(&config::from(None, variables).unwrap()).unwrap();
    let to: Vec<_> = to.iter().map(|&address| address.to_owned()).collect();
    let readers = Readers { confirmed: to.clone(), ..Readers::default() };
    let letter = |text: &str| text.to_owned();
    let mail = Mail {
        to,
        owners: false,
        subject: letter("Shop is down"),
        text: letter("connect"),
        html: letter("<p>connect</p>"),
        id: letter("7"),
        thread: None,
    };
    sender.send(&Draft::Mail(mail), &readers, OPENED).await
}

/// The lines that begin so.
fn lines(heard: &[String], start: &str) -> Vec<String> {
    heard.iter().filter(|line| line.starts_with(start)).cloned().collect()
}

#[tokio::test]
async fn only_an_address_that_is_none_is_refused_for_good() {
    let cases: [(Replies, Option<u16>, bool); 8] = [
        (&[("RCPT", "550 5.1.1 no such mailbox")], Some(550), true),
        (&[("RCPT", "550 5.1.10 this domain takes no mail")], Some(550), true),
        (&[("RCPT", "550 5.7.1 relaying denied")], Some(550), false),
        (&[("RCPT", "550 no such user here")], Some(550), false),
        (&[("RCPT", "450 4.1.1 look again later")], Some(450), false),
        (&[("MAIL", "530 5.7.0 sign in first")], Some(530), false),
        (&[("MAIL", "550 5.1.1 who are you")], Some(550), false),
        (&[("DATA", "554 5.6.0 not this")], Some(554), false),
    ];
    for (replies, status, permanent) in cases {
        let (port, _heard) = serve(Duration::ZERO, replies);
        let sent = mail(port, &["ops@example.org"], &[]).await;
        assert_eq!((sent.ok, sent.status, sent.permanent), (false, status, permanent), "{replies:?}: {sent:?}");
        let words = replies[0].1.split_once(' ').unwrap().1;
        assert!(sent.answer.contains(words), "what it said is kept: {sent:?}");
    }
}

#[tokio::test]
async fn a_mail_server_has_a_patience_of_its_own() {
    let slow = Duration::from_millis(600);
    let (port, _heard) = serve(slow, &[]);
    let sent = mail(port, &["ops@example.org"], &[("UPGUARD_SMTP__TIMEOUT", "60s")]).await;
    assert!(sent.ok && sent.took >= slow, "longer than egress.timeout: {sent:?}");

    let (port, _heard) = serve(Duration::from_secs(3), &[]);
    let sent = mail(port, &["ops@example.org"], &[("UPGUARD_SMTP__TIMEOUT", "1s")]).await;
    assert_eq!((sent.ok, sent.permanent, sent.answer.as_str()), (false, false, "no answer within 1 s"));
}

#[tokio::test]
async fn domains_are_spelled_as_dns_has_them() {
    let (port, heard) = serve(Duration::ZERO, &[]);
    assert!(mail(port, &["ops@münchen.example"], &[]).await.ok);
    let heard = heard.recv().unwrap();
    assert_eq!(heard[0], "EHLO xn--bro-hoa.example");
    assert_eq!(lines(&heard, "MAIL"), ["MAIL FROM:<alerts@xn--bro-hoa.example>"]);
    assert_eq!(lines(&heard, "RCPT"), ["RCPT TO:<ops@xn--mnchen-3ya.example>"]);
    assert!(heard.iter().all(|line| line.is_ascii()), "{heard:?}");

    let (port, heard) = serve(Duration::ZERO, &[]);
    assert!(mail(port, &["ops@example.org"], &[("UPGUARD_SMTP__HELLO", "up.example.org")]).await.ok);
    assert_eq!(heard.recv().unwrap()[0], "EHLO up.example.org");
}

#[tokio::test]
async fn names_beyond_ascii_need_a_server_that_takes_them() {
    let (port, heard) = serve(Duration::ZERO, &[("EHLO", "250-mail.example\r\n250 SMTPUTF8")]);
    assert!(mail(port, &["jürgen@example.org"], &[]).await.ok);
    let heard = heard.recv().unwrap();
    assert_eq!(lines(&heard, "MAIL"), ["MAIL FROM:<alerts@xn--bro-hoa.example> SMTPUTF8"]);
    assert_eq!(lines(&heard, "RCPT"), ["RCPT TO:<jürgen@example.org>"]);

    let (port, _heard) = serve(Duration::ZERO, &[]);
    let sent = mail(port, &["jürgen@example.org"], &[]).await;
    assert!(!sent.ok && sent.answer.contains("SMTPUTF8"), "{sent:?}");
}

#[tokio::test]
async fn no_reader_sees_another() {
    let (port, heard) = serve(Duration::ZERO, &[("RCPT TO:<nobody", "550 5.1.1 no such mailbox")]);
    let sent = mail(port, &["ann@example.org", "nobody@example.org", "bob@example.org"], &[]).await;
    assert!(sent.ok && sent.answer.contains("not to nobody@example.org: "), "{sent:?}");
    let heard = heard.recv().unwrap();
    let mails: Vec<_> = heard.iter().filter(|line| line.contains("Subject: ")).collect();
    assert_eq!(mails.len(), 2);
    for (mail, (reader, other)) in mails.iter().zip([("ann@", "bob@"), ("bob@", "ann@")]) {
        assert!(mail.contains(&format!("To: {reader}example.org")) && !mail.contains(other), "{mail}");
    }
}

#[tokio::test]
async fn a_server_without_starttls_gets_no_mail() {
    let (port, heard) = serve(Duration::ZERO, &[("EHLO", "250-mail.example\r\n250 8BITMIME")]);
    let sent = mail(port, &["ops@example.org"], &[("UPGUARD_SMTP__SECURITY", "starttls")]).await;
    assert!(!sent.ok && sent.answer.contains("offers no STARTTLS"), "{sent:?}");
    assert_eq!(heard.recv().unwrap().len(), 1, "after EHLO nothing is said");
}

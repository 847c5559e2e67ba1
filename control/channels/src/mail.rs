//! One mail over one connection to the operator's mail server. Its address is the operator's word, so that what tenants
//! may reach is no bar to it.

use std::{
    io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, UNIX_EPOCH},
};

use config::{ConfigError, Security, Smtp};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use lettre::{
    Address, Message,
    message::{Mailbox, MultiPart, header},
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, AsyncTokioStream, Certificate, TlsParameters},
        commands::{Data, Mail as From, Rcpt, Rset},
        extension::ClientId,
        response::Response,
    },
};
use net::{Family, Guard, Net, Resolver, Tls, TlsConnection, TlsSettings};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{Mail, Readers, sent::Sent};

/// Why there is no mail.
pub(super) const NO_SERVER: &str = "smtp.host is not set";

const NO_READER: &str = "there is nobody to mail: the channel names no address, and there are no owners";
const NOT_CONFIRMED: &str = "there is nobody to mail: no reader of this channel has confirmed their address";

/// The way to the mail server.
pub(super) struct Mailer {
    net: Net,
    smtp: Smtp,
    from: Mailbox,
    starttls: TlsParameters,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("smtp", &self.smtp).finish_non_exhaustive()
    }
}

impl Mailer {
    /// None where no mail server is set.
    pub(super) fn new(smtp: &Smtp, resolver: Resolver) -> Result<Option<Self>, ConfigError> {
        if smtp.host.is_empty() {
            return Ok(None);
        }
        let pem = net::authorities("smtp.ca", smtp.ca.as_deref())?;
        let bad = |why: &dyn std::fmt::Display| ConfigError::new("smtp.ca", why.to_string());
        let tls = Tls::new(pem.as_deref()).map_err(|why| bad(&why))?;
        let mut starttls = TlsParameters::builder(smtp.host.clone());
        if let Some(pem) = &pem {
            let authorities = Certificate::from_pem(pem.as_bytes()).map_err(|why| bad(&why))?;
            starttls = starttls.add_root_certificate(authorities);
        }
        Ok(Some(Self {
            net: Net::new(everywhere(), resolver, tls),
            from: smtp.from.parse().map_err(|why| ConfigError::new("smtp.from", format!("is no address: {why}")))?,
            starttls: starttls.build_rustls().map_err(|why| bad(&why))?,
            smtp: smtp.clone(),
        }))
    }

    /// Mails everybody it is for, each with a mail of their own. Whoever is refused is named in the answer and keeps nobody
    /// else from getting it.
    pub(super) async fn send(&self, mail: &Mail, readers: &Readers, now: i64) -> Sent {
        let addresses = addresses(mail, readers);
        if addresses.is_empty() {
            return Sent::impossible(if mail.to.is_empty() { NO_READER } else { NOT_CONFIRMED });
        }
        let mut connection = match self.connect().await {
            Ok(connection) => connection,
            Err(why) => return Sent::failed(why),
        };
        let mut tried = Vec::new();
        for reader in addresses {
            let message = match self.message(mail, &reader, now) {
                Ok(message) => message.formatted(),
                Err(why) => return Sent::impossible(format!("the mail cannot be written: {why}")),
            };
            let said = deliver(&mut connection, &self.from.email, &reader, &message).await;
            tried.push((reader, said));
        }
        // What was accepted is accepted, whatever follows.
        let _ = connection.quit().await;
        outcome(&tried)
    }

    fn message(&self, mail: &Mail, reader: &Address, now: i64) -> Result<Message, lettre::error::Error> {
        let domain = self.from.email.domain();
        let date = UNIX_EPOCH + Duration::from_secs(now.try_into().unwrap_or_default());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, reader.clone()))
            .date(date)
            .subject(mail.subject.clone())
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            .raw_header(automatic());
        if let Some(thread) = &mail.thread {
            message = message.references(format!("<{thread}@{domain}>"));
        }
        message.multipart(MultiPart::alternative_plain_html(mail.text.clone(), mail.html.clone()))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, String> {
        let Smtp { host, security, user, password, .. } = &self.smtp;
        let found = self.net.resolve(host, Family::Any).await.map_err(|why| why.to_string())?;
        let admitted = self.net.admit(&found).map_err(|why| why.to_string())?;
        let connected = self.net.connect(&admitted, self.smtp.port()).await.map_err(|why| why.to_string())?;
        let hello = ClientId::Domain(self.from.email.domain().to_owned());
        let said = |why: Error| format!("{host}: {}", in_full(&why));
        let stream: Box<dyn AsyncTokioStream> = match security {
            Security::Tls => {
                let secured = self.net.handshake(connected.tcp, host, &TlsSettings::default()).await;
                Box::new(Secured { tls: secured.map_err(|why| why.to_string())?, address: connected.address })
            }
            Security::Starttls | Security::None => Box::new(connected.tcp),
        };
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &hello).await.map_err(said)?;
        if *security == Security::Starttls {
            connection.starttls(self.starttls.clone(), &hello).await.map_err(said)?;
        }
        if !user.is_empty() {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await.map_err(said)?;
        }
        Ok(connection)
    }
}

/// Everybody once, of those who may be mailed.
fn addresses(mail: &Mail, readers: &Readers) -> Vec<Address> {
    let agreed = mail.to.iter().filter(|address| readers.confirmed.contains(address));
    let owners = readers.owners.iter().filter(|_| mail.owners);
    let mut addresses: Vec<Address> = Vec::new();
    for address in agreed.chain(owners).filter_map(|text| text.parse().ok()) {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    addresses
}

/// Out-of-office notes need not answer (RFC 3834).
fn automatic() -> header::HeaderValue {
    let name = header::HeaderName::new_from_ascii_str("Auto-Submitted");
    header::HeaderValue::new(name, "auto-generated".to_owned())
}

/// Every address there is.
pub(super) fn everywhere() -> Guard {
    Guard::new(vec![IpNet::V4(Ipv4Net::default()), IpNet::V6(Ipv6Net::default())])
}

/// One transaction (RFC 5321, section 3.3); after one that was refused, the next begins anew.
async fn deliver(
    connection: &mut AsyncSmtpConnection,
    from: &Address,
    reader: &Address,
    message: &[u8],
) -> Result<Response, Error> {
    let envelope = async {
        connection.command(From::new(Some(from.clone()), Vec::new())).await?;
        connection.command(Rcpt::new(reader.clone(), Vec::new())).await?;
        connection.command(Data).await
    };
    if let Err(why) = envelope.await {
        let _ = connection.command(Rset).await;
        return Err(why);
    }
    connection.message(message).await
}

fn outcome(tried: &[(Address, Result<Response, Error>)]) -> Sent {
    let refusals: Vec<_> = tried.iter().filter_map(|(reader, said)| Some((reader, said.as_ref().err()?))).collect();
    if let Some(reply) = tried.iter().find_map(|(_, said)| said.as_ref().ok()) {
        return Sent::accepted(code(reply), report(reply, &refusals));
    }
    // As long as one of them may be accepted later, all are tried again.
    let passing = refusals.iter().find(|(_, why)| !why.is_permanent());
    passing.or(refusals.first()).map_or_else(|| Sent::failed(NO_READER), |(_, why)| refused(why))
}

fn code(reply: &Response) -> u16 {
    reply.code().into()
}

fn report(reply: &Response, refusals: &[(&Address, &Error)]) -> String {
    let reply = reply.message().collect::<Vec<_>>().join(" ");
    let refused: Vec<_> = refusals.iter().map(|(reader, why)| format!("{reader}: {}", in_full(why))).collect();
    if refused.is_empty() { reply } else { format!("{reply}; not to {}", refused.join(", ")) }
}

/// 5xx is for ever, 4xx and a lost connection are not (RFC 5321, section 4.2.1).
fn refused(why: &Error) -> Sent {
    match why.status() {
        Some(code) => Sent::refused(code.into(), why.is_permanent(), in_full(why)),
        None => Sent::failed(in_full(why)),
    }
}

fn in_full(why: &Error) -> String {
    why.to_string()
}

/// A TLS stream of ours, as lettre wants its streams.
#[derive(Debug)]
struct Secured {
    tls: TlsConnection,
    address: SocketAddr,
}

impl AsyncTokioStream for Secured {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl AsyncRead for Secured {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.tls.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.tls.stream).poll_shutdown(cx)
    }
}

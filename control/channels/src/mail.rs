//! One mail over one connection to the operator's mail server. Its address is the operator's word, so that what tenants
//! may reach is no bar to it.

use std::time::{Duration, UNIX_EPOCH};

use config::{ConfigError, Security, Smtp};
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use lettre::{
    Address, Message,
    message::{Mailbox, MultiPart, header},
    transport::smtp::{
        Error,
        authentication::{Credentials, Mechanism},
        client::{AsyncSmtpConnection, AsyncTokioStream},
        extension::ClientId,
    },
};
use net::{Family, Guard, Net, Resolver, Tls, TlsSettings};
use tokio::time::{Instant, timeout_at};
use url::Host;

use self::{
    opening::Secured,
    reader::{Refusal, deliver, outcome},
};
use super::{Mail, Readers, sent::Sent};

mod opening;
mod reader;

/// Why there is no mail.
pub(super) const NO_SERVER: &str = "smtp.host is not set";

const NO_READER: &str = "there is nobody to mail: the channel names no address, and there are no owners";
const NOT_CONFIRMED: &str = "there is nobody to mail: no reader of this channel has confirmed their address";

/// The way to the mail server.
pub(super) struct Mailer {
    net: Net,
    smtp: Smtp,
    from: Mailbox,
    hello: ClientId,
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
        let tls = Tls::to_server(pem.as_deref()).map_err(|why| ConfigError::new("smtp.ca", why.to_string()))?;
        let from: Mailbox =
            smtp.from.parse().map_err(|why| ConfigError::new("smtp.from", format!("is no address: {why}")))?;
        let from = Mailbox::new(from.name, in_ascii(&from.email));
        let hello = if smtp.hello.is_empty() { from.email.domain() } else { &smtp.hello };
        let hello = ClientId::Domain(domain_in_ascii(hello));
        Ok(Some(Self { net: Net::new(everywhere(), resolver, tls), hello, from, smtp: smtp.clone() }))
    }

    /// Mails everybody it is for, each with a mail of their own. Whoever is refused is named in the answer and keeps nobody
    /// else from getting it.
    pub(super) async fn send(&self, mail: &Mail, readers: &Readers, now: i64) -> Sent {
        let addresses = addresses(mail, readers);
        if addresses.is_empty() {
            return Sent::impossible(if mail.to.is_empty() { NO_READER } else { NOT_CONFIRMED });
        }
        let deadline = Instant::now() + self.smtp.timeout;
        let mut connection = match timeout_at(deadline, self.connect()).await {
            Ok(Ok(connection)) => connection,
            Ok(Err(why)) => return Sent::failed(why),
            Err(_) => return Sent::failed(self.late()),
        };
        let mut tried = Vec::new();
        for reader in addresses {
            let message = match self.message(mail, &reader, now) {
                Ok(message) => message.formatted(),
                Err(why) => return Sent::impossible(format!("the mail cannot be written: {why}")),
            };
            let said = timeout_at(deadline, deliver(&mut connection, &self.from.email, &reader, &message)).await;
            tried.push((reader, said.unwrap_or_else(|_| Err(Refusal::passing(self.late())))));
        }
        // What was accepted is accepted, whatever follows.
        let _ = timeout_at(deadline, connection.quit()).await;
        outcome(&tried).unwrap_or_else(|| Sent::impossible(NO_READER))
    }

    fn late(&self) -> String {
        format!("no answer within {} s", self.smtp.timeout.as_secs_f32())
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
        let mut connected = self.net.connect(&admitted, self.smtp.port()).await.map_err(|why| why.to_string())?;
        let said = |why: Error| format!("{host}: {why}");
        if *security == Security::Starttls {
            opening::starttls(&mut connected.tcp, &self.hello).await.map_err(|why| format!("{host}: {why}"))?;
        }
        let stream: Box<dyn AsyncTokioStream> = match security {
            Security::Tls | Security::Starttls => {
                let secured = self.net.handshake(connected.tcp, host, &TlsSettings::default()).await;
                let secured = secured.map_err(|why| format!("{host}: {why}"))?;
                Box::new(Secured::new(secured, connected.address, *security == Security::Starttls))
            }
            Security::None => Box::new(connected.tcp),
        };
        let mut connection = AsyncSmtpConnection::connect_with_transport(stream, &self.hello).await.map_err(said)?;
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
    for address in agreed.chain(owners).filter_map(|text| text.parse().ok()).map(|given| in_ascii(&given)) {
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

/// The same address, its domain as DNS and every mail server have it (RFC 5891).
fn in_ascii(address: &Address) -> Address {
    let domain = domain_in_ascii(address.domain());
    Address::new(address.user(), domain).unwrap_or_else(|_| address.clone())
}

fn domain_in_ascii(domain: &str) -> String {
    if domain.is_ascii() {
        return domain.to_owned();
    }
    match Host::parse(domain) {
        Ok(Host::Domain(ascii)) => ascii,
        _ => domain.to_owned(),
    }
}

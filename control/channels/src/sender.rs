//! Sends drafts, once, and says what came of it. A receiver that fails is a value, never an error; who tries again, and
//! when, is decided elsewhere.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use config::{Config, ConfigError};
use net::{Guard, Net, Resolver, Tls};
use url::Url;

use super::{
    Draft, Mail, Readers,
    mail::{self, Mailer},
    outbound,
    sent::Sent,
};

/// How long a person waits for a mail server: less than proxies in front of us do (nginx a minute).
pub const WAITED_FOR: Duration = Duration::from_secs(50);

/// The way out: what may be dialled, the mail server, and how long one sending may take. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sender {
    net: Net,
    /// Where the operator says so, any address may be dialled.
    anywhere: Net,
    mailer: Option<Arc<Mailer>>,
    patience: Duration,
}

impl Sender {
    /// As `egress.*` and `smtp.*` say. Must be called inside a tokio runtime.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let resolver = Resolver::system().map_err(|why| ConfigError::new("the resolver", why.to_string()))?;
        let tls = net::authorities("egress.ca", config.egress.ca.as_deref())?;
        let tls = Tls::new(tls.as_deref()).map_err(|why| ConfigError::new("egress.ca", why.to_string()))?;
        let anywhere = Net::new(mail::everywhere(), resolver.clone(), tls.clone());
        let net = Net::new(Guard::new(config.egress.allow.clone()), resolver.clone(), tls);
        let mailer = Mailer::new(&config.smtp, resolver)?.map(Arc::new);
        Ok(Self { net, anywhere, mailer, patience: config.egress.timeout })
    }

    /// Whether there is a mail server.
    pub fn has_mail(&self) -> bool {
        self.mailer.is_some()
    }

    /// Sends a draft. `readers` are those who may be mailed; `now` is unix seconds, for what is signed or dated.
    pub async fn send(&self, draft: &Draft, readers: &Readers, now: i64) -> Sent {
        let began = Instant::now();
        let sending = async {
            match (draft, &self.mailer) {
                (Draft::Http(post), _) => Sent::within(self.patience, outbound::post(&self.net, post, now)).await,
                // Mail servers may take minutes: `smtp.timeout` is theirs.
                (Draft::Mail(mail), Some(mailer)) => mailer.send(mail, readers, now).await,
                (Draft::Mail(_), None) => Sent::impossible(mail::NO_SERVER),
            }
        };
        // TLS and HTTP are large: neither is to live in every caller's future.
        let sent = Box::pin(sending).await;
        Sent { took: began.elapsed(), ..sent }
    }

    /// Asks for a URL of the operator's, wherever that is; `now` is unix seconds.
    pub async fn call(&self, url: &Url, now: i64) -> Sent {
        let began = Instant::now();
        let sent = Sent::within(self.patience, outbound::get(&self.anywhere, url, now)).await;
        Sent { took: began.elapsed(), ..sent }
    }

    /// Mails somebody who has not confirmed their address: to ask them to.
    pub async fn invite(&self, mail: Mail, now: i64) -> Sent {
        let readers = Readers { confirmed: mail.to.clone(), ..Readers::default() };
        Sent::within(WAITED_FOR, self.send(&Draft::Mail(mail), &readers, now)).await
    }
}

//! Sends drafts, once, and says what came of it. A receiver that fails is a value, never an error; who tries again, and
//! when, is decided elsewhere.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use net::{Guard, Net, Resolver, Tls};
use url::Url;

use super::{
    Draft, Mail, Readers,
    mail::{self, Mailer},
    outbound,
};
use crate::config::{Config, ConfigError};

/// The most that is kept of an answer, bytes.
pub const MAX_ANSWER: usize = 1_024;
/// Nobody is asked to wait longer than letters are kept trying.
const MAX_WAIT: Duration = Duration::from_hours(24);

/// The way out: what may be dialled, the mail server, and how long one sending may take. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Courier {
    net: Net,
    /// Where the operator says so, any address may be dialled.
    anywhere: Net,
    mailer: Option<Arc<Mailer>>,
    patience: Duration,
}

/// What came of one sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sent {
    /// Whether the receiver has it.
    pub ok: bool,
    /// The HTTP status or SMTP reply code; none where there was no answer.
    pub status: Option<u16>,
    /// What the receiver answered, or why there is no answer: at most [`MAX_ANSWER`] bytes, never a secret of ours.
    pub answer: String,
    /// The whole of it.
    pub took: Duration,
    /// How long the receiver asks to be left alone, a day at most.
    pub retry_after: Option<Duration>,
    /// Whether the same again would be refused again.
    pub permanent: bool,
}

impl Sent {
    /// The receiver has it.
    pub fn accepted(status: u16, answer: impl Into<String>) -> Self {
        Self { ok: true, status: Some(status), ..Self::failed(answer) }
    }

    /// There is no answer; the sentence says why. Trying again may help.
    pub fn failed(why: impl Into<String>) -> Self {
        let answer = keep(&why.into());
        Self { ok: false, status: None, answer, took: Duration::ZERO, retry_after: None, permanent: false }
    }

    /// The receiver, or what is set here, makes this impossible.
    pub fn impossible(why: impl Into<String>) -> Self {
        Self { permanent: true, ..Self::failed(why) }
    }

    /// The receiver answered with this status.
    pub(super) fn refused(status: u16, permanent: bool, answer: impl Into<String>) -> Self {
        Self { status: Some(status), permanent, ..Self::failed(answer) }
    }

    pub(super) fn asking_to_wait(self, wait: Option<Duration>) -> Self {
        Self { retry_after: wait.map(|wait| wait.min(MAX_WAIT)), ..self }
    }
}

/// The beginning, without what no database or line can hold.
fn keep(text: &str) -> String {
    let text: String = text.chars().filter(|c| *c != '\0').collect();
    super::text::cut_bytes(text.trim(), MAX_ANSWER)
}

impl Courier {
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
                (Draft::Http(post), _) => outbound::post(&self.net, post, now).await,
                (Draft::Mail(mail), Some(mailer)) => mailer.send(mail, readers, now).await,
                (Draft::Mail(_), None) => Sent::impossible(mail::NO_SERVER),
            }
        };
        // TLS and HTTP are large: neither is to live in every caller's future.
        let sent = Box::pin(self.soon(sending)).await;
        Sent { took: began.elapsed(), ..sent }
    }

    /// Asks for a URL of the operator's, wherever that is; `now` is unix seconds.
    pub async fn call(&self, url: &Url, now: i64) -> Sent {
        let began = Instant::now();
        let sent = self.soon(outbound::get(&self.anywhere, url, now)).await;
        Sent { took: began.elapsed(), ..sent }
    }

    /// Mails somebody who has not confirmed their address: to ask them to.
    pub async fn invite(&self, mail: Mail, now: i64) -> Sent {
        let readers = Readers { confirmed: mail.to.clone(), ..Readers::default() };
        self.send(&Draft::Mail(mail), &readers, now).await
    }

    async fn soon(&self, sending: impl Future<Output = Sent>) -> Sent {
        let sent = tokio::time::timeout(self.patience, sending).await;
        sent.unwrap_or_else(|_| Sent::failed(format!("no answer within {} s", self.patience.as_secs_f32())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_bounded_and_storable() {
        assert_eq!(Sent::failed("a\0b ").answer, "ab");
        let long = Sent::accepted(200, "ä".repeat(2_000));
        assert!(long.ok && long.answer.len() <= MAX_ANSWER && long.answer.ends_with('…'));
    }

    #[test]
    fn nobody_is_left_alone_for_longer_than_a_day() {
        let wait = |seconds| Sent::failed("").asking_to_wait(Some(Duration::from_secs(seconds))).retry_after;
        assert_eq!(wait(30), Some(Duration::from_secs(30)));
        assert_eq!(wait(u64::MAX), Some(MAX_WAIT));
    }
}

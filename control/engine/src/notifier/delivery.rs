//! One try to tell one channel. It always ends with an answer: a receiver that fails, hangs or is gone is one.

use std::{
    panic::AssertUnwindSafe,
    sync::Arc,
    time::{Duration, Instant},
};

use channels::{Channel, Kind, Links, Readers, Sent};
use domain::{ids::ChannelId, message::Notification};
use futures_util::FutureExt;
use store::{
    deliveries::Said,
    messages::OutboxMessage,
    outbox::{Claimed, Fate, Tried},
};
use tokio::time::timeout;
use uuid::Uuid;

use super::backoff::{Ending, Patience};
use crate::Engine;

/// No try takes longer, whatever the sender allows: the claim has to outlive it.
const LONGEST: Duration = Duration::from_secs(25);
/// What a try to mail may take beyond `smtp.timeout`.
const BEYOND: Duration = Duration::from_secs(5);

/// Something claimed, with all it takes to send it.
pub(super) struct Job {
    /// The claim.
    pub(super) token: Uuid,
    /// When it was made.
    pub(super) began: Instant,
    /// The row.
    pub(super) row: Claimed,
    /// What it says: one message, or a digest's.
    pub(super) messages: Vec<OutboxMessage>,
    /// To whom.
    pub(super) channel: Arc<Channel>,
    /// Who may be mailed.
    pub(super) readers: Readers,
}

/// A try that has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) channel: ChannelId,
    pub(super) kind: Kind,
    pub(super) tried: Tried,
    /// How long the receiver asks to be left alone.
    pub(super) pause: Option<Duration>,
}

impl Ended {
    /// Says what did not arrive; what did is in the delivery log.
    pub(super) fn log(&self) {
        let Tried { key, ref said, fate, .. } = self.tried;
        let (channel, kind, status) = (self.channel, self.kind, said.status);
        match fate {
            Fate::Sent => tracing::debug!(%channel, %kind, message = key, "told"),
            Fate::Again(wait) => {
                let wait_ms = wait.as_millis();
                tracing::debug!(%channel, %kind, message = key, status, why = said.answer, wait_ms, "not told yet");
            }
            Fate::Dead => tracing::warn!(%channel, %kind, message = key, status, why = said.answer, "given up"),
        }
    }
}

/// Sends it once.
pub(super) async fn deliver(engine: Arc<Engine>, patience: Patience, job: Job) -> Ended {
    let Job { token, began, row, messages, channel, readers } = job;
    let sending = Instant::now();
    // On the heap: it holds a whole conversation, and there may be many.
    let trying = Box::pin(attempt(&engine, &row, messages, &channel, &readers));
    let longest = if channel.kind == Kind::Email { engine.config.smtp.timeout + BEYOND } else { LONGEST };
    let trying = AssertUnwindSafe(timeout(longest, trying)).catch_unwind();
    let sent = match trying.await {
        Ok(Ok(sent)) => sent,
        Ok(Err(_)) => failed(format!("no answer within {} s", longest.as_secs()), sending.elapsed()),
        Err(_) => failed("a defect of UpGuard kept this from being sent: see its log", sending.elapsed()),
    };
    let ending = Ending { ok: sent.ok, permanent: sent.permanent, retry_after: sent.retry_after };
    let (attempts, age) = (row.attempts.max(0) as u32 + 1, row.age + began.elapsed());
    let fate = patience.fate(ending, attempts, age, rand::random());
    let pause = match fate {
        Fate::Again(wait) if sent.retry_after.is_some() => Some(wait),
        _ => None,
    };
    let said = Said { ok: sent.ok, status: sent.status, answer: sent.answer, took: sent.took };
    Ended { channel: row.channel, kind: channel.kind, tried: Tried { key: row.key, claim: token, said, fate }, pause }
}

async fn attempt(
    engine: &Engine,
    row: &Claimed,
    messages: Vec<OutboxMessage>,
    channel: &Channel,
    readers: &Readers,
) -> Sent {
    let ready = notification(row, messages).and_then(|notification| Ok((notification, channel.settings.as_ref()?)));
    match ready {
        Err(why) => failed(why, Duration::ZERO),
        Ok((notification, settings)) => {
            let links = Links { public_url: engine.config.public_url.clone() };
            let draft = channels::render(settings, &notification, &links);
            engine.sender.send(&draft, readers, engine.clock.now()).await
        }
    }
}

fn notification(row: &Claimed, messages: Vec<OutboxMessage>) -> Result<Notification, String> {
    let messages: Result<Vec<_>, _> = messages.into_iter().map(|written| written.message).collect();
    let mut messages = messages.map_err(|why| format!("this version of UpGuard cannot read the message: {why}"))?;
    if row.is_digest && !messages.is_empty() {
        return Ok(Notification::Digest { key: format!("digest:{}", row.key), at: row.created_at, messages });
    }
    messages.pop().map(Notification::One).ok_or_else(|| "the incident is gone".to_owned())
}

fn failed(why: impl Into<String>, took: Duration) -> Sent {
    Sent { took, ..Sent::failed(why) }
}

//! Tells channels what happened: takes due rows of the outbox, sends them, and marks what came of it. Every replica that
//! works does so; claims keep them apart, and none owns anything.
//!
//! A row is claimed for longer than a try may take. Whoever dies between sending and marking leaves a claim that lapses,
//! and the message is sent once more under the same key. Notifications only wake: the table, looked at every second, is
//! the truth. It does not know what makes an incident, nor how a channel's request looks.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use channels::Channel;
use domain::ids::ChannelId;
use store::{
    alerts,
    messages::{self, OutboxMessage},
    outbox::{self, Claimed, Fate, Leases, Limits},
    recipients,
};
use tokio::{sync::Notify, task::JoinSet, time};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::{
    Engine,
    metrics::{Delivered, Stage},
};

mod backoff;
mod budget;
mod delivery;
mod outbox_listener;
mod storm;

use self::{
    backoff::Patience,
    budget::{Budget, EACH},
    delivery::{Ended, Job},
};

/// How often the outbox is looked at when nothing wakes us.
const LOOK: Duration = Duration::from_secs(1);
/// How long a row is ours: more than a try may take, and what is around it.
const CLAIM: Duration = Duration::from_secs(30);
/// The same of a mail, beyond `smtp.timeout`.
const CLAIM_BEYOND: Duration = Duration::from_secs(10);
/// How often reminders are looked for, and open incidents counted.
const REMIND: Duration = Duration::from_secs(10);
/// How long tries may still take when the process ends. The claims of others lapse.
const GRACE: Duration = Duration::from_secs(5);

/// Tells channels what happened until the token is cancelled.
pub async fn run(engine: Arc<Engine>, token: CancellationToken) {
    let bell = Notify::new();
    tokio::join!(outbox_listener::run(&engine, &bell, &token), remind(&engine, &token), work(&engine, &bell, &token));
}

async fn work(engine: &Arc<Engine>, bell: &Notify, token: &CancellationToken) {
    let mut notifier = Notifier::new(engine.clone());
    while !token.is_cancelled() {
        match notifier.turn().await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(why) => {
                tracing::warn!(%why, "alerts wait: the outbox cannot be read");
                time::sleep(LOOK).await;
            }
        }
        tokio::select! {
            () = token.cancelled() => {}
            () = bell.notified() => {}
            () = time::sleep(LOOK) => {}
            Some(ended) = notifier.sending.join_next() => notifier.note(ended),
        }
    }
    notifier.end().await;
}

/// One replica's part.
struct Notifier {
    engine: Arc<Engine>,
    patience: Patience,
    budget: Budget,
    sending: JoinSet<Ended>,
    /// Tries that have ended and are not marked yet.
    ended: Vec<Ended>,
}

impl Notifier {
    fn new(engine: Arc<Engine>) -> Self {
        let alerting = &engine.config.alerting;
        let patience = Patience { first: alerting.retry_first, most: alerting.retry_most, give_up: alerting.give_up };
        Self { patience, engine, budget: Budget::default(), sending: JoinSet::new(), ended: Vec::new() }
    }

    /// Marks what has ended and sends what is due. Says whether there may be more to do at once.
    async fn turn(&mut self) -> Result<bool, store::Error> {
        while let Some(ended) = self.sending.try_join_next() {
            self.note(ended);
        }
        let engine = Arc::clone(&self.engine);
        let mut db = engine.work.get().await?;
        self.mark(&db).await?;
        if self.budget.places() == 0 || !outbox::is_any_ready(&db).await? {
            return Ok(false);
        }
        let dropped = outbox::drop_unneeded(&db).await?;
        storm::gather(&db, engine.config.alerting.digest_above).await?;
        let claimed = self.claim(&mut db).await?;
        Ok(dropped + claimed > 0)
    }

    fn note(&mut self, ended: Result<Ended, tokio::task::JoinError>) {
        // A try catches its own panic; none is cancelled before the end.
        let Ok(ended) = ended else { return };
        self.budget.ended(ended.channel, ended.tried.said.ok, ended.pause, Instant::now());
        self.ended.push(ended);
    }

    /// While PostgreSQL is away tries stay noted: a message that arrived is marked when it is back.
    async fn mark(&mut self, db: &store::Connection) -> Result<(), store::Error> {
        if self.ended.is_empty() {
            return Ok(());
        }
        let tries: Vec<_> = self.ended.iter().map(|ended| ended.tried.clone()).collect();
        let told = outbox::mark(db, &tries).await?;
        let stage = self.engine.metrics.stage(Stage::StoredToNotified);
        told.iter().filter(|told| told.sent).for_each(|told| stage.observe(told.took.max(0.0)));
        for ended in self.ended.drain(..) {
            let result = match ended.tried.fate {
                Fate::Sent => Delivered::Sent,
                Fate::Again(_) => Delivered::Failed,
                Fate::Dead => Delivered::Dead,
            };
            self.engine.metrics.delivered(ended.kind, result);
            ended.log();
        }
        Ok(())
    }

    /// Claims what there is room for, and sends it. Returns how many.
    async fn claim(&mut self, db: &mut store::Connection) -> Result<usize, store::Error> {
        let (token, began) = (Uuid::new_v4(), Instant::now());
        let rooms = self.budget.rooms(began);
        // In one transaction with what it says: a claim that cannot be read is none.
        let tx = db.transaction().await?;
        let limits = Limits { each: EACH, most: self.budget.places(), mails: self.budget.mails() };
        let leases = Leases { usual: CLAIM, mail: self.engine.config.smtp.timeout + CLAIM_BEYOND };
        let claimed = outbox::claim(&tx, token, leases, &rooms, limits).await?;
        if claimed.is_empty() {
            return Ok(0);
        }
        let keys: Vec<_> = claimed.iter().map(|row| row.key).collect();
        let mut written = messages_by_row(messages::of(&tx, &keys).await?);
        let channels = self.channels(&tx, &claimed).await?;
        let ids: Vec<_> = channels.keys().copied().collect();
        let readers = recipients::readers(&tx, &ids).await?;
        tx.commit().await?;
        for row in &claimed {
            let Some(channel) = channels.get(&row.channel) else { continue };
            let messages = written.remove(&row.key).unwrap_or_default();
            let readers = readers.get(&row.channel).cloned().unwrap_or_default();
            self.send(Job { token, began, row: *row, messages, channel: Arc::clone(channel), readers });
        }
        Ok(claimed.len())
    }

    /// The channels of claimed rows, each once.
    async fn channels(
        &self,
        tx: &store::Transaction<'_>,
        claimed: &[Claimed],
    ) -> Result<HashMap<ChannelId, Arc<Channel>>, store::Error> {
        let mut known = HashMap::new();
        for row in claimed {
            if !known.contains_key(&row.channel)
                && let Some(stored) = store::channels::get(tx, row.channel).await?
            {
                // A kind that this program does not know is of a newer one.
                let unknown = |why| store::Error::Undecodable { column: "kind", kind: "kind of channel", why };
                let channel = Channel::open(stored, &self.engine.vault).map_err(unknown)?;
                known.insert(row.channel, Arc::new(channel));
            }
        }
        Ok(known)
    }

    fn send(&mut self, job: Job) {
        self.budget.began(job.row.channel, job.channel.kind, job.began);
        self.sending.spawn(delivery::deliver(Arc::clone(&self.engine), self.patience, job));
    }

    /// Lets tries end that do so soon, and marks them.
    async fn end(mut self) {
        let rest = async {
            while let Some(ended) = self.sending.join_next().await {
                self.note(ended);
            }
        };
        let in_time = time::timeout(GRACE, rest).await.is_ok();
        let marked = match self.engine.clone().work.get().await {
            Ok(db) => self.mark(&db).await,
            Err(why) => Err(why),
        };
        if !in_time || marked.is_err() {
            tracing::warn!(
                "some alerts were on their way at the end: another replica sends them again, with the same key"
            );
        }
    }
}

fn messages_by_row(written: Vec<OutboxMessage>) -> HashMap<i64, Vec<OutboxMessage>> {
    let mut by_row = HashMap::<i64, Vec<OutboxMessage>>::new();
    for one in written {
        by_row.entry(one.row).or_default().push(one);
    }
    by_row
}

/// Writes reminders that are due.
async fn remind(engine: &Engine, token: &CancellationToken) {
    while !token.is_cancelled() {
        if let Err(why) = remind_once(engine).await {
            tracing::warn!(%why, "reminders wait");
        }
        tokio::select! {
            () = token.cancelled() => {}
            () = time::sleep(REMIND) => {}
        }
    }
}

async fn remind_once(engine: &Engine) -> Result<(), store::Error> {
    let mut db = engine.work.get().await?;
    let tx = db.transaction().await?;
    if alerts::remind(&tx).await? > 0 {
        tx.commit().await?;
    }
    Ok(())
}

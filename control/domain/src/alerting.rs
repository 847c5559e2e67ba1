//! Whom an incident's news goes to, when, and as what. Pure: the incident's level, the policy it goes by and what its channels
//! have been sent so far come in; what is to be written comes out. Whoever asks holds the incident's row locked, so two
//! answers never cross.
//!
//! * An opening waits for the policy's delay, and one region's word for some seconds more, in which others may say the same.
//!   What gets worse before it was sent is sent once, as an opening, no later than the first would have been.
//! * A resolve goes to who was sent an opening or still will be. An opening that nobody has begun to send is withdrawn: behind
//!   a delay both are dropped, else the resolve says both.
//! * Whatever else follows goes to who was sent an opening, whatever the policy says by then.

use std::{collections::BTreeSet, time::Duration};

use chrono::{DateTime, Utc};
use wire::words;

use crate::{
    ids::ChannelId,
    incident::{Level, What},
};

#[cfg(test)]
mod tests;

/// How long one region's word waits for others'.
const REGIONAL_HOLD: Duration = Duration::from_secs(5);

/// A policy, as far as routing goes by it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What people call it.
    pub name: String,
    /// The levels it sends.
    pub sends: Vec<Level>,
    /// How long openings wait.
    pub delay: Duration,
    /// How often people are reminded, if they are.
    pub reminder: Option<Duration>,
    /// Its channels that can be sent anything.
    pub channels: Vec<ChannelId>,
}

/// Where a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// To be sent from its time on.
    Pending,
    /// The channel has it.
    Sent,
    /// Given up.
    Dead,
    /// Nobody needs it any more.
    Dropped,
    /// The resolve says it too.
    Merged,
}

words!(Stage { Pending = "pending", Sent = "sent", Dead = "dead", Dropped = "dropped", Merged = "merged" });

/// What a channel has been sent about an incident, or will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Its row.
    pub row: i64,
    /// To whom.
    pub channel: ChannelId,
    /// What it says.
    pub what: What,
    /// Where it stands.
    pub stage: Stage,
    /// When it is to be sent.
    pub due_at: DateTime<Utc>,
    /// Nobody has begun to send it, and nobody can before the caller's transaction ends.
    pub untouched: bool,
}

/// Something that happened to an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct News {
    /// What.
    pub what: What,
    /// How much longer openings wait than their policy says.
    pub hold: Duration,
}

/// What a channel is to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// To whom.
    pub channel: ChannelId,
    /// What it says.
    pub what: What,
    /// When.
    pub due_at: DateTime<Utc>,
}

/// When people are reminded next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reminder {
    /// When they were to be before.
    #[default]
    Unchanged,
    /// At this time.
    At(DateTime<Utc>),
    /// Not at all.
    Never,
}

/// What becomes of some news.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route {
    /// Whether the policy sends the incident's level.
    pub sends: bool,
    /// What is to be sent; a channel is in it once.
    pub send: Vec<Outgoing>,
    /// Rows that are not to be sent after all, and where they stand now.
    pub withdraw: Vec<(i64, Stage)>,
    /// When people are reminded next.
    pub remind: Reminder,
}

/// Whom `news` of an incident of this level goes to, given its policy, if it has one, and what was sent so far.
pub fn route(policy: Option<&Policy>, level: Level, so_far: &[Delivery], news: News, now: DateTime<Utc>) -> Route {
    let sends = policy.is_some_and(|policy| policy.sends.contains(&level));
    let route = match (news.what, policy) {
        (What::Opened | What::Escalated, Some(policy)) if sends => open(policy, level, so_far, news, now),
        (What::Resolved, _) => resolve(policy, so_far, now),
        (What::Reminded, _) => remind(policy, sends, so_far, now),
        (What::Acknowledged, _) => Route { remind: Reminder::Never, ..follow(so_far, news.what, now) },
        (What::Flapping, _) => follow(so_far, news.what, now),
        (What::Opened | What::Escalated | What::Changed | What::Commented, _) => Route::default(),
    };
    Route { sends, ..route }
}

fn open(policy: &Policy, level: Level, so_far: &[Delivery], news: News, now: DateTime<Utc>) -> Route {
    let regional = if level == Level::Regional { REGIONAL_HOLD } else { Duration::ZERO };
    let due_at = now + news.hold + policy.delay + regional;
    let (early, begun): (Vec<&Delivery>, Vec<_>) =
        so_far.iter().filter(|sent| sent.is_opening()).partition(|sent| sent.can_be_withdrawn());
    let send = |&channel: &ChannelId| {
        let is_known = begun.iter().any(|sent| sent.channel == channel && sent.opened());
        let promised = early.iter().filter(|sent| sent.channel == channel).map(|sent| sent.due_at).min();
        let what = if is_known { news.what } else { What::Opened };
        Outgoing { channel, what, due_at: promised.map_or(due_at, |promised| promised.min(due_at)) }
    };
    Route {
        send: policy.channels.iter().map(send).collect(),
        withdraw: early.iter().map(|sent| (sent.row, Stage::Dropped)).collect(),
        remind: policy.reminder.map_or(Reminder::Unchanged, |every| Reminder::At(due_at + every)),
        ..Route::default()
    }
}

fn resolve(policy: Option<&Policy>, so_far: &[Delivery], now: DateTime<Utc>) -> Route {
    let is_delayed = policy.is_some_and(|policy| !policy.delay.is_zero());
    let withdrawn = if is_delayed { Stage::Dropped } else { Stage::Merged };
    let stage = |sent: &Delivery| if sent.can_be_withdrawn() { withdrawn } else { sent.stage };
    let hears = |sent: &&Delivery| matches!(stage(sent), Stage::Pending | Stage::Sent | Stage::Merged);
    let channels = so_far.iter().filter(|sent| sent.is_opening()).filter(hears).map(|sent| sent.channel);
    Route {
        send: to_each(channels, What::Resolved, now),
        withdraw: so_far.iter().filter(|sent| sent.can_be_withdrawn()).map(|sent| (sent.row, withdrawn)).collect(),
        remind: Reminder::Never,
        ..Route::default()
    }
}

/// While nobody has heard of it, or it is at a level that is not sent, the next reminder's time comes all the same.
fn remind(policy: Option<&Policy>, sends: bool, so_far: &[Delivery], now: DateTime<Utc>) -> Route {
    let Some(every) = policy.and_then(|policy| policy.reminder) else {
        return Route { remind: Reminder::Never, ..Route::default() };
    };
    let heard = if sends { follow(so_far, What::Reminded, now) } else { Route::default() };
    Route { remind: Reminder::At(now + every), ..heard }
}

fn follow(so_far: &[Delivery], what: What, now: DateTime<Utc>) -> Route {
    let heard = so_far.iter().filter(|sent| sent.is_opening() && sent.stage == Stage::Sent);
    Route { send: to_each(heard.map(|sent| sent.channel), what, now), ..Route::default() }
}

fn to_each(channels: impl Iterator<Item = ChannelId>, what: What, due_at: DateTime<Utc>) -> Vec<Outgoing> {
    let channels: BTreeSet<ChannelId> = channels.collect();
    channels.into_iter().map(|channel| Outgoing { channel, what, due_at }).collect()
}

impl Delivery {
    fn is_opening(&self) -> bool {
        matches!(self.what, What::Opened | What::Escalated)
    }

    /// Whether the channel knows of the incident from it, or would if it could be sent anything.
    fn opened(&self) -> bool {
        self.what == What::Opened && matches!(self.stage, Stage::Pending | Stage::Sent | Stage::Dead)
    }

    fn can_be_withdrawn(&self) -> bool {
        self.stage == Stage::Pending && self.untouched
    }
}

//! What channels are told, in words every kind of channel can use. Pure: it knows incidents and sentences, and neither
//! channels nor clocks.

use chrono::{DateTime, Utc};
use uuid::Uuid;
use wire::Reason;

use crate::incident::{Closing, Kind, Level, State, What};

mod words;

pub use words::moment;

/// Something that happened to an incident, to be told to one channel.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Receivers know repeats by it: `<incident>:<change>:<channel>`.
    pub key: String,
    /// The timeline's number.
    pub change: i32,
    /// What happened.
    pub what: What,
    /// When.
    pub at: DateTime<Utc>,
    /// A resolve that also says what it resolves: the opening was not told before.
    pub merged: bool,
    /// A resolve that is no recovery: what somebody did to the monitor.
    pub closed: Option<Closing>,
    /// The incident as it is now.
    pub about: About,
}

/// An incident, with the names people know its parts by. Moments are unix seconds.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "the columns of the table `incidents`, and names for its keys")]
pub struct About {
    pub id: Uuid,
    pub kind: Kind,
    pub level: Level,
    pub worst: Level,
    pub state: State,
    pub flapping: bool,
    pub reason: Option<Reason>,
    pub opened_at: i64,
    pub acknowledged_at: Option<i64>,
    pub resolved_at: Option<i64>,
    pub monitor: Option<Monitor>,
    pub region: Option<String>,
    pub organisation: String,
    /// The person, or the API key, that did it.
    pub by: Option<String>,
    /// The sentence of the first failure.
    pub detail: Option<String>,
    /// What each region says.
    pub regions: Vec<RegionVote>,
}

/// The monitor an incident is about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "their names say it")]
pub struct Monitor {
    pub id: Uuid,
    pub name: String,
    pub url: String,
}

/// A region's vote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionVote {
    /// Who.
    pub region: String,
    /// `down`, `degraded` or `up`; absent where it has none.
    pub vote: Option<String>,
    /// A sentence; empty where there is nothing to say.
    pub why: String,
}

/// What is sent to a channel in one piece.
#[derive(Clone, Debug, PartialEq)]
pub enum Notification {
    /// One thing that happened.
    One(Message),
    /// Many at once.
    Digest {
        /// `digest:<outbox key>`.
        key: String,
        /// When they were put together.
        at: DateTime<Utc>,
        /// In the order they happened.
        messages: Vec<Message>,
    },
    /// Somebody wants to see whether the channel works.
    Test {
        /// A new one each time.
        key: String,
        /// When it was asked for.
        at: DateTime<Utc>,
        /// Its id and name.
        channel: (Uuid, String),
        /// Whose it is.
        organisation: String,
    },
}

/// How much a notification matters: colours, priorities, icons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// Somebody has to get up.
    Bad,
    /// Somebody should look, in the morning maybe.
    Warning,
    /// It is over.
    Good,
    /// For information.
    Plain,
}

impl Notification {
    /// Receivers know repeats by it.
    pub fn key(&self) -> &str {
        match self {
            Self::One(message) => &message.key,
            Self::Digest { key, .. } | Self::Test { key, .. } => key,
        }
    }

    /// When what it tells happened.
    pub fn at(&self) -> DateTime<Utc> {
        match self {
            Self::One(message) => message.at,
            Self::Digest { at, .. } | Self::Test { at, .. } => *at,
        }
    }

    /// Whose it is about; a digest's members are all of one organisation.
    pub fn organisation(&self) -> &str {
        match self {
            Self::One(message) => &message.about.organisation,
            Self::Digest { messages, .. } => messages.first().map_or("", |first| &first.about.organisation),
            Self::Test { organisation, .. } => organisation,
        }
    }
}

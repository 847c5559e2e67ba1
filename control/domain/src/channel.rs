//! A channel as it is stored: its settings in two parts, one of them sealed.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::ids::{ChannelId, OrgId};

/// A stored channel, secrets sealed.
#[derive(Clone, Debug)]
pub struct Stored {
    /// Which.
    pub id: ChannelId,
    /// Whose.
    pub organisation: OrgId,
    /// The word of its kind.
    pub kind: String,
    /// Name and switch, and the settings in both parts.
    pub contents: Contents,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

/// What a channel is but for its kind.
#[derive(Clone, Debug)]
pub struct Contents {
    /// What people call it.
    pub name: String,
    /// Whether it is told anything.
    pub enabled: bool,
    /// The settings everybody may see.
    pub shown: Value,
    /// The others, sealed; absent where there are none.
    pub sealed: Option<Vec<u8>>,
}

/// Who may be mailed of those a mail is for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Readers {
    /// The organisation's owners.
    pub owners: Vec<String>,
    /// Of the addresses a channel names those whose readers agreed, or are members.
    pub confirmed: Vec<String>,
}

//! A channel out of its row: both parts of its settings together again.

use chrono::{DateTime, Utc};
use domain::{
    channel::{Contents, Stored},
    ids::{ChannelId, OrgId},
};
use serde_json::Value;

use super::{Body, Kind, Settings, Unsealed, Vault};

/// A channel, ready to be told something.
#[derive(Debug)]
pub struct Channel {
    /// Which.
    pub id: ChannelId,
    /// Whose.
    pub organisation: OrgId,
    /// Of which kind.
    pub kind: Kind,
    /// What people call it.
    pub name: String,
    /// Whether it is told anything.
    pub enabled: bool,
    /// The settings everybody may see.
    pub shown: Value,
    /// All of them; or a sentence why they cannot be read, such as that their key is gone.
    pub settings: Result<Settings, String>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was changed last.
    pub updated_at: DateTime<Utc>,
}

impl Channel {
    /// Opens a stored channel. Only a kind that this program does not know is an error.
    pub fn open(stored: Stored, vault: &Vault) -> Result<Self, String> {
        let Stored { id, organisation, kind, contents, created_at, updated_at } = stored;
        let Contents { name, enabled, shown, sealed } = contents;
        let kind: Kind = kind.parse()?;
        let settings = settings(vault, id, kind, &shown, sealed.as_deref());
        Ok(Self { id, organisation, kind, name, enabled, shown, settings, created_at, updated_at })
    }
}

impl Body {
    /// What is stored of it, secrets sealed for the channel `id`.
    pub fn sealed(&self, vault: &Vault, id: ChannelId) -> Result<Contents, Unsealed> {
        let (shown, secrets) = self.settings.parts();
        let sealed = secrets.map(|secrets| vault.seal(id.0, secrets.to_string().as_bytes())).transpose()?;
        Ok(Contents { name: self.name.clone(), enabled: self.enabled, shown, sealed })
    }
}

fn settings(
    vault: &Vault,
    id: ChannelId,
    kind: Kind,
    shown: &Value,
    sealed: Option<&[u8]>,
) -> Result<Settings, String> {
    let text = sealed.map(|blob| vault.open(id.0, blob)).transpose();
    let text = text.map_err(|why| format!("its secrets cannot be read: {why}"))?;
    let secrets = text.map(|text| serde_json::from_slice(&text)).transpose().map_err(|why| why.to_string())?;
    Settings::join(kind, shown.clone(), secrets)
}

//! Channels with their secrets: opened as they are read, sealed as they are written.

use channels::{Body, Channel, Unsealed, Vault};
use domain::{
    channel::Stored,
    ids::{ChannelId, OrgId},
};
use store::{Error, GenericClient, channels as rows};
use uuid::Uuid;

/// Why a channel was not written.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Its secrets cannot be kept.
    #[error(transparent)]
    Unsealed(#[from] Unsealed),
    /// The store has no answer.
    #[error(transparent)]
    Store(#[from] Error),
}

/// The organisation's channel with this id.
pub async fn get(db: &impl GenericClient, vault: &Vault, org: OrgId, id: ChannelId) -> Result<Option<Channel>, Error> {
    rows::of(db, org, id).await?.map(|stored| open(stored, vault)).transpose()
}

/// The same, and nobody else changes it until the transaction ends.
pub async fn lock(db: &impl GenericClient, vault: &Vault, org: OrgId, id: ChannelId) -> Result<Option<Channel>, Error> {
    rows::lock(db, org, id).await?.map(|stored| open(stored, vault)).transpose()
}

/// The organisation's channels behind `after`, at most `limit`, oldest first.
pub async fn list(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    after: Option<ChannelId>,
    limit: i64,
) -> Result<Vec<Channel>, Error> {
    rows::list(db, org, after, limit).await?.into_iter().map(|stored| open(stored, vault)).collect()
}

/// The channels of these policies of the organisation, with the policy each is of.
pub async fn of_policies(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    policies: &[Uuid],
) -> Result<Vec<(Uuid, Channel)>, Error> {
    let rows = rows::of_policies(db, org, policies).await?;
    rows.into_iter().map(|(policy, stored)| Ok((policy, open(stored, vault)?))).collect()
}

/// A new channel.
pub async fn create(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    id: ChannelId,
    body: &Body,
) -> Result<(), Refused> {
    let contents = body.sealed(vault, id)?;
    Ok(rows::create(db, org, id, body.settings.kind().as_str(), &contents).await?)
}

/// Other contents of a channel that is there.
pub async fn update(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    id: ChannelId,
    body: &Body,
) -> Result<(), Refused> {
    Ok(rows::update(db, org, id, &body.sealed(vault, id)?).await?)
}

/// A kind that this program does not know is of a newer one.
fn open(stored: Stored, vault: &Vault) -> Result<Channel, Error> {
    let unknown = |why| Error::Undecodable { column: "kind", kind: "kind of channel", why };
    Channel::open(stored, vault).map_err(unknown)
}

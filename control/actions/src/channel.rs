//! Channels with their secrets: opened as they are read, sealed as they are written.

use channels::{Body, Channel, Kind, Settings, Vault};
use domain::{
    channel::{Contents, Stored},
    fields::{Problem, merge_patch},
    ids::{ChannelId, OrgId},
};
use serde_json::{Map, Value, json};
use store::{GenericClient, channels as rows};
use uuid::Uuid;

use crate::{Actions, Error};

/// The organisation's channel with this id.
pub async fn get(db: &impl GenericClient, vault: &Vault, org: OrgId, id: ChannelId) -> store::Result<Option<Channel>> {
    rows::of(db, org, id).await?.map(|stored| open(stored, vault)).transpose()
}

/// The organisation's channels behind `after`, at most `limit`, oldest first.
pub async fn list(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    after: Option<ChannelId>,
    limit: i64,
) -> store::Result<Vec<Channel>> {
    rows::list(db, org, after, limit).await?.into_iter().map(|stored| open(stored, vault)).collect()
}

/// The channels of these policies of the organisation, with the policy each is of.
pub async fn of_policies(
    db: &impl GenericClient,
    vault: &Vault,
    org: OrgId,
    policies: &[Uuid],
) -> store::Result<Vec<(Uuid, Channel)>> {
    let rows = rows::of_policies(db, org, policies).await?;
    rows.into_iter().map(|(policy, stored)| Ok((policy, open(stored, vault)?))).collect()
}

/// Makes a channel. A webhook that comes without a secret is given one, which is returned: nobody can look it up later.
pub async fn create(
    actions: &Actions,
    vault: &Vault,
    org: OrgId,
    body: Value,
) -> Result<(ChannelId, Option<String>), Error> {
    let (body, made) = with_secret(body)?;
    let new = Body::parse(&body)?;
    let id = ChannelId::new();
    let contents = sealed(&new, vault, id)?;
    rows::create(&actions.db.get().await?, org, id, new.settings.kind().as_str(), &contents).await?;
    Ok((id, made))
}

/// Changes what `patch`, a JSON Merge Patch (RFC 7396) of its body, names.
pub async fn edit(actions: &Actions, vault: &Vault, org: OrgId, id: ChannelId, patch: &Value) -> Result<(), Error> {
    change(actions, vault, org, id, |old| match old.settings {
        Ok(settings) => Ok(Body { name: old.name, enabled: old.enabled, settings }.merge(patch)?),
        // What cannot be read cannot be patched, but entered anew.
        Err(_) => anew(&old, patch),
    })
    .await
}

/// Gives a webhook a new signing secret, and returns it; the old one signs beside it for a day.
pub async fn rotate_secret(actions: &Actions, vault: &Vault, org: OrgId, id: ChannelId) -> Result<String, Error> {
    let secret = fresh_secret()?;
    let now = actions.clock.now();
    change(actions, vault, org, id, |old| match old.settings {
        Ok(Settings::Webhook(webhook)) => {
            let settings = Settings::Webhook(webhook.rotated(secret.clone(), now));
            Ok(Body { name: old.name, enabled: old.enabled, settings })
        }
        Ok(_) => {
            let why = format!("only webhooks sign: change the secret of this {} channel with PATCH", old.kind);
            Err(Error::Conflict(why))
        }
        Err(why) => Err(Error::Conflict(why)),
    })
    .await?;
    Ok(secret)
}

/// Removes a channel, from every policy too, with its secrets.
pub async fn delete(actions: &Actions, org: OrgId, id: ChannelId) -> Result<(), Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let was_there = rows::delete(&tx, org, id).await?;
    tx.commit().await?;
    if was_there { Ok(()) } else { Err(Error::NotFound) }
}

async fn change(
    actions: &Actions,
    vault: &Vault,
    org: OrgId,
    id: ChannelId,
    new: impl FnOnce(Channel) -> Result<Body, Error>,
) -> Result<(), Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let old = open(rows::lock(&tx, org, id).await?.ok_or(Error::NotFound)?, vault)?;
    let new = new(old)?;
    rows::update(&tx, org, id, &sealed(&new, vault, id)?).await?;
    tx.commit().await?;
    Ok(())
}

/// The patched channel without its secrets, which are to be given again.
fn anew(old: &Channel, patch: &Value) -> Result<Body, Error> {
    let mut body = json!({"name": old.name, "kind": old.kind, "enabled": old.enabled, "settings": old.shown});
    merge_patch(&mut body, patch.clone());
    let new = Body::parse(&body)?;
    if new.settings.kind() != old.kind {
        return Err(vec![Problem::of("kind", "cannot be changed: make another channel")].into());
    }
    Ok(new)
}

fn sealed(body: &Body, vault: &Vault, id: ChannelId) -> Result<Contents, Error> {
    body.sealed(vault, id).map_err(|why| Error::Conflict(format!("the channel's secrets cannot be stored: {why}")))
}

/// Gives a webhook that comes without a secret one of ours, and says which.
fn with_secret(mut body: Value) -> Result<(Value, Option<String>), Error> {
    let is_webhook = body["kind"] == Kind::Webhook.as_str();
    let lacks_one = |settings: &&mut Map<String, Value>| settings.get("secret").is_none_or(Value::is_null);
    let settings = body.get_mut("settings").and_then(Value::as_object_mut);
    let Some(settings) = settings.filter(|_| is_webhook).filter(lacks_one) else { return Ok((body, None)) };
    let secret = fresh_secret()?;
    settings.insert("secret".to_owned(), secret.clone().into());
    Ok((body, Some(secret)))
}

fn fresh_secret() -> Result<String, Error> {
    channels::fresh_secret().ok_or_else(|| Error::Internal("the machine gives no random bytes".to_owned()))
}

/// A kind that this program does not know is of a newer one.
fn open(stored: Stored, vault: &Vault) -> store::Result<Channel> {
    let unknown = |why| store::Error::Undecodable { column: "kind", kind: "kind of channel", why };
    Channel::open(stored, vault).map_err(unknown)
}

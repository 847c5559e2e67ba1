//! Alert policies: whom to tell of what. Which one is the default concerns all, so whoever changes one locks the others too.

use domain::{
    ids::{OrgId, PolicyId},
    policy::Body,
};
use serde_json::Value;
use store::{
    Transaction,
    policies::{self, Policy},
};

use crate::{Actions, Error};

/// Makes a policy.
pub async fn create(actions: &Actions, org: OrgId, new: &Body) -> Result<PolicyId, Error> {
    let id = PolicyId::new();
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    policies::lock_all(&tx, org).await?;
    has_channels(&tx, org, new).await?;
    policies::create(&tx, org, id, new).await?;
    tx.commit().await?;
    Ok(id)
}

/// Changes what `patch`, a JSON Merge Patch (RFC 7396) of its body, names.
pub async fn edit(actions: &Actions, org: OrgId, id: PolicyId, patch: &Value) -> Result<(), Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    let new = lock(&tx, org, id).await?.body.merge(patch)?;
    has_channels(&tx, org, &new).await?;
    policies::update(&tx, org, id, &new).await?;
    tx.commit().await?;
    Ok(())
}

/// Removes a policy; its monitors then go by the default.
pub async fn delete(actions: &Actions, org: OrgId, id: PolicyId) -> Result<(), Error> {
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    if lock(&tx, org, id).await?.body.default {
        return Err(Error::Conflict("this is the default: make another policy the default first".to_owned()));
    }
    policies::delete(&tx, org, id).await?;
    tx.commit().await?;
    Ok(())
}

async fn lock(tx: &Transaction<'_>, org: OrgId, id: PolicyId) -> Result<Policy, Error> {
    policies::lock_all(tx, org).await?;
    policies::get(tx, org, id).await?.ok_or(Error::NotFound)
}

/// Another organisation's channels are none.
async fn has_channels(tx: &Transaction<'_>, org: OrgId, body: &Body) -> Result<(), Error> {
    let unknown = body.unknown_channels(&policies::known(tx, org, &body.channels).await?);
    if unknown.is_empty() { Ok(()) } else { Err(unknown.into()) }
}

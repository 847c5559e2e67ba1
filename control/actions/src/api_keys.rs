//! What programs sign in with: made and revoked by people.

use domain::{
    api_key::{KeyText, NewKey},
    ids::{ApiKeyId, OrgId, UserId},
};
use store::api_keys;

use crate::{Actions, Error};

/// Keys an organisation may have at once.
const MOST: i64 = 100;

/// Makes a key. Its text is known to nobody but whoever gets this.
pub async fn create(actions: &Actions, org: OrgId, new: &NewKey, by: UserId) -> Result<(ApiKeyId, KeyText), Error> {
    let text = KeyText::random();
    let mut db = actions.db.get().await?;
    let tx = db.transaction().await?;
    if api_keys::count_locked(&tx, org).await? >= MOST {
        return Err(Error::Conflict(format!("there are {MOST} API keys already: revoke one that nobody uses")));
    }
    let id = api_keys::create(&tx, org, new, &text, by).await?;
    tx.commit().await?;
    tracing::info!(key = %id, organisation = %org, %by, "an API key was made");
    Ok((id, text))
}

/// Revokes a key: it is out at once.
pub async fn revoke(actions: &Actions, org: OrgId, id: ApiKeyId, by: UserId) -> Result<(), Error> {
    if !api_keys::revoke(&actions.db.get().await?, org, id, by).await? {
        return Err(Error::NotFound);
    }
    tracing::info!(key = %id, organisation = %org, %by, "an API key was revoked");
    Ok(())
}

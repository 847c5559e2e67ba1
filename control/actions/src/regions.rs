//! Regions, which belong to the operators: the installation's first organisation.

use domain::ids::OrgId;
use store::{organisations, regions_list};
use wire::Region;

use crate::{Actions, Error};

/// Registers a region ahead of its first probe, or changes whether it is isolated.
pub async fn register(actions: &Actions, org: OrgId, region: &Region, isolated: bool) -> Result<(), Error> {
    let mut db = actions.db.get().await?;
    if organisations::operators(&db).await? != Some(org) {
        return Err(Error::Forbidden("regions are registered by the operators of this installation".to_owned()));
    }
    let tx = db.transaction().await?;
    if !regions_list::register(&tx, region, isolated).await? {
        return Err(Error::Conflict(format!(
            "{region} was removed, and its name stays with its history: register the region under another name, such as {region}-2"
        )));
    }
    tx.commit().await?;
    Ok(())
}

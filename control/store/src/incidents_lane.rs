//! Incidents about lanes, as any replica opens and ends them: those that hold no lane are the ones that can tell.

use domain::{ids::OrgId, keys::Lane};
use serde_json::Value;
use uuid::Uuid;

use super::{Error, GenericClient, Read, statement::statements};

statements! {
    OPEN ("uuid", "int2", "int8", "jsonb") -> (id "uuid")
        "select open_incident($1, 'lane', null, $2, 'lane', null, $3, $4, '0') as id"
    RESOLVE ("uuid", "int8", "jsonb") -> (is_over "bool") "select resolve_incident($1, $2, null, $3) as is_over"
    OPEN_OF ("int2") -> (id "uuid", organisation "uuid")
        "select id, organisation from incidents where lane = $1 and state <> 'resolved'"
}

/// Opens an incident about the lane at `at`, unix seconds. Returns it and whose it is; nothing where one is open already.
pub async fn open(db: &impl GenericClient, lane: Lane, at: i64, facts: &Value) -> Result<Option<(Uuid, OrgId)>, Error> {
    let row = db.query_one(&db.prepare_cached(OPEN).await?, &[&Uuid::now_v7(), &lane.0, &at, facts]).await?;
    let opened: Option<Uuid> = row.read("id")?;
    if opened.is_none() {
        return Ok(None);
    }
    open_of(db, lane).await
}

/// Ends the lane's incident at `at`, unix seconds. Returns it and whose it is; nothing where none was open.
pub async fn resolve(
    db: &impl GenericClient,
    lane: Lane,
    at: i64,
    facts: &Value,
) -> Result<Option<(Uuid, OrgId)>, Error> {
    let Some((id, org)) = open_of(db, lane).await? else { return Ok(None) };
    let row = db.query_one(&db.prepare_cached(RESOLVE).await?, &[&id, &at, facts]).await?;
    let ended: bool = row.read("is_over")?;
    Ok(ended.then_some((id, org)))
}

async fn open_of(db: &impl GenericClient, lane: Lane) -> Result<Option<(Uuid, OrgId)>, Error> {
    let row = db.query_opt(&db.prepare_cached(OPEN_OF).await?, &[&lane.0]).await?;
    row.map(|row| Ok((row.read("id")?, row.read("organisation")?))).transpose()
}

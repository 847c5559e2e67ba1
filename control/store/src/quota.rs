//! What an organisation has of what is limited. Whoever changes it holds the organisation's row from before the count
//! until the end of the transaction, so that two changes at once cannot both fit. It is locked before lanes and monitors:
//! one tenant's changes wait for each other, and whoever held a lane meanwhile would have the pusher, and all tenants with
//! it, wait for every one of them.

use domain::{
    ids::OrgId,
    quota::{Limits, Use, is_limited, judge},
};

use super::{Error, GenericClient, Read, Refused, Transaction, statement::statements};

statements! {
    LOCK ("uuid") -> (number "int4") "select number from organisations where id = $1 for no key update"
    USED ("uuid") -> (monitors "int8", checks_per_minute "float8")
        "select count(*) as monitors,
                coalesce(sum(60.0 / m.interval * coalesce(cardinality(m.regions), r.open)) filter (where m.enabled), 0)::float8
                    as checks_per_minute
         from monitors m, (select count(*) as open from regions where to_slot = 9223372036854775807) r
         where m.organisation = $1 and m.deleted_at is null"
}

/// What an organisation has now.
pub async fn used(db: &impl GenericClient, org: OrgId) -> Result<Use, Error> {
    let row = db.query_one(&db.prepare_cached(USED).await?, &[&org.0]).await?;
    Ok(Use { monitors: row.read("monitors")?, checks_per_minute: row.read("checks_per_minute")? })
}

/// A change that may need more than there is left. Whoever locks a lane to change a monitor has begun one.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    org: OrgId,
    limits: Limits,
    before: Option<Use>,
}

impl Change {
    /// To be called before anything is locked or written. Nothing is locked or counted where nothing is limited.
    pub async fn begin(tx: &Transaction<'_>, org: OrgId, limits: Limits) -> Result<Self, Error> {
        if !is_limited(limits) {
            return Ok(Self { org, limits, before: None });
        }
        tx.query(&tx.prepare_cached(LOCK).await?, &[&org.0]).await?;
        Ok(Self { org, limits, before: Some(used(tx, org).await?) })
    }

    /// Whose monitors change.
    pub(super) fn org(&self) -> OrgId {
        self.org
    }

    /// To be called once all is written; whoever is refused rolls back. `pointer` is the field that asks for more checks.
    pub async fn end(self, tx: &Transaction<'_>, pointer: &str) -> Result<(), Refused> {
        let Some(before) = self.before else { return Ok(()) };
        let problems = judge(self.limits, before, used(tx, self.org).await?, pointer);
        if problems.is_empty() { Ok(()) } else { Err(Refused::Invalid(problems)) }
    }
}

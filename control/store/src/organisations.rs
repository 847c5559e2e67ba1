//! Tenants and their members.

use deadpool_postgres::GenericClient;
use domain::ids::{OrgId, Role, UserId};

use super::{Error, Read, Result, Row, statement::statements};

statements! {
    CREATE ("uuid", "text") -> (create_organisation "void") "select create_organisation($1, $2)"
    JOIN ("uuid", "uuid", "text") -> ()
        "insert into memberships (organisation, user_id, role) values ($1, $2, $3::text::role)
         on conflict (organisation, user_id) do update set role = excluded.role"
    OF_USER ("uuid") -> (id "uuid", name "text", role "text")
        "select o.id, o.name, m.role::text as role from memberships m join organisations o on o.id = m.organisation
         where m.user_id = $1 order by m.created_at, o.number"
    NAME ("uuid") -> (name "text") "select name from organisations where id = $1"
    OPERATORS () -> (id "uuid") "select id from organisations order by number limit 1"
    NAMED ("text") -> (id "uuid") "select id from organisations where name = $1 or id::text = $1 order by number"
}

/// An organisation as one of its members sees it.
#[derive(Clone, Debug)]
pub struct Membership {
    /// Which.
    pub organisation: OrgId,
    /// Its name.
    pub name: String,
    /// What they may do there.
    pub role: Role,
}

/// A new organisation without members, whose default policy mails its owners.
pub async fn create(db: &impl GenericClient, name: &str) -> Result<OrgId> {
    let id = OrgId::new();
    db.execute(&db.prepare_cached(CREATE).await?, &[&id.0, &name]).await?;
    Ok(id)
}

/// Makes somebody a member, or changes their role.
pub async fn join(db: &impl GenericClient, organisation: OrgId, user: UserId, role: Role) -> Result<()> {
    db.execute(&db.prepare_cached(JOIN).await?, &[&organisation.0, &user.0, &role.as_str()]).await?;
    Ok(())
}

/// All organisations of a person; the first one joined comes first.
pub async fn of_user(db: &impl GenericClient, user: UserId) -> Result<Vec<Membership>> {
    let rows = db.query(&db.prepare_cached(OF_USER).await?, &[&user.0]).await?;
    let membership =
        |row: &Row| Ok(Membership { organisation: row.read("id")?, name: row.read("name")?, role: row.read("role")? });
    rows.iter().map(membership).collect()
}

/// What people call it.
pub async fn name(db: &impl GenericClient, organisation: OrgId) -> Result<String> {
    let row = db.query_opt(&db.prepare_cached(NAME).await?, &[&organisation.0]).await?;
    row.ok_or(Error::Missing("organisation"))?.read("name")
}

/// The organisation of those who run this installation: the first there was.
pub async fn operators(db: &impl GenericClient) -> Result<Option<OrgId>> {
    let row = db.query_opt(&db.prepare_cached(OPERATORS).await?, &[]).await?;
    row.map(|row| row.read("id")).transpose()
}

/// Organisations with this name or id, the oldest first.
pub async fn named(db: &impl GenericClient, name_or_id: &str) -> Result<Vec<OrgId>> {
    let rows = db.query(&db.prepare_cached(NAMED).await?, &[&name_or_id]).await?;
    rows.iter().map(|row| row.read("id")).collect()
}

//! What a demonstration starts with: one organisation, one sign-in, some monitors. Run again it changes nothing.

use std::{collections::HashSet, path::Path};

use config::Seed;
use domain::{
    ids::{OrgId, Role, UserId},
    monitor::Monitor,
};
use serde_json::Value;
use store::{
    Transaction,
    monitors::{self, Filter},
    organisations, users,
};

use crate::{
    Actions,
    account::NewAccount,
    monitors_bulk,
    password::{self, Passwords},
};

/// The most monitors that are looked at by name.
const MOST: i64 = 100_000;
/// Monitors made in one transaction: their lanes stand still meanwhile.
const CHUNK: usize = 1_000;

/// Why nothing, or not all, was made. A sentence.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A setting or the file of monitors is not usable.
    #[error("{0}")]
    Refused(String),
    /// PostgreSQL did not do it.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The password could not be hashed.
    #[error(transparent)]
    Hash(#[from] password::HashError),
}

impl From<store::DriverError> for Error {
    fn from(why: store::DriverError) -> Self {
        store::Error::from(why).into()
    }
}

/// What is to be there, as the settings and their file describe it.
#[derive(Debug)]
pub struct Wanted {
    account: NewAccount,
    monitors: Vec<Monitor>,
}

impl Wanted {
    /// Reads the settings.
    pub fn read(seed: &Seed) -> Result<Self, Error> {
        if seed.email.is_empty() || seed.password.is_empty() {
            let mend = "seed.email and seed.password: set UPGUARD_SEED__EMAIL and UPGUARD_SEED__PASSWORD to the sign-in to make";
            return Err(Error::Refused(mend.to_owned()));
        }
        let account = NewAccount::from_words(&seed.email, seed.password.reveal())
            .map_err(|why| Error::Refused(format!("seed.email, seed.password: {why}")))?;
        let monitors = seed.monitors.as_deref().map_or_else(|| Ok(Vec::new()), read)?;
        Ok(Self { account, monitors })
    }

    /// Makes what is not there yet. Returns a sentence on what is there now.
    pub async fn make(self, actions: &Actions) -> Result<String, Error> {
        let Self { account, monitors } = self;
        let hash = Passwords::new()?.hash(account.password.reveal().to_owned()).await?;
        let mut db = actions.db.get().await?;
        let work = db.transaction().await?;
        let org = sign_in(&work, &actions.config.seed, &account, &hash).await?;
        work.commit().await?;
        let there = monitors::list(&db, org, &Filter::default(), MOST, 0).await?;
        drop(db);
        let there: HashSet<String> = there.iter().map(|row| row.monitor.columns().name).collect();
        let mut missing: Vec<_> =
            monitors.into_iter().filter(|monitor| !there.contains(&monitor.columns().name)).collect();
        let made = missing.len();
        while !missing.is_empty() {
            let chunk = missing.drain(..missing.len().min(CHUNK)).collect();
            monitors_bulk::create(actions, org, chunk).await.map_err(refused)?;
        }
        Ok(format!("{} signs in; {} monitors were there, {made} were made", account.email, there.len()))
    }
}

/// The sign-in and its organisation; whichever is there already stays as it is.
async fn sign_in(work: &Transaction<'_>, seed: &Seed, account: &NewAccount, hash: &str) -> Result<OrgId, Error> {
    let user = match users::by_email(work, account.email.as_str()).await? {
        Some((user, _)) => user,
        None => users::create(work, account.email.as_str(), "", hash).await?,
    };
    if let Some(org) = own(work, user, &seed.organisation).await? {
        return Ok(org);
    }
    let org = organisations::create(work, &seed.organisation).await?;
    organisations::join(work, org, user, Role::Owner).await?;
    Ok(org)
}

async fn own(work: &Transaction<'_>, user: UserId, name: &str) -> Result<Option<OrgId>, Error> {
    let all = organisations::of_user(work, user).await?;
    Ok(all.into_iter().find(|member| member.name == name).map(|member| member.organisation))
}

/// The file's monitors. The error names the entry and the field.
fn read(path: &Path) -> Result<Vec<Monitor>, Error> {
    let refused = |why: String| Error::Refused(format!("seed.monitors: {}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|why| refused(why.to_string()))?;
    let bodies: Vec<Value> =
        serde_json::from_str(&text).map_err(|why| refused(format!("must be an array of monitors: {why}")))?;
    let monitor = |(place, body): (usize, &Value)| {
        Monitor::parse(body).map_err(|problems| {
            let problems: Vec<_> = problems.iter().map(|at| format!("/{place}{}: {}", at.pointer, at.detail)).collect();
            refused(problems.join("; "))
        })
    };
    bodies.iter().enumerate().map(monitor).collect()
}

fn refused(why: crate::Error) -> Error {
    match why {
        crate::Error::Store(why) => why.into(),
        crate::Error::Invalid(problems) => {
            let problems: Vec<_> = problems.iter().map(|at| format!("{}: {}", at.pointer, at.detail)).collect();
            Error::Refused(format!("seed.monitors: {}", problems.join("; ")))
        }
        why => Error::Refused(why.to_string()),
    }
}

//! What somebody with a shell does: `admin create-user`, `admin reset-password`, `admin reseal` and `admin
//! remove-region`.

use channels::{Unsealed, Vault};
use config::Config;
use domain::ids::{ChannelId, Role};
use store::{Db, Transaction, organisations, regions_list, users};

use crate::{
    account::{self, Email, NewAccount},
    password::{self, Passwords},
};

/// Why nothing was changed. A sentence.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was asked for cannot be.
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

fn refused<T>(why: impl Into<String>) -> Result<T, Error> {
    Err(Error::Refused(why.into()))
}

/// Makes an account: a member of `organisation` (a name or id; made if nobody has the name) with `role`, or without
/// one the owner of an organisation of its own. Returns a sentence on what was done.
pub async fn create_user(
    config: &Config,
    email: &str,
    password: &str,
    organisation: Option<&str>,
    role: Role,
) -> Result<String, Error> {
    let new = NewAccount::from_words(email, password).map_err(Error::Refused)?;
    let hash = Passwords::new()?.hash(new.password.reveal().to_owned()).await?;
    let mut db = Db::new(config)?.get().await?;
    let work = db.transaction().await?;
    let done = match organisation {
        None => account::create_with_own_organisation(&work, &new, &hash)
            .await
            .map(|_| "an organisation of their own".to_owned()),
        Some(name) => create_member(&work, &new, &hash, name, role).await?,
    };
    let place = match done {
        Err(why) if why.is_conflict(users::EMAIL_TAKEN) => {
            return refused(format!("{} has an account already: see `admin reset-password`", new.email));
        }
        done => done?,
    };
    work.commit().await?;
    Ok(format!("{} can sign in, in {place}", new.email))
}

async fn create_member(
    work: &Transaction<'_>,
    new: &NewAccount,
    hash: &str,
    name: &str,
    role: Role,
) -> Result<store::Result<String>, Error> {
    let found = organisations::named(work, name).await?;
    let organisation = match found.as_slice() {
        [] => organisations::create(work, name).await?,
        [one] => *one,
        several => {
            let ids: Vec<_> = several.iter().map(ToString::to_string).collect();
            return refused(format!(
                "{} organisations are called {name}: give one's id, of {}",
                ids.len(),
                ids.join(", ")
            ));
        }
    };
    let user = match users::create(work, new.email.as_str(), &new.name, hash).await {
        Ok(user) => user,
        Err(why) => return Ok(Err(why)),
    };
    organisations::join(work, organisation, user, role).await?;
    Ok(Ok(format!("{name} as {}", format!("{role:?}").to_lowercase())))
}

/// Sets another password and ends every sign-in of the account. Returns a sentence on what was done.
pub async fn reset_password(config: &Config, email: &str, password: &str) -> Result<String, Error> {
    let email: Email = email.parse().map_err(|why| Error::Refused(format!("the e-mail address {why}")))?;
    password::judge(password, email.as_str()).map_err(|why| Error::Refused(format!("the password {why}")))?;
    let hash = Passwords::new()?.hash(password.to_owned()).await?;
    let mut db = Db::new(config)?.get().await?;
    let work = db.transaction().await?;
    let Some((user, _)) = users::by_email(&work, email.as_str()).await? else {
        return refused(format!("nobody has an account as {email}"));
    };
    account::replace_password(&work, user, &hash, None).await?;
    work.commit().await?;
    Ok(format!("{email} has a new password and is signed out everywhere"))
}

/// Seals channels' secrets with the first key. Returns a sentence on what was done; an error where some cannot be read.
pub async fn reseal(config: &Config) -> Result<String, Error> {
    let vault = Vault::new(&config.secrets);
    let db = Db::new(config)?.get().await?;
    let (mut resealed, mut lost) = (0, Vec::new());
    for (id, old) in store::channels::sealed(&db).await? {
        if vault.is_current(&old) {
            continue;
        }
        match vault.open(id.0, &old) {
            Ok(text) => {
                let new = sealed(&vault, id, &text)?;
                resealed += u64::from(store::channels::reseal(&db, id, &old, &new).await?);
            }
            Err(why @ Unsealed::NoKey) => return refused(why.to_string()),
            Err(_) => lost.push(id),
        }
    }
    if lost.is_empty() {
        return Ok(format!("{resealed} channels were sealed anew; all are sealed with the first key"));
    }
    let ids: Vec<_> = lost.iter().map(ToString::to_string).collect();
    refused(format!(
        "{resealed} channels were sealed anew; of {} the secrets cannot be read with any of secrets.keys: {}",
        ids.len(),
        ids.join(", ")
    ))
}

fn sealed(vault: &Vault, id: ChannelId, text: &[u8]) -> Result<Vec<u8>, Error> {
    vault.seal(id.0, text).map_err(|why| Error::Refused(why.to_string()))
}

/// Ends a region: nothing is checked from it after the second this says. Its history stays.
pub async fn remove_region(config: &Config, region: &wire::Region) -> Result<String, Error> {
    let mut db = Db::new(config)?.get().await?;
    let work = db.transaction().await?;
    let alone = regions_list::chosen_alone(&work, region).await?;
    if alone > 0 {
        return refused(format!(
            "{alone} monitors are checked from {region} alone: let them be checked from others first"
        ));
    }
    // Whoever works on a lane believes its list of regions for a while, but no longer than it can hold the lane unrenewed.
    let ahead_s = 2 * config.times.lane_lease.as_secs() as i64;
    let Some(last) = regions_list::retire(&work, region, ahead_s).await? else {
        return refused(format!("there is no region {region}, or it was removed before"));
    };
    work.commit().await?;
    let close = config.times.close.as_secs();
    Ok(format!(
        "{region} ends with the slots of second {last}; {close} s later they are closed, and its probes can go; its name stays \
         with its history, so a region that follows it needs another"
    ))
}

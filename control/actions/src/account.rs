//! Accounts: what somebody may write to get one, and the rows it is made of. Used by sign-up, `seed` and `admin` alike.

use std::{fmt, str::FromStr};

use config::Secret;
use domain::{
    fields::{self, Problem, deceives, deceiving, values},
    ids::{OrgId, Role, SignInId, UserId},
};
use email_address::{EmailAddress, Options};
use serde::Deserialize;
use serde_json::Value;
use store::{Transaction, organisations, sign_ins, users};

use crate::password;

/// An e-mail address, plausible and in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Email {
    type Err = &'static str;

    /// RFC 5321 without its rarities: no quotes, no comments, no address literals, a domain with a dot.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.len() > 254 {
            return Err("must have at most 254 characters");
        }
        let options = Options::default().with_required_tld().without_display_text().without_domain_literal();
        match EmailAddress::parse_with_options(text, options) {
            Ok(_) if !text.contains('"') => Ok(Self(text.to_lowercase())),
            _ => Err("is not an e-mail address: write it like name@example.org"),
        }
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A new account.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = Registration))]
#[serde(deny_unknown_fields)]
pub struct NewAccount {
    /// The address they sign in with.
    #[cfg_attr(feature = "openapi", schema(value_type = String, example = "ann@example.org"))]
    #[serde(deserialize_with = "values::text")]
    pub email: Email,
    /// Hard to guess.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 12, max_length = 128))]
    #[serde(deserialize_with = "values::text_as::<Chosen, _, _>")]
    pub password: Secret,
    /// What you are called; may be empty.
    #[cfg_attr(feature = "openapi", schema(max_length = 100))]
    #[serde(default, deserialize_with = "values::text_as::<Called, _, _>")]
    pub name: String,
}

impl fields::Body for NewAccount {
    const REQUIRED: &'static [&'static str] = &["email", "password"];
}

impl NewAccount {
    /// Reads the body of a sign-up; every bad field is in the error.
    pub fn parse(body: &Value) -> Result<Self, Vec<Problem>> {
        let email = body["email"].as_str().and_then(|email| email.parse::<Email>().ok());
        fields::unless(fields::read(body), email.and_then(|email| like(body, "password", email.as_str())))
    }

    /// The same from a terminal or the configuration; the error is a sentence.
    pub fn from_words(email: &str, password: &str) -> Result<Self, String> {
        let email = email.parse::<Email>().map_err(|why| format!("the e-mail address {why}"))?;
        password::judge(password, email.as_str()).map_err(|why| format!("the password {why}"))?;
        Ok(Self { email, password: password.into(), name: String::new() })
    }

    /// What their own organisation is called at first.
    fn organisation(&self) -> String {
        let local = self.email.as_str().split('@').next().unwrap_or_default();
        let name = if self.name.is_empty() { local } else { &self.name };
        let name = if deceiving(name).is_some() { "Organisation" } else { name };
        name.chars().take(100).collect()
    }
}

/// Another password.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(as = PasswordChange))]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The one they have.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    #[serde(rename = "current_password")]
    pub current: Secret,
    /// The one they want, hard to guess.
    #[cfg_attr(feature = "openapi", schema(value_type = String, min_length = 12, max_length = 128))]
    #[serde(rename = "new_password", deserialize_with = "values::text_as::<Chosen, _, _>")]
    pub new: Secret,
}

impl fields::Body for NewPassword {
    const REQUIRED: &'static [&'static str] = &["current_password", "new_password"];
}

impl NewPassword {
    /// Reads the body; every bad field is in the error.
    pub fn parse(body: &Value, email: &str) -> Result<Self, Vec<Problem>> {
        fields::unless(fields::read(body), like(body, "new_password", email))
    }
}

/// A password that is hard to guess for whoever does not know whose it is.
struct Chosen(Secret);

impl FromStr for Chosen {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        password::judge(text, "").map(|()| Self(text.into()))
    }
}

impl From<Chosen> for Secret {
    fn from(chosen: Chosen) -> Self {
        chosen.0
    }
}

/// What is wrong with a password for whoever knows whose it is.
fn like(body: &Value, field: &str, email: &str) -> Option<Problem> {
    let why = password::judge(body[field].as_str()?, email).err()?;
    Some(Problem::of(field, &why))
}

/// A person's name, or none.
struct Called(String);

impl FromStr for Called {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let name = text.trim();
        if name.chars().count() > 100 {
            return Err("must have at most 100 characters".to_owned());
        }
        deceiving(name).map_or_else(|| Ok(Self(name.to_owned())), |found| Err(deceives(found)))
    }
}

impl From<Called> for String {
    fn from(called: Called) -> Self {
        called.0
    }
}

/// An account, and an organisation of its own that it owns. Conflicts with [`users::EMAIL_TAKEN`].
pub async fn create_with_own_organisation(
    work: &Transaction<'_>,
    new: &NewAccount,
    password_hash: &str,
) -> store::Result<(UserId, OrgId)> {
    let user = users::create(work, new.email.as_str(), &new.name, password_hash).await?;
    let organisation = organisations::create(work, &new.organisation()).await?;
    organisations::join(work, organisation, user, Role::Owner).await?;
    Ok((user, organisation))
}

/// Another password; every sign-in but `here` ends.
pub async fn replace_password(
    work: &Transaction<'_>,
    user: UserId,
    password_hash: &str,
    here: Option<SignInId>,
) -> store::Result<()> {
    users::set_password(work, user, password_hash).await?;
    sign_ins::revoke_others(work, user, here).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn plausible_addresses_only() {
        for good in ["a@example.org", " Ann.Lee+x@Mail.Example.ORG ", "ü@bücher.example"] {
            assert!(good.parse::<Email>().is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "x".repeat(250));
        for bad in ["", "a", "a@b", "a@", "@b.org", "a b@c.org", "A <a@b.org>", "\"a\"@b.org", "a@[127.0.0.1]", &long] {
            assert!(bad.parse::<Email>().is_err(), "{bad}");
        }
        assert_eq!(" Ann@Example.ORG".parse::<Email>().unwrap().as_str(), "ann@example.org");
    }

    #[test]
    fn every_bad_field_is_named_at_once() {
        let body = json!({"email": "x", "password": "short", "name": 7, "admin": true});
        let problems = NewAccount::parse(&body).unwrap_err();
        let pointers: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(pointers, ["/admin", "/email", "/name", "/password"]);
        assert_eq!(NewAccount::parse(&json!({})).unwrap_err().len(), 2);
        assert_eq!(NewAccount::parse(&json!([])).unwrap_err()[0].pointer, "");
        assert!(NewAccount::parse(&json!({"email": "a@b.org", "password": "three unrelated words"})).is_ok());
    }
}

//! Access tokens (JWT, RFC 7519, HMAC-SHA-256 and nothing else) and opaque ones. Pure: time and keys come in.
//!
//! It does not know whether a sign-in is still good; that is asked of the store each time.

use std::{fmt::Write, time::Duration};

use config::{Auth, Secret};
use domain::ids::{OrgId, SignInId, UserId};
use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const ISSUER: &str = "upguard";
const AUDIENCE: &str = "upguard-api";

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who.
    pub sub: UserId,
    /// In which organisation.
    pub org: OrgId,
    /// By which sign-in.
    pub sid: SignInId,
    /// Until when, unix seconds.
    pub exp: i64,
    /// Since when, unix seconds.
    pub iat: i64,
    iss: String,
    aud: String,
}

/// Why a text is no access token of ours. All are 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not signed by us, or not a token at all.
    #[error("the access token is not valid")]
    Invalid,
    /// Its time is over.
    #[error("the access token has expired")]
    Expired,
}

/// The keys: the first signs, all verify.
pub struct Tokens {
    keys: Vec<Key>,
    access_ttl: Duration,
}

struct Key {
    id: String,
    secret: Secret,
    verify: DecodingKey,
}

impl Tokens {
    /// With the secrets of `auth.secrets`, of which the configuration has at least one.
    pub fn new(auth: &Auth) -> Self {
        let key = |secret: &Secret| Key {
            // Names the key without telling it.
            id: hex(&Sha256::digest([b"upguard key id ", secret.reveal().as_bytes()].concat()))[..8].to_owned(),
            secret: secret.clone(),
            verify: DecodingKey::from_secret(secret.reveal().as_bytes()),
        };
        Self { keys: auth.secrets.iter().map(key).collect(), access_ttl: auth.access_ttl }
    }

    /// How long an access token is good for.
    pub fn access_ttl(&self) -> Duration {
        self.access_ttl
    }

    /// An access token, good from `now` (unix seconds).
    pub fn sign(
        &self,
        sub: UserId,
        org: OrgId,
        sid: SignInId,
        now: i64,
    ) -> Result<String, jsonwebtoken::errors::Error> {
        let exp = now + self.access_ttl.as_secs() as i64;
        let claims = Claims { sub, org, sid, exp, iat: now, iss: ISSUER.to_owned(), aud: AUDIENCE.to_owned() };
        let key = &self.keys[0];
        let header = Header { kid: Some(key.id.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.secret.reveal().as_bytes()))
    }

    /// What a token of ours says, if it is good at `now` (unix seconds).
    pub fn verify(&self, token: &str, now: i64) -> Result<Claims, TokenError> {
        let kid = jsonwebtoken::decode_header(token).map_err(|_| TokenError::Invalid)?.kid;
        let key = self.keys.iter().find(|key| kid.as_ref() == Some(&key.id)).ok_or(TokenError::Invalid)?;
        let mut rules = Validation::new(Algorithm::HS256);
        rules.set_issuer(&[ISSUER]);
        rules.set_audience(&[AUDIENCE]);
        // Expiry is judged below by the product's clock, not by this machine's.
        rules.validate_exp = false;
        let claims =
            jsonwebtoken::decode::<Claims>(token, &key.verify, &rules).map_err(|_| TokenError::Invalid)?.claims;
        if claims.exp <= now { Err(TokenError::Expired) } else { Ok(claims) }
    }

    /// The tokens `token` may have been rotated into: by the key that signs now first, then by those before it. Derived,
    /// not drawn, so that a client that lost the answer gets the same one again.
    pub fn successors(&self, token: &OpaqueToken) -> impl Iterator<Item = OpaqueToken> {
        self.keys.iter().filter_map(move |key| token.successor(&key.secret))
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tokens").field("keys", &self.keys.len()).finish_non_exhaustive()
    }
}

/// 256 random bits in hexadecimal, which say nothing: a refresh token, or what stands in a link of a mail. Only its hash is
/// stored.
#[derive(Clone, PartialEq, Eq)]
pub struct OpaqueToken(String);

impl OpaqueToken {
    /// A new one.
    pub fn random() -> Self {
        Self(hex(&rand::random::<[u8; 32]>()))
    }

    /// As somebody presents it. Whatever it is, it has a hash, and no row unless it is one of ours.
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The text, for its owner alone.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored: SHA-256. The token is random, so nothing slower is needed.
    pub fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }

    fn successor(&self, secret: &Secret) -> Option<Self> {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.reveal().as_bytes()).ok()?;
        mac.update(b"upguard refresh token after ");
        mac.update(self.0.as_bytes());
        Some(Self(hex(&mac.finalize().into_bytes())))
    }
}

impl std::fmt::Debug for OpaqueToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OpaqueToken(hidden)")
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;

//! Secrets at rest: AES-256-GCM with a key made of `secrets.key`, bound to the channel they belong to. A blob is
//! `version (1) | key id (4) | nonce (12) | text and tag`; the id says which of several keys opens it.

use std::fmt;

use config::Secrets;
use ring::{
    aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::{SecureRandom, SystemRandom},
};
use uuid::Uuid;

const VERSION: u8 = 1;
const ID_BYTES: usize = 4;
const HEAD: usize = 1 + ID_BYTES + NONCE_LEN;

/// The keys: the first seals, all open.
pub struct Vault(Vec<Key>);

struct Key {
    id: [u8; ID_BYTES],
    key: LessSafeKey,
}

/// Why a secret cannot be stored or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unsealed {
    /// There is no key.
    #[error(
        "secrets.key is not set: set UPGUARD_SECRETS__KEY to 32 random bytes or more (`openssl rand -hex 32` makes them), the same on all replicas"
    )]
    NoKey,
    /// None of the keys made it.
    #[error(
        "it was sealed with a key that is not configured any more: put that key into secrets.keys, or enter the secret again"
    )]
    OtherKey,
    /// It was changed, or belongs to another row.
    #[error("it is damaged: enter the secret again")]
    Damaged,
}

impl Vault {
    /// With the keys of `secrets.keys`, which has `secrets.key` in front once it is checked.
    pub fn new(secrets: &Secrets) -> Self {
        Self(secrets.keys.iter().filter_map(|secret| Key::new(secret.reveal().as_bytes())).collect())
    }

    /// Seals `text` for the row `owner`.
    pub fn seal(&self, owner: Uuid, text: &[u8]) -> Result<Vec<u8>, Unsealed> {
        let key = self.0.first().ok_or(Unsealed::NoKey)?;
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).map_err(|_| Unsealed::Damaged)?;
        let mut text = text.to_vec();
        let sealed = key.key.seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::from(owner.as_bytes()),
            &mut text,
        );
        sealed.map_err(|_| Unsealed::Damaged)?;
        Ok([&[VERSION][..], &key.id, &nonce, &text].concat())
    }

    /// Opens what was sealed for the row `owner`.
    pub fn open(&self, owner: Uuid, blob: &[u8]) -> Result<Vec<u8>, Unsealed> {
        let (head, text) = blob.split_at_checked(HEAD).ok_or(Unsealed::Damaged)?;
        if head[0] != VERSION {
            return Err(Unsealed::Damaged);
        }
        let key = self.0.iter().find(|key| key.id == head[1..=ID_BYTES]);
        let key = key.ok_or(if self.0.is_empty() { Unsealed::NoKey } else { Unsealed::OtherKey })?;
        let nonce = Nonce::try_assume_unique_for_key(&head[1 + ID_BYTES..]).map_err(|_| Unsealed::Damaged)?;
        let mut text = text.to_vec();
        let opened = key.key.open_in_place(nonce, Aad::from(owner.as_bytes()), &mut text);
        opened.map(|text| text.to_vec()).map_err(|_| Unsealed::Damaged)
    }

    /// Whether a blob was made with the key that seals now.
    pub fn is_current(&self, blob: &[u8]) -> bool {
        self.0.first().is_some_and(|key| blob.get(1..=ID_BYTES) == Some(&key.id[..]))
    }
}

impl Key {
    /// A key of this secret, and an id that tells nothing of it. HKDF fails only for outputs far longer than these.
    fn new(secret: &[u8]) -> Option<Self> {
        let parent = Salt::new(HKDF_SHA256, b"upguard secrets at rest").extract(secret);
        let (mut bytes, mut id) = ([0; 32], [0; ID_BYTES]);
        parent.expand(&[b"key"], Bytes(bytes.len())).ok()?.fill(&mut bytes).ok()?;
        parent.expand(&[b"id"], Bytes(id.len())).ok()?.fill(&mut id).ok()?;
        Some(Self { id, key: LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &bytes).ok()?) })
    }
}

struct Bytes(usize);

impl KeyType for Bytes {
    fn len(&self) -> usize {
        self.0
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({} keys)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(keys: &[&str]) -> Vault {
        Vault::new(&Secrets { key: "".into(), keys: keys.iter().map(|key| (*key).into()).collect() })
    }

    #[test]
    fn only_its_key_and_its_owner_open_a_blob() {
        let (owner, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let old = vault(&["the old key, 32 bytes and more of it"]);
        let blob = old.seal(owner, b"hush").unwrap();
        assert_eq!(old.open(owner, &blob).unwrap(), b"hush");
        assert_eq!(old.open(other, &blob), Err(Unsealed::Damaged));
        assert_eq!(vault(&["another key"]).open(owner, &blob), Err(Unsealed::OtherKey));
        assert_eq!(vault(&[]).open(owner, &blob), Err(Unsealed::NoKey));
        assert_eq!(vault(&[]).seal(owner, b"hush"), Err(Unsealed::NoKey));
        assert_ne!(blob, old.seal(owner, b"hush").unwrap(), "no nonce twice");
    }

    #[test]
    fn no_changed_byte_goes_unnoticed() {
        let (vault, owner) = (vault(&["a key"]), Uuid::from_u128(1));
        let blob = vault.seal(owner, b"hush").unwrap();
        for at in 0..blob.len() {
            let mut changed = blob.clone();
            changed[at] ^= 1;
            assert!(vault.open(owner, &changed).is_err(), "byte {at}");
            assert!(vault.open(owner, &blob[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn a_new_key_seals_and_the_old_one_still_opens() {
        let owner = Uuid::from_u128(1);
        let blob = vault(&["old"]).seal(owner, b"hush").unwrap();
        let both = vault(&["new", "old"]);
        assert_eq!(both.open(owner, &blob).unwrap(), b"hush");
        assert!(!both.is_current(&blob));
        let again = both.seal(owner, b"hush").unwrap();
        assert!(both.is_current(&again));
        assert_eq!(vault(&["new"]).open(owner, &again).unwrap(), b"hush");
    }
}

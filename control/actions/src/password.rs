//! Passwords: which ones are accepted, and how they are hashed (argon2id) without starving everything else.

use std::{
    collections::HashSet,
    sync::{Arc, LazyLock},
    thread::available_parallelism,
    time::Duration,
};

use argon2::{
    Argon2,
    password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The shortest accepted, in characters.
pub const MIN_CHARS: usize = 12;
/// The longest accepted, in characters: hashing is not free.
pub const MAX_CHARS: usize = 128;
/// How long a sign-in waits for its turn to hash.
const PATIENCE: Duration = Duration::from_secs(5);

static OBVIOUS: LazyLock<HashSet<&str>> = LazyLock::new(|| include_str!("password/obvious.txt").lines().collect());

/// What is wrong with a password somebody chose, if anything, as a sentence. `email` is what it must not repeat.
pub fn judge(password: &str, email: &str) -> Result<(), String> {
    let chars = password.chars().count();
    if !(MIN_CHARS..=MAX_CHARS).contains(&chars) {
        return Err(format!("must have {MIN_CHARS} to {MAX_CHARS} characters, not {chars}"));
    }
    let plain = password.to_lowercase();
    let local = email.split('@').next().unwrap_or_default().to_lowercase();
    if !local.is_empty() && plain.replace(&email.to_lowercase(), "").replace(&local, "").chars().count() < 6 {
        return Err("is nearly your e-mail address: choose something else".to_owned());
    }
    if is_common(&plain) || repeats(&plain) || runs(&plain) {
        return Err("is among the first anybody would try: choose several unrelated words".to_owned());
    }
    Ok(())
}

/// A well-known word, alone, twice, or dressed up with digits and signs.
fn is_common(plain: &str) -> bool {
    let bare = plain.trim_matches(|c: char| !c.is_alphabetic());
    let (whole, inner) = (undressed(plain), undressed(bare));
    let half = |word: &str| word.get(..word.len() / 2).map(str::to_owned).filter(|half| half.repeat(2) == *word);
    [plain, bare, &whole, &inner].iter().any(|word| {
        word.is_empty() || OBVIOUS.contains(*word) || half(word).is_some_and(|half| OBVIOUS.contains(half.as_str()))
    })
}

/// `p@ssw0rd` is `password`.
fn undressed(word: &str) -> String {
    let letter = |c| match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        c => c,
    };
    word.chars().map(letter).collect()
}

/// A short piece over and over, or hardly any different characters.
fn repeats(plain: &str) -> bool {
    let chars: Vec<char> = plain.chars().collect();
    let different: HashSet<_> = chars.iter().collect();
    different.len() < 5 || (1..=4).any(|period| chars.iter().zip(&chars[period..]).all(|(a, b)| a == b))
}

/// Neighbours on the keyboard or in the alphabet, there and back.
fn runs(plain: &str) -> bool {
    const ROWS: [&str; 6] =
        ["01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn"];
    let next =
        |a: char, b: char| ROWS.iter().any(|row| row.contains(&format!("{a}{b}")) || row.contains(&format!("{b}{a}")));
    let chars: Vec<char> = plain.chars().collect();
    let neighbours = chars.windows(2).filter(|pair| next(pair[0], pair[1])).count();
    neighbours * 5 >= (chars.len() - 1) * 4
}

/// Why a hash was not made or compared.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Too many sign-ins at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// The algorithm refused, or the stored hash cannot be read.
    #[error("password hash: {0}")]
    Hash(String),
}

/// Hashes as many at a time as there are cores; each takes 19 MiB and tens of milliseconds.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    /// Nobody's: compared with when there is no account, so that the answer takes as long.
    nobodys: String,
}

impl Passwords {
    /// Ready to hash.
    pub fn new() -> Result<Self, HashError> {
        let cores = available_parallelism().map_or(2, usize::from);
        Ok(Self { turns: Arc::new(Semaphore::new(cores)), nobodys: hash("")? })
    }

    /// The hash to store, with its own salt and parameters.
    pub async fn hash(&self, password: String) -> Result<String, HashError> {
        let turn = self.turn().await?;
        blocking(turn, move || hash(&password)).await
    }

    /// Whether the password is the stored one. No hash means no account, which takes just as long.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, HashError> {
        let is_there = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobodys.clone());
        let turn = self.turn().await?;
        Ok(blocking(turn, move || verify(&password, &stored)).await? && is_there)
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, HashError> {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        turn.map_err(|_| HashError::Busy)?.map_err(|_| HashError::Busy)
    }
}

async fn blocking<T: Send + 'static>(
    turn: OwnedSemaphorePermit,
    work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
) -> Result<T, HashError> {
    let work = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        work()
    });
    work.await.map_err(|why| HashError::Hash(why.to_string()))?
}

fn hash(password: &str) -> Result<String, HashError> {
    let salt = SaltString::encode_b64(&rand::random::<[u8; 16]>()).map_err(refused)?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt).map_err(refused)?.to_string())
}

fn verify(password: &str, stored: &str) -> Result<bool, HashError> {
    let stored = PasswordHash::new(stored).map_err(refused)?;
    match Argon2::default().verify_password(password.as_bytes(), &stored) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::Password) => Ok(false),
        Err(why) => Err(refused(why)),
    }
}

fn refused(why: argon2::password_hash::Error) -> HashError {
    HashError::Hash(why.to_string())
}

#[cfg(test)]
mod tests;

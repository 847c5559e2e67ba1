//! A file of authorities that a setting names.

use std::{fs, path::Path};

use super::Tls;

/// A file of authorities that cannot be used, found before anything is dialled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct AuthoritiesError {
    /// The setting that names the file.
    pub key: String,
    /// What is wrong with it, and the mend.
    pub problem: String,
}

/// The text of the PEM file of authorities that the setting `key` names, when all of them can be trusted; none where it names
/// no file.
pub fn authorities(key: &str, path: Option<&Path>) -> Result<Option<String>, AuthoritiesError> {
    let Some(path) = path else { return Ok(None) };
    let wrong = |problem| AuthoritiesError { key: key.to_owned(), problem };
    let pem = fs::read_to_string(path).map_err(|why| {
        wrong(format!("cannot read {}: {why}; give the path of a PEM file that this process may read", path.display()))
    })?;
    Tls::new(Some(&pem)).map_err(|why| wrong(format!("{} {}", path.display(), why.problem)))?;
    Ok(Some(pem))
}

//! How much an entry of a results stream may hold, looked at before anything of it is decoded.

use std::collections::HashMap;

use super::{error::Unparsed, framing};

/// The most outcomes of an entry, and the most bytes of all its fields: who reports more writes more entries.
pub const OUTCOMES_MAX: usize = 512;
/// See [`OUTCOMES_MAX`].
pub const ENTRY_MAX: usize = 1024 * 1024;
/// The most fields: a version and a payload, and room for later ones.
const FIELDS_MAX: usize = 8;
/// The field of a batch that holds outcomes.
const OUTCOMES_TAG: u64 = 2;

/// Whether an entry's fields are as few and small as anybody of ours writes them.
pub(crate) fn check_entry(fields: &HashMap<String, Vec<u8>>) -> Result<(), Unparsed> {
    let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
    match fields.len() {
        count if count > FIELDS_MAX => Err(Unparsed::TooMuch(format!("{count} fields; at most {FIELDS_MAX}"))),
        _ if bytes > ENTRY_MAX => Err(Unparsed::TooMuch(format!("{bytes} bytes; at most {ENTRY_MAX}"))),
        _ => Ok(()),
    }
}

/// Whether a batch holds as few outcomes as anybody of ours sends together.
pub(crate) fn check_outcomes(bytes: &[u8]) -> Result<(), Unparsed> {
    match framing::count(bytes, OUTCOMES_TAG) {
        None => Err(Unparsed::Malformed("it is not framed as Protocol Buffers".to_owned())),
        Some(count) if count > OUTCOMES_MAX => {
            Err(Unparsed::TooMuch(format!("{count} outcomes; at most {OUTCOMES_MAX}")))
        }
        Some(_) => Ok(()),
    }
}

//! What a receiver's answer means. A status alone is no vendor's word: sign-in pages come with 200, and a proxy that is being
//! set up answers 404 for a while. So each kind of channel knows its vendor's yes and its vendor's final no; whatever is
//! neither is tried again.

use http::StatusCode;
use serde_json::Value;

/// An answer, as far as it was read.
#[derive(Debug)]
pub(super) struct Answer {
    /// Its status.
    pub(super) status: StatusCode,
    /// Its body.
    pub(super) text: String,
    /// The same as JSON; null where it is none.
    pub(super) json: Value,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// The receiver has the message.
    Taken,
    /// It has not, and may have it later.
    NotYet,
    /// The vendor's own words say that it never will.
    Never,
}

impl Answer {
    /// With a body that may have been cut.
    pub(super) fn new(status: StatusCode, body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body).into_owned();
        Self { status, json: serde_json::from_slice(body).unwrap_or_default(), text }
    }

    /// What it means, where one condition is the vendor's yes and another its final no.
    pub(super) fn means(&self, is_yes: bool, is_final: bool) -> Meaning {
        match (self.status.is_success() && is_yes, is_final) {
            (true, _) => Meaning::Taken,
            (false, true) => Meaning::Never,
            (false, false) => Meaning::NotYet,
        }
    }
}

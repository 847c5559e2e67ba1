//! What a failing check saw, for people to look at: bounded, text, and without the monitor's secrets, which the probe
//! hides before anything is kept.

use serde::{Deserialize, Serialize};

/// The exchange that failed, as far as it got.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Request line and headers as sent; secrets read `[hidden]`. At most [`Evidence::REQUEST_MAX`] bytes.
    pub request: String,
    /// Status line and headers, at most [`Evidence::HEAD_MAX`] bytes.
    pub response_head: Option<String>,
    /// The body's beginning, at most [`Evidence::BODY_MAX`] bytes; what is no UTF-8 is replaced.
    pub body: Option<String>,
    /// Whether there was more of the body.
    pub body_cut: bool,
    /// What the server presented, where TLS got that far.
    pub certificate: Option<Certificate>,
}

/// A certificate's facts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// Distinguished name, at most [`Certificate::NAME_MAX`] bytes.
    pub subject: String,
    /// Distinguished name of who signed it, likewise.
    pub issuer: String,
    /// Its start, unix seconds.
    pub not_before: i64,
    /// Its end, unix seconds.
    pub not_after: i64,
    /// Names it is for: as many of the first as fit [`Certificate::NAMES_MAX`] bytes.
    pub names: Vec<String>,
}

impl Evidence {
    /// A longer request is cut.
    pub const REQUEST_MAX: usize = 1_536;
    /// A longer response head is cut.
    pub const HEAD_MAX: usize = 2_048;
    /// A longer body is cut.
    pub const BODY_MAX: usize = 8_192;

    /// The same within the bounds, and without NUL.
    #[must_use]
    pub fn bounded(self) -> Self {
        let body = self.body.map(without_nul);
        let body_cut = self.body_cut || body.as_ref().is_some_and(|body| body.len() > Self::BODY_MAX);
        Self {
            request: bounded(self.request, Self::REQUEST_MAX),
            response_head: self.response_head.map(|head| bounded(head, Self::HEAD_MAX)),
            body: body.map(|body| bounded(body, Self::BODY_MAX)),
            body_cut,
            certificate: self.certificate.map(Certificate::bounded),
        }
    }
}

impl Certificate {
    /// A longer subject or issuer is cut.
    pub const NAME_MAX: usize = 200;
    /// What all names together may have.
    pub const NAMES_MAX: usize = 512;

    fn bounded(self) -> Self {
        let mut room = Some(Self::NAMES_MAX);
        let mut fits = |name: &String| {
            // Two more for tag and length: empty names are bounded too.
            room = room.and_then(|left| left.checked_sub(name.len() + 2));
            room.is_some()
        };
        let names = self.names.into_iter().map(without_nul).take_while(&mut fits).collect();
        let (subject, issuer) = (bounded(self.subject, Self::NAME_MAX), bounded(self.issuer, Self::NAME_MAX));
        let [not_before, not_after] = [self.not_before, self.not_after].map(|at| at.clamp(0, LAST_SECOND));
        Self { subject, issuer, not_before, not_after, names }
    }
}

/// The end of the year 9999, in unix seconds: the last that RFC 3339 and RFC 5280 can say, and what certificates without
/// an end give as theirs.
pub(crate) const LAST_SECOND: i64 = 253_402_300_799;

/// PostgreSQL refuses a batch for one NUL in a text.
pub(crate) fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// The longest prefix of whole characters that has at most `most` bytes.
fn bounded(text: String, most: usize) -> String {
    let mut text = without_nul(text);
    text.truncate(text.floor_char_boundary(most));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_is_cut_and_nul_is_replaced() {
        let names = vec!["a.example".repeat(20); 9];
        let certificate = Certificate { subject: "é".repeat(150), names, ..Certificate::default() };
        let evidence = Evidence {
            request: "GET /\0".to_owned(),
            response_head: Some("h".repeat(9_000)),
            body: Some("é".repeat(5_000)),
            body_cut: false,
            certificate: Some(certificate),
        };
        let cut = evidence.bounded();
        assert_eq!(cut.request, "GET /\u{fffd}");
        assert_eq!(cut.response_head.as_ref().unwrap().len(), Evidence::HEAD_MAX);
        assert_eq!((cut.body.as_ref().unwrap().len(), cut.body_cut), (Evidence::BODY_MAX, true));
        let certificate = cut.certificate.as_ref().unwrap();
        assert_eq!((certificate.subject.len(), certificate.names.len()), (Certificate::NAME_MAX, 2));
        assert_eq!(cut.clone().bounded(), cut);
    }

    #[test]
    fn what_fits_stays() {
        let evidence = Evidence { request: "GET /".to_owned(), body: Some("b".repeat(8_192)), ..Evidence::default() };
        assert_eq!(evidence.clone().bounded(), evidence);
    }
}

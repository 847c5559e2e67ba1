//! What a failing check saw, put into words for people, without the monitor's secrets.
//!
//! While a check runs, what arrived is only held on to, as it came: nothing is copied or written out unless it ends
//! down. Bodies that come in many small pieces are the exception.

use std::fmt::Write as _;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header::CONTENT_TYPE, response::Parts};
use hyper::ext::ReasonPhrase;
use wire::{Certificate, Evidence, HttpSpec};

use super::{charset, coding::Codings, redirect::Hop, request};

/// Stands for a secret.
const HIDDEN: &str = "[hidden]";

/// A request's header with one of these in its name holds a secret.
const SECRET: [&str; 9] = ["auth", "cookie", "token", "secret", "key", "pass", "session", "credential", "signature"];

/// The same of a response, where `WWW-Authenticate` and its like are none.
const SECRET_OF_RESPONSES: [&str; 5] = ["cookie", "token", "secret", "authorization", "session"];

/// A shorter value is not looked for in the answer: it would be found by chance.
const SHORTEST_SECRET: usize = 6;

/// What arrived.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The response's head.
    pub(super) head: Option<Parts>,
    /// Its body, as far as evidence goes.
    pub(super) beginning: Beginning,
}

/// The beginning of a body.
#[derive(Debug, Default)]
pub(super) struct Beginning {
    first: Option<Bytes>,
    second: Option<Bytes>,
    /// Further pieces, of bodies whose pieces are small.
    rest: Vec<u8>,
    length: usize,
}

impl Beginning {
    /// Takes the next piece, if it is still wanted.
    pub(super) fn keep(&mut self, piece: Bytes) {
        let wanted = Evidence::BODY_MAX.saturating_sub(self.length);
        self.length += piece.len();
        match (wanted, &self.first, &self.second) {
            (0, ..) => {}
            (_, None, _) => self.first = Some(piece),
            (_, _, None) => self.second = Some(piece),
            _ => self.rest.extend_from_slice(&piece[..piece.len().min(wanted)]),
        }
    }

    /// The text, its codings undone, and whether there was more. Nothing where no piece came.
    fn text(&self, headers: &HeaderMap) -> (Option<String>, bool) {
        let Some(first) = &self.first else { return (None, false) };
        let mut bytes = first.to_vec();
        bytes.extend_from_slice(self.second.as_deref().unwrap_or_default());
        bytes.extend_from_slice(&self.rest);
        bytes.truncate(Evidence::BODY_MAX);
        let mut cut = self.length > bytes.len();
        if let Some(codings) = Codings::of(headers) {
            (bytes, cut) = unfolded(codings, &bytes, cut);
        }
        let mut text = charset::text(headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes), &bytes);
        // A character cut in two is no replacement character.
        if cut && text.ends_with(char::REPLACEMENT_CHARACTER) {
            text.pop();
        }
        (Some(text), cut)
    }
}

/// The beginning of a body in the clear, and whether there was more.
fn unfolded(mut codings: Codings, bytes: &[u8], mut cut: bool) -> (Vec<u8>, bool) {
    let mut clear = Vec::new();
    codings.add_input(bytes);
    if !cut {
        codings.end_input();
    }
    while let Some(piece) = codings.step() {
        clear.extend_from_slice(piece);
        if clear.len() > Evidence::BODY_MAX {
            clear.truncate(Evidence::BODY_MAX);
            cut = true;
            break;
        }
    }
    (clear, cut)
}

impl Seen {
    /// What was asked at `hop` and what was seen of the answer.
    pub(super) fn evidence(
        self,
        hop: &Hop<'_>,
        spec: &HttpSpec,
        user_agent: &HeaderValue,
        certificate: Option<Certificate>,
    ) -> Evidence {
        let sent = request::build(hop, spec, user_agent);
        // What could not even be built was not sent.
        let request = sent.as_ref().map_or_else(|_| format!("{} {}", hop.method, hop.url), request_text);
        let secrets = sent.as_ref().map(secrets).unwrap_or_default();
        let none = HeaderMap::new();
        let (body, body_cut) = self.beginning.text(self.head.as_ref().map_or(&none, |head| &head.headers));
        Evidence {
            request,
            response_head: self.head.as_ref().map(|head| without(&secrets, response_text(head))),
            body: body.map(|body| without(&secrets, body)),
            body_cut,
            certificate,
        }
    }
}

fn request_text<B>(request: &Request<B>) -> String {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let mut text = format!("{} {target} HTTP/1.1", request.method());
    for (name, value) in request.headers() {
        line(&mut text, &title_case(name), value, is_secret(name, &SECRET));
    }
    text
}

fn response_text(head: &Parts) -> String {
    let said = head.extensions.get::<ReasonPhrase>().map(|phrase| String::from_utf8_lossy(phrase.as_bytes()));
    let reason = said.unwrap_or_else(|| head.status.canonical_reason().unwrap_or_default().into());
    let mut text = format!("{:?} {} {reason}", head.version, head.status.as_u16());
    for (name, value) in &head.headers {
        line(&mut text, name.as_str(), value, is_secret(name, &SECRET_OF_RESPONSES));
    }
    text
}

fn line(text: &mut String, name: &str, value: &HeaderValue, secret: bool) {
    let value = if secret { HIDDEN.into() } else { String::from_utf8_lossy(value.as_bytes()) };
    let _ = write!(text, "\n{name}: {value}");
}

fn is_secret(name: &HeaderName, words: &[&str]) -> bool {
    words.iter().any(|word| name.as_str().contains(word))
}

/// As names are sent: some old servers think that they have a case.
fn title_case(name: &HeaderName) -> String {
    let mut begins = true;
    let case = |c: char| {
        let cased = if begins { c.to_ascii_uppercase() } else { c };
        begins = c == '-';
        cased
    };
    name.as_str().chars().map(case).collect()
}

/// The values of a request's secret headers, and what follows their scheme: a site may repeat them in its answer.
fn secrets<B>(request: &Request<B>) -> Vec<String> {
    let values = request.headers().iter().filter(|(name, _)| is_secret(name, &SECRET)).map(|(_, value)| value);
    let texts = values.filter_map(|value| value.to_str().ok());
    let parts = texts.flat_map(|text| [Some(text), text.split_once(' ').map(|(_, rest)| rest.trim())]);
    parts.flatten().filter(|text| text.len() >= SHORTEST_SECRET).map(str::to_owned).collect()
}

fn without(secrets: &[String], text: String) -> String {
    secrets.iter().fold(text, |text, secret| if text.contains(secret) { text.replace(secret, HIDDEN) } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of a body that came in these pieces, and whether it was cut.
    fn kept(pieces: &[&[u8]]) -> (Option<String>, bool) {
        let mut beginning = Beginning::default();
        for piece in pieces {
            beginning.keep(Bytes::copy_from_slice(piece));
        }
        beginning.text(&HeaderMap::new())
    }

    #[test]
    fn a_body_in_pieces_is_one_text() {
        assert_eq!(kept(&[]), (None, false));
        assert_eq!(kept(&[b""]), (Some(String::new()), false));
        assert_eq!(kept(&[b"a", b"b", b"c", b"d"]), (Some("abcd".to_owned()), false));
        assert_eq!(kept(&[b"a\xff"]), (Some("a\u{fffd}".to_owned()), false));
        let (text, cut) = kept(&vec![&b"0123456789"[..]; 2_000]);
        assert_eq!((text.unwrap().len(), cut), (Evidence::BODY_MAX, true));
        let (text, cut) = kept(&["é".repeat(4_096).as_bytes()]);
        assert_eq!((text.unwrap().len(), cut), (Evidence::BODY_MAX, false));
        let (text, cut) = kept(&[b"a", "é".repeat(4_096).as_bytes()]);
        assert_eq!((text.unwrap().len(), cut), (Evidence::BODY_MAX - 1, true));
    }

    #[test]
    fn secrets_are_hidden_by_the_headers_name_and_wherever_they_are_repeated() {
        let request = Request::get("/x?y=z")
            .header("accept", "*/*")
            .header("authorization", "Bearer abcdef123")
            .header("x-api-key", "short")
            .body(())
            .unwrap();
        let expected = "GET /x?y=z HTTP/1.1\nAccept: */*\nAuthorization: [hidden]\nX-Api-Key: [hidden]";
        assert_eq!(request_text(&request), expected);
        let echoed = "you are abcdef123 (Bearer abcdef123), in short".to_owned();
        assert_eq!(without(&secrets(&request), echoed), "you are [hidden] ([hidden]), in short");
    }

    #[test]
    fn which_headers_are_secret() {
        let of = |name: &'static str, words: &[&str]| is_secret(&HeaderName::from_static(name), words);
        for name in ["cookie", "proxy-authorization", "x-auth-token", "x-csrf-token", "x-password", "api-key"] {
            assert!(of(name, &SECRET), "{name}");
        }
        for name in ["host", "user-agent", "accept", "connection", "content-length", "x-request-id"] {
            assert!(!of(name, &SECRET), "{name}");
        }
        assert!(of("set-cookie", &SECRET_OF_RESPONSES) && !of("www-authenticate", &SECRET_OF_RESPONSES));
    }
}

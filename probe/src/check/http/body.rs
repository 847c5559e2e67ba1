//! What is looked for in a body, piece by piece, up to a bound: codings undone, charset decoded. Nothing is kept. Pure.

use std::fmt;

use encoding_rs::{Decoder, UTF_8, WINDOWS_1252};
use http::{HeaderMap, header::CONTENT_TYPE};
use wire::{BodyText, Expect};

use super::{
    charset::{self, Charset},
    coding::{Codings, Fault},
    search::{Needle, Utf8},
};

/// Not more of a body is looked through, sent or unfolded: what comes after is not judged.
pub const MAX_BODY: usize = 8 * 1024 * 1024;

/// Not more is read once nothing is left to look for.
const ENOUGH: usize = 1024 * 1024;

/// How a body is read.
#[derive(Debug)]
pub(super) struct Body<'a> {
    /// What is looked for; nothing to unfold or decode where nothing is.
    look: Option<Box<Look<'a>>>,
    /// As sent.
    received: usize,
}

/// What was made of a body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Searched {
    pub(super) wanted_missing: bool,
    pub(super) unwanted_found: bool,
    /// Why something may have been missed.
    pub(super) doubt: Option<Doubt>,
}

/// Why a body could not be looked through as the site meant it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// There was more of it.
    Longer,
    /// Its codings.
    Coding(Fault),
    /// Its header names a charset that is not known here.
    Charset,
    /// It is not in UTF-8 and does not say in what.
    Undeclared,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Longer => f.write_str("it is longer than 8 MiB, and the rest is not looked at"),
            Self::Coding(fault) => fault.fmt(f),
            Self::Charset => f.write_str("its Content-Type names an unknown charset"),
            Self::Undeclared => f.write_str("it is not valid UTF-8 and names no other charset"),
        }
    }
}

impl<'a> Body<'a> {
    pub(super) fn new(expect: &'a Expect, headers: &HeaderMap) -> Self {
        let looks = expect.contains.is_some() || expect.not_contains.is_some();
        Self { look: looks.then(|| Box::new(Look::new(expect, headers))), received: 0 }
    }

    /// Takes the next bytes of the body. [`Body::step`] looks through them.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let inside = &bytes[..bytes.len().min(MAX_BODY.saturating_sub(self.received))];
        self.received += bytes.len();
        if let Some(look) = &mut self.look {
            look.longer |= inside.len() < bytes.len();
            look.add(inside);
        }
    }

    /// There is no more. [`Body::step`] looks through what waits.
    pub(super) fn end(&mut self) {
        if let Some(look) = &mut self.look {
            look.end();
        }
    }

    /// Looks through a part of what was added; false once that is done.
    pub(super) fn step(&mut self) -> bool {
        self.look.as_mut().is_some_and(|look| look.step())
    }

    /// Whether no more is to be read, though there may be more.
    pub(super) fn is_enough(&self) -> bool {
        match &self.look {
            None => self.received > ENOUGH,
            Some(look) => look.longer || (self.received > ENOUGH && look.is_decided()),
        }
    }

    pub(super) fn found(&self) -> Searched {
        let found = self.look.as_ref().map(|look| look.found()).unwrap_or_default();
        // Where nothing came, nothing was missed.
        Searched { doubt: found.doubt.filter(|_| self.received > 0), ..found }
    }
}

/// What is looked for in a text, and how it went so far.
#[derive(Debug)]
struct Look<'a> {
    /// Must be there.
    wanted: Option<Text<'a>>,
    /// Must not.
    unwanted: Option<Text<'a>>,
    codings: Option<Codings>,
    content_type: Option<Vec<u8>>,
    reading: Reading,
    /// In the clear, looked through or about to be.
    seen: usize,
    longer: bool,
    ended: bool,
}

/// A text as it may stand in a body.
#[derive(Debug)]
struct Text<'a> {
    utf8: Needle<'a>,
    /// In the charset of pages that name none, where that makes a difference.
    western: Option<Needle<'a>>,
    ascii: bool,
}

#[derive(Debug)]
enum Reading {
    /// Waits for as much as tells the charset.
    Settling(Vec<u8>),
    /// As it stands: in UTF-8, or nobody knows.
    Plain {
        utf8: Utf8,
        charset: Option<Charset>,
    },
    Decoding(Box<(Decoder, String)>),
}

impl<'a> Look<'a> {
    fn new(expect: &'a Expect, headers: &HeaderMap) -> Self {
        let text = |text: &'a Option<BodyText>| text.as_ref().map(|text| Text::new(text.as_str()));
        Self {
            wanted: text(&expect.contains),
            unwanted: text(&expect.not_contains),
            codings: Codings::of(headers),
            content_type: headers.get(CONTENT_TYPE).map(|value| value.as_bytes().to_vec()),
            reading: Reading::Settling(Vec::new()),
            seen: 0,
            longer: false,
            ended: false,
        }
    }

    fn add(&mut self, bytes: &[u8]) {
        match &mut self.codings {
            Some(codings) => codings.add_input(bytes),
            None => self.read(bytes, false),
        }
    }

    fn end(&mut self) {
        match &mut self.codings {
            Some(codings) => codings.end_input(),
            None => self.read(&[], true),
        }
    }

    fn step(&mut self) -> bool {
        let Some(mut codings) = self.codings.take() else { return false };
        let mut moved = false;
        if let Some(clear) = codings.step().filter(|_| !self.longer) {
            self.read(clear, false);
            moved = true;
        } else if codings.is_over() {
            self.read(&[], true);
        }
        self.codings = Some(codings);
        moved
    }

    /// The next bytes in the clear. After the last there are none.
    fn read(&mut self, bytes: &[u8], last: bool) {
        if self.ended {
            return;
        }
        self.ended = last;
        let inside = &bytes[..bytes.len().min(MAX_BODY - self.seen)];
        self.seen += inside.len();
        self.longer |= inside.len() < bytes.len();
        if let Reading::Settling(head) = &mut self.reading {
            head.extend_from_slice(inside);
            if head.len() < charset::needs(self.content_type.as_deref()) && !last {
                return;
            }
            let head = std::mem::take(head);
            self.settle(&head);
            self.look(&head, last);
        } else {
            self.look(inside, last);
        }
    }

    fn settle(&mut self, head: &[u8]) {
        let charset = charset::of(self.content_type.as_deref(), head);
        self.reading = match charset {
            Charset::Known(known) if known != UTF_8 => {
                Reading::Decoding(Box::new((known.new_decoder_with_bom_removal(), String::new())))
            }
            Charset::Known(_) => Reading::Plain { utf8: Utf8::default(), charset: None },
            other => Reading::Plain { utf8: Utf8::default(), charset: Some(other) },
        };
        if charset != Charset::Undeclared {
            for text in [&mut self.wanted, &mut self.unwanted].into_iter().flatten() {
                text.western = None;
            }
        }
    }

    fn look(&mut self, bytes: &[u8], last: bool) {
        let texts = [&mut self.wanted, &mut self.unwanted].into_iter().flatten();
        match &mut self.reading {
            Reading::Settling(_) => {}
            Reading::Plain { utf8, charset } => {
                texts.for_each(|text| text.look(bytes));
                // Only where it makes a difference: whether something unwanted could hide.
                let hides = |text: &Text<'_>| !text.ascii || *charset == Some(Charset::Unknown);
                if self.unwanted.as_ref().is_some_and(hides) || *charset == Some(Charset::Unknown) {
                    utf8.look(bytes);
                }
            }
            Reading::Decoding(decoding) => {
                let (decoder, text) = &mut **decoding;
                text.clear();
                text.reserve(decoder.max_utf8_buffer_length(bytes.len()).unwrap_or(bytes.len() * 3));
                // There is room for all of it.
                let _ = decoder.decode_to_string(bytes, text, last);
                texts.for_each(|wanted| wanted.utf8.look(text.as_bytes()));
            }
        }
    }

    /// Whether what follows cannot change anything.
    fn is_decided(&self) -> bool {
        let found = |text: &Option<Text<'_>>| text.as_ref().is_some_and(Text::found);
        (self.wanted.is_none() || found(&self.wanted)) && (self.unwanted.is_none() || found(&self.unwanted))
    }

    fn found(&self) -> Searched {
        let found = |text: &Option<Text<'_>>| text.as_ref().map(Text::found);
        Searched {
            wanted_missing: found(&self.wanted) == Some(false),
            unwanted_found: found(&self.unwanted) == Some(true),
            doubt: self.doubt(),
        }
    }

    fn doubt(&self) -> Option<Doubt> {
        if let Some(fault) = self.codings.as_ref().and_then(Codings::fault) {
            return Some(Doubt::Coding(fault));
        }
        if self.longer {
            return Some(Doubt::Longer);
        }
        match &self.reading {
            Reading::Plain { utf8, charset } if utf8.is_broken() => {
                Some(if *charset == Some(Charset::Unknown) { Doubt::Charset } else { Doubt::Undeclared })
            }
            _ => None,
        }
    }
}

impl<'a> Text<'a> {
    fn new(text: &'a str) -> Self {
        Self { utf8: Needle::new(text.as_bytes().into()), western: western(text), ascii: text.is_ascii() }
    }

    fn look(&mut self, bytes: &[u8]) {
        self.utf8.look(bytes);
        if let Some(western) = &mut self.western {
            western.look(bytes);
        }
    }

    fn found(&self) -> bool {
        self.utf8.found || self.western.as_ref().is_some_and(|western| western.found)
    }
}

/// The text as pages without a charset have it, where it is not ASCII.
fn western(text: &str) -> Option<Needle<'static>> {
    let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
    (!text.is_ascii() && !unmappable).then(|| Needle::new(bytes.into_owned().into()))
}

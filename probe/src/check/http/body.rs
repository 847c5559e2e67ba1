//! What is looked for in a body, piece by piece, up to a bound. Nothing is kept but what a text may still begin in. Pure.

use wire::{BodyText, Expect};

/// Not more of a body is read than its first MiB; what comes after is not looked at.
pub const MAX_BODY: usize = 1024 * 1024;

/// What is looked for in a body, and how it went so far.
#[derive(Debug)]
pub(super) struct Body<'a> {
    /// The text that must be there.
    pub(super) wanted: Option<Needle<'a>>,
    /// The text that must not.
    pub(super) unwanted: Option<Needle<'a>>,
    left: usize,
    /// Whether there was more than [`MAX_BODY`].
    pub(super) truncated: bool,
}

impl<'a> Body<'a> {
    pub(super) fn new(expect: &'a Expect) -> Self {
        let needle = |text: &'a Option<BodyText>| text.as_ref().map(|text| Needle::new(text.as_str()));
        let (wanted, unwanted) = (needle(&expect.contains), needle(&expect.not_contains));
        Self { wanted, unwanted, left: MAX_BODY, truncated: false }
    }

    /// Looks through the next bytes of the body.
    pub(super) fn add(&mut self, bytes: &[u8]) {
        let inside = &bytes[..bytes.len().min(self.left)];
        self.left -= inside.len();
        self.truncated |= inside.len() < bytes.len();
        for needle in [&mut self.wanted, &mut self.unwanted].into_iter().flatten() {
            needle.look(inside);
        }
    }
}

/// A text looked for in pieces.
#[derive(Debug)]
pub(super) struct Needle<'a> {
    text: &'a str,
    /// The end of what was seen, one byte shorter than the text.
    tail: Vec<u8>,
    pub(super) found: bool,
}

impl<'a> Needle<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, tail: Vec::new(), found: false }
    }

    fn look(&mut self, bytes: &[u8]) {
        if self.found {
            return;
        }
        let text = self.text.as_bytes();
        self.tail.extend_from_slice(bytes);
        self.found = memchr::memmem::find(&self.tail, text).is_some();
        self.tail.drain(..self.tail.len().saturating_sub(text.len() - 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_across_pieces() {
        let body = "aaabaaac hay needle hay";
        for text in ["aaac", "needle", "aaabaaac hay needle hay", "y", "needles", "haystack"] {
            for piece in 1..=body.len() {
                let mut needle = Needle::new(text);
                body.as_bytes().chunks(piece).for_each(|piece| needle.look(piece));
                assert_eq!(needle.found, body.contains(text), "{text} in pieces of {piece}");
                assert!(needle.tail.len() < text.len());
            }
        }
    }

    #[test]
    fn exactly_the_bound_is_not_truncated() {
        let expect = Expect::default();
        let mut body = Body::new(&expect);
        body.add(&vec![b'x'; MAX_BODY]);
        assert!(!body.truncated);
        body.add(b"y");
        assert!(body.truncated);
    }
}

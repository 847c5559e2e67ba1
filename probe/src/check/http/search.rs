//! A text looked for in a stream of bytes. Nothing is kept but what it may still begin in. Pure.

use std::borrow::Cow;

use memchr::memmem;

/// A text looked for in pieces.
#[derive(Debug)]
pub(super) struct Needle<'a> {
    text: Cow<'a, [u8]>,
    /// The end of what was seen, one byte shorter than the text.
    tail: Vec<u8>,
    pub(super) found: bool,
}

impl<'a> Needle<'a> {
    pub(super) fn new(text: Cow<'a, [u8]>) -> Self {
        Self { text, tail: Vec::new(), found: false }
    }

    pub(super) fn look(&mut self, bytes: &[u8]) {
        if self.found {
            return;
        }
        let overlap = self.text.len() - 1;
        // Where the text begins in what was seen before, it ends within its own length of what is new.
        if !self.tail.is_empty() {
            let kept = self.tail.len();
            self.tail.extend_from_slice(&bytes[..bytes.len().min(overlap)]);
            self.found = memmem::find(&self.tail, &self.text).is_some();
            if bytes.len() >= overlap {
                self.tail.clear();
            } else {
                self.tail.drain(..(kept + bytes.len()).saturating_sub(overlap));
                return;
            }
        }
        self.found = self.found || memmem::find(bytes, &self.text).is_some();
        self.tail.extend_from_slice(&bytes[bytes.len().saturating_sub(overlap)..]);
    }
}

/// Whether a stream of bytes is UTF-8 so far.
#[derive(Debug, Default)]
pub(super) struct Utf8 {
    /// A character that is not all there yet.
    begun: Vec<u8>,
    broken: bool,
}

impl Utf8 {
    pub(super) fn look(&mut self, bytes: &[u8]) {
        if self.broken {
            return;
        }
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first().filter(|_| !self.begun.is_empty()) {
            self.begun.push(*first);
            rest = after;
            match std::str::from_utf8(&self.begun) {
                Ok(_) => self.begun.clear(),
                Err(why) => self.broken |= why.error_len().is_some(),
            }
            if self.broken {
                return;
            }
        }
        if let Err(why) = std::str::from_utf8(rest) {
            self.broken = why.error_len().is_some();
            self.begun = rest[why.valid_up_to()..].to_vec();
        }
    }

    /// Of a stream that may have been cut anywhere.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_across_pieces() {
        let body = "aaabaaac hay needle hay";
        for text in ["aaac", "needle", "aaabaaac hay needle hay", "y", "needles", "haystack", "a"] {
            for piece in 1..=body.len() {
                let mut needle = Needle::new(text.as_bytes().into());
                body.as_bytes().chunks(piece).for_each(|piece| needle.look(piece));
                assert_eq!(needle.found, body.contains(text), "{text} in pieces of {piece}");
                assert!(needle.tail.len() < text.len().max(1));
            }
        }
    }

    #[test]
    fn utf_8_in_pieces() {
        for (bytes, expected) in [
            ("aé☃𝄞".as_bytes(), false),
            (b"a\xc3", false),
            (b"a\xff", true),
            (b"\xc3a", true),
            (b"\xe2\x98", false),
            (b"\xe2\x98a", true),
        ] {
            for piece in 1..=bytes.len() {
                let mut utf8 = Utf8::default();
                bytes.chunks(piece).for_each(|piece| utf8.look(piece));
                assert_eq!(utf8.is_broken(), expected, "{} by {piece}", bytes.escape_ascii());
            }
        }
    }
}

//! In which charset a body is: as browsers find it (WHATWG, Encoding and HTML 13.2.3). Pure.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// As far as a page's own word for its charset is looked for.
pub(super) const PRESCAN: usize = 1024;

/// What is known of a body's charset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// One that is known here.
    Known(&'static Encoding),
    /// Nobody says which.
    Undeclared,
    /// The header names one that is not known here.
    Unknown,
}

/// By a byte order mark, else the header, else the page itself. `head` is its beginning, at least [`PRESCAN`] bytes where there are as many.
pub(super) fn of(content_type: Option<&[u8]>, head: &[u8]) -> Charset {
    if let Some((marked, _)) = Encoding::for_bom(head) {
        return Charset::Known(marked);
    }
    let label = content_type.and_then(parameter);
    let declared = label.and_then(Encoding::for_label_no_replacement);
    let own = || own_word(&head[..head.len().min(PRESCAN)]).or_else(|| zeros_of_utf_16(head));
    match (declared.or_else(own), label) {
        (Some(known), _) => Charset::Known(known),
        (None, Some(_)) => Charset::Unknown,
        (None, None) => Charset::Undeclared,
    }
}

/// How many bytes must be there before [`of`] can tell.
pub(super) fn needs(content_type: Option<&[u8]>) -> usize {
    let declared = content_type.and_then(parameter).and_then(Encoding::for_label_no_replacement);
    if declared.is_some() { 3 } else { PRESCAN }
}

/// A body's beginning as text for people.
pub(super) fn text(content_type: Option<&[u8]>, bytes: &[u8]) -> String {
    match of(content_type, bytes) {
        Charset::Known(charset) if charset != UTF_8 => charset.decode(bytes).0.into_owned(),
        _ => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned(),
    }
}

/// The `charset` of a `Content-Type`.
fn parameter(value: &[u8]) -> Option<&[u8]> {
    let mut parts = value.split(|byte| *byte == b';');
    parts.next();
    parts.find_map(|part| {
        let (name, value) = split_at(part, b'=')?;
        let named = name.trim_ascii().eq_ignore_ascii_case(b"charset");
        let value = trim(value, |byte| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\''));
        (named && !value.is_empty()).then_some(value)
    })
}

/// What a page says of itself: an XML declaration or a `meta` element outside of comments.
fn own_word(head: &[u8]) -> Option<&'static Encoding> {
    let said = xml_declaration(head).or_else(|| meta(head))?;
    let known = Encoding::for_label_no_replacement(said)?;
    // Had it been in these, its word could not have been read.
    if known == UTF_16BE || known == UTF_16LE {
        return Some(UTF_8);
    }
    Some(if known == X_USER_DEFINED { WINDOWS_1252 } else { known })
}

fn xml_declaration(head: &[u8]) -> Option<&[u8]> {
    let declaration = head.strip_prefix(b"<?xml")?;
    let end = memchr::memchr(b'>', declaration)?;
    attribute(&declaration[..end], b"encoding")
}

fn meta(head: &[u8]) -> Option<&[u8]> {
    let mut rest = head;
    loop {
        rest = &rest[memchr::memchr(b'<', rest)?..];
        if let Some(comment) = rest.strip_prefix(b"<!--") {
            rest = &comment[memchr::memmem::find(comment, b"-->")?..];
            continue;
        }
        let end = memchr::memchr(b'>', rest)?;
        let tag = &rest[1..end];
        rest = &rest[end..];
        let is_meta = tag.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta"));
        if !is_meta || !tag.get(4).is_some_and(|after| after.is_ascii_whitespace() || *after == b'/') {
            continue;
        }
        let said = attribute(tag, b"charset").or_else(|| {
            let kind = attribute(tag, b"http-equiv")?;
            let content = attribute(tag, b"content").filter(|_| kind.eq_ignore_ascii_case(b"content-type"))?;
            parameter(content)
        });
        if said.is_some() {
            return said;
        }
    }
}

/// The value of an attribute, quoted or not.
fn attribute<'a>(tag: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = tag;
    loop {
        rest = &rest[rest.iter().position(|byte| byte.is_ascii_whitespace() || *byte == b'/')? + 1..];
        rest = rest.trim_ascii_start();
        let length = rest.iter().take_while(|byte| !byte.is_ascii_whitespace() && **byte != b'=').count();
        let (found, after) = rest.split_at(length);
        let Some(value) = after.trim_ascii_start().strip_prefix(b"=") else {
            rest = after;
            continue;
        };
        let value = value.trim_ascii_start();
        let (value, behind) = match value.first() {
            Some(quote @ (b'"' | b'\'')) => split_at(&value[1..], *quote)?,
            _ => value.split_at(value.iter().take_while(|byte| !byte.is_ascii_whitespace()).count()),
        };
        if found.eq_ignore_ascii_case(name) {
            return Some(value.trim_ascii());
        }
        // Blanks inside a value begin no attribute.
        rest = behind;
    }
}

/// UTF-16 without a mark: every other byte of plain text is zero.
fn zeros_of_utf_16(head: &[u8]) -> Option<&'static Encoding> {
    match *head {
        [0, first, 0, second, ..] if first != 0 && second != 0 => Some(UTF_16BE),
        [first, 0, second, 0, ..] if first != 0 && second != 0 => Some(UTF_16LE),
        _ => None,
    }
}

fn split_at(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = memchr::memchr(at, bytes)?;
    Some((&bytes[..place], &bytes[place + 1..]))
}

fn trim(bytes: &[u8], away: impl Fn(u8) -> bool) -> &[u8] {
    let begin = bytes.iter().position(|byte| !away(*byte)).unwrap_or(bytes.len());
    let end = bytes.iter().rposition(|byte| !away(*byte)).map_or(begin, |last| last + 1);
    &bytes[begin..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(content_type: &str, head: &[u8]) -> &'static str {
        match of(Some(content_type.as_bytes()), head) {
            Charset::Known(charset) => charset.name(),
            Charset::Undeclared => "undeclared",
            Charset::Unknown => "unknown",
        }
    }

    #[test]
    fn a_mark_then_the_header_then_the_page() {
        let html = "text/html";
        let cases: [(&str, &[u8], &str); 25] = [
            (html, b"", "undeclared"),
            (html, b"<html>", "undeclared"),
            ("text/html; charset=utf-8", b"<", "UTF-8"),
            ("text/html;charset=\"Windows-1251\"", b"", "windows-1251"),
            ("text/html; a=b; Charset = 'gb2312' ", b"", "GBK"),
            ("text/html; charset=iso-8859-1", b"<meta charset=utf-8>", "windows-1252"),
            ("text/html; charset=utf-8", b"\xff\xfe<\0", "UTF-16LE"),
            ("text/html; charset=utf-8", b"\xfe\xff\0<", "UTF-16BE"),
            ("text/html; charset=windows-1251", b"\xef\xbb\xbfa", "UTF-8"),
            ("text/html; charset=utf-32", b"", "unknown"),
            ("text/html; charset=ebcdic-us", b"<meta charset=koi8-r>", "KOI8-R"),
            ("text/html; charset=", b"", "undeclared"),
            (html, b"<!doctype html><head>\n<META CharSet = \"Shift_JIS\">", "Shift_JIS"),
            (html, b"<meta charset=euc-kr/>", "undeclared"),
            (html, b"<meta charset=euc-kr />", "EUC-KR"),
            (html, b"<meta name=a content='text/html; charset=big5'>", "undeclared"),
            (html, b"<meta http-equiv=\"Content-Type\" content=\"text/html; charset=windows-1251\"/>", "windows-1251"),
            (html, b"<meta content='text/html; charset=big5' http-equiv='content-type'>", "Big5"),
            (html, b"<!-- <meta charset=big5> --><meta charset=gbk>", "GBK"),
            (html, b"<metal charset=big5>", "undeclared"),
            (html, b"<meta data-x='a charset=big5'>", "undeclared"),
            (html, b"<meta charset=utf-16>", "UTF-8"),
            ("application/xml", b"<?xml version='1.0' encoding=\"ISO-8859-2\"?><a/>", "ISO-8859-2"),
            (html, b"<\0h\0t\0m\0", "UTF-16LE"),
            (html, b"\0<\0h\0t", "UTF-16BE"),
        ];
        for (content_type, head, expected) in cases {
            assert_eq!(name(content_type, head), expected, "{content_type} {}", head.escape_ascii());
        }
        let late = [vec![b' '; PRESCAN], b"<meta charset=big5>".to_vec()].concat();
        assert_eq!(name(html, &late), "undeclared");
    }

    #[test]
    fn what_people_see() {
        let windows = Some(&b"text/plain; charset=windows-1251"[..]);
        assert_eq!(text(windows, b"\xce\xf8\xe8\xe1\xea\xe0"), "Ошибка");
        assert_eq!(text(None, b"\xef\xbb\xbfa\xff"), "a\u{fffd}");
        assert_eq!(text(None, b"\xff\xfea\0"), "a");
    }
}

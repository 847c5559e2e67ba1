//! Texts as receivers take them: cut to their limits, escaped for their markup.

use domain::message::Severity;

/// At most `max` UTF-16 units, which is at least what every vendor counts; what is cut ends in `…`.
pub(super) fn cut(text: &str, max: usize) -> String {
    cut_by(text, max, char::len_utf16)
}

/// At most `max` bytes.
pub(super) fn cut_bytes(text: &str, max: usize) -> String {
    cut_by(text, max, char::len_utf8)
}

fn cut_by(text: &str, max: usize, length: impl Fn(char) -> usize) -> String {
    if text.chars().map(&length).sum::<usize>() <= max {
        return text.to_owned();
    }
    let room = max.saturating_sub(length('…'));
    let mut used = 0;
    let kept: String = text
        .chars()
        .take_while(|c| {
            used += length(*c);
            used <= room
        })
        .collect();
    kept + "…"
}

/// As many of `lines` as have room in `max` UTF-16 units, and a last one that says how many have not.
pub(super) fn list(lines: &[String], max: usize) -> Vec<String> {
    const REST: usize = 24;
    let (mut used, mut kept) = (0, Vec::new());
    for line in lines {
        used += line.encode_utf16().count() + 1;
        if used + REST > max {
            break;
        }
        kept.push(line.clone());
    }
    let rest = lines.len() - kept.len();
    if rest > 0 {
        kept.push(format!("… and {rest} more"));
    }
    kept
}

/// For HTML: text and attribute values.
pub fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// For Discord's Markdown, in which a backslash makes the next mark plain. URLs are shown as they are, backslashes included, and
/// nothing in them is a mark; so they stay.
pub(super) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let (mut in_url, mut before) = (false, '\n');
    for (at, c) in text.char_indices() {
        let rest = &text[at..];
        in_url =
            (in_url && !c.is_whitespace() && c != '<') || ["http://", "https://"].iter().any(|it| rest.starts_with(it));
        let is_mark = matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '<' | '>' | '[' | ']' | '#');
        // A list, where a line begins with it.
        if !in_url && (is_mark || (before == '\n' && matches!(c, '-' | '+'))) {
            escaped.push('\\');
        }
        escaped.push(c);
        if before != '\n' || !c.is_whitespace() {
            before = c;
        }
    }
    escaped
}

/// A sign for the severity, in front of subjects.
pub(super) fn icon(severity: Severity) -> &'static str {
    match severity {
        Severity::Bad => "🔴",
        Severity::Warning => "🟠",
        Severity::Good => "🟢",
        Severity::Plain => "🔵",
    }
}

/// The severity's colour, `0xRRGGBB`.
pub(super) fn colour(severity: Severity) -> u32 {
    match severity {
        Severity::Bad => 0xd6_2f_2f,
        Severity::Warning => 0xe0_8a_00,
        Severity::Good => 0x2e_9e_4f,
        Severity::Plain => 0x3b_74_d1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_fall_between_characters() {
        for (text, max, cut_to) in [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("a😀b", 3, "a…"), ("😀😀", 4, "😀😀")]
        {
            assert_eq!(cut(text, max), cut_to);
        }
        assert_eq!(cut_bytes("äöü", 5), "ä…");
        assert_eq!(cut_bytes("äöü", 6), "äöü");
    }

    #[test]
    fn lists_say_how_many_are_left_out() {
        let lines: Vec<_> = (0..10).map(|n| format!("line {n}")).collect();
        assert_eq!(list(&lines, 1_000), lines);
        assert_eq!(list(&lines, 40), ["line 0", "line 1", "… and 8 more"]);
    }

    #[test]
    fn markup_is_text() {
        for (text, shown) in [
            ("**Shop** _a_ ~~b~~ `c` ||d||", r"\*\*Shop\*\* \_a\_ \~\~b\~\~ \`c\` \|\|d\|\|"),
            ("[win](https://evil.example/a_b*) <@7>", r"\[win\](https://evil.example/a_b*) \<@7\>"),
            ("# big\n - one\n> two\n2-3", "\\# big\n \\- one\n\\> two\n2-3"),
            (r"a\*b", r"a\\\*b"),
        ] {
            assert_eq!(markdown(text), shown);
        }
        assert_eq!(html(r#"<a href="x">&"#), "&lt;a href=&quot;x&quot;&gt;&amp;");
    }
}

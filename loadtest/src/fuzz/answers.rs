//! Whether an answer can be shown to people: what looks like a date is one, what is text has an end. Pure.

use chrono::DateTime;
use serde_json::Value;

/// The longest text that an answer may hold, bytes; a name of a worker or a region is far shorter.
const TEXT_MAX: usize = 20_000;
/// The longest name, bytes.
const NAME_MAX: usize = 512;
/// Fields that are moments in the past: none lies further ahead than this, seconds.
const PAST: [&str; 7] = ["since", "seen_at", "opened_at", "resolved_at", "created_at", "started_at", "server_time"];
const AHEAD: i64 = 60;

/// What is wrong with `answer`, in sentences; `now` is unix seconds.
pub(super) fn problems(answer: &Value, now: i64) -> Vec<String> {
    let mut found = Vec::new();
    look(answer, "", now, &mut found);
    found
}

fn look(value: &Value, path: &str, now: i64, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let text = value.as_str().map(|text| of_text(name, text, now));
                found.extend(text.flatten().map(|why| format!("{path}.{name}: {why}")));
                look(value, &format!("{path}.{name}"), now, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| look(item, path, now, found)),
        _ => {}
    }
}

fn of_text(name: &str, text: &str, now: i64) -> Option<String> {
    let most = if ["worker", "version", "id", "region"].contains(&name) { NAME_MAX } else { TEXT_MAX };
    if text.len() > most {
        return Some(format!("{} bytes", text.len()));
    }
    if most == NAME_MAX && text.chars().any(is_disguise) {
        return Some(format!("letters that nobody sees: {text:?}"));
    }
    if !looks_like_a_date(text) {
        return None;
    }
    match DateTime::parse_from_rfc3339(text) {
        // RFC 3339 knows four digits of a year.
        Ok(_) if text.find('-') != Some(4) => Some(format!("no date by RFC 3339: {text}")),
        Ok(at) if PAST.contains(&name) && at.timestamp() > now + AHEAD => {
            Some(format!("a moment that is yet to come: {text}"))
        }
        Ok(_) => None,
        Err(why) => Some(format!("no date by RFC 3339 ({why}): {text}")),
    }
}

/// Control characters, and those that turn the direction of what follows.
fn is_disguise(letter: char) -> bool {
    letter.is_control() || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// `+12345-…T…` and `2026-…T…`.
fn looks_like_a_date(text: &str) -> bool {
    let rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    digits >= 4 && rest[digits..].starts_with('-') && text.contains('T') && text.len() < 40
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_people_cannot_read_is_found() {
        let now = 1_800_000_000;
        for (answer, wrong) in [
            (json!({"seen_at": "2026-11-30T20:00:00.000Z", "worker": "w0", "n": 1}), 0),
            (json!({"cert_not_after": "2036-11-30T20:00:00.000Z"}), 0),
            (json!({"since": "2036-11-30T20:00:00.000Z"}), 1),
            (json!({"cert_not_after": "+262142-12-31T23:59:59.999Z"}), 1),
            (json!({"cert_not_after": "-262143-01-01T00:00:00.000Z"}), 1),
            (json!({"at": "2026-13-30T20:00:00Z"}), 1),
            (
                json!({"items": [{"workers": [{"worker": "a".repeat(513)}, {"worker": "a\u{202e}b"}, {"worker": "a\0"}]}]}),
                3,
            ),
            (json!({"detail": "x".repeat(20_001), "name": "2026 — a Trip"}), 1),
        ] {
            assert_eq!(problems(&answer, now).len(), wrong, "{answer}: {:?}", problems(&answer, now));
        }
    }
}

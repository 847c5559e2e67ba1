//! What a site does when it is asked, read off the path and query of the request. Pure: it knows nothing of sockets,
//! and the time is passed in.

use std::{borrow::Cow, collections::HashMap, time::Duration};

use url::form_urlencoded;

/// The longest body a site sends, bytes.
const BODY_MAX: u64 = 1 << 30;

/// How a site treats one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers.
    Answer(Answer),
    /// Closes the connection without a word.
    Close,
    /// Breaks the connection off with a TCP reset.
    Reset,
    /// Says nothing until the client gives up.
    Hang,
    /// Sends the head of an answer and never its body.
    Stall,
}

/// An HTTP answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// How long the client waits for the head.
    pub delay: Duration,
    /// What follows the head.
    pub body: Body,
    /// Where a redirect leads.
    pub location: Option<String>,
}

/// What follows the head of an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// This text.
    Text(String),
    /// So many bytes of the letter `x`.
    Filler(u64),
}

impl Answer {
    /// An immediate answer whose body names the status.
    pub fn status(status: u16) -> Self {
        Self { status, delay: Duration::ZERO, body: Body::Text(format!("{status}\n")), location: None }
    }
}

impl Behaviour {
    /// The behaviour that `target` (path and query) asks for at unix second `now`; every path has one:
    ///
    /// | path | what it does |
    /// |---|---|
    /// | `/`, `/up` | 200 |
    /// | `/slow?ms=800` | 200 after so many milliseconds |
    /// | `/status/503` | that status, `?ms=` later |
    /// | `/flap?period=60&down=20&phase=0` | 503 while `(now + phase) mod period < down`, else 200 |
    /// | `/body?text=hello` | 200 with this text |
    /// | `/big?bytes=1000000` | 200 with so many bytes |
    /// | `/redirect?to=URL&status=302` | a redirect; without `to` it leads to itself |
    /// | `/close`, `/reset`, `/hang`, `/stall` | closes, resets, never answers, never sends its body |
    ///
    /// A number that does not parse counts as absent; any other path is a 404.
    pub fn of(target: &str, now: i64) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let query = Query(form_urlencoded::parse(query.as_bytes()).collect());
        match path {
            "/close" => Self::Close,
            "/reset" => Self::Reset,
            "/hang" => Self::Hang,
            "/stall" => Self::Stall,
            _ => Self::Answer(Answer {
                delay: Duration::from_millis(query.number("ms", 0)),
                ..answer(path, &query, now)
            }),
        }
    }
}

fn answer(path: &str, query: &Query<'_>, now: i64) -> Answer {
    let ok = Answer::status(200);
    match path {
        "/" | "/up" | "/slow" => ok,
        "/flap" => Answer::status(if is_down(query, now) { 503 } else { 200 }),
        "/body" => Answer { body: Body::Text(query.text("text").unwrap_or_default().to_owned()), ..ok },
        "/big" => Answer { body: Body::Filler(query.number("bytes", 1_000_000).min(BODY_MAX)), ..ok },
        "/redirect" => {
            let to = query.text("to").unwrap_or("/redirect");
            // A line break here would write further headers.
            let location = to.chars().filter(|c| !c.is_control()).collect();
            Answer { location: Some(location), ..Answer::status(query.number("status", 302) as u16) }
        }
        _ => Answer::status(path.strip_prefix("/status/").and_then(status).unwrap_or(404)),
    }
}

fn status(text: &str) -> Option<u16> {
    text.parse().ok().filter(|status| (200..=599).contains(status))
}

fn is_down(query: &Query<'_>, now: i64) -> bool {
    let period = query.number("period", 60).clamp(1, 86_400) as i64;
    let phase = query.number("phase", 0).min(86_400) as i64;
    (now + phase).rem_euclid(period) < query.number("down", 20).min(86_400) as i64
}

struct Query<'a>(HashMap<Cow<'a, str>, Cow<'a, str>>);

impl Query<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(AsRef::as_ref)
    }

    fn number(&self, name: &str, default: u64) -> u64 {
        self.text(name).and_then(|text| text.parse().ok()).unwrap_or(default)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status_of(target: &str, now: i64) -> u16 {
        match Behaviour::of(target, now) {
            Behaviour::Answer(answer) => answer.status,
            other => panic!("{target}: {other:?}"),
        }
    }

    #[test]
    fn paths_say_what_happens() {
        assert_eq!(Behaviour::of("/close", 0), Behaviour::Close);
        assert_eq!(Behaviour::of("/reset?x=1", 0), Behaviour::Reset);
        assert_eq!((status_of("/up?n=7", 0), status_of("/status/503", 0), status_of("/no", 0)), (200, 503, 404));
        assert_eq!((status_of("/status/99", 0), status_of("/status/x", 0)), (404, 404));
        let slow = Answer { delay: Duration::from_millis(800), ..Answer::status(200) };
        assert_eq!(Behaviour::of("/slow?ms=800", 0), Behaviour::Answer(slow));
        let text = Answer { body: Body::Text("a b&c".to_owned()), ..Answer::status(200) };
        assert_eq!(Behaviour::of("/body?text=a+b%26c", 0), Behaviour::Answer(text));
    }

    #[test]
    fn flapping_follows_the_clock() {
        let play = |target| (0..8).map(|now| if status_of(target, now) == 200 { '+' } else { '-' }).collect::<String>();
        assert_eq!(play("/flap?period=4&down=1"), "-+++-+++");
        assert_eq!(play("/flap?period=4&down=1&phase=1"), "+++-+++-");
        assert_eq!(play("/flap?period=0&down=0"), "++++++++");
    }

    #[test]
    fn a_redirect_is_one_header() {
        let Behaviour::Answer(answer) = Behaviour::of("/redirect?to=/up%0D%0AX-Evil:1&status=301", 0) else { panic!() };
        assert_eq!((answer.status, answer.location.as_deref()), (301, Some("/upX-Evil:1")));
    }
}

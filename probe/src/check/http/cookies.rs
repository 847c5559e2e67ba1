//! Cookies of one visit (RFC 6265): what a hop sets, later hops of the same check are sent. Nothing outlives the check.
//!
//! Stricter than browsers in one point: a cookie without `Domain` stays with the port that set it, unless the visit goes on from http
//! to https. Who may name the URL of a monitor may name any port, and others than the site's own may be somebody else's.
//! There is no list of public suffixes: a `Domain` needs a dot, and the site itself chooses how wide it is.

use chrono::NaiveDate;
use http::{HeaderMap, HeaderValue, header::SET_COOKIE};
use url::{Host, Url};

/// More cookies than these are not kept: the oldest go.
const MOST: usize = 50;

/// A longer cookie is not kept.
const LONGEST: usize = 4_096;

/// What later hops may be sent.
#[derive(Debug, Default)]
pub(super) struct Jar(Vec<Cookie>);

#[derive(Debug)]
struct Cookie {
    name: Vec<u8>,
    value: Vec<u8>,
    /// Without the dot at its beginning.
    domain: String,
    /// For all hosts under `domain`, not for that one alone.
    wide: bool,
    path: String,
    secure: bool,
    port: u16,
    /// Whether it was set over https.
    encrypted: bool,
}

impl Jar {
    /// Keeps what a response from `url` sets. `now` is unix seconds.
    pub(super) fn keep(&mut self, url: &Url, headers: &HeaderMap, now: i64) {
        for line in headers.get_all(SET_COOKIE) {
            let Some((cookie, ends)) = read(url, line.as_bytes()) else { continue };
            self.0.retain(|known| !known.is_replaced_by(&cookie));
            if ends.is_none_or(|end| end > now) {
                self.0.push(cookie);
            }
        }
        self.0.drain(..self.0.len().saturating_sub(MOST));
    }

    /// The `Cookie` for a request to `url`, behind what the monitor's own says.
    pub(super) fn header(&self, url: &Url, own: Option<&HeaderValue>) -> Option<HeaderValue> {
        let mut sent: Vec<_> = self.0.iter().filter(|cookie| cookie.is_for(url)).collect();
        if sent.is_empty() {
            return own.cloned();
        }
        // The longest path first, then the oldest (RFC 6265, 5.4).
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let set = |pair: &&[u8]| !sent.iter().any(|cookie| cookie.name == name_of(pair));
        let own = own.map(HeaderValue::as_bytes).unwrap_or_default();
        let own = own.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty()).filter(set);
        let mut pairs: Vec<Vec<u8>> = own.map(<[u8]>::to_vec).collect();
        pairs.extend(sent.iter().map(|cookie| cookie.pair()));
        HeaderValue::from_bytes(&pairs.join(&b"; "[..])).ok()
    }
}

impl Cookie {
    fn is_replaced_by(&self, other: &Self) -> bool {
        self.name == other.name
            && self.domain == other.domain
            && self.path == other.path
            && (self.wide || self.port == other.port)
    }

    fn is_for(&self, url: &Url) -> bool {
        let encrypted = url.scheme() == "https";
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default() == Some(self.port) || (encrypted && !self.encrypted);
        let place = if self.wide { is_under(host, &self.domain) } else { host == self.domain && port };
        place && (encrypted || !self.secure) && self.has_path(url.path())
    }

    fn has_path(&self, path: &str) -> bool {
        path.strip_prefix(&self.path)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/'))
    }

    fn pair(&self) -> Vec<u8> {
        let equals = if self.name.is_empty() { &b""[..] } else { b"=" };
        [&self.name, equals, &self.value].concat()
    }
}

/// A cookie and the second it ends, where it says one; nothing where it is not for who set it.
fn read(url: &Url, line: &[u8]) -> Option<(Cookie, Option<i64>)> {
    let mut parts = line.split(|byte| *byte == b';').map(<[u8]>::trim_ascii);
    let pair = parts.next().filter(|pair| pair.len() <= LONGEST)?;
    let (name, value) = cut(pair).unwrap_or((b"", pair));
    if name.is_empty() && value.is_empty() {
        return None;
    }
    let host = url.host_str()?;
    let mut cookie = Cookie {
        name: name.to_vec(),
        value: value.to_vec(),
        domain: host.to_owned(),
        wide: false,
        path: default_path(url).to_owned(),
        secure: false,
        port: url.port_or_known_default()?,
        encrypted: url.scheme() == "https",
    };
    let (mut max_age, mut expires) = (None, None);
    for part in parts {
        let (name, value) = cut(part).unwrap_or((part, b""));
        match name.to_ascii_lowercase().as_slice() {
            b"domain" if !value.is_empty() => cookie.widen(url, std::str::from_utf8(value).ok()?)?,
            b"path" if value.starts_with(b"/") => cookie.path = String::from_utf8(value.to_vec()).ok()?,
            b"path" => default_path(url).clone_into(&mut cookie.path),
            b"secure" => cookie.secure = true,
            b"max-age" => max_age = seconds(value).or(max_age),
            b"expires" => expires = std::str::from_utf8(value).ok().and_then(date).or(expires),
            _ => {}
        }
    }
    // In a visit of seconds only what is over already ends.
    let ends = max_age.map(|age| if age > 0 { i64::MAX } else { 0 }).or(expires);
    cookie.is_allowed().then_some((cookie, ends))
}

impl Cookie {
    /// For all hosts under `domain`, if whoever sets it is one of them.
    fn widen(&mut self, url: &Url, domain: &str) -> Option<()> {
        let domain = domain.strip_prefix('.').unwrap_or(domain).to_ascii_lowercase();
        let host = url.host_str()?;
        let named = matches!(url.host(), Some(Host::Domain(_)));
        if named && domain.contains('.') && is_under(host, &domain) {
            (self.domain, self.wide) = (domain, true);
            return Some(());
        }
        (host == domain).then(|| (self.domain, self.wide) = (domain, false))
    }

    /// Names can promise something (RFC 6265bis, 4.1.3), and only who is encrypted sets what is for the encrypted alone.
    fn is_allowed(&self) -> bool {
        let promises =
            |prefix: &[u8]| self.name.get(..prefix.len()).is_some_and(|name| name.eq_ignore_ascii_case(prefix));
        let host_alone = !self.wide && self.path == "/";
        (self.encrypted || !self.secure)
            && (self.secure || !(promises(b"__Secure-") || promises(b"__Host-")))
            && (host_alone || !promises(b"__Host-"))
    }
}

fn cut(pair: &[u8]) -> Option<(&[u8], &[u8])> {
    let place = memchr::memchr(b'=', pair)?;
    Some((pair[..place].trim_ascii(), pair[place + 1..].trim_ascii()))
}

fn name_of<'a>(pair: &&'a [u8]) -> &'a [u8] {
    cut(pair).map_or(b"", |(name, _)| name)
}

fn is_under(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The folder of the page (RFC 6265, 5.1.4).
fn default_path(url: &Url) -> &str {
    match url.path().rfind('/') {
        None | Some(0) => "/",
        Some(end) => &url.path()[..end],
    }
}

fn seconds(value: &[u8]) -> Option<i64> {
    let digits = value.strip_prefix(b"-").unwrap_or(value);
    let number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    // What does not fit is far away all the same.
    number.then(|| str::from_utf8(value).ok()?.parse().ok().or(Some(if value[0] == b'-' { -1 } else { i64::MAX })))?
}

/// Unix seconds of a date in any of the ways that sites write it (RFC 6265, 5.1.1).
fn date(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|c: char| !c.is_ascii_alphanumeric() && c != ':').filter(|token| !token.is_empty()) {
        let number = token.parse::<u32>().ok();
        let named = || MONTHS.iter().position(|name| token.get(..3).is_some_and(|t| t.eq_ignore_ascii_case(name)));
        match number {
            None if time.is_none() && token.contains(':') => time = clock(token),
            None if month.is_none() => month = named(),
            Some(number) if day.is_none() && token.len() <= 2 => day = Some(number),
            Some(number) if year.is_none() && (2..=4).contains(&token.len()) => year = Some(full_year(number)),
            _ => {}
        }
    }
    let date = NaiveDate::from_ymd_opt(year?, month? as u32 + 1, day?)?;
    Some(date.and_time(time?).and_utc().timestamp())
}

fn clock(token: &str) -> Option<chrono::NaiveTime> {
    let mut parts = token.splitn(3, ':').map(str::parse);
    let mut part = || parts.next()?.ok();
    chrono::NaiveTime::from_hms_opt(part()?, part()?, part()?)
}

fn full_year(year: u32) -> i32 {
    match year {
        0..=69 => 2_000 + year as i32,
        70..=99 => 1_900 + year as i32,
        year => year as i32,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_900_000_000;

    /// The `Cookie` for `to` after `from` set these.
    fn sent(from: &str, lines: &[&str], to: &str) -> String {
        let mut jar = Jar::default();
        let headers = lines.iter().map(|line| (SET_COOKIE, HeaderValue::from_str(line).unwrap())).collect();
        jar.keep(&from.parse().unwrap(), &headers, NOW);
        let header = jar.header(&to.parse().unwrap(), None);
        header.map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    #[test]
    fn where_a_cookie_goes() {
        let a = "https://www.a.example/x/y";
        for (from, line, to, expected) in [
            (a, "n=v", "https://www.a.example/x/z", "n=v"),
            (a, "n=v", "https://www.a.example/x", "n=v"),
            (a, "n=v", "https://www.a.example/xy", ""),
            (a, "n=v", "https://www.a.example/", ""),
            (a, "n=v; Path=/", "https://www.a.example/", "n=v"),
            (a, "n=v; path=/x/", "https://www.a.example/x/", "n=v"),
            (a, "n=v; path=/x/", "https://www.a.example/x", ""),
            (a, "n=v; path=relative", "https://www.a.example/x/", "n=v"),
            (a, "n=v; Path=/", "https://a.example/", ""),
            (a, "n=v; Path=/", "https://b.www.a.example/", ""),
            (a, "n=v; Path=/; Domain=a.example", "https://a.example/", "n=v"),
            (a, "n=v; Path=/; Domain=.A.example", "https://b.a.example:444/", "n=v"),
            (a, "n=v; Path=/; Domain=a.example", "https://ba.example/", ""),
            (a, "n=v; Path=/; Domain=b.example", "https://b.example/", ""),
            (a, "n=v; Path=/; Domain=example", "https://b.example/", ""),
            (a, "n=v; Path=/; Domain=sub.www.a.example", a, ""),
            ("http://localhost/", "n=v; Domain=localhost", "http://localhost/", "n=v"),
            ("http://127.0.0.1/", "n=v; Domain=0.0.1", "http://127.0.0.1/", ""),
            ("http://127.0.0.1/", "n=v; Domain=127.0.0.1", "http://127.0.0.1/", "n=v"),
            (a, "n=v; Path=/; Secure", "https://www.a.example/", "n=v"),
            (a, "n=v; Path=/; Secure", "http://www.a.example/", ""),
            ("http://a.example/", "n=v; Secure", "https://a.example/", ""),
            ("http://a.example/", "n=v", "https://a.example/", "n=v"),
            ("http://a.example:8080/", "n=v", "https://a.example:8443/", "n=v"),
            ("http://a.example:8080/", "n=v", "http://a.example:8081/", ""),
            ("https://a.example/", "n=v", "https://a.example:8443/", ""),
            ("https://a.example/", "n=v", "http://a.example/", ""),
            ("https://a.example/", "__Host-n=v; Secure; Path=/", "https://a.example/", "__Host-n=v"),
            ("https://a.example/", "__host-n=v; Secure; Path=/; Domain=a.example", "https://a.example/", ""),
            ("https://a.example/", "__Secure-n=v", "https://a.example/", ""),
            (a, " n = v w ; Path = / ", "https://www.a.example/", "n=v w"),
            (a, "n=a=b; Path=/", "https://www.a.example/", "n=a=b"),
            (a, "alone; Path=/", "https://www.a.example/", "alone"),
            (a, "n=; Path=/", "https://www.a.example/", "n="),
            (a, "=; Path=/", "https://www.a.example/", ""),
            (a, "n=v; Path=/; Max-Age=0", "https://www.a.example/", ""),
            (a, "n=v; Path=/; Max-Age=-99999999999999999999", "https://www.a.example/", ""),
            (a, "n=v; Path=/; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "https://www.a.example/", "n=v"),
            (a, "n=v; Path=/; Expires=Thu, 01-Jan-70 00:00:01 GMT", "https://www.a.example/", ""),
            (a, "n=v; Path=/; Expires=Fri Mar 17 17:46:41 2090", "https://www.a.example/", "n=v"),
            (a, "n=v; Path=/; Expires=never", "https://www.a.example/", "n=v"),
        ] {
            assert_eq!(sent(from, &[line], to), expected, "{line} from {from} to {to}");
        }
    }

    #[test]
    fn several() {
        let a = "http://a.example/x/";
        assert_eq!(sent(a, &["a=1; Path=/", "b=2", "a=3; Path=/", "c=4"], a), "b=2; c=4; a=3");
        assert_eq!(sent(a, &["a=1", "a=; Max-Age=0"], a), "");
        let many: Vec<_> = (0..60).map(|n| format!("n{n}=v")).collect();
        let sent = sent(a, &many.iter().map(String::as_str).collect::<Vec<_>>(), a);
        assert!(sent.starts_with("n10=v; ") && sent.ends_with("; n59=v"), "{sent}");
    }

    #[test]
    fn beside_the_monitors_own() {
        let mut jar = Jar::default();
        let url = "http://a.example/".parse().unwrap();
        let own = HeaderValue::from_static("mine=1; seen=no");
        assert_eq!(jar.header(&url, Some(&own)), Some(own.clone()));
        assert_eq!(jar.header(&url, None), None);
        let set = [(SET_COOKIE, HeaderValue::from_bytes(b"seen=\xe9").unwrap())].into_iter().collect();
        jar.keep(&url, &set, NOW);
        assert_eq!(jar.header(&url, Some(&own)).unwrap().as_bytes(), b"mine=1; seen=\xe9");
    }

    #[test]
    fn dates() {
        for (text, expected) in [
            ("Sun, 06 Nov 1994 08:49:37 GMT", Some(784_111_777)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", Some(784_111_777)),
            ("Sun Nov  6 08:49:37 1994", Some(784_111_777)),
            ("6 november 1994 8:49:37", Some(784_111_777)),
            ("31 Feb 2020 00:00:00", None),
            ("Nov 1994 08:49:37", None),
            ("", None),
        ] {
            assert_eq!(date(text), expected, "{text}");
        }
    }
}

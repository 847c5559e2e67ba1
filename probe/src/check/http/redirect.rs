//! Where a redirect leads, and what goes along (RFC 9110, 15.4). Pure; the next hop is judged and dialled like the first.
//!
//! Secrets stay with the origin they were given for: once a redirect leaves it, only the headers of [`CARRIED`] go on, and `Host` is the
//! new one's. Going from http to https on the same host leaves nobody. The body goes wherever 307 and 308 send it, as these codes ask.
//! From https to plain http is followed too (a browser would) and noted in the finding.

use std::{borrow::Cow, fmt::Write as _};

use http::{
    HeaderName, HeaderValue, Method, Response,
    header::{COOKIE, LOCATION},
};
use url::Url;
use wire::{HttpSpec, Reason};

use super::cookies::Jar;
use crate::check::Failure;

/// Headers of the spec that another origin may see: they say what is wanted, not who asks.
const CARRIED: [&str; 8] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "content-language",
    "content-type",
    "pragma",
    "user-agent",
];

/// One request on the way.
#[derive(Debug)]
pub(super) struct Hop<'a> {
    /// Where to; http or https, with a host.
    pub(super) url: Cow<'a, Url>,
    pub(super) method: Method,
    pub(super) body: Option<&'a str>,
    /// What the hops before set for it, the monitor's own with it; none where they set nothing.
    pub(super) cookies: Option<HeaderValue>,
    /// Whether every hop so far was at the monitor's own origin.
    home: bool,
}

impl<'a> Hop<'a> {
    /// The request that the spec asks for.
    pub(super) fn first(url: &'a Url, spec: &'a HttpSpec) -> Self {
        let body = spec.body.as_ref().map(wire::BodyText::as_str);
        Self { url: Cow::Borrowed(url), method: spec.method.0.clone(), body, cookies: None, home: true }
    }

    /// Takes what the hops before set.
    pub(super) fn take_cookies(&mut self, jar: &Jar, spec: &HttpSpec) {
        let own = self.headers(spec).find(|(name, _)| *name == COOKIE).map(|(_, value)| value);
        self.cookies = jar.header(&self.url, own);
    }

    /// The spec's headers as far as this hop may see them.
    pub(super) fn headers<'s>(&self, spec: &'s HttpSpec) -> impl Iterator<Item = &'s (HeaderName, HeaderValue)> {
        let (home, bodiless) = (self.home, self.body.is_none() && spec.body.is_some());
        spec.headers.iter().filter(move |(name, _)| {
            let name = name.as_str();
            (home || CARRIED.contains(&name)) && !(bodiless && name.starts_with("content-"))
        })
    }
}

/// The next hop, or `None` where this response is the final one.
pub(super) fn next<'a, B>(
    hop: &Hop<'a>,
    response: &Response<B>,
    spec: &HttpSpec,
    followed: u8,
) -> Result<Option<Hop<'a>>, Failure> {
    let status = response.status().as_u16();
    let limit = spec.max_redirects.get();
    let follows = spec.follow_redirects && limit > 0 && matches!(status, 301 | 302 | 303 | 307 | 308);
    let location = response.headers().get(LOCATION).map(|location| location.as_bytes().trim_ascii());
    // An empty one leads nowhere, so this is where the visit ends.
    let Some(location) = location.filter(|location| follows && !location.is_empty()) else { return Ok(None) };
    if followed >= limit {
        let to = target(&hop.url, location)
            .map_or_else(|_| String::new(), |url| format!(": the next leads to {}", shown(&url)));
        return Err(Failure::new(Reason::Redirect, format!("more than {limit} redirects{to}")));
    }
    let url = target(&hop.url, location).map_err(|why| Failure::new(Reason::Redirect, format!("redirect {why}")))?;
    let (method, body) = match (status, &hop.method) {
        (303, &Method::HEAD) => (Method::HEAD, None),
        (303, _) | (301 | 302, &Method::POST) => (Method::GET, None),
        _ => (hop.method.clone(), hop.body),
    };
    let home = hop.home && same_origin(&hop.url, &url);
    Ok(Some(Hop { url: Cow::Owned(url), method, body, cookies: None, home }))
}

/// What `location` means at `base`, as text that reads on from "redirect".
fn target(base: &Url, location: &[u8]) -> Result<Url, String> {
    let url = base.join(&text(location)).map_err(|why| format!("has a Location that is no URL: {why}"))?;
    match url.scheme() {
        "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
            Err("has a Location with credentials in it".to_owned())
        }
        "http" | "https" if url.port() == Some(0) => Err("leads to port 0".to_owned()),
        "http" | "https" => Ok(url),
        other => Err(format!("leads to the scheme `{other}`, not to http or https")),
    }
}

/// A `Location` in another charset than UTF-8 is meant byte for byte, as the site itself reads its paths.
fn text(location: &[u8]) -> Cow<'_, str> {
    let Err(_) = std::str::from_utf8(location) else { return String::from_utf8_lossy(location) };
    let mut text = String::with_capacity(location.len() + 32);
    for byte in location {
        if byte.is_ascii() {
            text.push(char::from(*byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text.into()
}

fn same_origin(from: &Url, to: &Url) -> bool {
    let secured = from.scheme() == "http" && to.scheme() == "https" && from.port().is_none() && to.port().is_none();
    from.host() == to.host() && (secured || (from.scheme() == to.scheme() && from.port() == to.port()))
}

/// A URL for people, without its query: that can hold a token.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPEC: &str = r#"{"method": "POST", "body": "b", "max_redirects": 3,
        "headers": {"Authorization": "s", "Cookie": "s", "X-Key": "s", "Host": "h", "Content-Type": "text/plain", "Accept": "a"}}"#;

    /// `METHOD URL headers` of what follows, or the failure's text.
    fn after(from: &str, status: u16, location: &str, followed: u8) -> String {
        after_bytes(from, status, location.as_bytes(), followed)
    }

    fn after_bytes(from: &str, status: u16, location: &[u8], followed: u8) -> String {
        let (url, spec) = (from.parse().unwrap(), serde_json::from_str(SPEC).unwrap());
        let response = Response::builder().status(status).header(LOCATION, location).body(()).unwrap();
        match next(&Hop::first(&url, &spec), &response, &spec, followed) {
            Ok(None) => "final".to_owned(),
            Err(failure) => failure.detail,
            Ok(Some(hop)) => {
                let headers: Vec<_> = hop.headers(&spec).map(|(name, _)| name.as_str()).collect();
                format!("{} {} {}", hop.method, hop.url, headers.join(","))
            }
        }
    }

    #[test]
    fn methods_and_bodies() {
        let at = |status| after("http://a.example/x/", status, "../y?z", 0);
        let get = "GET http://a.example/y?z accept,authorization,cookie,host,x-key";
        let post = "POST http://a.example/y?z accept,authorization,content-type,cookie,host,x-key";
        assert_eq!([301, 302, 303].map(at), [get; 3]);
        assert_eq!([307, 308].map(at), [post; 2]);
    }

    #[test]
    fn secrets_stay_at_their_origin() {
        let to = |location| after("http://a.example/", 307, location, 0);
        let all = "accept,authorization,content-type,cookie,host,x-key";
        assert_eq!(to("https://a.example/"), format!("POST https://a.example/ {all}"));
        for other in ["http://b.example/", "http://a.example:81/", "https://a.example:444/", "http://sub.a.example/"] {
            assert_eq!(to(other), format!("POST {other} accept,content-type"));
        }
        let down = after("https://a.example/", 302, "http://a.example/", 0);
        assert_eq!(down, "GET http://a.example/ accept");
    }

    #[test]
    fn a_location_is_bytes() {
        for (location, expected) in [
            (&b"/do-c\xe9u?\xe9"[..], "/do-c%E9u?%E9"),
            (b"/\xcd\xf8\xd5\xbe", "/%CD%F8%D5%BE"),
            ("/café?é".as_bytes(), "/caf%C3%A9?%C3%A9"),
            (b"/%E9 b\t", "/%E9%20b"),
            (b"  y ", "/x/y"),
        ] {
            let expected = format!("GET http://a.example{expected} ");
            let found = after_bytes("http://a.example/x/", 302, location, 0);
            assert!(found.starts_with(&expected), "{} leads to {found}", location.escape_ascii());
        }
        for empty in ["", " ", "\t "] {
            assert_eq!(after("http://a.example/", 302, empty, 0), "final");
        }
        let found = after_bytes("http://a.example/", 302, b"//\xe9.example/", 0);
        assert!(found.starts_with("redirect has a Location that is no URL: "), "{found}");
    }

    #[test]
    fn leads_nowhere() {
        let cases = [
            ("ftp://a.example/", 0, "redirect leads to the scheme `ftp`, not to http or https"),
            ("http://u:secret@a.example/", 0, "redirect has a Location with credentials in it"),
            ("http://[", 0, "redirect has a Location that is no URL: invalid IPv6 address"),
            ("http://a.example:0/", 0, "redirect leads to port 0"),
            ("/again?token=s", 3, "more than 3 redirects: the next leads to http://a.example/again"),
        ];
        for (location, followed, expected) in cases {
            assert_eq!(after("http://a.example/", 302, location, followed), expected);
        }
    }
}

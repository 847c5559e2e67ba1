//! Where a redirect leads, and what goes along (RFC 9110, 15.4). Pure; the next hop is judged and dialled like the first.
//!
//! Secrets stay with the origin they were given for: once a redirect leaves it, only the headers of [`CARRIED`] go on, and `Host` is the
//! new one's. Going from http to https on the same host leaves nobody. The body goes wherever 307 and 308 send it, as these codes ask.
//! From https to plain http is followed too (a browser would) and noted in the finding.

use std::borrow::Cow;

use http::{HeaderName, HeaderValue, Method, Response, header::LOCATION};
use url::Url;
use wire::{HttpSpec, Reason};

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
    /// Whether every hop so far was at the monitor's own origin.
    home: bool,
}

impl<'a> Hop<'a> {
    /// The request that the spec asks for.
    pub(super) fn first(url: &'a Url, spec: &'a HttpSpec) -> Self {
        let body = spec.body.as_ref().map(wire::BodyText::as_str);
        Self { url: Cow::Borrowed(url), method: spec.method.0.clone(), body, home: true }
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
    let follows = spec.follow_redirects && matches!(status, 301 | 302 | 303 | 307 | 308);
    let Some(location) = response.headers().get(LOCATION).filter(|_| follows) else { return Ok(None) };
    let location = location.as_bytes();
    let limit = spec.max_redirects.get();
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
    Ok(Some(Hop { url: Cow::Owned(url), method, body, home }))
}

/// What `location` means at `base`, as text that reads on from "redirect".
fn target(base: &Url, location: &[u8]) -> Result<Url, String> {
    let location = std::str::from_utf8(location).map_err(|_| "has a Location that is not UTF-8".to_owned())?;
    let url = base.join(location).map_err(|why| format!("has a Location that is no URL: {why}"))?;
    match url.scheme() {
        "http" | "https" if !url.username().is_empty() || url.password().is_some() => {
            Err("has a Location with credentials in it".to_owned())
        }
        "http" | "https" if url.port() == Some(0) => Err("leads to port 0".to_owned()),
        "http" | "https" => Ok(url),
        other => Err(format!("leads to the scheme `{other}`, not to http or https")),
    }
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

//! The request of a hop. URL and headers were parsed before: neither can break out of its line.

use bytes::Bytes;
use http::{
    HeaderValue, Request, Uri,
    header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, COOKIE, HOST, USER_AGENT},
};
use http_body_util::Full;
use url::Url;
use wire::{HttpSpec, Reason};

use super::redirect::Hop;
use crate::check::Failure;

/// The spec's headers win over ours, `Host` included; framing is ours alone.
pub(super) fn build(hop: &Hop<'_>, spec: &HttpSpec, user_agent: &HeaderValue) -> Result<Request<Full<Bytes>>, Failure> {
    let body = hop.body.unwrap_or_default();
    let mut request = Request::new(Full::new(Bytes::copy_from_slice(body.as_bytes())));
    *request.method_mut() = hop.method.clone();
    *request.uri_mut() = target(&hop.url)?;
    let headers = request.headers_mut();
    headers.reserve(5);
    // First, as RFC 9110, 7.2 would have it.
    headers.insert(HOST, host(&hop.url)?);
    headers.insert(USER_AGENT, user_agent.clone());
    headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
    headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("gzip, br, deflate, zstd"));
    for (name, value) in hop.headers(spec) {
        headers.insert(name, value.clone());
    }
    if let Some(cookies) = &hop.cookies {
        headers.insert(COOKIE, cookies.clone());
    }
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    // A method that announces content says so even when there is none (RFC 9110, 8.6).
    if !body.is_empty() || matches!(hop.method.as_str(), "POST" | "PUT" | "PATCH") {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    }
    Ok(request)
}

/// Path and query.
fn target(url: &Url) -> Result<Uri, Failure> {
    let target = match (url.path(), url.query()) {
        ("/", None) => return Ok(Uri::from_static("/")),
        (path, None) => path.to_owned(),
        (path, Some(query)) => format!("{path}?{query}"),
    };
    Uri::try_from(target).map_err(|why| unusable("path", &why))
}

fn host(url: &Url) -> Result<HeaderValue, Failure> {
    let host = url.host_str().unwrap_or_default();
    let value = match url.port() {
        Some(port) => HeaderValue::try_from(format!("{host}:{port}")),
        None => HeaderValue::from_str(host),
    };
    value.map_err(|why| unusable("host", &why))
}

fn unusable(part: &str, why: &dyn std::error::Error) -> Failure {
    Failure::new(Reason::Protocol, format!("the URL's {part} cannot be sent: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `METHOD target`, the headers by name, and the body's length.
    fn built(url: &str, spec: &str) -> String {
        let (url, spec) = (url.parse().unwrap(), serde_json::from_str(spec).unwrap());
        let agent = HeaderValue::from_static("UpGuard/1");
        let request = build(&Hop::first(&url, &spec), &spec, &agent).unwrap();
        let mut headers: Vec<_> =
            request.headers().iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap())).collect();
        headers.sort();
        format!("{} {} {}", request.method(), request.uri(), headers.join(" "))
    }

    #[test]
    fn a_plain_get() {
        let rest = "accept-encoding=gzip, br, deflate, zstd accept=*/* connection=close host=a.example:81 user-agent=UpGuard/1";
        assert_eq!(built("http://a.example:81/a%20b?c=d#fragment", "{}"), format!("GET /a%20b?c=d {rest}"));
        assert!(built("https://[::1]", "{}").contains("host=[::1] "));
        assert!(built("http://a.example/[x]|^`y?a=`b`&c=[1]'", "{}").starts_with("GET /"));
    }

    #[test]
    fn the_specs_own_headers_win_and_a_body_has_its_length() {
        let spec =
            r#"{"method": "POST", "body": "é", "headers": {"Host": "b.example", "user-agent": "me", "X-Key": "k"}}"#;
        let rest = "accept-encoding=gzip, br, deflate, zstd accept=*/* connection=close content-length=2 host=b.example user-agent=me x-key=k";
        assert_eq!(built("http://a.example/", spec), format!("POST / {rest}"));
        assert!(built("http://a.example/", r#"{"method": "PUT"}"#).contains("content-length=0"));
    }
}

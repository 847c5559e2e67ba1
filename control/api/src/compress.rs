//! Answers in fewer bytes: JSON and plain text large enough to be worth it, for clients that take gzip. Server-sent events and
//! what comes compressed already pass as they are.

use std::io::Write;

use ::http::{HeaderMap, HeaderValue, header};
use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use http_body_util::BodyExt;
use hyper::body::Body;
use warp::{Reply, reply::Response};

use crate::problem::ApiError;

/// A smaller answer fits into one packet in any case.
const WORTH_IT: u64 = 1_024;
/// A larger one takes milliseconds: on a thread of its own.
const LARGE: usize = 256 * 1_024;

/// Whether a client with these headers takes this coding (RFC 9110, section 12.5.3). A weight that is none is a refusal: as it
/// is, everybody can read it.
pub(crate) fn takes(headers: &HeaderMap, coding: &str) -> bool {
    let given = headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
    given.flat_map(|value| value.split(',')).any(|offer| {
        let (name, weight) = offer.split_once(';').unwrap_or((offer, "q=1"));
        let weight = weight.trim().strip_prefix("q=").and_then(|q| q.trim().parse::<f32>().ok());
        name.trim().eq_ignore_ascii_case(coding) && weight.is_some_and(|weight| weight > 0.0)
    })
}

/// The same answer, compressed where that is worth it.
pub(crate) async fn shrink(response: Response) -> Response {
    if !is_worth_it(&response) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let body = match body.collect().await {
        Ok(body) => body.to_bytes(),
        Err(why) => return ApiError::Internal(format!("an answer broke off: {why}")).into_response(),
    };
    match squeezed(body).await {
        Ok(bytes) => {
            head.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            head.headers.insert(header::CONTENT_LENGTH, bytes.len().into());
            head.headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
            Response::from_parts(head, Bytes::from(bytes).into())
        }
        Err(why) => ApiError::Internal(format!("an answer could not be compressed: {why}")).into_response(),
    }
}

fn is_worth_it(response: &Response) -> bool {
    let headers = response.headers();
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    let is_known = essence.ends_with("json") || essence == "text/plain";
    is_known && !headers.contains_key(header::CONTENT_ENCODING) && response.body().size_hint().lower() >= WORTH_IT
}

async fn squeezed(body: Bytes) -> std::io::Result<Vec<u8>> {
    if body.len() < LARGE {
        return gzip(&body);
    }
    tokio::task::spawn_blocking(move || gzip(&body)).await.map_err(std::io::Error::other)?
}

/// At the lowest level: three quarters of what can be won, in a fraction of the time.
fn gzip(body: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 4), Compression::fast());
    encoder.write_all(body)?;
    encoder.finish()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    #[test]
    fn who_takes_a_coding() {
        let takes_gzip = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, text.parse().unwrap());
            takes(&headers, "gzip")
        };
        for yes in ["gzip", "gzip, deflate, br, zstd", "br;q=1.0, GZIP;q=0.8"] {
            assert!(takes_gzip(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "br, gzip; q=0.0", "gzip;q=all", "identity"] {
            assert!(!takes_gzip(no), "{no}");
        }
        assert!(!takes(&HeaderMap::new(), "gzip"));
    }

    #[tokio::test]
    async fn only_large_json_and_plain_text_shrink() {
        let large = vec!["the same again"; 40_000];
        let text = serde_json::to_vec(&large).unwrap();
        let shrunk = shrink(super::super::page::json(&large)).await;
        assert_eq!(shrunk.headers()[header::CONTENT_ENCODING], "gzip");
        assert_eq!(shrunk.headers()[header::VARY], "accept-encoding");
        let body = shrunk.into_body().collect().await.unwrap().to_bytes();
        let mut back = Vec::new();
        GzDecoder::new(&body[..]).read_to_end(&mut back).unwrap();
        assert!(body.len() < text.len() / 10 && back == text);
        let plain = shrink("the same again\n".repeat(5_000).into_response()).await;
        assert_eq!(plain.headers()[header::CONTENT_ENCODING], "gzip");
        for plain in [super::super::page::json(&"small"), warp::reply::html("x".repeat(5_000)).into_response()] {
            assert!(!shrink(plain).await.headers().contains_key(header::CONTENT_ENCODING));
        }
    }
}

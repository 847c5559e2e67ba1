//! Reading JSON bodies: bounded, and named when they are not JSON.

use bytes::{Buf, BytesMut};
use futures_util::{Stream, StreamExt, pin_mut};
use serde_json::Value;
use warp::{Filter, Rejection};

use crate::problem::ApiError;

/// The most bytes of a JSON body.
pub(crate) const LIMIT: usize = 256 * 1024;

/// A JSON body: 415 for another type, 413 for too much, 400 for what is not JSON.
pub(crate) fn body() -> impl Filter<Extract = (Value,), Error = Rejection> + Copy {
    read(false)
}

/// A JSON body, or none at all, which is [`Value::Null`].
pub(crate) fn optional_body() -> impl Filter<Extract = (Value,), Error = Rejection> + Copy {
    read(true)
}

fn read(may_be_absent: bool) -> impl Filter<Extract = (Value,), Error = Rejection> + Copy {
    warp::header::optional::<String>("content-type").and(warp::body::stream()).and_then(
        move |kind: Option<String>, stream| async move {
            json(kind.as_deref(), may_be_absent, stream).await.map_err(warp::reject::custom)
        },
    )
}

async fn json<B: Buf>(
    kind: Option<&str>,
    may_be_absent: bool,
    stream: impl Stream<Item = Result<B, warp::Error>>,
) -> Result<Value, ApiError> {
    let has_kind = kind.is_some_and(is_json);
    let may_have_none = may_be_absent && kind.is_none();
    if !has_kind && !may_have_none {
        return Err(ApiError::UnsupportedMediaType);
    }
    let bytes = collect(stream).await?;
    if bytes.is_empty() && may_be_absent {
        return Ok(Value::Null);
    }
    if !has_kind {
        return Err(ApiError::UnsupportedMediaType);
    }
    let value =
        serde_json::from_slice(&bytes).map_err(|why| ApiError::Malformed(format!("the body is not JSON: {why}")))?;
    if has_nul(&value) {
        return Err(ApiError::Malformed("the body has a NUL character, which no text here may have".to_owned()));
    }
    Ok(value)
}

/// PostgreSQL stores any character but this one.
fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(items) => items.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        _ => false,
    }
}

async fn collect<B: Buf>(stream: impl Stream<Item = Result<B, warp::Error>>) -> Result<BytesMut, ApiError> {
    pin_mut!(stream);
    let mut bytes = BytesMut::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| ApiError::Malformed("the body broke off".to_owned()))?;
        if bytes.len() + chunk.remaining() > LIMIT {
            return Err(ApiError::TooLarge(LIMIT));
        }
        let mut chunk = chunk;
        while chunk.has_remaining() {
            let part = chunk.chunk();
            bytes.extend_from_slice(part);
            let read = part.len();
            chunk.advance(read);
        }
    }
    Ok(bytes)
}

/// `application/json`, `application/merge-patch+json`, with or without parameters.
fn is_json(kind: &str) -> bool {
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_has_several_names() {
        for kind in ["application/json", "Application/JSON; charset=utf-8", "application/merge-patch+json"] {
            assert!(is_json(kind), "{kind}");
        }
        for kind in ["text/plain", "", "application/jsonx", "application/x-www-form-urlencoded"] {
            assert!(!is_json(kind), "{kind}");
        }
    }
}

//! Whose pages may use the cookie: ours. `SameSite` keeps it from other sites, but not from other names of the same one.

use std::sync::Arc;

use url::Url;
use warp::{Filter, Rejection};

use crate::{App, page::with, problem::ApiError};

/// Refuses what a foreign page asks. Programs send no `Origin`.
pub(crate) fn own_page(app: &Arc<App>) -> impl Filter<Extract = (), Error = Rejection> + Clone + use<> {
    let header = warp::header::optional::<String>;
    header("origin").and(header("host")).and(with(app)).and_then(judge).untuple_one()
}

async fn judge(origin: Option<String>, host: Option<String>, app: Arc<App>) -> Result<(), Rejection> {
    match origin {
        Some(origin) if !is_own(&origin, host.as_deref(), &app.config.public_url) => {
            let why = format!("the page at {} may not do this: open {} instead", shown(&origin), app.config.public_url);
            Err(warp::reject::custom(ApiError::Forbidden(why)))
        }
        _ => Ok(()),
    }
}

fn is_own(origin: &str, host: Option<&str>, public: &Url) -> bool {
    let Ok(origin) = origin.parse::<Url>() else { return false };
    let is_asked = |host: &str| {
        let asked = format!("{}://{host}", origin.scheme()).parse::<Url>();
        asked.is_ok_and(|asked| asked.origin() == origin.origin())
    };
    origin.has_host() && (origin.origin() == public.origin() || host.is_some_and(is_asked))
}

fn shown(origin: &str) -> String {
    origin.chars().filter(char::is_ascii_graphic).take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_ours_by_public_url_or_by_the_host_they_ask() {
        let public = "https://up.example.org".parse().unwrap();
        let own = |origin, host| is_own(origin, host, &public);
        assert!(own("https://up.example.org", None));
        assert!(own("https://UP.example.org:443", Some("10.0.0.1:8080")));
        assert!(own("http://127.0.0.1:8080", Some("127.0.0.1:8080")));
        for (origin, host) in [
            ("https://evil.example.org", Some("up.example.org")),
            ("http://up.example.org", None),
            ("https://up.example.org:8443", Some("up.example.org")),
            ("null", Some("null")),
            ("", None),
        ] {
            assert!(!own(origin, host), "{origin} {host:?}");
        }
    }
}

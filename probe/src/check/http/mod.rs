//! A website: one request, its redirects, and what is expected of the answer.
//!
//! ```text
//! walk      connect → request → response, once for every redirect
//! request   what we send                   redirect  where a 3xx leads, and what goes along
//! exchange  one request on one connection  body      what is looked for in a body
//! coding    gzip and its like, undone      charset   in what a text is written
//! search    a text in a stream of bytes    expect    what was found against what was asked for
//! cookies   what hops set for later ones
//! evidence  what a failing check saw, for people
//! ```

mod body;
mod charset;
mod coding;
mod cookies;
mod evidence;
mod exchange;
mod expect;
mod redirect;
mod request;
mod search;
mod tap;
mod walk;

use std::pin::pin;

use net::TlsSettings;
use wire::HttpSpec;

pub use body::MAX_BODY;
pub(super) use exchange::builder;

use super::{Finding, Task};

/// The check, from name to verdict.
pub(super) async fn check(task: Task<'_>, spec: &HttpSpec) -> Finding {
    let mut walk = walk::Walk::new(task.shared, spec, task.now);
    let mut hop = redirect::Hop::first(task.url, spec);
    // Pinned here, so that what it grows to is not moved into the timeout.
    let ended = tokio::time::timeout(task.limit, pin!(walk.run(&mut hop))).await;
    walk.end(ended.map_err(|_| task.limit), &hop)
}

/// How to greet a site.
pub(super) fn tls_settings(verify: bool, extra_ca_pem: Option<String>) -> TlsSettings {
    TlsSettings { verify, extra_ca_pem, alpn: vec!["http/1.1".to_owned()], ..TlsSettings::default() }
}

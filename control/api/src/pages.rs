//! The pages of the API, a line each: all that is answered and documented comes from here.

use std::sync::Arc;

use utoipa::{OpenApi, openapi};

use crate::{
    App,
    account::{self, activity, api_keys, quota, session, sign_ups},
    alerting::{channels, confirmations, deliveries, policies},
    events,
    history::{beats, results, series, uptime_days},
    incidents,
    monitors::{self, bulk, metrics, try_out, verdict},
    page::{Group, Route},
    regions,
};

/// A page: its routes, how they are answered, and what the document says of them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page {
    pub(crate) routes: &'static [Route],
    pub(crate) answers: fn(&Arc<App>) -> Group,
    pub(crate) document: fn() -> openapi::OpenApi,
}

macro_rules! pages {
    ($($page:ident,)*) => {
        /// All of them, in the document's order.
        pub(crate) const PAGES: &[Page] = &[$(
            Page { routes: $page::ROUTES, answers: $page::routes, document: <$page::Docs as OpenApi>::openapi },
        )*];
    };
}

pages! {
    account,
    sign_ups,
    session,
    api_keys,
    monitors,
    bulk,
    try_out,
    beats,
    results,
    verdict,
    series,
    uptime_days,
    metrics,
    quota,
    incidents,
    activity,
    channels,
    confirmations,
    policies,
    deliveries,
    regions,
    events,
}

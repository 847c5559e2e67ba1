//! Reading a monitor body, every field on its own.

use std::{num::NonZeroU16, str::FromStr, sync::LazyLock};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use wire::{CheckUrl, Kind, Spec};

use super::{Interval, Monitor, Problem};
use crate::{
    fields::{Fields, line, typed},
    verdict::{Confirm, Quorum, Rules},
};

/// Fields of the monitor body that this version takes nowhere.
const UNSUPPORTED: &str = "is not supported by this version: leave it out";
/// Where in a spec they are.
const LATER: [&str; 5] = ["/tls/cert", "/tls/key", "/expect/regex", "/expect/json", "/expect/headers"];
/// Fields of the monitor answer.
const READ_ONLY: &str = "is set by UpGuard: leave it out";

pub(super) fn monitor(body: &Value) -> Result<Monitor, Vec<Problem>> {
    let mut problems = Vec::new();
    let monitor = Fields::of_body(body, &mut problems).and_then(read);
    match monitor {
        Some(monitor) if problems.is_empty() => Ok(monitor),
        _ => Err(problems),
    }
}

fn read(mut fields: Fields<'_, '_>) -> Option<Monitor> {
    fields.require("name");
    fields.require("url");
    let name = fields.parsed::<Name>("name");
    let url = fields.parsed::<StorableUrl>("url");
    let spec = spec(&mut fields, url.as_ref().map(|url| url.0.kind()));
    let interval = fields.number("interval").unwrap_or_default();
    let regions = without_repeats(fields.parsed_list("regions", 100));
    let tags = without_repeats(fields.parsed_list::<Tag>("tags", 20)).into_iter().map(|tag| tag.0).collect();
    let enabled = fields.flag("enabled").unwrap_or(true);
    let confirm = fields.inside("confirm").map(|confirm| self::confirm(confirm, interval)).unwrap_or_default();
    let rules = Rules { confirm, quorum: quorum(&mut fields) };
    let policy = fields.parsed("alert_policy");
    fields.refuse_others(|name| match name {
        "parent" | "group" | "auth" | "secret_headers" | "http_version" | "ip" | "dns" | "heartbeat" => {
            Some(UNSUPPORTED)
        }
        "id" | "status" | "since" | "phase" | "created_at" | "regions_now" | "beats" | "uptime" | "reason"
        | "certificate" | "incident" => Some(READ_ONLY),
        _ => None,
    });
    Some(Monitor { name: name?.0, url: url?.0, interval, regions, tags, enabled, spec: spec?, rules, policy })
}

/// What is asked, by a check of the URL's kind.
fn spec(fields: &mut Fields<'_, '_>, kind: Option<Kind>) -> Option<Spec> {
    let kind = kind.or_else(|| fields.any("kind")?.as_str()?.parse().ok()).unwrap_or(Kind::Http);
    let given = fields.those(names(kind));
    for other in Kind::ALL.iter().filter(|other| **other != kind) {
        let of_other = names(*other).filter(|name| !given.contains_key(*name));
        for name in fields.those(of_other).keys() {
            fields.reject(name, &format!("is for `{other}`, and the URL's scheme says `{kind}`: leave it out"));
        }
    }
    let read = typed::read(kind, &given);
    fields.note(read.as_ref().err().into_iter().flatten().map(later));
    let spec = read.ok()?;
    if let Spec::Http(http) = &spec {
        fields.note(http.unanswerable().map(|name| Problem {
            pointer: format!("/expect/{name}"),
            detail: format!("`{name}` looks into the body, and the answer to HEAD has none: use GET, or leave it out"),
        }));
    }
    if let Some(why) = spec.tls().and_then(|tls| tls.ca.as_deref()).and_then(|pem| authorities(pem).err()) {
        fields.note([Problem { pointer: "/tls/ca".to_owned(), detail: format!("`ca` {why}") }]);
    }
    Some(spec)
}

/// Fields of a spec of this kind.
pub(super) fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    usual(kind).keys().map(String::as_str)
}

/// A spec of this kind with all defaults, written out.
pub(super) fn usual(kind: Kind) -> &'static Map<String, Value> {
    static USUAL: LazyLock<Vec<Map<String, Value>>> =
        LazyLock::new(|| Kind::ALL.iter().map(|kind| fields_of(&Spec::usual(*kind))).collect());
    &USUAL[kind as usize]
}

/// A spec written out, every field of it.
pub(super) fn fields_of(spec: &Spec) -> Map<String, Value> {
    // A spec's fields are texts, numbers and flags: JSON can hold every one of them.
    match json!(spec) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// What is not here yet is not called unknown.
fn later(problem: &Problem) -> Problem {
    let Problem { pointer, detail } = problem.clone();
    match pointer.rsplit_once('/') {
        Some((_, name)) if LATER.contains(&pointer.as_str()) => {
            Problem { detail: format!("`{name}` {UNSUPPORTED}"), pointer }
        }
        _ => Problem { pointer, detail },
    }
}

fn confirm(mut fields: Fields<'_, '_>, interval: Interval) -> Confirm {
    let usual = Confirm::default();
    let failures = fields.number_within("failures", 1, 10).map_or(usual.failures, |times| times as u8);
    let recoveries = fields.number_within("recoveries", 1, 10).map_or(usual.recoveries, |times| times as u8);
    let every = fields.number_within("recheck_every", 5, 65_535);
    if let Some(every) = every.filter(|every| *every >= interval.seconds() as u64) {
        let why =
            format!("must be less than the interval of {} seconds, not {every}: leave it out", interval.seconds());
        fields.reject("recheck_every", &why);
    }
    fields.refuse_others(|_| None);
    Confirm { failures, recoveries, recheck_every: every.and_then(|every| NonZeroU16::new(every as u16)) }
}

fn quorum(fields: &mut Fields<'_, '_>) -> Quorum {
    let Some(value) = fields.any("quorum") else { return Quorum::default() };
    Quorum::deserialize(value).map_err(|why| fields.reject("quorum", &why.to_string())).unwrap_or_default()
}

fn without_repeats<T: PartialEq>(list: Vec<T>) -> Vec<T> {
    list.into_iter().fold(Vec::new(), |mut kept, item| {
        if !kept.contains(&item) {
            kept.push(item);
        }
        kept
    })
}

/// A title: what PostgreSQL can store and a line can show.
struct Name(String);

impl FromStr for Name {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        line(s, 200).map(Self)
    }
}

/// A label for finding and grouping.
#[derive(PartialEq)]
struct Tag(String);

impl FromStr for Tag {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        line(s, 50).map(Self)
    }
}

/// A URL that is short enough once it is written the way it is sent.
struct StorableUrl(CheckUrl);

impl FromStr for StorableUrl {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let url: CheckUrl = s.parse()?;
        match url.to_string().len() {
            0..=2_048 => Ok(Self(url)),
            n => Err(format!("is longer than 2048 bytes once it is percent-encoded ({n})")),
        }
    }
}

/// Whether all of these PEM certificates can be trusted: one that is skipped silently would be a false alarm later.
fn authorities(pem: &str) -> Result<(), String> {
    if pem.len() > 65_536 {
        return Err(format!("must have at most 65536 bytes, not {}", pem.len()));
    }
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        let certificate = certificate.map_err(|_| "is damaged: it cannot be read as PEM".to_owned())?;
        roots.add(certificate).map_err(|why| format!("has a certificate that cannot be used: {why}"))?;
    }
    if roots.is_empty() {
        return Err("holds no certificate: give PEM text that begins with -----BEGIN CERTIFICATE-----".to_owned());
    }
    Ok(())
}

//! Reading a monitor body, every field on its own.

use std::{num::NonZeroU16, str::FromStr};

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde::Deserialize;
use serde_json::{Value, json};
use wire::{BodyText, CheckUrl, Expect, Headers, Kind, Spec, StatusRanges, TlsSpec};

use super::{Interval, Monitor, Problem};
use crate::{
    fields::{Fields, kind_of, line},
    verdict::{Confirm, Quorum, Rules},
};

/// Fields of the monitor body that this version takes nowhere.
const UNSUPPORTED: &str = "is not supported by this version: leave it out";
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
    let spec = Spec {
        kind: kind(&mut fields),
        timeout: fields.number("timeout").unwrap_or_default(),
        method: fields.parsed("method").unwrap_or_default(),
        headers: headers(&mut fields),
        body: fields.parsed("body"),
        follow_redirects: fields.flag("follow_redirects").unwrap_or(true),
        max_redirects: fields.number("max_redirects").unwrap_or_default(),
        tls: fields.inside("tls").map(tls).unwrap_or_default(),
        expect: fields.inside("expect").map(expect).unwrap_or_default(),
    };
    let interval = fields.number("interval").unwrap_or_default();
    let regions = without_repeats(fields.parsed_list("regions", 100));
    let tags = without_repeats(fields.parsed_list::<Tag>("tags", 20)).into_iter().map(|tag| tag.0).collect();
    let enabled = fields.flag("enabled").unwrap_or(true);
    let confirm = fields.inside("confirm").map(|confirm| self::confirm(confirm, interval)).unwrap_or_default();
    let rules = Rules { confirm, quorum: quorum(&mut fields) };
    let policy = fields.parsed("alert_policy");
    fields.refuse_others(|name| match name {
        "parent" | "group" | "auth" | "secret_headers" | "http_version" | "ip" | "tcp" | "dns" | "heartbeat" => {
            Some(UNSUPPORTED)
        }
        "id" | "status" | "since" | "phase" | "created_at" | "regions_now" | "beats" | "uptime" | "reason"
        | "certificate" | "incident" => Some(READ_ONLY),
        _ => None,
    });
    Some(Monitor { name: name?.0, url: url?.0, interval, regions, tags, enabled, spec, rules, policy })
}

fn kind(fields: &mut Fields<'_, '_>) -> Kind {
    match fields.text("kind") {
        None | Some("http") => {}
        Some(other @ ("tcp" | "dns" | "tls" | "icmp" | "heartbeat")) => {
            fields.complain("kind", &format!("cannot be `{other}` in this version: only `http` is supported"));
        }
        Some(other) => fields.complain("kind", &format!("must be `http`, not `{other}`")),
    }
    Kind::Http
}

/// Each header is read by itself first, so that each bad one is named.
fn headers(fields: &mut Fields<'_, '_>) -> Headers {
    let Some(map) = fields.map("headers") else { return Headers::default() };
    let mut good = serde_json::Map::new();
    for (name, value) in map {
        let lower = name.to_lowercase();
        match header(name, value) {
            Err(why) => fields.complain_inside("headers", name, &why),
            Ok(_) if good.contains_key(&lower) => {
                fields.complain_inside("headers", name, "is given twice: header names have no case");
            }
            Ok(value) => {
                good.insert(lower, value);
            }
        }
    }
    let headers = serde_json::from_value(Value::Object(good));
    headers.map_err(|why| fields.complain("headers", &why.to_string())).unwrap_or_default()
}

fn header(name: &str, value: &Value) -> Result<Value, String> {
    let text = value.as_str().ok_or_else(|| format!("must be a text, not {}", kind_of(value)))?;
    if !text.is_ascii() {
        return Err("has characters beyond ASCII: encode them as the site expects".to_owned());
    }
    serde_json::from_value::<Headers>(json!({ name: text })).map_err(|why| why.to_string())?;
    Ok(value.clone())
}

fn tls(mut fields: Fields<'_, '_>) -> TlsSpec {
    let verify = fields.flag("verify").unwrap_or(true);
    let ca = fields.parsed::<Authorities>("ca").map(|pem| pem.0);
    fields.refuse_others(|name| matches!(name, "cert" | "key").then_some(UNSUPPORTED));
    TlsSpec { verify, ca }
}

fn expect(mut fields: Fields<'_, '_>) -> Expect {
    let expect = Expect {
        status: status(&mut fields),
        contains: fields.parsed::<BodyText>("contains"),
        not_contains: fields.parsed::<BodyText>("not_contains"),
        max_latency_ms: fields.number_within("max_latency_ms", 1, 60_000).map(|ms| ms as u32),
        min_cert_days: fields.number_within("min_cert_days", 1, 3_650).map(|days| days as u16),
    };
    fields.refuse_others(|name| matches!(name, "regex" | "json" | "headers").then_some(UNSUPPORTED));
    expect
}

fn confirm(mut fields: Fields<'_, '_>, interval: Interval) -> Confirm {
    let usual = Confirm::default();
    let failures = fields.number_within("failures", 1, 10).map_or(usual.failures, |times| times as u8);
    let recoveries = fields.number_within("recoveries", 1, 10).map_or(usual.recoveries, |times| times as u8);
    let every = fields.number_within("recheck_every", 5, 65_535);
    if let Some(every) = every.filter(|every| *every >= interval.seconds() as u64) {
        let why =
            format!("must be less than the interval of {} seconds, not {every}: leave it out", interval.seconds());
        fields.complain("recheck_every", &why);
    }
    fields.refuse_others(|_| None);
    Confirm { failures, recoveries, recheck_every: every.and_then(|every| NonZeroU16::new(every as u16)) }
}

fn quorum(fields: &mut Fields<'_, '_>) -> Quorum {
    let Some(value) = fields.any("quorum") else { return Quorum::default() };
    Quorum::deserialize(value).map_err(|why| fields.complain("quorum", &why.to_string())).unwrap_or_default()
}

/// Each range is read by itself first, so that each bad one is named. An empty list takes the default.
fn status(fields: &mut Fields<'_, '_>) -> StatusRanges {
    let items = fields.list("status", 20);
    let mut good = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let found = item.as_str().ok_or_else(|| format!("must be a text such as \"200-299\", not {}", kind_of(item)));
        let found =
            found.and_then(|_| serde_json::from_value::<StatusRanges>(json!([item])).map_err(|why| why.to_string()));
        match found {
            Ok(_) => good.push(item.clone()),
            Err(why) => fields.complain_inside("status", &place.to_string(), &why),
        }
    }
    serde_json::from_value(Value::Array(good)).unwrap_or_default()
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

/// PEM certificates that can all be trusted: one that is skipped silently would be a false alarm later.
struct Authorities(String);

impl FromStr for Authorities {
    type Err = String;
    fn from_str(pem: &str) -> Result<Self, String> {
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
        Ok(Self(pem.to_owned()))
    }
}

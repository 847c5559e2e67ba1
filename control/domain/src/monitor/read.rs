//! Reading a monitor body: what it has whatever is checked, and the spec of its kind of check.

use std::sync::LazyLock;

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use serde_json::{Map, Value, json};
use wire::{CheckUrl, Kind, Spec};

use super::{Interval, Monitor, Problem, body::OfEveryKind};
use crate::{
    fields::{self, typed},
    verdict::Rules,
};

/// Fields of the monitor body that this version takes nowhere.
const UNSUPPORTED: &str = "is not supported by this version: leave it out";
/// Those of every kind.
const LATER: [&str; 8] = ["parent", "group", "auth", "secret_headers", "http_version", "ip", "dns", "heartbeat"];
/// Those of a spec, as pointers.
const LATER_IN_SPEC: [&str; 5] = ["/tls/cert", "/tls/key", "/expect/regex", "/expect/json", "/expect/headers"];

pub(super) fn monitor(body: &Value) -> Result<Monitor, Vec<Problem>> {
    let url = body["url"].as_str().and_then(|url| url.parse::<CheckUrl>().ok()).map(|url| url.kind());
    let said = body["kind"].as_str().and_then(|kind| kind.parse().ok());
    // The kind that is meant, though the URL may be wrong.
    let kind = url.or(said).unwrap_or(Kind::Http);
    let (of_spec, others): (Map<_, _>, Map<_, _>) =
        fields::object(body)?.clone().into_iter().partition(|(name, _)| all_names().any(|known| known == name));
    let common = fields::read_object::<OfEveryKind>(&others);
    let common = common.map_err(|problems| problems.into_iter().map(|it| explained(it, kind)).collect::<Vec<_>>());
    let said = common.as_ref().map_or(said, |common| common.kind);
    let odds: Vec<_> = at_odds(body, url.zip(said)).collect();
    let read = match (common, spec(kind, of_spec)) {
        (Ok(common), Ok(spec)) => Ok(monitor_of(common, spec)),
        (common, spec) => Err([common.err().unwrap_or_default(), spec.err().unwrap_or_default()].concat()),
    };
    fields::unless(read, odds)
}

fn monitor_of(common: OfEveryKind, spec: Spec) -> Monitor {
    let OfEveryKind { name, url, kind: _, interval, regions, confirm, quorum, alert_policy, tags, enabled } = common;
    let rules = Rules { confirm: confirm.into(), quorum };
    Monitor { name, url, interval, regions, tags, enabled, spec, rules, policy: alert_policy }
}

/// Fields that are right by themselves and do not go together.
fn at_odds(body: &Value, kinds: Option<(Kind, Kind)>) -> impl Iterator<Item = Problem> {
    let kind = kinds
        .filter(|(url, said)| url != said)
        .map(|(url, said)| Problem::of("kind", &format!("must be `{url}`, as the URL's scheme says, not `{said}`")));
    let interval: Interval = body["interval"].as_u64().and_then(|seconds| seconds.try_into().ok()).unwrap_or_default();
    let every = body["confirm"]["recheck_every"].as_u64().filter(|every| *every >= interval.seconds() as u64);
    let every = every.map(|every| {
        let seconds = interval.seconds();
        let why = format!("must be less than the interval of {seconds} seconds, not {every}: leave it out");
        Problem::of("recheck_every", &why).inside("/confirm")
    });
    kind.into_iter().chain(every)
}

/// What is not here yet is not called unknown, and what is known includes the spec.
fn explained(problem: Problem, kind: Kind) -> Problem {
    match problem.pointer.strip_prefix('/') {
        Some(name) if LATER.contains(&name) => Problem::of(name, UNSUPPORTED),
        Some(name) if !name.contains('/') && problem.detail.contains(typed::NO_FIELD) => {
            let of_kind: Vec<_> = names(kind).collect();
            Problem { detail: format!("{}, {}", problem.detail, of_kind.join(", ")), ..problem }
        }
        _ => problem,
    }
}

/// What is asked, by a check of this kind.
fn spec(kind: Kind, given: Map<String, Value>) -> Result<Spec, Vec<Problem>> {
    let (own, others): (Map<_, _>, Map<_, _>) =
        given.into_iter().partition(|(name, _)| names(kind).any(|known| known == name));
    let others = others.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| {
        let owner = Kind::ALL.iter().find(|other| names(**other).any(|known| known == name)).unwrap_or(&kind);
        Problem::of(name, &format!("is for `{owner}`, and the URL's scheme says `{kind}`: leave it out"))
    });
    let mut problems: Vec<Problem> = others.collect();
    let spec = typed::read(kind, &own, &[]);
    problems.extend(spec.as_ref().err().into_iter().flatten().map(later));
    let unanswerable = spec.as_ref().map(Spec::unanswerable).unwrap_or_default();
    problems.extend(unanswerable.into_iter().map(|(name, why)| Problem::of(name, why).inside("/expect")));
    let ca = spec.as_ref().ok().and_then(Spec::tls).and_then(|tls| tls.ca.as_deref());
    if let Some(why) = ca.and_then(|pem| authorities(pem).err()) {
        problems.push(Problem::of("ca", &why).inside("/tls"));
    }
    spec.ok().filter(|_| problems.is_empty()).ok_or(problems)
}

/// Fields of a spec of any kind.
fn all_names() -> impl Iterator<Item = &'static str> {
    Kind::ALL.iter().flat_map(|kind| names(*kind))
}

/// Fields of a spec of this kind, beside its name.
fn names(kind: Kind) -> impl Iterator<Item = &'static str> {
    usual(kind).keys().map(String::as_str).filter(|name| *name != "kind")
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
        Some((_, name)) if LATER_IN_SPEC.contains(&pointer.as_str()) => {
            Problem { detail: format!("`{name}` {UNSUPPORTED}"), pointer }
        }
        _ => Problem { pointer, detail },
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

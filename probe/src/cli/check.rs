//! `upguard-probe check`: one check by hand, with the very code that jobs run.

use std::{
    io::Read as _,
    net::IpAddr,
    path::Path,
    process::ExitCode,
    time::{SystemTime, UNIX_EPOCH},
};

use probe::check::{Checker, Finding, Settings};
use serde::de::DeserializeSeed as _;
use wire::{CheckUrl, Kind, Reason, Spec, Verdict, Work};

use super::{CheckArgs, USAGE, show};

/// A spec file larger than this is none.
const MAX_SPEC: u64 = 1024 * 1024;

/// Checks, prints, and says by the exit code what was found.
pub(crate) fn run(args: &CheckArgs) -> ExitCode {
    let (found, now) = match find(args) {
        Ok(found) => found,
        Err(why) => {
            show::error(&why);
            return ExitCode::from(USAGE);
        }
    };
    show::line(&if args.json { show::json(&found) } else { show::text(&args.url, &found, now) });
    match found.verdict {
        Verdict::Up | Verdict::Degraded => ExitCode::SUCCESS,
        Verdict::Down | Verdict::Missed => ExitCode::FAILURE,
    }
}

/// The finding and the unix second it was made in; an error is about what was asked for.
fn find(args: &CheckArgs) -> Result<(Finding, i64), String> {
    let work = work(args)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|why| format!("cannot start: {why}"))?;
    let settings = Settings { allow: args.allow.clone(), ..Settings::default() };
    runtime.block_on(async {
        let checker = Checker::new(settings).map_err(|why| why.to_string())?;
        checker.accepts(&work.spec).map_err(|why| format!("spec: {why}"))?;
        let now = now();
        let mut found = checker.check(&work, now).await;
        if found.reason == Some(Reason::RefusedAddress) {
            found.detail = found.address.map(refused);
        }
        Ok((found, now))
    })
}

fn work(args: &CheckArgs) -> Result<Work, String> {
    let url: CheckUrl = args.url.parse().map_err(|why| format!("the URL {why}"))?;
    let kind = url.kind();
    let spec = args.spec.as_deref().map_or_else(|| Ok(Spec::usual(kind)), |path| read(path, kind))?;
    if let Some((name, why)) = spec.unanswerable().first() {
        return Err(format!("spec: expect.{name} {why}"));
    }
    let timeout = args.timeout.unwrap_or(spec.timeout());
    Ok(Work { url, spec: spec.with_timeout(timeout) })
}

fn read(path: &Path, kind: Kind) -> Result<Spec, String> {
    let unread = |why: std::io::Error| format!("spec {}: {why}", path.display());
    let mut text = String::new();
    if path == Path::new("-") {
        std::io::stdin().take(MAX_SPEC).read_to_string(&mut text).map_err(unread)?;
    } else {
        let file = std::fs::File::open(path).map_err(unread)?;
        file.take(MAX_SPEC).read_to_string(&mut text).map_err(unread)?;
    }
    parse(&text, kind)
}

/// Names the field that cannot be used.
fn parse(text: &str, kind: Kind) -> Result<Spec, String> {
    let mut json = serde_json::Deserializer::from_str(text);
    let mut track = serde_path_to_error::Track::new();
    let spec = kind.deserialize(serde_path_to_error::Deserializer::new(&mut json, &mut track));
    let spec = spec.map_err(|why| match track.path().to_string().as_str() {
        "." => format!("spec: {why}"),
        path => format!("spec: {path}: {why}"),
    })?;
    json.end().map_err(|why| format!("spec: {why}"))?;
    Ok(spec)
}

/// The same as a worker's detail, with the way out that a person at a terminal has.
fn refused(address: IpAddr) -> String {
    let flag = match address {
        // A name such as localhost has both.
        _ if address.is_loopback() => "--allow 127.0.0.0/8 --allow ::1".to_owned(),
        _ => format!("--allow {address}"),
    };
    format!("{address} is not a public address; to check it all the same: {flag}")
}

#[expect(clippy::disallowed_methods, reason = "a check by hand has no Redis to ask for the time")]
fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs() as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_spec_is_refused_by_field() {
        let cases = [
            (r#"{"timeout": 99}"#, "timeout: must be from 1 to 30 seconds, not 99"),
            (r#"{"expect": {"status": ["200", "2xx"]}}"#, "expect.status[1]: `2xx` is no status range"),
            (r#"{"expect": {"contians": "x"}}"#, "expect.contians: unknown field `contians`"),
            (r#"{"headers": {"X-A": "a\r\nEvil: b"}}"#, "headers: the value of `X-A` has control characters"),
            (r#"{"headers": {"X-A\r\nEvil": "b"}}"#, "is no header name"),
            (r#"{"method": "get"}"#, "method: `get` is not one of GET"),
            ("[1", "spec: "),
            ("{} {}", "trailing characters"),
        ];
        for (text, expected) in cases {
            let why = parse(text, Kind::Http).unwrap_err();
            assert!(why.contains(expected), "{text}: {why}");
        }
        assert_eq!(parse("{}", Kind::Http).unwrap(), Spec::usual(Kind::Http));
    }
}

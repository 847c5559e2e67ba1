//! What is wrong with a configuration, in one line that names the key as people set it, and the mend.

use figment::error::Kind;

/// Variables with names of their own, and the keys they set.
pub(super) const SHORT_NAMES: [(&str, &str); 4] =
    [("REGION_ID", "region_id"), ("WORKER_ID", "worker_id"), ("REDIS_URL", "redis_url"), ("REDIS_CA", "redis_ca")];

/// The key as it stands in the file and in the environment.
pub(super) fn named(key: &str) -> String {
    let short = SHORT_NAMES.iter().find(|(_, of)| *of == key).map(|(name, _)| (*name).to_owned());
    let variable = short.unwrap_or_else(|| format!("UPGUARD_PROBE__{}", key.replace('.', "__").to_uppercase()));
    format!("{key} ({variable})")
}

/// One line for an error of figment's.
pub(super) fn sentence(why: &figment::Error) -> String {
    let path = why.path.iter().map(String::as_str).filter(|part| *part != "probe").collect::<Vec<_>>().join(".");
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    let line = match &why.kind {
        Kind::MissingField(name) => missing(&below(name)),
        // The path of an unknown field may or may not end in its name.
        Kind::UnknownField(name, known) => {
            let key = if path == *name || path.ends_with(&format!(".{name}")) { path.clone() } else { below(name) };
            format!("{} is no setting: leave it out, or write one of {}", named(&key), known.join(", "))
        }
        // A file that cannot be read, or is no TOML: no key, but the source.
        kind if path.is_empty() => {
            let source = why.metadata.as_ref().and_then(|from| from.source.as_ref()).map(|source| format!(" {source}"));
            format!("UPGUARD_CONFIG{}: {kind}", source.unwrap_or_default())
        }
        kind => format!("{}: {kind}{}", named(&path), mend(&path)),
    };
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn missing(key: &str) -> String {
    match key {
        "region_id" => format!("{} is missing: name the region this probe stands in, such as eu-west", named(key)),
        key => format!("{} is missing", named(key)),
    }
}

fn mend(key: &str) -> &'static str {
    match key {
        "concurrency" | "per_host" | "threads" | "batch.max" | "stream.lanes" => ": write a whole number",
        "max_timeout" | "block" | "drain" | "lease" | "renew" | "stall" | "facts" | "batch.wait" => {
            ": write a duration with its unit, such as 5s or 100ms"
        }
        "metrics_listen" => ": write ADDRESS:PORT, such as 0.0.0.0:9091",
        "egress.allow" => ": write CIDRs separated by commas, such as 10.0.0.0/8,192.168.0.0/16",
        "witnesses" => ": write HOST:PORT, several with commas, such as example.com:443,[2001:db8::1]:53",
        "egress.ca" | "redis_ca" => ": write the path of a PEM file",
        "log.format" => ": write auto, text or json",
        "log.level" => ": write error, warn, info, debug or trace",
        _ => "",
    }
}

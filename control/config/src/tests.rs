use super::{load::from, *};

const SECRET: (&str, &str) = ("UPGUARD_AUTH__SECRET", "0123456789012345678901234567890123456789");

fn with(variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let all = [&[SECRET], variables].concat();
    from(None, all.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

fn refuses(variables: &[(&str, &str)], key: &str) {
    let line = with(variables).unwrap_err().to_string();
    assert!(line.starts_with(&format!("configuration: {key}: ")), "{line}");
    assert!(!line.contains('\n'), "{line}");
}

#[test]
fn defaults_are_the_documented_ones() {
    let config = with(&[]).unwrap();
    assert_eq!(config.http.listen.to_string(), "0.0.0.0:8080");
    assert_eq!(config.stream.key, "betteruptime:website");
    assert_eq!(config.times.close, Duration::from_mins(3));
    assert_eq!(config.auth.refresh_ttl, Duration::from_hours(30 * 24));
    assert_eq!(config.seed.monitors, None);
}

#[test]
fn a_value_is_what_its_default_is() {
    let config = with(&[
        ("UPGUARD_SEED__PASSWORD", "007"),
        ("UPGUARD_POSTGRES__POOL", "3"),
        ("UPGUARD_REGIONS__AUTO", "false"),
        ("UPGUARD_HTTP__TRUSTED_PROXIES", "10.0.0.0/8, ::1/128"),
        ("UPGUARD_EGRESS__ALLOW", r#"["127.0.0.0/8"]"#),
        ("UPGUARD_AUTH__RATE__ACCOUNT", "0"),
        ("UPGUARD_SEED__MONITORS", "/x/y.json"),
        ("UPGUARD_ALERTING__COVERAGE", "0.95"),
    ])
    .unwrap();
    assert_eq!(config.seed.password.reveal(), "007");
    assert_eq!(config.postgres.pool, 3);
    assert!(!config.regions.auto);
    assert_eq!(config.http.trusted_proxies.len(), 2);
    assert_eq!(config.egress.allow.len(), 1);
    assert_eq!(config.auth.rate.account, 0);
    assert_eq!(config.seed.monitors, Some("/x/y.json".into()));
    assert!((config.alerting.coverage - 0.95).abs() < f64::EPSILON);
}

#[test]
fn mistakes_name_their_key() {
    refuses(&[("UPGUARD_AUTH__SECERT", "x")], "UPGUARD_AUTH__SECERT");
    refuses(&[("UPGUARD_AUTH", "x")], "UPGUARD_AUTH");
    refuses(&[("UPGUARD_AUTH__SECRET", "short")], "auth.secret");
    refuses(&[("UPGUARD_SECRETS__KEY", "short")], "secrets.key");
    refuses(&[("UPGUARD_SECRETS__KEYS", r#"["short"]"#)], "secrets.key");
    refuses(&[("UPGUARD_EGRESS__TIMEOUT", "0s")], "egress.timeout");
    refuses(&[("UPGUARD_EGRESS__TIMEOUT", "21s")], "egress.timeout");
    refuses(&[("UPGUARD_EGRESS__CA", "/nowhere.pem")], "egress.ca");
    let smtp =
        |name, value| [("UPGUARD_SMTP__HOST", "mail.example"), ("UPGUARD_SMTP__FROM", "a@b.example"), (name, value)];
    refuses(&smtp("UPGUARD_SMTP__FROM", ""), "smtp.from");
    refuses(&smtp("UPGUARD_SMTP__FROM", "nobody"), "smtp.from");
    refuses(&smtp("UPGUARD_SMTP__USER", "ann"), "smtp.password");
    refuses(&smtp("UPGUARD_SMTP__SECURITY", "some"), "smtp.security");
    refuses(&smtp("UPGUARD_SMTP__CA", "/nowhere.pem"), "smtp.ca");
    refuses(&smtp("UPGUARD_SMTP__HELLO", "two words"), "smtp.hello");
    refuses(&smtp("UPGUARD_SMTP__TIMEOUT", "6m"), "smtp.timeout");
    refuses(&[("UPGUARD_AUTH__SECRET", "")], "auth.secret");
    refuses(&[("UPGUARD_AUTH__ACCESS_TTL", "soon")], "auth.access_ttl");
    refuses(&[("UPGUARD_STREAM__KEY", "a{b}")], "stream.key");
    refuses(&[("UPGUARD_STREAM__LANES", "0")], "stream.lanes");
    refuses(&[("UPGUARD_STREAM__LANES", "many")], "stream.lanes");
    refuses(&[("UPGUARD_TIMES__LATE", "120s")], "times.trim");
    refuses(&[("UPGUARD_TIMES__TRIM", "180s")], "times.close");
    refuses(&[("UPGUARD_TIMES__LANE_LEASE", "1s")], "times.lane_lease");
    refuses(&[("UPGUARD_REDIS__URL", "http://x")], "redis.url");
    refuses(&[("UPGUARD_REDIS__URL", "redis+sentinel://s1:26379")], "redis.url");
    refuses(&[("UPGUARD_REDIS__CA", "/nowhere.pem")], "redis.ca");
    refuses(&[("UPGUARD_POSTGRES__URL", "mysql://x")], "postgres.url");
    refuses(&[("UPGUARD_POSTGRES__CA", "/nowhere.pem")], "postgres.ca");
    let plain = ("UPGUARD_POSTGRES__URL", "postgres://x?sslmode=disable");
    refuses(&[("UPGUARD_POSTGRES__CA", "/nowhere.pem"), plain], "postgres.ca");
    refuses(&[("UPGUARD_PUBLIC_URL", "ftp://x")], "public_url");
    refuses(&[("UPGUARD_PUBLIC_URL", "x")], "public_url");
    refuses(&[("UPGUARD_HTTP__LISTEN", "8080")], "http.listen");
    refuses(&[("UPGUARD_ADMIN__MEASURE", "0s")], "admin.measure");
    refuses(&[("UPGUARD_RETENTION__RAW", "36h")], "retention.raw");
    refuses(&[("UPGUARD_LOG__FORMAT", "xml")], "log.format");
    refuses(&[("UPGUARD_ALERTING__DIGEST_ABOVE", "0")], "alerting.digest_above");
    refuses(&[("UPGUARD_ALERTING__RETRY_MOST", "1s")], "alerting.retry_most");
    refuses(&[("UPGUARD_ALERTING__GIVE_UP", "1s")], "alerting.give_up");
    refuses(&[("UPGUARD_WATCHDOG__URL", "ftp://x")], "watchdog.url");
}

#[test]
fn a_url_that_is_none_is_refused_in_words_for_people() {
    for (url, mend) in [("x", "begin it with https://"), ("https://", "write one after the //")] {
        let line = with(&[("UPGUARD_PUBLIC_URL", url)]).unwrap_err().to_string();
        assert!(line.contains(mend) && !line.contains("without a base"), "{line}");
    }
}

#[test]
fn the_file_is_between_defaults_and_environment() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, b"[postgres]\npool = 5\n[redis]\npool = 5\n").unwrap();
    let variables =
        [SECRET, ("UPGUARD_REDIS__POOL", "6"), ("UPGUARD_PROBE__CONCURRENCY", "9"), ("UPGUARD_CONFIG", "x")];
    let variables = variables.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let config = from(Some(file.path()), variables).unwrap();
    assert_eq!((config.postgres.pool, config.redis.pool), (5, 6));
}

#[test]
fn a_key_unknown_to_us_in_the_file_is_named() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, b"[auth]\nsecert = 'x'\n").unwrap();
    let line = from(Some(file.path()), vec![(SECRET.0.to_owned(), SECRET.1.to_owned())]).unwrap_err().to_string();
    assert!(line.contains("auth.secert"), "{line}");
    let line = from(Some("/nowhere.toml".as_ref()), Vec::new()).unwrap_err().to_string();
    assert!(line.contains("UPGUARD_CONFIG") && line.contains("/nowhere.toml"), "{line}");
}

#[test]
fn words_of_libpq_are_refused_by_name() {
    for (query, words) in [
        ("sslmode=verify-full", "write sslmode=require"),
        ("connect_timeout=5&sslmode=verify-ca", "write sslmode=require"),
        ("sslmode=allow", "write sslmode=disable"),
        ("sslmode=require&sslrootcert=/etc/ca.pem", "postgres.ca"),
        ("sslcert=/etc/me.pem", "sign in with a password"),
    ] {
        let url = format!("postgres://u:hu%3Fsh@db.example/upguard?{query}");
        let line = with(&[("UPGUARD_POSTGRES__URL", &url)]).unwrap_err().to_string();
        assert!(line.starts_with("configuration: postgres.url: ssl") && line.contains(words), "{line}");
        assert!(!line.contains("hu%3Fsh") && !line.contains("percent-encoded"), "{line}");
    }
    with(&[("UPGUARD_POSTGRES__URL", "postgres://u:x@db.example/upguard?sslmode=require")]).unwrap();
}

#[test]
fn a_secret_ends_before_its_line_break() {
    let config = with(&[
        ("UPGUARD_SECRETS__KEY", "abcdefghijklmnopqrstuvwxyz0123456789\n"),
        ("UPGUARD_POSTGRES__URL", "postgres://u:x@db.example/upguard\r\n"),
        ("UPGUARD_REDIS__URL", "redis://:x@redis.example:6379\n"),
    ])
    .unwrap();
    assert_eq!(config.secrets.key.reveal(), "abcdefghijklmnopqrstuvwxyz0123456789");
    assert_eq!(config.postgres.url.reveal(), "postgres://u:x@db.example/upguard");
    assert_eq!(config.redis.url.reveal(), "redis://:x@redis.example:6379");
}

#[test]
fn secrets_rotate_and_never_print() {
    let config = with(&[("UPGUARD_AUTH__SECRETS", "abcdefghijklmnopqrstuvwxyz0123456789")]).unwrap();
    assert_eq!(config.auth.secrets.len(), 2);
    assert_eq!(config.auth.secret, config.auth.secrets[0]);
    let printed = format!("{config:?}");
    assert!(!printed.contains("0123456789"), "{printed}");
    assert!(!printed.contains("postgres://"), "{printed}");
}

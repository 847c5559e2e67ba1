use super::*;

fn load(extra: &str) -> Result<Config, String> {
    let layers = Figment::from(Toml::string(DEFAULTS)).merge(Serialized::default("probe.worker_id", "w1"));
    Config::from_layers(&layers.merge(Toml::string(extra)))
}

/// What is said of `[probe] region_id = "eu"` and `extra`.
fn refused(extra: &str) -> String {
    let why = load(&format!("[probe]\nregion_id = \"eu\"\n{extra}")).map(|_| ()).unwrap_err();
    assert!(!why.contains('\n'), "one line: {why}");
    why
}

#[test]
fn the_defaults_are_whole_but_for_the_region() {
    let config = load("[probe]\nregion_id = \"eu-west\"").unwrap();
    assert_eq!(config.region_id.as_str(), "eu-west");
    assert_eq!((config.concurrency, config.per_host, config.batch.max), (512, 4, 512));
    assert_eq!((config.lease, config.renew), (Duration::from_secs(10), Duration::from_secs(3)));
    assert_eq!(config.user_agent, format!("UpGuard/{}", env!("CARGO_PKG_VERSION")));
    assert!(load("").unwrap_err().starts_with("region_id (REGION_ID) is missing: "));
}

#[test]
fn the_mend_names_the_key() {
    for (extra, start) in [
        ("concurrency = 2", "concurrency (UPGUARD_PROBE__CONCURRENCY) must be from 3 "),
        ("concurrency = \"many\"", "concurrency (UPGUARD_PROBE__CONCURRENCY): invalid type: found string \"many\""),
        ("renew = \"4s\"", "renew (UPGUARD_PROBE__RENEW) must be from 100ms to a third of lease (10s)"),
        ("drain = \"3s\"", "block (UPGUARD_PROBE__BLOCK) is longer than drain (3s)"),
        ("block = 5", "block (UPGUARD_PROBE__BLOCK): "),
        (
            "egress.allow = \"10.0.0.0/8,here\"",
            "egress.allow (UPGUARD_PROBE__EGRESS__ALLOW): `here` is no network: write",
        ),
        ("witnesses = \"example.com\"", "witnesses (UPGUARD_PROBE__WITNESSES): `example.com` is no HOST:PORT: write"),
        ("witnesses = [\"a:0\"]", "witnesses (UPGUARD_PROBE__WITNESSES): `a:0` is no HOST:PORT"),
        ("witnesses = \"::1:53\"", "witnesses (UPGUARD_PROBE__WITNESSES): `::1:53` is no HOST:PORT"),
        ("witnesses = \"http://a:80\"", "witnesses (UPGUARD_PROBE__WITNESSES): `http://a:80` is no HOST:PORT"),
        ("metrics_listen = \"9091\"", "metrics_listen (UPGUARD_PROBE__METRICS_LISTEN): "),
        ("stream.key = \"a{b\"", "stream.key (UPGUARD_PROBE__STREAM__KEY) is empty or has a brace"),
        ("concurency = 5", "concurency (UPGUARD_PROBE__CONCURENCY) is no setting: "),
        ("batch.most = 5", "batch.most (UPGUARD_PROBE__BATCH__MOST) is no setting: "),
        ("worker_id = \"a b\"", "worker_id (WORKER_ID) must "),
        ("log.level = \"loud=very\"", "log.level (UPGUARD_PROBE__LOG__LEVEL): "),
    ] {
        let why = refused(extra);
        assert!(why.starts_with(start), "{why}");
    }
    assert!(
        load("[probe]\nregion_id = \"EU\"").unwrap_err().starts_with("region_id (REGION_ID): `EU` names no region")
    );
    assert!(load("[probe").unwrap_err().starts_with("UPGUARD_CONFIG"));
}

#[test]
fn networks_come_as_a_list_or_with_commas() {
    let allow = |text: &str| load(&format!("[probe]\nregion_id = \"eu\"\negress.allow = {text}")).unwrap().egress.allow;
    assert_eq!(allow("\"127.0.0.0/8\"").len(), 1);
    assert_eq!(allow("\"127.0.0.0/8, ::1\"").len(), 2);
    assert_eq!(allow("[\"127.0.0.0/8\", \"10.0.0.0/8\"]").len(), 2);
    assert_eq!(allow("\"\"").len(), 0);
}

#[test]
fn witnesses_come_as_a_list_or_with_commas() {
    let of = |text: &str| -> Vec<_> {
        let config = load(&format!("[probe]\nregion_id = \"eu\"\nwitnesses = {text}")).unwrap();
        config.witnesses.iter().map(ToString::to_string).collect()
    };
    assert_eq!(
        of("\"example.com:443, 192.0.2.1:53,[2001:db8::1]:53\""),
        ["example.com:443", "192.0.2.1:53", "[2001:db8::1]:53"]
    );
    assert_eq!(of("[\"a:1\", \"b:2\"]"), ["a:1", "b:2"]);
    assert!(of("\"\"").is_empty());
}

#[test]
fn redis_has_an_address() {
    for (url, address) in [
        ("redis://127.0.0.1", "127.0.0.1:6379"),
        ("rediss://me:secret@redis.example:7000/3", "redis.example:7000"),
        ("redis://[::1]:6380", "[::1]:6380"),
        ("redis+sentinel://me:secret@s1,s2:7001/main", "s1:26379 s2:7001"),
    ] {
        let config = load(&format!("[probe]\nregion_id = \"eu\"\nredis_url = \"{url}\"")).unwrap();
        let addresses: Vec<_> = config.redis_addresses().iter().map(ToString::to_string).collect();
        assert_eq!(addresses.join(" "), address);
    }
}

#[test]
fn secrets_do_not_print() {
    let config = load("[probe]\nregion_id = \"eu\"\nredis_url = \"redis://me:hunter2@localhost\"").unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
    let why = refused("redis_url = \"http://me:hunter2@localhost\"");
    assert!(why.starts_with("redis_url (REDIS_URL) is no Redis URL") && !why.contains("hunter2"), "{why}");
}

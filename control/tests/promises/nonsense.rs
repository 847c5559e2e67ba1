//! What does not belong on the streams: entries that are no jobs, results nobody can read, outcomes nobody expects.

use std::time::Duration;

use serde_json::json;
use uuid::Uuid;
use wire::{Done, EntryId, Facts, Keys, Line, Link, MonitorId, Outcome, Phases, Reason, Region, Streams, Verdict};

use crate::deployment::{Deployment, JOBS, Monitor, own, results};

/// What became of outcomes that got no row.
pub(super) fn dropped(system: &Deployment, why: &str) -> f64 {
    system.metric(0, &format!("upguard_ingest_dropped_total{{why=\"{why}\"}}"))
}

/// Waits until a monitor has a new scheduled row of both regions: the lane goes on.
pub(super) fn expect_life(system: &Deployment, monitor: &Monitor) {
    let since = system.now();
    let fresh = format!(
        "select count(distinct region) from results
         where monitor = {} and slot > {since} and attempt = 0 and verdict = 'up'",
        monitor.key
    );
    system.until("both regions go on", || system.number(&fresh) >= 2);
}

#[test]
fn entries_that_are_no_jobs_are_put_aside() {
    let system = Deployment::start();
    let monitor = system.monitor(&json!({"url": system.site("up").url()}));
    let (id, url) = (monitor.id.as_str(), "http://127.0.0.1:1/");
    for stream in [JOBS, &own("eu-west")] {
        for fields in [
            &["url", url][..],
            &["id", id],
            &["id", "no-uuid", "url", url],
            &["id", id, "url", url, "slot", "soon"],
            &["id", id, "url", url, "slot", "99999999999999999999"],
            &["id", id, "url", url, "attempt", "256"],
            &["what", "ever"],
            &["", ""],
        ] {
            system.redis(&[&["XADD", stream, "*"], fields].concat());
        }
        let binary =
            "return redis.call('XADD', KEYS[1], '*', 'id', '\\255\\254\\0', '\\192url', string.rep('\\0', 70000))";
        system.redis(&["EVAL", binary, "1", stream]);
    }
    expect_life(&system, &monitor);
    for region in ["eu-west", "us-east"] {
        system.until("they are acknowledged", || system.pending(region) == 0);
    }
    assert_eq!(dropped(&system, "unparsed"), 0.0, "they were reported");
}

#[test]
fn results_nobody_can_read_are_put_aside_and_counted() {
    let system = Deployment::start();
    let monitor = system.monitor(&json!({"url": system.site("up").url()}));
    system.expect_status(&monitor, "up");
    let entries = [
        &["v", "2", "o", "of a later version"][..],
        &["o", "of none"],
        &["v", "1", "o", "no message at all"],
        &["v", "1"],
        &["what", "ever"],
    ];
    for fields in entries {
        system.redis(&[&["XADD", &results("eu-west"), "*"], fields].concat());
    }
    let binary = "return redis.call('XADD', KEYS[1], '*', 'v', '1', 'o', string.rep('\\255', 70000))";
    system.redis(&["EVAL", binary, "1", &results("us-east")]);
    system.until("they are counted", || dropped(&system, "unparsed") == 6.0);
    let dead = format!("{{{JOBS}}}:_dead");
    system.until("they are dead letters", || system.redis(&["XLEN", &dead]) == "6");
    let letters = system.redis(&["XRANGE", &dead, "-", "+"]);
    assert!(letters.contains("of a later version") && letters.contains("us-east"), "{letters}");
    expect_life(&system, &monitor);
    // Trimmed with the rest: it is not read again.
    assert_eq!((dropped(&system, "unparsed"), system.redis(&["XLEN", &dead])), (6.0, "6".to_owned()));
}

/// A worker of `region` that says whatever it likes.
pub(super) struct Liar<'h> {
    system: &'h Deployment,
    line: Line,
    streams: Streams,
    region: Region,
}

impl<'h> Liar<'h> {
    /// It registers its region, and waits until that counts.
    pub(super) fn new(system: &'h Deployment, region: &str) -> Self {
        let region: Region = region.parse().unwrap();
        let redis = system.servers().redis().url();
        let (line, streams) = system.runtime().block_on(async {
            let mut line = Link::new(&redis, 1).unwrap().own().await.unwrap();
            let streams = wire::ensure_groups(&mut line, &Keys::new(JOBS, 0).unwrap(), &region).await.unwrap();
            let facts = Facts { worker: "liar".to_owned(), ..Facts::default() };
            wire::send_facts(&mut line, &streams, &facts).await.unwrap();
            (line, streams)
        });
        let owes =
            format!("select count(*) from regions where id = '{region}' and from_slot < (select frontier from lanes)");
        system.until("the liar's region is registered", || system.number(&owes) == 1);
        Self { system, line, streams, region }
    }

    /// Says how it is.
    pub(super) fn introduce(&mut self, facts: &Facts) {
        let (line, streams) = (&mut self.line, &self.streams);
        self.system.runtime().block_on(wire::send_facts(line, streams, facts)).unwrap();
    }

    /// Takes what its region was given meanwhile, so that nothing stays pending, and has the region owe nothing more.
    pub(super) fn leave(mut self) {
        self.system.sql(&format!(
            "update regions set to_slot = (select max(frontier) from lanes) where id = '{}'",
            self.region
        ));
        self.say(Vec::new());
    }

    /// Reports `outcomes`, each as the answer to a job of its own.
    pub(super) fn say(&mut self, outcomes: Vec<Outcome>) {
        let own = own(self.region.as_str());
        for _ in &outcomes {
            self.system.redis(&["XADD", &own, "*", "id", &Uuid::nil().to_string(), "url", "http://a.example/"]);
        }
        let (line, streams, count) = (&mut self.line, &self.streams, outcomes.len());
        self.system.runtime().block_on(async {
            let taken = wire::take(line, streams, "liar", 1000, Duration::from_secs(1)).await.unwrap();
            assert!(taken.deliveries.len() >= count);
            let mut outcomes = outcomes.into_iter();
            let deliveries = taken.deliveries.into_iter();
            let done: Vec<_> = deliveries.map(|each| Done { lease: each.lease, outcome: outcomes.next() }).collect();
            wire::report(line, streams, "liar", &done).await.unwrap();
        });
    }
}

pub(super) fn up(monitor: &str, slot: i64, attempt: u8) -> Outcome {
    Outcome {
        monitor: MonitorId(monitor.parse().unwrap()),
        slot,
        attempt,
        rev: None,
        verdict: Verdict::Up,
        reason: None,
        started_ms: slot.saturating_mul(1000),
        phases: Phases::default(),
        http_status: Some(200),
        address: None,
        cert_not_after: None,
        // PostgreSQL takes no NUL: it must not hold up the lane.
        detail: Some("a\0lie".to_owned()),
        suspect: None,
        evidence: None,
    }
}

#[test]
fn outcomes_nobody_expects_are_dropped_and_counted() {
    let system = Deployment::start();
    let site = system.site("up");
    let everywhere = system.monitor(&json!({"url": site.url()}));
    let elsewhere = system.monitor(&json!({"url": site.url(), "regions": ["eu-west"]}));
    let mut liar = Liar::new(&system, "nowhere");
    let phase = system.number(&format!("select phase from monitors where key = {}", elsewhere.key));
    let phase_of_all = system.number(&format!("select phase from monitors where key = {}", everywhere.key));
    system.until("a slot of both is fixed", || {
        system.number("select min(frontier - from_slot) from cadences, lanes") > 6
    });
    let now = system.now();
    let due = |phase: i64| now - (now - phase).rem_euclid(5);

    let stranger = Uuid::new_v4().to_string();
    let day = 86_400;
    let unexpected = vec![
        up(&stranger, due(phase), 0),
        up(&elsewhere.id, due(phase), 0),
        up(&everywhere.id, due(phase_of_all) - 1, 0),
        up(&everywhere.id, due(phase_of_all) + 5 * 20, 0),
        up(&everywhere.id, due(phase_of_all) + 400 * day, 0),
        up(&everywhere.id, now + 400 * day, 255),
        up(&everywhere.id, now + 60, 1),
    ];
    let too_late = vec![
        up(&everywhere.id, due(phase_of_all) - 400 * day, 0),
        up(&everywhere.id, now - 400 * day, 255),
        up(&everywhere.id, 5, 0),
        up(&everywhere.id, -1_000_000, 1),
    ];
    // Beyond any time there is, so that their milliseconds have no number.
    let unreadable = vec![up(&everywhere.id, i64::MAX, 0), up(&everywhere.id, i64::MIN, 255)];
    let counts = (unexpected.len() as f64, too_late.len() as f64, unreadable.len() as f64);
    liar.say([unexpected, too_late, unreadable].concat());
    system.until("they are counted", || {
        (dropped(&system, "unexpected"), dropped(&system, "too_late"), dropped(&system, "unparsed")) == counts
    });
    // What nobody waits for is kept by nobody.
    liar.say(vec![up(&stranger, now, 255)]);
    system.until("it is counted", || dropped(&system, "tried") == 1.0);
    // What is expected of its region is believed, and stored under the region of the stream it came on.
    let before = system.number("select count(*) from results where detail like 'a%lie'");
    assert_eq!(before, 0);
    let slot = due(phase_of_all);
    liar.say(vec![up(&everywhere.id, slot, 0), up(&everywhere.id, slot, 0)]);
    let told = "select string_agg(g.id || ' ' || r.slot, ' ') from results r join regions g on g.key = r.region
                where detail like 'a%lie'";
    system.until("what is expected is stored", || system.sql(told) == format!("nowhere {slot}"));
    assert!(system.metric(0, "upguard_ingest_duplicates_total") >= 1.0);
    expect_life(&system, &everywhere);
    let audit = system.audit();
    audit.expect_no("eu-west missed");
    audit.expect_no("us-east missed");
    audit.expect_some("nowhere missed (no_probe)");
    assert_eq!(audit.count("nowhere up"), 1);
}

#[test]
fn jobs_from_another_time_are_answered_and_left_out() {
    let system = Deployment::start();
    let site = system.site("up");
    let monitor = system.monitor(&json!({"url": site.url()}));
    system.expect_status(&monitor, "up");
    let before = dropped(&system, "too_late") + dropped(&system, "unexpected") + dropped(&system, "unparsed");
    let now = system.now();
    let jobs = [
        ("5", "65", "0"),
        ("-9223372036854775808", "9223372036854775807", "0"),
        ("9223372036854775807", "9223372036854775807", "0"),
        (&(now - 86_400 * 400).to_string(), "9223372036854775807", "0"),
        (&(now + 86_400 * 400).to_string(), "9223372036854775807", "255"),
        (&(now - 86_400 * 400).to_string(), &(now + 60).to_string(), "255"),
    ];
    for (slot, until, attempt) in jobs {
        system.redis(&[
            "XADD",
            &own("eu-west"),
            "*",
            "id",
            &monitor.id,
            "url",
            site.url(),
            "slot",
            slot,
            "until",
            until,
            "attempt",
            attempt,
        ]);
    }
    system.until("all are answered and left out", || {
        dropped(&system, "too_late") + dropped(&system, "unexpected") + dropped(&system, "unparsed") - before
            == jobs.len() as f64
    });
    expect_life(&system, &monitor);
    assert_eq!(
        system.number(&format!("select count(*) from results where slot not between {now} - 600 and {now} + 600")),
        0
    );
}

#[test]
fn a_bare_entry_is_a_check_on_request() {
    let system = Deployment::start();
    let site = system.site("bare");
    let monitor = system.monitor(&json!({"url": system.site("up").url(), "interval": 3600}));
    let known = format!("select count(*) from results where monitor = {} and attempt = 255", monitor.key);
    system.until("its first checks are stored", || system.number(&known) == 2);
    let entry = system.redis(&["XADD", JOBS, "*", "url", site.url(), "id", &monitor.id]);
    system.redis(&["XADD", JOBS, "*", "url", site.url(), "id", &Uuid::new_v4().to_string()]);
    let slot = entry.parse::<EntryId>().unwrap().ms / 1000;
    let rows = format!(
        "select string_agg(g.id || ' ' || r.verdict, ', ' order by g.id) from results r join regions g on g.key = r.region
         where monitor = {} and attempt = 255 and slot = {slot} and http_status = 200",
        monitor.key
    );
    system.until("both regions checked it", || system.sql(&rows).ends_with("eu-west up, us-east up"));
    system.until("the unknown one is nobody's", || dropped(&system, "tried") == 2.0);
    assert_eq!(site.requests(), 4);
    let result = system.get(&monitor.at("/results?limit=1"))["items"][0].clone();
    assert_eq!((&result["cause"], &result["verdict"]), (&json!("request"), &json!("up")));
    // It counts for nothing: not one of the monitor's slots was due.
    let audit = system.audit();
    assert_eq!(audit.count(""), 0, "{audit:?}");
    let uptime = system.get(&monitor.at(""))["uptime"]["24h"].clone();
    assert_eq!((&uptime["total"], &uptime["expected"]), (&json!(0), &json!(0)), "{uptime}");
    assert_eq!(
        system.number(&format!("select count(*) from results where verdict = '{}'", Reason::NoProbe.verdict())),
        0
    );
}

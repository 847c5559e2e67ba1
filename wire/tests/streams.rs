//! The commands against a real Redis: what the protocol promises, one promise a test.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::time::Duration;

use testbed::servers::Redis;
use uuid::Uuid;
use wire::{
    Cursor, Done, Entry, Facts, Keys, Line, Link, MonitorId, Outcome, Payload, Positions, Pushed, Pusher, Reason,
    Region, Streams, Target,
};

const SOON: Duration = Duration::from_millis(200);
const LEASE: Duration = Duration::from_millis(300);

/// A Redis of one's own, and a region that joined its groups.
struct Stage {
    redis: Redis,
    link: Link,
    keys: Keys,
    region: Region,
    streams: Streams,
    line: Line,
    _dir: tempfile::TempDir,
}

impl Stage {
    async fn start() -> Self {
        Self::start_with(&[]).await
    }

    async fn start_with(extra: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let redis = Redis::start(dir.path(), extra).unwrap();
        let link = Link::new(&redis.url(), 4).unwrap();
        let keys = Keys::new("betteruptime:website", 0).unwrap();
        let region: Region = "eu-west".parse().unwrap();
        let mut line = link.own().await.unwrap();
        let streams = wire::ensure_groups(&mut line, &keys, &region).await.unwrap();
        Self { redis, link, keys, region, streams, line, _dir: dir }
    }

    async fn pusher(&self) -> Pusher {
        Pusher::new(self.link.own().await.unwrap(), self.keys.clone())
    }

    async fn take(&mut self, worker: &str, permits: usize) -> Vec<wire::Delivery> {
        let mut line = self.link.blocking().await.unwrap();
        wire::take(&mut line, &self.streams, worker, permits, SOON).await.unwrap().deliveries
    }

    async fn results(&mut self) -> Vec<wire::ResultEntry> {
        let wanted = [(self.region.clone(), 100)];
        wire::read_results(&mut self.line, &self.keys, &wanted, &Positions::new()).await.unwrap()
    }

    fn pending(&self) -> String {
        let summary = self.redis.cli(&["XPENDING", "betteruptime:website", "eu-west"]).unwrap();
        summary.lines().next().unwrap_or_default().to_owned()
    }
}

fn entry(id: u128, slot: i64) -> Entry<'static> {
    let id = MonitorId(Uuid::from_u128(id));
    Entry { target: Target::All, id, url: "http://a.example/", slot, until: slot + 60, attempt: 0, spec: None, rev: 0 }
}

#[tokio::test]
async fn a_chunk_and_its_cursor_are_one() {
    let stage = Stage::start().await;
    let (mut one, mut two) = (stage.pusher().await, stage.pusher().await);
    let (_, none) = one.look().await.unwrap();
    assert_eq!(none, None);
    let to = Cursor { slot: 100, last: 2 };
    assert_eq!(one.push(None, &[entry(1, 100), entry(2, 100)], to, 0).await.unwrap(), Pushed::Done);
    assert_eq!(two.push(None, &[entry(1, 100)], to, 0).await.unwrap(), Pushed::Moved);
    assert_eq!(two.look().await.unwrap().1, Some(to));
    assert_eq!(two.push(Some(to), &[entry(3, 100)], Cursor::start_of(101), 0).await.unwrap(), Pushed::Done);
    assert_eq!(stage.redis.cli(&["XLEN", "betteruptime:website"]).unwrap(), "3");
    assert_eq!(stage.redis.cli(&["GET", "{betteruptime:website}:_watermark"]).unwrap(), "101:0");
}

#[tokio::test]
async fn a_full_redis_refuses_a_chunk_whole() {
    let stage = Stage::start_with(&["--maxmemory", "1mb"]).await;
    let mut pusher = stage.pusher().await;
    let why = pusher.push(None, &[entry(1, 100), entry(2, 100)], Cursor::start_of(101), 0).await.unwrap_err();
    assert!(why.is_refused(), "{why}");
    assert_eq!(why.to_string().matches("OOM").count(), 1, "said once, not for each command: {why}");
    assert_eq!(pusher.look().await.unwrap().1, None);
}

#[tokio::test]
async fn a_chunk_drops_what_is_older_than_its_minimum() {
    let stage = Stage::start().await;
    stage.redis.cli(&["XADD", "betteruptime:website", "1000-1", "url", "http://old.example/", "id", "x"]).unwrap();
    let mut pusher = stage.pusher().await;
    pusher.push(None, &[entry(1, 100)], Cursor::start_of(101), 2_000).await.unwrap();
    assert_eq!(stage.redis.cli(&["XLEN", "betteruptime:website"]).unwrap(), "1");
}

#[tokio::test]
async fn outcome_and_acknowledgment_are_one() {
    let mut stage = Stage::start().await;
    stage.pusher().await.push(None, &[entry(7, 100)], Cursor::start_of(101), 0).await.unwrap();
    let taken = stage.take("probe-1", 8).await;
    let [delivery] = &taken[..] else { panic!("one job, not {}", taken.len()) };
    let job = delivery.job.clone().unwrap();
    assert_eq!((job.slot, job.until, job.attempt), (100, 160, 0));
    assert_eq!(stage.pending(), "1");
    let outcome = Outcome::missed(job.monitor, job.slot, job.attempt, Reason::Late, 100_000);
    let done = [Done { lease: delivery.lease, outcome: Some(outcome.clone()) }];
    wire::report(&mut stage.line, &stage.streams, "probe-1", &done).await.unwrap();
    assert_eq!(stage.pending(), "0");
    let facts = Facts { worker: "probe-1".into(), limit: 512, ..Facts::default() };
    wire::send_facts(&mut stage.line, &stage.streams, &facts).await.unwrap();
    let results = stage.results().await;
    let Ok(Payload::Outcomes(batch)) = &results[0].payload else { panic!("outcomes come first") };
    assert_eq!((batch.worker.as_str(), &batch.outcomes[..]), ("probe-1", &[outcome][..]));
    assert_eq!(results[1].payload, Ok(Payload::Facts(facts)));
    let read: Positions = results.iter().map(|entry| (entry.region.clone(), entry.id)).collect();
    wire::trim_results(&mut stage.line, &stage.keys, &read).await.unwrap();
    assert!(stage.results().await.is_empty());
}

#[tokio::test]
async fn a_lease_that_is_renewed_is_kept_and_one_that_lapses_is_taken_over() {
    let mut stage = Stage::start().await;
    stage.pusher().await.push(None, &[entry(1, 100), entry(2, 100)], Cursor::start_of(101), 0).await.unwrap();
    let held = stage.take("probe-1", 8).await;
    let (kept, lost) = (held[0].clone(), held[1].clone());
    let mut cursors = Vec::new();
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    let claimed = loop {
        wire::renew(&mut stage.line, &stage.streams, "probe-1", [kept.lease]).await.unwrap();
        let claimed = wire::claim(&mut stage.line, &stage.streams, "probe-2", LEASE, &mut cursors, 8).await.unwrap();
        if !claimed.is_empty() || std::time::Instant::now() > deadline {
            break claimed;
        }
        tokio::time::sleep(LEASE / 6).await;
    };
    assert_eq!(claimed.len(), 1, "only the lapsed one");
    assert_eq!((claimed[0].delivery.lease, claimed[0].times), (lost.lease, 2));
}

#[tokio::test]
async fn a_lost_group_says_so_and_a_new_one_starts_at_the_beginning() {
    let mut stage = Stage::start().await;
    stage.redis.cli(&["FLUSHALL"]).unwrap();
    let mut line = stage.link.blocking().await.unwrap();
    let why = wire::take(&mut line, &stage.streams, "probe-1", 8, SOON).await.unwrap_err();
    assert!(why.is_group_gone(), "{why}");
    stage.pusher().await.push(None, &[entry(1, 100)], Cursor::start_of(101), 0).await.unwrap();
    wire::ensure_groups(&mut stage.line, &stage.keys, &stage.region).await.unwrap();
    assert_eq!(stage.take("probe-1", 8).await.len(), 1);
}

#[tokio::test]
async fn entries_nobody_can_read_are_buried_with_their_reason() {
    let mut stage = Stage::start().await;
    stage.redis.cli(&["XADD", "{betteruptime:website}:eu-west:results", "*", "v", "9", "o", "?"]).unwrap();
    let results = stage.results().await;
    let why = results[0].payload.as_ref().unwrap_err().to_string();
    wire::dead_letter(&mut stage.line, &stage.keys, &[]).await.unwrap();
    wire::dead_letter(&mut stage.line, &stage.keys, &[(&results[0], &why), (&results[0], "nobody could store it")])
        .await
        .unwrap();
    let dead = stage.redis.cli(&["XRANGE", "{betteruptime:website}:_dead", "-", "+"]).unwrap();
    assert!(
        dead.contains("version `9`") && dead.contains("eu-west") && dead.contains("nobody could store it"),
        "{dead}"
    );
}

#[tokio::test]
async fn lag_is_the_age_of_what_nobody_took() {
    let mut stage = Stage::start().await;
    let regions = [stage.region.clone()];
    stage.pusher().await.push(None, &[entry(1, 100), entry(2, 100)], Cursor::start_of(101), 0).await.unwrap();
    stage.take("probe-1", 2).await;
    let lag = wire::group_lags(&mut stage.line, &stage.keys, &regions).await.unwrap()[&stage.region];
    assert_eq!(lag.pending, 1);
    let now = stage.line.time_ms().await.unwrap() as u64;
    assert!(lag.oldest_undelivered_ms.is_some_and(|ms| now - ms < 60_000), "{lag:?}");
    stage.take("probe-1", 8).await;
    let lag = wire::group_lags(&mut stage.line, &stage.keys, &regions).await.unwrap()[&stage.region];
    assert_eq!((lag.pending, lag.oldest_undelivered_ms), (2, None));
    assert_eq!(wire::groups_on(&mut stage.line, &stage.keys).await.unwrap(), regions);
}

#[tokio::test]
async fn a_server_says_how_it_is() {
    let mut stage = Stage::start_with(&["--maxmemory", "64mb"]).await;
    let info = stage.line.server_info().await.unwrap();
    assert_eq!(info.memory_limit_bytes, 64 << 20);
    assert!(info.memory_bytes > 0 && info.clients > 0, "{info:?}");
    assert!(info.is_aof_ok, "{info:?}");
    stage.redis.cli(&["CONFIG", "SET", "appendonly", "no"]).unwrap();
    assert!(!stage.line.server_info().await.unwrap().is_aof_ok);
    stage.redis.cli(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    assert!(stage.line.server_info().await.unwrap().memory_limit_bytes > 64 << 20, "the machine's");
}

/// Every command a probe sends, under the exact rule a region's ACL user gets.
#[tokio::test]
async fn a_region_needs_no_more_than_its_acl_rule() {
    let mut stage = Stage::start().await;
    let rule = "on >secret resetkeys ~betteruptime:website ~{betteruptime:website}:eu-west +xreadgroup +xack +xclaim \
                +xautoclaim +xpending +xgroup|create +multi +exec +discard +ping +time +hello +client|setname";
    let mut args = vec!["ACL", "SETUSER", "eu"];
    args.extend(rule.split_whitespace());
    args.push("(%W~{betteruptime:website}:eu-west:results +xadd)");
    stage.redis.cli(&args).unwrap();
    stage.pusher().await.push(None, &[entry(1, 100), entry(2, 100)], Cursor::start_of(101), 0).await.unwrap();

    let url = stage.redis.url().replace("redis://", "redis://eu:secret@");
    stage.link = Link::new(&url, 2).unwrap();
    let mut line = stage.link.own().await.unwrap();
    line.time_ms().await.unwrap();
    let streams = wire::ensure_groups(&mut line, &stage.keys, &stage.region).await.unwrap();
    assert!(!streams.isolated);
    let held = stage.take("probe-1", 2).await;
    wire::renew(&mut line, &streams, "probe-1", held.iter().map(|each| each.lease)).await.unwrap();
    wire::claim(&mut line, &streams, "probe-1", Duration::ZERO, &mut Vec::new(), 8).await.unwrap();
    let job = held[0].job.clone().unwrap();
    let outcome = Some(Outcome::missed(job.monitor, job.slot, 0, Reason::Late, 0));
    wire::report(&mut line, &streams, "probe-1", &[Done { lease: held[0].lease, outcome }]).await.unwrap();

    let other: Region = "us-east".parse().unwrap();
    let forged = wire::ensure_groups(&mut line, &stage.keys, &other).await.unwrap_err();
    assert!(forged.is_no_permission(), "{forged}");
    assert!(wire::push_one(&mut line, &stage.keys, &[entry(9, 9)], 0).await.is_err());
}

#[tokio::test]
async fn a_region_without_rights_on_the_shared_stream_is_isolated() {
    let mut stage = Stage::start().await;
    let rule = "on >secret resetkeys ~{betteruptime:website}:eu-west +xreadgroup +xgroup|create +ping +time +hello";
    let mut args = vec!["ACL", "SETUSER", "eu"];
    args.extend(rule.split_whitespace());
    stage.redis.cli(&args).unwrap();
    stage.link = Link::new(&stage.redis.url().replace("redis://", "redis://eu:secret@"), 2).unwrap();
    let mut line = stage.link.own().await.unwrap();
    stage.streams = wire::ensure_groups(&mut line, &stage.keys, &stage.region).await.unwrap();
    assert!(stage.streams.isolated);
    let alone = Entry { target: Target::Region(&stage.region), ..entry(1, 100) };
    let mut control = Link::new(&stage.redis.url(), 1).unwrap().short().await.unwrap();
    wire::push_one(&mut control, &stage.keys, &[alone], 0).await.unwrap();
    assert_eq!(stage.take("probe-1", 8).await.len(), 1);
}

#[tokio::test]
async fn what_waits_is_known_before_it_is_read_and_a_stream_begins_anew() {
    let mut stage = Stage::start().await;
    let (results, regions) = ("{betteruptime:website}:eu-west:results", [stage.region.clone()]);
    let (_, none) = wire::look_at_results(&mut stage.line, &stage.keys, &regions).await.unwrap();
    assert_eq!(none, [wire::Backlog::default()]);
    let last = "18446744073709551615-18446744073709551615";
    stage.redis.cli(&["XADD", results, last, "v", "1", "o", &"x".repeat(70_000)]).unwrap();
    let (now_ms, found) = wire::look_at_results(&mut stage.line, &stage.keys, &regions).await.unwrap();
    assert_eq!(stage.results().await.len(), 1, "there is nothing after it, and no error");
    assert!(found[0].entries == 1 && found[0].bytes > 70_000, "{found:?}");
    assert!(
        stage
            .redis
            .cli(&["XADD", results, "*", "v", "1"])
            .is_err_and(|why| why.to_string().contains("last possible ID"))
    );
    wire::reset_results(&mut stage.line, &stage.keys, &stage.region).await.unwrap();
    stage.redis.cli(&["XADD", results, "*", "v", "1"]).unwrap();
    let read = stage.results().await;
    assert!(read.len() == 1 && read[0].id.ms as i64 >= now_ms, "{read:?}");
}

#[tokio::test]
async fn a_group_beyond_its_stream_is_found_and_set_back() {
    let mut stage = Stage::start().await;
    stage.pusher().await.push(None, &[entry(1, 100), entry(2, 100)], Cursor::start_of(101), 0).await.unwrap();
    let regions = [stage.region.clone()];
    assert_eq!(stage.take("probe-1", 2).await.len(), 1);
    let before = wire::group_positions(&mut stage.line, &stage.keys, &regions).await.unwrap();
    assert!(before.iter().all(|group| !group.is_beyond()), "{before:?}");
    let beyond = ["0", "1-1", "LASTID", "18446744073709551615-0", "JUSTID"];
    stage.redis.cli(&[&["XCLAIM", "betteruptime:website", "eu-west", "thief"], &beyond[..]].concat()).unwrap();
    assert_eq!(stage.take("probe-1", 2).await.len(), 0, "it would never be given another job");
    let after = wire::group_positions(&mut stage.line, &stage.keys, &regions).await.unwrap();
    let strayed: Vec<_> = after.iter().filter(|group| group.is_beyond()).collect();
    let [group] = &strayed[..] else { panic!("one, not {strayed:?}") };
    let was = before.iter().find(|known| known.stream == group.stream).unwrap();
    wire::set_group_back(&mut stage.line, group, was.at).await.unwrap();
    assert_eq!(stage.take("probe-1", 2).await.len(), 1);
}

#[tokio::test]
async fn no_reply_is_larger_than_its_reader_asked_for() {
    let mut stage = Stage::start().await;
    let results = "{betteruptime:website}:eu-west:results";
    let fill =
        "for n = 1, 8 do redis.call('XADD', KEYS[1], '*', 'v', '1', 'o', string.rep('x', tonumber(ARGV[1]))) end";
    for bytes in ["10", "9000000", "900000"] {
        stage.redis.cli(&["EVAL", fill, "1", results, bytes]).unwrap();
    }
    let read = stage.results().await;
    let large = |entry: &&wire::ResultEntry| format!("{:?}", entry.payload).contains("more than 1048576 bytes");
    assert_eq!(
        (read.len(), read.iter().filter(large).count()),
        (20, 8),
        "8 small, 8 by their id alone, and 4 MiB of the rest"
    );
    let positions = Positions::from([(stage.region.clone(), read[19].id)]);
    let wanted = [(stage.region.clone(), 100)];
    let rest = wire::read_results(&mut stage.line, &stage.keys, &wanted, &positions).await.unwrap();
    assert_eq!(rest.len(), 4);
}

#[tokio::test]
async fn groups_of_others_hide_nobodys() {
    let mut stage = Stage::start().await;
    let make = "for n = 1, 3000 do redis.call('XGROUP', 'CREATE', KEYS[1], '0-' .. n, '0') end
                for n = 1, 3 do redis.call('XGROUP', 'CREATE', KEYS[1], string.rep('x', 8000000) .. n, '0') end
                redis.call('XGROUP', 'CREATE', KEYS[1], '\\255', '0')";
    stage.redis.cli(&["EVAL", make, "1", "betteruptime:website"]).unwrap();
    let regions = [stage.region.clone()];
    let positions = wire::group_positions(&mut stage.line, &stage.keys, &regions).await.unwrap();
    assert_eq!(positions.len(), 2, "on both streams");
    assert_eq!(wire::groups_on(&mut stage.line, &stage.keys).await.unwrap().len(), 1_000);
    assert_eq!(wire::group_lags(&mut stage.line, &stage.keys, &regions).await.unwrap().len(), 1);
}

//! What dashboards are told, on a real Redis.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]

use std::time::Duration;

use testbed::servers::Redis;
use uuid::Uuid;
use wire::{EntryId, Keys, Line, Link, LiveNotice};

const SOON: Duration = Duration::from_millis(100);

struct Stage {
    redis: Redis,
    keys: Keys,
    line: Line,
    _dir: tempfile::TempDir,
}

impl Stage {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let redis = Redis::start(dir.path(), &[]).unwrap();
        let keys = Keys::new("betteruptime:website", 0).unwrap();
        let line = Link::new(&redis.url(), 2).unwrap().blocking().await.unwrap();
        Self { redis, keys, line, _dir: dir }
    }

    async fn publish(&mut self, notices: &[LiveNotice]) -> EntryId {
        wire::publish_live(&mut self.line, &self.keys, notices).await.unwrap().unwrap()
    }

    fn length(&self) -> usize {
        self.redis.cli(&["XLEN", &self.keys.live()]).unwrap().parse().unwrap()
    }
}

fn notice(event: &str, data: &str) -> LiveNotice {
    LiveNotice { organisation: Some(Uuid::from_u128(7)), event: event.to_owned(), data: data.to_owned() }
}

#[tokio::test]
async fn what_is_published_together_is_read_together_and_in_order() {
    let mut stage = Stage::start().await;
    assert_eq!(wire::live_tail(&mut stage.line, &stage.keys).await.unwrap(), None);
    assert_eq!(wire::publish_live(&mut stage.line, &stage.keys, &[]).await.unwrap(), None);
    let both = [notice("status", "{\"a\":1}"), notice("status", "{\"a\":2}")];
    let first = stage.publish(&both).await;
    let second = stage.publish(&[LiveNotice { organisation: None, ..notice("resync", "{}") }]).await;
    let read = wire::read_live(&mut stage.line, &stage.keys, EntryId::default(), 10, SOON).await.unwrap();
    assert_eq!(read.iter().map(|entry| entry.id).collect::<Vec<_>>(), [first, second]);
    assert_eq!(read[0].notices(), both);
    assert_eq!(read[1].notices()[0].organisation, None);
    assert!(wire::read_live(&mut stage.line, &stage.keys, second, 10, SOON).await.unwrap().is_empty());
    assert_eq!(wire::live_tail(&mut stage.line, &stage.keys).await.unwrap(), Some(second));
}

#[tokio::test]
async fn who_comes_back_goes_on_or_is_told_that_it_cannot() {
    let mut stage = Stage::start().await;
    let first = stage.publish(&[notice("status", "{}")]).await;
    let second = stage.publish(&[notice("status", "{}")]).await;
    let since = wire::live_since(&mut stage.line, &stage.keys, first, 10).await.unwrap().unwrap();
    assert_eq!(since.iter().map(|entry| entry.id).collect::<Vec<_>>(), [first, second]);
    for unknown in [EntryId::default(), EntryId { ms: first.ms - 1, seq: 0 }, second.next()] {
        assert!(wire::live_since(&mut stage.line, &stage.keys, unknown, 10).await.unwrap().is_none());
    }
    stage.redis.cli(&["XADD", &stage.keys.live(), "*", "nonsense", "x"]).unwrap();
    let since = wire::live_since(&mut stage.line, &stage.keys, second, 10).await.unwrap().unwrap();
    assert!(since[1].notices().is_empty());
}

#[tokio::test]
async fn the_stream_is_capped_by_number_and_beside_large_entries_by_age() {
    let mut stage = Stage::start().await;
    let old = "for i=1,12000 do redis.call('XADD', KEYS[1], i..'-1', 'status:*', '{}') end";
    stage.redis.cli(&["EVAL", old, "1", &stage.keys.live()]).unwrap();
    stage.publish(&[notice("status", "{}")]).await;
    assert!((10_000..10_200).contains(&stage.length()), "{}", stage.length());
    stage.publish(&[notice("beat", &"x".repeat(5_000))]).await;
    assert!(stage.length() < 300, "{}", stage.length());
}

#[tokio::test]
async fn a_look_counts_for_a_while() {
    let mut stage = Stage::start().await;
    assert!(!wire::is_watched(&mut stage.line, &stage.keys).await.unwrap());
    wire::keep_watched(&mut stage.line, &stage.keys).await.unwrap();
    assert!(wire::is_watched(&mut stage.line, &stage.keys).await.unwrap());
    let left: u64 = stage.redis.cli(&["TTL", &stage.keys.watched()]).unwrap().parse().unwrap();
    assert!((25..=30).contains(&left));
}

//! PostgreSQL and Redis as this replica finds them. While one is away, its last figures stay and `…_up` says that they are old.

use std::time::Duration;

use prometheus::{Error, Gauge, Histogram, HistogramOpts, IntCounter, IntGauge, IntGaugeVec, Registry};
use store::{
    PoolState,
    pulse::{DatabaseSizes, DatabaseState},
};
use wire::ServerInfo;

use super::{int_gauges, registered};

/// Seconds from a tenth of a millisecond to where a request gives up.
const WAITS: &[f64] = &[0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0];

/// How long it takes to get a connection to PostgreSQL.
#[derive(Clone, Debug)]
pub struct Waits {
    seconds: Histogram,
    refused: IntCounter,
}

impl Waits {
    /// Counts one connection that was asked for, and whether there was one.
    pub fn note(&self, took: Duration, had: bool) {
        self.seconds.observe(took.as_secs_f64());
        if !had {
            self.refused.inc();
        }
    }
}

/// The series of both servers.
#[derive(Debug)]
pub struct Servers {
    /// Of the pool.
    pub waits: Waits,
    pool_size: IntGauge,
    pool: IntGaugeVec,
    pool_waiting: IntGauge,
    postgres_up: IntGauge,
    database_bytes: IntGauge,
    results_bytes: IntGauge,
    connections: IntGauge,
    connections_limit: IntGauge,
    transaction: Gauge,
    redis_up: IntGauge,
    redis: [IntGauge; 9],
}

/// In the order of [`figures`].
const REDIS: [(&str, &str); 9] = [
    ("upguard_redis_memory_bytes", "Memory that Redis' data takes."),
    ("upguard_redis_memory_limit_bytes", "The most memory it may take: maxmemory, or else the machine's."),
    ("upguard_redis_clients", "Connections to Redis."),
    ("upguard_redis_blocked_clients", "Connections that wait in a blocking read."),
    ("upguard_redis_commands_per_second", "Commands per second, at the moment."),
    ("upguard_redis_evicted_keys", "Keys thrown away for want of memory since Redis started."),
    ("upguard_redis_replicas", "Replicas that follow this Redis."),
    ("upguard_redis_uptime_seconds", "Time since Redis started."),
    ("upguard_redis_aof_ok", "1 while the append-only file is on and was written without an error."),
];

fn figures(info: &ServerInfo) -> [i64; 9] {
    [
        info.memory_bytes,
        info.memory_limit_bytes,
        info.clients,
        info.blocked_clients,
        info.commands_per_second,
        info.evicted_keys,
        info.replicas,
        info.uptime_seconds,
        u64::from(info.is_aof_ok),
    ]
    .map(|figure| i64::try_from(figure).unwrap_or(i64::MAX))
}

impl Servers {
    pub(super) fn new(r: &Registry) -> Result<Self, Error> {
        let gauge = |name: &str, help: &str| registered(r, IntGauge::new(name, help)?);
        let redis = REDIS.map(|(name, help)| gauge(name, help));
        let waits = HistogramOpts::new("upguard_postgres_wait_seconds", "Time until a connection of the pool was had.");
        let servers = Self {
            waits: Waits {
                seconds: registered(r, Histogram::with_opts(waits.buckets(WAITS.to_vec()))?)?,
                refused: registered(
                    r,
                    IntCounter::new("upguard_postgres_refused_total", "Connections asked for in vain.")?,
                )?,
            },
            pool_size: gauge("upguard_postgres_pool_size", "The most connections of this replica's pool.")?,
            pool: int_gauges(r, "upguard_postgres_pool_connections", "Connections of the pool.", &["state"])?,
            pool_waiting: gauge("upguard_postgres_pool_waiting", "Who waits for a connection of the pool.")?,
            postgres_up: gauge("upguard_postgres_up", "1 while PostgreSQL answers this replica.")?,
            database_bytes: gauge("upguard_postgres_database_bytes", "Size of the database.")?,
            results_bytes: gauge("upguard_postgres_results_bytes", "Size of the results of single checks.")?,
            connections: gauge("upguard_postgres_connections", "Sessions in the database, of anybody.")?,
            connections_limit: gauge("upguard_postgres_connections_limit", "The most sessions PostgreSQL takes.")?,
            transaction: registered(
                r,
                Gauge::new("upguard_postgres_transaction_seconds", "Age of the oldest open transaction.")?,
            )?,
            redis_up: gauge("upguard_redis_up", "1 while Redis answers this replica.")?,
            redis: collected(redis)?,
        };
        for state in ["used", "idle"] {
            servers.pool.with_label_values(&[state]);
        }
        Ok(servers)
    }

    /// The pool as it is.
    pub fn pool(&self, pool: PoolState) {
        self.pool_size.set(pool.size as i64);
        self.pool.with_label_values(&["used"]).set(pool.used as i64);
        self.pool.with_label_values(&["idle"]).set(pool.idle as i64);
        self.pool_waiting.set(pool.waiting as i64);
    }

    /// What PostgreSQL answered; nothing while it is away.
    pub fn postgres(&self, found: Option<DatabaseState>) {
        self.postgres_up.set(found.is_some().into());
        let Some(found) = found else { return };
        self.connections.set(found.connections);
        self.connections_limit.set(found.connections_limit);
        self.transaction.set(found.transaction_seconds);
    }

    /// How large PostgreSQL says it is.
    pub fn sizes(&self, found: DatabaseSizes) {
        self.database_bytes.set(found.all);
        self.results_bytes.set(found.results);
    }

    /// What Redis answered; nothing while it is away.
    pub fn redis(&self, found: Option<&ServerInfo>) {
        self.redis_up.set(found.is_some().into());
        let Some(found) = found else { return };
        for (gauge, figure) in self.redis.iter().zip(figures(found)) {
            gauge.set(figure);
        }
    }
}

fn collected<const N: usize>(made: [Result<IntGauge, Error>; N]) -> Result<[IntGauge; N], Error> {
    let gauges: Vec<IntGauge> = made.into_iter().collect::<Result<_, _>>()?;
    gauges.try_into().map_err(|_| Error::Msg("as many gauges as names".to_owned()))
}

#[cfg(test)]
mod tests {
    use prometheus::TextEncoder;

    use super::*;

    #[test]
    fn what_is_away_is_marked_and_keeps_its_last_figures() {
        let registry = Registry::new();
        let servers = Servers::new(&registry).unwrap();
        let has = |line: &str| {
            let text = TextEncoder::new().encode_to_string(&registry.gather()).unwrap();
            text.lines().any(|each| each == line)
        };
        assert!(has("upguard_redis_up 0") && has("upguard_postgres_up 0") && has("upguard_redis_memory_bytes 0"));
        servers.redis(Some(&ServerInfo { memory_bytes: 7, is_aof_ok: true, ..ServerInfo::default() }));
        assert!(has("upguard_redis_up 1") && has("upguard_redis_memory_bytes 7") && has("upguard_redis_aof_ok 1"));
        servers.redis(None);
        assert!(has("upguard_redis_up 0") && has("upguard_redis_memory_bytes 7"));
        let found = DatabaseState { connections: 3, connections_limit: 100, transaction_seconds: 0.5 };
        servers.postgres(Some(found));
        servers.sizes(DatabaseSizes { all: 9, results: 4 });
        assert!(has("upguard_postgres_up 1") && has("upguard_postgres_database_bytes 9"));
        servers.postgres(None);
        assert!(has("upguard_postgres_up 0") && has("upguard_postgres_transaction_seconds 0.5"));
        servers.pool(PoolState { size: 8, used: 2, idle: 1, waiting: 3 });
        assert!(has("upguard_postgres_pool_connections{state=\"used\"} 2") && has("upguard_postgres_pool_waiting 3"));
        servers.waits.note(Duration::from_millis(2), false);
        assert!(has("upguard_postgres_wait_seconds_count 1") && has("upguard_postgres_refused_total 1"));
    }
}

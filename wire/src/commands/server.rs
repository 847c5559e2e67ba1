//! How the Redis server itself is: the few figures of `INFO` that somebody acts on.

use std::collections::HashMap;

use super::{error::Error, link::Line};

/// A Redis server at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServerInfo {
    /// What its data takes.
    pub memory_bytes: u64,
    /// The most it may take: `maxmemory`, and where that is not set, the machine's memory.
    pub memory_limit_bytes: u64,
    /// Connections.
    pub clients: u64,
    /// Connections that wait in a blocking read: probes without work, mostly.
    pub blocked_clients: u64,
    /// Commands per second, at the moment.
    pub commands_per_second: u64,
    /// Keys it threw away for want of memory; under `noeviction`, never any.
    pub evicted_keys: u64,
    /// Replicas that follow it.
    pub replicas: u64,
    /// Since its start.
    pub uptime_seconds: u64,
    /// Whether the append-only file is on, and was written and rewritten without an error last time.
    pub is_aof_ok: bool,
}

impl Line {
    /// Asks the server how it is. <https://redis.io/docs/latest/commands/info/>
    pub async fn server_info(&mut self) -> Result<ServerInfo, Error> {
        let text: String = redis::cmd("INFO").query_async(self.connection()).await?;
        read(&text).ok_or(Error::Shape("INFO"))
    }
}

fn read(text: &str) -> Option<ServerInfo> {
    let fields: HashMap<&str, &str> = text.lines().filter_map(|line| line.trim_end().split_once(':')).collect();
    let number = |name: &str| fields.get(name)?.parse::<u64>().ok();
    let is = |name: &str, value: &str| fields.get(name) == Some(&value);
    Some(ServerInfo {
        memory_bytes: number("used_memory")?,
        memory_limit_bytes: number("maxmemory").filter(|most| *most > 0).or_else(|| number("total_system_memory"))?,
        clients: number("connected_clients")?,
        blocked_clients: number("blocked_clients")?,
        commands_per_second: number("instantaneous_ops_per_sec")?,
        evicted_keys: number("evicted_keys")?,
        replicas: number("connected_slaves")?,
        uptime_seconds: number("uptime_in_seconds")?,
        is_aof_ok: is("aof_enabled", "1") && is("aof_last_write_status", "ok") && is("aof_last_bgrewrite_status", "ok"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INFO: &str = "# Server\r\nuptime_in_seconds:7\r\n\r\n# Clients\r\nconnected_clients:5\r\nblocked_clients:2\r\n\
        # Memory\r\nused_memory:1000\r\ntotal_system_memory:9000\r\nmaxmemory:0\r\n\
        # Persistence\r\naof_enabled:1\r\naof_last_bgrewrite_status:ok\r\naof_last_write_status:ok\r\n\
        # Stats\r\ninstantaneous_ops_per_sec:42\r\nevicted_keys:0\r\n# Replication\r\nconnected_slaves:1\r\n";

    #[test]
    fn the_limit_is_the_machines_memory_where_redis_has_none() {
        let found = read(INFO).unwrap();
        assert_eq!((found.memory_bytes, found.memory_limit_bytes), (1000, 9000));
        assert_eq!(read(&INFO.replace("maxmemory:0", "maxmemory:5000")).unwrap().memory_limit_bytes, 5000);
        assert_eq!((found.clients, found.blocked_clients, found.commands_per_second), (5, 2, 42));
        assert_eq!((found.replicas, found.uptime_seconds, found.evicted_keys), (1, 7, 0));
    }

    #[test]
    fn the_append_only_file_is_well_only_while_all_of_it_is() {
        assert!(read(INFO).unwrap().is_aof_ok);
        for (well, ill) in [
            ("aof_enabled:1", "aof_enabled:0"),
            ("aof_last_write_status:ok", "aof_last_write_status:err"),
            ("aof_last_bgrewrite_status:ok", "aof_last_bgrewrite_status:err"),
        ] {
            assert!(!read(&INFO.replace(well, ill)).unwrap().is_aof_ok, "{ill}");
        }
        assert_eq!(read("used_memory:1\r\n"), None);
    }
}

//! A control replica, an organisation with channels, and incidents that are made by SQL, as the ingester makes them.

use std::time::Duration;

use serde_json::{Value, json};
use store::incidents::Opening;

use crate::{
    receiver::Receiver,
    support::{Server, User, incidents::down},
};

/// Fast enough for a test, slow enough to be told apart.
pub(crate) const FAST: [(&str, &str); 5] = [
    ("UPGUARD_ALERTING__RETRY_FIRST", "300ms"),
    ("UPGUARD_ALERTING__RETRY_MOST", "1s"),
    ("UPGUARD_EGRESS__ALLOW", "127.0.0.0/8"),
    ("UPGUARD_SECRETS__KEY", "another secret of the tests, longer than 32 bytes"),
    ("UPGUARD_LOG__FILTER", "info,engine::notifier=debug"),
];

pub(crate) fn server() -> Server {
    server_with(&[])
}

pub(crate) fn server_with(more: &[(&str, &str)]) -> Server {
    Server::start_with(&[&FAST, more].concat())
}

/// Somebody with an organisation, whose default policy tells nobody yet.
pub(crate) struct Scene<'s> {
    pub(crate) server: &'s Server,
    pub(crate) user: User<'s>,
    pub(crate) organisation: String,
}

impl<'s> Scene<'s> {
    pub(crate) fn new(server: &'s Server) -> Self {
        let user = server.sign_up("ann@example.org");
        let organisation = server.psql("select id from organisations order by number limit 1");
        server.psql("delete from policy_channels");
        Self { server, user, organisation }
    }

    /// A webhook channel to `receiver`, in the default policy.
    pub(crate) fn webhook(&self, receiver: &Receiver) -> String {
        let settings = json!({"url": receiver.url()});
        let body = json!({"name": "a hook", "kind": "webhook", "settings": settings});
        let made = self.user.post("/api/v1/channels", &body).expect(201);
        let id = made["id"].as_str().unwrap().to_owned();
        self.server.psql(&format!(
            "insert into policy_channels select id, '{id}' from policies where organisation = '{}'",
            self.organisation
        ));
        id
    }

    /// Monitors that nobody checks; their keys.
    pub(crate) fn monitors(&self, count: usize) -> Vec<String> {
        let keys = self.server.psql(&format!(
            "insert into monitors (id, organisation, lane, name, url, interval, phase, enabled)
             select gen_random_uuid(), '{}', 0, 'site ' || n, 'http://a.example/', 86400, 0, false
             from generate_series(1, {count}) n returning key",
            self.organisation
        ));
        keys.lines().map(str::to_owned).collect()
    }

    /// Incidents of new monitors, all in one transaction; what opens them is due after `hold`.
    pub(crate) fn open(&self, count: usize, hold: Duration) -> Vec<String> {
        let facts = json!({"regions": [{"region": "eu-west", "vote": "down", "why": "connect"}]});
        let keys = self.monitors(count).into_iter().map(|key| key.parse().unwrap());
        let openings = keys.map(|key| Opening { facts: facts.clone(), ..down(key) }).collect();
        self.server.open(openings, 1_700_000_000, hold)
    }

    pub(crate) fn resolve(&self, incidents: &[String]) {
        self.server.resolve(incidents, 1_700_000_060);
    }

    /// `opened sent`, `resolved pending`, … of an incident and a channel, in order.
    pub(crate) fn rows(&self, incident: &str, channel: &str) -> Vec<String> {
        let rows = self.server.psql(&format!(
            "select what || ' ' || state from outbox where incident = '{incident}' and channel = '{channel}' order by change"
        ));
        rows.lines().map(str::to_owned).collect()
    }

    /// Messages in this state, for the whole organisation.
    pub(crate) fn unsent(&self, state: &str) -> Vec<Value> {
        let page = self.user.get(&format!("/api/v1/deliveries?state={state}")).expect(200);
        page["items"].as_array().unwrap().clone()
    }
}

//! The demo monitors: one for each face a site can have, and what each must look like when all is well.

use anyhow::Result;
use serde_json::{Value, json};

use super::api::Api;
use super::system::World;

/// A demo monitor by name and what its outcomes must be. `None`: it changes, any verdict will do.
pub(crate) const EXPECTED: [(&str, Option<&str>); 5] = [
    ("Demo: up", Some("up")),
    ("Demo: slow", Some("degraded")),
    ("Demo: flapping", None),
    ("Demo: down", Some("down")),
    ("Demo: TLS", Some("up")),
];

/// The monitors' bodies, as the API takes them.
pub(crate) fn monitors(world: &World) -> Value {
    let World { http, https, .. } = world;
    let site = |(name, _), url, interval: u32, expect: Value| {
        let mut body = json!({"name": name, "url": url, "interval": interval, "timeout": 5});
        if !expect.is_null() {
            body["expect"] = expect;
        }
        body
    };
    let [up, slow, flapping, down, tls] = EXPECTED;
    json!([
        site(up, format!("{http}/up"), 5, Value::Null),
        site(slow, format!("{http}/slow?ms=800"), 10, json!({"max_latency_ms": 500})),
        site(flapping, format!("{http}/flap?period=60&down=20"), 10, Value::Null),
        site(down, format!("{http}/status/503"), 10, Value::Null),
        site(tls, format!("{https}/up"), 10, json!({"min_cert_days": 7})),
    ])
}

/// Seeding leaves existing monitors as they are; if the sites have moved to other ports since, their addresses follow here.
pub(crate) fn bring_in_line(api: &Api, world: &World) -> Result<()> {
    let wanted = monitors(world);
    for monitor in api.monitors()? {
        let twin = wanted.as_array().into_iter().flatten().find(|wanted| wanted["name"] == monitor["name"]);
        if let (Some(twin), Some(id)) = (twin, monitor["id"].as_str())
            && twin["url"] != monitor["url"]
        {
            api.patch(&format!("/api/v1/monitors/{id}"), &json!({"url": twin["url"]}))?;
        }
    }
    Ok(())
}

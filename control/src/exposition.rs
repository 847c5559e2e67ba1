//! All that is counted, on one page for Prometheus.

use std::sync::Arc;

use api::admin::Expose;
use prometheus::{Encoder, Error, IntGauge, Opts, Registry, TextEncoder};
use store::{Db, Noting};

/// The registry, and what counts into it.
#[derive(Clone, Debug)]
pub(crate) struct Exposition {
    registry: Registry,
    pub(crate) engine: Arc<engine::metrics::Metrics>,
    pub(crate) api: Arc<api::metrics::Metrics>,
}

impl Exposition {
    /// All metrics, each at zero where its labels are known.
    pub(crate) fn new() -> Result<Self, Error> {
        let registry = Registry::new();
        let build = Opts::new("upguard_build_info", "The running version.");
        let build = IntGauge::with_opts(build.const_label("version", env!("CARGO_PKG_VERSION")))?;
        build.set(1);
        registry.register(Box::new(build))?;
        let engine = Arc::new(engine::metrics::Metrics::new(&registry)?);
        let api = Arc::new(api::metrics::Metrics::new(&registry)?);
        Ok(Self { registry, engine, api })
    }

    /// Counts how long connections to PostgreSQL take to be had.
    pub(crate) fn waits(&self) -> Noting {
        let waits = self.engine.servers.waits.clone();
        Arc::new(move |took, had| waits.note(took, had))
    }

    /// The page, with the pool `db` as it is then.
    pub(crate) fn expose(&self, db: Db) -> Expose {
        let all = self.clone();
        Arc::new(move || {
            all.engine.servers.pool(db.state());
            all.encode()
        })
    }

    fn encode(&self) -> Result<Vec<u8>, Error> {
        self.engine.refresh();
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use domain::{keys::Lane, status::Status};

    use super::*;

    #[test]
    fn names_and_zeroes() {
        let all = Exposition::new().unwrap();
        all.engine.know_lane(Lane(0));
        let text = String::from_utf8(all.encode().unwrap()).unwrap();
        for line in [
            "upguard_pusher_jobs_total{lane=\"0\"} 0",
            "upguard_ingest_outcomes_total{verdict=\"missed\"} 0",
            "upguard_ingest_duplicates_total 0",
            "upguard_ingest_dropped_total{why=\"too_late\"} 0",
            "upguard_closed_lag_seconds{lane=\"0\"} 0",
            "upguard_lane_stalled_seconds{lane=\"0\"} 0",
            "upguard_pipeline_seconds_count{stage=\"finished_to_stored\"} 0",
            "upguard_lane_owner{lane=\"0\"} 0",
            "upguard_outbox_waiting 0",
            "upguard_monitors{lane=\"0\",status=\"regional\"} 0",
            "upguard_series_cut_total 0",
            "upguard_incidents_open{kind=\"region\"} 0",
            "upguard_deliveries_total{channel=\"pagerduty\",result=\"dead\"} 0",
            "upguard_pipeline_seconds_count{stage=\"stored_to_notified\"} 0",
            "upguard_build_info{version=\"0.1.0\"} 1",
        ] {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
    }

    #[test]
    fn monitors_are_counted_by_who_works_on_their_lane() {
        let all = Exposition::new().unwrap();
        all.engine.know_lane(Lane(0));
        let has = |line: &str| String::from_utf8(all.encode().unwrap()).unwrap().contains(line);
        all.engine.paused(Lane(0), 3);
        assert!(has("upguard_monitors{lane=\"0\",status=\"paused\"} 0"), "another replica says it");
        all.engine.take_lane(Lane(0));
        all.engine.paused(Lane(0), 3);
        all.engine.monitors(Lane(0), [(Status::Up, 5), (Status::Paused, 1)].into_iter());
        assert!(has("upguard_monitors{lane=\"0\",status=\"paused\"} 3") && has("status=\"up\"} 5"));
        all.engine.let_go(Lane(0));
        assert!(has("upguard_monitors{lane=\"0\",status=\"paused\"} 0") && has("status=\"up\"} 0"));
    }

    #[test]
    fn the_manual_lists_every_metric() {
        let all = Exposition::new().unwrap();
        all.engine.know_lane(Lane(0));
        all.engine.regions.know(&["eu-west".parse().unwrap()]);
        all.api.answered("/api/v1/monitors", "GET", 200, 0.1);
        let text = String::from_utf8(all.encode().unwrap()).unwrap();
        let differences = testbed::exposition::differences("Control", &text).unwrap();
        assert!(differences.is_empty(), "{differences:#?}");
    }
}

//! What the API counts. Labels are routes, methods and status codes; never a URL or an id.

use prometheus::{Error, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};

/// Seconds from a millisecond to ten minutes.
const SECONDS: &[f64] =
    &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0];

/// The metrics.
#[derive(Debug)]
pub struct Metrics {
    requests: IntCounterVec,
    seconds: HistogramVec,
    /// Series that pages of single monitors had no room for.
    pub series_cut: IntCounter,
}

impl Metrics {
    /// All of them in the registry `r`.
    pub fn new(r: &Registry) -> Result<Self, Error> {
        let requests = Opts::new("upguard_http_requests_total", "Requests answered.");
        let seconds = HistogramOpts::new("upguard_http_request_seconds", "Time to answer a request.");
        let series_cut = IntCounter::new("upguard_series_cut_total", "Series left out of pages of /api/v1/metrics.");
        let metrics = Self {
            requests: IntCounterVec::new(requests, &["route", "method", "status"])?,
            seconds: HistogramVec::new(seconds.buckets(SECONDS.to_vec()), &["route"])?,
            series_cut: series_cut?,
        };
        r.register(Box::new(metrics.requests.clone()))?;
        r.register(Box::new(metrics.seconds.clone()))?;
        r.register(Box::new(metrics.series_cut.clone()))?;
        Ok(metrics)
    }

    /// Counts one answered request.
    pub fn answered(&self, route: &str, method: &str, status: u16, seconds: f64) {
        self.requests.with_label_values(&[route, method, &status.to_string()]).inc();
        self.seconds.with_label_values(&[route]).observe(seconds);
    }
}

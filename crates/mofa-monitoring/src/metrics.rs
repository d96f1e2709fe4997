//! Counts decisions, stages, findings, events and requests, and writes them as `OpenMetrics` text.
//!
//! A [`Metrics`] is the [`EventObserver`] of a `SecurityService`; the gateway counts its requests
//! in the same one and serves [`Metrics::encode`].
//!
//! | metric | labels | what |
//! |---|---|---|
//! | `mofa_decisions_total` | `direction`, `verdict` | decisions |
//! | `mofa_stage_runs_total` | `stage`, `mode`, `verdict` | stages that ran |
//! | `mofa_stage_findings_total` | `stage`, `category` | what they found, as far as a decision lists it |
//! | `mofa_stage_failures_total` | `stage`, `kind` | stages that could not decide |
//! | `mofa_stage_seconds` | `stage` | how long they took |
//! | `mofa_events_total` | `event_type` | events of any kind |
//! | `mofa_audit_failures_total` | | events that were not stored |
//! | `mofa_http_requests_total` | `route`, `status` | answers |
//! | `mofa_http_request_seconds` | `route` | how long they took |
//! | `mofa_http_in_flight` | | requests that are being answered |
//!
//! # Invariants
//! Counting takes no lock: every series is an atomic that is found in a fixed table. Only the
//! first sight of a name takes one, to make its series. The number of series is bounded: each
//! label has at most [`MAX_NAMES`] names of its own, all others count as `other`.
//!
//! # Failure
//! Counting cannot fail.
//!
//! # Example
//! ```
//! use mofa_monitoring::Metrics;
//! use std::time::Duration;
//!
//! let metrics = Metrics::new();
//! metrics.observe_http("/v1/chat/completions", 200, Duration::from_millis(3));
//! let text = metrics.encode();
//! let line = r#"mofa_http_requests_total{route="/v1/chat/completions",status="200"} 1"#;
//! assert!(text.lines().any(|found| found == line));
//! ```

mod histogram;
mod http;
mod names;
mod pipeline;

pub use http::InFlight;
pub use names::MAX_NAMES;

use http::Http;
use mofa_runtime::security::{EventObserver, SecurityEvent};
use pipeline::Pipeline;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use std::fmt;
use std::time::Duration;

/// The content type of [`Metrics::encode`].
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The figures of one process.
pub struct Metrics {
    registry: Registry,
    pipeline: Pipeline,
    http: Http,
}

impl Metrics {
    /// All at zero.
    #[must_use]
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("mofa");
        let pipeline = Pipeline::new(&mut registry);
        let http = Http::new(&mut registry);
        Self { registry, pipeline, http }
    }

    /// Counts an answer of `route` with `status` that took `took`. `route` is the route's pattern,
    /// not the path that was asked for.
    pub fn observe_http(&self, route: &'static str, status: u16, took: Duration) {
        self.http.observe(route, status, took);
    }

    /// Counts a request as in flight until what is returned is dropped.
    pub fn in_flight_guard(&self) -> InFlight {
        self.http.enter()
    }

    /// All figures as text, in the format of [`CONTENT_TYPE`].
    #[must_use]
    pub fn encode(&self) -> String {
        let mut text = String::with_capacity(16 << 10);
        if encode(&mut text, &self.registry).is_err() {
            // Only a label that cannot be written fails, and all of ours are plain text.
            tracing::error!("the metrics could not be encoded");
        }
        text
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl EventObserver for Metrics {
    fn observe(&self, event: &SecurityEvent, was_stored: bool) {
        self.pipeline.observe(event, was_stored);
    }
}

#[cfg(test)]
mod tests;

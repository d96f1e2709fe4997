//! Figures of the requests that a server answers.

use super::histogram::{Histogram, REQUEST_BOUNDS};
use super::names::Names;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::OnceLock;
use std::time::Duration;

/// The status codes that HTTP has (RFC 9110, section 15): 100 to 599.
const STATUSES: std::ops::Range<u16> = 100..600;

type Requests = Family<[(&'static str, String); 2], Counter>;
type Seconds = Family<[(&'static str, String); 1], Histogram, fn() -> Histogram>;

pub(super) struct Http {
    routes: Names<Route>,
    in_flight: Gauge,
}

/// One route's series; those of a status are made when it comes first.
struct Route {
    name: String,
    requests: Requests,
    by_status: Box<[OnceLock<Counter>]>,
    other_status: Counter,
    seconds: Histogram,
}

/// A request that is being answered, until it is dropped.
#[derive(Debug)]
#[must_use = "the request counts as answered when this is dropped"]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Http {
    pub(super) fn new(registry: &mut Registry) -> Self {
        let requests = Requests::default();
        let seconds = Seconds::new_with_constructor(|| Histogram::new(REQUEST_BOUNDS));
        let in_flight = Gauge::default();
        registry.register("http_requests", "Answers by route and status", requests.clone());
        registry.register("http_request_seconds", "How long answers took", seconds.clone());
        registry.register("http_in_flight", "Requests being answered", in_flight.clone());
        let routes = Names::new(move |name| Route::new(name, &requests, &seconds));
        Self { routes, in_flight }
    }

    pub(super) fn observe(&self, route: &str, status: u16, took: Duration) {
        let route = self.routes.of(route);
        route.requests_with(status).inc();
        route.seconds.observe(took);
    }

    pub(super) fn enter(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }
}

impl Route {
    fn new(name: &str, requests: &Requests, seconds: &Seconds) -> Self {
        let labels = [("route", name.to_owned()), ("status", "other".to_owned())];
        Self {
            name: name.to_owned(),
            requests: requests.clone(),
            by_status: STATUSES.map(|_| OnceLock::new()).collect(),
            other_status: requests.get_or_create_owned(&labels),
            seconds: seconds.get_or_create_owned(&[("route", name.to_owned())]),
        }
    }

    fn requests_with(&self, status: u16) -> &Counter {
        let index = status.checked_sub(STATUSES.start).map(usize::from);
        let Some(slot) = index.and_then(|index| self.by_status.get(index)) else {
            return &self.other_status;
        };
        slot.get_or_init(|| {
            let labels = [("route", self.name.clone()), ("status", status.to_string())];
            self.requests.get_or_create_owned(&labels)
        })
    }
}

//! Answers one request: finds its route, asks who is calling, and hands it on.

use crate::answer::{Answer, ApiError, json_answer, with_type};
use crate::auth::authenticate;
use crate::body::{AnswerBody, Tally};
use crate::route::{NO_ROUTE, Route};
use crate::state::Shared;
use crate::{chat, models, ready, receive};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use hyper::body::Incoming;
use mofa_sdk::deployment::Caller;
use std::net::IpAddr;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// The media type of the figures: `OpenMetrics` text.
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Answers `request` from `peer`, and counts it once the answer has been handed over.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Answer {
    let route = Route::find(request.method(), request.uri().path());
    let name = route.as_ref().map_or(NO_ROUTE, |route| route.name());
    let tally = Tally::begin(&shared.deployment.metrics, name);
    let answer = match route {
        Ok(route) => dispatch(shared, route, peer, request).await,
        Err(error) => Err(error),
    };
    let answer = answer.unwrap_or_else(ApiError::into_answer);
    let tally = tally.answered(answer.status().as_u16());
    answer.map(|body| body.counted(tally))
}

async fn dispatch(
    shared: Arc<Shared>,
    route: Route,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Answer, ApiError> {
    let limit = shared.deployment.limits.max_header_bytes;
    receive::check_head(request.uri(), request.headers(), limit)?;
    match route {
        Route::Health => {
            Ok(json_answer(StatusCode::OK, Bytes::from_static(b"{\"status\":\"ok\"}")))
        }
        Route::Ready => {
            ready::check(&shared).await?;
            Ok(json_answer(StatusCode::OK, Bytes::from_static(b"{\"status\":\"ready\"}")))
        }
        Route::Metrics => {
            let figures = Bytes::from(shared.deployment.metrics.encode());
            Ok(with_type(StatusCode::OK, METRICS_TYPE, AnswerBody::whole(figures)))
        }
        Route::Models => {
            let caller = caller(&shared, request.headers(), peer).await?;
            Ok(models::list(&shared, &caller.subject).await)
        }
        Route::ChatCompletions => {
            let caller = caller(&shared, request.headers(), peer).await?;
            let place = enter(&shared)?;
            receive::check_type(request.headers())?;
            let body = receive::body(request.into_body(), &shared.deployment.limits).await?;
            chat::complete(shared, &caller.subject, place, body).await
        }
    }
}

async fn caller(
    shared: &Shared,
    headers: &HeaderMap,
    peer: IpAddr,
) -> Result<Arc<Caller>, ApiError> {
    match authenticate(&shared.deployment.callers, headers) {
        Ok(caller) => Ok(caller),
        Err(failure) => {
            let service = &shared.deployment.service;
            shared.failed_attempts.record(service, failure, peer).await;
            Err(failure.error())
        }
    }
}

/// A place among the requests under way.
fn enter(shared: &Shared) -> Result<OwnedSemaphorePermit, ApiError> {
    Arc::clone(&shared.in_flight).try_acquire_owned().map_err(|_| {
        let message = "too many requests are under way";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message)
            .with_retry_after(HeaderValue::from_static("1"))
    })
}

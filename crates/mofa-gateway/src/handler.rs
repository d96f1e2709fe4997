//! Answers one request: finds its route, asks who is calling, and hands it on.

use crate::answer::{Answer, ApiError, json_answer, with_type};
use crate::auth::authenticate;
use crate::body::{AnswerBody, Tally};
use crate::peer::{Peer, Serving};
use crate::route::{NO_ROUTE, Route};
use crate::state::Shared;
use crate::{chat, models, ready, receive};
use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode};
use hyper::body::Incoming;
use mofa_sdk::monitoring::METRICS_CONTENT_TYPE;
use mofa_sdk::security::Subject;
use std::net::IpAddr;
use std::sync::Arc;

/// Answers `request` of the peer that is being served, and counts it once the answer has been
/// handed over.
pub(crate) async fn answer(
    shared: Arc<Shared>,
    serving: Serving,
    request: Request<Incoming>,
) -> Answer {
    let route = Route::find(request.method(), request.uri().path());
    let name = route.as_ref().map_or(NO_ROUTE, |route| route.path());
    let tally = Tally::begin(&shared.deployment.metrics, name);
    let answer = match route {
        Ok(route) => dispatch(shared, route, serving.peer(), request).await,
        Err(error) => Err(error),
    };
    let answer = answer.unwrap_or_else(ApiError::into_answer);
    let tally = tally.answered(answer.status().as_u16());
    answer.map(|body| body.counted(tally, serving))
}

async fn dispatch(
    shared: Arc<Shared>,
    route: Route,
    peer: &Arc<Peer>,
    request: Request<Incoming>,
) -> Result<Answer, ApiError> {
    let limit = shared.deployment.limits.max_header_bytes;
    receive::check_head(request.uri(), request.headers(), limit)?;
    receive::check_protocol(request.version(), request.headers())?;
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
            Ok(with_type(StatusCode::OK, METRICS_CONTENT_TYPE, AnswerBody::whole(figures)))
        }
        Route::Models => {
            let subject = caller(&shared, request.headers(), peer.address()).await?;
            Ok(models::list(&shared, &subject).await)
        }
        Route::ChatCompletions => {
            let subject = caller(&shared, request.headers(), peer.address()).await?;
            chat::complete(shared, &subject, peer, request).await
        }
    }
}

async fn caller(
    shared: &Shared,
    headers: &HeaderMap,
    peer: IpAddr,
) -> Result<Arc<Subject>, ApiError> {
    match authenticate(&shared.deployment.callers, headers) {
        Ok(subject) => Ok(subject),
        Err(failure) => {
            let service = &shared.deployment.service;
            shared.failed_attempts.record(service, failure, peer).await;
            Err(failure.error())
        }
    }
}

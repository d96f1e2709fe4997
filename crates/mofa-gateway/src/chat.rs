//! `POST /v1/chat/completions`: inspects the request, forwards what is left of it, inspects the
//! answer.
//!
//! # Invariants
//! Nothing is sent without a permit, and nothing is answered that was not inspected. What no stage
//! replaced goes to the model server byte for byte. The caller's key and headers never do. An
//! answer that comes whole never holds the model server's key; in a stream it is not looked for.
//!
//! # Failure
//! An [`ApiError`]; after a stream has begun, its last event.

use crate::answer::{Answer, ApiError, Decided, json_answer, name_decisions};
use crate::state::Shared;
use crate::target::{self, invoke};
use crate::wire::openai::request::{self, ChatRequest, RequestError};
use crate::wire::openai::response;
use crate::{receive, stream};
use bytes::Bytes;
use http::{HeaderValue, StatusCode};
use mofa_sdk::llm::{Upstream, UpstreamResponse};
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{Act, DecisionId, Permit, Refusal, RefusalCause, Stage, Subject};
use std::borrow::Cow;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, timeout_at};

/// What was asked, and what is needed to inspect the answer to it.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Who asked.
    pub(crate) subject: Subject,
    /// What for.
    pub(crate) act: Act,
    /// The decision about the request.
    pub(crate) decision: DecisionId,
}

/// Answers the chat completion request `body` of `subject`.
pub(crate) async fn complete(
    shared: Arc<Shared>,
    subject: &Subject,
    place: OwnedSemaphorePermit,
    body: Bytes,
) -> Result<Answer, ApiError> {
    let deployment = &shared.deployment;
    let text = receive::text(&body)?;
    let find = |model: &str| target::find(&shared.upstreams, model);
    let ChatRequest { model, target, stream, mut exchange } =
        request::read(subject, text, find).map_err(|error| unreadable(&error))?;
    let inspected = deployment.service.inspect(&mut exchange).await;
    shared.audit_health.observe(&inspected);
    let Some(upstream) = target else {
        return Err(unrouted(&shared, subject, &model, inspected).await);
    };
    let permit = inspected.map_err(|refusal| ApiError::refused(&refusal))?;
    let (act, decision) = (permit.act().clone(), permit.decision());
    let asked = Asked { subject: subject.clone(), act, decision };
    let document = match exchange.into_document() {
        Cow::Owned(edited) => Bytes::from(edited),
        Cow::Borrowed(_) => body.clone(),
    };
    let inspection = stream.then(|| deployment.service.inspect_stream(&permit, Provenance::Model));
    let deadline = Instant::now() + deployment.limits.request_timeout;
    let sent = timeout_at(deadline, upstream.forward(permit, &model, document, stream)).await;
    let sent = sent.map_err(|_| ApiError::upstream_timeout());
    let response = sent
        .and_then(|sent| sent.map_err(|error| ApiError::upstream(&error)))
        .map_err(|error| error.with_decision(asked.decision))?;
    match inspection {
        Some(inspection) if response.status.is_success() && is_event_stream(&response) => {
            Ok(stream::start(&shared, asked, inspection, response.body, place))
        }
        _ => plain(&shared, &asked, &upstream, response, deadline).await,
    }
}

/// Inspects an answer that comes whole, and gives it on.
async fn plain(
    shared: &Shared,
    asked: &Asked,
    upstream: &Upstream,
    response: UpstreamResponse,
    deadline: Instant,
) -> Result<Answer, ApiError> {
    let UpstreamResponse { status, retry_after, body, .. } = response;
    let limit = shared.deployment.limits.max_response_bytes;
    let with_id = |error: ApiError| error.with_decision(asked.decision);
    let bytes = match timeout_at(deadline, body.collect(limit)).await {
        Ok(bytes) => bytes.map_err(|error| with_id(ApiError::upstream(&error)))?,
        Err(_) => return Err(with_id(ApiError::upstream_timeout())),
    };
    if let Some(error) = own_answer(status) {
        return Err(with_id(error));
    }
    if upstream.leaks_key(&bytes) {
        return Err(with_id(credentials(status)));
    }
    let text = std::str::from_utf8(&bytes).ok().filter(|text| is_usual(status, text));
    let read = text.and_then(|text| response::read(&asked.subject, &asked.act, text).ok());
    let Some(mut exchange) = read else {
        return Err(with_retry_after(with_id(unreadable_answer(status)), retry_after));
    };
    let inspected = shared.deployment.service.inspect(&mut exchange).await;
    shared.audit_health.observe(&inspected);
    let permit = inspected.map_err(|refusal| ApiError::refused(&refusal))?;
    let document = if exchange.is_edited() {
        let edited = exchange.into_document().into_owned();
        Bytes::from(response::without_logprobs(edited))
    } else {
        bytes.clone()
    };
    let mut answer = json_answer(status, document);
    name_decisions(&mut answer, Decided { request: asked.decision, answer: permit.decision() });
    if let Some(retry_after) = retry_after {
        answer.headers_mut().insert(http::header::RETRY_AFTER, retry_after);
    }
    Ok(answer)
}

/// The answer to a status that is not the caller's: redirections, and what concerns the gateway's
/// own credentials, whose error body may repeat a part of them.
fn own_answer(status: StatusCode) -> Option<ApiError> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Some(credentials(status))
        }
        status if status.is_success() || status.is_client_error() || status.is_server_error() => {
            None
        }
        _ => Some(ApiError::upstream_invalid()),
    }
}

/// What is said in the place of an answer about the gateway's own credentials, or with them in it.
fn credentials(status: StatusCode) -> ApiError {
    tracing::error!(%status, "the model server answered about the gateway's credentials");
    let message = "the model server did not accept the gateway's credentials, or repeated them";
    ApiError::new(StatusCode::BAD_GATEWAY, "upstream_credentials", message)
}

/// Whether the JSON text `text` is of the kind that belongs to `status`: a completion is an object,
/// errors come in every shape.
fn is_usual(status: StatusCode, text: &str) -> bool {
    !status.is_success() || text.trim_ascii_start().starts_with('{')
}

fn unreadable_answer(status: StatusCode) -> ApiError {
    if status.is_success() {
        return ApiError::upstream_invalid();
    }
    let message = format!("the model server answered {} without a reason", status.as_u16());
    ApiError::new(status, "upstream_error", message)
}

fn with_retry_after(error: ApiError, retry_after: Option<HeaderValue>) -> ApiError {
    match retry_after {
        Some(retry_after) => error.with_retry_after(retry_after),
        None => error,
    }
}

fn unreadable(error: &RequestError) -> ApiError {
    let code = match error {
        RequestError::Document(_) => "invalid_json",
        RequestError::Field { .. } => "invalid_value",
    };
    ApiError::new(StatusCode::BAD_REQUEST, code, error.to_string()).with_param(error.param())
}

/// The answer to a request for a model that nobody has: the record does not repeat its name, but
/// who may use a model of this name is told that there is none.
async fn unrouted(
    shared: &Shared,
    subject: &Subject,
    model: &str,
    inspected: Result<Permit, Refusal>,
) -> ApiError {
    let decision = match inspected {
        Ok(permit) => permit.decision(),
        Err(refusal) if refusal.cause != RefusalCause::Stage(Stage::Rbac) => {
            return ApiError::refused(&refusal);
        }
        Err(refusal) if !shared.deployment.service.could(subject, &invoke(model)).await => {
            return ApiError::refused(&refusal);
        }
        Err(refusal) => refusal.decision,
    };
    let message = "no model server here has this model";
    ApiError::new(StatusCode::NOT_FOUND, "model_not_found", message)
        .with_param(Some("model"))
        .with_decision(decision)
}

fn is_event_stream(response: &UpstreamResponse) -> bool {
    let content_type = response.content_type.as_ref().and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/event-stream"))
}

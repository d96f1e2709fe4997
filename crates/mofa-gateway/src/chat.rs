//! `POST /v1/chat/completions`: inspects the request, forwards what is left of it, inspects the
//! answer.
//!
//! # Invariants
//! Nothing is sent without a permit, and nothing is answered that was not inspected. What no stage
//! replaced goes to the model server byte for byte. The caller's key and headers never do, and the
//! model server's key does not come back.
//!
//! # Failure
//! An [`ApiError`]; after a stream has begun, its last event.

use crate::answer::{Answer, ApiError, Decided, json_answer, name_decisions};
use crate::conversation;
use crate::deadline::Deadline;
use crate::peer::Peer;
use crate::pending::Pending;
use crate::receive;
use crate::state::Shared;
use crate::stream::{self, Caller, Source};
use crate::target::{self, invoke};
use crate::wire::openai::request::{self, ChatRequest, RequestError};
use crate::wire::openai::response;
use bytes::Bytes;
use http::{HeaderValue, Request, StatusCode};
use hyper::body::Incoming;
use mofa_sdk::llm::{Upstream, UpstreamResponse};
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{Act, ConversationId, DecisionId, Exchange, Permit, Subject};
use std::borrow::Cow;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// What was asked, and what is needed to inspect the answer to it.
#[derive(Debug)]
pub(crate) struct Asked {
    /// Who asked.
    pub(crate) subject: Arc<Subject>,
    /// What for.
    pub(crate) act: Act,
    /// The decision about the request.
    pub(crate) decision: DecisionId,
    /// Which conversation it belongs to, if values are kept.
    pub(crate) conversation: Option<ConversationId>,
}

impl Asked {
    /// What `permit` was given for.
    pub(crate) fn of(permit: &Permit) -> Self {
        let (subject, act) = (permit.subject().clone(), permit.act().clone());
        Self { subject, act, decision: permit.decision(), conversation: None }
    }

    fn in_conversation(self, conversation: Option<ConversationId>) -> Self {
        Self { conversation, ..self }
    }
}

/// Answers the chat completion request `request` of `subject`.
pub(crate) async fn complete(
    shared: Arc<Shared>,
    subject: &Subject,
    peer: &Arc<Peer>,
    request: Request<Incoming>,
) -> Result<Answer, ApiError> {
    // Of its own, so that processors do not contend for its counter.
    let subject = &Arc::new(subject.clone());
    let pending = Pending::request(&shared, subject);
    let named = match conversation::named(request.headers()) {
        Ok(named) => named,
        Err(error) => return Err(pending.reject(error).await),
    };
    let (place, body) = match receive::enter(&shared, peer, request).await {
        Ok(received) => received,
        Err(error) => return Err(pending.reject(error).await),
    };
    let find = |model: &str| target::find(&shared.upstreams, model);
    let read = receive::text(&body)
        .and_then(|text| request::read(subject, text, find).map_err(|error| unreadable(&error)));
    let ChatRequest { model, target, stream, opening, exchange } = match read {
        Ok(read) => read,
        Err(error) => return Err(pending.reject(error).await),
    };
    let Some(upstream) = target else {
        return Err(unrouted(&shared, pending, &model, exchange).await);
    };
    let conversation = shared.deployment.vault.as_ref().map(|_| {
        let opening = opening.and_then(|span| std::str::from_utf8(body.get(span)?).ok());
        named.unwrap_or_else(|| conversation::derived(subject, opening.unwrap_or_default()))
    });
    let mut exchange = exchange.in_conversation(conversation.clone());
    let permit = inspect(&shared, pending, &mut exchange).await?;
    let document = match exchange.into_document() {
        Cow::Owned(edited) => Bytes::from(edited),
        Cow::Borrowed(_) => body.clone(),
    };
    let asked = Asked::of(&permit).in_conversation(conversation);
    let sending = Sending { upstream, model, document, stream, place, peer: Arc::clone(peer) };
    forward(&shared, asked, permit, sending).await
}

/// What is to be sent, and where.
struct Sending {
    upstream: Arc<Upstream>,
    model: String,
    document: Bytes,
    stream: bool,
    place: OwnedSemaphorePermit,
    peer: Arc<Peer>,
}

/// Sends what was inspected, and gives the answer on.
async fn forward(
    shared: &Arc<Shared>,
    asked: Asked,
    permit: Permit,
    sending: Sending,
) -> Result<Answer, ApiError> {
    let Sending { upstream, model, document, stream, place, peer } = sending;
    let service = &shared.deployment.service;
    let pending = Pending::answer(shared, &asked);
    let inspection = stream.then(|| {
        let conversation = asked.conversation.clone();
        service.inspect_stream(&permit, Provenance::Model).in_conversation(conversation)
    });
    let deadline = Deadline::after(shared.deployment.limits.request_timeout);
    let sent = deadline.bound(upstream.forward(permit, &model, document, stream)).await;
    let response = match sent {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return Err(pending.reject(ApiError::upstream(&error)).await),
        Err(_) => return Err(pending.reject(ApiError::upstream_timeout()).await),
    };
    match inspection {
        Some(inspection) if response.status.is_success() && is_event_stream(&response) => {
            pending.inspected();
            let source = Source { body: response.body, watch: upstream.key_watch() };
            Ok(stream::start(shared, asked, inspection, source, Caller { peer, place }))
        }
        _ => plain(pending, &asked, &upstream, response, deadline).await,
    }
}

/// Inspects an answer that comes whole, and gives it on.
async fn plain(
    pending: Pending<'_>,
    asked: &Asked,
    upstream: &Upstream,
    response: UpstreamResponse,
    deadline: Deadline,
) -> Result<Answer, ApiError> {
    let UpstreamResponse { status, retry_after, body, .. } = response;
    let shared = pending.shared();
    let limit = shared.deployment.limits.max_response_bytes;
    let collected = match deadline.bound(body.collect(limit)).await {
        Ok(collected) => collected.map_err(|error| ApiError::upstream(&error)),
        Err(_) => Err(ApiError::upstream_timeout()),
    };
    let bytes = match collected.and_then(|bytes| passable(upstream, status, bytes)) {
        Ok(bytes) => bytes,
        Err(error) => return Err(pending.reject(error).await),
    };
    let text = std::str::from_utf8(&bytes).ok().filter(|text| is_object(text));
    let read = text.and_then(|text| response::read(&asked.subject, &asked.act, text).ok());
    let Some(exchange) = read else {
        return Err(pending.reject(with_retry_after(unreadable_answer(status), retry_after)).await);
    };
    let mut exchange = exchange.in_conversation(asked.conversation.clone());
    let inspected = inspect(shared, pending, &mut exchange).await;
    let permit = inspected.map_err(|error| error.with_request_decision(asked.decision))?;
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

/// Has `exchange` inspected, and takes note of how that went.
async fn inspect(
    shared: &Shared,
    pending: Pending<'_>,
    exchange: &mut Exchange<'_>,
) -> Result<Permit, ApiError> {
    pending.inspected();
    let inspected = shared.deployment.service.inspect(exchange).await;
    shared.audit_health.observe(&inspected);
    inspected.map_err(|refusal| ApiError::refused(&refusal))
}

/// `bytes`, unless an answer with `status` is not the caller's to see, or they hold a key.
fn passable(upstream: &Upstream, status: StatusCode, bytes: Bytes) -> Result<Bytes, ApiError> {
    // Who refuses a key may show where it begins.
    let shows_key = || status == StatusCode::FORBIDDEN && upstream.shows_key(&bytes);
    match own_answer(status) {
        Some(error) => Err(error),
        None if upstream.leaks_key(&bytes) || shows_key() => Err(ApiError::credentials(status)),
        None => Ok(bytes),
    }
}

/// The answer to a status that is not the caller's: redirections, and what concerns the gateway's
/// own credentials, whose error body may repeat a part of them.
fn own_answer(status: StatusCode) -> Option<ApiError> {
    match status {
        StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
            Some(ApiError::credentials(status))
        }
        status if status.is_success() || status.is_client_error() || status.is_server_error() => {
            None
        }
        _ => Some(ApiError::upstream_invalid()),
    }
}

/// Whether the JSON text `text` is an object, as completions and errors are: clients read members
/// of it.
fn is_object(text: &str) -> bool {
    text.trim_ascii_start().starts_with('{')
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

/// The answer to a request for a model that nobody has. Who may use a model of this name is told
/// that there is none; its content goes nowhere and is not inspected. For all others the record
/// does not repeat the name, and they are told what they may not do.
async fn unrouted(
    shared: &Arc<Shared>,
    pending: Pending<'_>,
    model: &str,
    mut exchange: Exchange<'_>,
) -> ApiError {
    let message = "no model server here has this model";
    let error =
        ApiError::new(StatusCode::NOT_FOUND, "model_not_found", message).with_param(Some("model"));
    if shared.deployment.service.could(exchange.subject(), &invoke(model)).await {
        return pending.reject(error).await;
    }
    match inspect(shared, pending, &mut exchange).await {
        Err(refused) => refused,
        // Models are denied by name to whoever may use any.
        Ok(permit) => Pending::answer(shared, &Asked::of(&permit)).reject(error).await,
    }
}

fn is_event_stream(response: &UpstreamResponse) -> bool {
    let content_type = response.content_type.as_ref().and_then(|value| value.to_str().ok());
    let essence = content_type.and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("text/event-stream"))
}

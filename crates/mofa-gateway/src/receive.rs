//! Reads the body of a request, within its limits.
//!
//! # Failure
//! An [`ApiError`]: 408, 413, 415, 417, 431, 501 or 503, or 400 for a body that breaks off or is no
//! text, and for a head without one host.

use crate::answer::ApiError;
use crate::deadline::Deadline;
use crate::peer::Peer;
use crate::state::Shared;
use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, EXPECT, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, Uri, Version};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use mofa_sdk::config::Limits;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// What a line of the head has beside a header's name and value: `: ` and the line break.
const HEADER_FRAME: usize = 4;

/// Makes sure that the head of a request is not too long.
pub(crate) fn check_head(uri: &Uri, headers: &HeaderMap, limit: usize) -> Result<(), ApiError> {
    let uri = uri.path_and_query().map_or(0, |path| path.as_str().len());
    let length = headers.iter().fold(uri, |length, (name, value)| {
        length + name.as_str().len() + value.len() + HEADER_FRAME
    });
    if length <= limit {
        return Ok(());
    }
    let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    let message = format!("the head of the request is longer than {limit} bytes");
    Err(ApiError::new(status, "headers_too_large", message).closing())
}

/// All of the body of `request`, once there is a place for it among the requests under way.
pub(crate) async fn enter(
    shared: &Shared,
    peer: &Arc<Peer>,
    request: Request<Incoming>,
) -> Result<(OwnedSemaphorePermit, Bytes), ApiError> {
    let place = Arc::clone(&shared.in_flight).try_acquire_owned().map_err(|_| {
        let message = "too many requests are under way";
        ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "overloaded", message)
            .with_retry_after(HeaderValue::from_static("1"))
    })?;
    check_type(request.headers())?;
    let limit = shared.deployment.limits.max_body_bytes;
    if request.body().size_hint().lower() > limit as u64 {
        drop(place);
        return Err(too_long(shared, peer, request));
    }
    let body = body(request.into_body(), peer, &shared.deployment.limits).await?;
    Ok((place, body))
}

/// The answer to a request that says itself that its body is too long. Nobody waits for that body;
/// it is read on for a while beside the answer, which who is still sending would not see else. Who
/// asks before sending it need not send it.
fn too_long(shared: &Shared, peer: &Arc<Peer>, request: Request<Incoming>) -> ApiError {
    let limits = &shared.deployment.limits;
    let limit = limits.max_body_bytes;
    if !request.headers().contains_key(EXPECT) {
        let (peer, deadline) = (Arc::clone(peer), Deadline::after(limits.body_read_timeout));
        let ending = shared.lifecycle.ending.clone();
        shared.lifecycle.tasks.spawn(async move {
            let mut body = request.into_body();
            let drained = deadline.bound(drain(&mut body, &peer, limit));
            let _ = ending.run_until_cancelled(drained).await;
        });
    }
    let message = format!("the body is longer than {limit} bytes");
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", message).closing()
}

/// Makes sure that the head asks for nothing that is not done here, and that everybody on the way
/// reads the same request (RFC 9110, section 10.1.1; RFC 9112, sections 3.2 and 6.1).
pub(crate) fn check_protocol(version: Version, headers: &HeaderMap) -> Result<(), ApiError> {
    let all = |name: HeaderName, expected: &str| {
        let mut values = headers.get_all(name).iter();
        values.all(|value| value.as_bytes().eq_ignore_ascii_case(expected.as_bytes()))
    };
    let hosts = headers.get_all(HOST).iter().count();
    let (status, code, message) = if hosts > 1 || hosts == 0 && version == Version::HTTP_11 {
        (StatusCode::BAD_REQUEST, "invalid_host", "a request has one `Host`")
    } else if !all(EXPECT, "100-continue") {
        let message = "only `100-continue` can be expected";
        (StatusCode::EXPECTATION_FAILED, "expectation_failed", message)
    } else if !all(TRANSFER_ENCODING, "chunked") {
        let message = "only `chunked` is understood as a transfer encoding";
        (StatusCode::NOT_IMPLEMENTED, "unsupported_transfer_encoding", message)
    } else {
        return Ok(());
    };
    Err(ApiError::new(status, code, message).closing())
}

/// Makes sure that the body is JSON as it stands.
fn check_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let essence = text(CONTENT_TYPE).and_then(|value| value.split(';').next());
    let is_json =
        essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"));
    // Whoever reads only one of several encodings reads another body.
    let mut encodings = headers.get_all(CONTENT_ENCODING).iter();
    let first = encodings.next().map_or(&b"identity"[..], HeaderValue::as_bytes);
    let is_plain = first.eq_ignore_ascii_case(b"identity") && encodings.next().is_none();
    let message = match (is_json, is_plain) {
        (true, true) => return Ok(()),
        (false, _) => "the body must be of the type `application/json`",
        (true, false) => "the body must not be compressed",
    };
    Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", message))
}

/// All of `body`.
async fn body(mut body: Incoming, peer: &Peer, limits: &Limits) -> Result<Bytes, ApiError> {
    let (limit, wait) = (limits.max_body_bytes, limits.body_read_timeout);
    let deadline = Deadline::after(wait);
    match deadline.bound(read(&mut body, peer, limit)).await {
        Ok(Ok(Some(read))) => Ok(read),
        Ok(Ok(None)) => {
            // Whoever does not get to its end hears the same, only later.
            let drained = drain(&mut body, peer, limit);
            let _ = deadline.bound(drained).await;
            let message = format!("the body is longer than {limit} bytes");
            let status = StatusCode::PAYLOAD_TOO_LARGE;
            Err(ApiError::new(status, "body_too_large", message).closing())
        }
        Ok(Err(error)) => Err(error),
        Err(_) => {
            let message = format!("the body did not arrive within {wait:?}");
            let status = StatusCode::REQUEST_TIMEOUT;
            Err(ApiError::new(status, "request_timeout", message).closing())
        }
    }
}

/// All of `body`; `None` as soon as it is known to be longer than `limit`.
async fn read(body: &mut Incoming, peer: &Peer, limit: usize) -> Result<Option<Bytes>, ApiError> {
    if body.size_hint().lower() > limit as u64 {
        return Ok(None);
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    let broken = || {
        let message = "the body broke off";
        ApiError::new(StatusCode::BAD_REQUEST, "body_incomplete", message).closing()
    };
    loop {
        let frame = tokio::select! {
            biased;
            frame = body.frame() => frame,
            // What came before is here first.
            () = peer.half_closed() => return Err(broken()),
        };
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| broken())?;
        let Ok(data) = frame.into_data() else { continue };
        if first.len() + rest.len() + data.len() > limit {
            return Ok(None);
        }
        if rest.is_empty() && first.is_empty() {
            // Most bodies come in one piece, which need not be copied.
            first = data;
            continue;
        }
        if rest.is_empty() {
            rest.reserve((first.len() + data.len()).saturating_mul(2).min(limit));
            rest.extend_from_slice(&std::mem::take(&mut first));
        }
        rest.extend_from_slice(&data);
    }
    Ok(Some(if rest.is_empty() { first } else { rest.freeze() }))
}

/// Reads on for a while: who is still sending would not see an answer.
async fn drain(body: &mut Incoming, peer: &Peer, limit: usize) {
    let mut left = limit;
    loop {
        let frame = tokio::select! {
            biased;
            frame = body.frame() => frame,
            () = peer.half_closed() => break,
        };
        let Some(Ok(frame)) = frame else { break };
        let Ok(data) = frame.into_data() else { continue };
        match left.checked_sub(data.len()) {
            Some(rest) => left = rest,
            None => break,
        }
    }
}

/// The text that `bytes` are.
pub(crate) fn text(bytes: &[u8]) -> Result<&str, ApiError> {
    std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("the body is not UTF-8 at byte {}", error.valid_up_to());
        ApiError::new(StatusCode::BAD_REQUEST, "invalid_encoding", message)
    })
}

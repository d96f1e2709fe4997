//! Decides who a caller is, and keeps a bounded record of those who could not say.
//!
//! # Invariants
//! A key appears in no record, log or error. However many attempts fail, at most
//! [`MAX_RECORDS`] of them are recorded every [`INTERVAL`]; the others are counted in the next
//! record.

use crate::answer::ApiError;
use http::header::{AUTHORIZATION, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, StatusCode};
use mofa_sdk::deployment::Callers;
use mofa_sdk::security::{SecurityEvent, SecurityService, Subject};
use serde_json::json;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How many failed attempts are recorded in one interval.
const MAX_RECORDS: u32 = 20;

/// How long an interval is.
const INTERVAL: Duration = Duration::from_secs(10);

/// A key longer than this is none.
const MAX_KEY_LEN: usize = 512;

/// Who it is that `headers` speak for.
///
/// # Errors
/// Why that cannot be said.
pub(crate) fn authenticate(
    callers: &Callers,
    headers: &HeaderMap,
) -> Result<Arc<Subject>, AuthFailure> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(AuthFailure::Missing)?;
    if values.next().is_some() {
        // Something in between may have checked the other one.
        return Err(AuthFailure::Malformed);
    }
    let text = value.to_str().map_err(|_| AuthFailure::Malformed)?;
    let (scheme, key) = text.split_once(' ').ok_or(AuthFailure::Malformed)?;
    let key = key.trim();
    if !scheme.eq_ignore_ascii_case("bearer") || key.is_empty() || key.len() > MAX_KEY_LEN {
        return Err(AuthFailure::Malformed);
    }
    callers.authenticate(key).ok_or(AuthFailure::UnknownKey)
}

/// Why a caller could not be identified.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AuthFailure {
    /// There is no credential.
    Missing,
    /// The credential is no bearer token, or there is more than one.
    Malformed,
    /// Nobody has this key.
    UnknownKey,
}

impl AuthFailure {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Malformed => "malformed",
            Self::UnknownKey => "unknown_key",
        }
    }

    /// What the caller is told: the same for every wrong key.
    pub(crate) fn error(self) -> ApiError {
        let message = match self {
            Self::Missing => "no API key: send `Authorization: Bearer KEY`",
            Self::Malformed => "malformed `Authorization` header: send `Bearer KEY` once",
            Self::UnknownKey => "this API key is not known",
        };
        let challenge = (WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        ApiError::new(StatusCode::UNAUTHORIZED, "invalid_api_key", message).with_header(challenge)
    }
}

/// Failed attempts of the present interval.
#[derive(Debug)]
pub(crate) struct FailedAttempts(Mutex<Window>);

#[derive(Debug)]
struct Window {
    since: Instant,
    recorded: u32,
    suppressed: u64,
}

impl FailedAttempts {
    pub(crate) fn new() -> Self {
        Self(Mutex::new(Window { since: Instant::now(), recorded: 0, suppressed: 0 }))
    }

    /// Records a failed attempt from `peer`, or counts it.
    pub(crate) async fn record(
        &self,
        service: &SecurityService,
        failure: AuthFailure,
        peer: IpAddr,
    ) {
        if let Some(suppressed) = self.admit(Instant::now()) {
            let metadata = json!({
                "reason": failure.as_str(),
                "peer": peer.to_string(),
                "suppressed_before": suppressed,
            });
            store(service, metadata).await;
        }
    }

    /// Records how many attempts were only counted since the last record.
    pub(crate) async fn flush(&self, service: &SecurityService) {
        let suppressed = {
            let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut window.suppressed)
        };
        if suppressed > 0 {
            store(service, json!({"reason": "suppressed", "suppressed_before": suppressed})).await;
        }
    }

    /// How many attempts went unrecorded before this one, if it is to be recorded.
    fn admit(&self, now: Instant) -> Option<u64> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if now.saturating_duration_since(window.since) >= INTERVAL {
            window.since = now;
            window.recorded = 0;
        }
        if window.recorded >= MAX_RECORDS {
            window.suppressed = window.suppressed.saturating_add(1);
            return None;
        }
        window.recorded += 1;
        Some(std::mem::take(&mut window.suppressed))
    }
}

/// The attempt is refused whether or not this succeeds, so a failure is only logged.
async fn store(service: &SecurityService, metadata: serde_json::Value) {
    let event = SecurityEvent::new("authentication_failed", "unknown", service.clock().now());
    if let Err(error) = service.record(event.with_metadata(metadata)).await {
        tracing::error!(%error, "a failed authentication was not recorded");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_bounded_and_the_rest_is_counted() {
        let attempts = FailedAttempts::new();
        let start = Instant::now();
        let admitted = |at| attempts.admit(at);
        for _ in 0..MAX_RECORDS {
            assert_eq!(admitted(start), Some(0));
        }
        for _ in 0..1000 {
            assert_eq!(admitted(start), None);
        }
        assert_eq!(admitted(start + INTERVAL), Some(1000));
        assert_eq!(admitted(start + INTERVAL), Some(0));
    }
}

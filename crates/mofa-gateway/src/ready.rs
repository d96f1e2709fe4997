//! Decides whether requests should be sent here: not while the gateway ends, and not while
//! decisions cannot be recorded.
//!
//! # Invariants
//! What happened to the last record decides. Only if that failed, or if there was none, is a
//! record written to find out, at most one every [`PROBE_INTERVAL`]. Where the fail mode is open
//! nothing fails that is not recorded, so there the audit log itself is asked, as often.

use crate::answer::ApiError;
use crate::state::Shared;
use http::StatusCode;
use mofa_sdk::Deployment;
use mofa_sdk::security::{AuditSink, Refusal, RefusalCause, SecurityEvent, SecurityFailMode};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// How long a probe counts: a failed one, and any where the fail mode is open.
const PROBE_INTERVAL: Duration = Duration::from_secs(1);

/// How long a probe may take.
const PROBE_TIMEOUT: Duration = Duration::from_secs(10);

const UNKNOWN: u8 = 0;
const WORKS: u8 = 1;
const FAILS: u8 = 2;

/// Whether records can be stored, as far as is known.
#[derive(Debug)]
pub(crate) struct AuditHealth {
    /// Whether what is not recorded goes on all the same.
    is_open: bool,
    state: AtomicU8,
    probed: Mutex<Option<Instant>>,
}

impl AuditHealth {
    pub(crate) fn new(mode: SecurityFailMode) -> Self {
        let is_open = mode == SecurityFailMode::FailOpen;
        Self { is_open, state: AtomicU8::new(UNKNOWN), probed: Mutex::new(None) }
    }

    /// Takes note of how an inspection ended.
    pub(crate) fn observe<T>(&self, outcome: &Result<T, Refusal>) {
        if self.is_open {
            return;
        }
        let failed = matches!(outcome, Err(refusal) if refusal.cause == RefusalCause::Audit);
        let state = if failed { FAILS } else { WORKS };
        if self.state.load(Ordering::Relaxed) != state {
            self.state.store(state, Ordering::Relaxed);
        }
    }

    async fn works(&self, deployment: &Deployment) -> bool {
        let worked = self.state.load(Ordering::Relaxed) == WORKS;
        if worked && !self.is_open {
            return true;
        }
        if !self.may_probe(Instant::now()) {
            return worked;
        }
        let service = &deployment.service;
        let event = SecurityEvent::new("readiness_probe", "gateway", service.clock().now());
        let works = if self.is_open {
            let stored = timeout(PROBE_TIMEOUT, deployment.audit.record(&event)).await;
            matches!(stored, Ok(Ok(())))
        } else {
            service.record(event).await.is_ok()
        };
        self.state.store(if works { WORKS } else { FAILS }, Ordering::Relaxed);
        works
    }

    fn may_probe(&self, now: Instant) -> bool {
        let mut probed = self.probed.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = probed.is_none_or(|at| now.saturating_duration_since(at) >= PROBE_INTERVAL);
        if is_due {
            *probed = Some(now);
        }
        is_due
    }
}

/// Makes sure that requests should be sent here.
///
/// # Errors
/// An [`ApiError`] with status 503 that says why not.
pub(crate) async fn check(shared: &Shared) -> Result<(), ApiError> {
    let not_ready = |code, message| ApiError::new(StatusCode::SERVICE_UNAVAILABLE, code, message);
    if shared.lifecycle.draining.is_cancelled() {
        return Err(not_ready("draining", "the gateway is shutting down"));
    }
    if !shared.audit_health.works(&shared.deployment).await {
        return Err(not_ready("audit_unavailable", "decisions cannot be recorded"));
    }
    Ok(())
}

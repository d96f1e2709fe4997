//! Runs an engine so that neither its panic nor its delay leaves its stage.
//!
//! # Failure
//! [`StageFailure::Panic`] and [`StageFailure::TimeOut`]. An engine that computes without waiting
//! is not interrupted: what it says too late counts only against the text.

use crate::caught::caught;
use crate::security::decision::StageFailure;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::{Duration, Instant};

/// The output of `future`; a failure if it panics or is not there after `limit`.
///
/// The timer starts only if the future has to wait at all: an engine that computes costs nothing
/// here, and needs no reactor around it.
pub(super) async fn guarded<F: Future>(
    limit: Duration,
    future: F,
) -> Result<F::Output, StageFailure> {
    let mut caught = pin!(caught(future));
    let first = poll_fn(|context| Poll::Ready(caught.as_mut().poll(context))).await;
    let output = match first {
        Poll::Ready(output) => output,
        Poll::Pending => tokio::time::timeout(limit, caught)
            .await
            .map_err(|_| StageFailure::TimeOut { limit })?,
    };
    output.map_err(|_| StageFailure::Panic)
}

/// Until when a stage may compute. An engine that never waits cannot be interrupted; it is asked
/// about no further part, and what it says too late counts only against the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline {
    since: Instant,
    limit: Duration,
}

impl Deadline {
    /// `limit` from now on.
    pub(super) fn after(limit: Duration) -> Self {
        Self { since: Instant::now(), limit }
    }

    /// A failure once the time is over.
    pub(super) fn check(&self) -> Result<(), StageFailure> {
        if self.since.elapsed() > self.limit {
            return Err(StageFailure::TimeOut { limit: self.limit });
        }
        Ok(())
    }
}

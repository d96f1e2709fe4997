//! Runs an engine so that neither its panic nor its delay leaves its stage.

use crate::security::decision::StageFailure;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// The output of `future`; a failure if it panics or is not there after `limit`.
///
/// The timer starts only if the future has to wait at all: an engine that computes costs nothing
/// here, and needs no reactor around it.
pub(super) async fn guarded<F: Future>(
    limit: Duration,
    future: F,
) -> Result<F::Output, StageFailure> {
    let mut future = pin!(future);
    let mut caught = pin!(poll_fn(move |context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(_) => Poll::Ready(Err(StageFailure::Panic)),
        }
    }));
    let first = poll_fn(|context| Poll::Ready(caught.as_mut().poll(context))).await;
    match first {
        Poll::Ready(output) => output,
        Poll::Pending => match tokio::time::timeout(limit, caught).await {
            Ok(output) => output,
            Err(_) => Err(StageFailure::TimeOut { limit }),
        },
    }
}

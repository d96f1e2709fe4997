//! Listens, and ends in order: [`Gateway`].
//!
//! One thread accepts; workers serve, each on a thread of its own, and a connection stays with its
//! worker.
//!
//! # Failure
//! [`GatewayError`] if there is no place to listen or no thread to serve on. What goes wrong on one
//! connection ends that connection.

mod connection;
mod peer_stream;
mod stall;
mod worker;

use crate::state::{Lifecycle, Shared};
use mofa_sdk::Deployment;
use mofa_sdk::security::AUDIT_TIMEOUT;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::pin::pin;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use worker::{Accepted, Workers};

/// How long to wait after a connection could not be accepted: most likely too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long connections have, once everything ends, to say so.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// How long everything has to end by itself, once it is told to: a connection that is given up
/// after its last words may leave a record, which takes its own time.
const LAST_RECORDS: Duration = LAST_WORDS.saturating_mul(2).saturating_add(AUDIT_TIMEOUT);

/// Why the gateway cannot serve.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The address cannot be listened on.
    #[error("cannot listen on `{address}`: {source}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system gives no thread to serve on.
    #[error("cannot start worker {number} of {workers}: {source}")]
    Worker {
        /// Which worker, counted from 1.
        number: usize,
        /// How many there are to be.
        workers: usize,
        /// What the system says.
        source: std::io::Error,
    },
}

/// The gateway of one deployment.
#[derive(Debug)]
#[must_use]
pub struct Gateway {
    deployment: Deployment,
    workers: NonZeroUsize,
}

impl Gateway {
    /// A gateway for `deployment`, with a worker for each processor that the system grants.
    pub fn new(deployment: Deployment) -> Self {
        Self { deployment, workers: available_parallelism().unwrap_or(NonZeroUsize::MIN) }
    }

    /// Serves on `workers` threads.
    pub fn with_workers(self, workers: NonZeroUsize) -> Self {
        Self { workers, ..self }
    }

    /// Takes the address of the deployment; nothing is answered yet.
    ///
    /// # Errors
    /// [`GatewayError::Listen`] if the address cannot be had.
    pub async fn bind(self) -> Result<BoundGateway, GatewayError> {
        let address = self.deployment.listen;
        let failed = |source| GatewayError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let shared = Shared::new(self.deployment);
        Ok(BoundGateway { listener, address, shared, workers: self.workers })
    }
}

/// A gateway that has its address.
#[derive(Debug)]
#[must_use]
pub struct BoundGateway {
    listener: TcpListener,
    address: SocketAddr,
    shared: Shared,
    workers: NonZeroUsize,
}

impl BoundGateway {
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `shutdown` is done, then finishes: no more connections are taken,
    /// requests under way are answered, and streams that are not done after
    /// `limits.shutdown_grace` end with an error; the records of what ends so are waited for.
    /// Dropping the future ends everything at once.
    ///
    /// # Errors
    /// [`GatewayError::Worker`] if the system gives no threads; nothing has been answered then.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), GatewayError> {
        let Self { listener, shared, workers, .. } = self;
        let lifecycle = shared.lifecycle.clone();
        let _ends_when_dropped = lifecycle.ending.clone().drop_guard();
        let workers = Workers::start(&shared, workers)?;
        accept(listener, &shared, &workers, shutdown).await;
        drain(&lifecycle, shared.deployment.limits.shutdown_grace).await;
        shared.failed_attempts.flush(&shared.deployment.service).await;
        Ok(())
    }
}

/// Lets what is under way finish within `grace`; then has it end, and waits for its records.
async fn drain(lifecycle: &Lifecycle, grace: Duration) {
    lifecycle.draining.cancel();
    lifecycle.tasks.close();
    if timeout(grace, lifecycle.tasks.wait()).await.is_ok() {
        return;
    }
    tracing::warn!(open = lifecycle.tasks.len(), "ending what is still under way");
    lifecycle.ending.cancel();
    if timeout(LAST_RECORDS, lifecycle.tasks.wait()).await.is_err() {
        tracing::error!(open = lifecycle.tasks.len(), "connections did not end");
    }
}

/// Takes connections, no more at a time than the limit says; others wait in the system's queue.
async fn accept(
    listener: TcpListener,
    shared: &Shared,
    workers: &Workers,
    shutdown: impl Future<Output = ()>,
) {
    let limit = shared.deployment.limits.max_connections.min(Semaphore::MAX_PERMITS);
    let places = Arc::new(Semaphore::new(limit));
    let mut shutdown = pin!(shutdown);
    loop {
        let next = async {
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, listener.accept().await)
        };
        let (place, accepted) = tokio::select! {
            biased;
            () = &mut shutdown => return,
            next = next => next,
        };
        let handed_on = accepted.and_then(|(stream, peer)| {
            let (stream, peer) = (stream.into_std()?, peer.ip());
            workers.serve(Accepted { stream, peer, place, task: shared.lifecycle.tasks.token() })
        });
        if let Err(error) = handed_on {
            tracing::warn!(%error, "a connection was not accepted");
            sleep(ACCEPT_PAUSE).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_record_that_takes_its_time_is_waited_for() {
        let lifecycle = Lifecycle::default();
        let ending = lifecycle.ending.clone();
        let storing = lifecycle.tasks.spawn(async move {
            ending.cancelled().await;
            sleep(LAST_WORDS + AUDIT_TIMEOUT).await;
        });
        drain(&lifecycle, Duration::ZERO).await;
        assert!(storing.is_finished() && lifecycle.tasks.is_empty());
        // What never ends is not waited for.
        lifecycle.tasks.spawn(std::future::pending::<()>());
        drain(&lifecycle, Duration::ZERO).await;
        assert_eq!(lifecycle.tasks.len(), 1);
    }
}

//! Listens, and ends in order: [`Gateway`].
//!
//! # Failure
//! [`GatewayError`] if there is no place to listen. What goes wrong on one connection ends that
//! connection.

mod connection;
mod peer_stream;
mod stall;

use crate::state::Shared;
use mofa_sdk::Deployment;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

/// How long to wait after a connection could not be accepted: most likely too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long connections have, once everything ends, to say so.
const LAST_WORDS: Duration = Duration::from_secs(1);

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
}

/// The gateway of one deployment.
#[derive(Debug)]
#[must_use]
pub struct Gateway {
    deployment: Deployment,
}

impl Gateway {
    /// A gateway for `deployment`.
    pub fn new(deployment: Deployment) -> Self {
        Self { deployment }
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
        Ok(BoundGateway { listener, address, shared: Shared::new(self.deployment) })
    }
}

/// A gateway that has its address.
#[derive(Debug)]
#[must_use]
pub struct BoundGateway {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl BoundGateway {
    /// Where it listens.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until `shutdown` is done, then finishes: no more connections are taken,
    /// requests under way are answered, and streams that are not done after
    /// `limits.shutdown_grace` end with an error. Dropping the future ends everything at once.
    ///
    /// # Errors
    /// None at present; what goes wrong on one connection ends that connection.
    pub async fn serve(self, shutdown: impl Future<Output = ()>) -> Result<(), GatewayError> {
        let Self { listener, shared, .. } = self;
        let lifecycle = shared.lifecycle.clone();
        let ends_when_dropped = lifecycle.ending.clone().drop_guard();
        accept(listener, &shared, shutdown).await;
        lifecycle.draining.cancel();
        lifecycle.tasks.close();
        let grace = shared.deployment.limits.shutdown_grace;
        if timeout(grace, lifecycle.tasks.wait()).await.is_err() {
            tracing::warn!(open = lifecycle.tasks.len(), "ending what is still under way");
            drop(ends_when_dropped);
            // Every task ends by itself within this time.
            if timeout(LAST_WORDS * 2, lifecycle.tasks.wait()).await.is_err() {
                tracing::error!(open = lifecycle.tasks.len(), "connections did not end");
            }
        }
        shared.failed_attempts.flush(&shared.deployment.service).await;
        Ok(())
    }
}

/// Takes connections, no more at a time than the limit says; others wait in the system's queue.
async fn accept(listener: TcpListener, shared: &Arc<Shared>, shutdown: impl Future<Output = ()>) {
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
        match accepted {
            Ok((stream, peer)) => {
                let connection = connection::run(Arc::clone(shared), stream, peer.ip());
                shared.lifecycle.tasks.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

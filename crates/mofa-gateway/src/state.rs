//! What all requests share: the deployment, how many are under way, and whether it goes on.
//!
//! # Invariants
//! Each worker has its own connections to model servers, since a connection lives on the thread
//! that made it; everything else is one for the whole gateway.

use crate::auth::FailedAttempts;
use crate::ready::AuditHealth;
use mofa_sdk::Deployment;
use mofa_sdk::deployment::Upstreams;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What all requests of one worker share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) deployment: Arc<Deployment>,
    /// The deployment's model servers, over connections of this worker alone.
    pub(crate) upstreams: Upstreams,
    /// One permit a request under way.
    pub(crate) in_flight: Arc<Semaphore>,
    pub(crate) failed_attempts: Arc<FailedAttempts>,
    pub(crate) audit_health: Arc<AuditHealth>,
    pub(crate) lifecycle: Lifecycle,
}

/// Where the gateway stands between its start and its end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lifecycle {
    /// No new requests; those under way go on.
    pub(crate) draining: CancellationToken,
    /// What is still under way ends now.
    pub(crate) ending: CancellationToken,
    /// Connections and streams.
    pub(crate) tasks: TaskTracker,
}

impl Shared {
    pub(crate) fn new(deployment: Deployment) -> Self {
        let in_flight = deployment.limits.max_in_flight.min(Semaphore::MAX_PERMITS);
        Self {
            in_flight: Arc::new(Semaphore::new(in_flight)),
            failed_attempts: Arc::new(FailedAttempts::new()),
            audit_health: Arc::new(AuditHealth::new(deployment.service.config().fail_mode())),
            lifecycle: Lifecycle::default(),
            upstreams: deployment.upstreams.with_own_connections(),
            deployment: Arc::new(deployment),
        }
    }

    /// The same for one more worker.
    pub(crate) fn for_worker(&self) -> Arc<Self> {
        Arc::new(Self {
            deployment: Arc::clone(&self.deployment),
            upstreams: self.upstreams.with_own_connections(),
            in_flight: Arc::clone(&self.in_flight),
            failed_attempts: Arc::clone(&self.failed_attempts),
            audit_health: Arc::clone(&self.audit_health),
            lifecycle: self.lifecycle.clone(),
        })
    }
}

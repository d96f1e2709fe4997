//! What all requests share: the deployment, how many are under way, and whether it goes on.

use crate::auth::FailedAttempts;
use crate::ready::AuditHealth;
use mofa_sdk::Deployment;
use std::sync::Arc;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What all requests share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) deployment: Deployment,
    /// One permit a request under way.
    pub(crate) in_flight: Arc<Semaphore>,
    pub(crate) failed_attempts: FailedAttempts,
    pub(crate) audit_health: AuditHealth,
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
    pub(crate) fn new(deployment: Deployment) -> Arc<Self> {
        let in_flight = deployment.limits.max_in_flight.min(Semaphore::MAX_PERMITS);
        Arc::new(Self {
            in_flight: Arc::new(Semaphore::new(in_flight)),
            failed_attempts: FailedAttempts::new(),
            audit_health: AuditHealth::new(deployment.service.config().fail_mode()),
            lifecycle: Lifecycle::default(),
            deployment,
        })
    }
}

//! Ways around the pipeline, each named for what it is.
//!
//! # Invariants
//! Each writes a warning to the log when it is taken. Nothing in this crate takes one unasked, but
//! for a service without a sink, which builds only where the fail mode is open.

use crate::security::decision::DecisionId;
use crate::security::error::AuditError;
use crate::security::event::SecurityEvent;
use crate::security::exchange::{Act, Direction};
use crate::security::permit::{Covers, Permit};
use crate::security::traits::AuditSink;
use crate::security::types::{Subject, Verdict};
use async_trait::async_trait;
use mofa_kernel::Clock;
use std::sync::Arc;

/// A permit for any document that nobody decided about and nobody recorded. Says so in the log, with `reason`.
pub fn permit_without_inspection(
    subject: impl Into<Arc<Subject>>,
    act: Act,
    clock: &dyn Clock,
    reason: &str,
) -> Permit {
    let decision = DecisionId::new(clock.now());
    tracing::warn!(%decision, %act, reason, "PERMIT WITHOUT INSPECTION");
    Permit::new(decision, (subject.into(), act), Verdict::Allow, Direction::Input, Covers::Any)
}

/// A sink that keeps nothing.
#[must_use]
pub fn without_audit() -> Arc<dyn AuditSink> {
    tracing::warn!("DECISIONS ARE NOT RECORDED");
    Arc::new(Nowhere)
}

struct Nowhere;

#[async_trait]
impl AuditSink for Nowhere {
    async fn record(&self, _: &SecurityEvent) -> Result<(), AuditError> {
        Ok(())
    }
}

//! Records what could not be inspected at all: a document that never came or cannot be read.
//!
//! Called by what reads documents for the pipeline, in the place of an inspection.
//!
//! # Invariants
//! Such a decision blocks, and its receipt says of every stage that it did not run.

use super::SecurityService;
use crate::security::config::{Stage, StageMode};
use crate::security::decision::{Coverage, Decision, DecisionId, StageReceipt};
use crate::security::event::SecurityEvent;
use crate::security::exchange::{Act, Direction};
use crate::security::permit::{Refusal, RefusalCause};
use crate::security::types::{Subject, Verdict};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

impl SecurityService {
    /// Decides against, and records, what `subject` wanted by `act` and could not be read; `why` is
    /// a stable word that stands in the record as `error`, never anything of the document.
    ///
    /// # Errors
    /// [`Refusal`] if it could not be recorded and the fail mode is closed.
    pub async fn reject(
        &self,
        subject: &Subject,
        act: &Act,
        direction: Direction,
        why: &str,
    ) -> Result<DecisionId, Refusal> {
        let at = self.clock.now();
        let id = DecisionId::new(at);
        let stages = Stage::ALL.map(|stage| {
            let mode = self.config.mode(stage);
            let coverage = match (mode, stage, direction) {
                (StageMode::Off, ..) => Coverage::Off,
                (_, Stage::Rbac, Direction::Output) => Coverage::NotOnOutput,
                _ => Coverage::Unread,
            };
            StageReceipt::not_run(stage, mode, coverage)
        });
        let decision = Decision {
            id,
            at,
            subject: Arc::new(subject.clone()),
            act: act.clone(),
            direction,
            verdict: Verdict::Block,
            stages: stages.into(),
            parts: 0,
            bytes: 0,
            skipped: Vec::new(),
            policy: Arc::clone(&self.policy),
            policy_revision: self.policy_revision(),
            stream: None,
            took: Duration::ZERO,
        };
        let event = SecurityEvent::of_decision(decision).with_metadata(json!({"error": why}));
        let cause = RefusalCause::Audit;
        let stored = self.store(event).await;
        stored.map(|()| id).map_err(|reason| Refusal { decision: id, cause, reason })
    }
}

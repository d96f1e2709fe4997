//! The pipeline: every exchange goes through [`SecurityService::inspect`], which decides, records
//! and, if nothing speaks against it, gives the [`Permit`] that whatever acts asks for.
//!
//! # Invariants
//! Stages run in the order of [`Stage::ALL`]. A stage that is on has an engine. The record is
//! stored before the permit is given. What an error means is decided in one function.
//!
//! # Failure
//! A [`Refusal`] is an answer, not an error. Building fails with a [`BuildError`].
//!
//! # Example
//! ```
//! use mofa_runtime::security::{SecurityConfig, SecurityService};
//!
//! // A control that is on and has no engine does not build.
//! let error = SecurityService::builder(SecurityConfig::strict()).build().unwrap_err();
//! assert!(error.to_string().contains("with_authorizer"));
//! ```

mod build;
mod guarded;
mod restore;
mod stage;
mod stream;
mod unread;

pub use build::{BuildError, SecurityServiceBuilder};
pub use restore::RestoreTail;
pub use stream::{MAX_HELD_BACK, StreamInspection};

use crate::security::config::{SecurityConfig, SecurityFailMode, Stage, StageMode};
use crate::security::decision::{Coverage, Decision, DecisionId, SkippedParts, StageReceipt};
use crate::security::error::AuditError;
use crate::security::event::SecurityEvent;
use crate::security::exchange::{Act, Direction, Exchange};
use crate::security::permit::{Covers, Permit, Refusal, RefusalCause};
use crate::security::traits::{
    AuditSink, Authorizer, ContentModerator, EventObserver, PiiDetector, PiiRedactor, PromptGuard,
};
use crate::security::types::{Subject, Verdict};
use crate::security::vault::TokenVault;
use guarded::guarded;
use hmac::{Hmac, Mac};
use mofa_kernel::Clock;
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a record may take to be stored; then it counts as not stored.
pub const AUDIT_TIMEOUT: Duration = Duration::from_secs(10);

/// The engines, by role.
#[derive(Clone, Default)]
struct Engines {
    authorizer: Option<Arc<dyn Authorizer>>,
    detector: Option<Arc<dyn PiiDetector>>,
    redactor: Option<Arc<dyn PiiRedactor>>,
    moderator: Option<Arc<dyn ContentModerator>>,
    guard: Option<Arc<dyn PromptGuard>>,
    vault: Option<Arc<TokenVault>>,
}

/// The pipeline. Shared by everything that inspects; holds no state of an exchange.
pub struct SecurityService {
    config: SecurityConfig,
    engines: Engines,
    sink: Arc<dyn AuditSink>,
    observer: Option<Arc<dyn EventObserver>>,
    clock: Arc<dyn Clock>,
    /// HMAC over the hash key, ready to take a value.
    hasher: Hmac<Sha256>,
    policy: Arc<str>,
}

impl fmt::Debug for SecurityService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("SecurityService");
        debug.field("config", &self.config).field("policy", &self.policy);
        debug.finish_non_exhaustive()
    }
}

impl SecurityService {
    /// Begins a service with `config`; engines are added to the builder.
    pub fn builder(config: SecurityConfig) -> SecurityServiceBuilder {
        SecurityServiceBuilder::new(config)
    }

    /// What the service does.
    pub fn config(&self) -> &SecurityConfig {
        &self.config
    }

    /// Identifies the configuration and the rules of all engines as they were built.
    #[must_use]
    pub fn policy(&self) -> &str {
        &self.policy
    }

    /// The time, as records have it.
    #[must_use]
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Decides about `exchange`, takes out of it what must not travel, stores the record, and
    /// gives leave to act on what is left. An answer that belongs to a conversation then has the
    /// values again that the subject may see, and the record says how many.
    ///
    /// # Errors
    /// [`Refusal`] if it must not happen, or, when the fail mode is closed, if that could not be
    /// decided or recorded.
    pub async fn inspect(&self, exchange: &mut Exchange<'_>) -> Result<Permit, Refusal> {
        let decision = self.decide(exchange).await;
        let (id, verdict) = (decision.id, decision.verdict);
        let refusal = decision.refusal();
        let mut event = SecurityEvent::of_decision(decision);
        if refusal.is_none()
            && let Some(restored) = self.restore(exchange).await
        {
            event = event.with_metadata(restored);
        }
        self.store(event).await.map_err(|reason| Refusal {
            decision: id,
            cause: RefusalCause::Audit,
            reason,
        })?;
        if let Some(refusal) = refusal {
            return Err(refusal);
        }
        let what = (exchange.subject().clone(), exchange.act().clone());
        let covers = if exchange.is_binding() {
            Covers::exactly(&exchange.document())
        } else {
            Covers::Unnamed
        };
        Ok(Permit::new(id, what, verdict, exchange.direction(), covers))
    }

    /// Stores an event that is no decision: a refused credential, a start, a change.
    ///
    /// # Errors
    /// [`AuditError`] if it is not stored and the fail mode is closed.
    pub async fn record(&self, event: SecurityEvent) -> Result<(), AuditError> {
        self.store(event).await.map_err(|reason| AuditError::Store { reason })
    }

    /// Whether `subject` could do `act` as things stand: for lists of what there is to be had.
    /// This is no leave to do it, and leaves no record.
    pub async fn could(&self, subject: &Subject, act: &Act) -> bool {
        let Some(authorizer) = &self.engines.authorizer else { return true };
        if self.config.mode(Stage::Rbac) != StageMode::Enforce {
            return true;
        }
        let answer = authorizer.authorize(subject, &act.action, &act.resource);
        match guarded(self.config.stage_timeout(), answer).await {
            Ok(Ok(result)) => result.is_allowed(),
            Ok(Err(error)) => self.undecided_on(Stage::Rbac, &error) != Verdict::Block,
            Err(failure) => self.undecided_on(Stage::Rbac, &failure) != Verdict::Block,
        }
    }

    async fn decide(&self, exchange: &mut Exchange<'_>) -> Decision {
        let (at, started) = (self.clock.now(), Instant::now());
        let (parts, bytes) = exchange
            .parts()
            .fold((0, 0), |(parts, bytes), part| (parts + 1, bytes + part.text.len()));
        let mut stages = Vec::with_capacity(Stage::ALL.len());
        let mut verdict = Verdict::Allow;
        for stage in Stage::ALL {
            let receipt = if verdict == Verdict::Block {
                StageReceipt::not_run(stage, self.config.mode(stage), Coverage::AfterBlock)
            } else {
                self.run(stage, exchange).await
            };
            verdict = verdict.max(receipt.enforced());
            stages.push(receipt);
        }
        Decision {
            id: DecisionId::new(at),
            at,
            subject: exchange.subject().clone(),
            act: exchange.act().clone(),
            direction: exchange.direction(),
            verdict,
            stages,
            parts,
            bytes,
            skipped: skipped(exchange),
            policy: Arc::clone(&self.policy),
            policy_revision: self.policy_revision(),
            stream: None,
            took: started.elapsed(),
        }
    }

    /// Runs one stage and applies what it replaces.
    async fn run(&self, stage: Stage, exchange: &mut Exchange<'_>) -> StageReceipt {
        let mode = self.config.mode(stage);
        if mode == StageMode::Off {
            return StageReceipt::not_run(stage, mode, Coverage::Off);
        }
        if stage == Stage::Rbac && exchange.direction() == Direction::Output {
            return StageReceipt::not_run(stage, mode, Coverage::NotOnOutput);
        }
        let started = Instant::now();
        let report = self.evaluate(stage, exchange).await;
        let (mut receipt, edits) = self.settle(stage, report, started);
        self.admit_gaps(exchange.skipped().opaque, &mut receipt);
        if mode == StageMode::Enforce && receipt.verdict != Verdict::Block {
            for (part, text) in edits {
                exchange.replace(part, text);
            }
        }
        receipt
    }

    /// What it means that something could not be decided or recorded: the one place that asks
    /// the fail mode. In the shadow it only says what it would mean.
    fn undecided(&self, what: &str, mode: StageMode, failure: &dyn fmt::Display) -> Verdict {
        let is_shadow = mode != StageMode::Enforce;
        match self.config.fail_mode() {
            SecurityFailMode::FailClosed if is_shadow => {
                tracing::warn!(what, %failure, "would be refused: fail mode is closed");
                Verdict::Block
            }
            SecurityFailMode::FailClosed => {
                tracing::error!(what, %failure, "refused: fail mode is closed");
                Verdict::Block
            }
            SecurityFailMode::FailOpen if is_shadow => {
                tracing::warn!(what, %failure, "would be allowed: fail mode is open");
                Verdict::Allow
            }
            SecurityFailMode::FailOpen => {
                tracing::error!(what, %failure, "ALLOWED WITHOUT A DECISION: fail mode is open");
                Verdict::Allow
            }
        }
    }

    /// Stores `event` and tells the observer.
    async fn store(&self, event: SecurityEvent) -> Result<(), String> {
        let stored = guarded(AUDIT_TIMEOUT, self.sink.record(&event)).await;
        if let Some(observer) = &self.observer {
            observer.observe(&event, matches!(stored, Ok(Ok(()))));
        }
        let failure = match stored {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(AuditError::Store { reason })) => reason,
            Ok(Err(error @ AuditError::Closed)) => error.to_string(),
            Err(failure) => failure.to_string(),
        };
        match self.undecided("audit", StageMode::Enforce, &failure) {
            Verdict::Block => Err(failure),
            Verdict::Allow | Verdict::Flag => Ok(()),
        }
    }

    fn policy_revision(&self) -> u64 {
        let engines = &self.engines;
        [
            engines.authorizer.as_ref().map(|engine| engine.revision()),
            engines.detector.as_ref().map(|engine| engine.revision()),
            engines.redactor.as_ref().map(|engine| engine.revision()),
            engines.moderator.as_ref().map(|engine| engine.revision()),
            engines.guard.as_ref().map(|engine| engine.revision()),
        ]
        .into_iter()
        .flatten()
        .fold(0, u64::wrapping_add)
    }

    /// The keyed hash under which a value of `category` appears in records: the first 128 bits
    /// of HMAC-SHA-256 over the category, a zero byte and the value, in hexadecimal.
    #[must_use]
    pub fn value_hash(&self, category: &str, value: &str) -> String {
        use std::fmt::Write;
        let mut mac = self.hasher.clone();
        mac.update(category.as_bytes());
        mac.update(&[0]);
        mac.update(value.as_bytes());
        let tag = mac.finalize().into_bytes();
        tag.iter().take(16).fold(String::with_capacity(32), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

/// What of `exchange` is no part, by reason.
fn skipped(exchange: &Exchange<'_>) -> Vec<SkippedParts> {
    let skipped = exchange.skipped();
    let all = [
        SkippedParts { reason: "wire_format_word", count: skipped.vocabulary },
        SkippedParts { reason: "short_number", count: skipped.short_numbers },
        SkippedParts { reason: "wire_format_number", count: skipped.wire_numbers },
        SkippedParts { reason: "wire_format_id", count: skipped.wire_ids },
        SkippedParts { reason: "uninspectable", count: skipped.opaque },
    ];
    all.into_iter().filter(|skipped| skipped.count > 0).collect()
}

#[cfg(test)]
mod tests;

//! The roles of the pipeline: who may, what is personal, what is harmful, what is an attack, and
//! who keeps the record. Implemented above (`mofa-foundation`, `mofa-monitoring`, your own crate),
//! called by [`SecurityService`](super::SecurityService).
//!
//! # Invariants
//! An implementation holds no lock across a text and does work linear in it. A verdict is a value;
//! an `Err` means "could not decide" and is turned into a verdict by the fail mode, in one place.
//!
//! # Failure
//! A panic or a time-out of an implementation counts as an `Err`.

use crate::security::error::{AuditError, SecurityError};
use crate::security::event::SecurityEvent;
use crate::security::exchange::PartView;
use crate::security::types::{
    AuthorizationResult, InjectionCheck, Moderation, PiiDetection, Redaction, RedactionStrategy,
    Subject, TenantId,
};
use crate::security::vault::TokenScope;
use async_trait::async_trait;

/// How much of the end of a text an engine wants held back in a stream, unless it knows better:
/// 256 bytes.
pub const DEFAULT_OPEN_TAIL: usize = 256;

/// What every engine can say of itself.
pub trait Engine: Send + Sync {
    /// Whether the engine can be used at all; asked once, when a service is built.
    ///
    /// # Errors
    /// [`SecurityError`] if its rules do not hold together.
    fn ready(&self) -> Result<(), SecurityError> {
        Ok(())
    }

    /// What the engine's rules are, for the policy's hash in every record: another text when they
    /// are other rules.
    fn fingerprint(&self) -> String {
        std::any::type_name::<Self>().to_owned()
    }

    /// Counts the changes of the rules since the engine was made: it only ever grows.
    fn revision(&self) -> u64 {
        0
    }
}

/// Decides whether a subject may do something.
#[async_trait]
pub trait Authorizer: Engine {
    /// Whether `subject`, in the default tenant, may do `action` on `resource`.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn check_permission(
        &self,
        subject: &str,
        action: &str,
        resource: &str,
    ) -> Result<AuthorizationResult, SecurityError>;

    /// Whether `subject`, in its tenant and with the roles that it brings, may do `action` on
    /// `resource`. An authorizer that knows no tenants decides by the subject's id alone.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn authorize(
        &self,
        subject: &Subject,
        action: &str,
        resource: &str,
    ) -> Result<AuthorizationResult, SecurityError> {
        self.check_permission(subject.id.as_str(), action, resource).await
    }
}

/// Finds personal data and secrets.
#[async_trait]
pub trait PiiDetector: Engine {
    /// What is in `text`: sorted by position, without overlaps, spans on character boundaries.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn detect(&self, text: &str) -> Result<Vec<PiiDetection>, SecurityError>;

    /// What is in the text of `part`, which may stand under a key that says what it is.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn detect_part(&self, part: &PartView<'_>) -> Result<Vec<PiiDetection>, SecurityError> {
        self.detect(part.text).await
    }

    /// What is in the text of `part` by the rules of `tenant`. A detector that knows no tenants has
    /// one set of rules.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn detect_for(
        &self,
        tenant: &TenantId,
        part: &PartView<'_>,
    ) -> Result<Vec<PiiDetection>, SecurityError> {
        let _ = tenant;
        self.detect_part(part).await
    }

    /// How many bytes at the end of `text` may belong to a value that has not ended yet, by the
    /// rules of any tenant; asked in streams, where that much is held back. At most `text.len()`.
    fn open_tail(&self, text: &str) -> usize {
        text.len().min(DEFAULT_OPEN_TAIL)
    }
}

/// Takes personal data out of a text.
#[async_trait]
pub trait PiiRedactor: Engine {
    /// Finds and takes out what is in `text`. `strategy` holds for every category that has none
    /// of its own.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn redact(
        &self,
        text: &str,
        strategy: RedactionStrategy,
    ) -> Result<Redaction, SecurityError>;

    /// Takes `detections`, which a detector found in `text`, out of it.
    ///
    /// # Errors
    /// [`SecurityError`] if a detection does not fit the text.
    async fn apply(&self, text: &str, detections: &[PiiDetection])
    -> Result<String, SecurityError>;

    /// Takes `detections` out of a text of the conversation `scope`, in which what is taken out
    /// may be asked for again. A redactor that keeps nothing takes them out as everywhere.
    ///
    /// # Errors
    /// [`SecurityError`] if a detection does not fit the text, or if a value could not be kept.
    async fn apply_in(
        &self,
        scope: &TokenScope,
        text: &str,
        detections: &[PiiDetection],
    ) -> Result<String, SecurityError> {
        let _ = scope;
        self.apply(text, detections).await
    }
}

/// Judges whether a text does harm.
#[async_trait]
pub trait ContentModerator: Engine {
    /// Judges `text` by the policy of the default tenant.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn moderate(&self, text: &str) -> Result<Moderation, SecurityError>;

    /// Judges `text` by the policy of `tenant`. A moderator that knows no tenants has one policy.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn moderate_for(
        &self,
        tenant: &TenantId,
        text: &str,
    ) -> Result<Moderation, SecurityError> {
        let _ = tenant;
        self.moderate(text).await
    }

    /// How many bytes at the end of `text` may belong to a phrase that has not ended yet; asked in
    /// streams, where that much is held back. At most `text.len()`.
    fn open_tail(&self, text: &str) -> usize {
        text.len().min(DEFAULT_OPEN_TAIL)
    }
}

/// Judges whether a text is an attack on the model that reads it.
#[async_trait]
pub trait PromptGuard: Engine {
    /// Judges `prompt` as something a user says.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn check_injection(&self, prompt: &str) -> Result<InjectionCheck, SecurityError>;

    /// Judges a part of an exchange, with who produced it and how far that is trusted.
    ///
    /// # Errors
    /// [`SecurityError`] if it could not be decided.
    async fn check_part(&self, part: &PartView<'_>) -> Result<InjectionCheck, SecurityError> {
        self.check_injection(part.text).await
    }

    /// How many bytes at the end of `text` may belong to an attack that has not ended yet; asked
    /// in streams where a suspicious text is blocked. At most `text.len()`.
    fn open_tail(&self, text: &str) -> usize {
        text.len().min(DEFAULT_OPEN_TAIL)
    }
}

/// Keeps records.
#[async_trait]
pub trait AuditSink: Send + Sync {
    /// Stores `event`; returns when it would survive a crash of the machine.
    ///
    /// # Errors
    /// [`AuditError`] if it is not stored.
    async fn record(&self, event: &SecurityEvent) -> Result<(), AuditError>;
}

/// Is told of every event; counts, alerts.
pub trait EventObserver: Send + Sync {
    /// Takes note of `event`, which was stored or not. Called on the request's path: it must not
    /// wait.
    fn observe(&self, event: &SecurityEvent, was_stored: bool);
}

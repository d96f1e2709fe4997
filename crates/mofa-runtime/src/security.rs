//! The security pipeline: what it is asked, what it answers, and what it leaves behind.
//!
//! An [`Exchange`] goes in; [`SecurityService::inspect`] runs its stages over every part of it and
//! stores a [`Decision`]; a [`Permit`] or a [`Refusal`] comes out. The engines behind the traits
//! are implemented elsewhere.
//!
//! # Invariants
//! Nothing that acts can be reached without a [`Permit`]; what gives one without a decision is in
//! [`danger`]. Every decision is recorded before its permit is given. No type here shows inspected
//! text in `Debug`, an error or a log.
//!
//! # Failure
//! What could not be decided or recorded is refused, unless [`SecurityFailMode`] is open.

mod config;
pub mod danger;
mod decision;
mod document;
mod error;
mod event;
mod exchange;
mod permit;
mod service;
mod traits;
pub mod types;
mod vault;

pub use config::{PiiAction, SecurityConfig, SecurityFailMode, Stage, StageMode};
pub use decision::{
    Coverage, Decision, DecisionId, Finding, MAX_FINDINGS, SkippedParts, StageFailure,
    StageReceipt, StreamEnd,
};
pub use document::{Document, DocumentError, DocumentErrorKind, DocumentLimits, JsonRef, NodeKind};
pub use error::{AuditError, SecurityError};
pub use event::SecurityEvent;
pub use exchange::{Act, Direction, Exchange, Label, Labelling, PartView, Skip, Trust};
pub use permit::{Permit, PermitError, Refusal, RefusalCause};
pub use service::{
    AUDIT_TIMEOUT, BuildError, MAX_HELD_BACK, RestoreTail, SecurityService, SecurityServiceBuilder,
    StreamInspection,
};
pub use traits::{
    AuditSink, Authorizer, ContentModerator, DEFAULT_OPEN_TAIL, Engine, EventObserver, PiiDetector,
    PiiRedactor, PromptGuard,
};
pub use types::{
    AuthorizationResult, DenyReason, InjectionCheck, InjectionSignal, KeyId, Moderation,
    ModerationMatch, PiiCategory, PiiDetection, Redaction, RedactionStrategy, RoleName, Subject,
    SubjectId, TenantId, Verdict,
};
pub use vault::{
    Assignment, ConversationId, DEFAULT_TTL, MAX_TOKEN_VALUE, Placeholder, ScopeTag, SealedToken,
    Sealer, TokenScope, TokenStore, TokenVault, ValueTag, VaultError, VaultKey, VaultKeyId,
    VaultLimits,
};

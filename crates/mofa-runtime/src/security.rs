//! The security pipeline.

mod error;
mod traits;
pub mod types;

pub use error::{AuditError, SecurityError};
pub use traits::{
    AuditSink, Authorizer, ContentModerator, DEFAULT_OPEN_TAIL, Engine, PiiDetector, PiiRedactor,
    PromptGuard,
};
pub use types::{
    AuthorizationResult, DenyReason, InjectionCheck, InjectionSignal, Moderation, ModerationMatch,
    PiiCategory, PiiDetection, Redaction, RedactionStrategy, RoleName, Subject, SubjectId,
    TenantId, Verdict,
};
mod event;
mod exchange;
pub use event::SecurityEvent;
pub use exchange::{PartView, Trust};

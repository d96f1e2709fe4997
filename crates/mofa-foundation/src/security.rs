//! The engines: who may, what is personal, what is harmful, what is an attack.
//!
//! The traits that they implement belong to `mofa-runtime` and are named here too, so that one
//! import is enough.

mod exceptions;
mod fingerprint;
pub mod guard;
pub mod moderation;
pub mod pii;
pub mod rbac;
pub mod vault;

pub use exceptions::MAX_ALLOWED;
pub use guard::RegexPromptGuard;
pub use moderation::{ContentPolicy, KeywordModerator};
pub use mofa_runtime::security::{
    Authorizer, ContentModerator, Engine, PiiDetector, PiiRedactor, PromptGuard,
};
pub use pii::{
    Check, CustomRule, Exception, PiiDetectorBuilder, RegexPiiDetector, RegexPiiRedactor,
    UnknownCheck,
};
pub use rbac::{
    AccessReport, AccessRow, AuthorizerBuilder, ChangeError, Changes, DefaultAuthorizer, Effect,
    Explanation, PermissionError, PolicyError, RbacPolicy, Reason, Role, RoleOrigin, Source,
};
pub use vault::MemoryTokenStore;

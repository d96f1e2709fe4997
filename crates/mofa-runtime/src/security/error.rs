//! What can go wrong. A refusal is not among it: that is a [`Refusal`](super::Refusal).
//!
//! # Invariants
//! No error holds inspected text, and its message none of what an engine was given.

use crate::security::vault::VaultError;
use mofa_kernel::IdError;
use thiserror::Error;

/// Why an engine could not decide. Never holds inspected text.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SecurityError {
    /// A value does not fit.
    #[error("`{field}` cannot be `{found}`: expected {expected}")]
    Invalid {
        /// The setting or argument.
        field: &'static str,
        /// What was given.
        found: String,
        /// What would fit.
        expected: &'static str,
    },
    /// A name cannot be an identifier.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The engine's rules or policy do not hold together.
    #[error("the {engine} cannot be used: {reason}")]
    Unusable {
        /// Which engine.
        engine: &'static str,
        /// What is wrong with its rules.
        reason: String,
    },
    /// A value could not be kept.
    #[error("the value could not be kept: {0}")]
    Vault(#[from] VaultError),
    /// Something that the engine needs is away.
    #[error("the {engine} is not available: {reason}")]
    Unavailable {
        /// Which engine.
        engine: &'static str,
        /// What is away, never with inspected text.
        reason: String,
    },
}

/// Why a record could not be stored.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The disk or the service refused.
    #[error("the audit record was not stored: {reason}")]
    Store {
        /// What the system said.
        reason: String,
    },
    /// The log was closed.
    #[error("the audit log is closed")]
    Closed,
}

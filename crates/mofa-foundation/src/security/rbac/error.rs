//! What can be wrong with a policy, and with a change to one.
//!
//! # Invariants
//! Names in messages come from people and other systems: they are escaped and cut, so that an
//! error stays one line of a log.

use crate::security::rbac::permission::PermissionError;
use mofa_kernel::IdError;
use mofa_runtime::security::{SecurityError, TenantId};
use std::fmt;
use thiserror::Error;

/// The engine's name in errors and records.
pub(super) const ENGINE: &str = "authorizer";

/// How many characters of a name a message shows.
const SHOWN: usize = 80;

/// Why a policy does not hold together.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicyError {
    /// A role's name cannot be a name.
    #[error("`{}` cannot name a role: {source}", Shown(role))]
    RoleName {
        /// The name that was given.
        role: String,
        /// What is wrong with it.
        source: IdError,
    },
    /// A subject's name cannot be a name.
    #[error("`{}` cannot name a subject: {source}", Shown(subject))]
    SubjectName {
        /// The name that was given.
        subject: String,
        /// What is wrong with it.
        source: IdError,
    },
    /// A role grants or denies something that is not a permission.
    #[error("role `{}` has the permission `{}`, but {source}", Shown(role), Shown(permission))]
    Permission {
        /// The role that has it.
        role: String,
        /// The text that was given.
        permission: String,
        /// What is wrong with it, and what to write instead.
        source: PermissionError,
    },
    /// Two roles have the same name.
    #[error("role `{}` is defined twice: give one of them another name", Shown(role))]
    DuplicateRole {
        /// The name of both.
        role: String,
    },
    /// A role inherits from one that does not exist.
    #[error("role `{}` inherits from `{}`, which is not defined", Shown(role), Shown(parent))]
    UnknownParent {
        /// The role that inherits.
        role: String,
        /// The parent that is missing.
        parent: String,
    },
    /// A role inherits from itself, at once or over others.
    #[error("roles inherit in a circle: {}", Path(path))]
    Cycle {
        /// The roles of the circle, each followed by its parent; the first is also the last.
        path: Vec<String>,
    },
    /// A subject is assigned a role that does not exist.
    #[error(
        "subject `{}` is assigned role `{}`, which is not defined",
        Shown(subject),
        Shown(role)
    )]
    UnknownRole {
        /// The subject.
        subject: String,
        /// The role that is missing.
        role: String,
    },
    /// The default role does not exist.
    #[error("the default role `{}` is not defined", Shown(role))]
    UnknownDefaultRole {
        /// The role that is missing.
        role: String,
    },
    /// More roles than [`MAX_ROLES`](super::MAX_ROLES).
    #[error("the policy has {found} roles: at most {most} fit; split it by tenant")]
    TooManyRoles {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// Roles inherit from each other so much that the tables would not fit.
    #[error(
        "the policy takes over {most} bytes when compiled: let fewer roles inherit, or split it by tenant"
    )]
    TooLarge {
        /// How many bytes there may be.
        most: usize,
    },
    /// No tenant has a policy.
    #[error("no tenant has a policy: add one with `with_tenant`")]
    NoTenant,
    /// A tenant was given two policies.
    #[error("tenant `{tenant}` has two policies: give it one")]
    DuplicateTenant {
        /// The tenant.
        tenant: TenantId,
    },
    /// A tenant's policy does not hold together.
    #[error("the policy of tenant `{tenant}`: {source}")]
    InTenant {
        /// The tenant.
        tenant: TenantId,
        /// What is wrong with its policy.
        source: Box<PolicyError>,
    },
}

impl From<&PolicyError> for SecurityError {
    fn from(error: &PolicyError) -> Self {
        Self::Unusable { engine: ENGINE, reason: error.to_string() }
    }
}

/// Why a policy could not be changed. Nothing was changed then.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChangeError {
    /// The tenant has no policy.
    #[error("tenant `{tenant}` has no policy: give it one with `replace_policy`")]
    UnknownTenant {
        /// The tenant.
        tenant: TenantId,
    },
    /// The tenant's policy has no such role.
    #[error("tenant `{tenant}` has no role `{role}`")]
    UnknownRole {
        /// The tenant.
        tenant: TenantId,
        /// The role that is missing.
        role: String,
    },
    /// The tenant's policy, the one in force or the new one, does not hold together.
    #[error("the policy of tenant `{tenant}` cannot be used: {source}")]
    Policy {
        /// The tenant.
        tenant: TenantId,
        /// What is wrong with it.
        source: PolicyError,
    },
}

/// A name as it is shown in a message.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0.chars();
        for c in rest.by_ref().take(SHOWN) {
            if c.is_control() {
                write!(f, "{}", c.escape_debug())?;
            } else {
                write!(f, "{c}")?;
            }
        }
        if rest.next().is_some() { f.write_str("…") } else { Ok(()) }
    }
}

struct Path<'a>(&'a [String]);

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, role) in self.0.iter().enumerate() {
            let arrow = if i == 0 { "" } else { " -> " };
            write!(f, "{arrow}`{}`", Shown(role))?;
        }
        Ok(())
    }
}

//! Why a subject may or may not, in values and in words.
//!
//! Called by people and tools after the fact; it allocates and reads the policy as written, apart
//! from the tables that a check reads, so that each shows a mistake in the other.
//!
//! # Invariants
//! [`Explanation::result`] is what a check answers at that moment; a test asks both. Printed, an
//! explanation is one line, whatever was asked.
//!
//! # Failure
//! A policy that does not hold together explains nothing: the call is an error, as a check is.

use crate::security::rbac::permission::{Pattern, Query};
use crate::security::rbac::roles::CheckedRole;
use crate::security::rbac::walk::{RoleOrigin, Walk};
use mofa_runtime::security::{AuthorizationResult, DenyReason, RoleName, Subject};
use std::fmt;

/// Why a subject may or may not do something.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// Who asked.
    pub subject: Subject,
    /// What the subject wanted to do.
    pub action: String,
    /// With what.
    pub resource: String,
    /// What decided.
    pub reason: Reason,
}

/// What decided.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A role of the subject grants it, and none denies it.
    Granted(Source),
    /// A role of the subject denies it.
    Denied(Source),
    /// None of these roles, which are all that the subject has, grants it.
    NotGranted {
        /// The roles, inherited ones included, by name.
        roles: Vec<RoleName>,
    },
    /// No permission could name it: an empty piece, an action with `:` in it, white space or a
    /// control character.
    Unnameable,
    /// The subject has no role, and there is no default role.
    NoRole,
    /// The subject's tenant has no policy.
    UnknownTenant,
}

/// Where a grant or a deny comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Source {
    /// How the subject came by the first role of the path.
    pub origin: RoleOrigin,
    /// From the role that the subject was given to the role that holds the permission, each
    /// followed by its parent. Of several the shortest.
    pub path: Vec<RoleName>,
    /// The permission as it is written in the policy.
    pub permission: String,
}

impl Explanation {
    /// What a check answers.
    pub fn result(&self) -> AuthorizationResult {
        AuthorizationResult::Denied(match self.reason {
            Reason::Granted(_) => return AuthorizationResult::Allowed,
            Reason::Denied(_) => DenyReason::ExplicitDeny,
            Reason::NotGranted { .. } | Reason::Unnameable => DenyReason::NotGranted,
            Reason::NoRole => DenyReason::NoRole,
            Reason::UnknownTenant => DenyReason::UnknownTenant,
        })
    }

    /// The role that grants or denies it.
    #[must_use]
    pub fn deciding_role(&self) -> Option<&RoleName> {
        match &self.reason {
            Reason::Granted(source) | Reason::Denied(source) => source.path.last(),
            _ => None,
        }
    }
}

impl Reason {
    /// What the roles of `walk` say to `query`: the nearest deny, else the nearest grant.
    pub(super) fn find(walk: &Walk<'_>, query: Query<'_>) -> Self {
        if !query.is_well_formed() {
            return Self::Unnameable;
        }
        if let Some(source) = nearest(walk, query, |role| &role.denies) {
            return Self::Denied(source);
        }
        if let Some(source) = nearest(walk, query, |role| &role.grants) {
            return Self::Granted(source);
        }
        let mut roles: Vec<_> = walk.steps().map(|step| step.role.name.clone()).collect();
        roles.sort_unstable();
        Self::NotGranted { roles }
    }
}

fn nearest<'a>(
    walk: &Walk<'a>,
    query: Query<'_>,
    patterns: impl Fn(&'a CheckedRole) -> &'a [Pattern],
) -> Option<Source> {
    walk.steps().find_map(|step| {
        let pattern = patterns(step.role).iter().find(|pattern| pattern.matches(query))?;
        let permission = pattern.as_str().to_owned();
        Some(Source { origin: step.origin, path: walk.path(step), permission })
    })
}

impl fmt::Display for Explanation {
    /// One line, without control characters: what was asked is escaped.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Subject { id, tenant, .. } = &self.subject;
        let may = if self.result().is_allowed() { "may" } else { "may not" };
        let (action, resource) = (self.action.escape_debug(), self.resource.escape_debug());
        write!(
            f,
            "`{id}` of tenant `{tenant}` {may} do `{action}` on `{resource}`: {}",
            self.reason
        )
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Granted(source) => write!(f, "granted by {source}"),
            Self::Denied(source) => write!(f, "denied by {source}"),
            Self::NotGranted { roles } => {
                f.write_str("none of its roles grants it (")?;
                write_list(f, roles, ", ")?;
                f.write_str(")")
            }
            Self::Unnameable => f.write_str(
                "no permission can name it (an empty piece, an action with `:` in it, white space \
                 or a control character)",
            ),
            Self::NoRole => write!(f, "{}", DenyReason::NoRole),
            Self::UnknownTenant => write!(f, "{}", DenyReason::UnknownTenant),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` of role ", self.permission)?;
        write_list(f, self.path.last(), "")?;
        if self.path.len() > 1 {
            f.write_str(", inherited over ")?;
            write_list(f, &self.path, " -> ")?;
        }
        f.write_str(match self.origin {
            RoleOrigin::Assigned => ", which is assigned",
            RoleOrigin::Credential => ", which the credential brings",
            RoleOrigin::Default => ", the default role",
        })
    }
}

fn write_list<'a>(
    f: &mut fmt::Formatter<'_>,
    roles: impl IntoIterator<Item = &'a RoleName>,
    between: &str,
) -> fmt::Result {
    for (i, role) in roles.into_iter().enumerate() {
        write!(f, "{}`{role}`", if i == 0 { "" } else { between })?;
    }
    Ok(())
}

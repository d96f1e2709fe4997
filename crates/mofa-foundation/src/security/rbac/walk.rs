//! The roles that a subject has by inheritance, nearest first, and the way to each.
//!
//! Walked by `explain` and by the access report; a check reads tables instead.

use crate::security::rbac::roles::{CheckedRole, Roles};
use crate::security::rbac::sets::RoleId;
use mofa_runtime::security::RoleName;
use std::collections::HashSet;
use std::fmt;

/// How a subject came by a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RoleOrigin {
    /// The policy, or a change at run time, assigns it.
    Assigned,
    /// The subject's credential brings it.
    Credential,
    /// It is the default role, and the subject has no other.
    Default,
}

impl RoleOrigin {
    /// `assigned`, `credential` or `default`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Assigned => "assigned",
            Self::Credential => "credential",
            Self::Default => "default",
        }
    }
}

impl fmt::Display for RoleOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Roles in the order of their distance from the roles a subject was given.
pub(super) struct Walk<'a> {
    steps: Vec<Step<'a>>,
}

pub(super) struct Step<'a> {
    pub(super) role: &'a CheckedRole,
    pub(super) origin: RoleOrigin,
    from: Option<usize>,
}

impl<'a> Walk<'a> {
    /// Starts at `given`; of two ways to a role the shorter is taken, then the one given first.
    pub(super) fn new(roles: &'a Roles, given: impl Iterator<Item = (RoleId, RoleOrigin)>) -> Self {
        let mut seen = HashSet::new();
        let mut steps: Vec<Step<'a>> = Vec::new();
        for (id, origin) in given {
            if let Some(role) = roles.role(id).filter(|_| seen.insert(id)) {
                steps.push(Step { role, origin, from: None });
            }
        }
        let mut at = 0;
        while let Some(Step { role, origin, .. }) = steps.get(at) {
            let (role, origin) = (*role, *origin);
            for parent in &role.parents {
                if let Some(role) = roles.role(*parent).filter(|_| seen.insert(*parent)) {
                    steps.push(Step { role, origin, from: Some(at) });
                }
            }
            at += 1;
        }
        Self { steps }
    }

    pub(super) fn steps(&self) -> impl Iterator<Item = &Step<'a>> {
        self.steps.iter()
    }

    /// From the role that the subject was given to the role of `step`.
    pub(super) fn path(&self, step: &Step<'a>) -> Vec<RoleName> {
        let mut path = vec![step.role.name.clone()];
        let mut from = step.from;
        while let Some(step) = from.and_then(|at| self.steps.get(at)) {
            path.push(step.role.name.clone());
            from = step.from;
        }
        path.reverse();
        path
    }
}

//! What people write: roles, what they grant and deny, and who has them.
//!
//! Nothing is checked here, so that a policy can be written in any order; the compiler checks it
//! as a whole, see [`PolicyError`](super::PolicyError).

use std::collections::{BTreeMap, BTreeSet};

/// A role: a name, the permissions it grants and denies, and the roles it inherits from.
///
/// What a role grants or denies, every role that inherits from it grants or denies too. A deny
/// wins over every grant, wherever each comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Role {
    pub(super) name: String,
    pub(super) grants: BTreeSet<String>,
    pub(super) denies: BTreeSet<String>,
    pub(super) parents: BTreeSet<String>,
}

impl Role {
    /// A role that grants nothing yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            grants: BTreeSet::new(),
            denies: BTreeSet::new(),
            parents: BTreeSet::new(),
        }
    }

    /// Grants `permission`, in the grammar of the [module](super).
    pub fn with_permission(mut self, permission: impl Into<String>) -> Self {
        self.grants.insert(permission.into());
        self
    }

    /// Denies `permission`, in the grammar of the [module](super), to whoever has the role.
    pub fn with_denied(mut self, permission: impl Into<String>) -> Self {
        self.denies.insert(permission.into());
        self
    }

    /// Inherits from role `parent`; may be said of several.
    pub fn with_parent(mut self, parent: impl Into<String>) -> Self {
        self.parents.insert(parent.into());
        self
    }

    /// The role's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The policy of one tenant: its roles, which subject has which, and the default role.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RbacPolicy {
    pub(super) roles: Vec<Role>,
    pub(super) assignments: BTreeMap<String, BTreeSet<String>>,
    pub(super) default_role: Option<String>,
}

impl RbacPolicy {
    /// A policy that grants nothing to anyone.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Defines `role`.
    pub fn add_role(&mut self, role: Role) -> &mut Self {
        self.roles.push(role);
        self
    }

    /// Gives `subject` the role named `role`, over those that it has.
    pub fn assign_role(
        &mut self,
        subject: impl Into<String>,
        role: impl Into<String>,
    ) -> &mut Self {
        self.assignments.entry(subject.into()).or_default().insert(role.into());
        self
    }

    /// Gives the role named `role` to every subject that has none, neither assigned nor brought
    /// by its credential. Said twice, the last holds.
    pub fn set_default_role(&mut self, role: impl Into<String>) -> &mut Self {
        self.default_role = Some(role.into());
        self
    }

    /// The roles, in the order in which they were added.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }
}

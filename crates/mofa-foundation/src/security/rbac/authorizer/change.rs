//! Changes while checks go on: assign, revoke, remove, replace.
//!
//! # Invariants
//! One change at a time; all of a batch is seen at once, or nothing of it. When a change returns,
//! every check that starts afterwards, in any thread, sees it.

use super::{DefaultAuthorizer, Live, Tenants};
use crate::security::rbac::error::ChangeError;
use crate::security::rbac::policy::RbacPolicy;
use crate::security::rbac::roles::Roles;
use crate::security::rbac::sets::RoleId;
use mofa_runtime::security::{RoleName, SubjectId, TenantId};
use std::sync::atomic::Ordering;
use std::sync::{Arc, MutexGuard, PoisonError};

/// Changes to the assignments of one tenant, to be made at once; see
/// [`DefaultAuthorizer::update`].
#[derive(Debug, Default)]
pub struct Changes {
    changes: Vec<Change>,
}

#[derive(Debug)]
enum Change {
    Assign(SubjectId, RoleName),
    Revoke(SubjectId, RoleName),
    Remove(SubjectId),
}

impl Changes {
    /// Gives `subject` the role `role`.
    pub fn assign_role(&mut self, subject: SubjectId, role: RoleName) -> &mut Self {
        self.changes.push(Change::Assign(subject, role));
        self
    }

    /// Takes the role `role` from `subject`.
    pub fn revoke_role(&mut self, subject: SubjectId, role: RoleName) -> &mut Self {
        self.changes.push(Change::Revoke(subject, role));
        self
    }

    /// Takes all roles from `subject`.
    pub fn remove_subject(&mut self, subject: SubjectId) -> &mut Self {
        self.changes.push(Change::Remove(subject));
        self
    }
}

impl DefaultAuthorizer {
    /// Gives `subject` the role `role`; says whether it did not have it before.
    ///
    /// # Errors
    /// [`ChangeError`] if the tenant or the role is not known, or the tenant's policy cannot be
    /// used.
    pub fn assign_role(
        &self,
        tenant: &TenantId,
        subject: &SubjectId,
        role: &RoleName,
    ) -> Result<bool, ChangeError> {
        let change = Change::Assign(subject.clone(), role.clone());
        Ok(self.apply(tenant, &[change])? > 0)
    }

    /// Takes the role `role` from `subject`; says whether it had it. What `subject` inherits over
    /// other roles it keeps.
    ///
    /// # Errors
    /// [`ChangeError`] if the tenant or the role is not known, or the tenant's policy cannot be
    /// used.
    pub fn revoke_role(
        &self,
        tenant: &TenantId,
        subject: &SubjectId,
        role: &RoleName,
    ) -> Result<bool, ChangeError> {
        let change = Change::Revoke(subject.clone(), role.clone());
        Ok(self.apply(tenant, &[change])? > 0)
    }

    /// Takes all assigned roles from `subject`; says whether it had any. The default role holds
    /// for it from then on.
    ///
    /// # Errors
    /// [`ChangeError`] if the tenant is not known, or its policy cannot be used.
    pub fn remove_subject(
        &self,
        tenant: &TenantId,
        subject: &SubjectId,
    ) -> Result<bool, ChangeError> {
        Ok(self.apply(tenant, &[Change::Remove(subject.clone())])? > 0)
    }

    /// Makes the changes that `describe` asks for, in their order, all at once; says how many of
    /// them changed something.
    ///
    /// # Errors
    /// [`ChangeError`] if the tenant or a role is not known, or the tenant's policy cannot be
    /// used; nothing is changed then.
    pub fn update(
        &self,
        tenant: &TenantId,
        describe: impl FnOnce(&mut Changes),
    ) -> Result<usize, ChangeError> {
        let mut changes = Changes::default();
        describe(&mut changes);
        self.apply(tenant, &changes.changes)
    }

    /// Puts `policy`, its assignments included, in the place of the tenant's present one; a tenant
    /// without a policy gets its first. Assignments made at run time are gone with the old policy.
    ///
    /// # Errors
    /// [`ChangeError::Policy`] if the policy does not hold together; the present one stays then.
    pub fn replace_policy(
        &self,
        tenant: &TenantId,
        policy: &RbacPolicy,
    ) -> Result<(), ChangeError> {
        let live = Live::compile(policy)
            .map_err(|source| ChangeError::Policy { tenant: tenant.clone(), source })?;
        let _writer = self.lock();
        self.put(tenant, live);
        Ok(())
    }

    /// Takes the tenant's policy away, so that everything is denied to its subjects; says whether
    /// it had one.
    pub fn remove_tenant(&self, tenant: &TenantId) -> bool {
        let _writer = self.lock();
        let mut fewer = (**self.tenants.load()).clone();
        let removed = fewer.remove(tenant);
        if removed {
            self.store(fewer);
        }
        removed
    }

    fn apply(&self, tenant: &TenantId, changes: &[Change]) -> Result<usize, ChangeError> {
        let _writer = self.lock();
        let tenants = self.tenants.load();
        let Some(present) = tenants.find(tenant) else {
            return Err(ChangeError::UnknownTenant { tenant: tenant.clone() });
        };
        let mut live = match &**present {
            Ok(live) => live.clone(),
            Err(source) => {
                let source = source.clone();
                return Err(ChangeError::Policy { tenant: tenant.clone(), source });
            }
        };
        let mut made = 0;
        for change in changes {
            made += usize::from(live.change(tenant, change)?);
        }
        if made > 0 {
            self.put(tenant, live);
        }
        Ok(made)
    }

    /// Puts a policy in force. The caller holds the lock.
    fn put(&self, tenant: &TenantId, live: Live) {
        let mut tenants = (**self.tenants.load()).clone();
        tenants.insert(tenant, Arc::new(Ok(live)));
        self.store(tenants);
    }

    /// Exchanges everything at once, and counts it. The caller holds the lock.
    fn store(&self, tenants: Tenants) {
        self.tenants.store(Arc::new(tenants));
        self.revision.fetch_add(1, Ordering::Relaxed);
    }

    /// A writer that panicked stored nothing, so its lock is as good as new.
    fn lock(&self) -> MutexGuard<'_, ()> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live {
    fn change(&mut self, tenant: &TenantId, change: &Change) -> Result<bool, ChangeError> {
        let roles = &self.rules.roles;
        Ok(match change {
            Change::Assign(subject, role) => {
                let role = known(tenant, roles, role)?;
                self.subjects.change(subject, |held| {
                    if let Err(at) = held.binary_search(&role) {
                        held.insert(at, role);
                    }
                })
            }
            Change::Revoke(subject, role) => {
                let role = known(tenant, roles, role)?;
                self.subjects.change(subject, |held| held.retain(|other| *other != role))
            }
            Change::Remove(subject) => self.subjects.change(subject, Vec::clear),
        })
    }
}

fn known(tenant: &TenantId, roles: &Roles, role: &RoleName) -> Result<RoleId, ChangeError> {
    roles
        .find(role.as_str())
        .ok_or_else(|| ChangeError::UnknownRole { tenant: tenant.clone(), role: role.to_string() })
}

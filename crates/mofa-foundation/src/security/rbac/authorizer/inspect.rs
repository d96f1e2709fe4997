//! Questions about a policy in force: why, and who may do what.

use super::{DefaultAuthorizer, Live};
use crate::security::rbac::explain::{Explanation, Reason};
use crate::security::rbac::permission::Query;
use crate::security::rbac::report::{AccessReport, default_rows, rows};
use crate::security::rbac::walk::{RoleOrigin, Walk};
use mofa_runtime::security::{RoleName, SecurityError, Subject, TenantId};

impl DefaultAuthorizer {
    /// Why `subject` may or may not do `action` on `resource`: the answer of
    /// [`check`](Self::check), and which role, which permission and which way of inheritance it
    /// comes from.
    ///
    /// # Errors
    /// [`SecurityError::Unusable`] if the tenant's policy does not hold together.
    pub fn explain(
        &self,
        subject: &Subject,
        action: &str,
        resource: &str,
    ) -> Result<Explanation, SecurityError> {
        let query = Query { action, resource };
        let reason = match self.live(&subject.tenant)? {
            None => Reason::UnknownTenant,
            Some(live) => live.reason(subject.id.as_str(), &subject.roles, query),
        };
        let (action, resource) = (action.to_owned(), resource.to_owned());
        Ok(Explanation { subject: subject.clone(), action, resource, reason })
    }

    /// Who may do what in `tenant`, as of now: later changes do not show in it. A tenant without a
    /// policy has no rows. Roles that credentials bring are not known here.
    ///
    /// # Errors
    /// [`SecurityError::Unusable`] if the tenant's policy does not hold together.
    pub fn access_report(&self, tenant: &TenantId) -> Result<AccessReport, SecurityError> {
        let Some(live) = self.live(tenant)? else {
            return Ok(AccessReport::new(std::iter::empty()));
        };
        let rules = live.rules.clone();
        let default = rules.default_role.into_iter();
        let default = default.map(move |role| default_rows(&rules.roles, role));
        let assigned = live.subjects.sorted_ids().into_iter().map(move |id| {
            let held = live.subjects.roles_of(id.as_str()).as_slice().iter();
            let held = held.map(|role| (*role, RoleOrigin::Assigned));
            rows(Some(id.as_str()), &Walk::new(&live.rules.roles, held))
        });
        Ok(AccessReport::new(assigned.chain(default)))
    }

    /// The tenant's policy as of now.
    fn live(&self, tenant: &TenantId) -> Result<Option<Live>, SecurityError> {
        let tenants = self.tenants.load();
        let Some(tenant) = tenants.find(tenant) else { return Ok(None) };
        match &**tenant {
            Ok(live) => Ok(Some(live.clone())),
            Err(error) => Err(error.into()),
        }
    }
}

impl Live {
    fn reason(&self, subject: &str, brought: &[RoleName], query: Query<'_>) -> Reason {
        let Some(holding) = self.holding(subject, brought) else { return Reason::NoRole };
        let assigned = holding.assigned.as_slice().iter().map(|role| (*role, RoleOrigin::Assigned));
        let credential = holding.brought_ids().map(|role| (role, RoleOrigin::Credential));
        let default = holding.default.map(|role| (role, RoleOrigin::Default));
        Reason::find(
            &Walk::new(&self.rules.roles, assigned.chain(credential).chain(default)),
            query,
        )
    }
}

//! Decides whether a subject may do something, by the policy of its tenant.
//!
//! Called by `SecurityService` for every exchange, and by whoever changes policies.
//!
//! # Invariants
//! A check reads one snapshot of its tenant and takes no lock. A change makes a new snapshot and
//! puts it in place before it returns, so every check that starts afterwards sees it.
//!
//! # Failure
//! A policy that does not hold together grants nothing: every check of its tenant is an error.

mod change;
mod inspect;

pub use change::Changes;

use crate::security::rbac::error::{ENGINE, PolicyError};
use crate::security::rbac::permission::Query;
use crate::security::rbac::policy::RbacPolicy;
use crate::security::rbac::rules::{Holder, Rules, add_text};
use crate::security::rbac::sets::{Held, RoleId, Set};
use crate::security::rbac::subjects::Subjects;
use arc_swap::ArcSwap;
use async_trait::async_trait;
use hashbrown::HashMap;
use mofa_kernel::check_name;
use mofa_runtime::security::{
    AuthorizationResult, Authorizer, DenyReason, Engine, RoleName, SecurityError, Subject, TenantId,
};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// An [`Authorizer`] by roles, with a policy for each tenant.
///
/// Share it in an [`Arc`]: everything, changes included, takes `&self`.
pub struct DefaultAuthorizer {
    tenants: ArcSwap<Tenants>,
    default_tenant: TenantId,
    /// Held by whoever changes something, so that no change is lost.
    writer: Mutex<()>,
    /// How many changes there have been.
    revision: AtomicU64,
}

/// All policies in force, exchanged as a whole: a check reads one snapshot of everything. A change
/// copies the list, a pointer for each tenant.
#[derive(Clone, Default)]
struct Tenants {
    /// The tenant of deployments that have only one, found without hashing.
    default: Option<Tenant>,
    others: HashMap<TenantId, Tenant, foldhash::fast::RandomState>,
}

/// What [`TenantId::default`] says.
const DEFAULT_TENANT: &str = "default";

/// A tenant's policy, or what is wrong with it.
type Tenant = Arc<Result<Live, PolicyError>>;

/// A policy in force, as a value: changes make a new one.
#[derive(Debug, Clone)]
struct Live {
    rules: Arc<Rules>,
    subjects: Subjects,
}

impl DefaultAuthorizer {
    /// An authorizer with `policy` for the default tenant.
    ///
    /// If the policy does not hold together, [`Engine::ready`] and every check say so; see
    /// [`build`](Self::build) for an error at once.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "the guide hands the policy over")]
    pub fn new(policy: RbacPolicy) -> Self {
        Self::with_tenants([(TenantId::default(), Live::compile(&policy))])
    }

    /// An authorizer with `policy` for the default tenant.
    ///
    /// # Errors
    /// [`PolicyError`] if the policy does not hold together.
    #[expect(clippy::needless_pass_by_value, reason = "the guide hands the policy over")]
    pub fn build(policy: RbacPolicy) -> Result<Self, PolicyError> {
        let live = Live::compile(&policy)?;
        Ok(Self::with_tenants([(TenantId::default(), Ok(live))]))
    }

    /// An authorizer with a policy for each of several tenants.
    pub fn builder() -> AuthorizerBuilder {
        AuthorizerBuilder { tenants: Vec::new() }
    }

    /// Whether `subject` may do `action` on `resource`; allocates nothing and takes no lock.
    ///
    /// A query that no permission could name (an action with `:` in it, an empty piece, white
    /// space, a control character) is not granted. It is no error, because an error lets pass
    /// where the service fails open. A `*` in a query is a character like any other.
    ///
    /// # Errors
    /// [`SecurityError::Unusable`] if the tenant's policy does not hold together.
    #[inline]
    pub fn check(
        &self,
        subject: &Subject,
        action: &str,
        resource: &str,
    ) -> Result<AuthorizationResult, SecurityError> {
        let query = Query { action, resource };
        self.decide(&subject.tenant, subject.id.as_str(), &subject.roles, query)
    }

    fn decide(
        &self,
        tenant: &TenantId,
        subject: &str,
        brought: &[RoleName],
        query: Query<'_>,
    ) -> Result<AuthorizationResult, SecurityError> {
        let tenants = self.tenants.load();
        let Some(tenant) = tenants.find(tenant) else {
            return Ok(AuthorizationResult::Denied(DenyReason::UnknownTenant));
        };
        match &**tenant {
            Ok(live) => Ok(live.decide(subject, brought, query)),
            Err(error) => Err(error.into()),
        }
    }

    fn with_tenants(
        policies: impl IntoIterator<Item = (TenantId, Result<Live, PolicyError>)>,
    ) -> Self {
        let mut tenants = Tenants::default();
        for (id, live) in policies {
            tenants.insert(&id, Arc::new(live));
        }
        Self {
            tenants: ArcSwap::from_pointee(tenants),
            default_tenant: TenantId::default(),
            writer: Mutex::new(()),
            revision: AtomicU64::new(0),
        }
    }
}

impl fmt::Debug for DefaultAuthorizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenants = self.tenants.load();
        f.debug_struct("DefaultAuthorizer")
            .field("tenants", &tenants.iter().count())
            .finish_non_exhaustive()
    }
}

impl Engine for DefaultAuthorizer {
    fn ready(&self) -> Result<(), SecurityError> {
        for (id, tenant) in self.tenants.load().iter() {
            if let Err(error) = &**tenant {
                let source = Box::new(error.clone());
                let tenant = TenantId::new(id)?;
                return Err((&PolicyError::InTenant { tenant, source }).into());
            }
        }
        Ok(())
    }

    fn revision(&self) -> u64 {
        self.revision.load(Ordering::Relaxed)
    }

    fn fingerprint(&self) -> String {
        let tenants = self.tenants.load();
        let sorted: BTreeMap<_, _> = tenants.iter().collect();
        let mut hash = Sha256::new();
        for (id, tenant) in sorted {
            add_text(&mut hash, id);
            match &**tenant {
                Ok(live) => {
                    hash.update(live.rules.digest);
                    hash.update(live.subjects.digest(&live.rules.roles));
                }
                Err(error) => {
                    add_text(&mut hash, &error.to_string());
                }
            }
        }
        let digest: [u8; 32] = hash.finalize().into();
        digest.iter().fold(String::from("rbac-1:"), |text, byte| text + &format!("{byte:02x}"))
    }
}

#[async_trait]
impl Authorizer for DefaultAuthorizer {
    async fn check_permission(
        &self,
        subject: &str,
        action: &str,
        resource: &str,
    ) -> Result<AuthorizationResult, SecurityError> {
        self.decide(&self.default_tenant, subject, &[], Query { action, resource })
    }

    async fn authorize(
        &self,
        subject: &Subject,
        action: &str,
        resource: &str,
    ) -> Result<AuthorizationResult, SecurityError> {
        self.check(subject, action, resource)
    }
}

/// Makes a [`DefaultAuthorizer`] for several tenants.
#[derive(Debug)]
#[must_use]
pub struct AuthorizerBuilder {
    tenants: Vec<(TenantId, RbacPolicy)>,
}

impl AuthorizerBuilder {
    /// Gives `tenant` its policy.
    pub fn with_tenant(mut self, tenant: TenantId, policy: RbacPolicy) -> Self {
        self.tenants.push((tenant, policy));
        self
    }

    /// Checks and compiles all policies.
    ///
    /// # Errors
    /// [`PolicyError`] if there is no tenant, one has two policies, or a policy does not hold
    /// together.
    pub fn build(self) -> Result<DefaultAuthorizer, PolicyError> {
        if self.tenants.is_empty() {
            return Err(PolicyError::NoTenant);
        }
        let mut policies = BTreeMap::new();
        for (tenant, policy) in self.tenants {
            let live = Live::compile(&policy).map_err(|source| PolicyError::InTenant {
                tenant: tenant.clone(),
                source: Box::new(source),
            })?;
            if policies.insert(tenant.clone(), Ok(live)).is_some() {
                return Err(PolicyError::DuplicateTenant { tenant });
            }
        }
        Ok(DefaultAuthorizer::with_tenants(policies))
    }
}

impl Tenants {
    #[inline]
    fn find(&self, tenant: &TenantId) -> Option<&Tenant> {
        if tenant.as_str() == DEFAULT_TENANT {
            self.default.as_ref()
        } else {
            self.others.get(tenant)
        }
    }

    fn insert(&mut self, tenant: &TenantId, policy: Tenant) {
        if tenant.as_str() == DEFAULT_TENANT {
            self.default = Some(policy);
        } else {
            self.others.insert(tenant.clone(), policy);
        }
    }

    /// Says whether the tenant had a policy.
    fn remove(&mut self, tenant: &TenantId) -> bool {
        if tenant.as_str() == DEFAULT_TENANT {
            self.default.take().is_some()
        } else {
            self.others.remove(tenant).is_some()
        }
    }

    fn iter(&self) -> impl Iterator<Item = (&str, &Tenant)> {
        let others = self.others.iter().map(|(id, tenant)| (id.as_str(), tenant));
        self.default.iter().map(|tenant| (DEFAULT_TENANT, tenant)).chain(others)
    }
}

impl Live {
    fn compile(policy: &RbacPolicy) -> Result<Self, PolicyError> {
        let rules = Rules::compile(policy)?;
        let subjects = Subjects::compile(policy, &rules.roles)?;
        Ok(Self { rules: Arc::new(rules), subjects })
    }

    #[inline]
    fn decide(&self, subject: &str, brought: &[RoleName], query: Query<'_>) -> AuthorizationResult {
        match self.holding(subject, brought) {
            Some(holding) => self.rules.decide(&holding, query),
            None => AuthorizationResult::Denied(DenyReason::NoRole),
        }
    }

    /// The roles that `subject` has; none if it has none and there is no default role.
    #[inline]
    fn holding<'a>(&'a self, subject: &str, brought: &'a [RoleName]) -> Option<Holding<'a>> {
        let rules = &*self.rules;
        let mut holding =
            Holding { rules, assigned: self.subjects.roles_of(subject), brought, default: None };
        if holding.assigned.is_empty() && holding.brought_ids().next().is_none() {
            // Who cannot be named cannot have the default role either.
            check_name(ENGINE, subject).ok()?;
            holding.default = Some(rules.default_role?);
        }
        Some(holding)
    }
}

/// The roles of one subject during one check.
struct Holding<'a> {
    rules: &'a Rules,
    assigned: Held<'a>,
    brought: &'a [RoleName],
    default: Option<RoleId>,
}

impl Holding<'_> {
    /// The roles that the credential brings and the policy knows; others grant nothing.
    fn brought_ids(&self) -> impl Iterator<Item = RoleId> {
        self.brought.iter().filter_map(|name| self.rules.roles.find(name.as_str()))
    }
}

impl Holder for Holding<'_> {
    #[inline]
    fn has_one_of(&self, set: &impl Set) -> bool {
        set.has_one_of(self.assigned)
            || self.brought_ids().any(|role| set.contains(role))
            || self.default.is_some_and(|role| set.contains(role))
    }
}

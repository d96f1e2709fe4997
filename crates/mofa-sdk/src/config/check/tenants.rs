//! What holds for each tenant: its roles and its lists.
//!
//! # Invariants
//! The default tenant is first, and has no section of its own.

use super::phrases::{self, Lists};
use super::{few, named, roles};
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::raw::RawConfig;
use crate::security::{RbacPolicy, TenantId};
use mofa_foundation::security::ContentPolicy;
use std::collections::BTreeMap;

/// Roles by tenant.
type Policies = BTreeMap<TenantId, RbacPolicy>;

/// What texts are judged by, by tenant.
type Contents = Vec<(TenantId, ContentPolicy)>;

/// The policies of all tenants.
pub(super) fn check(
    source: &Source<'_>,
    raw: &RawConfig,
) -> Result<(Policies, Contents), ConfigError> {
    let lists = Lists::from(&raw.security.moderation);
    let content = phrases::policy(source, "security.moderation", &lists)?;
    let policy = roles::policy(source, &raw.roles, raw.default_role.as_ref())?;
    let mut contents = vec![(TenantId::default(), content)];
    let mut policies = Policies::from([(TenantId::default(), policy)]);
    few(source, "tenants", raw.tenants.keys())?;
    for (name, tenant) in &raw.tenants {
        let id = named(source, "tenants", name, |name| TenantId::new(name))?;
        if id == TenantId::default() {
            let reason = "the default tenant's roles and lists stand under `[roles]` and \
                          `[security.moderation]`"
                .to_owned();
            return Err(source.error(&name.span(), Problem::Conflict { reason }));
        }
        let policy = roles::policy(source, &tenant.roles, tenant.default_role.as_ref())?;
        policies.insert(id.clone(), policy);
        if let Some(own) = &tenant.moderation {
            let path = format!("tenants.{id}.moderation");
            contents.push((id, phrases::policy(source, &path, &Lists::from(own))?));
        }
    }
    Ok((policies, contents))
}

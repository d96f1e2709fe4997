//! Who may do what, what is harmful, and what is taken out: tenant by tenant.

use mofa_foundation::security::{
    ContentPolicy, DefaultAuthorizer, KeywordModerator, PolicyError, RbacPolicy, RegexPiiRedactor,
    Role,
};
use mofa_kernel::IdError;
use mofa_runtime::security::types::RedactionStrategy;
use mofa_runtime::security::{PiiCategory, TenantId};
use std::error::Error;

/// A tenant whose agent looks orders up and no more.
pub(crate) fn acme() -> Result<TenantId, IdError> {
    TenantId::new("acme")
}

/// A tenant whose agent also deletes them.
pub(crate) fn globex() -> Result<TenantId, IdError> {
    TenantId::new("globex")
}

/// Roles for both: least privilege, the second inherits from the first.
pub(crate) fn authorizer() -> Result<DefaultAuthorizer, Box<dyn Error>> {
    let authorizer = DefaultAuthorizer::builder()
        .with_tenant(acme()?, policy("support"))
        .with_tenant(globex()?, policy("admin"))
        .build()
        .map_err(|error: PolicyError| error.to_string())?;
    Ok(authorizer)
}

fn policy(role: &str) -> RbacPolicy {
    let mut policy = RbacPolicy::new();
    policy.add_role(
        Role::new("support")
            .with_permission("execute:event:chat")
            .with_permission("execute:tool:order_lookup")
            .with_permission("execute:tool:review_lookup")
            .with_permission("invoke:model:small"),
    );
    let admin_role =
        Role::new("admin").with_parent("support").with_permission("execute:tool:order_delete");
    policy.add_role(admin_role);
    policy.assign_role("agent-1", role);
    policy
}

/// Words for each tenant; a third one would be judged by the default policy.
pub(crate) fn moderator() -> Result<KeywordModerator, IdError> {
    let moderator = KeywordModerator::new()
        .add_blocked("spam")
        .add_flagged("urgent")
        .with_tenant_policy(acme()?, ContentPolicy::new().block("giveaway").flag("urgent"))
        .with_tenant_policy(globex()?, ContentPolicy::new().flag("giveaway"));
    Ok(moderator)
}

/// SSNs leave no trace, addresses can be followed, the rest can still be read about.
pub(crate) fn redactor() -> RegexPiiRedactor {
    RegexPiiRedactor::new()
        .with_default_strategy(RedactionStrategy::Replace)
        .with_strategy(PiiCategory::SSN, RedactionStrategy::Remove)
        .with_strategy(PiiCategory::EMAIL, RedactionStrategy::Hash)
}

//! Role-based access control alone: who may do what, tenant by tenant, and why.
//!
//! Prints what it claims and checks it; exits with 1 if a claim does not hold.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "an example talks to its reader")]

use mofa_foundation::security::{Authorizer, DefaultAuthorizer, PolicyError, RbacPolicy, Role};
use mofa_runtime::security::{AuthorizationResult, RoleName, Subject, SubjectId, TenantId};
use std::error::Error;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let mut account = Account::default();
    match tell(&mut account).await {
        Ok(()) if account.failed == 0 => ExitCode::SUCCESS,
        Ok(()) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("rbac_only: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn tell(account: &mut Account) -> Result<(), Box<dyn Error>> {
    one_policy(account).await?;
    several_tenants(account)?;
    changes_at_run_time(account)?;
    broken_policies(account);
    Ok(())
}

/// One tenant: least privilege, inheritance, a deny, a default role.
async fn one_policy(account: &mut Account) -> Result<(), Box<dyn Error>> {
    println!("One policy: viewer <- operator <- admin, and guests");
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("guest").with_permission("read:docs:public"));
    policy.add_role(Role::new("viewer").with_permission("read:docs:*"));
    policy.add_role(
        Role::new("operator").with_parent("viewer").with_permission("execute:tool:restart"),
    );
    let admin_role = Role::new("admin")
        .with_parent("operator")
        .with_permission("execute:tool:delete")
        .with_denied("execute:tool:delete:audit");
    policy.add_role(admin_role);
    policy.assign_role("agent-1", "admin");
    policy.assign_role("agent-2", "viewer");
    policy.set_default_role("guest");
    let authorizer = DefaultAuthorizer::build(policy)?;

    let questions = [
        ("agent-1", "execute", "tool:delete", true),
        ("agent-1", "read", "docs:internal:plan", true),
        ("agent-1", "execute", "tool:delete:audit", false),
        ("agent-2", "read", "docs:internal:plan", true),
        ("agent-2", "execute", "tool:delete", false),
        ("stranger", "read", "docs:public", true),
        ("stranger", "read", "docs:internal:plan", false),
    ];
    for (who, action, resource, expected) in questions {
        let result = authorizer.check_permission(who, action, resource).await?;
        let subject = Subject::new(SubjectId::new(who)?, TenantId::default());
        let why = authorizer.explain(&subject, action, resource)?;
        account.claim(&why.to_string(), result.is_allowed() == expected);
    }

    println!("\nThe same as an access report, for a review:");
    let rows: Vec<String> =
        authorizer.access_report(&TenantId::default())?.map(|row| row.to_string()).collect();
    for row in &rows {
        println!("         {row}");
    }
    account.claim(
        "the report says how agent-1 may read the documents",
        rows.iter().any(|row| row.ends_with("by read:docs:* of admin -> operator -> viewer")),
    );
    Ok(())
}

/// Two tenants whose policies know nothing of each other.
fn several_tenants(account: &mut Account) -> Result<(), Box<dyn Error>> {
    println!("\nTwo tenants: the same names, and nothing in common");
    let (acme, globex) = (TenantId::new("acme")?, TenantId::new("globex")?);
    let mut strict = RbacPolicy::new();
    strict.add_role(Role::new("support").with_permission("execute:tool:order_lookup"));
    strict.assign_role("agent-1", "support");
    let mut generous = RbacPolicy::new();
    generous.add_role(Role::new("support").with_permission("execute:tool:*"));
    generous.assign_role("agent-1", "support");
    let authorizer = DefaultAuthorizer::builder()
        .with_tenant(acme.clone(), strict)
        .with_tenant(globex.clone(), generous)
        .build()?;

    for (tenant, resource, expected) in [
        (acme.clone(), "tool:order_lookup", true),
        (acme, "tool:order_delete", false),
        (globex, "tool:order_delete", true),
        (TenantId::new("unheard-of")?, "tool:order_lookup", false),
    ] {
        let subject = Subject::new(SubjectId::new("agent-1")?, tenant);
        let result = authorizer.check(&subject, "execute", resource)?;
        let why = authorizer.explain(&subject, "execute", resource)?;
        account.claim(&why.to_string(), result.is_allowed() == expected);
    }
    Ok(())
}

/// What is revoked stops working on the next check.
fn changes_at_run_time(account: &mut Account) -> Result<(), Box<dyn Error>> {
    println!("\nChanges while checks go on");
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("operator").with_permission("execute:tool:restart"));
    let authorizer = DefaultAuthorizer::build(policy)?;
    let (tenant, id) = (TenantId::default(), SubjectId::new("agent-7")?);
    let operator = RoleName::new("operator")?;
    let subject = Subject::new(id.clone(), tenant.clone());
    let may = || {
        let result = authorizer.check(&subject, "execute", "tool:restart");
        result.map(AuthorizationResult::is_allowed)
    };

    account.claim("agent-7 has no role and may do nothing", !may()?);
    authorizer.assign_role(&tenant, &id, &operator)?;
    account.claim("it may restart as soon as it is an operator", may()?);
    authorizer.revoke_role(&tenant, &id, &operator)?;
    account.claim("it may not on the very next check after that is revoked", !may()?);
    Ok(())
}

/// A policy that does not hold together is refused when it is built.
fn broken_policies(account: &mut Account) {
    println!("\nPolicies that do not hold together");
    let mut circle = RbacPolicy::new();
    circle.add_role(Role::new("egg").with_parent("hen"));
    circle.add_role(Role::new("hen").with_parent("egg"));
    let refused = DefaultAuthorizer::build(circle).map(|_| ());
    account.refusal(refused, |error| matches!(error, PolicyError::Cycle { .. }));

    let mut orphan = RbacPolicy::new();
    orphan.add_role(Role::new("operator").with_parent("viewer"));
    let refused = DefaultAuthorizer::build(orphan).map(|_| ());
    account.refusal(refused, |error| matches!(error, PolicyError::UnknownParent { .. }));
}

/// Prints claims, and counts those that do not hold.
#[derive(Default)]
struct Account {
    failed: usize,
}

impl Account {
    fn claim(&mut self, claim: &str, holds: bool) {
        println!("  {} {claim}", if holds { "ok    " } else { "FAILED" });
        self.failed += usize::from(!holds);
    }

    fn refusal(&mut self, built: Result<(), PolicyError>, expected: fn(&PolicyError) -> bool) {
        match built {
            Ok(()) => self.claim("a broken policy was accepted", false),
            Err(error) => self.claim(&format!("refused: {error}"), expected(&error)),
        }
    }
}

//! Chapter "RBAC": roles, inheritance, assignments, the default role.

use super::Snippet;
use mofa_foundation::security::Authorizer;
use mofa_foundation::security::{DefaultAuthorizer, PolicyError, RbacPolicy, Role};
use mofa_runtime::security::{AuthorizationResult, DenyReason, RoleName, SubjectId, TenantId};

/// ```text
/// use mofa_foundation::security::{DefaultAuthorizer, RbacPolicy, Role};
/// let mut policy = RbacPolicy::new();
/// let admin_role = Role::new("admin")
/// .with_permission("execute:tool:delete");
/// policy.add_role(admin_role);
/// policy.assign_role("agent-1", "admin");
/// let authorizer = DefaultAuthorizer::new(policy);
/// let result = authorizer
/// .check_permission("agent-1", "execute", "tool:delete")
/// .await?;
/// ```
/// Supplied: the import of the trait `Authorizer`.
#[tokio::test]
async fn the_snippet_compiles_and_permits() -> Snippet {
    use mofa_foundation::security::{DefaultAuthorizer, RbacPolicy, Role};
    let mut policy = RbacPolicy::new();
    let admin_role = Role::new("admin").with_permission("execute:tool:delete");
    policy.add_role(admin_role);
    policy.assign_role("agent-1", "admin");
    let authorizer = DefaultAuthorizer::new(policy);
    let result = authorizer.check_permission("agent-1", "execute", "tool:delete").await?;

    assert_eq!(result, AuthorizationResult::Allowed);
    for (subject, action, resource) in [
        ("agent-2", "execute", "tool:delete"),
        ("agent-1", "read", "tool:delete"),
        ("agent-1", "execute", "tool:create"),
    ] {
        assert!(!authorizer.check_permission(subject, action, resource).await?.is_allowed());
    }
    Ok(())
}

/// `a <- b <- c`, each with a permission of its own, `a` also for who has nothing else.
fn staircase() -> RbacPolicy {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("a").with_permission("read:a"));
    policy.add_role(Role::new("b").with_parent("a").with_permission("read:b"));
    policy.add_role(Role::new("c").with_parent("b").with_permission("read:c"));
    policy
}

#[track_caller]
fn check(authorizer: &DefaultAuthorizer, subject: &str, expected: [bool; 3]) {
    let may = |resource: &str| {
        mofa_testkit::block_on(authorizer.check_permission(subject, "read", resource))
            .unwrap()
            .is_allowed()
    };
    assert_eq!(["a", "b", "c"].map(may), expected, "{subject}");
}

/// "Role inheritance (parent roles)", "Permission-based access control", "Subject-to-role mappings".
#[test]
fn key_features_inheritance_and_mappings() {
    let mut policy = staircase();
    policy.assign_role("ann", "c").assign_role("bob", "b").assign_role("cyd", "a");
    let authorizer = DefaultAuthorizer::new(policy);
    check(&authorizer, "ann", [true, true, true]);
    check(&authorizer, "bob", [true, true, false]);
    check(&authorizer, "cyd", [true, false, false]);
}

/// "Default role assignment", "Assign default roles for unconfigured subjects".
#[test]
fn key_features_default_role() {
    let mut policy = staircase();
    policy.assign_role("ann", "c");
    let without = DefaultAuthorizer::new(policy.clone());
    check(&without, "stranger", [false, false, false]);
    policy.set_default_role("b");
    let with = DefaultAuthorizer::new(policy);
    check(&with, "stranger", [true, true, false]);
    check(&with, "ann", [true, true, true]);
}

/// "Use principle of least privilege": nothing is permitted that was not granted.
#[tokio::test]
async fn an_empty_policy_permits_nothing() -> Snippet {
    let authorizer = DefaultAuthorizer::new(RbacPolicy::new());
    let result = authorizer.check_permission("agent-1", "execute", "tool:delete").await?;
    assert_eq!(result, AuthorizationResult::Denied(DenyReason::NoRole));
    Ok(())
}

/// "Review and update role assignments regularly": an update holds on the next check, and there is
/// something to review.
#[test]
fn assignments_can_be_reviewed_and_updated() -> Snippet {
    let mut policy = staircase();
    policy.assign_role("ann", "c");
    let authorizer = DefaultAuthorizer::build(policy)?;
    let tenant = TenantId::default();
    let rows: Vec<String> = authorizer.access_report(&tenant)?.map(|row| row.to_string()).collect();
    assert_eq!(
        rows,
        [
            "ann allow read:a by read:a of c -> b -> a",
            "ann allow read:b by read:b of c -> b",
            "ann allow read:c by read:c of c",
        ]
    );
    authorizer.revoke_role(&tenant, &SubjectId::new("ann")?, &RoleName::new("c")?)?;
    check(&authorizer, "ann", [false, false, false]);
    Ok(())
}

/// Inheritance that has no end is found when the policy is built, and permits nothing meanwhile.
#[tokio::test]
async fn a_circle_is_refused() {
    let mut policy = staircase();
    policy.add_role(Role::new("d").with_parent("e")).add_role(Role::new("e").with_parent("d"));
    policy.assign_role("ann", "c");
    let refused = DefaultAuthorizer::build(policy.clone()).unwrap_err();
    assert!(matches!(refused, PolicyError::Cycle { .. }), "{refused}");
    let authorizer = DefaultAuthorizer::new(policy);
    assert!(authorizer.check_permission("ann", "read", "c").await.is_err());
}

//! A check allocates nothing, whatever it is asked: counted by the allocator itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use mofa_foundation::security::{DefaultAuthorizer, RbacPolicy, Role};
use mofa_runtime::security::{AuthorizationResult, RoleName, Subject, SubjectId, TenantId};
use std::hint::black_box;

fn authorizer() -> DefaultAuthorizer {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("base").with_permission("read:docs").with_permission("read:log:*"));
    policy.add_role(
        Role::new("admin")
            .with_permission("execute:tool:*")
            .with_parent("base")
            .with_denied("*:*:x"),
    );
    for n in 0..200 {
        // More than a list of roles holds, so that sets are bits, and subjects have long lists.
        policy.add_role(Role::new(format!("r{n}")).with_permission("use:all").with_parent("base"));
        policy.assign_role("many", format!("r{n}"));
    }
    policy.add_role(Role::new("guest").with_permission("read:docs"));
    policy.assign_role("agent-1", "admin").set_default_role("guest");
    DefaultAuthorizer::build(policy).unwrap()
}

fn subject(id: &str, tenant: &str, roles: &[&str]) -> Subject {
    let mut subject = Subject::new(SubjectId::new(id).unwrap(), TenantId::new(tenant).unwrap());
    subject.roles = roles.iter().map(|role| RoleName::new(role).unwrap()).collect();
    subject
}

#[test]
fn a_check_allocates_nothing() {
    let authorizer = authorizer();
    let deep = vec!["segment"; 1_000].join(":");
    let subjects = [
        subject("agent-1", "default", &[]),
        subject("many", "default", &[]),
        subject("stranger", "default", &[]),
        subject("stranger", "default", &["admin", "unknown", "r7"]),
        subject("agent-1", "nowhere", &[]),
    ];
    let queries = [
        ("read", "docs"),
        ("read", "log:today"),
        ("execute", "tool:delete"),
        ("execute", "tool:x"),
        ("use", "all"),
        ("use", "nothing"),
        ("a:b", "c"),
        ("", ""),
        ("*", "*"),
        ("read", "lög:today"),
        ("execute", &*deep),
    ];
    // The first load of a snapshot in a thread sets up what the thread needs for all later ones.
    let _ = black_box(authorizer.check(&subjects[0], "read", "docs"));
    let mut allowed = 0;
    let counted = allocation_counter::measure(|| {
        for subject in &subjects {
            for (action, resource) in queries {
                let result = authorizer.check(black_box(subject), action, resource);
                allowed += usize::from(matches!(result, Ok(AuthorizationResult::Allowed)));
            }
        }
    });
    assert_eq!(counted.count_total, 0, "{counted:?}");
    assert!(allowed > 10, "the checks must not all take the short way out: {allowed}");
}

#[test]
fn the_counter_counts() {
    let counted = allocation_counter::measure(|| drop(black_box(vec![1_u8; 100])));
    assert_eq!(counted.count_total, 1);
}

//! How long a check takes, by what decides it, and how long a change and a compilation take.
//!
//! 1,000 roles on three levels, 10,000 subjects, five permissions a role; the same policy shape as
//! the table `rbac` of `mofa-bench`, which compares with other engines.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark of something else than the policy must not go on"
)]

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use mofa_foundation::security::{DefaultAuthorizer, RbacPolicy, Role};
use mofa_runtime::security::{RoleName, Subject, SubjectId, TenantId};
use std::hint::black_box;

const ROLES: usize = 1_000;
const SUBJECTS: usize = 10_000;
/// Odd and prime to the counts above, so that steps of it visit everything in a scattered order.
const STRIDE: usize = 7_919;

fn policy() -> RbacPolicy {
    let mut policy = RbacPolicy::new();
    for n in 0..ROLES {
        let role = (0..5).fold(Role::new(format!("role-{n}")), |role, k| {
            role.with_permission(format!("execute:tool:service-{n}:{k}"))
        });
        let role = match n {
            0..10 => role.with_permission(format!("read:log:{n}:*")),
            10..100 => role.with_parent(format!("role-{}", n % 10)),
            _ => role.with_parent(format!("role-{}", 10 + n % 90)),
        };
        policy.add_role(role);
    }
    policy.add_role(Role::new("frozen").with_denied("execute:tool:service-500:*"));
    for n in 0..SUBJECTS {
        policy.assign_role(format!("agent-{n}"), format!("role-{}", 100 + n % 900));
    }
    policy
}

fn subjects() -> Vec<Subject> {
    let tenant = TenantId::default();
    let subject = |n| {
        let id = SubjectId::new(format!("agent-{n}")).unwrap();
        Subject::new(id, tenant.clone())
    };
    (0..SUBJECTS).map(subject).collect()
}

/// Asks for what `resource` makes of the subject's number.
fn bench_check(
    c: &mut Criterion,
    name: &str,
    authorizer: &DefaultAuthorizer,
    action: &str,
    resource: impl Fn(usize) -> String,
) {
    let questions: Vec<_> =
        subjects().into_iter().enumerate().map(|(n, subject)| (subject, resource(n))).collect();
    let mut at = 0;
    c.bench_function(name, |b| {
        b.iter(|| {
            at = (at + STRIDE) % questions.len();
            let (subject, resource) = &questions[at];
            black_box(authorizer.check(subject, action, resource).is_ok())
        });
    });
}

fn checks(c: &mut Criterion) {
    let authorizer = DefaultAuthorizer::build(policy()).unwrap();
    let own = |n: usize| format!("tool:service-{}:1", 100 + n % 900);
    bench_check(c, "check/own", &authorizer, "execute", own);
    let inherited = |n: usize| format!("tool:service-{}:1", (10 + (100 + n % 900) % 90) % 10);
    bench_check(c, "check/inherited", &authorizer, "execute", inherited);
    let other = |n: usize| format!("tool:service-{}:1", (n * STRIDE) % ROLES);
    bench_check(c, "check/other", &authorizer, "execute", other);
    let wild = |n: usize| format!("log:{}:file-{n}", n % 10);
    bench_check(c, "check/wildcard", &authorizer, "read", wild);
    bench_check(c, "check/unknown", &authorizer, "write", |n| format!("nothing:{n}"));
}

fn changes(c: &mut Criterion) {
    let authorizer = DefaultAuthorizer::build(policy()).unwrap();
    let (tenant, role) = (TenantId::default(), RoleName::new("frozen").unwrap());
    let subjects = subjects();
    let mut at = 0;
    c.bench_function("change/assign and revoke", |b| {
        b.iter(|| {
            at = (at + STRIDE) % subjects.len();
            let id = &subjects[at].id;
            authorizer.assign_role(&tenant, id, &role).unwrap();
            authorizer.revoke_role(&tenant, id, &role).unwrap()
        });
    });
    c.bench_function("compile", |b| {
        b.iter_batched(policy, DefaultAuthorizer::build, BatchSize::LargeInput);
    });
}

criterion_group!(benches, checks, changes);
criterion_main!(benches);

//! What changes at run time holds from the next check on.

use super::*;
use mofa_runtime::security::{AuthorizationResult, DenyReason, Engine};
use std::sync::Barrier;
use std::sync::mpsc;
use std::thread;

fn policy() -> RbacPolicy {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("admin").with_permission("execute:tool:*"));
    policy.add_role(Role::new("reader").with_permission("read:*"));
    policy.assign_role("agent-1", "admin");
    policy
}

fn may(authorizer: &DefaultAuthorizer, who: &str, action: &str, resource: &str) -> bool {
    authorizer.check(&subject(who), action, resource).unwrap().is_allowed()
}

fn tenant(name: &str) -> TenantId {
    TenantId::new(name).unwrap()
}

#[test]
fn changes_hold_from_the_next_check_on() {
    let (authorizer, here) = (DefaultAuthorizer::new(policy()), TenantId::default());
    let (agent, reader) = (subject("agent-1").id, role("reader"));
    assert!(!may(&authorizer, "agent-1", "read", "docs"));
    assert_eq!(authorizer.assign_role(&here, &agent, &reader), Ok(true));
    assert!(may(&authorizer, "agent-1", "read", "docs"));
    assert_eq!(authorizer.assign_role(&here, &agent, &reader), Ok(false));
    assert_eq!(authorizer.revoke_role(&here, &agent, &role("admin")), Ok(true));
    assert!(!may(&authorizer, "agent-1", "execute", "tool:x"));
    assert_eq!(authorizer.remove_subject(&here, &agent), Ok(true));
    assert_eq!(authorizer.remove_subject(&here, &agent), Ok(false));
    let result = authorizer.check(&subject("agent-1"), "read", "docs").unwrap();
    assert_eq!(result, AuthorizationResult::Denied(DenyReason::NoRole));
}

#[test]
fn what_is_not_known_is_named_and_changes_nothing() {
    let (authorizer, here) = (DefaultAuthorizer::new(policy()), TenantId::default());
    let before = authorizer.fingerprint();
    let error = authorizer.assign_role(&here, &subject("s").id, &role("boss")).unwrap_err();
    assert_eq!(error.to_string(), "tenant `default` has no role `boss`");
    let error = authorizer.revoke_role(&tenant("acme"), &subject("s").id, &role("admin"));
    let text = error.unwrap_err().to_string();
    assert_eq!(text, "tenant `acme` has no policy: give it one with `replace_policy`");
    assert_eq!(authorizer.fingerprint(), before);
}

#[test]
fn a_batch_is_all_or_nothing() {
    let (authorizer, here) = (DefaultAuthorizer::new(policy()), TenantId::default());
    let changed = authorizer.update(&here, |changes| {
        changes.assign_role(subject("a").id, role("admin"));
        changes.assign_role(subject("b").id, role("reader")).remove_subject(subject("agent-1").id);
        changes.revoke_role(subject("b").id, role("admin"));
    });
    assert_eq!(changed, Ok(3));
    assert!(may(&authorizer, "a", "execute", "tool:x") && may(&authorizer, "b", "read", "x"));
    assert!(!may(&authorizer, "agent-1", "execute", "tool:x"));
    let failed = authorizer.update(&here, |changes| {
        changes.remove_subject(subject("a").id).assign_role(subject("a").id, role("boss"));
    });
    assert!(matches!(failed, Err(ChangeError::UnknownRole { .. })));
    assert!(may(&authorizer, "a", "execute", "tool:x"), "nothing of a batch that fails is made");
}

#[test]
fn a_batch_may_itself_ask_and_change() {
    let (authorizer, here) = (DefaultAuthorizer::new(policy()), TenantId::default());
    let changed = authorizer.update(&here, |changes| {
        assert!(may(&authorizer, "agent-1", "execute", "tool:x"));
        assert_eq!(authorizer.remove_subject(&here, &subject("agent-1").id), Ok(true));
        changes.assign_role(subject("agent-1").id, role("reader"));
    });
    assert_eq!(changed, Ok(1));
    assert!(!may(&authorizer, "agent-1", "execute", "tool:x"), "no change is lost");
    assert!(may(&authorizer, "agent-1", "read", "x"));
}

#[test]
fn a_policy_is_replaced_as_a_whole_or_not_at_all() {
    let (authorizer, here) = (DefaultAuthorizer::new(policy()), TenantId::default());
    let mut broken = RbacPolicy::new();
    broken.add_role(Role::new("a").with_parent("b"));
    assert!(matches!(authorizer.replace_policy(&here, &broken), Err(ChangeError::Policy { .. })));
    assert!(may(&authorizer, "agent-1", "execute", "tool:x"), "the present policy stays");
    let mut next = RbacPolicy::new();
    next.add_role(Role::new("reader").with_permission("read:docs"))
        .assign_role("agent-2", "reader");
    authorizer.replace_policy(&here, &next).unwrap();
    assert!(!may(&authorizer, "agent-1", "execute", "tool:x"));
    assert!(may(&authorizer, "agent-2", "read", "docs"));
}

#[test]
fn a_broken_policy_can_be_replaced_by_a_sound_one() {
    let mut broken = RbacPolicy::new();
    broken.assign_role("s", "gone");
    let authorizer = DefaultAuthorizer::new(broken);
    let here = TenantId::default();
    assert!(authorizer.ready().is_err());
    let change = authorizer.assign_role(&here, &subject("s").id, &role("admin"));
    assert!(matches!(change, Err(ChangeError::Policy { .. })));
    assert!(authorizer.explain(&subject("s"), "a", "b").is_err());
    assert!(authorizer.access_report(&here).is_err());
    authorizer.replace_policy(&here, &policy()).unwrap();
    authorizer.ready().unwrap();
    assert!(may(&authorizer, "agent-1", "execute", "tool:x"));
}

#[test]
fn tenants_are_apart() {
    let mut other = RbacPolicy::new();
    other.add_role(Role::new("admin").with_permission("read:*")).assign_role("agent-1", "admin");
    let authorizer = DefaultAuthorizer::builder()
        .with_tenant(tenant("acme"), policy())
        .with_tenant(tenant("globex"), other)
        .build()
        .unwrap();
    let ask = |tenant_name: &str, action: &str, resource: &str| {
        let who = Subject::new(subject("agent-1").id, tenant(tenant_name));
        authorizer.check(&who, action, resource).unwrap()
    };
    assert!(ask("acme", "execute", "tool:x").is_allowed());
    assert!(!ask("globex", "execute", "tool:x").is_allowed());
    assert!(ask("globex", "read", "x").is_allowed());
    let unknown = AuthorizationResult::Denied(DenyReason::UnknownTenant);
    assert_eq!(ask("default", "read", "x"), unknown);
    authorizer.revoke_role(&tenant("acme"), &subject("agent-1").id, &role("admin")).unwrap();
    assert!(!ask("acme", "execute", "tool:x").is_allowed());
    assert!(ask("globex", "read", "x").is_allowed(), "the other tenant keeps its own");
    assert!(authorizer.remove_tenant(&tenant("globex")));
    assert!(!authorizer.remove_tenant(&tenant("globex")));
    assert_eq!(ask("globex", "read", "x"), unknown);
    authorizer.replace_policy(&tenant("new"), &policy()).unwrap();
    assert!(ask("new", "execute", "tool:x").is_allowed());
}

#[test]
fn builders_name_what_is_wrong() {
    let build = |names: &[&str], policy: &RbacPolicy| {
        let empty = DefaultAuthorizer::builder();
        let add = |b: AuthorizerBuilder, name: &&str| b.with_tenant(tenant(name), policy.clone());
        names.iter().fold(empty, add).build().unwrap_err().to_string()
    };
    assert_eq!(build(&[], &policy()), "no tenant has a policy: add one with `with_tenant`");
    assert_eq!(build(&["a", "a"], &policy()), "tenant `a` has two policies: give it one");
    let mut broken = policy();
    broken.set_default_role("gone");
    let error = build(&["a"], &broken);
    assert_eq!(error, "the policy of tenant `a`: the default role `gone` is not defined");
}

#[test]
fn a_revocation_is_seen_by_the_next_check_of_another_thread() {
    let authorizer = DefaultAuthorizer::new(policy());
    let (here, agent, admin) = (TenantId::default(), subject("agent-1").id, role("admin"));
    let (to_checker, changed) = mpsc::channel();
    let (to_changer, answers) = mpsc::channel();
    thread::scope(|scope| {
        scope.spawn(|| {
            for expected in changed {
                let found = may(&authorizer, "agent-1", "execute", "tool:x");
                to_changer.send((found, expected)).unwrap();
            }
            drop(to_changer);
        });
        for round in 0..2_000 {
            let assigned = round % 2 == 1;
            if assigned {
                authorizer.assign_role(&here, &agent, &admin).unwrap();
            } else {
                authorizer.revoke_role(&here, &agent, &admin).unwrap();
            }
            to_checker.send(assigned).unwrap();
            let (found, expected) = answers.recv().unwrap();
            assert_eq!(found, expected, "round {round}");
        }
        drop(to_checker);
    });
}

#[test]
fn no_change_of_many_writers_is_lost() {
    let authorizer = DefaultAuthorizer::new(policy());
    let barrier = Barrier::new(4);
    thread::scope(|scope| {
        for writer in 0..4 {
            let (authorizer, barrier) = (&authorizer, &barrier);
            scope.spawn(move || {
                barrier.wait();
                for n in 0..200 {
                    let id = subject(&format!("w{writer}-{n}")).id;
                    authorizer.assign_role(&TenantId::default(), &id, &role("reader")).unwrap();
                }
            });
        }
    });
    let all = (0..4).flat_map(|w| (0..200).map(move |n| format!("w{w}-{n}")));
    assert!(all.into_iter().all(|id| may(&authorizer, &id, "read", "x")));
}

#[test]
fn a_reader_sees_all_of_a_batch_or_nothing() {
    let authorizer = DefaultAuthorizer::new(policy());
    let here = TenantId::default();
    let barrier = Barrier::new(2);
    thread::scope(|scope| {
        scope.spawn(|| {
            barrier.wait();
            for round in 0..500 {
                // The role moves from one subject to the other: exactly one has it at any time.
                let (from, to) = if round % 2 == 0 { ("agent-1", "b") } else { ("b", "agent-1") };
                let move_role = |changes: &mut Changes| {
                    changes.revoke_role(subject(from).id, role("admin"));
                    changes.assign_role(subject(to).id, role("admin"));
                };
                assert_eq!(authorizer.update(&here, move_role), Ok(2));
            }
        });
        barrier.wait();
        for _ in 0..500 {
            let rows = authorizer.access_report(&here).unwrap();
            assert_eq!(rows.filter(|row| row.permission == "execute:tool:*").count(), 1);
        }
    });
}

#[test]
fn the_fingerprint_is_that_of_the_content() {
    let authorizer = DefaultAuthorizer::new(policy());
    let first = authorizer.fingerprint();
    assert!(first.starts_with("rbac-1:") && first.len() == 7 + 64, "{first}");
    let mut shuffled = RbacPolicy::new();
    shuffled.assign_role("agent-1", "admin");
    shuffled.add_role(Role::new("reader").with_permission("read:*"));
    shuffled.add_role(Role::new("admin").with_permission("execute:tool:*"));
    assert_eq!(DefaultAuthorizer::new(shuffled).fingerprint(), first, "order does not matter");

    let (here, agent, reader) = (TenantId::default(), subject("agent-1").id, role("reader"));
    authorizer.assign_role(&here, &agent, &reader).unwrap();
    assert_ne!(authorizer.fingerprint(), first);
    authorizer.revoke_role(&here, &agent, &reader).unwrap();
    assert_eq!(authorizer.fingerprint(), first, "what is undone leaves no trace");
}

#[test]
fn every_part_of_a_policy_is_in_its_fingerprint() {
    let mut prints = vec![DefaultAuthorizer::new(policy()).fingerprint()];
    let mut vary = |change: &dyn Fn(&mut RbacPolicy)| {
        let mut varied = policy();
        change(&mut varied);
        let print = DefaultAuthorizer::build(varied).unwrap().fingerprint();
        assert!(!prints.contains(&print));
        prints.push(print);
    };
    vary(&|p| {
        p.set_default_role("reader");
    });
    vary(&|p| {
        p.assign_role("agent-2", "admin");
    });
    vary(&|p| {
        p.add_role(Role::new("x"));
    });
    vary(&|p| {
        p.add_role(Role::new("x").with_permission("a:b"));
    });
    vary(&|p| {
        p.add_role(Role::new("x").with_denied("a:b"));
    });
    vary(&|p| {
        p.add_role(Role::new("x").with_parent("reader"));
    });
}

#[test]
fn every_change_is_another_revision() {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("reader").with_permission("read:x"));
    let authorizer = DefaultAuthorizer::build(policy.clone()).unwrap();
    let (tenant, ann) = (TenantId::default(), SubjectId::new("ann").unwrap());
    let reader = RoleName::new("reader").unwrap();
    let mut last = authorizer.revision();
    let mut moves = |step: &str| {
        assert!(authorizer.revision() > last, "{step}");
        last = authorizer.revision();
    };
    authorizer.assign_role(&tenant, &ann, &reader).unwrap();
    moves("assign");
    authorizer.revoke_role(&tenant, &ann, &reader).unwrap();
    moves("revoke");
    authorizer.replace_policy(&tenant, &policy).unwrap();
    moves("replace");
    authorizer.remove_tenant(&tenant);
    moves("remove");
}

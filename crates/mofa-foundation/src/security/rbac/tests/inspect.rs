//! What can be asked about a policy: explanations, reports, fingerprints.

use super::*;
use mofa_runtime::security::{AuthorizationResult, Authorizer, DenyReason};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

fn authorizer() -> DefaultAuthorizer {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("base").with_permission("read:*").with_denied("read:secret:*"));
    policy.add_role(Role::new("admin").with_permission("execute:tool:x").with_parent("base"));
    policy.add_role(Role::new("spy").with_permission("read:secret:plan").with_permission("read:*"));
    policy.add_role(Role::new("guest").with_permission("read:docs"));
    policy.assign_role("b-agent", "admin").assign_role("a-agent", "spy");
    policy.assign_role("a-agent", "base").set_default_role("guest");
    DefaultAuthorizer::build(policy).unwrap()
}

fn explained(who: &str, action: &str, resource: &str) -> String {
    authorizer().explain(&subject(who), action, resource).unwrap().to_string()
}

#[test]
fn explanations_read_well() {
    assert_eq!(
        explained("b-agent", "read", "docs"),
        "`b-agent` of tenant `default` may do `read` on `docs`: granted by `read:*` of role `base`, \
         inherited over `admin` -> `base`, which is assigned"
    );
    assert_eq!(
        explained("b-agent", "read", "secret:plan"),
        "`b-agent` of tenant `default` may not do `read` on `secret:plan`: denied by \
         `read:secret:*` of role `base`, inherited over `admin` -> `base`, which is assigned"
    );
    assert_eq!(
        explained("b-agent", "write", "docs"),
        "`b-agent` of tenant `default` may not do `write` on `docs`: none of its roles grants it \
         (`admin`, `base`)"
    );
    assert_eq!(
        explained("stranger", "read", "docs"),
        "`stranger` of tenant `default` may do `read` on `docs`: granted by `read:docs` of role \
         `guest`, the default role"
    );
}

#[test]
fn what_was_asked_is_escaped() {
    let text = explained("b-agent", "read", "docs\u{1b}[2J\nforged line");
    assert!(!text.contains(char::is_control), "{text}");
    assert!(text.contains("no permission can name it"), "{text}");
}

#[test]
fn an_unknown_tenant_is_explained() {
    let who = Subject::new(subject("s").id, TenantId::new("nowhere").unwrap());
    let explained = authorizer().explain(&who, "a", "b").unwrap();
    assert_eq!(explained.reason, Reason::UnknownTenant);
    assert_eq!(explained.result(), AuthorizationResult::Denied(DenyReason::UnknownTenant));
    assert!(explained.deciding_role().is_none());
}

#[test]
fn the_report_is_sorted_and_says_who_decides() {
    let rows = authorizer().access_report(&TenantId::default()).unwrap();
    let lines: Vec<_> = rows.map(|row| row.to_string()).collect();
    assert_eq!(
        lines,
        [
            "a-agent allow read:* by read:* of base",
            "a-agent deny read:secret:* by read:secret:* of base",
            "a-agent deny read:secret:plan by read:secret:* of base",
            "b-agent allow execute:tool:x by execute:tool:x of admin",
            "b-agent allow read:* by read:* of admin -> base",
            "b-agent deny read:secret:* by read:secret:* of admin -> base",
            "(without a role) allow read:docs by read:docs of guest",
        ]
    );
}

#[test]
fn the_report_is_one_snapshot() {
    let (authorizer, here) = (authorizer(), TenantId::default());
    let report = authorizer.access_report(&here).unwrap();
    authorizer.remove_subject(&here, &subject("a-agent").id).unwrap();
    assert!(report.into_iter().any(|row| row.subject.as_deref() == Some("a-agent")));
    let unknown = TenantId::new("nowhere").unwrap();
    assert_eq!(authorizer.access_report(&unknown).unwrap().count(), 0);
}

#[test]
fn csv_is_quoted_and_holds_no_formulas() {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("r,1").with_permission("read:\"x\""));
    policy.assign_role("=cmd()", "r,1").assign_role("@a,b", "r,1");
    let mut csv = Vec::new();
    let report = DefaultAuthorizer::build(policy).unwrap().access_report(&TenantId::default());
    report.unwrap().write_csv(&mut csv).unwrap();
    assert_eq!(
        String::from_utf8(csv).unwrap(),
        "subject,permission,effect,decided_by,origin,path\r\n\
         '=cmd(),\"read:\"\"x\"\"\",allow,\"read:\"\"x\"\"\",assigned,\"r,1\"\r\n\
         \"'@a,b\",\"read:\"\"x\"\"\",allow,\"read:\"\"x\"\"\",assigned,\"r,1\"\r\n"
    );
}

#[test]
fn the_rows_of_the_default_role_come_last_and_name_nobody() {
    let row = authorizer().access_report(&TenantId::default()).unwrap().last().unwrap();
    assert_eq!(
        (row.subject, row.permission.as_str(), row.effect),
        (None, "read:docs", Effect::Allow)
    );
    assert_eq!((row.decided_by.as_str(), row.origin), ("read:docs", RoleOrigin::Default));
    assert_eq!(row.path, ["guest"]);
}

#[test]
fn the_trait_answers_like_the_check() {
    let authorizer = authorizer();
    let shared: &dyn Authorizer = &authorizer;
    let ask = |who: &str, action: &str, resource: &str| {
        let future = pin!(shared.check_permission(who, action, resource));
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(result) => result.unwrap(),
            Poll::Pending => panic!("a check waits for nothing"),
        }
    };
    assert!(ask("b-agent", "execute", "tool:x").is_allowed());
    assert!(ask("stranger", "read", "docs").is_allowed());
    let no_role = AuthorizationResult::Denied(DenyReason::NoRole);
    for nobody in ["", "two words", "line\nbreak"] {
        assert_eq!(ask(nobody, "read", "docs"), no_role, "{nobody:?} cannot have the default role");
    }
}

#[test]
fn debug_shows_no_policy() {
    assert_eq!(format!("{:?}", authorizer()), "DefaultAuthorizer { tenants: 1, .. }");
}

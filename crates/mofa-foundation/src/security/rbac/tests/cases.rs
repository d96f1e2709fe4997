//! The cases of `testdata/rbac`.

use super::*;
use mofa_runtime::security::{AuthorizationResult, Engine};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    policies: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    title: String,
    roles: Vec<RoleCase>,
    #[serde(default)]
    assignments: BTreeMap<String, Vec<String>>,
    default_role: Option<String>,
    error: Option<String>,
    #[serde(default)]
    checks: Vec<Check>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleCase {
    name: String,
    #[serde(default)]
    permissions: Vec<String>,
    #[serde(default)]
    denied: Vec<String>,
    #[serde(default)]
    parents: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    #[serde(default = "s")]
    subject: String,
    #[serde(default)]
    roles: Vec<String>,
    action: String,
    resource: String,
    expect: String,
    #[serde(default)]
    path: Vec<String>,
    permission: Option<String>,
    origin: Option<String>,
}

fn s() -> String {
    "s".to_owned()
}

impl Case {
    fn policy(&self) -> RbacPolicy {
        let mut policy = RbacPolicy::new();
        for case in &self.roles {
            let role = case.permissions.iter().fold(Role::new(&case.name), Role::with_permission);
            let role = case.denied.iter().fold(role, Role::with_denied);
            policy.add_role(case.parents.iter().fold(role, Role::with_parent));
        }
        for (subject, roles) in &self.assignments {
            for role in roles {
                policy.assign_role(subject, role);
            }
        }
        if let Some(role) = &self.default_role {
            policy.set_default_role(role);
        }
        policy
    }
}

fn word(result: AuthorizationResult) -> &'static str {
    match result {
        AuthorizationResult::Allowed => "allowed",
        AuthorizationResult::Denied(reason) => reason.as_str(),
    }
}

/// Every case of one file of `testdata/rbac`; says how many there were.
fn check(file: &str) -> usize {
    let file: File = toml::from_str(file).unwrap();
    let mut checked = 0;
    for case in &file.policies {
        let built = DefaultAuthorizer::build(case.policy());
        if let Some(expected) = &case.error {
            let error = built.unwrap_err().to_string();
            assert_eq!(&error, expected, "{}", case.title);
            let late = DefaultAuthorizer::new(case.policy());
            assert!(late.ready().unwrap_err().to_string().contains(expected), "{}", case.title);
            assert!(late.check(&subject("s"), "a", "b").is_err(), "{}", case.title);
            checked += 1;
            continue;
        }
        let authorizer = built.unwrap();
        authorizer.ready().unwrap();
        for check in &case.checks {
            case_check(&case.title, &authorizer, check);
            checked += 1;
        }
    }
    checked
}

fn case_check(title: &str, authorizer: &DefaultAuthorizer, check: &Check) {
    let Check { action, resource, .. } = check;
    let about = format!("{title}: {} {action} {resource:?}", check.subject);
    let mut who = subject(&check.subject);
    who.roles = check.roles.iter().map(|name| role(name)).collect();
    let result = authorizer.check(&who, action, resource).unwrap();
    assert_eq!(word(result), check.expect, "{about}");
    let explained = authorizer.explain(&who, action, resource).unwrap();
    assert_eq!(word(explained.result()), check.expect, "{about}: explained");
    let source = match &explained.reason {
        Reason::Granted(source) | Reason::Denied(source) => Some(source),
        _ => None,
    };
    let path: Vec<_> = source.iter().flat_map(|s| &s.path).map(ToString::to_string).collect();
    assert_eq!(path, check.path, "{about}");
    assert_eq!(source.map(|s| s.permission.clone()), check.permission, "{about}");
    if let Some(origin) = &check.origin {
        assert_eq!(source.map(|s| s.origin.as_str()), Some(origin.as_str()), "{about}");
    }
    assert_eq!(explained.deciding_role().map(ToString::to_string).as_ref(), check.path.last());
}

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/rbac/", $name, ".toml"))
    };
}

#[test]
fn permissions_cover_what_the_grammar_says() {
    assert!(check(file!("grammar")) >= 38);
}

#[test]
fn decisions_and_their_reasons_are_as_written() {
    assert!(check(file!("decisions")) >= 27);
}

#[test]
fn broken_policies_are_named_and_grant_nothing() {
    assert!(check(file!("broken")) >= 18);
}

#[test]
fn a_permission_that_is_too_long_is_named_and_cut() {
    let long = format!("read:{}", "x".repeat(MAX_PERMISSION_LEN));
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("a").with_permission(&long));
    let error = DefaultAuthorizer::build(policy).unwrap_err();
    assert!(matches!(&error, PolicyError::Permission { source, .. }
        if *source == PermissionError::TooLong { len: long.len() }));
    assert!(error.to_string().len() < 200 && error.to_string().contains('…'), "{error}");
}

#[test]
fn the_longest_permission_and_the_most_segments_fit() {
    let long = format!("read:{}", "x".repeat(MAX_PERMISSION_LEN - 5));
    let deep = vec!["a"; MAX_SEGMENTS].join(":");
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("a").with_permission(&long).with_permission(&deep));
    policy.assign_role("s", "a");
    let authorizer = DefaultAuthorizer::build(policy).unwrap();
    for text in [&long, &deep] {
        let (action, resource) = text.split_once(':').unwrap();
        assert!(authorizer.check(&subject("s"), action, resource).unwrap().is_allowed(), "{text}");
    }
}

#[test]
fn inheritance_may_be_as_deep_as_there_are_roles() {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("r0").with_permission("read:bottom"));
    for n in 1..20_000 {
        policy.add_role(Role::new(format!("r{n}")).with_parent(format!("r{}", n - 1)));
    }
    policy.assign_role("s", "r19999");
    let authorizer = DefaultAuthorizer::build(policy).unwrap();
    assert!(authorizer.check(&subject("s"), "read", "bottom").unwrap().is_allowed());
    let explained = authorizer.explain(&subject("s"), "read", "bottom").unwrap();
    assert!(matches!(explained.reason, Reason::Granted(source) if source.path.len() == 20_000));
}

#[test]
fn a_long_circle_is_found_without_recursion() {
    let mut policy = RbacPolicy::new();
    for n in 0..20_000 {
        policy.add_role(Role::new(format!("r{n}")).with_parent(format!("r{}", (n + 1) % 20_000)));
    }
    let error = DefaultAuthorizer::build(policy).unwrap_err();
    assert!(matches!(error, PolicyError::Cycle { path } if path.len() == 20_001));
}

#[test]
fn more_roles_than_fit_are_refused() {
    let mut policy = RbacPolicy::new();
    (0..=MAX_ROLES).for_each(|n| {
        policy.add_role(Role::new(n.to_string()));
    });
    let error = DefaultAuthorizer::build(policy).unwrap_err();
    assert_eq!(error, PolicyError::TooManyRoles { found: MAX_ROLES + 1, most: MAX_ROLES });
}

#[test]
fn as_many_roles_as_fit_are_told_apart() {
    let mut policy = RbacPolicy::new();
    (0..MAX_ROLES).for_each(|n| {
        policy.add_role(Role::new(format!("{n:05}")).with_permission(format!("use:{n}")));
    });
    policy.assign_role("first", "00000").assign_role("last", "65535");
    let authorizer = DefaultAuthorizer::build(policy).unwrap();
    for (who, mine, other) in [("first", "0", "65535"), ("last", "65535", "0")] {
        assert!(authorizer.check(&subject(who), "use", mine).unwrap().is_allowed());
        assert!(!authorizer.check(&subject(who), "use", other).unwrap().is_allowed());
    }
}

#[test]
fn a_resource_of_a_million_segments_is_no_trouble() {
    let mut policy = RbacPolicy::new();
    policy.add_role(Role::new("a").with_permission("*:*:*:x").with_permission("*:*:x:*:*:x"));
    policy.assign_role("s", "a");
    let authorizer = DefaultAuthorizer::build(policy).unwrap();
    let resource = vec!["x"; 1_000_000].join(":");
    assert!(!authorizer.check(&subject("s"), "x", &resource).unwrap().is_allowed());
}

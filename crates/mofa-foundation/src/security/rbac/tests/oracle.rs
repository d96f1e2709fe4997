//! The engine against an oracle that knows nothing of tables: texts, recursion, linear search.

use super::*;
use mofa_runtime::security::{AuthorizationResult, DenyReason};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// What a role grants and denies, and its parents.
type PlainRole = (Vec<String>, Vec<String>, Vec<String>);

/// A policy as plain data.
#[derive(Debug, Clone, Default)]
struct Oracle {
    roles: BTreeMap<String, PlainRole>,
    assigned: BTreeMap<String, BTreeSet<String>>,
    default_role: Option<String>,
}

impl Oracle {
    fn policy(&self) -> RbacPolicy {
        let mut policy = RbacPolicy::new();
        for (name, (grants, denies, parents)) in &self.roles {
            let role = grants.iter().fold(Role::new(name), Role::with_permission);
            let role = denies.iter().fold(role, Role::with_denied);
            policy.add_role(parents.iter().fold(role, Role::with_parent));
        }
        for (subject, roles) in &self.assigned {
            for role in roles {
                policy.assign_role(subject, role);
            }
        }
        if let Some(role) = &self.default_role {
            policy.set_default_role(role);
        }
        policy
    }

    fn answer(
        &self,
        who: &str,
        brought: &[String],
        action: &str,
        resource: &str,
    ) -> AuthorizationResult {
        let mut held: BTreeSet<&str> =
            self.assigned.get(who).into_iter().flatten().map(String::as_str).collect();
        held.extend(
            brought.iter().map(String::as_str).filter(|name| self.roles.contains_key(*name)),
        );
        if held.is_empty() {
            match &self.default_role {
                Some(role) => held.insert(role),
                None => return AuthorizationResult::Denied(DenyReason::NoRole),
            };
        }
        let query: Vec<&str> = std::iter::once(action).chain(resource.split(':')).collect();
        if action.contains(':') || query.contains(&"") {
            return AuthorizationResult::Denied(DenyReason::NotGranted);
        }
        if held.iter().any(|role| self.says(role, &query, true)) {
            AuthorizationResult::Denied(DenyReason::ExplicitDeny)
        } else if held.iter().any(|role| self.says(role, &query, false)) {
            AuthorizationResult::Allowed
        } else {
            AuthorizationResult::Denied(DenyReason::NotGranted)
        }
    }

    fn says(&self, role: &str, query: &[&str], deny: bool) -> bool {
        let (grants, denies, parents) = &self.roles[role];
        let own = if deny { denies } else { grants };
        own.iter().any(|permission| covers(&permission.split(':').collect::<Vec<_>>(), query))
            || parents.iter().any(|parent| self.says(parent, query, deny))
    }
}

fn covers(pattern: &[&str], query: &[&str]) -> bool {
    match (pattern, query) {
        (["*"], [_, ..]) | ([], []) => true,
        ([first, pattern @ ..], [name, query @ ..]) if *first == "*" || first == name => {
            covers(pattern, query)
        }
        _ => false,
    }
}

/// Few names, so that permissions meet.
fn segment() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["a", "b", "c", "*"]).prop_map(str::to_owned)
}

fn permission() -> impl Strategy<Value = String> {
    prop_oneof![
        20 => prop::collection::vec(segment(), 2..5).prop_map(|segments| segments.join(":")),
        1 => Just("*".to_owned()),
    ]
}

fn role_names() -> Vec<String> {
    (0..6).map(|n| format!("r{n}")).collect()
}

fn some_roles(below: usize) -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(role_names()[..below].to_vec(), 0..=below.min(2))
}

/// Roles inherit only from those before them, so that there is no circle.
fn oracle() -> impl Strategy<Value = Oracle> {
    let roles: Vec<_> = (0..6)
        .map(|n| {
            (
                prop::collection::vec(permission(), 0..3),
                prop::collection::vec(permission(), 0..2),
                some_roles(n),
            )
        })
        .collect();
    let assigned = prop::collection::vec(some_roles(6), 3);
    (roles, assigned, prop::option::of(prop::sample::select(role_names()))).prop_map(
        |(roles, assigned, default_role)| Oracle {
            roles: role_names().into_iter().zip(roles).collect(),
            assigned: (0..).map(|n: u8| format!("s{n}")).zip(assigned).map(to_set).collect(),
            default_role,
        },
    )
}

fn to_set((subject, roles): (String, Vec<String>)) -> (String, BTreeSet<String>) {
    (subject, roles.into_iter().collect())
}

#[derive(Debug, Clone)]
enum Step {
    Assign(u8, u8),
    Revoke(u8, u8),
    Remove(u8),
    Ask { who: u8, brought: Vec<String>, action: String, resource: String },
}

fn step() -> impl Strategy<Value = Step> {
    let piece = || {
        prop_oneof![
            9 => prop::sample::select(vec!["a", "b", "c"]).prop_map(str::to_owned),
            1 => prop::sample::select(vec!["*", "", "z", "a:b"]).prop_map(str::to_owned),
        ]
    };
    let resource = prop::collection::vec(piece(), 1..5).prop_map(|pieces| pieces.join(":"));
    let brought =
        prop_oneof![3 => Just(Vec::new()), 1 => some_roles(6), 1 => Just(vec!["x".to_owned()])];
    prop_oneof![
        1 => (0..4_u8, 0..6_u8).prop_map(|(s, r)| Step::Assign(s, r)),
        1 => (0..4_u8, 0..6_u8).prop_map(|(s, r)| Step::Revoke(s, r)),
        1 => (0..4_u8).prop_map(Step::Remove),
        9 => (0..5_u8, brought, piece(), resource).prop_map(|(who, brought, action, resource)| {
            Step::Ask { who, brought, action, resource }
        }),
    ]
}

fn run(mut oracle: Oracle, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let authorizer = DefaultAuthorizer::build(oracle.policy()).unwrap();
    let tenant = TenantId::default();
    let names = |s: u8, r: u8| (format!("s{s}"), format!("r{r}"));
    for step in steps {
        match step {
            Step::Assign(s, r) => {
                let (s, r) = names(s, r);
                let new = oracle.assigned.entry(s.clone()).or_default().insert(r.clone());
                prop_assert_eq!(
                    authorizer.assign_role(&tenant, &subject(&s).id, &role(&r)),
                    Ok(new)
                );
            }
            Step::Revoke(s, r) => {
                let (s, r) = names(s, r);
                let had = oracle.assigned.entry(s.clone()).or_default().remove(&r);
                prop_assert_eq!(
                    authorizer.revoke_role(&tenant, &subject(&s).id, &role(&r)),
                    Ok(had)
                );
            }
            Step::Remove(s) => {
                let s = format!("s{s}");
                let had = oracle.assigned.remove(&s).is_some_and(|roles| !roles.is_empty());
                prop_assert_eq!(authorizer.remove_subject(&tenant, &subject(&s).id), Ok(had));
            }
            Step::Ask { who, brought, action, resource } => {
                let id = format!("s{who}");
                let expected = oracle.answer(&id, &brought, &action, &resource);
                let mut who = subject(&id);
                who.roles = brought.iter().map(|name| role(name)).collect();
                let found = authorizer.check(&who, &action, &resource).unwrap();
                prop_assert_eq!(found, expected, "{} {:?} {} {}", id, brought, action, resource);
                let explained = authorizer.explain(&who, &action, &resource).unwrap();
                prop_assert_eq!(explained.result(), expected, "{}", explained);
            }
        }
    }
    Ok(())
}

/// A row of the report holds for every query that its permission covers, unless a row that denies
/// covers it too.
fn report_holds(oracle: &Oracle, queries: &[(String, String)]) -> Result<(), TestCaseError> {
    let authorizer = DefaultAuthorizer::build(oracle.policy()).unwrap();
    let rows: Vec<_> = authorizer.access_report(&TenantId::default()).unwrap().collect();
    for (action, resource) in queries {
        let query: Vec<&str> =
            std::iter::once(action.as_str()).chain(resource.split(':')).collect();
        for who in ["s0", "s1", "s2", "nobody"] {
            let assigned = oracle.assigned.get(who).is_some_and(|roles| !roles.is_empty());
            let named = assigned.then_some(who);
            let mine = rows.iter().filter(|row| row.subject.as_deref() == named);
            let hits: Vec<_> = mine
                .filter(|row| covers(&row.permission.split(':').collect::<Vec<_>>(), &query))
                .collect();
            let denied = hits.iter().any(|row| row.effect == Effect::Deny);
            let allowed = !denied && !hits.is_empty();
            let expected = oracle.answer(who, &[], action, resource).is_allowed();
            prop_assert_eq!(allowed, expected, "{} {} {}: {:?}", who, action, resource, hits);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(512) })]

    #[test]
    fn every_answer_is_the_oracles(oracle in oracle(), steps in prop::collection::vec(step(), 1..40)) {
        run(oracle, steps)?;
    }

    #[test]
    fn the_report_says_what_checks_say(
        oracle in oracle(),
        queries in prop::collection::vec(("[abc]", "[abc](:[abc]){0,3}"), 1..20),
    ) {
        report_holds(&oracle, &queries)?;
    }
}

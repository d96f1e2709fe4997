//! Who may do what: roles that hold together, and what in them can never be meant.
//!
//! # Invariants
//! Each tenant's roles compile: no circle, no missing parent, no text that is no permission. An
//! error names the place, and what stands there as it is written.

use super::named;
use super::served::Served;
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::raw::{RawConfig, RawRole};
use crate::security::{DefaultAuthorizer, PolicyError, RbacPolicy, Role, RoleName, TenantId};
use std::collections::BTreeMap;
use toml::Spanned;

/// Roles by name, as they are written.
type Roles = BTreeMap<Spanned<String>, RawRole>;

/// A list of a role.
type List = fn(&RawRole) -> &[Spanned<String>];

/// The lists of permissions, by their keys.
const LISTS: [(&str, List); 2] =
    [("permissions", |role| &role.permissions), ("denied", |role| &role.denied)];

/// The policy that `roles` are.
pub(super) fn policy(
    source: &Source<'_>,
    roles: &Roles,
    default_role: Option<&Spanned<String>>,
) -> Result<RbacPolicy, ConfigError> {
    let mut policy = RbacPolicy::new();
    for (name, raw) in roles {
        named(source, "roles", name, |name| RoleName::new(name))?;
        let mut role = Role::new(name.get_ref());
        role = raw.permissions.iter().map(Spanned::get_ref).fold(role, Role::with_permission);
        role = raw.denied.iter().map(Spanned::get_ref).fold(role, Role::with_denied);
        role = raw.parents.iter().map(Spanned::get_ref).fold(role, Role::with_parent);
        policy.add_role(role);
    }
    if let Some(role) = default_role {
        policy.set_default_role(role.get_ref());
    }
    Ok(policy)
}

/// Each tenant's policy compiles: no cycle, no missing parent, no unknown role.
pub(super) fn hold(
    source: &Source<'_>,
    raw: &RawConfig,
    policies: &BTreeMap<TenantId, RbacPolicy>,
) -> Result<(), ConfigError> {
    let own: BTreeMap<_, _> =
        raw.tenants.iter().map(|(name, tenant)| (name.get_ref().as_str(), tenant)).collect();
    for (tenant, policy) in policies {
        let (roles, default_role) = match own.get(tenant.as_str()) {
            Some(tenant) => (&tenant.roles, tenant.default_role.as_ref()),
            None => (&raw.roles, raw.default_role.as_ref()),
        };
        if let Err(error) = DefaultAuthorizer::build(policy.clone()) {
            return Err(blame(source, roles, default_role, &error));
        }
    }
    Ok(())
}

/// `error` at the place that it speaks of.
fn blame(
    source: &Source<'_>,
    roles: &Roles,
    default_role: Option<&Spanned<String>>,
    error: &PolicyError,
) -> ConfigError {
    let at = |list: List, role: &str, text: &str| {
        let raw = roles.iter().find(|(name, _)| name.get_ref() == role)?.1;
        list(raw).iter().find(|written| written.get_ref() == text)
    };
    let found = match error {
        PolicyError::Permission { role, permission, .. } => {
            LISTS.iter().find_map(|(_, list)| at(*list, role, permission))
        }
        PolicyError::UnknownParent { role, parent } => at(|raw| &raw.parents, role, parent),
        PolicyError::UnknownDefaultRole { .. } => default_role,
        _ => None,
    };
    let reason = reason(source, error, found);
    let span = found.map_or_else(
        || {
            let is_named =
                |role: &&Spanned<String>| reason.contains(&format!("`{}`", role.get_ref()));
            let blamed = roles.keys().find(is_named);
            blamed.or(roles.keys().next()).map_or(0..0, Spanned::span)
        },
        Spanned::span,
    );
    source.error(&span, Problem::Conflict { reason })
}

/// What `error` says, with what is written in the place of what variables stand for.
fn reason(source: &Source<'_>, error: &PolicyError, found: Option<&Spanned<String>>) -> String {
    match (error, found) {
        // What is wrong with a permission is said with parts of it.
        (PolicyError::Permission { role, .. }, Some(text)) if source.is_filled(text) => format!(
            "role `{role}` has the permission `{}`, but what that stands for is none: expected \
             `action:resource`",
            source.written(text)
        ),
        (PolicyError::UnknownParent { role, .. }, Some(text)) => {
            format!("role `{role}` inherits from `{}`, which is not defined", source.written(text))
        }
        (PolicyError::UnknownDefaultRole { .. }, Some(text)) => {
            format!("the default role `{}` is not defined", source.written(text))
        }
        _ => error.to_string(),
    }
}

/// Permissions that nothing asks for, and models that no upstream has.
pub(super) fn warnings(source: &Source<'_>, raw: &RawConfig, served: &Served) -> Vec<ConfigError> {
    let own = raw
        .tenants
        .iter()
        .map(|(name, tenant)| (format!("tenants.{}.roles", name.get_ref()), &tenant.roles));
    let mut warnings = Vec::new();
    for (path, roles) in [("roles".to_owned(), &raw.roles)].into_iter().chain(own) {
        let has_vault = raw.vault.is_some();
        for (name, role) in roles {
            for (list, of) in LISTS {
                let key = || format!("{path}.{}.{list}", name.get_ref());
                let doubts = of(role).iter().filter_map(|text| {
                    let problem = doubt(text.get_ref(), served, has_vault)?;
                    let written = source.written(text).into_owned();
                    Some(source.error(&text.span(), problem(key(), written)))
                });
                warnings.extend(doubts);
            }
        }
    }
    warnings
}

/// Why `permission` cannot be meant for a gateway, which asks for `invoke:model:NAME`, and with a
/// vault for `reveal:pii:CATEGORY`.
fn doubt(
    permission: &str,
    served: &Served,
    has_vault: bool,
) -> Option<fn(String, String) -> Problem> {
    let mut segments = permission.splitn(3, ':');
    let (action, resource, rest) = (segments.next()?, segments.next(), segments.next());
    let is_asked = matches!(
        (action, resource, rest),
        ("*", None, _)
            | ("*" | "invoke", Some("*"), None)
            | ("*" | "invoke", Some("model" | "*"), Some(_))
    );
    let is_revealing = matches!(
        (action, resource, rest),
        ("*" | "reveal", Some("*"), None) | ("*" | "reveal", Some("pii" | "*"), Some(_))
    );
    if is_revealing && has_vault {
        return None;
    }
    if !is_asked {
        return Some(|key, permission| Problem::NeverAsked { key, permission });
    }
    let no_upstream: fn(String, String) -> Problem =
        |key, permission| Problem::NoUpstream { key, permission };
    rest.is_some_and(|model| !served.may_have(model)).then_some(no_upstream)
}

//! Who may call: each key by itself, with its own roles.
//!
//! # Invariants
//! Roles belong to the key that names them, not to its subject: two keys of one subject do not
//! lend each other roles.

use super::{few, named};
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::key::is_key_id;
use crate::config::raw::RawKey;
use crate::config::{CallerSettings, KeyDigest};
use crate::security::{RbacPolicy, RoleName, Subject, SubjectId, TenantId};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use toml::Spanned;

/// The callers behind `keys`.
pub(super) fn check(
    source: &Source<'_>,
    keys: &[RawKey],
    policies: &BTreeMap<TenantId, RbacPolicy>,
) -> Result<Vec<CallerSettings>, ConfigError> {
    few(source, "keys", keys.iter().map(|key| &key.id))?;
    let names = |policy: &RbacPolicy| -> BTreeSet<String> {
        policy.roles().iter().map(|role| role.name().to_owned()).collect()
    };
    let roles = policies.iter().map(|(tenant, policy)| (tenant.clone(), names(policy))).collect();
    let (check, mut seen) = (Check { source, roles }, BTreeSet::new());
    let mut hashes = HashMap::new();
    let mut callers = Vec::with_capacity(keys.len());
    for key in keys {
        let id = key.id.get_ref();
        if !is_key_id(id) {
            let expected = "1 to 64 of `a-z`, `0-9` and `-`";
            return Err(source.value(&key.id.span(), "keys.id", expected));
        }
        if !seen.insert(id) {
            let id = source.written(&key.id);
            let reason = format!("there is another key `{id}`: ids must differ");
            return Err(source.error(&key.id.span(), Problem::Conflict { reason }));
        }
        callers.push(check.caller(key)?);
        if let Some(other) = hashes.insert(key.hash.get_ref().to_ascii_lowercase(), &key.id) {
            let (id, line) = (source.written(other), source.line(other.span().start));
            let reason = format!(
                "the key `{id}` in line {line} has the same hash: each key has its own, as \
                 `mofa key new` prints it"
            );
            return Err(source.error(&key.hash.span(), Problem::Conflict { reason }));
        }
    }
    Ok(callers)
}

struct Check<'a> {
    source: &'a Source<'a>,
    /// The roles of each tenant.
    roles: BTreeMap<TenantId, BTreeSet<String>>,
}

impl Check<'_> {
    fn caller(&self, key: &RawKey) -> Result<CallerSettings, ConfigError> {
        let expected = "`sha256:` and 64 hexadecimal digits, as `mofa key new` prints them";
        let digest = KeyDigest::parse(key.hash.get_ref())
            .ok_or_else(|| self.source.value(&key.hash.span(), "keys.hash", expected))?;
        let tenant = match &key.tenant {
            Some(tenant) => named(self.source, "keys.tenant", tenant, |name| TenantId::new(name))?,
            None => TenantId::default(),
        };
        let id = named(self.source, "keys.subject", &key.subject, |name| SubjectId::new(name))?;
        let Some(known) = self.roles.get(&tenant) else {
            let span = key.tenant.as_ref().map_or(key.id.span(), Spanned::span);
            let tenant = key.tenant.as_ref().map(|tenant| self.source.written(tenant));
            let tenant = tenant.unwrap_or_default();
            let expected = format!("a tenant that has a section: add `[tenants.{tenant}]`");
            return Err(self.source.value(&span, "keys.tenant", expected));
        };
        let mut subject = Subject::new(id, tenant);
        subject.roles = self.brought(&key.roles, known)?;
        Ok(CallerSettings { id: key.id.get_ref().clone(), digest, subject })
    }

    /// The roles that a key brings, each once.
    fn brought(
        &self,
        roles: &[Spanned<String>],
        known: &BTreeSet<String>,
    ) -> Result<Vec<RoleName>, ConfigError> {
        let mut brought = BTreeSet::new();
        for role in roles {
            if !known.contains(role.get_ref()) {
                let known = known.iter().map(String::as_str).collect::<Vec<_>>().join("`, `");
                let expected = format!("a role of the tenant, one of `{known}`");
                return Err(self.source.value(&role.span(), "keys.roles", expected));
            }
            brought.insert(named(self.source, "keys.roles", role, |name| RoleName::new(name))?);
        }
        Ok(brought.into_iter().collect())
    }
}

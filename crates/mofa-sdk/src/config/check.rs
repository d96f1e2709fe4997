//! Turns what is written into what holds, once.

use super::error::{ConfigError, Problem, Source};
use super::raw::{RawConfig, RawFailMode, RawGuardAction, RawMode, RawPiiAction, RawPreset};
use super::raw::{RawLlm, RawProvider, RawRole, RawSecurity, RawUpstream};
use super::{AuditSettings, Config, ModelPattern, UpstreamSettings};
use crate::security::{
    DefaultAuthorizer, PiiAction, RbacPolicy, Role, RoleName, SecurityConfig, SecurityFailMode,
    Stage, StageMode, TenantId, Verdict,
};
use mofa_foundation::security::ContentPolicy;
use mofa_kernel::IdError;
use mofa_runtime::Secret;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;
use toml::Spanned;

mod callers;
mod limits;
mod pii;

/// The most keys, upstreams or tenants a file may list.
const MAX_ENTRIES: usize = 100_000;

/// Makes sure that everything holds together.
pub(super) fn check(source: &Source<'_>, raw: RawConfig) -> Result<Config, ConfigError> {
    let check = Check { source };
    let mut policies = BTreeMap::new();
    policies.insert(TenantId::default(), check.policy(&raw.roles, raw.default_role.as_ref())?);
    let moderation = &raw.security.moderation;
    let default = content_policy(&moderation.blocked, &moderation.flagged);
    let mut contents = vec![(TenantId::default(), default)];
    few(source, "tenants", raw.tenants.len())?;
    for (name, tenant) in &raw.tenants {
        let id = check.name("tenants", name, |name| TenantId::new(name))?;
        if id == TenantId::default() {
            let reason = "the default tenant's roles and lists stand under `[roles]` and \
                          `[security.moderation]`"
                .to_owned();
            return Err(source.error(&name.span(), Problem::Conflict { reason }));
        }
        let policy = check.policy(&tenant.roles, tenant.default_role.as_ref())?;
        policies.insert(id.clone(), policy);
        if let Some(own) = &tenant.moderation {
            contents.push((id, content_policy(&own.blocked, &own.flagged)));
        }
    }
    let callers = callers::check(source, &raw.keys, &policies)?;
    check.policies_hold(&raw, &policies)?;
    Ok(Config {
        listen: check.listen(raw.gateway.listen.as_ref())?,
        limits: limits::check(source, &raw.gateway.limits)?,
        security: check.security(&raw.security)?,
        pii: pii::check(source, &raw.security.pii)?,
        moderation: contents,
        guard_threshold: check.threshold(raw.security.guard.threshold.as_ref())?,
        policies: policies.into_iter().collect(),
        callers,
        upstreams: check.upstreams(raw.upstreams, raw.llm)?,
        audit: AuditSettings {
            path: raw
                .audit
                .path
                .map_or_else(|| "audit.jsonl".into(), |p| PathBuf::from(p.into_inner())),
            hash_key: check.hash_key(raw.audit.hash_key)?,
        },
    })
}

struct Check<'a> {
    source: &'a Source<'a>,
}

impl Check<'_> {
    fn value(&self, span: &Range<usize>, key: &str, expected: impl Display) -> ConfigError {
        self.source.value(span, key, expected)
    }

    fn name<T>(
        &self,
        key: &str,
        name: &Spanned<String>,
        make: impl Fn(&str) -> Result<T, IdError>,
    ) -> Result<T, ConfigError> {
        named(self.source, key, name, make)
    }

    fn listen(&self, listen: Option<&Spanned<String>>) -> Result<SocketAddr, ConfigError> {
        let Some(listen) = listen else { return Ok((Ipv4Addr::LOCALHOST, 8080).into()) };
        let expected = "an address and a port, for instance \"127.0.0.1:8080\"";
        let wrong = |_| self.value(&listen.span(), "gateway.listen", expected);
        listen.get_ref().parse().map_err(wrong)
    }

    fn security(&self, raw: &RawSecurity) -> Result<SecurityConfig, ConfigError> {
        let mut config = match raw.preset {
            Some(RawPreset::Permissive) => SecurityConfig::permissive(),
            Some(RawPreset::Strict) | None => SecurityConfig::strict(),
        };
        match raw.fail_mode {
            Some(RawFailMode::Open) => config = config.with_fail_mode(SecurityFailMode::FailOpen),
            Some(RawFailMode::Closed) => {
                config = config.with_fail_mode(SecurityFailMode::FailClosed);
            }
            None => {}
        }
        let modes = [
            (Stage::Rbac, raw.rbac.mode),
            (Stage::Pii, raw.pii.mode),
            (Stage::Moderation, raw.moderation.mode),
            (Stage::Guard, raw.guard.mode),
        ];
        for (stage, mode) in modes {
            match mode {
                Some(RawMode::Off) => config = config.with_stage_mode(stage, StageMode::Off),
                Some(RawMode::Shadow) => config = config.with_stage_mode(stage, StageMode::Shadow),
                Some(RawMode::Enforce) => {
                    config = config.with_stage_mode(stage, StageMode::Enforce);
                }
                None => {}
            }
        }
        if let Some(seconds) = &raw.stage_timeout_seconds {
            let key = "security.stage_timeout_seconds";
            let seconds = limits::bounded(self.source, key, seconds, 1, 60)?;
            config = config.with_stage_timeout(Duration::from_secs(seconds));
        }
        if let Some(RawPiiAction::Block) = raw.pii.action {
            config = config.with_pii_action(PiiAction::Block);
        }
        if let Some(action) = raw.guard.action {
            config = config.with_guard_verdict(guard_verdict(action));
        }
        if let Some(action) = raw.guard.output_action {
            config = config.with_guard_output_verdict(guard_verdict(action));
        }
        Ok(config)
    }

    fn threshold(&self, threshold: Option<&Spanned<f64>>) -> Result<f32, ConfigError> {
        let Some(threshold) = threshold else { return Ok(0.5) };
        if !(0.0..=1.0).contains(threshold.get_ref()) {
            let span = threshold.span();
            return Err(self.value(&span, "security.guard.threshold", "a number from 0 to 1"));
        }
        #[expect(clippy::cast_possible_truncation, reason = "a share needs no more digits")]
        Ok(*threshold.get_ref() as f32)
    }

    fn policy(
        &self,
        roles: &BTreeMap<Spanned<String>, RawRole>,
        default_role: Option<&Spanned<String>>,
    ) -> Result<RbacPolicy, ConfigError> {
        let mut policy = RbacPolicy::new();
        for (name, raw) in roles {
            self.name("roles", name, |name| RoleName::new(name))?;
            let mut role = Role::new(name.get_ref());
            role = raw.permissions.iter().fold(role, Role::with_permission);
            role = raw.denied.iter().fold(role, Role::with_denied);
            role = raw.parents.iter().fold(role, Role::with_parent);
            policy.add_role(role);
        }
        if let Some(role) = default_role {
            policy.set_default_role(role.get_ref());
        }
        Ok(policy)
    }

    /// Each tenant's policy compiles: no cycle, no missing parent, no unknown role.
    fn policies_hold(
        &self,
        raw: &RawConfig,
        policies: &BTreeMap<TenantId, RbacPolicy>,
    ) -> Result<(), ConfigError> {
        let own: BTreeMap<_, _> =
            raw.tenants.iter().map(|(name, tenant)| (name.get_ref().as_str(), tenant)).collect();
        for (tenant, policy) in policies {
            let roles = own.get(tenant.as_str()).map_or(&raw.roles, |tenant| &tenant.roles);
            if let Err(error) = DefaultAuthorizer::build(policy.clone()) {
                let named = error.to_string();
                let blamed =
                    roles.keys().find(|role| named.contains(&format!("`{}`", role.get_ref())));
                let span = blamed.or(roles.keys().next()).map_or(0..0, Spanned::span);
                return Err(self.source.error(&span, Problem::Conflict { reason: named }));
            }
        }
        Ok(())
    }

    fn upstreams(
        &self,
        raw: Vec<RawUpstream>,
        llm: Option<Spanned<RawLlm>>,
    ) -> Result<Vec<UpstreamSettings>, ConfigError> {
        few(self.source, "upstreams", raw.len())?;
        let mut seen = BTreeSet::new();
        let mut upstreams = Vec::with_capacity(raw.len());
        for upstream in raw {
            let span = upstream.name.span();
            let name = upstream.name.into_inner();
            if name.is_empty() || !seen.insert(name.clone()) {
                let reason = format!("an upstream needs a name of its own, `{name}` is none");
                return Err(self.source.error(&span, Problem::Conflict { reason }));
            }
            let url = upstream.base_url.get_ref();
            let is_url = url.starts_with("http://") || url.starts_with("https://");
            if !is_url || url.contains(['?', '#', '@']) || url.chars().any(char::is_whitespace) {
                let expected =
                    "`http://` or `https://`, a host and a path, without user, query or fragment";
                return Err(self.value(&upstream.base_url.span(), "upstreams.base_url", expected));
            }
            let span = upstream.models.span();
            let mut models = Vec::new();
            for model in upstream.models.into_inner() {
                let expected = "a model's name, or the beginning of one and `*`";
                let wrong = || self.value(&model.span(), "upstreams.models", expected);
                models.push(ModelPattern::new(model.get_ref()).ok_or_else(wrong)?);
            }
            if models.is_empty() {
                return Err(self.value(&span, "upstreams.models", "at least one model, or \"*\""));
            }
            let api_key = upstream.api_key.map(|key| Secret::new(key.into_inner()));
            let base_url = upstream.base_url.into_inner();
            upstreams.push(UpstreamSettings { name, base_url, api_key, models });
        }
        // Last: it has every model that no other upstream has.
        if let Some(llm) = llm {
            let (span, provider) = (llm.span(), provider(llm.into_inner()));
            if seen.contains(&provider.name) {
                let reason =
                    format!("`[llm]` is the upstream `{0}`: name yours else", provider.name);
                return Err(self.source.error(&span, Problem::Conflict { reason }));
            }
            upstreams.push(provider);
        }
        Ok(upstreams)
    }

    fn hash_key(&self, key: Option<Spanned<String>>) -> Result<Option<Secret>, ConfigError> {
        let Some(key) = key else { return Ok(None) };
        if key.get_ref().len() < 32 {
            let expected = "at least 32 characters: a shorter key can be guessed";
            return Err(self.value(&key.span(), "audit.hash_key", expected));
        }
        Ok(Some(Secret::new(key.into_inner())))
    }
}

/// What `make` makes of `name`.
fn named<T>(
    source: &Source<'_>,
    key: &str,
    name: &Spanned<String>,
    make: impl Fn(&str) -> Result<T, IdError>,
) -> Result<T, ConfigError> {
    let expected = "a name of 1 to 256 bytes without spaces";
    make(name.get_ref()).map_err(|_| source.value(&name.span(), key, expected))
}

/// A list is no longer than may be.
fn few(source: &Source<'_>, key: &str, count: usize) -> Result<(), ConfigError> {
    if count <= MAX_ENTRIES {
        return Ok(());
    }
    Err(source.value(&(0..0), key, format!("at most {MAX_ENTRIES} entries")))
}

fn content_policy(blocked: &[Spanned<String>], flagged: &[Spanned<String>]) -> ContentPolicy {
    let policy = ContentPolicy::new();
    let policy = blocked
        .iter()
        .fold(policy, |policy, phrase| policy.with("blocked", phrase.get_ref(), Verdict::Block));
    flagged
        .iter()
        .fold(policy, |policy, phrase| policy.with("flagged", phrase.get_ref(), Verdict::Flag))
}

/// The upstream that `llm` is short for.
fn provider(llm: RawLlm) -> UpstreamSettings {
    let (name, base_url) = match llm.provider {
        RawProvider::OpenAi => ("openai", "https://api.openai.com/v1"),
    };
    UpstreamSettings {
        name: name.to_owned(),
        base_url: base_url.to_owned(),
        api_key: Some(Secret::new(llm.api_key.into_inner())),
        models: ModelPattern::new("*").into_iter().collect(),
    }
}

fn guard_verdict(action: RawGuardAction) -> Verdict {
    match action {
        RawGuardAction::Flag => Verdict::Flag,
        RawGuardAction::Block => Verdict::Block,
    }
}

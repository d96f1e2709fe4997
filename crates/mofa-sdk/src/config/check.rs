//! Turns what is written into what holds, once.

use super::error::{ConfigError, Problem, Source};
use super::raw::{RawConfig, RawFailMode, RawGuardAction, RawMode, RawPiiAction, RawPreset};
use super::raw::{RawKey, RawLlm, RawPii, RawProvider, RawRole};
use super::raw::{RawSecurity, RawStrategy, RawUpstream};
use super::{
    AuditSettings, CallerSettings, Config, KeyDigest, ModelPattern, PiiSettings, UpstreamSettings,
};
use crate::security::{
    DefaultAuthorizer, PiiAction, PiiCategory, RbacPolicy, RedactionStrategy, Role, RoleName,
    SecurityConfig, SecurityFailMode, Stage, StageMode, Subject, SubjectId, TenantId, Verdict,
};
use mofa_foundation::security::ContentPolicy;
use mofa_runtime::Secret;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;
use toml::Spanned;

mod limits;

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
    let callers = check.callers(&raw.keys, &mut policies)?;
    check.policies_hold(&raw, &policies)?;
    Ok(Config {
        listen: check.listen(raw.gateway.listen.as_ref())?,
        limits: limits::check(source, &raw.gateway.limits)?,
        security: check.security(&raw.security)?,
        pii: check.pii(&raw.security.pii)?,
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
        let expected = expected.to_string();
        self.source.error(span, Problem::Value { key: key.to_owned(), expected })
    }

    fn name<T>(
        &self,
        key: &str,
        name: &Spanned<String>,
        make: impl Fn(&str) -> Result<T, mofa_kernel::IdError>,
    ) -> Result<T, ConfigError> {
        let expected = "a name of 1 to 256 bytes without spaces";
        make(name.get_ref()).map_err(|_| self.value(&name.span(), key, expected))
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

    fn category(&self, key: &str, name: &Spanned<String>) -> Result<PiiCategory, ConfigError> {
        let expected = "a category: 1 to 64 of `a-z`, `0-9` and `_`";
        let wrong = |_| self.value(&name.span(), key, expected);
        PiiCategory::new(name.get_ref().clone()).map_err(wrong)
    }

    fn pii(&self, raw: &RawPii) -> Result<PiiSettings, ConfigError> {
        let mut builder = mofa_foundation::security::RegexPiiDetector::builder();
        let mut patterns = Vec::with_capacity(raw.patterns.len());
        for pattern in &raw.patterns {
            let category = self.category("security.pii.patterns.category", &pattern.category)?;
            let (rule, regex) = (pattern.rule.clone(), pattern.regex.get_ref().clone());
            builder = builder.with_pattern(&category, &rule, &regex);
            let built = builder.clone().build();
            built.map_err(|error| {
                self.value(
                    &pattern.regex.span(),
                    "security.pii.patterns.regex",
                    format!("a usable pattern, but {error}"),
                )
            })?;
            patterns.push((category, rule, regex));
        }
        let mut categories = Vec::with_capacity(raw.categories.len());
        for name in &raw.categories {
            let category = self.category("security.pii.categories", name)?;
            let alone = builder.clone().only([category.clone()]).build();
            alone.map_err(|error| {
                self.value(
                    &name.span(),
                    "security.pii.categories",
                    format!("a known category, but {error}"),
                )
            })?;
            categories.push(category);
        }
        let mut strategies = Vec::with_capacity(raw.strategies.len());
        for (name, strategy) in &raw.strategies {
            let category = self.category("security.pii.strategies", name)?;
            strategies.push((category, redaction(*strategy)));
        }
        let strategy = raw.strategy.map_or(RedactionStrategy::Replace, redaction);
        let luhn = raw.luhn.unwrap_or(true);
        Ok(PiiSettings { categories, strategy, strategies, patterns, luhn })
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
        for (tenant, policy) in policies {
            let own = raw.tenants.iter().find(|(name, _)| name.get_ref() == tenant.as_str());
            let roles = own.map_or(&raw.roles, |(_, tenant)| &tenant.roles);
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

    fn callers(
        &self,
        keys: &[RawKey],
        policies: &mut BTreeMap<TenantId, RbacPolicy>,
    ) -> Result<Vec<CallerSettings>, ConfigError> {
        self.few("keys", keys.len())?;
        let mut seen = BTreeSet::new();
        let mut callers = Vec::with_capacity(keys.len());
        for key in keys {
            let id = key.id.get_ref();
            if !super::key::is_key_id(id) {
                let expected = "1 to 64 of `a-z`, `0-9` and `-`";
                return Err(self.value(&key.id.span(), "keys.id", expected));
            }
            if !seen.insert(id) {
                let reason = format!("there is another key `{id}`: ids must differ");
                return Err(self.source.error(&key.id.span(), Problem::Conflict { reason }));
            }
            let expected = "`sha256:` and 64 hexadecimal digits, as `mofa key new` prints them";
            let digest = KeyDigest::parse(key.hash.get_ref())
                .ok_or_else(|| self.value(&key.hash.span(), "keys.hash", expected))?;
            let tenant = match &key.tenant {
                Some(tenant) => self.name("keys.tenant", tenant, |name| TenantId::new(name))?,
                None => TenantId::default(),
            };
            let subject = self.name("keys.subject", &key.subject, |name| SubjectId::new(name))?;
            let Some(policy) = policies.get_mut(&tenant) else {
                let span = key.tenant.as_ref().map_or(key.id.span(), Spanned::span);
                let expected = format!("a tenant that has a section: add `[tenants.{tenant}]`");
                return Err(self.value(&span, "keys.tenant", expected));
            };
            for role in &key.roles {
                if !policy.roles().iter().any(|known| known.name() == role.get_ref()) {
                    let known: Vec<_> = policy.roles().iter().map(Role::name).collect();
                    let expected = format!("a role of the tenant, one of `{}`", known.join("`, `"));
                    return Err(self.value(&role.span(), "keys.roles", expected));
                }
                policy.assign_role(subject.as_str(), role.get_ref());
            }
            let subject = Subject::new(subject, tenant);
            callers.push(CallerSettings { id: id.clone(), digest, subject });
        }
        Ok(callers)
    }

    fn upstreams(
        &self,
        raw: Vec<RawUpstream>,
        llm: Option<Spanned<RawLlm>>,
    ) -> Result<Vec<UpstreamSettings>, ConfigError> {
        self.few("upstreams", raw.len())?;
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

    fn few(&self, key: &str, count: usize) -> Result<(), ConfigError> {
        if count <= MAX_ENTRIES {
            return Ok(());
        }
        Err(self.value(&(0..0), key, format!("at most {MAX_ENTRIES} entries")))
    }
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

fn redaction(strategy: RawStrategy) -> RedactionStrategy {
    match strategy {
        RawStrategy::Mask => RedactionStrategy::Mask,
        RawStrategy::Hash => RedactionStrategy::Hash,
        RawStrategy::Remove => RedactionStrategy::Remove,
        RawStrategy::Replace => RedactionStrategy::Replace,
    }
}

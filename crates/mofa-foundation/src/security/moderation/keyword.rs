//! Judges content by lists of words.
//!
//! # Invariants
//! A record names the list and the number of a phrase, never the phrase. Lists are compiled once,
//! when they are first needed.

use super::policy::{Compiled, ContentPolicy};
use crate::security::fingerprint::Fingerprint;
use async_trait::async_trait;
use mofa_runtime::security::{
    ContentModerator, Engine, Moderation, ModerationMatch, SecurityError, TenantId, Verdict,
};
use mofa_scan::MAX_OPEN_TAIL;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// How often lists may move a cut for each other before as much is held back as can be.
const MAX_ROUNDS: usize = 8;

/// Blocks or flags what has a listed phrase in it.
#[derive(Debug, Clone, Default)]
pub struct KeywordModerator {
    default: Policy,
    tenants: BTreeMap<TenantId, Policy>,
}

/// A policy, compiled when it is first asked and not before: phrases are added one by one.
#[derive(Debug, Clone, Default)]
struct Policy {
    written: ContentPolicy,
    compiled: OnceLock<Result<Compiled, String>>,
}

impl Policy {
    fn new(written: ContentPolicy) -> Self {
        Self { written, compiled: OnceLock::new() }
    }

    fn compiled(&self) -> Result<&Compiled, SecurityError> {
        let compile = || self.written.compile().map_err(|error| error.to_string());
        self.compiled.get_or_init(compile).as_ref().map_err(|reason| SecurityError::Unusable {
            engine: "keyword moderator",
            reason: reason.clone(),
        })
    }
}

impl KeywordModerator {
    /// A moderator that allows everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Blocks what has `phrase` in it, by the default policy.
    #[must_use]
    pub fn add_blocked(self, phrase: impl Into<String>) -> Self {
        Self { default: Policy::new(self.default.written.block(phrase)), ..self }
    }

    /// Flags what has `phrase` in it, by the default policy.
    #[must_use]
    pub fn add_flagged(self, phrase: impl Into<String>) -> Self {
        Self { default: Policy::new(self.default.written.flag(phrase)), ..self }
    }

    /// Makes an exception in the default policy: a match that lies within `phrase` does not count;
    /// see [`ContentPolicy::allow`].
    #[must_use]
    pub fn add_allowed(self, phrase: impl Into<String>) -> Self {
        Self { default: Policy::new(self.default.written.allow(phrase)), ..self }
    }

    /// Judges every tenant without a policy of its own by `policy`.
    #[must_use]
    pub fn with_policy(self, policy: ContentPolicy) -> Self {
        Self { default: Policy::new(policy), ..self }
    }

    /// Judges `tenant` by `policy` alone.
    #[must_use]
    pub fn with_tenant_policy(mut self, tenant: TenantId, policy: ContentPolicy) -> Self {
        self.tenants.insert(tenant, Policy::new(policy));
        self
    }

    /// Judges `text` by the policy of `tenant`.
    ///
    /// # Errors
    /// [`SecurityError::Unusable`] if the lists do not compile.
    pub fn judge(&self, tenant: &TenantId, text: &str) -> Result<Moderation, SecurityError> {
        let compiled = self.policy(tenant).compiled()?;
        let mut answer = Moderation::default();
        for hit in compiled.find(text) {
            let Some(listed) = compiled.phrases.get(hit.keyword.0 as usize) else { continue };
            if listed.verdict > answer.verdict {
                answer.verdict = listed.verdict;
                let does = if listed.verdict == Verdict::Block { "blocked" } else { "flagged" };
                answer.reason = format!("it has a {does} phrase of the list `{}`", listed.category);
            }
            answer.matches.push(ModerationMatch::new(
                listed.category.clone(),
                listed.rule.clone(),
                listed.verdict,
                hit.start..hit.end,
                1.0,
            ));
        }
        Ok(answer)
    }

    fn policy(&self, tenant: &TenantId) -> &Policy {
        self.tenants.get(tenant).unwrap_or(&self.default)
    }

    fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.tenants.values().chain([&self.default])
    }
}

impl Engine for KeywordModerator {
    fn ready(&self) -> Result<(), SecurityError> {
        self.policies().try_for_each(|policy| policy.compiled().map(|_| ()))
    }

    fn fingerprint(&self) -> String {
        let mut print = Fingerprint::new("keywords");
        self.default.written.add_to(&mut print);
        print.add_count(self.tenants.len());
        for (tenant, policy) in &self.tenants {
            print.add(tenant.as_str());
            policy.written.add_to(&mut print);
        }
        print.finish()
    }
}

#[async_trait]
impl ContentModerator for KeywordModerator {
    async fn moderate(&self, text: &str) -> Result<Moderation, SecurityError> {
        self.judge(&TenantId::default(), text)
    }

    async fn moderate_for(
        &self,
        tenant: &TenantId,
        text: &str,
    ) -> Result<Moderation, SecurityError> {
        self.judge(tenant, text)
    }

    /// What the longest wait of any tenant's list asks for: the tenant of a stream is not known
    /// here. No list's exceptions are cut in two by what another one asks for.
    fn open_tail(&self, text: &str) -> usize {
        let longest = |least: usize| {
            let tail = |policy: &Policy| {
                policy.compiled().map_or(text.len(), |compiled| compiled.open_tail(text, least))
            };
            self.policies().map(tail).max().unwrap_or(0)
        };
        let mut tail = longest(0);
        let is_excepted = |policy: &Policy| policy.compiled().is_ok_and(Compiled::has_exceptions);
        if self.tenants.is_empty() || !self.policies().any(is_excepted) {
            return tail;
        }
        for _ in 0..MAX_ROUNDS {
            let longer = longest(tail);
            if longer == tail {
                return tail;
            }
            tail = longer;
        }
        tail.max(text.len().min(MAX_OPEN_TAIL))
    }
}

//! Takes personal data and secrets out of a text.
//!
//! # Invariants
//! What lies outside the detections stays byte for byte, and what lies in one leaves nothing but
//! what its strategy puts there. No built-in rule finds what a strategy puts there, so that
//! redacting twice is redacting once; `Remove` puts nothing there, and joins what stood around. What
//! that makes is taken out as well, by the rules that everybody has, as far as it is in the same text.
//!
//! # Failure
//! Detections that do not fit the text are an error and nothing is replaced. A redactor without
//! random bytes for its hash key is not ready, and no service builds with it.

use super::RegexPiiDetector;
use super::hashing::{Hashing, no_key};
use super::mark;
use crate::security::fingerprint::Fingerprint;
use async_trait::async_trait;
use mofa_runtime::security::{
    Engine, PiiCategory, PiiDetection, PiiRedactor, Placeholder, Redaction, RedactionStrategy,
    SecurityError, TokenScope, TokenVault,
};
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use zeroize::Zeroizing;

/// How often a text is looked at again after something was taken out of it.
const MAX_ROUNDS: usize = 4;

/// Replaces what a [`RegexPiiDetector`] finds.
#[derive(Debug, Clone)]
pub struct RegexPiiRedactor {
    detector: RegexPiiDetector,
    default: RedactionStrategy,
    own: BTreeMap<PiiCategory, RedactionStrategy>,
    hashing: Hashing,
    vault: Option<Arc<TokenVault>>,
}

impl RegexPiiRedactor {
    /// A redactor of what [`RegexPiiDetector::new`] finds. It masks, and it hashes under a random
    /// key of its own: equal values have equal hashes only in texts of this redactor.
    #[must_use]
    pub fn new() -> Self {
        Self {
            detector: RegexPiiDetector::new(),
            default: RedactionStrategy::Mask,
            own: BTreeMap::new(),
            hashing: Hashing::random(),
            vault: None,
        }
    }

    /// What is put in the place of values whose category has no strategy of its own.
    #[must_use]
    pub fn with_default_strategy(self, default: RedactionStrategy) -> Self {
        Self { default, ..self }
    }

    /// What is put in the place of values of `category`, whatever the default.
    #[must_use]
    pub fn with_strategy(mut self, category: PiiCategory, strategy: RedactionStrategy) -> Self {
        self.own.insert(category, strategy);
        self
    }

    /// What finds the values in [`redact`](PiiRedactor::redact).
    #[must_use]
    pub fn with_detector(self, detector: RegexPiiDetector) -> Self {
        Self { detector, ..self }
    }

    /// The key of [`RedactionStrategy::Hash`] (HMAC-SHA-256). Whoever has it can find out by
    /// trying which value a hash stands for, so its memory is overwritten when it is dropped; give
    /// it as [`Zeroizing`] and no other copy stays behind.
    #[must_use]
    pub fn with_hash_key(self, key: impl Into<Zeroizing<[u8; 32]>>) -> Self {
        Self { hashing: Hashing::Keyed(key.into()), ..self }
    }

    /// Hashes by plain SHA-256 without a key, as older systems do. This hides nothing of a short
    /// value: all Social Security Numbers are hashed and compared in seconds.
    #[must_use]
    pub fn with_weak_unkeyed_sha256(self) -> Self {
        Self { hashing: Hashing::WeakUnkeyed, ..self }
    }

    /// What keeps the values of [`RedactionStrategy::Tokenize`]; the service that restores them
    /// needs the same one. A redactor with that strategy is not ready without.
    #[must_use]
    pub fn with_token_vault(self, vault: Arc<TokenVault>) -> Self {
        Self { vault: Some(vault), ..self }
    }

    fn strategy(&self, found: &PiiDetection, default: RedactionStrategy) -> RedactionStrategy {
        self.own.get(&found.category).copied().unwrap_or(default)
    }

    /// The placeholders of those `detections` whose values are kept, in their order.
    async fn placeholders(
        &self,
        scope: &TokenScope,
        text: &str,
        detections: &[PiiDetection],
    ) -> Result<Vec<Option<Placeholder>>, SecurityError> {
        let Some(vault) = &self.vault else { return Ok(Vec::new()) };
        let is_kept = |found: &&PiiDetection| {
            self.strategy(found, self.default) == RedactionStrategy::Tokenize
        };
        let kept = detections.iter().filter(is_kept);
        let values: Option<Vec<_>> =
            kept.map(|found| Some((&found.category, text.get(found.span.clone())?))).collect();
        let values = values.ok_or_else(outside)?;
        if values.is_empty() { Ok(Vec::new()) } else { Ok(vault.tokenize(scope, &values).await?) }
    }

    /// `placeholders` are those of the values that are kept, in their order.
    fn replace(
        &self,
        text: &str,
        detections: &[PiiDetection],
        default: RedactionStrategy,
        placeholders: Vec<Option<Placeholder>>,
    ) -> Result<String, SecurityError> {
        let mut placeholders = placeholders.into_iter();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for found in detections {
            let before = text.get(at..found.span.start).ok_or_else(outside)?;
            let value = text.get(found.span.clone()).ok_or_else(outside)?;
            out.push_str(before);
            match self.strategy(found, default) {
                RedactionStrategy::Remove => {}
                RedactionStrategy::Hash => self.hashing.write(&mut out, value)?,
                RedactionStrategy::Replace => out.push_str(&found.category.placeholder()),
                RedactionStrategy::PartialMask => mark::write_partial(&mut out, value),
                RedactionStrategy::Tokenize => match placeholders.next().flatten() {
                    Some(placeholder) => out.push_str(&placeholder.to_string()),
                    None => out.push_str(&found.category.placeholder()),
                },
                // A strategy of a later version hides at least as much as this one.
                _ => out.push_str(mark::MASK),
            }
            at = found.span.end;
        }
        out.push_str(text.get(at..).ok_or_else(outside)?);
        Ok(out)
    }
}

impl RegexPiiRedactor {
    /// `text` without what its redaction has made findable, unless it is `left` on purpose.
    fn settle(
        &self,
        mut text: String,
        default: RedactionStrategy,
        left: &HashSet<&str>,
    ) -> Result<String, SecurityError> {
        // What `Remove` joins may make a value; the last time it is not joined.
        for round in 1..=MAX_ROUNDS {
            let mut more = self.detector.find(&text);
            more.retain(|found| text.get(found.span.clone()).is_none_or(|it| !left.contains(it)));
            if more.is_empty() {
                break;
            }
            text = if round < MAX_ROUNDS {
                self.replace(&text, &more, default, Vec::new())?
            } else {
                self.masked(&text, &more)?
            };
        }
        Ok(text)
    }

    /// `redacted`, which is `text` without `detections`, without what that brought together.
    fn without_joined(
        &self,
        text: &str,
        detections: &[PiiDetection],
        redacted: String,
    ) -> Result<String, SecurityError> {
        let is_joined =
            |found: &PiiDetection| self.strategy(found, self.default) == RedactionStrategy::Remove;
        if !detections.iter().any(is_joined) {
            return Ok(redacted);
        }
        // What is found beside `detections` is to stay: whoever detected them has let it pass.
        let seen = self.detector.find(text);
        let is_left = |seen: &&PiiDetection| {
            let next = detections.partition_point(|found| found.span.end <= seen.span.start);
            detections.get(next).is_none_or(|found| found.span.start >= seen.span.end)
        };
        let left = seen.iter().filter(is_left).filter_map(|seen| text.get(seen.span.clone()));
        self.settle(redacted, self.default, &left.collect())
    }

    /// `text` with a mark in the place of each of `detections`, whatever their strategies.
    fn masked(&self, text: &str, detections: &[PiiDetection]) -> Result<String, SecurityError> {
        let masking = Self { own: BTreeMap::new(), ..self.clone() };
        masking.replace(text, detections, RedactionStrategy::Mask, Vec::new())
    }
}

impl Default for RegexPiiRedactor {
    fn default() -> Self {
        Self::new()
    }
}

fn outside() -> SecurityError {
    SecurityError::Invalid {
        field: "detections",
        found: "a span outside the text".to_owned(),
        expected: "sorted spans on character boundaries, without overlaps",
    }
}

fn no_vault() -> SecurityError {
    SecurityError::Unusable {
        engine: "PII redactor",
        reason: "`tokenize` keeps values and has nowhere to: give a vault by `with_token_vault`"
            .to_owned(),
    }
}

impl Engine for RegexPiiRedactor {
    fn ready(&self) -> Result<(), SecurityError> {
        let tokenizes = || {
            let mut all = self.own.values().chain([&self.default]);
            all.any(|strategy| *strategy == RedactionStrategy::Tokenize)
        };
        match self.hashing {
            Hashing::NoKey => Err(no_key()),
            _ if self.vault.is_none() && tokenizes() => Err(no_vault()),
            _ => Ok(()),
        }
    }

    fn fingerprint(&self) -> String {
        let mut print = Fingerprint::new("redact");
        print.add(self.default.as_str());
        print.add_count(self.own.len());
        for (category, strategy) in &self.own {
            print.add(category.as_str());
            print.add(strategy.as_str());
        }
        print.add(self.hashing.as_str());
        print.add(&self.detector.fingerprint());
        print.finish()
    }
}

#[async_trait]
impl PiiRedactor for RegexPiiRedactor {
    async fn redact(
        &self,
        text: &str,
        strategy: RedactionStrategy,
    ) -> Result<Redaction, SecurityError> {
        let detections = self.detector.find(text);
        let redacted = self.replace(text, &detections, strategy, Vec::new())?;
        let settled = if detections.is_empty() {
            redacted
        } else {
            self.settle(redacted, strategy, &HashSet::new())?
        };
        Ok(Redaction::new(settled, detections))
    }

    async fn apply(
        &self,
        text: &str,
        detections: &[PiiDetection],
    ) -> Result<String, SecurityError> {
        let redacted = self.replace(text, detections, self.default, Vec::new())?;
        self.without_joined(text, detections, redacted)
    }

    async fn apply_in(
        &self,
        scope: &TokenScope,
        text: &str,
        detections: &[PiiDetection],
    ) -> Result<String, SecurityError> {
        let placeholders = self.placeholders(scope, text, detections).await?;
        let redacted = self.replace(text, detections, self.default, placeholders)?;
        self.without_joined(text, detections, redacted)
    }
}

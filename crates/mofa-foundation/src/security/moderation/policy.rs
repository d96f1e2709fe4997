//! Which phrases mean what, for one tenant.
//!
//! # Invariants
//! Of a phrase that is listed twice the harsher meaning holds. An exception excuses what lies within
//! it and nothing beside it, in whole texts and in streams alike.
//!
//! # Failure
//! Phrases that are empty, too long or too many: the policy does not compile.

use crate::security::exceptions;
use crate::security::fingerprint::Fingerprint;
use mofa_runtime::security::{SecurityError, Verdict};
use mofa_scan::keyword::{KeywordId, KeywordMatch, KeywordScanner};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// The category of phrases that were given none.
const UNNAMED: Cow<'static, str> = Cow::Borrowed("keyword");

/// Phrases and what they mean, for one tenant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct ContentPolicy {
    phrases: Vec<ListedPhrase>,
    /// How many phrases each category has.
    counts: BTreeMap<Cow<'static, str>, usize>,
    /// Phrases in which nothing counts.
    allowed: Vec<String>,
}

/// A phrase of a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ListedPhrase {
    pub(super) phrase: String,
    pub(super) category: Cow<'static, str>,
    pub(super) verdict: Verdict,
    /// `CATEGORY.N`: names the phrase in records, where the phrase itself may not stand.
    pub(super) rule: Cow<'static, str>,
}

impl ContentPolicy {
    /// A policy that allows everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Blocks what has `phrase` in it.
    pub fn block(self, phrase: impl Into<String>) -> Self {
        self.with(UNNAMED, phrase, Verdict::Block)
    }

    /// Flags what has `phrase` in it.
    pub fn flag(self, phrase: impl Into<String>) -> Self {
        self.with(UNNAMED, phrase, Verdict::Flag)
    }

    /// Makes an exception: a match that lies within `phrase` does not count. Case and white space
    /// are folded as in listed phrases. At most [`MAX_ALLOWED`](crate::security::MAX_ALLOWED).
    ///
    /// # Example
    /// ```
    /// use mofa_foundation::security::{ContentPolicy, KeywordModerator};
    /// use mofa_runtime::security::{TenantId, Verdict};
    ///
    /// let policy = ContentPolicy::new().block("kill").allow("kill -9").allow("kill switch");
    /// let moderator = KeywordModerator::new().with_policy(policy);
    /// let judge = |text: &str| moderator.judge(&TenantId::default(), text);
    /// assert_eq!(judge("Press the kill  switch.")?.verdict, Verdict::Allow);
    /// assert_eq!(judge("They kill.")?.verdict, Verdict::Block);
    /// # Ok::<(), mofa_runtime::security::SecurityError>(())
    /// ```
    pub fn allow(mut self, phrase: impl Into<String>) -> Self {
        self.allowed.push(phrase.into());
        self
    }

    /// Whether it blocks and flags nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.phrases.is_empty()
    }

    /// Says what `phrase` means, and the kind of harm that it does.
    pub fn with(
        mut self,
        category: impl Into<Cow<'static, str>>,
        phrase: impl Into<String>,
        verdict: Verdict,
    ) -> Self {
        let category = category.into();
        let count = self.counts.entry(category.clone()).or_default();
        let rule = format!("{category}.{count}").into();
        *count += 1;
        self.phrases.push(ListedPhrase { phrase: phrase.into(), category, verdict, rule });
        self
    }

    /// Adds all that it says, in the order in which it was said: that numbers the phrases.
    pub(super) fn add_to(&self, print: &mut Fingerprint) {
        print.add_count(self.phrases.len());
        for ListedPhrase { phrase, category, verdict, rule: _ } in &self.phrases {
            print.add(phrase);
            print.add(category);
            print.add(verdict.as_str());
        }
        print.add_all(&self.allowed);
    }

    /// The harshest meaning of each phrase, ready to be looked for.
    pub(super) fn compile(&self) -> Result<Compiled, SecurityError> {
        let mut harshest: BTreeMap<String, usize> = BTreeMap::new();
        for (index, listed) in self.phrases.iter().enumerate() {
            let slot = harshest.entry(listed.phrase.to_lowercase()).or_insert(index);
            if self.phrases.get(*slot).is_some_and(|other| listed.verdict > other.verdict) {
                *slot = index;
            }
        }
        let mut scanner = KeywordScanner::builder();
        let mut phrases = Vec::with_capacity(harshest.len());
        for index in harshest.into_values() {
            let Some(listed) = self.phrases.get(index) else { continue };
            let id = KeywordId(u32::try_from(phrases.len()).unwrap_or(u32::MAX));
            scanner = scanner.add(listed.phrase.clone(), id);
            phrases.push(listed.clone());
        }
        let unusable = |reason| SecurityError::Unusable { engine: "keyword moderator", reason };
        let scanner = scanner.build().map_err(|error| unusable(error.to_string()))?;
        let exceptions = exceptions::compile(&self.allowed).map_err(unusable)?;
        Ok(Compiled { scanner, exceptions, phrases })
    }
}

/// A policy, ready to be looked for.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    scanner: KeywordScanner,
    exceptions: Option<KeywordScanner>,
    pub(super) phrases: Vec<ListedPhrase>,
}

impl Compiled {
    /// The listed phrases in `text` that count.
    pub(super) fn find(&self, text: &str) -> Vec<KeywordMatch> {
        let mut found = Vec::new();
        self.scanner.scan(text, &mut found);
        if let Some(exceptions) = self.exceptions.as_ref().filter(|_| !found.is_empty()) {
            let cover = exceptions.cover(text);
            if !cover.is_empty() {
                // Once more: a match that was found may have hidden one that it overlaps.
                found.clear();
                self.scanner.scan_outside(text, &cover, &mut found);
            }
        }
        found
    }

    /// How many bytes at the end of `text`, at least `least`, are not decided yet.
    pub(super) fn open_tail(&self, text: &str, least: usize) -> usize {
        match &self.exceptions {
            None => self.scanner.open_tail(text).max(least),
            Some(exceptions) => self.scanner.open_tail_except(exceptions, text, least),
        }
    }

    /// Whether it has exceptions.
    pub(super) fn has_exceptions(&self) -> bool {
        self.exceptions.is_some()
    }
}

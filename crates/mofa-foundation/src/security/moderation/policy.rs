//! Which phrases mean what, for one tenant.

use mofa_runtime::security::{SecurityError, Verdict};
use mofa_scan::keyword::{KeywordId, KeywordScanner};
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
        let scanner = scanner.build().map_err(|error| SecurityError::Unusable {
            engine: "keyword moderator",
            reason: error.to_string(),
        })?;
        Ok(Compiled { scanner, phrases })
    }
}

/// A policy, ready to be looked for.
#[derive(Debug, Clone)]
pub(super) struct Compiled {
    pub(super) scanner: KeywordScanner,
    pub(super) phrases: Vec<ListedPhrase>,
}

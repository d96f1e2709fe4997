//! What is looked for and taken out: categories, patterns and strategies that fit one another.
//!
//! # Invariants
//! Nothing here is without effect: a strategy is for a category that is looked for, and a pattern
//! is used. Each pattern is compiled once, and once more where one of them is wrong.

use crate::config::PiiSettings;
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::raw::{RawPattern, RawPii, RawStrategy, nearest};
use crate::security::{PiiCategory, RedactionStrategy, RegexPiiDetector, SecurityError};
use mofa_scan::pii::PiiScanner;
use std::collections::BTreeSet;
use toml::Spanned;

const CATEGORIES: &str = "security.pii.categories";

/// How personal data is found and taken out.
pub(super) fn check(source: &Source<'_>, raw: &RawPii) -> Result<PiiSettings, ConfigError> {
    let mut check = Check { source, known: BTreeSet::new(), wanted: BTreeSet::new() };
    let builtin = PiiScanner::default();
    check.known.extend(builtin.rules().iter().map(|rule| rule.category.to_string()));
    let patterns = check.patterns(&raw.patterns)?;
    let mut categories = Vec::with_capacity(raw.categories.len());
    for name in &raw.categories {
        categories.push(check.known(CATEGORIES, name)?);
        check.wanted.insert(name.get_ref().clone());
    }
    for pattern in &raw.patterns {
        check.is_wanted(&pattern.category, "its pattern is never used")?;
    }
    let mut strategies = Vec::with_capacity(raw.strategies.len());
    for (name, strategy) in &raw.strategies {
        let category = check.known("security.pii.strategies", name)?;
        check.is_wanted(name, "its strategy is never used")?;
        strategies.push((category, redaction(*strategy)));
    }
    let default = PiiSettings::default();
    let strategy = raw.strategy.as_ref().map_or(default.strategy, |it| redaction(*it.get_ref()));
    let luhn = raw.luhn.unwrap_or(default.luhn);
    Ok(PiiSettings { categories, strategy, strategies, patterns, luhn })
}

struct Check<'a> {
    source: &'a Source<'a>,
    /// The categories that have a rule.
    known: BTreeSet<String>,
    /// Those that are looked for; all if empty.
    wanted: BTreeSet<String>,
}

/// A category, a rule and its regular expression.
type Pattern = (PiiCategory, String, String);

impl Check<'_> {
    /// The patterns; their categories are known from now on.
    fn patterns(&mut self, raw: &[RawPattern]) -> Result<Vec<Pattern>, ConfigError> {
        let mut patterns = Vec::with_capacity(raw.len());
        for pattern in raw {
            let category = self.category("security.pii.patterns.category", &pattern.category)?;
            if pattern.rule.get_ref().is_empty() {
                let key = "security.pii.patterns.rule";
                return Err(self.source.value(&pattern.rule.span(), key, "a name, found none"));
            }
            self.known.insert(pattern.category.get_ref().clone());
            patterns.push((
                category,
                pattern.rule.get_ref().clone(),
                pattern.regex.get_ref().clone(),
            ));
        }
        let Err(error) = compile(&patterns) else { return Ok(patterns) };
        // Which one is wrong shows alone; if none is, they are too many.
        let alone = raw.iter().zip(&patterns).find_map(|(raw, pattern)| {
            let error = compile(std::slice::from_ref(pattern)).err()?;
            let is_filled = self.source.is_filled(&raw.regex) || self.source.is_filled(&raw.rule);
            let error = if is_filled {
                "what a variable stands for there is none".to_owned()
            } else {
                error.to_string()
            };
            Some((raw.regex.span(), error))
        });
        let last = || raw.last().map_or(0..0, |raw| raw.regex.span());
        let (span, error) = alone.unwrap_or_else(|| (last(), error.to_string()));
        let expected = format!("a usable pattern, but {error}");
        Err(self.source.value(&span, "security.pii.patterns.regex", expected))
    }

    fn category(&self, key: &str, name: &Spanned<String>) -> Result<PiiCategory, ConfigError> {
        let expected = "a category: 1 to 64 of `a-z`, `0-9` and `_`";
        let wrong = |_| self.source.value(&name.span(), key, expected);
        PiiCategory::new(name.get_ref().clone()).map_err(wrong)
    }

    /// A category that some rule has.
    fn known(&self, key: &str, name: &Spanned<String>) -> Result<PiiCategory, ConfigError> {
        let category = self.category(key, name)?;
        if self.known.contains(name.get_ref()) {
            return Ok(category);
        }
        let known: Vec<String> = self.known.iter().cloned().collect();
        let expected = format!(
            "a category that has a rule, and `{}` has none; {}",
            self.source.written(name),
            nearest(name.get_ref(), &known)
        );
        Err(self.source.value(&name.span(), key, expected))
    }

    /// What is said of a category has an effect.
    fn is_wanted(&self, name: &Spanned<String>, otherwise: &str) -> Result<(), ConfigError> {
        if self.wanted.is_empty() || self.wanted.contains(name.get_ref()) {
            return Ok(());
        }
        let category = self.source.written(name);
        let reason = format!("`{CATEGORIES}` does not list `{category}`: add it, or {otherwise}");
        Err(self.source.error(&name.span(), Problem::Conflict { reason }))
    }
}

/// Whether a detector can be made with `patterns`.
fn compile(patterns: &[Pattern]) -> Result<(), SecurityError> {
    let all = RegexPiiDetector::builder();
    let all = patterns
        .iter()
        .fold(all, |all, (category, rule, regex)| all.with_pattern(category, rule, regex));
    all.build().map(|_| ())
}

fn redaction(strategy: RawStrategy) -> RedactionStrategy {
    match strategy {
        RawStrategy::Mask => RedactionStrategy::Mask,
        RawStrategy::Hash => RedactionStrategy::Hash,
        RawStrategy::Remove => RedactionStrategy::Remove,
        RawStrategy::Replace => RedactionStrategy::Replace,
        RawStrategy::PartialMask => RedactionStrategy::PartialMask,
        RawStrategy::Tokenize => RedactionStrategy::Tokenize,
    }
}

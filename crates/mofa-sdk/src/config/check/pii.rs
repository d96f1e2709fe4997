//! What is looked for and taken out: categories, patterns and strategies that fit one another.
//!
//! # Invariants
//! Nothing here is without effect: a strategy is for a category that is looked for, and a pattern
//! is used.

mod detection;
mod own;

use super::named;
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::raw::{RawPattern, RawPii, RawStrategy, RawTenant, nearest};
use crate::config::{DetectionSettings, PiiSettings, TenantPiiSettings};
use crate::security::{PiiCategory, RedactionStrategy, TenantId};
use detection::Written;
use mofa_scan::pii::PiiScanner;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;

const CATEGORIES: &str = "security.pii.categories";

/// How personal data is found and taken out.
pub(super) fn check(
    source: &Source<'_>,
    raw: &RawPii,
    tenants: &BTreeMap<Spanned<String>, RawTenant>,
) -> Result<PiiSettings, ConfigError> {
    let is_chosen = !raw.categories.is_empty();
    let mut check = Check { source, known: BTreeSet::new(), wanted: BTreeSet::new(), is_chosen };
    let builtin = PiiScanner::default();
    check.known.extend(builtin.rules().iter().map(|rule| rule.category.to_string()));
    let usual = builtin.rules().iter().filter(|rule| builtin.is_on(rule));
    check.wanted.extend(usual.map(|rule| rule.category.to_string()));
    let with_own = tenants.iter().filter_map(|(name, tenant)| Some((name, tenant.pii.as_ref()?)));
    let with_own: Vec<_> = with_own.collect();
    let of_tenants = with_own.iter().flat_map(|(_, own)| &own.patterns);
    check.categories_of(raw.patterns.iter().chain(of_tenants.clone()))?;
    let own = own::check(source, "security.pii", &raw.patterns, &raw.allowed)?;
    let mut categories = Vec::with_capacity(raw.categories.len());
    if is_chosen {
        check.wanted.clear();
    }
    for name in &raw.categories {
        categories.push(check.known(CATEGORIES, name)?);
        check.wanted.insert(name.get_ref().clone());
    }
    for pattern in raw.patterns.iter().chain(of_tenants) {
        if !is_chosen {
            check.wanted.insert(pattern.category.get_ref().clone());
        }
        check.is_wanted(&pattern.category, "its pattern is never used")?;
    }
    let detection = Written::of("security.pii", raw);
    let detection = detection.check(source, &DetectionSettings::default())?;
    let mut settings_of_tenants = Vec::with_capacity(with_own.len());
    for (name, raw) in with_own {
        let path = format!("tenants.{}.pii", source.written(name));
        let own = own::check(source, &path, &raw.patterns, &raw.allowed)?;
        let detection = Written::of_tenant(&path, raw).check(source, &detection)?;
        let tenant = named(source, "tenants", name, |name| TenantId::new(name))?;
        settings_of_tenants.push((tenant, TenantPiiSettings { own, detection }));
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
    let tenants = settings_of_tenants;
    Ok(PiiSettings { categories, detection, strategy, strategies, own, tenants, luhn })
}

struct Check<'a> {
    source: &'a Source<'a>,
    /// The categories that have a rule.
    known: BTreeSet<String>,
    /// Those that are looked for.
    wanted: BTreeSet<String>,
    /// Whether the file says which.
    is_chosen: bool,
}

impl Check<'_> {
    /// The categories of `patterns` are known from now on.
    fn categories_of<'a>(
        &mut self,
        patterns: impl Iterator<Item = &'a RawPattern>,
    ) -> Result<(), ConfigError> {
        for pattern in patterns {
            self.category("security.pii.patterns.category", &pattern.category)?;
            self.known.insert(pattern.category.get_ref().clone());
        }
        Ok(())
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
        if self.wanted.contains(name.get_ref()) {
            return Ok(());
        }
        let category = self.source.written(name);
        let reason = if self.is_chosen {
            format!("`{CATEGORIES}` does not list `{category}`: add it, or {otherwise}")
        } else {
            format!("`{category}` is off unless `{CATEGORIES}` lists it, so {otherwise}")
        };
        Err(self.source.error(&name.span(), Problem::Conflict { reason }))
    }
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

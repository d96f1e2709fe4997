//! What is looked for and taken out: categories, patterns and strategies that fit one another.
//!
//! # Invariants
//! Nothing here is without effect: a strategy is for a category that is looked for, and a pattern
//! is used.

mod detection;
mod own;

use super::named;
use crate::config::error::{ConfigError, Problem, Source};
use crate::config::raw::{RawPattern, RawPii, RawStrategy, RawTenant, RawTenantPii, nearest};
use crate::config::{DetectionSettings, PiiSettings, TenantPiiSettings};
use crate::security::{PiiCategory, RedactionStrategy, TenantId};
use detection::Written;
use mofa_scan::Rule;
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
    let with_own = tenants.iter().filter_map(|(name, tenant)| Some((name, tenant.pii.as_ref()?)));
    let with_own: Vec<_> = with_own.collect();
    let patterns = raw.patterns.iter().chain(with_own.iter().flat_map(|(_, own)| &own.patterns));
    let mut check = Check::new(source, !raw.categories.is_empty());
    check.categories_of(patterns.clone())?;
    let own = own::check(source, "security.pii", &raw.patterns, &raw.allowed, &[])?;
    let categories = check.chosen(&raw.categories, patterns)?;
    let detection = Written::of("security.pii", raw);
    let detection = detection.check(source, &DetectionSettings::default())?;
    let of_tenant = |(name, its): (&Spanned<String>, &RawTenantPii)| {
        let path = format!("tenants.{}.pii", source.written(name));
        let own = own::check(source, &path, &its.patterns, &its.allowed, &raw.patterns)?;
        let detection = Written::of_tenant(&path, its).check(source, &detection)?;
        let tenant = named(source, "tenants", name, |name| TenantId::new(name))?;
        Ok((tenant, TenantPiiSettings { own, detection }))
    };
    let tenants = with_own.into_iter().map(of_tenant).collect::<Result<_, ConfigError>>()?;
    let mut strategies = Vec::with_capacity(raw.strategies.len());
    for (name, strategy) in &raw.strategies {
        let category = check.known("security.pii.strategies", name)?;
        check.is_wanted(name, "its strategy is never used")?;
        strategies.push((category, redaction(*strategy)));
    }
    let default = PiiSettings::default();
    let strategy = raw.strategy.as_ref().map_or(default.strategy, |it| redaction(*it.get_ref()));
    let luhn = raw.luhn.unwrap_or(default.luhn);
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

impl<'a> Check<'a> {
    /// With what is built in.
    fn new(source: &'a Source<'a>, is_chosen: bool) -> Self {
        let builtin = PiiScanner::default();
        let names = |is_on: &dyn Fn(&Rule) -> bool| {
            let rules = builtin.rules().iter().filter(|rule| is_on(rule));
            rules.map(|rule| rule.category.to_string()).collect::<BTreeSet<_>>()
        };
        let usual = if is_chosen { BTreeSet::new() } else { names(&|rule| builtin.is_on(rule)) };
        Self { source, known: names(&|_| true), wanted: usual, is_chosen }
    }

    /// The categories that are listed; those of `patterns` are among them, or none is.
    fn chosen<'p>(
        &mut self,
        listed: &[Spanned<String>],
        patterns: impl Iterator<Item = &'p RawPattern>,
    ) -> Result<Vec<PiiCategory>, ConfigError> {
        let mut categories = Vec::with_capacity(listed.len());
        for name in listed {
            categories.push(self.known(CATEGORIES, name)?);
            self.wanted.insert(name.get_ref().clone());
        }
        for pattern in patterns {
            if !self.is_chosen {
                self.wanted.insert(pattern.category.get_ref().clone());
            }
            self.is_wanted(&pattern.category, "its pattern is never used")?;
        }
        Ok(categories)
    }

    /// The categories of `patterns` are known from now on.
    fn categories_of<'p>(
        &mut self,
        patterns: impl Iterator<Item = &'p RawPattern>,
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

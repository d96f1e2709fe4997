//! Collects what a detector is to find: [`PiiDetectorBuilder`].

use super::{RegexPiiDetector, Rules, unusable};
use mofa_runtime::security::{PiiCategory, SecurityError, TenantId};
use mofa_scan::pii::{CustomRule, Exception, PiiScannerBuilder};
use std::collections::HashMap;

/// Collects what a detector is to find.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct PiiDetectorBuilder {
    pub(super) scanner: PiiScannerBuilder,
    pub(super) tenants: Vec<(TenantId, PiiScannerBuilder)>,
}

impl PiiDetectorBuilder {
    /// Only these categories, those that are off unless chosen too: `postal_address` and
    /// `person_name`, which are guesses.
    pub fn only(self, categories: impl IntoIterator<Item = PiiCategory>) -> Self {
        let names = categories.into_iter().map(|category| category.as_str().to_owned());
        Self { scanner: self.scanner.only(names), ..self }
    }

    /// Also what matches `regex`, a regular expression in the syntax of the crate `regex`.
    /// `rule` names it in records.
    pub fn with_pattern(
        self,
        category: &PiiCategory,
        rule: impl Into<String>,
        regex: impl Into<String>,
    ) -> Self {
        self.with_rule(CustomRule::new(category.as_str(), rule, regex))
    }

    /// Also what `rule` finds.
    pub fn with_rule(self, rule: CustomRule) -> Self {
        Self { scanner: self.scanner.with_rule(rule), ..self }
    }

    /// Ids and phone numbers of these countries only (ISO 3166-1, two letters in either case), or
    /// of every one for `all`. Unless set, ids of every country, and phone numbers with a country
    /// code, of North America, or behind a word for one.
    pub fn with_countries<S: Into<String>>(self, codes: impl IntoIterator<Item = S>) -> Self {
        Self { scanner: self.scanner.with_countries(codes), ..self }
    }

    /// Whether values are found too that are written so that only a person or a model sees them:
    /// in escapes, encoded, in characters that look like others, spelled out. Off unless switched
    /// on. What is found there is reported, and taken out, with all that hides it.
    ///
    /// ```
    /// use mofa_foundation::security::RegexPiiDetector;
    ///
    /// let detector = RegexPiiDetector::builder().with_layers(true).build()?;
    /// let found = detector.find("write to am9obkBleGFtcGxlLmNvbQ==");
    /// assert_eq!((found[0].category.as_str(), found[0].span.clone()), ("email", 9..33));
    /// # Ok::<(), mofa_runtime::security::SecurityError>(())
    /// ```
    pub fn with_layers(self, enabled: bool) -> Self {
        Self { scanner: self.scanner.with_layers(enabled), ..self }
    }

    /// How sure a finding must be, from 0 to 1; 0.5 unless set.
    pub fn with_min_confidence(self, least: f32) -> Self {
        Self { scanner: self.scanner.with_min_confidence(least), ..self }
    }

    /// Lets a value stand wherever it is found as a whole.
    pub fn allow(self, exception: Exception) -> Self {
        Self { scanner: self.scanner.allow(exception), ..self }
    }

    /// For `tenant`, the rules of `own` in place of these. A later one for the same tenant takes
    /// the place of an earlier one; tenants of `own` are of no account. A rule of `own` may be one
    /// of these, but no other one under its name.
    pub fn for_tenant(mut self, tenant: TenantId, own: Self) -> Self {
        self.tenants.push((tenant, own.scanner));
        self
    }

    /// Whether a card number must pass the Luhn check; on unless switched off.
    pub fn with_luhn_validation(self, enabled: bool) -> Self {
        Self { scanner: self.scanner.with_luhn(enabled), ..self }
    }

    /// Makes the detector.
    ///
    /// # Errors
    /// [`SecurityError::Unusable`] if a pattern does not compile, matches the empty text or is
    /// too large, if a rule fails on its examples or has the name of another one, here or for a
    /// tenant, if an exception or a category's name does not
    /// hold together, if a category or a country has no rule, or if the least confidence is not
    /// from 0 to 1.
    pub fn build(self) -> Result<RegexPiiDetector, SecurityError> {
        for (tenant, own) in &self.tenants {
            check_names(&self.scanner, tenant, own)?;
        }
        let rules = Rules::build(self.scanner)?;
        let tenants = self.tenants.into_iter();
        let tenants = tenants.map(|(tenant, scanner)| Ok((tenant, Rules::build(scanner)?)));
        Ok(RegexPiiDetector { rules, tenants: tenants.collect::<Result<_, SecurityError>>()? })
    }
}

/// A record names a rule by its name alone: one that everybody has and one of `tenant` that share a
/// name are the same.
fn check_names(
    everybody: &PiiScannerBuilder,
    tenant: &TenantId,
    own: &PiiScannerBuilder,
) -> Result<(), SecurityError> {
    let common = everybody.custom_rules();
    let common: HashMap<&str, &CustomRule> = common.iter().map(|rule| (rule.id(), rule)).collect();
    let is_other = |rule: &&CustomRule| common.get(rule.id()).is_some_and(|other| other != rule);
    match own.custom_rules().iter().find(is_other) {
        None => Ok(()),
        Some(rule) => Err(unusable(format!(
            "rule `{}` of tenant `{tenant}`, for `{}`, has the name of another rule, for `{}`, that \
             everybody has",
            rule.id(),
            rule.category(),
            common.get(rule.id()).map_or("", |other| other.category()),
        ))),
    }
}

//! Collects what a detector is to find: [`PiiDetectorBuilder`].

use super::{RegexPiiDetector, Rules};
use mofa_runtime::security::{PiiCategory, SecurityError, TenantId};
use mofa_scan::pii::{CustomRule, Exception, PiiScannerBuilder};

/// Collects what a detector is to find.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct PiiDetectorBuilder {
    pub(super) scanner: PiiScannerBuilder,
    pub(super) tenants: Vec<(TenantId, PiiScannerBuilder)>,
}

impl PiiDetectorBuilder {
    /// Only these categories.
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

    /// Lets a value stand wherever it is found as a whole.
    pub fn allow(self, exception: Exception) -> Self {
        Self { scanner: self.scanner.allow(exception), ..self }
    }

    /// For `tenant`, the rules of `own` in place of these. A later one for the same tenant takes
    /// the place of an earlier one; tenants of `own` are of no account.
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
    /// too large, if a rule fails on its examples, if an exception or a category's name does not
    /// hold together, or if a category has no rule.
    pub fn build(self) -> Result<RegexPiiDetector, SecurityError> {
        let rules = Rules::build(self.scanner)?;
        let tenants = self.tenants.into_iter();
        let tenants = tenants.map(|(tenant, scanner)| Ok((tenant, Rules::build(scanner)?)));
        Ok(RegexPiiDetector { rules, tenants: tenants.collect::<Result<_, SecurityError>>()? })
    }
}

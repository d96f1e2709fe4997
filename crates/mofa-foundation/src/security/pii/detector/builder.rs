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
    /// hold together, if a category or a country has no rule, or if the least confidence is not
    /// from 0 to 1.
    pub fn build(self) -> Result<RegexPiiDetector, SecurityError> {
        let rules = Rules::build(self.scanner)?;
        let tenants = self.tenants.into_iter();
        let tenants = tenants.map(|(tenant, scanner)| Ok((tenant, Rules::build(scanner)?)));
        Ok(RegexPiiDetector { rules, tenants: tenants.collect::<Result<_, SecurityError>>()? })
    }
}

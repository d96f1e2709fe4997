//! Builds a [`PiiScanner`]: which categories, whose patterns, with or without Luhn.

use std::borrow::Cow;
use std::collections::HashMap;

use super::PiiScanner;
use super::allow::{AllowList, Exception};
use super::builtin::{self, CATEGORIES, COUNT, Enabled};
use super::country::Places;
use super::custom::{CustomPattern, CustomRule};
use super::pass::Settings;
use crate::{Rule, RuleId, ScanError};

/// The most custom patterns one scanner takes.
const MAX_PATTERNS: usize = 1024;

/// Builds a [`PiiScanner`].
///
/// ```
/// use mofa_scan::pii::PiiScanner;
///
/// let scanner = PiiScanner::builder()
///     .with_pattern("employee_id", "acme.badge", r"\bACME-\d{6}\b")
///     .only(["email", "employee_id"])
///     .build()?;
/// let mut findings = Vec::new();
/// scanner.scan("ACME-004711 signed in from 10.0.0.1", &mut findings);
/// assert_eq!(findings.len(), 1);
/// assert_eq!(scanner.rule(findings[0].rule).id, "acme.badge");
/// # Ok::<(), mofa_scan::ScanError>(())
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct PiiScannerBuilder {
    only: Option<Vec<String>>,
    countries: Option<Vec<String>>,
    patterns: Vec<CustomRule>,
    settings: Settings,
    allowed: Vec<Exception>,
}

impl PiiScannerBuilder {
    /// Keeps only the rules of these categories, built-in and custom; a second call replaces the
    /// first.
    pub fn only<I, S>(mut self, categories: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        self.only = Some(categories.into_iter().map(Into::into).collect());
        self
    }

    /// Looks for the ids of these countries only, for those that no country issues, and for phone
    /// numbers as they are written in these countries; a second call replaces the first. Codes are
    /// those of ISO 3166-1, two letters in either case, or `all`.
    ///
    /// Unless set, the ids of every country are looked for, and of phone numbers only those with a
    /// country code, those of North America, and what stands behind a word such as "phone".
    ///
    /// ```
    /// use mofa_scan::pii::PiiScanner;
    ///
    /// let scanner = PiiScanner::builder().with_countries(["es", "pt"]).build()?;
    /// let mut findings = Vec::new();
    /// scanner.scan("DNI 12345678Z, codice fiscale RSSMRA85T10A562S", &mut findings);
    /// assert_eq!(scanner.rule(findings[0].rule).issuer, "ES");
    /// assert_eq!(findings.len(), 1);
    ///
    /// let scanner = PiiScanner::builder().with_countries(["all"]).build()?;
    /// scanner.scan("Tel. 030 1234567", &mut findings);
    /// assert_eq!(scanner.rule(findings[1].rule).id, "phone.national");
    /// # Ok::<(), mofa_scan::ScanError>(())
    /// ```
    pub fn with_countries<I, S>(mut self, codes: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        self.countries = Some(codes.into_iter().map(Into::into).collect());
        self
    }

    /// Adds a rule of the caller's: a regular expression in the syntax of the `regex` crate.
    ///
    /// In a stream, text is held back for as long as the longest possible match; a pattern
    /// without an upper bound (`a+`) holds back [`MAX_OPEN_TAIL`](crate::MAX_OPEN_TAIL) bytes.
    ///
    /// So that no text can make the search slow, the first 512 bytes of a match of such a pattern,
    /// or of one whose longest match is above `MAX_OPEN_TAIL`, must be a match themselves:
    /// `ACME-\d+` finds any number of digits, `BEGIN(?s:.)*END` only what ends within 512 bytes.
    /// For more write an upper bound: `BEGIN[ -~]{0,2000}END`. A search costs the more the higher
    /// that bound is.
    pub fn with_pattern(
        mut self,
        category: impl Into<String>,
        rule_name: impl Into<String>,
        regex: impl Into<String>,
    ) -> Self {
        self.patterns.push(CustomRule::new(category, rule_name, regex));
        self
    }

    /// Adds a rule of the caller's with all that belongs to it. Its pattern is searched as
    /// [`with_pattern`](Self::with_pattern) says.
    pub fn with_rule(mut self, rule: CustomRule) -> Self {
        self.patterns.push(rule);
        self
    }

    /// The caller's rules so far, in the order in which they were added.
    pub fn custom_rules(&self) -> &[CustomRule] {
        &self.patterns
    }

    /// Whether a card number must pass the Luhn check; on unless switched off.
    pub const fn with_luhn(mut self, luhn: bool) -> Self {
        self.settings.luhn = luhn;
        self
    }

    /// How sure a finding must be, from 0 to 1; 0.5 unless set. A number that fits the form and the
    /// check digit of an id, without a word before it that says so, is less sure than that.
    pub const fn with_min_confidence(mut self, min_confidence: f32) -> Self {
        self.settings.min_confidence = min_confidence;
        self
    }

    /// Lets a value stand wherever it is found as a whole.
    pub fn allow(mut self, exception: Exception) -> Self {
        self.allowed.push(exception);
        self
    }

    /// Whether what is hidden in other readings of a text is found too: escapes, encoded runs,
    /// look-alike characters, spelled-out forms; see [`layers`](crate::layers). Off unless switched
    /// on, because a number in another reading is more often a chance hit.
    ///
    /// ```
    /// use mofa_scan::pii::PiiScanner;
    ///
    /// let scanner = PiiScanner::builder().with_layers(true).build()?;
    /// let mut findings = Vec::new();
    /// scanner.scan("Write to am9obkBleGFtcGxlLmNvbQ== or call", &mut findings);
    /// assert_eq!((findings[0].start, findings[0].end), (9, 33));
    /// # Ok::<(), mofa_scan::ScanError>(())
    /// ```
    pub const fn with_layers(mut self, layers: bool) -> Self {
        self.settings.layers = layers;
        self
    }

    /// Compiles the scanner.
    ///
    /// # Errors
    ///
    /// [`ScanError`] if a custom pattern does not compile, is too large, can match the empty
    /// string, has no name, has the name of another rule or fails on its rule's examples, if there
    /// are more than 1024, if an exception does not hold together, if a category or a country is named that has no rule, or if
    /// the least confidence is not from 0 to 1.
    pub fn build(self) -> Result<PiiScanner, ScanError> {
        if self.patterns.len() > MAX_PATTERNS {
            let count = self.patterns.len();
            return Err(ScanError::TooManyPatterns { count, limit: MAX_PATTERNS });
        }
        self.check_categories()?;
        self.check_ids()?;
        if !(0.0..=1.0).contains(&self.settings.min_confidence) {
            let found = self.settings.min_confidence.to_string();
            return Err(ScanError::InvalidConfidence { found });
        }
        let places = self.countries.as_deref().map_or(Ok(Places::default()), Places::named)?;
        let chosen = CATEGORIES.iter().filter(|(name, _, usual)| self.wants(name, *usual));
        let enabled = chosen.fold(Enabled::none(), |all, (_, category, _)| all.with(*category));
        let mut rules = Vec::new();
        let mut compiled = Vec::new();
        for (pattern, number) in self.patterns.iter().zip(COUNT..) {
            let custom = CustomPattern::compile(pattern, RuleId(number), self.settings)?;
            rules.push(listed(pattern));
            if self.wants(&pattern.category, true) {
                compiled.push(custom);
            }
        }
        let settings = Settings { enabled, ..self.settings };
        let allowed = AllowList::compile(&self.allowed)?;
        Ok(PiiScanner::with_parts(settings, places, compiled, rules, allowed))
    }

    /// Whether rules of `category` are to find something; `usual` says so where nothing is chosen.
    fn wants(&self, category: &str, usual: bool) -> bool {
        self.only.as_ref().map_or(usual, |only| only.iter().any(|name| name == category))
    }

    /// A record names a rule by its id alone: no two rules may share one.
    fn check_ids(&self) -> Result<(), ScanError> {
        if self.patterns.is_empty() {
            return Ok(());
        }
        let named = builtin::rules().map(|rule| (rule.id.as_ref(), rule.category.as_ref()));
        let mut taken: HashMap<&str, &str> = named.collect();
        for CustomRule { id, category, .. } in &self.patterns {
            if let Some(other) = taken.insert(id, category) {
                let (name, category) = (id.clone(), category.clone());
                return Err(ScanError::RuleNameTaken {
                    name,
                    category,
                    taken_by: other.to_owned(),
                });
            }
        }
        Ok(())
    }

    fn check_categories(&self) -> Result<(), ScanError> {
        for pattern in &self.patterns {
            for (field, name) in [("category", &pattern.category), ("rule name", &pattern.id)] {
                if name.trim().is_empty() {
                    return Err(ScanError::EmptyName { field });
                }
            }
        }
        let known = || {
            let builtin = CATEGORIES.iter().map(|(name, ..)| *name);
            builtin.chain(self.patterns.iter().map(|pattern| pattern.category.as_str()))
        };
        match self.only.iter().flatten().find(|name| !known().any(|k| k == name.as_str())) {
            None => Ok(()),
            Some(name) => Err(ScanError::UnknownCategory {
                category: name.clone(),
                known: known().collect::<Vec<_>>().join(", "),
            }),
        }
    }
}

fn listed(custom: &CustomRule) -> Rule {
    Rule {
        id: Cow::Owned(custom.id.clone()),
        category: Cow::Owned(custom.category.clone()),
        kind: custom.kind,
        description: Cow::Owned(custom.description.clone()),
        issuer: Cow::Borrowed(""),
    }
}

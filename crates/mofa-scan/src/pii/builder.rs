//! Builds a [`PiiScanner`]: which categories, whose patterns, with or without Luhn.

use std::borrow::Cow;

use super::PiiScanner;
use super::builtin::{CATEGORIES, COUNT, Enabled};
use super::country::Countries;
use super::custom::CustomPattern;
use super::pass::Settings;
use crate::{Kind, Rule, RuleId, ScanError};

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
    patterns: Vec<Pattern>,
    settings: Settings,
}

#[derive(Debug, Clone)]
struct Pattern {
    category: String,
    name: String,
    text: String,
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

    /// Looks for the ids of these countries only, and for those that no country issues; a second
    /// call replaces the first. Codes are those of ISO 3166-1, two letters in either case.
    ///
    /// ```
    /// use mofa_scan::pii::PiiScanner;
    ///
    /// let scanner = PiiScanner::builder().with_countries(["es", "pt"]).build()?;
    /// let mut findings = Vec::new();
    /// scanner.scan("DNI 12345678Z, codice fiscale RSSMRA85T10A562S", &mut findings);
    /// assert_eq!(scanner.rule(findings[0].rule).issuer, "ES");
    /// assert_eq!(findings.len(), 1);
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

    /// Looks for the ids of every country there is a rule for; this is so unless
    /// [`with_countries`](Self::with_countries) says otherwise.
    pub fn with_all_countries(mut self) -> Self {
        self.countries = None;
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
        let (category, name, text) = (category.into(), rule_name.into(), regex.into());
        self.patterns.push(Pattern { category, name, text });
        self
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

    /// Compiles the scanner.
    ///
    /// # Errors
    ///
    /// [`ScanError`] if a custom pattern does not compile, is too large, can match the empty
    /// string or has no name, if there are more than 1024, or if a category or a country is named
    /// that has no rule.
    pub fn build(self) -> Result<PiiScanner, ScanError> {
        if self.patterns.len() > MAX_PATTERNS {
            let count = self.patterns.len();
            return Err(ScanError::TooManyPatterns { count, limit: MAX_PATTERNS });
        }
        self.check_categories()?;
        let countries =
            self.countries.as_deref().map_or(Ok(Countries::default()), Countries::named)?;
        let chosen = CATEGORIES.iter().filter(|(name, _, usual)| self.wants(name, *usual));
        let enabled = chosen.fold(Enabled::none(), |all, (_, category, _)| all.with(*category));
        let mut rules = Vec::new();
        let mut compiled = Vec::new();
        for (pattern, number) in self.patterns.iter().zip(COUNT..) {
            let custom = CustomPattern::compile(&pattern.name, &pattern.text, RuleId(number))?;
            rules.push(pattern.rule());
            if self.wants(&pattern.category, true) {
                compiled.push(custom);
            }
        }
        let settings = Settings { enabled, ..self.settings };
        Ok(PiiScanner::with_parts(settings, countries, compiled, rules))
    }

    /// Whether rules of `category` are to find something; `usual` says so where nothing is chosen.
    fn wants(&self, category: &str, usual: bool) -> bool {
        self.only.as_ref().map_or(usual, |only| only.iter().any(|name| name == category))
    }

    fn check_categories(&self) -> Result<(), ScanError> {
        for pattern in &self.patterns {
            for (field, name) in [("category", &pattern.category), ("rule name", &pattern.name)] {
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

impl Pattern {
    fn rule(&self) -> Rule {
        Rule {
            id: Cow::Owned(self.name.clone()),
            category: Cow::Owned(self.category.clone()),
            kind: Kind::Pii,
            description: Cow::Borrowed("custom pattern"),
            issuer: Cow::Borrowed(""),
        }
    }
}

//! Looks at one text with all content engines and says what each of them found: [`TextScanner`].
//!
//! `mofa scan` is its caller: here nobody asks for anything, so there is no subject, no permit and
//! no record. Programs that act on a text inspect it with a
//! [`SecurityService`](crate::security::SecurityService) instead.
//!
//! # Invariants
//! A finding never holds the text that was found. The verdict is
//! [`Block`](Verdict::Block) if the guard is suspicious or a listed phrase blocks,
//! [`Flag`](Verdict::Flag) if anything else was found, and [`Allow`](Verdict::Allow) if nothing
//! was. Time is linear in the text, and `k` findings add `k log k`.
//!
//! # Failure
//! [`SecurityError`] if a list or a threshold does not hold together; never because of a text.
//!
//! # Example
//! ```
//! use mofa_sdk::scan::{FindingKind, TextScanner};
//! use mofa_sdk::security::Verdict;
//!
//! let report = TextScanner::new().scan("Grüße an ann@example.org")?;
//! assert_eq!(report.verdict, Verdict::Flag);
//! let found = &report.findings[0];
//! assert_eq!((found.kind, found.rule.as_ref()), (FindingKind::Pii, "email.address"));
//! assert_eq!((found.chars.clone(), found.bytes.clone()), (9..24, 11..26));
//! # Ok::<(), mofa_sdk::security::SecurityError>(())
//! ```

mod number;
mod offsets;
mod report;
mod scope;

pub use report::{
    FindingKind, GuardReport, KnownRule, ModerationReport, Replacement, TextFinding, TextReport,
};
pub use scope::OnlyError;

use crate::config::{Config, PiiSettings};
use crate::deployment;
use crate::security::{
    KeywordModerator, PiiDetection, RegexPiiDetector, RegexPiiRedactor, RegexPromptGuard,
    SecurityError, TenantId,
};
use mofa_foundation::security::{Engine, PiiRedactor};
use mofa_scan::{Kind, Rule};
use number::Numbers;
use report::{phrase, signal, verdict};
use scope::Scope;
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Looks for everything at once.
#[derive(Debug, Clone)]
pub struct TextScanner {
    detector: RegexPiiDetector,
    redactor: RegexPiiRedactor,
    moderator: KeywordModerator,
    guard: RegexPromptGuard,
    /// What the detector is made of.
    settings: PiiSettings,
    /// Every rule that the detector knows, by its name.
    rules: BTreeMap<Cow<'static, str>, Rule>,
    /// The categories of personal data and secrets that are looked for, with what sort of thing
    /// each is.
    categories: Categories,
    /// Those that are not.
    off: Categories,
    scope: Scope,
}

type Categories = BTreeMap<Cow<'static, str>, Kind>;

impl TextScanner {
    /// A scanner with the built-in rules, the threshold 0.5 and no listed phrases, that replaces
    /// values by their category.
    #[must_use]
    pub fn new() -> Self {
        Self::over(RegexPiiDetector::new(), PiiSettings::default())
    }

    /// A scanner as [`new`](Self::new) makes one, that finds and replaces values as `settings` say.
    ///
    /// # Errors
    /// [`SecurityError`] if a pattern, a category or a country does not hold together.
    pub fn from_settings(settings: PiiSettings) -> Result<Self, SecurityError> {
        Ok(Self::over(deployment::detector_of(&settings)?, settings))
    }

    /// A scanner with the rules, lists and threshold of `config`. Which stages are switched on
    /// there does not matter: whoever scans wants to know.
    ///
    /// # Errors
    /// [`SecurityError`] if a pattern, a list or the threshold does not hold together.
    pub fn from_config(config: &Config) -> Result<Self, SecurityError> {
        let detector = deployment::detector(config)?;
        let redactor = deployment::redactor(config, &detector);
        let moderator = deployment::moderator(config);
        moderator.ready()?;
        let guard = deployment::guard(config);
        guard.ready()?;
        let scanner = Self::over(detector, config.pii.clone());
        Ok(Self { redactor, moderator, guard, ..scanner })
    }

    fn over(detector: RegexPiiDetector, settings: PiiSettings) -> Self {
        let known = detector.known_rules();
        let rules: BTreeMap<_, _> = known.map(|rule| (rule.id.clone(), rule.clone())).collect();
        let is_wanted = |name: &str| {
            let mut wanted = settings.categories.iter();
            settings.categories.is_empty() || wanted.any(|category| category.as_str() == name)
        };
        let on = detector.rules().filter(|rule| is_wanted(&rule.category));
        let categories: Categories = on.map(|rule| (rule.category.clone(), rule.kind)).collect();
        let off = rules.values().filter(|rule| !categories.contains_key(&rule.category));
        let off = off.map(|rule| (rule.category.clone(), rule.kind)).collect();
        let redactor = deployment::redactor_of(&settings, &detector);
        let (moderator, guard) = (KeywordModerator::new(), RegexPromptGuard::new());
        let scope = Scope::ALL;
        Self { detector, redactor, moderator, guard, settings, rules, categories, off, scope }
    }

    /// The categories of personal data and secrets that this scanner knows and does not look for;
    /// [`only`](Self::only) and [`with_categories`](Self::with_categories) switch them on.
    pub fn categories_off(&self) -> impl Iterator<Item = &str> {
        self.off.keys().map(AsRef::as_ref)
    }

    /// The categories of personal data and secrets that this scanner looks for.
    pub fn categories(&self) -> impl Iterator<Item = &str> {
        self.categories.keys().map(AsRef::as_ref)
    }

    /// The rules for personal data and secrets that this scanner looks with, by name.
    pub fn rules(&self) -> impl Iterator<Item = KnownRule<'_>> {
        let is_on = |rule: &KnownRule<'_>| self.categories.contains_key(rule.category);
        self.known_rules().filter(is_on)
    }

    /// The rules for personal data and secrets that this scanner knows, by name: also those of
    /// [`categories_off`](Self::categories_off).
    pub fn known_rules(&self) -> impl Iterator<Item = KnownRule<'_>> {
        self.rules.values().map(|rule| {
            let is_secret = rule.kind == Kind::Secret;
            let kind = if is_secret { FindingKind::Secret } else { FindingKind::Pii };
            KnownRule { rule: &rule.id, category: &rule.category, kind, issuer: &rule.issuer }
        })
    }

    /// Says what is in `text`.
    ///
    /// # Errors
    /// [`SecurityError`] if a list or the threshold does not hold together.
    pub fn scan(&self, text: &str) -> Result<TextReport, SecurityError> {
        let mut report = TextReport::default();
        if self.scope.has_values() {
            let values = self.values(text).into_iter().map(|found| self.value(found));
            report.findings.extend(values);
        }
        if self.scope.keywords {
            let judged = self.moderator.judge(&TenantId::default(), text)?;
            report.moderation.verdict = judged.verdict;
            for found in &judged.matches {
                let score = report.moderation.categories.entry(found.category.clone()).or_default();
                *score = score.max(found.score);
            }
            report.findings.extend(judged.matches.into_iter().map(phrase));
        }
        if self.scope.injections {
            let check = self.guard.check(text)?;
            report.guard =
                GuardReport { score: check.confidence, is_suspicious: check.is_suspicious };
            // A sign alone is none: "act as a travel guide" has one.
            if check.is_suspicious {
                report.findings.extend(check.signals.into_iter().map(signal));
            }
        }
        report.findings.sort_by(|a, b| {
            let key = |found: &TextFinding| (found.bytes.start, found.bytes.end, found.kind);
            key(a).cmp(&key(b)).then_with(|| a.rule.cmp(&b.rule))
        });
        offsets::fill_in_chars(text, &mut report.findings);
        report.verdict = verdict(&report);
        Ok(report)
    }

    /// `text` without the personal data and secrets in it. Listed phrases and attacks stay.
    ///
    /// # Errors
    /// [`SecurityError`] if the redactor has no key to hash with.
    pub async fn redact(&self, text: &str) -> Result<String, SecurityError> {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for Replacement { bytes, text: instead, .. } in self.replacements(text).await? {
            out.push_str(text.get(at..bytes.start).unwrap_or_default());
            out.push_str(&instead);
            at = bytes.end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        Ok(out)
    }

    /// What [`Self::redact`] puts into `text`, and where; sorted, without overlaps. What takes the
    /// place of a number in JSON is a string.
    ///
    /// # Errors
    /// [`SecurityError`] if the redactor has no key to hash with.
    pub async fn replacements(&self, text: &str) -> Result<Vec<Replacement>, SecurityError> {
        let mut replacements = Vec::new();
        let mut numbers = Numbers::of(text);
        let mut at = 0;
        for mut found in self.values(text) {
            let bytes = found.span.clone();
            if bytes.start < at {
                // It went with the number that it is in.
                continue;
            }
            let value = text.get(bytes.clone()).unwrap_or_default();
            found.span = 0..value.len();
            let instead = self.redactor.apply(value, &[found]).await?;
            let number = numbers.around(&bytes).filter(|number| number.start >= at);
            let (bytes, instead) = match number {
                Some(number) => (number, format!("\"{instead}\"")),
                None => (bytes, instead),
            };
            at = bytes.end;
            replacements.push(Replacement::new(bytes, instead));
        }
        Ok(replacements)
    }

    fn values(&self, text: &str) -> Vec<PiiDetection> {
        let mut found = self.detector.find(text);
        found.retain(|found| self.scope.has(&found.category));
        found
    }

    fn value(&self, found: PiiDetection) -> TextFinding {
        let rule = self.rules.get(&found.rule);
        let is_secret = rule.is_some_and(|rule| rule.kind == Kind::Secret);
        TextFinding {
            kind: if is_secret { FindingKind::Secret } else { FindingKind::Pii },
            category: rule.map_or_else(
                || Cow::Owned(found.category.as_str().to_owned()),
                |rule| rule.category.clone(),
            ),
            rule: found.rule,
            description: rule.map(|rule| rule.description.clone()).unwrap_or_default(),
            confidence: found.confidence,
            blocks: false,
            bytes: found.span,
            chars: 0..0,
        }
    }
}

impl Default for TextScanner {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;

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

mod offsets;

use crate::config::Config;
use crate::deployment;
use crate::security::{
    InjectionSignal, KeywordModerator, ModerationMatch, PiiDetection, RedactionStrategy,
    RegexPiiDetector, RegexPiiRedactor, RegexPromptGuard, SecurityError, TenantId, Verdict,
};
use mofa_foundation::security::{Engine, PiiRedactor};
use mofa_runtime::security::PiiCategory;
use mofa_scan::{Kind, Rule};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Looks for everything at once.
#[derive(Debug, Clone)]
pub struct TextScanner {
    detector: RegexPiiDetector,
    redactor: RegexPiiRedactor,
    moderator: KeywordModerator,
    guard: RegexPromptGuard,
    /// The rules of the detector, by their names.
    rules: BTreeMap<Cow<'static, str>, Rule>,
    /// Of personal data and secrets, with what sort of thing each is.
    categories: BTreeMap<Cow<'static, str>, Kind>,
    scope: Scope,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Scope {
    /// Of personal data and secrets; `None` for all.
    categories: Option<BTreeSet<PiiCategory>>,
    keywords: bool,
    injections: bool,
}

impl Scope {
    const ALL: Self = Self { categories: None, keywords: true, injections: true };

    fn has(&self, category: &PiiCategory) -> bool {
        self.categories.as_ref().is_none_or(|categories| categories.contains(category))
    }

    fn has_values(&self) -> bool {
        self.categories.as_ref().is_none_or(|categories| !categories.is_empty())
    }
}

/// What sort of thing was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FindingKind {
    /// Personal data.
    Pii,
    /// A credential.
    Secret,
    /// A listed phrase.
    Keyword,
    /// A part of an attack on a model.
    Injection,
}

impl FindingKind {
    /// All kinds.
    pub const ALL: [Self; 4] = [Self::Pii, Self::Secret, Self::Keyword, Self::Injection];

    /// `pii`, `secret`, `keyword` or `injection`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pii => "pii",
            Self::Secret => "secret",
            Self::Keyword => "keyword",
            Self::Injection => "injection",
        }
    }
}

/// Where something was found, and what. The text itself is not in it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TextFinding {
    /// What sort of thing it is.
    pub kind: FindingKind,
    /// Within its kind, for instance `email`.
    pub category: Cow<'static, str>,
    /// The stable name of the rule that found it.
    pub rule: Cow<'static, str>,
    /// What the rule looks for, in words.
    pub description: Cow<'static, str>,
    /// How sure the rule is, 0 to 1.
    pub confidence: f32,
    /// Whether this alone blocks the text.
    pub blocks: bool,
    /// Which bytes of the text it is.
    pub bytes: Range<usize>,
    /// Which Unicode code points of the text it is.
    pub chars: Range<usize>,
}

/// A rule that a scanner knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnownRule<'a> {
    /// Its stable name.
    pub rule: &'a str,
    /// The category of what it finds.
    pub category: &'a str,
    /// The kind of what it finds: personal data or a secret.
    pub kind: FindingKind,
}

/// What is put in the place of something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replacement {
    /// Which bytes of the text it takes the place of.
    pub bytes: Range<usize>,
    /// What is put there.
    pub text: String,
}

impl Replacement {
    /// Puts `text` in the place of `bytes`.
    #[must_use]
    pub fn new(bytes: Range<usize>, text: impl Into<String>) -> Self {
        Self { bytes, text: text.into() }
    }
}

/// What the engines say of a text.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct TextReport {
    /// What follows from it.
    pub verdict: Verdict,
    /// What the prompt guard says.
    pub guard: GuardReport,
    /// What the moderator says.
    pub moderation: ModerationReport,
    /// What was found, by position.
    pub findings: Vec<TextFinding>,
}

/// What the prompt guard says of a text.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct GuardReport {
    /// How probably it is an attack, 0 to 1.
    pub score: f32,
    /// Whether the score has reached the threshold.
    pub is_suspicious: bool,
}

/// What the moderator says of a text.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct ModerationReport {
    /// What follows from it.
    pub verdict: Verdict,
    /// The best score of each category that was found.
    pub categories: BTreeMap<Cow<'static, str>, f32>,
}

impl TextScanner {
    /// A scanner with the built-in rules, the threshold 0.5 and no listed phrases, that replaces
    /// values by their category.
    #[must_use]
    pub fn new() -> Self {
        let redactor = RegexPiiRedactor::new().with_default_strategy(RedactionStrategy::Replace);
        let (moderator, guard) = (KeywordModerator::new(), RegexPromptGuard::new());
        let detector = RegexPiiDetector::new();
        Self::over(detector, redactor, moderator, guard)
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
        let mut scanner = Self::over(detector, redactor, moderator, guard);
        let settings = &config.pii;
        if !settings.categories.is_empty() {
            let known = |name: &Cow<'static, str>| {
                settings.categories.iter().any(|category| category.as_str() == name)
            };
            scanner.categories.retain(|name, _| known(name));
        }
        Ok(scanner)
    }

    fn over(
        detector: RegexPiiDetector,
        redactor: RegexPiiRedactor,
        moderator: KeywordModerator,
        guard: RegexPromptGuard,
    ) -> Self {
        let rules = detector.rules();
        let rules: BTreeMap<_, _> = rules.map(|rule| (rule.id.clone(), rule.clone())).collect();
        let categories = rules.values().map(|rule| (rule.category.clone(), rule.kind)).collect();
        let scope = Scope::ALL;
        Self { detector, redactor, moderator, guard, rules, categories, scope }
    }

    /// The categories of personal data and secrets that this scanner knows.
    pub fn categories(&self) -> impl Iterator<Item = &str> {
        self.categories.keys().map(AsRef::as_ref)
    }

    /// The rules for personal data and secrets that this scanner knows, by name.
    pub fn rules(&self) -> impl Iterator<Item = KnownRule<'_>> {
        let is_known = |rule: &&Rule| self.categories.contains_key(&rule.category);
        self.rules.values().filter(is_known).map(|rule| {
            let is_secret = rule.kind == Kind::Secret;
            let kind = if is_secret { FindingKind::Secret } else { FindingKind::Pii };
            KnownRule { rule: &rule.id, category: &rule.category, kind }
        })
    }

    /// Looks only for `names`: kinds (`pii`, `secret`, `keyword`, `injection`) and categories of
    /// personal data and secrets (`email` …).
    ///
    /// # Errors
    /// The first name that is neither.
    pub fn only<'a>(
        mut self,
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, UnknownName<'a>> {
        let mut categories = BTreeSet::new();
        let (mut keywords, mut injections) = (false, false);
        for name in names {
            match name {
                "keyword" => keywords = true,
                "injection" => injections = true,
                "pii" => categories.extend(self.known(|kind| kind != Kind::Secret)),
                "secret" => categories.extend(self.known(|kind| kind == Kind::Secret)),
                _ if self.categories.contains_key(name) => {
                    categories.extend(PiiCategory::new(name.to_owned()));
                }
                _ => return Err(UnknownName(name)),
            }
        }
        self.scope = Scope { categories: Some(categories), keywords, injections };
        Ok(self)
    }

    /// The categories whose sort is one that `has`.
    fn known(&self, has: impl Fn(Kind) -> bool) -> impl Iterator<Item = PiiCategory> {
        let chosen = self.categories.iter().filter(move |(_, kind)| has(**kind));
        chosen.filter_map(|(name, _)| PiiCategory::new(name.clone()).ok())
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
        self.redactor.apply(text, &self.values(text)).await
    }

    /// What [`Self::redact`] puts into `text`, and where; sorted, without overlaps.
    ///
    /// # Errors
    /// [`SecurityError`] if the redactor has no key to hash with.
    pub async fn replacements(&self, text: &str) -> Result<Vec<Replacement>, SecurityError> {
        let mut replacements = Vec::new();
        for mut found in self.values(text) {
            let bytes = found.span.clone();
            let value = text.get(bytes.clone()).unwrap_or_default();
            found.span = 0..value.len();
            let text = self.redactor.apply(value, &[found]).await?;
            replacements.push(Replacement::new(bytes, text));
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

/// A name that is neither a kind nor a known category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a kind of finding nor a known category")]
pub struct UnknownName<'a>(pub &'a str);

fn phrase(found: ModerationMatch) -> TextFinding {
    TextFinding {
        kind: FindingKind::Keyword,
        category: found.category,
        rule: found.rule,
        description: Cow::Borrowed("listed word or phrase"),
        confidence: found.score,
        blocks: found.verdict == Verdict::Block,
        bytes: found.span,
        chars: 0..0,
    }
}

fn signal(found: InjectionSignal) -> TextFinding {
    TextFinding {
        kind: FindingKind::Injection,
        category: found.family,
        rule: found.rule,
        description: found.reason,
        confidence: found.weight,
        blocks: true,
        bytes: found.span,
        chars: 0..0,
    }
}

fn verdict(report: &TextReport) -> Verdict {
    if report.guard.is_suspicious || report.moderation.verdict == Verdict::Block {
        Verdict::Block
    } else if report.findings.is_empty() {
        report.moderation.verdict
    } else {
        Verdict::Flag
    }
}

#[cfg(test)]
mod tests;

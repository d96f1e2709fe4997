//! What is said of a text: [`TextReport`], and what was found in it.
//!
//! # Invariants
//! Nothing here holds the text that was found.

use crate::security::{InjectionSignal, ModerationMatch, Verdict};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;

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
    /// The country that issues what it finds (ISO 3166-1); empty if none does.
    pub issuer: &'a str,
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

pub(super) fn phrase(found: ModerationMatch) -> TextFinding {
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

pub(super) fn signal(found: InjectionSignal) -> TextFinding {
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

pub(super) fn verdict(report: &TextReport) -> Verdict {
    if report.guard.is_suspicious || report.moderation.verdict == Verdict::Block {
        Verdict::Block
    } else if report.findings.is_empty() {
        report.moderation.verdict
    } else {
        Verdict::Flag
    }
}

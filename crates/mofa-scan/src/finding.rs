//! What a scanner reports: a span of the text and the rule that asked for it.

use std::borrow::Cow;

/// A span of the scanned text that a rule matched.
///
/// `start` and `end` are byte offsets on character boundaries; `end` is exclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Finding {
    /// Where the match begins, in bytes from the start of the text.
    pub start: usize,
    /// Where the match ends, exclusive, in bytes from the start of the text.
    pub end: usize,
    /// The rule that matched.
    pub rule: RuleId,
    /// How sure the rule is that this is what it looks for, from 0 to 1.
    pub confidence: f32,
}

impl Finding {
    /// The length of the match in bytes.
    ///
    /// ```
    /// let mut findings = Vec::new();
    /// mofa_scan::pii::PiiScanner::default().scan("mail to a@b.io", &mut findings);
    /// assert_eq!(findings[0].len(), 6);
    /// ```
    #[must_use]
    pub const fn len(&self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// The same in a text with `bytes` more before it.
    #[must_use]
    pub const fn shifted(self, bytes: usize) -> Self {
        Self { start: self.start + bytes, end: self.end + bytes, ..self }
    }

    /// Whether the span is empty; no scanner reports such a finding.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.end <= self.start
    }
}

/// The number of a rule inside one scanner: dense, from 0, stable for the scanner's lifetime.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub(crate) u16);

impl RuleId {
    /// The position of the rule in the scanner's list of rules.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// What sort of thing a rule looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Data about a person.
    Pii,
    /// A credential.
    Secret,
    /// A word or phrase from a list.
    Keyword,
    /// An attempt to take over a prompt.
    Injection,
}

/// A rule: its stable name and what it looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The stable name, such as `email.address`; it appears in audit records.
    pub id: Cow<'static, str>,
    /// The category redaction is configured by, such as `email`.
    pub category: Cow<'static, str>,
    /// What sort of thing it is.
    pub kind: Kind,
    /// One line for people.
    pub description: Cow<'static, str>,
    /// Who issues what it finds: the provider of a key (`github`), or a country by its ISO 3166-1
    /// code (`DE`). Empty where nobody in particular does.
    pub issuer: Cow<'static, str>,
}

impl Rule {
    /// A built-in rule for what nobody in particular issues.
    pub(crate) const fn new(
        id: &'static str,
        category: &'static str,
        kind: Kind,
        description: &'static str,
    ) -> Self {
        Self::issued("", id, category, kind, description)
    }

    /// A built-in rule for what `issuer` issues.
    pub(crate) const fn issued(
        issuer: &'static str,
        id: &'static str,
        category: &'static str,
        kind: Kind,
        description: &'static str,
    ) -> Self {
        Self {
            id: Cow::Borrowed(id),
            category: Cow::Borrowed(category),
            kind,
            description: Cow::Borrowed(description),
            issuer: Cow::Borrowed(issuer),
        }
    }
}

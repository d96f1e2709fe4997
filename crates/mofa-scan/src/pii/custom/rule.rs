//! A rule of the caller's, as it is written down.

use super::check::Check;
use crate::Kind;

/// A rule of the caller's: a regular expression, and what else must hold of what it matches.
///
/// ```
/// use mofa_scan::pii::{Check, CustomRule, PiiScanner};
///
/// let rule = CustomRule::new("loyalty_card", "acme.loyalty", r"\bLC(?<value>\d{16})\b")
///     .with_check(Check::Luhn)
///     .with_words(["loyalty", "bonus"])
///     .with_matches(["Your bonus card: LC4111111111111111."])
///     .with_not(["Your bonus card: LC4111111111111112."]);
/// let scanner = PiiScanner::builder().with_rule(rule).build()?;
/// # Ok::<(), mofa_scan::ScanError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[must_use = "a rule does nothing until a builder has it"]
pub struct CustomRule {
    pub(crate) category: String,
    pub(crate) id: String,
    pub(crate) regex: String,
    pub(crate) kind: Kind,
    pub(crate) description: String,
    pub(crate) check: Option<Check>,
    pub(crate) min_entropy: f32,
    pub(crate) words: Vec<String>,
    pub(crate) matches: Vec<String>,
    pub(crate) not: Vec<String>,
}

impl CustomRule {
    /// A rule for personal data: what `regex`, in the syntax of the `regex` crate, matches, or what
    /// its group named `value` does.
    pub fn new(
        category: impl Into<String>,
        id: impl Into<String>,
        regex: impl Into<String>,
    ) -> Self {
        Self {
            category: category.into(),
            id: id.into(),
            regex: regex.into(),
            kind: Kind::Pii,
            description: "custom pattern".to_owned(),
            check: None,
            min_entropy: 0.0,
            words: Vec::new(),
            matches: Vec::new(),
            not: Vec::new(),
        }
    }

    /// The name by which records know it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The category of what it finds.
    #[must_use]
    pub fn category(&self) -> &str {
        &self.category
    }

    /// Says what it looks for, in one line for people.
    pub fn with_description(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }

    /// Says what sort of thing it looks for; personal data unless set.
    pub fn with_kind(self, kind: Kind) -> Self {
        Self { kind, ..self }
    }

    /// The value must also pass `check`.
    pub fn with_check(self, check: Check) -> Self {
        Self { check: Some(check), ..self }
    }

    /// The value must have at least this much entropy (Shannon's, bits a byte, 0 to 8), as a random
    /// key has and a word has not.
    pub fn with_min_entropy(self, min_entropy: f32) -> Self {
        Self { min_entropy, ..self }
    }

    /// Words of which one must begin within 96 bytes before the value; case is ignored in ASCII.
    /// Without one a match is 0.4 sure in place of 0.9, which is not enough unless the scanner asks
    /// for less.
    pub fn with_words<W: Into<String>>(self, words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|word| word.into().to_ascii_lowercase()).collect();
        Self { words, ..self }
    }

    /// Texts in which the rule must find something, or it is refused.
    pub fn with_matches<T: Into<String>>(self, texts: impl IntoIterator<Item = T>) -> Self {
        Self { matches: texts.into_iter().map(Into::into).collect(), ..self }
    }

    /// Texts in which the rule must find nothing, or it is refused.
    pub fn with_not<T: Into<String>>(self, texts: impl IntoIterator<Item = T>) -> Self {
        Self { not: texts.into_iter().map(Into::into).collect(), ..self }
    }
}

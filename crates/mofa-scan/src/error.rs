//! Why a scanner could not be built.

use thiserror::Error;

/// Why a scanner could not be built from the caller's patterns or phrases.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ScanError {
    /// A custom pattern is not a regular expression.
    #[error("pattern `{name}` does not compile: {reason}")]
    InvalidPattern {
        /// The rule name given with the pattern.
        name: String,
        /// What the regular expression parser said.
        reason: String,
    },
    /// A custom pattern can match without consuming any text.
    #[error("pattern `{name}` matches the empty string; require at least one character")]
    EmptyMatch {
        /// The rule name given with the pattern.
        name: String,
    },
    /// A custom pattern, or its compiled form, is larger than allowed.
    #[error(
        "pattern `{name}` is too large, and so too slow: at most {limit} bytes, compiled or not; \
         `[0-9A-Za-z_]` takes less than `\\w`"
    )]
    PatternTooLarge {
        /// The rule name given with the pattern.
        name: String,
        /// The limit that was passed, in bytes.
        limit: usize,
    },
    /// A custom rule finds nothing in one of the texts in which it has to.
    #[error("rule `{name}` finds nothing in number {index} of its `matches`")]
    ExampleNotFound {
        /// The name of the rule.
        name: String,
        /// The position of the text, from 0.
        index: usize,
    },
    /// A custom rule finds something in one of the texts in which it must not.
    #[error("rule `{name}` finds something in number {index} of its `not`")]
    CounterExampleFound {
        /// The name of the rule.
        name: String,
        /// The position of the text, from 0.
        index: usize,
    },
    /// An exception is empty, no hash, or no pattern.
    #[error("exception number {index} cannot be used: {reason}")]
    InvalidException {
        /// The position of the exception among those added, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// More exceptions than a scanner takes.
    #[error("{count} exceptions were given; at most {limit} are allowed")]
    TooManyExceptions {
        /// How many were given.
        count: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// More rules than a [`RuleId`](crate::RuleId) can number.
    #[error("{count} patterns were given; at most {limit} are allowed")]
    TooManyPatterns {
        /// How many custom patterns were given.
        count: usize,
        /// The most that are allowed.
        limit: usize,
    },
    /// A custom rule has the name of another rule, and a record names a rule by nothing else.
    #[error(
        "rule name `{name}` is taken: one rule for `{taken_by}` has it, and another one for \
         `{category}`"
    )]
    RuleNameTaken {
        /// The name of both.
        name: String,
        /// What the rule finds that is refused.
        category: String,
        /// What the rule finds that has the name, built in or custom.
        taken_by: String,
    },
    /// A category or rule name is empty.
    #[error("the {field} of a custom pattern is empty")]
    EmptyName {
        /// Which of the names it is: `category` or `rule name`.
        field: &'static str,
    },
    /// `only` named a category that has no rule.
    #[error("unknown category `{category}`; known are: {known}")]
    UnknownCategory {
        /// The category asked for.
        category: String,
        /// The categories that exist, separated by commas.
        known: String,
    },
    /// The least confidence is no confidence.
    #[error("the least confidence is `{found}`; from 0 to 1 is allowed")]
    InvalidConfidence {
        /// What was given.
        found: String,
    },
    /// A country was named of which no number is known.
    #[error("no rule finds numbers of country `{country}`; known are `all` and: {known}")]
    UnknownCountry {
        /// The country asked for.
        country: String,
        /// The countries that there are rules for (ISO 3166-1), separated by commas.
        known: String,
    },
    /// A keyword is empty or only white space.
    #[error("keyword number {index} is empty")]
    EmptyKeyword {
        /// The position of the phrase among those added, from 0.
        index: usize,
    },
    /// A keyword is too long.
    #[error("keyword number {index} has {len} bytes; at most {limit} are allowed")]
    KeywordTooLong {
        /// The position of the phrase among those added, from 0.
        index: usize,
        /// Its length in bytes.
        len: usize,
        /// The most that is allowed, in bytes.
        limit: usize,
    },
    /// All keywords together do not fit an automaton.
    #[error("the keyword set is too large: {reason}")]
    KeywordSetTooLarge {
        /// What the automaton builder said.
        reason: String,
    },
}

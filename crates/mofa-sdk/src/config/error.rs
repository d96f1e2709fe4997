//! What is wrong with a configuration, and where.
//!
//! # Invariants
//! No message has a value that a variable stands for; what is shown of the file is cut and escaped,
//! so that an error stays one line.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use thiserror::Error;
use toml::Spanned;

/// What is wrong with a configuration, and where. Never holds a value that may be secret.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConfigError {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 if the file as a whole is meant.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// What is wrong.
    pub problem: Problem,
}

/// What is wrong.
#[derive(Debug, Clone, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// The file cannot be read.
    #[error("it cannot be read: {reason}")]
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// The file is too large.
    #[error("it is larger than {limit} bytes")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// It is not TOML.
    #[error("this is not valid TOML: {reason}")]
    Syntax {
        /// What the reader expected.
        reason: String,
    },
    /// A key that does not exist.
    #[error("unknown key `{key}`; {hint}")]
    UnknownKey {
        /// The key.
        key: String,
        /// The nearest known one, or all of them.
        hint: String,
    },
    /// A key that must be there.
    #[error("`{key}` is missing here")]
    MissingKey {
        /// The key.
        key: String,
    },
    /// A value that does not fit.
    #[error("`{key}`: expected {expected}")]
    Value {
        /// The key.
        key: String,
        /// What would fit.
        expected: String,
    },
    /// A variable that is not set.
    #[error("`{key}` needs the environment variable `{variable}`, which is not set")]
    Variable {
        /// The key.
        key: String,
        /// The variable.
        variable: String,
    },
    /// A credential that stands in the file.
    #[error(
        "`{key}` has a credential in plain text: put it into an environment variable and write \
         `{key} = \"${{NAME}}\"`"
    )]
    PlainTextCredential {
        /// The key.
        key: String,
    },
    /// A permission that a gateway never asks for. A program that asks for acts of its own may
    /// well use it, so it is a warning.
    #[error(
        "`{key}`: nothing asks for `{permission}`: the gateway asks for `invoke:model:NAME`, and \
         where there is a vault for `reveal:pii:CATEGORY`"
    )]
    NeverAsked {
        /// The list that it stands in.
        key: String,
        /// The permission, as it is written.
        permission: String,
    },
    /// A permission for a model that no upstream has; a warning.
    #[error("`{key}`: no upstream has the model of `{permission}`")]
    NoUpstream {
        /// The list that it stands in.
        key: String,
        /// The permission, as it is written.
        permission: String,
    },
    /// Two things that cannot both be.
    #[error("{reason}")]
    Conflict {
        /// What contradicts what, and what to do.
        reason: String,
    },
}

impl std::error::Error for ConfigError {}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.problem)
    }
}

/// How many characters of a value a message shows.
const MAX_WRITTEN: usize = 80;

/// The text of a configuration and what it is called.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) name: &'a str,
    pub(super) text: &'a str,
}

impl Source<'_> {
    /// The value of `key` at `span` is not as `expected`.
    pub(super) fn value(
        &self,
        span: &Range<usize>,
        key: &str,
        expected: impl fmt::Display,
    ) -> ConfigError {
        let expected = expected.to_string();
        self.error(span, Problem::Value { key: key.to_owned(), expected })
    }

    /// `value` as it is written: with the names of variables, not with what they stand for.
    pub(super) fn written(&self, value: &Spanned<String>) -> Cow<'_, str> {
        let written = self.text.get(value.span()).unwrap_or_default().trim_matches(['"', '\'']);
        written.chars().take(MAX_WRITTEN).flat_map(shown).collect()
    }

    /// Whether variables may have a part in `value`.
    pub(super) fn is_filled(&self, value: &Spanned<String>) -> bool {
        let written = self.text.get(value.span()).unwrap_or_default();
        // Read again as it stands: escapes are no variables.
        let read = format!("value = {written}").parse::<toml::Table>();
        let read = read.as_ref().ok().and_then(|table| table.get("value")?.as_str());
        read != Some(value.get_ref())
    }

    /// The line of the byte at `at`, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        self.place(at).0
    }

    /// `problem` at the byte where `span` begins.
    pub(super) fn error(&self, span: &Range<usize>, problem: Problem) -> ConfigError {
        let (line, column) = self.place(span.start);
        ConfigError { file: self.name.to_owned(), line, column, problem }
    }

    /// The line and column of the byte at `at`, from 1.
    fn place(&self, at: usize) -> (usize, usize) {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let before = self.text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}

/// `c`, or its escape if it could break a line or move a cursor.
fn shown(c: char) -> impl Iterator<Item = char> {
    let escaped = c.is_control().then(|| c.escape_default());
    let plain = escaped.is_none().then_some(c);
    escaped.into_iter().flatten().chain(plain)
}

impl ConfigError {
    pub(super) fn whole(file: &str, problem: Problem) -> Self {
        Self { file: file.to_owned(), line: 0, column: 0, problem }
    }

    pub(super) fn unreadable(file: &str, error: &std::io::Error) -> Self {
        Self::whole(file, Problem::Unreadable { reason: error.to_string() })
    }
}

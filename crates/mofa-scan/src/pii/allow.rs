//! Values that are known and may stand: support addresses, documented test keys.
//!
//! # Invariants
//!
//! An exception is for a whole value as it was found, so it never uncovers anything beside it. It
//! costs nothing where nothing is found.
//!
//! # Failure
//!
//! A pattern that does not compile or is too large, and a hash that is none, are refused.

use std::collections::HashSet;

use regex::{Regex, RegexBuilder};
use sha2::{Digest, Sha256};

use crate::{Finding, ScanError};

/// The most exceptions of one scanner.
const MAX_EXCEPTIONS: usize = 65_536;
/// The most memory a compiled pattern may take, in bytes.
const MAX_COMPILED: usize = 64 << 10;

/// A value, or many, that may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exception {
    /// The value, letter by letter.
    Value(String),
    /// The SHA-256 of the value, in 64 hexadecimal digits: for keys that must not be written down.
    /// Who has the hash can find a value of which there are few, such as a number.
    Sha256(String),
    /// A regular expression that matches the value from its beginning to its end.
    Pattern(String),
}

/// What may stand although a rule matches it.
#[derive(Debug, Clone, Default)]
pub(super) struct AllowList {
    values: HashSet<Box<str>>,
    hashes: HashSet<[u8; 32]>,
    patterns: Vec<Regex>,
    /// All of it, for the definition.
    written: Vec<Exception>,
}

impl AllowList {
    pub(super) fn compile(exceptions: &[Exception]) -> Result<Self, ScanError> {
        if exceptions.len() > MAX_EXCEPTIONS {
            let count = exceptions.len();
            return Err(ScanError::TooManyExceptions { count, limit: MAX_EXCEPTIONS });
        }
        let mut list = Self { written: exceptions.to_vec(), ..Self::default() };
        for (exception, index) in exceptions.iter().zip(0..) {
            let wrong = |reason: String| ScanError::InvalidException { index, reason };
            match exception {
                Exception::Value(value) if value.trim().is_empty() => {
                    return Err(wrong("the value is empty".to_owned()));
                }
                Exception::Value(value) => _ = list.values.insert(value.as_str().into()),
                Exception::Sha256(hash) => {
                    let hash = unhex(hash)
                        .ok_or_else(|| wrong("a SHA-256 has 64 hexadecimal digits".to_owned()))?;
                    list.hashes.insert(hash);
                }
                Exception::Pattern(pattern) => {
                    let whole = format!("^(?:{pattern})$");
                    // Alone first: what closes the group and opens another is no pattern.
                    let compiled = Regex::new(pattern)
                        .and_then(|_| RegexBuilder::new(&whole).size_limit(MAX_COMPILED).build());
                    list.patterns.push(compiled.map_err(|error| wrong(error.to_string()))?);
                }
            }
        }
        Ok(list)
    }

    /// Takes what may stand out of `findings[base..]`, which are findings of `text`.
    pub(super) fn apply(&self, text: &str, findings: &mut Vec<Finding>, base: usize) {
        if self.written.is_empty() || findings.len() <= base {
            return;
        }
        let mut at = 0;
        findings.retain(|found| {
            at += 1;
            at <= base || !text.get(found.start..found.end).is_some_and(|value| self.has(value))
        });
    }

    fn has(&self, value: &str) -> bool {
        self.values.contains(value)
            || !self.hashes.is_empty()
                && self.hashes.contains(&<[u8; 32]>::from(Sha256::digest(value)))
            || self.patterns.iter().any(|pattern| pattern.is_match(value))
    }

    /// Gives `each` everything that decides what may stand.
    pub(super) fn definition(&self, each: &mut dyn FnMut(&str)) {
        for exception in &self.written {
            let (kind, text) = match exception {
                Exception::Value(value) => ("value", value),
                Exception::Sha256(hash) => ("sha256", hash),
                Exception::Pattern(pattern) => ("pattern", pattern),
            };
            each(kind);
            each(text);
        }
    }
}

/// The 32 bytes of 64 hexadecimal digits.
fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() || pairs.len() != bytes.len() {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = u8::try_from(value(*high)? * 16 + value(*low)?).ok()?;
    }
    Some(bytes)
}

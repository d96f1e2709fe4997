//! The caller's own patterns: regular expressions, checked once when the scanner is built.
//!
//! # Failure
//!
//! A pattern that does not compile, is too large, or can match the empty string is refused.

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;

use super::pass::Pass;
use crate::bytes::floor_boundary;
use crate::{MAX_OPEN_TAIL, RuleId, ScanError};

/// The longest pattern text, in bytes.
const MAX_PATTERN: usize = 4096;
/// The most memory a compiled pattern may take, in bytes.
const MAX_COMPILED: usize = 1 << 20;
/// A pattern's assertions look at no more than one character after the match.
const LOOK_AHEAD: usize = 4;

/// A compiled pattern and the rule it stands for.
#[derive(Debug, Clone)]
pub(super) struct CustomPattern {
    regex: Regex,
    rule: RuleId,
    /// The longest possible match plus what it looks at, in bytes.
    reach: usize,
}

impl CustomPattern {
    pub(super) fn compile(name: &str, pattern: &str, rule: RuleId) -> Result<Self, ScanError> {
        let name = || name.to_owned();
        if pattern.len() > MAX_PATTERN {
            return Err(ScanError::PatternTooLarge { name: name(), limit: MAX_PATTERN });
        }
        let hir = ParserBuilder::new().build().parse(pattern).map_err(|error| {
            ScanError::InvalidPattern { name: name(), reason: error.to_string() }
        })?;
        if hir.properties().minimum_len().is_none_or(|len| len == 0) {
            return Err(ScanError::EmptyMatch { name: name() });
        }
        let regex = RegexBuilder::new(pattern).size_limit(MAX_COMPILED).build().map_err(
            |error| match error {
                regex::Error::CompiledTooBig(limit) => {
                    ScanError::PatternTooLarge { name: name(), limit }
                }
                other => ScanError::InvalidPattern { name: name(), reason: other.to_string() },
            },
        )?;
        let longest = hir.properties().maximum_len().unwrap_or(MAX_OPEN_TAIL);
        Ok(Self { regex, rule, reach: longest.saturating_add(LOOK_AHEAD) })
    }

    /// Reports every match from the start of the pass on; matches do not overlap each other.
    pub(super) fn search(&self, text: &str, pass: &mut Pass<'_, '_>) {
        let mut at = pass.from();
        while let Some(found) = self.regex.find_at(text, at) {
            pass.report(found.start(), found.end(), self.rule, 0.9);
            at = found.end().max(at + 1);
        }
        pass.undecided_from(floor_boundary(text, text.len().saturating_sub(self.reach)));
    }
}

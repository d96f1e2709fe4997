//! The caller's own patterns: regular expressions, checked once when the scanner is built.
//!
//! # Invariants
//!
//! A search never sees the whole text: it sees a window of twice the pattern's reach, and a match
//! takes at most two windows more than its own length. So a pattern such as `x[^y]*y|x`, which
//! looks for a `y` from every `x`, takes time linear in the text: at most a few windows a byte.
//! The reach is the longest possible match; [`SHOWS_WITHIN`] bytes where there is no longest one,
//! or one above [`MAX_OPEN_TAIL`]. What has matched up to the end of its window is followed on,
//! so that `ACME-\d+` takes in every digit.
//!
//! # Failure
//!
//! A pattern that does not compile, is too large, can match the empty string, or does not do on its
//! rule's own examples what they say is refused.

mod check;
mod rule;

pub use check::{Check, UnknownCheck};
pub use rule::CustomRule;

use std::ops::Range;

use regex::{Regex, RegexBuilder};
use regex_syntax::ParserBuilder;

use super::context;
use super::pass::{Pass, Settings};
use crate::bytes::{ceil_boundary, floor_boundary};
use crate::{MAX_OPEN_TAIL, RuleId, ScanError};

/// The longest pattern text, in bytes.
const MAX_PATTERN: usize = 4096;
/// The most memory a compiled pattern may take, in bytes. Where the search has to follow every way
/// through a pattern at once, a byte costs as many steps as the pattern has states, and a state
/// takes 16 bytes and more: this many make it too slow.
const MAX_COMPILED: usize = 256 << 10;
/// How sure a rule is of what it matches, and how sure where its words are missing.
const CONFIDENCE: f32 = 0.9;
const WITHOUT_WORDS: f32 = 0.4;
/// A pattern's assertions look at no more than one character after the match.
const LOOK_AHEAD: usize = 4;

/// Within how many bytes from its start a match of a pattern without a longest match must be one.
const SHOWS_WITHIN: usize = 512;
/// The smallest window, in bytes, so that short patterns do not search in tiny ones.
const LEAST_WINDOW: usize = 1024;

/// A compiled pattern and the rule it stands for.
#[derive(Debug, Clone)]
pub(super) struct CustomPattern {
    regex: Regex,
    rule: RuleId,
    /// How far from its start a match is searched, with what it looks at, in bytes.
    reach: usize,
    /// Whether no match goes beyond the reach.
    bounded: bool,
    /// How much a stream holds back, in bytes.
    held_back: usize,
    /// Whether only the group named `value` is the value.
    has_value: bool,
    check: Option<Check>,
    min_entropy: f32,
    words: Vec<String>,
}

impl CustomPattern {
    /// The rule it stands for, and what it was made of.
    pub(super) fn definition(&self, each: &mut dyn FnMut(&str)) -> RuleId {
        each(self.regex.as_str());
        each(self.check.map_or("", Check::name));
        each(&self.min_entropy.to_string());
        self.words.iter().for_each(|word| each(word));
        self.rule
    }

    /// What announces its values.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(String::as_str)
    }

    /// Compiles `custom`, and tries it on its examples.
    pub(super) fn compile(
        custom: &CustomRule,
        rule: RuleId,
        settings: Settings,
    ) -> Result<Self, ScanError> {
        let (pattern, name) = (custom.regex.as_str(), || custom.id.clone());
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
        let longest = hir.properties().maximum_len().filter(|longest| *longest <= MAX_OPEN_TAIL);
        let compiled = Self {
            has_value: regex.capture_names().flatten().any(|name| name == "value"),
            regex,
            rule,
            bounded: longest.is_some(),
            reach: longest.unwrap_or(SHOWS_WITHIN) + LOOK_AHEAD,
            held_back: longest.unwrap_or(MAX_OPEN_TAIL) + LOOK_AHEAD,
            check: custom.check,
            min_entropy: custom.min_entropy,
            words: custom.words.clone(),
        };
        compiled.try_on_examples(custom, settings)?;
        Ok(compiled)
    }

    fn try_on_examples(&self, custom: &CustomRule, settings: Settings) -> Result<(), ScanError> {
        let wrong = |texts: &[String], expected: bool| {
            texts.iter().position(|text| {
                let mut found = Vec::new();
                self.search(text, &mut Pass::new(text.as_bytes(), 0, settings, &mut found));
                found.is_empty() == expected
            })
        };
        let name = || custom.id.clone();
        if let Some(index) = wrong(&custom.matches, true) {
            return Err(ScanError::ExampleNotFound { name: name(), index });
        }
        match wrong(&custom.not, false) {
            Some(index) => Err(ScanError::CounterExampleFound { name: name(), index }),
            None => Ok(()),
        }
    }

    /// Reports the value of the match at `found`, if everything else holds of it.
    fn report(&self, text: &str, found: Range<usize>, pass: &mut Pass<'_, '_>) {
        let value = self.value(text, found.clone()).unwrap_or(found);
        let held = text.get(value.clone()).unwrap_or_default();
        let is_checked = self.check.is_none_or(|check| check.holds(held));
        let is_random = self.min_entropy <= 0.0 || check::entropy(held) >= self.min_entropy;
        if is_checked && is_random {
            let is_announced = self.words.is_empty()
                || context::announces(text.as_bytes(), value.start, &self.words);
            let confidence = if is_announced { CONFIDENCE } else { WITHOUT_WORDS };
            pass.report(value.start, value.end, self.rule, confidence);
        }
    }

    /// Where the group named `value` of the match at `found` is, if it has one.
    fn value(&self, text: &str, found: Range<usize>) -> Option<Range<usize>> {
        if !self.has_value {
            return None;
        }
        // What the pattern looks at behind its match has to be there.
        let window = before(text, found.end.saturating_add(LOOK_AHEAD));
        let captures = self.regex.captures_at(window, found.start)?;
        captures.name("value").map(|value| value.range()).filter(|value| !value.is_empty())
    }

    /// Reports every match from the start of the pass on; matches do not overlap each other.
    pub(super) fn search(&self, text: &str, pass: &mut Pass<'_, '_>) {
        let open = floor_boundary(text, text.len().saturating_sub(self.held_back));
        let mut at = pass.from();
        while at < text.len() {
            let window = before(text, at + (2 * self.reach).max(LEAST_WINDOW));
            // From here on a match may need more than this window.
            let sure = if window.len() == text.len() {
                text.len()
            } else {
                floor_boundary(text, window.len() - self.reach)
            };
            let found = self.regex.find_at(window, at).map(|found| found.range());
            at = match found.filter(|found| found.start < sure) {
                None => sure,
                Some(Range { start, end }) => {
                    let end = if self.bounded { Some(end) } else { self.end_of(text, start) };
                    if let Some(end) = end {
                        self.report(text, start..end, pass);
                        if end > open {
                            // Its value may begin behind what is open.
                            pass.undecided_from(start);
                        }
                    }
                    end.unwrap_or_else(|| ceil_boundary(text, start + 1))
                }
            };
        }
        pass.undecided_from(open);
    }

    /// Where the match that begins at `start` ends: found within the reach, and followed in
    /// doubling windows for as long as it fills them. The last of these costs no more than twice
    /// what had matched before it.
    fn end_of(&self, text: &str, start: usize) -> Option<usize> {
        let mut size = self.reach;
        let mut longest = None;
        loop {
            let window = before(text, start.saturating_add(size));
            let found = self.regex.find_at(window, start).filter(|found| found.start() == start);
            let end = found.map(|found| found.end()).max(longest);
            let fills = end > longest && end.is_some_and(|end| end + LOOK_AHEAD > window.len());
            if !fills || window.len() == text.len() {
                return end;
            }
            longest = end;
            size = size.saturating_mul(2);
        }
    }
}

/// The text up to `end`, or a little less: whole characters.
fn before(text: &str, end: usize) -> &str {
    text.get(..floor_boundary(text, end.min(text.len()))).unwrap_or(text)
}

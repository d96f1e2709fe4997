//! Finds personal data and secrets.
//!
//! # Invariants
//! What is found is sorted, does not overlap and stands on character boundaries. A value under a
//! key that tells what it is (`password`) is read with and without the key, and what any reading
//! finds is found; a key that tells nothing costs no second reading. What stands where a redactor
//! took something out is no finding.
//!
//! # Failure
//! Only a pattern of the caller's can be wrong, and [`PiiDetectorBuilder::build`] says so.

use super::mark;
use crate::security::fingerprint::Fingerprint;
use async_trait::async_trait;
use mofa_runtime::security::{
    Engine, PartView, PiiCategory, PiiDetection, PiiDetector, SecurityError,
};
use mofa_scan::pii::{PiiScanner, PiiScannerBuilder};
use std::cmp::Reverse;
use std::ops::Range;

/// Finds the guide's six kinds of personal data and secrets, and your own.
#[derive(Debug, Clone)]
pub struct RegexPiiDetector {
    scanner: PiiScanner,
    /// What each rule of the scanner finds, by its index.
    categories: Vec<PiiCategory>,
}

impl RegexPiiDetector {
    /// A detector of e-mail addresses, phone numbers, payment cards, Social Security Numbers,
    /// IPv4 addresses, and API keys and tokens.
    #[must_use]
    pub fn new() -> Self {
        Self::over(PiiScanner::default())
    }

    /// Begins a detector of your own choice.
    pub fn builder() -> PiiDetectorBuilder {
        PiiDetectorBuilder { scanner: PiiScanner::builder() }
    }

    fn over(scanner: PiiScanner) -> Self {
        let category =
            |name: &str| PiiCategory::new(name.to_owned()).unwrap_or(PiiCategory::API_KEY);
        let categories = scanner.rules().iter().map(|rule| category(&rule.category)).collect();
        Self { scanner, categories }
    }

    /// What is in this part of `text` if the part is assigned to `key`, without what parts it from
    /// its neighbours; sorted, without overlaps, in places of `text`.
    fn find_under(&self, key: &str, text: &str, part: Range<usize>) -> Vec<PiiDetection> {
        let whole = text.get(part.clone()).unwrap_or_default();
        let between = |c: char| c.is_whitespace() || matches!(c, ',' | ';');
        let cut = whole.trim_start_matches(between);
        let first = part.start + whole.len() - cut.len();
        let value = cut.trim_end_matches(between);
        if value.is_empty() {
            return Vec::new();
        }
        let prefix = format!("{key}: \"");
        let own = prefix.len()..prefix.len() + value.len();
        let inside = |mut found: PiiDetection| {
            let span = found.span.start.max(own.start)..found.span.end.min(own.end);
            let span = span.start.checked_sub(own.start)?..span.end.checked_sub(own.start)?;
            found.span = first + span.start..first + span.end;
            (!span.is_empty() && value.get(span).is_some()).then_some(found)
        };
        let found = self.find(&format!("{prefix}{value}\"")).into_iter().filter_map(inside);
        found.filter(|found| !mark::covers(text, &found.span, &self.categories)).collect()
    }

    /// What is in `text`, sorted and without overlaps.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<PiiDetection> {
        let mut findings = Vec::new();
        self.scanner.scan(text, &mut findings);
        let detection = |found: mofa_scan::Finding| PiiDetection {
            category: self
                .categories
                .get(found.rule.index())
                .cloned()
                .unwrap_or(PiiCategory::API_KEY),
            span: found.start..found.end,
            rule: self.scanner.rule(found.rule).id.clone(),
            confidence: found.confidence,
        };
        let is_mark = |found: &mofa_scan::Finding| {
            mark::covers(text, &(found.start..found.end), &self.categories)
        };
        findings.into_iter().filter(|found| !is_mark(found)).map(detection).collect()
    }
}

impl Default for RegexPiiDetector {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine for RegexPiiDetector {
    fn fingerprint(&self) -> String {
        let mut print = Fingerprint::new("pii");
        print.add_all(&TELLING);
        print.add_all(&COUNTING);
        self.scanner.definition(&mut |text| print.add(text));
        print.finish()
    }
}

/// What a key has in it that says what its value is.
const TELLING: [&str; 10] =
    ["pass", "pwd", "secret", "token", "key", "auth", "credential", "ssn", "social", "bearer"];

/// The longest key that is read with its value, in bytes.
const MAX_KEY: usize = 64;

/// The longest value that is read with its key, in bytes: what a key names is short.
const MAX_KEYED: usize = 4_096;

/// Whether `key` says what its value is. Asked for every value, so it looks only where a word of
/// [`TELLING`] may begin.
fn is_telling(key: &str) -> bool {
    let key = key.as_bytes();
    let begins = |at: &usize| {
        key.get(*at).is_some_and(|byte| b"abckpst".contains(&byte.to_ascii_lowercase()))
    };
    let is_at = |at: usize, word: &str| {
        let found = key.get(at..at + word.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    };
    key.len() <= MAX_KEY
        && (0..key.len()).filter(begins).any(|at| TELLING.iter().any(|word| is_at(at, word)))
}

/// What any reading of the same text found, sorted and without overlaps: where they
/// overlap, all that both cover, under the name of the wider one.
fn either(mut found: Vec<PiiDetection>, other: Vec<PiiDetection>) -> Vec<PiiDetection> {
    found.extend(other);
    found.sort_by_key(|found| (found.span.start, Reverse(found.span.end)));
    let mut all: Vec<PiiDetection> = Vec::with_capacity(found.len());
    for next in found {
        match all.last_mut().filter(|last| next.span.start < last.span.end) {
            None => all.push(next),
            Some(last) => {
                let span = last.span.start..last.span.end.max(next.span.end);
                if next.span.len() > last.span.len() {
                    *last = next;
                }
                last.span = span;
            }
        }
    }
    all
}

/// What a key says whose value is a number of a program's own.
const COUNTING: [&str; 20] = [
    "amount",
    "at",
    "bytes",
    "count",
    "created",
    "date",
    "epoch",
    "id",
    "index",
    "limit",
    "max",
    "maximum",
    "min",
    "minimum",
    "offset",
    "size",
    "time",
    "timestamp",
    "total",
    "updated",
];

/// The most sure that ten bare digits make a telephone number.
const BARE: f32 = 0.5;

/// Whether `found` is nothing but ten digits, all of the part, under a key that says that they
/// count or name something.
fn is_counted(part: &PartView<'_>, found: &PiiDetection) -> bool {
    let is_bare = found.confidence <= BARE
        && found.category == PiiCategory::PHONE
        && found.span == (0..part.text.len());
    is_bare && part.key.is_some_and(|key| words(key).any(|word| COUNTING.contains(&&*word)))
}

/// The words of a key, in small letters: those of `user_id` and of `userId`.
fn words(key: &str) -> impl Iterator<Item = String> {
    let parts = key.split(|c: char| !c.is_ascii_alphanumeric());
    parts.flat_map(|part| {
        let mut words = vec![String::new()];
        let mut was_small = false;
        for c in part.chars() {
            if c.is_ascii_uppercase() && was_small {
                words.push(String::new());
            }
            was_small = !c.is_ascii_uppercase();
            if let Some(word) = words.last_mut() {
                word.push(c.to_ascii_lowercase());
            }
        }
        words
    })
}

#[async_trait]
impl PiiDetector for RegexPiiDetector {
    async fn detect(&self, text: &str) -> Result<Vec<PiiDetection>, SecurityError> {
        Ok(self.find(text))
    }

    /// A value under a key such as `password` is also read as the assignment that it is, and so is
    /// each piece of it beside what was found; what any reading finds counts.
    async fn detect_part(&self, part: &PartView<'_>) -> Result<Vec<PiiDetection>, SecurityError> {
        let mut found = self.find(part.text);
        found.retain(|found| !is_counted(part, found));
        let is_read = part.text.len() <= MAX_KEYED;
        let Some(key) = part.key.filter(|key| is_read && is_telling(key)) else { return Ok(found) };
        let mut under = self.find_under(key, part.text, 0..part.text.len());
        if !found.is_empty() {
            // A secret beside an address is not one value with it.
            let ends = found.iter().map(|found| found.span.end);
            let starts = found.iter().map(|found| found.span.start).chain([part.text.len()]);
            for (start, end) in [0].into_iter().chain(ends).zip(starts) {
                under.extend(self.find_under(key, part.text, start..end));
            }
        }
        Ok(either(found, under))
    }

    fn open_tail(&self, text: &str) -> usize {
        self.scanner.open_tail(text)
    }
}

/// Collects what a detector is to find.
#[derive(Debug, Clone)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct PiiDetectorBuilder {
    scanner: PiiScannerBuilder,
}

impl PiiDetectorBuilder {
    /// Only these categories.
    pub fn only(self, categories: impl IntoIterator<Item = PiiCategory>) -> Self {
        let names = categories.into_iter().map(|category| category.as_str().to_owned());
        Self { scanner: self.scanner.only(names) }
    }

    /// Also what matches `regex`, a regular expression in the syntax of the crate `regex`.
    /// `rule` names it in records.
    pub fn with_pattern(
        self,
        category: &PiiCategory,
        rule: impl Into<String>,
        regex: impl Into<String>,
    ) -> Self {
        Self { scanner: self.scanner.with_pattern(category.as_str(), rule, regex) }
    }

    /// Whether a card number must pass the Luhn check; on unless switched off.
    pub fn with_luhn_validation(self, enabled: bool) -> Self {
        Self { scanner: self.scanner.with_luhn(enabled) }
    }

    /// Makes the detector.
    ///
    /// # Errors
    /// [`SecurityError::Unusable`] if a pattern does not compile, matches the empty text or is
    /// too large, or if a category has no rule.
    pub fn build(self) -> Result<RegexPiiDetector, SecurityError> {
        let unusable = |error: mofa_scan::ScanError| SecurityError::Unusable {
            engine: "PII detector",
            reason: error.to_string(),
        };
        Ok(RegexPiiDetector::over(self.scanner.build().map_err(unusable)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_wherever_its_word_stands_and_however_it_is_written() {
        for word in TELLING {
            for key in [word.to_owned(), format!("db_{}", word.to_uppercase()), format!("{word}s")]
            {
                assert!(is_telling(&key), "{key}");
            }
            let cut: String = word.chars().skip(1).collect();
            assert!(!is_telling(&cut), "{word}");
        }
        let longest = format!("{}key", "x".repeat(MAX_KEY - 3));
        assert!(is_telling(&longest) && !is_telling(&format!("x{longest}")));
        for key in ["", "content", "aß", "bearing", "sozial"] {
            assert!(!is_telling(key), "{key}");
        }
    }
}

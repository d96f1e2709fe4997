//! Answers lines: [`Answerer`].
//!
//! # Invariants
//! An answer is one line of JSON. An error names what is wrong with a line and nothing that stands
//! in it but the `id`. Half a surrogate pair in a text is read as U+FFFD, one code point, and the
//! text is scanned: it is valid JSON, and what stands beside it must be found. A panic over one line is an error of this line alone.

use super::super::one_line;
use super::block::{Block, Line};
use super::lines::MAX_LINE;
use mofa_sdk::scan::{TextFinding, TextReport};
use mofa_sdk::security::SecurityError;
use serde::de::{Deserializer, Error, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How many lines were what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Counts {
    /// All.
    pub(super) lines: u64,
    /// Those that do not fit.
    pub(super) malformed: u64,
    /// Those in which something was found.
    pub(super) found: u64,
    /// Those over which an engine failed; they are among the malformed ones.
    pub(super) failed: u64,
}

impl Counts {
    pub(super) fn add(&mut self, other: Self) {
        self.lines += other.lines;
        self.malformed += other.malformed;
        self.found += other.found;
        self.failed += other.failed;
    }
}

/// Answers lines with what `scan` finds.
pub(super) struct Answerer<S> {
    scan: S,
}

/// A line as it should be; other keys are passed over.
#[derive(Deserialize)]
struct Asked<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// A line as far as it can be understood.
#[derive(Deserialize)]
struct Guessed<'a> {
    #[serde(borrow, default)]
    id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    text: Option<&'a RawValue>,
}

/// What is wrong with a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Malformed {
    TooLong,
    NotUtf8,
    Empty,
    NotJson { column: usize },
    NotAnObject,
    NoText,
    TextIsNoString,
    Twice,
    Engine,
    Failed,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "the line is longer than {MAX_LINE} bytes"),
            Self::NotUtf8 => f.write_str("the line is not UTF-8"),
            Self::Empty => f.write_str("the line is empty, expected a JSON object"),
            Self::NotJson { column } => write!(f, "the line is not JSON, see column {column}"),
            Self::NotAnObject => f.write_str("the line is no JSON object"),
            Self::NoText => f.write_str("`text` is missing or null"),
            Self::TextIsNoString => f.write_str("`text` is no string"),
            Self::Twice => f.write_str("`id` or `text` stands there twice"),
            Self::Engine => f.write_str("an engine cannot be used"),
            Self::Failed => f.write_str("internal error: the line is not scanned"),
        }
    }
}

impl<S: Fn(&str) -> Result<TextReport, SecurityError>> Answerer<S> {
    pub(super) fn new(scan: S) -> Self {
        Self { scan }
    }

    /// Answers every line of `block`.
    pub(super) fn answer(&self, block: &mut Block) {
        let Block { input, lines, output, counts, first_line, path, .. } = block;
        for (number, line) in (*first_line..).zip(lines.iter()) {
            let line = match line {
                Line::Whole(range) => input.get(range.clone()).ok_or(Malformed::TooLong),
                Line::TooLong => Err(Malformed::TooLong),
            };
            counts.lines += 1;
            let answered = line.and_then(read).and_then(|asked| {
                let report = self.report(&asked.text)?;
                counts.found += u64::from(!report.findings.is_empty());
                push(output, &Answer::new(asked.id, &report));
                Ok(())
            });
            if let Err(malformed) = answered {
                counts.malformed += 1;
                counts.failed += u64::from(malformed == Malformed::Failed);
                let id = line.ok().and_then(guess).and_then(|guessed| guessed.id);
                let (path, error) = (path.as_deref(), malformed.to_string());
                push(output, &Complaint { id, path, line: number, error });
            }
        }
    }

    /// What is in `text`. A panic is caught here: the thread that it would end has a block that
    /// others wait for. An engine keeps nothing of a text, so nothing half done is left.
    fn report(&self, text: &str) -> Result<TextReport, Malformed> {
        match catch_unwind(AssertUnwindSafe(|| (self.scan)(text))) {
            Ok(report) => report.map_err(|_| Malformed::Engine),
            Err(_) => Err(Malformed::Failed),
        }
    }
}

/// Reads a line; on failure finds out what is wrong with it.
fn read(line: &[u8]) -> Result<Asked<'_>, Malformed> {
    let text = std::str::from_utf8(line).map_err(|_| Malformed::NotUtf8)?;
    serde_json::from_str(text).or_else(|error| lenient(text).ok_or_else(|| diagnose(text, &error)))
}

/// Reads a line whose text may have half a surrogate pair in it.
fn lenient(line: &str) -> Option<Asked<'_>> {
    let Guessed { id, text } = serde_json::from_str(line).ok()?;
    let text: Wtf8 = serde_json::from_str(text?.get()).ok()?;
    Some(Asked { id, text: Cow::Owned(text.into_text()?) })
}

/// A text as it was before somebody cut it between the halves of a pair: UTF-8 in which a lone
/// surrogate is three bytes.
struct Wtf8(Vec<u8>);

impl Wtf8 {
    /// The text with U+FFFD, which has three bytes too, for every lone surrogate.
    fn into_text(mut self) -> Option<String> {
        let mut rest = self.0.as_mut_slice();
        while let Some(at) = rest.iter().position(|byte| *byte == 0xed) {
            rest = rest.get_mut(at..)?;
            if let [first, second @ 0xa0..=0xbf, third, ..] = rest {
                (*first, *second, *third) = (0xef, 0xbf, 0xbd);
            }
            rest = rest.get_mut(1..)?;
        }
        String::from_utf8(self.0).ok()
    }
}

impl<'de> Deserialize<'de> for Wtf8 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Wtf8;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Wtf8, E> {
                Ok(Wtf8(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

fn guess(line: &[u8]) -> Option<Guessed<'_>> {
    serde_json::from_str(std::str::from_utf8(line).ok()?).ok()
}

fn diagnose(line: &str, error: &serde_json::Error) -> Malformed {
    if line.trim().is_empty() {
        return Malformed::Empty;
    }
    let Some(value) = serde_json::from_str::<&RawValue>(line).ok() else {
        return Malformed::NotJson { column: error.column() };
    };
    if !value.get().starts_with('{') {
        return Malformed::NotAnObject;
    }
    match serde_json::from_str::<Guessed<'_>>(line) {
        Err(error) if error.classify() == Category::Data => Malformed::Twice,
        Ok(Guessed { text: None, .. }) => Malformed::NoText,
        Ok(Guessed { text: Some(text), .. }) if !text.get().starts_with('"') => {
            Malformed::TextIsNoString
        }
        // A key that cannot be read.
        Ok(_) | Err(_) => Malformed::NotJson { column: error.column() },
    }
}

/// The answer to a line that does not fit.
#[derive(Serialize)]
struct Complaint<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<&'a str>,
    line: u64,
    error: String,
}

/// The answer to a line that fits.
#[derive(Serialize)]
struct Answer<'a> {
    id: Option<&'a RawValue>,
    verdict: &'static str,
    guard: Guard,
    moderation: Moderation<'a>,
    #[serde(serialize_with = "findings")]
    findings: &'a [TextFinding],
}

#[derive(Serialize)]
struct Guard {
    score: f32,
    suspicious: bool,
}

#[derive(Serialize)]
struct Moderation<'a> {
    verdict: &'static str,
    #[serde(serialize_with = "scores")]
    categories: &'a BTreeMap<Cow<'static, str>, f32>,
}

#[derive(Serialize)]
struct Finding<'a> {
    kind: &'static str,
    category: &'a str,
    start: usize,
    end: usize,
    byte_start: usize,
    byte_end: usize,
    confidence: f32,
    rule: &'a str,
}

impl<'a> Answer<'a> {
    fn new(id: Option<&'a RawValue>, report: &'a TextReport) -> Self {
        Self {
            id,
            verdict: report.verdict.as_str(),
            guard: Guard { score: report.guard.score, suspicious: report.guard.is_suspicious },
            moderation: Moderation {
                verdict: report.moderation.verdict.as_str(),
                categories: &report.moderation.categories,
            },
            findings: &report.findings,
        }
    }
}

fn findings<S: Serializer>(findings: &[TextFinding], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(findings.iter().map(|found| Finding {
        kind: found.kind.as_str(),
        category: &found.category,
        start: found.chars.start,
        end: found.chars.end,
        byte_start: found.bytes.start,
        byte_end: found.bytes.end,
        confidence: found.confidence,
        rule: &found.rule,
    }))
}

fn scores<S: Serializer>(
    scores: &BTreeMap<Cow<'static, str>, f32>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(scores.len()))?;
    for (category, score) in scores {
        map.serialize_entry(category.as_ref(), score)?;
    }
    map.end()
}

/// Appends `value` as a line.
fn push(output: &mut Vec<u8>, value: &impl Serialize) {
    one_line::push(output, value);
    output.push(b'\n');
}

#[cfg(test)]
mod tests;

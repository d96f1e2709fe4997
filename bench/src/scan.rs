//! The tables `scan-…`: how long personal data and secrets take to find in ordinary English, with
//! every rule that is on unless chosen otherwise.

use crate::measure::{Effort, Figure, Work, figures};
use crate::table::Table;
use crate::text;
use mofa_scan::pii::PiiScanner;
use regex::Regex;
use std::error::Error;
use thiserror::Error;

/// The guide's six kinds of values, as people write them down; without Unicode classes, which would
/// only be slower.
const PATTERNS: [&str; 6] = [
    r"(?-u:\b)[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}(?-u:\b)",
    r"(?:\+?1[-. ])?\(?[0-9]{3}\)?[-. ][0-9]{3}[-. ][0-9]{4}(?-u:\b)",
    r"(?-u:\b)[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{4}[ -]?[0-9]{1,7}(?-u:\b)",
    r"(?-u:\b)[0-9]{3}-[0-9]{2}-[0-9]{4}(?-u:\b)",
    r"(?-u:\b)(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?-u:\b)",
    r"(?-u:\b)(?:sk-|ghp_|xoxb-|AKIA)[A-Za-z0-9_-]{16,}(?-u:\b)",
];

/// A value of each kind; together a hundredth of a text that has one in each [`EVERY`] bytes.
const VALUES: [&str; 6] = [
    "ann.lee@example.com",
    "(415) 555-2671",
    "4111 1111 1111 1111",
    "536-90-4399",
    "192.168.10.20",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
];

/// How far apart values stand, in bytes.
const EVERY: usize = 1_950;

/// An engine does not find what was put into the text.
#[derive(Debug, Error)]
#[error("`{engine}` misses `{value}` at byte {at}")]
struct Missed {
    engine: &'static str,
    value: &'static str,
    at: usize,
}

/// Gives the start and the end of everything it finds.
type Find = dyn Fn(&str, &mut dyn FnMut(usize, usize));

type Engine = (&'static str, Box<Find>);

/// A text, and where which values stand in it.
struct Planted {
    text: String,
    values: Vec<(usize, &'static str)>,
}

impl Planted {
    /// `bytes` of English with a value in each [`EVERY`] of them, or with none.
    fn new(bytes: usize, has_values: bool) -> Self {
        let prose = text::prose(bytes);
        let mut planted = Self { text: String::with_capacity(bytes), values: Vec::new() };
        let mut rest = prose.as_str();
        let values: &[&'static str] = if has_values { &VALUES } else { &[] };
        for value in values.iter().cycle() {
            let first = EVERY.min(bytes / 2);
            // Between two words.
            let Some(at) = rest.get(first..).and_then(|tail| tail.find(' ')) else { break };
            let (head, tail) = rest.split_at(first + at + 1);
            planted.text.push_str(head);
            planted.values.push((planted.text.len(), *value));
            planted.text.push_str(value);
            planted.text.push_str(", ");
            rest = tail;
        }
        planted.text.push_str(rest);
        planted
    }

    /// Whether `engine` finds all that was put in.
    fn check(&self, (name, engine): &Engine) -> Result<(), Missed> {
        let mut spans = Vec::new();
        engine(&self.text, &mut |start, end| spans.push((start, end)));
        for (at, value) in &self.values {
            if !spans.iter().any(|(start, end)| start <= at && *end >= at + value.len()) {
                return Err(Missed { engine: name, value, at: *at });
            }
        }
        Ok(())
    }
}

pub(crate) fn small(effort: Effort) -> Result<Table, Box<dyn Error>> {
    table("scan-1kb", 1_000, true, effort)
}

pub(crate) fn medium(effort: Effort) -> Result<Table, Box<dyn Error>> {
    table("scan-100kb", 100_000, true, effort)
}

pub(crate) fn large(effort: Effort) -> Result<Table, Box<dyn Error>> {
    table("scan-10mb", 10_000_000, true, effort)
}

pub(crate) fn clean(effort: Effort) -> Result<Table, Box<dyn Error>> {
    table("scan-clean", 100_000, false, effort)
}

fn table(
    name: &'static str,
    bytes: usize,
    has_values: bool,
    effort: Effort,
) -> Result<Table, Box<dyn Error>> {
    let planted = Planted::new(bytes, has_values);
    let engines = engines()?;
    engines.iter().try_for_each(|engine| planted.check(engine))?;
    let text = planted.text.as_str();
    let mut works: Vec<Work<'_>> = Vec::new();
    for (_, engine) in &engines {
        works.push(Box::new(move |times| (0..times).map(|_| count(engine, text)).sum()));
    }
    works.push(Box::new(move |times| {
        (0..times).map(|_| memchr::memchr(0, text.as_bytes()).map_or(0, |_| 1)).sum()
    }));
    let figures = figures(effort, &mut works);
    let per_kilobyte: Vec<_> = figures.iter().map(|figure| over_kilobytes(figure, text)).collect();
    let agreed = planted.values.len();
    let rows = engines.iter().map(|(name, _)| (*name, agreed)).chain([("memchr, one byte", 0)]);
    let setting = format!(
        "{} bytes of English with {agreed} values in it; 1,000 ns/kB are 1,000 MB/s",
        text.len()
    );
    Ok(Table::new(name, setting, "kB", rows, &per_kilobyte))
}

fn count(engine: &Find, text: &str) -> usize {
    let mut sum = 0;
    engine(text, &mut |start, _| sum += start);
    sum
}

#[expect(clippy::cast_precision_loss, reason = "no text is as long as 2^52 bytes")]
fn over_kilobytes(figure: &Figure, text: &str) -> Figure {
    let kilobytes = text.len() as f64 / 1_000.0;
    Figure { median: figure.median / kilobytes, best: figure.best / kilobytes }
}

fn engines() -> Result<Vec<Engine>, Box<dyn Error>> {
    let scanner = PiiScanner::default();
    let ours = move |text: &str, each: &mut dyn FnMut(usize, usize)| {
        let mut findings = Vec::new();
        scanner.scan(text, &mut findings);
        for found in findings {
            each(found.start, found.end);
        }
    };
    let six = PATTERNS.iter().map(|pattern| Regex::new(pattern)).collect::<Result<Vec<_>, _>>()?;
    let one_by_one = move |text: &str, each: &mut dyn FnMut(usize, usize)| {
        for found in six.iter().flat_map(|pattern| pattern.find_iter(text)) {
            each(found.start(), found.end());
        }
    };
    let all = Regex::new(&PATTERNS.map(|pattern| format!("(?:{pattern})")).join("|"))?;
    let combined = move |text: &str, each: &mut dyn FnMut(usize, usize)| {
        for found in all.find_iter(text) {
            each(found.start(), found.end());
        }
    };
    Ok(vec![
        ("PiiScanner::scan", Box::new(ours)),
        ("six regexes, one after the other", Box::new(one_by_one)),
        ("six regexes as one", Box::new(combined)),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundredth_of_the_text_is_values() {
        let planted = Planted::new(100_000, true);
        let values: usize = planted.values.iter().map(|(_, value)| value.len()).sum();
        let per_mille = 1_000 * values / planted.text.len();
        assert!((9..=11).contains(&per_mille), "{per_mille}");
        for (at, value) in &planted.values {
            assert!(planted.text.get(*at..).is_some_and(|text| text.starts_with(value)));
        }
        assert!(Planted::new(1_000, false).values.is_empty());
    }

    #[test]
    fn all_find_what_was_put_in_and_all_are_timed() {
        let table = small(Effort::Quick).unwrap();
        assert_eq!(table.rows.len(), 4);
        assert!(table.rows.iter().all(|row| row.nanos > 0.0), "{table}");
        let blind: Engine = ("blind", Box::new(|_, _| {}));
        assert!(Planted::new(1_000, true).check(&blind).is_err());
    }
}

//! What must hold of any input: targets for a fuzzer, which the tests run on everything that was
//! ever found wrong and on a seeded share of made-up input.
//!
//! A target takes any bytes and panics if something does not hold. Called by `cargo xtask fuzz`,
//! which links each with libFuzzer, and by the tests.

#![expect(clippy::panic, reason = "a target tells what it found by panicking")]

mod layered;

use std::sync::LazyLock;

use mofa_scan::injection::InjectionScanner;
use mofa_scan::keyword::{KeywordId, KeywordScanner};
use mofa_scan::pii::{CustomRule, Exception, PiiScanner};
use mofa_scan::{Finding, MAX_OPEN_TAIL};

/// A name and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// Every target by its name.
pub const TARGETS: [Target; 5] = [
    ("scan", scan),
    ("stream", stream),
    ("pattern", pattern),
    ("readings", readings),
    ("decode", decode),
];

/// Everything that is built in, however unsure.
static EVERYTHING: LazyLock<PiiScanner> = LazyLock::new(|| {
    let usual = PiiScanner::default();
    let categories = usual.rules().iter().map(|rule| rule.category.to_string());
    let builder = PiiScanner::builder().only(categories.collect::<Vec<_>>());
    built(builder.with_min_confidence(0.0).build())
});

static USUAL: LazyLock<PiiScanner> = LazyLock::new(PiiScanner::default);

static KEYWORDS: LazyLock<KeywordScanner> = LazyLock::new(|| {
    let phrases = ["spam", "free money", "money free", "x", "é spam", "wire transfer", "邮"];
    let builder = KeywordScanner::builder();
    let add = |builder: mofa_scan::keyword::KeywordScannerBuilder, (phrase, id): (&&str, u32)| {
        builder.add(*phrase, KeywordId(id))
    };
    built(phrases.iter().zip(0..).fold(builder, add).build())
});

/// Spans lie in the text, are not empty, are sorted and do not overlap; what is found twice is the
/// same.
///
/// # Panics
/// If something of that does not hold.
pub fn scan(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    for scanner in [&*USUAL, &*EVERYTHING] {
        let findings = whole(scanner, &text);
        sound(&text, findings.iter().map(|found| (found.start, found.end)));
        let is_sure = |found: &Finding| (0.0..=1.0).contains(&found.confidence);
        assert!(findings.iter().all(is_sure), "a confidence is no share: {findings:?}");
        assert_eq!(findings, whole(scanner, &text));
    }
    let mut matches = Vec::new();
    KEYWORDS.scan(&text, &mut matches);
    sound(&text, matches.iter().map(|found| (found.start, found.end)));
    let assessment = InjectionScanner::default().assess(&text);
    assert!((0.0..=1.0).contains(&assessment.score), "{}", assessment.score);
    for signal in &assessment.signals {
        assert!(text.get(signal.start..signal.end).is_some(), "{signal:?}");
    }
}

/// However a text is cut, a stream finds what the whole text has, and holds little. The first bytes
/// say where it is cut.
///
/// # Panics
/// If something of that does not hold.
pub fn stream(data: &[u8]) {
    let (cuts, rest) = data.split_at(data.len().min(8));
    let text = String::from_utf8_lossy(rest);
    for scanner in [&*USUAL, &*EVERYTHING] {
        let mut stream = scanner.stream();
        let (mut found, mut settled) = (Vec::new(), String::new());
        let mut at = 0;
        for cut in cuts.iter().cycle().take(text.len()) {
            let end = text.ceil_char_boundary(at + usize::from(*cut).max(1));
            let part = stream.push(text.get(at..end).unwrap_or_default());
            assert_eq!(part.start, settled.len());
            settled.push_str(part.text);
            found.extend(part.findings.iter().map(|one| shifted(*one, part.start)));
            assert!(stream.open() <= MAX_OPEN_TAIL, "{}", stream.open());
            at = end;
            if at == text.len() {
                break;
            }
        }
        let part = stream.finish();
        settled.push_str(part.text);
        found.extend(part.findings.iter().map(|one| shifted(*one, part.start)));
        if !cuts.is_empty() {
            assert_eq!(settled, text);
            assert_eq!(found, whole(scanner, &text), "{text:?} {cuts:?}");
        }
    }
}

/// Any pattern of the caller's is refused or works: what comes before the first newline is the
/// pattern, the rest is the text.
///
/// # Panics
/// If something of that does not hold.
pub fn pattern(data: &[u8]) {
    let input = String::from_utf8_lossy(data);
    let (pattern, text) = input.split_once('\n').unwrap_or((&input, ""));
    let rule = CustomRule::new("own", "own.rule", pattern).with_words(["w"]);
    let builder = PiiScanner::builder().with_min_confidence(0.0).only(["own"]).with_rule(rule);
    let Ok(scanner) = builder.clone().build() else { return };
    let findings = whole(&scanner, text);
    sound(text, findings.iter().map(|found| (found.start, found.end)));
    if let Ok(without) = builder.allow(Exception::Pattern(pattern.to_owned())).build() {
        let left = whole(&without, text);
        assert!(left.iter().all(|found| findings.contains(found)));
    }
}

/// Every other reading of a text maps back into it, and all of them together stay within bounds.
///
/// # Panics
/// If something of that does not hold.
pub fn readings(data: &[u8]) {
    layered::readings_map_back(&String::from_utf8_lossy(data));
}

/// What is decoded changes nothing of what holds of plain text: findings are sound, a stream finds
/// the same however it is cut, what is before its open tail is final, and redaction ends. The first
/// eight bytes say where a stream is cut.
///
/// # Panics
/// If something of that does not hold.
pub fn decode(data: &[u8]) {
    let (cuts, rest) = data.split_at(data.len().min(8));
    let text = String::from_utf8_lossy(rest);
    let scanner = layered::scanner();
    sound(&text, whole(scanner, &text).iter().map(|found| (found.start, found.end)));
    let chops: Vec<usize> = cuts.iter().map(|cut| usize::from(*cut).max(1)).collect();
    layered::chopping_changes_nothing(&text, &chops);
    let middle = text.floor_char_boundary(text.len() / 2);
    let (head, tail) = text.split_at(middle);
    layered::what_is_not_open_is_final(head, tail);
    layered::redaction_ends(&text);
}

fn whole(scanner: &PiiScanner, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    scanner.scan(text, &mut findings);
    findings
}

fn shifted(found: Finding, by: usize) -> Finding {
    found.shifted(by)
}

#[track_caller]
fn sound(text: &str, spans: impl Iterator<Item = (usize, usize)>) {
    let mut last = 0;
    for (start, end) in spans {
        assert!(start >= last && start < end, "{start}..{end} after {last}");
        assert!(text.get(start..end).is_some(), "{start}..{end} of {}", text.len());
        last = end;
    }
}

fn built<T, E: std::fmt::Display>(result: Result<T, E>) -> T {
    match result {
        Ok(value) => value,
        Err(error) => panic!("what every target starts from cannot be built: {error}"),
    }
}

#[cfg(test)]
mod tests;

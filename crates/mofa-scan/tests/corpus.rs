//! Runs the cases of `testdata/{pii,keywords,injection}` through the scanners.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use mofa_scan::Kind;
use mofa_scan::injection::InjectionScanner;
use mofa_scan::keyword::{KeywordId, KeywordScanner};
use mofa_scan::pii::PiiScanner;
use serde::Deserialize;

const THRESHOLD: f32 = 0.5;

/// A file of `testdata`: texts that must match, and texts that must not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Corpus {
    /// The category, for personal data.
    category: Option<String>,
    /// The phrases, for keywords.
    #[serde(default)]
    phrases: Vec<String>,
    #[serde(default)]
    positive: Vec<Positive>,
    #[serde(default)]
    negative: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Positive {
    text: String,
    /// The exact parts that must be found, in order; empty for injections.
    #[serde(default)]
    spans: Vec<String>,
    /// The rule that must find the first part, if it matters.
    rule: Option<String>,
}

fn corpora(folder: &str) -> Vec<(PathBuf, Corpus)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(folder);
    let mut files: Vec<_> = fs::read_dir(&root)
        .unwrap_or_else(|error| panic!("{}: {error}", root.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    assert!(!files.is_empty(), "no corpus in {}", root.display());
    files
        .into_iter()
        .map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            let corpus =
                toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, corpus)
        })
        .collect()
}

/// Compares what `find` reports with what the corpora expect; lists every difference at once.
///
/// `find` gives the matched parts of a text and the names of the rules.
fn check(folder: &str, least: usize, find: impl Fn(&Corpus, &str) -> (Vec<String>, Vec<String>)) {
    let mut wrong = Vec::new();
    for (path, corpus) in corpora(folder) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(corpus.positive.len() >= least, "{name}: too few texts that must match");
        assert!(corpus.negative.len() >= least, "{name}: too few texts that must not match");
        for case in &corpus.positive {
            let (spans, rules) = find(&corpus, &case.text);
            let rule = case.rule.as_ref().is_none_or(|rule| rules.first() == Some(rule));
            let missed = if case.spans.is_empty() { spans.is_empty() } else { spans != case.spans };
            if missed || !rule {
                wrong.push(format!("{name}: must match {:?}: {spans:?} {rules:?}", case.text));
            }
        }
        for text in &corpus.negative {
            let (spans, rules) = find(&corpus, text);
            if !spans.is_empty() {
                wrong.push(format!("{name}: must not match {text:?}: {spans:?} {rules:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn personal_data() {
    let usual = PiiScanner::default();
    // Guesses are off unless chosen.
    let guesses = PiiScanner::builder().only(["postal_address", "person_name"]).build().unwrap();
    check("pii", 20, |corpus, text| {
        let is_guess = matches!(corpus.category.as_deref(), Some("postal_address" | "person_name"));
        let scanner = if is_guess { &guesses } else { &usual };
        let mut findings = Vec::new();
        scanner.scan(text, &mut findings);
        findings
            .iter()
            .map(|found| (text[found.start..found.end].to_owned(), scanner.rule(found.rule)))
            .filter(|(_, rule)| corpus.category.as_deref() == Some(rule.category.as_ref()))
            .map(|(span, rule)| (span, rule.id.clone().into_owned()))
            .unzip()
    });
}

/// The numbers of states and the secrets have files of their own.
#[test]
fn every_other_personal_rule_has_a_text() {
    let named: BTreeSet<String> = corpora("pii")
        .into_iter()
        .flat_map(|(_, file)| file.positive)
        .filter_map(|it| it.rule)
        .collect();
    let scanner = PiiScanner::default();
    let of_people = scanner.rules().iter().filter(|rule| rule.kind == Kind::Pii);
    let missing: Vec<_> = of_people
        .map(|rule| rule.id.as_ref())
        .filter(|id| !id.starts_with("id.") && !named.contains(*id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn keywords() {
    check("keywords", 5, |corpus, text| {
        let scanner = corpus
            .phrases
            .iter()
            .zip(0..)
            .fold(KeywordScanner::builder(), |builder, (phrase, id)| {
                builder.add(phrase, KeywordId(id))
            })
            .build()
            .unwrap();
        let mut matches = Vec::new();
        scanner.scan(text, &mut matches);
        matches
            .iter()
            .map(|found| {
                let phrase = corpus.phrases[found.keyword.0 as usize].clone();
                (text[found.start..found.end].to_owned(), phrase)
            })
            .unzip()
    });
}

#[test]
fn injections() {
    let scanner = InjectionScanner::default();
    check("injection", 15, |_, text| {
        let assessment = scanner.assess(text);
        if assessment.score < THRESHOLD {
            return (Vec::new(), Vec::new());
        }
        assessment
            .signals
            .iter()
            .map(|signal| (text[signal.start..signal.end].to_owned(), signal.rule.to_owned()))
            .unzip()
    });
}

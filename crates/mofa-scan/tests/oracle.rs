//! Compares the hand-written matchers with naive ones on random text.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::net::Ipv4Addr;

use mofa_scan::keyword::{KeywordId, KeywordScanner};
use mofa_scan::pii::PiiScanner;
use proptest::prelude::*;
use regex::Regex;

fn found(category: &str, text: &str) -> Vec<(usize, usize)> {
    let scanner = PiiScanner::builder().only([category]).build().unwrap();
    let mut findings = Vec::new();
    scanner.scan(text, &mut findings);
    findings.iter().map(|found| (found.start, found.end)).collect()
}

fn byte(text: &str, at: Option<usize>) -> char {
    at.and_then(|at| text.as_bytes().get(at)).map_or(' ', |byte| char::from(*byte))
}

fn word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Every `@`, the longest local part before it and the longest host name after it.
fn emails(text: &str) -> Vec<(usize, usize)> {
    let local = Regex::new(r"[A-Za-z0-9._%+'~-]*$").unwrap();
    let domain = Regex::new(r"^[A-Za-z0-9.-]*").unwrap();
    let label = Regex::new(r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$").unwrap();
    let top = Regex::new(r"^[A-Za-z]{2,}$").unwrap();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for (at, _) in text.match_indices('@') {
        let whole = local.find(&text[..at]).unwrap().as_str();
        let kept = whole.rsplit("..").next().unwrap().trim_start_matches(['.', '\'', '~']);
        if kept.is_empty() || kept.ends_with('.') || whole.len() > 64 || whole.ends_with("..") {
            continue;
        }
        let host = domain.find(&text[at + 1..]).unwrap().as_str();
        let ends = (1..=host.len()).rev().find(|end| {
            let labels: Vec<&str> = host[..*end].split('.').collect();
            let next = byte(host, Some(*end));
            labels.len() > 1
                && labels.iter().all(|one| label.is_match(one))
                && top.is_match(labels[labels.len() - 1])
                && !next.is_ascii_alphanumeric()
                && !(next == '-'
                    && host[*end..]
                        .trim_start_matches('-')
                        .starts_with(|c: char| c.is_ascii_alphanumeric()))
        });
        if let Some(end) = ends {
            spans.push((at - kept.len(), at + 1 + end));
        }
    }
    spans
}

fn ssns(text: &str) -> Vec<(usize, usize)> {
    let shape = Regex::new(r"[0-9]{3}-[0-9]{2}-[0-9]{4}").unwrap();
    (0..text.len())
        .filter_map(|at| {
            let found = shape.find_at(text, at).filter(|found| found.start() == at)?;
            let number = found.as_str();
            let (before, before2) = (byte(text, at.checked_sub(1)), byte(text, at.checked_sub(2)));
            let (next, next2) = (byte(text, Some(at + 11)), byte(text, Some(at + 12)));
            let joined = word(before)
                || (before == '-' && word(before2))
                || (before == '.' && before2.is_ascii_digit());
            let goes_on = word(next) || (matches!(next, '-' | '.') && next2.is_ascii_digit());
            let issued = !["000", "666"].contains(&&number[..3])
                && !number.starts_with('9')
                && &number[4..6] != "00"
                && &number[7..] != "0000";
            (issued && !joined && !goes_on).then_some((at, at + 11))
        })
        .collect()
}

fn addresses(text: &str) -> Vec<(usize, usize)> {
    let shape = Regex::new(r"[0-9]{1,3}(\.[0-9]{1,3}){3}").unwrap();
    (0..text.len())
        .filter_map(|at| {
            let found = shape.find_at(text, at).filter(|found| found.start() == at)?;
            let (before, before2) = (byte(text, at.checked_sub(1)), byte(text, at.checked_sub(2)));
            let (next, next2) = (byte(text, Some(found.end())), byte(text, Some(found.end() + 1)));
            let joined = word(before) || (before == '.' && word(before2));
            let goes_on = word(next) || (next == '.' && word(next2));
            let valid = found.as_str().parse::<Ipv4Addr>().is_ok();
            (valid && !joined && !goes_on).then_some((at, found.end()))
        })
        .collect()
}

/// Every occurrence of a phrase between word boundaries; then leftmost, then longest.
fn phrases_in(text: &str, phrases: &[String]) -> Vec<(usize, usize)> {
    let lower = text.to_ascii_lowercase();
    let mut spans: Vec<(usize, usize)> = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let here = phrases
            .iter()
            .filter(|phrase| lower[at..].starts_with(phrase.as_str()))
            .filter(|phrase| {
                !word(byte(text, at.checked_sub(1))) && !word(byte(text, Some(at + phrase.len())))
            })
            .map(String::len)
            .max();
        spans.extend(here.map(|len| (at, at + len)));
        at += here.unwrap_or(1);
    }
    spans
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn emails_are_what_a_naive_reader_finds(text in "[ab1@@.. _-]{0,40}") {
        let expect = emails(&text);
        // Where naive spans overlap the scanner keeps the longest; those are its own business.
        prop_assume!(expect.is_sorted_by(|left, right| left.1 <= right.0));
        prop_assert_eq!(found("email", &text), expect, "{:?}", text);
    }

    #[test]
    fn social_security_numbers_are_what_a_naive_reader_finds(
        parts in prop::collection::vec("(123-45-6789|000-12-1234|900-11-1111|[0-9]{1,4}|-|-|[.]| |a|_)", 0..12)
    ) {
        let text = parts.concat();
        prop_assert_eq!(found("ssn", &text), ssns(&text), "{:?}", text);
    }

    #[test]
    fn addresses_are_what_a_naive_reader_finds(
        parts in prop::collection::vec("(1[.]2[.]3[.]4|[0-9]{1,3}[.]|[.]|[0-9]{1,3}| |a|_)", 0..14)
    ) {
        let text = parts.concat();
        prop_assert_eq!(found("ip_address", &text), addresses(&text), "{:?}", text);
    }

    #[test]
    fn keywords_are_what_a_naive_reader_finds(
        phrases in prop::collection::btree_set("[ab_]{1,3}( [ab]{1,2})?", 0..12),
        text in "[abAB_ .]{0,60}",
    ) {
        // Runs of white space are the corpus's subject; the naive reader knows single spaces.
        let text = text.split(' ').filter(|one| !one.is_empty()).collect::<Vec<_>>().join(" ");
        let phrases: Vec<String> = phrases.into_iter().collect();
        let scanner = phrases
            .iter()
            .zip(0..)
            .fold(KeywordScanner::builder(), |builder, (phrase, id)| builder.add(phrase, KeywordId(id)))
            .build()
            .unwrap();
        let mut matches = Vec::new();
        scanner.scan(&text, &mut matches);
        let spans: Vec<_> = matches.iter().map(|found| (found.start, found.end)).collect();
        prop_assert_eq!(spans, phrases_in(&text, &phrases), "{:?} {:?}", text, phrases);
    }
}

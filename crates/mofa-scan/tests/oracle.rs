//! Compares the hand-written matchers with naive ones on random text.

#![expect(
    clippy::unwrap_used,
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::net::{Ipv4Addr, Ipv6Addr};

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

/// Whether an address of private use ends here and a dot and a port follow.
fn has_port(address: Ipv4Addr, rest: &str) -> bool {
    let port = Regex::new(r"^\.([1-9][0-9]{0,4})(\.[0-9A-Za-z_]|[0-9A-Za-z_]|-[A-Za-z])?").unwrap();
    let Some(found) = port.captures(rest) else { return false };
    let (digits, goes_on) = (&found[1], found.get(2).is_some());
    let is_long = address.octets()[0] != 10 || digits.len() >= 3;
    let is_port = digits.parse::<u16>().is_ok();
    is_port && is_long && !goes_on && (address.is_private() || address.is_loopback())
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
            let address = found.as_str().parse::<Ipv4Addr>().ok()?;
            let has_port = has_port(address, &text[found.end()..]);
            (!joined && (!goes_on || has_port)).then_some((at, found.end()))
        })
        .collect()
}

/// Every word that the standard library takes for an address; a hardware address is none.
fn long_addresses(text: &str) -> Vec<String> {
    let words = text.split(' ').map(|word| {
        let is_sentence = word.ends_with(':') && !word.ends_with("::");
        if is_sentence { &word[..word.len() - 1] } else { word }
    });
    let is_hardware = |word: &str| word.split(':').all(|group| group.len() == 2);
    let valid = words.filter(|word| word.parse::<Ipv6Addr>().is_ok() && !is_hardware(word));
    valid.map(str::to_owned).collect()
}

/// The check digits of ISO 7064 over the letters and digits of an account, read as one number.
fn check_digits(country: &str, account: &str) -> u64 {
    let whole = format!("{account}{country}00");
    let digits = whole.chars().map(|c| c.to_digit(36).unwrap().to_string()).collect::<String>();
    98 - digits.bytes().fold(0, |rest, byte| (rest * 10 + u64::from(byte - b'0')) % 97)
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
    fn long_addresses_are_what_the_standard_library_reads(
        words in prop::collection::vec(
            prop::collection::vec("(:|:|::|[0-9a-f]{1,5}|[0-9a-f]{2}|1[.]2[.]3[.]4)", 1..16), 1..4)
    ) {
        let text = words.iter().map(|parts| parts.concat()).collect::<Vec<_>>().join(" ");
        let builder = PiiScanner::builder().only(["ip_address"]).with_min_confidence(0.0);
        let scanner = builder.build().unwrap();
        let mut findings = Vec::new();
        scanner.scan(&text, &mut findings);
        let long = findings.iter().filter(|found| scanner.rule(found.rule).id == "ip_address.v6");
        let spans: Vec<_> = long.map(|found| text[found.start..found.end].to_owned()).collect();
        prop_assert_eq!(spans, long_addresses(&text), "{:?}", text);
    }

    #[test]
    fn bank_accounts_are_those_whose_check_digits_fit(
        country in prop::sample::select(vec![("DE", 18), ("NO", 11), ("FR", 23), ("PL", 24)]),
        digits in "[0-9]{24}",
        off in 0..97_u64,
        group in prop::sample::select(vec![4, 40]),
    ) {
        let (country, len) = country;
        let account = &digits[..len];
        let check = check_digits(country, account);
        let check = (check + off - 2) % 97 + 2;
        let plain = format!("{country}{check:02}{account}");
        let groups: Vec<_> = plain.as_bytes().chunks(group).map(String::from_utf8_lossy).collect();
        let written = groups.join(" ");
        let expect = if off == 0 { vec![(3, 3 + written.len())] } else { Vec::new() };
        prop_assert_eq!(found("iban", &format!("to {written}.")), expect, "{}", written);
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

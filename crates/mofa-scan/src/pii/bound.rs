//! Holds the scanner to its bound on texts made to be slow: work is counted in byte questions, not
//! in seconds, on a text and on one eight times as long.

use super::PiiScanner;
use crate::MAX_OPEN_TAIL;
use crate::bytes::steps;

/// What [`PiiScanner`] asks at most about a byte of a text, without layers and with them.
const BOUND: (usize, usize) = (100, 400);

/// Texts are made of one of these, over and over.
#[rustfmt::skip]
const PARTS: [&str; 84] = [
    "1", "1 ", "1-", "1.", "12 ", "123-", "123 456 ", "1,", "1:", "0", "00 ", "0.5,", "4242 ", "4242",
    "a@", "a@a.", "a@a@a.b@", "@", "a", "A", "aB", "-", "-----BEGIN", "-----BEGIN PRIVATE KEY-----",
    "eyJ.", "eyJa.eyJ", "eyJhbGciOiJIUzI1NiJ9.", "key=", "key=key=key=", "\"key\": \"", "password=",
    "token=a1", "\u{200b}", "a\u{200b}", "a\u{301}", "\u{301}", "aа", "аa1", "::", "1:", "a:", "::1",
    "fe80::", "a1:b2:", "[", "[]", "(1)", "{\"a\":", "passport 1", "passport 123456789 ", "tax id 1 ",
    "iban DE89 ", "DE89370400440532013000 ", "ssn 123456789 ", "%41", "%2541", "\\u0041", "\\\\u0041",
    "\\\"", "&#65;", "&amp;amp;", "=41", "YWFh", "YWFhYWFhYWFh ", "616161", "0x61 ", "\\x61", "a1b2c3",
    "AB 12 ", "twilio key a1-", "http://a:b@", "+1 ", "(415)", "born 1 ", "one two ", "dash dot ",
    "j o h n ", "1*2*3*", "....- -.. ", "\u{e0041}", "\u{fe0f}", "é@", "１", "2024-01-01 ",
];

/// Encoded again and again.
fn nested() -> [String; 2] {
    let mut json = "{\"a\": \"ann@example.org\"}".to_owned();
    let mut percent = "ann@example.org ".to_owned();
    for _ in 0..5 {
        json = format!("{{\"a\": \"{}\"}}", json.replace('\\', "\\\\").replace('"', "\\\""));
        percent = percent.replace('%', "%25").replace('@', "%40");
    }
    [json, percent]
}

fn texts(bytes: usize) -> impl Iterator<Item = (String, String)> {
    let parts = PARTS.into_iter().map(str::to_owned).chain(nested());
    parts.map(move |part| {
        let text = part.repeat(bytes / part.len() + 1);
        (part, text)
    })
}

#[track_caller]
fn is_linear(scanner: &PiiScanner, bytes: usize, bound: usize) {
    for ((part, short), (_, long)) in texts(bytes).zip(texts(8 * bytes)) {
        let work = |text: &str| {
            let mut findings = Vec::new();
            let steps = steps(|| scanner.scan(text, &mut findings));
            assert!(findings.is_sorted_by(|left, right| left.end <= right.start), "{part:?}");
            steps
        };
        let (less, more) = (work(&short), work(&long));
        // Eight times the text, a tenth for what begins and ends it.
        assert!(more <= less * 9, "{part:?}: {less} steps, and {more} for eight times as much");
        assert!(more <= bound * long.len(), "{part:?}: {more} steps for {} bytes", long.len());
    }
}

#[test]
fn work_is_linear_in_the_text() {
    is_linear(&PiiScanner::default(), 4 << 10, BOUND.0);
}

#[test]
fn work_is_linear_with_layers() {
    let scanner = PiiScanner::builder().with_layers(true).build();
    // Many of the pieces that a zone is read in.
    is_linear(&scanner.unwrap_or_default(), 8 << 10, BOUND.1);
}

/// 64 MiB where the tests are optimised like the product, a part of it elsewhere.
const LARGE: usize = if cfg!(debug_assertions) { 128 << 10 } else { 64 << 20 };

#[test]
fn large_texts_made_to_be_slow_are_scanned() {
    let scanner = PiiScanner::default();
    for (part, text) in texts(LARGE) {
        let mut findings = Vec::new();
        scanner.scan(&text, &mut findings);
        assert!(findings.is_sorted_by(|left, right| left.end <= right.start), "{part:?}");
        assert!(scanner.open_tail(&text) <= MAX_OPEN_TAIL, "{part:?}");
    }
}

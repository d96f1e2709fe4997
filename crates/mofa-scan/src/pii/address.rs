//! Postal addresses: a street and a house number, and the postal code and town behind them.
//!
//! Forms: number first with a word for a street (`221B Baker Street`, `12 rue de la Paix`), and
//! street first (`Hauptstraße 12`, `Calle Mayor 5`). Not matched: streets without such a word
//! (`Broadway 12`), post boxes, buildings without a number, and towns or postal codes alone. The
//! category is off unless chosen.

use super::boundary::may_begin;
use super::builtin::personal::STREET;
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, is_word, run_len, run_len_back};

/// Street first: how far before its number a street may begin, in bytes.
const MAX_STREET: usize = 48;
/// How far behind the street its postal code may begin, in bytes.
const MAX_GAP: usize = 48;
/// A whole address from its number on, in bytes.
const MAX_BYTES: usize = 160;
const MAX_WORDS: usize = 5;
/// One word of a street, in bytes.
const MAX_NAME: usize = 32;

/// What a street ends with in English, lower case.
#[rustfmt::skip]
const ENGLISH: [&str; 44] = [
    "street", "st", "avenue", "ave", "av", "road", "rd", "boulevard", "blvd", "lane", "ln",
    "drive", "dr", "court", "ct", "way", "place", "pl", "terrace", "square", "sq", "parkway",
    "pkwy", "highway", "hwy", "circle", "cir", "trail", "trl", "close", "crescent", "cres", "grove",
    "gardens", "mews", "hill", "row", "walk", "alley", "plaza", "expressway", "loop", "quay", "pike",
];

/// What a street begins with where the number comes first: French.
#[rustfmt::skip]
const FRENCH: [&str; 12] = [
    "rue", "avenue", "boulevard", "bd", "place", "chemin", "allée", "impasse", "quai", "route",
    "cours", "square",
];

/// What a street begins with where the number comes last: Spanish, Italian, Portuguese.
#[rustfmt::skip]
const ROMANCE: [&str; 17] = [
    "calle", "c/", "avenida", "avda", "av", "plaza", "paseo", "carrer", "camino", "via", "viale",
    "piazza", "corso", "largo", "vicolo", "rua", "travessa",
];

/// What a street ends with where the number comes last: German and Dutch.
#[rustfmt::skip]
const GERMANIC: [&str; 17] = [
    "straße", "strasse", "str", "weg", "platz", "allee", "gasse", "damm", "ufer", "straat", "laan",
    "plein", "gracht", "kade", "dijk", "steeg", "singel",
];

/// Looks for an address whose house number is the digits at `start`; `run` is how many.
pub(super) fn probe(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let text = pass.text();
    if run > 5 || !may_begin(text, start) {
        return;
    }
    let number_end = start + run + run_len(text, start + run, 1, |b| b.is_ascii_alphabetic());
    if is_word(byte_at(text, number_end)) {
        return;
    }
    let before = street_before(text, start);
    let first = before.unwrap_or(start);
    pass.undecided_if_at_end(first, start + MAX_BYTES);
    let street_end =
        if before.is_some() { Some(number_end) } else { street_behind(text, number_end) };
    let Some(street_end) = street_end else { return };
    match code_behind(text, street_end) {
        Some(end) => pass.report(first, end, STREET, 0.75),
        None => pass.report(first, street_end, STREET, 0.55),
    }
}

/// Where an address may begin at the end of a text: its street comes before its number.
pub(super) fn pending(text: &[u8]) -> usize {
    text.len().saturating_sub(MAX_STREET)
}

/// A word: where it begins and ends.
type Word = (usize, usize);

/// The next word behind at most two separators on the same line.
fn word_at(text: &[u8], at: usize) -> Option<Word> {
    let start = at + run_len(text, at, 2, |b| matches!(b, b' ' | b',' | b'.'));
    let is_part = |b| is_word(b) || b >= 0x80 || matches!(b, b'\'' | b'-');
    let len = run_len(text, start, MAX_NAME + 1, is_part);
    (start > at && (1..=MAX_NAME).contains(&len)).then_some((start, start + len))
}

fn is_any(text: &[u8], (start, end): Word, known: &[&str]) -> bool {
    let word = text.get(start..end).unwrap_or_default();
    known.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

fn is_capital(text: &[u8], (start, _): Word) -> bool {
    let first = byte_at(text, start);
    first.is_ascii_uppercase() || first >= 0x80
}

/// The end of the street whose number ends at `at`.
fn street_behind(text: &[u8], at: usize) -> Option<usize> {
    let mut word = word_at(text, at)?;
    if is_any(text, word, &["bis", "ter"]) {
        word = word_at(text, word.1)?;
    }
    if is_any(text, word, &FRENCH) {
        return names_end(text, word.1);
    }
    for _ in 0..MAX_WORDS {
        let is_ordinal = byte_at(text, word.0).is_ascii_digit()
            && byte_at(text, word.1 - 1).is_ascii_lowercase();
        let is_name = is_capital(text, word) || is_ordinal;
        is_name.then_some(())?;
        let next = word_at(text, word.1)?;
        if is_any(text, next, &ENGLISH) {
            return Some(next.1);
        }
        word = next;
    }
    None
}

/// The end of a name in small and capital words: `de la Paix`.
fn names_end(text: &[u8], at: usize) -> Option<usize> {
    const SMALL: [&str; 10] = ["de", "du", "des", "la", "le", "les", "l", "d", "et", "saint"];
    let mut end = at;
    let mut best = None;
    for _ in 0..MAX_WORDS {
        let Some(word) = word_at(text, end).filter(|word| !text_has(text, end, word.0, b','))
        else {
            break;
        };
        if is_capital(text, word) {
            best = Some(word.1);
        } else if !is_any(text, word, &SMALL) && !text_has(text, word.0, word.1, b'\'') {
            break;
        }
        end = word.1;
    }
    best
}

fn text_has(text: &[u8], start: usize, end: usize, byte: u8) -> bool {
    text.get(start..end).is_some_and(|part| part.contains(&byte))
}

/// The start of the street whose number begins at `start`.
fn street_before(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start - run_len_back(text, start, 2, |b| matches!(b, b' ' | b',' | b'.'));
    (at < start).then_some(())?;
    let last = name_start(text, at)?;
    let word = text.get(last..at)?;
    let ends =
        |known: &str| crate::bytes::ends_with_ignore_case(word, word.len(), known.as_bytes());
    let is_street = GERMANIC.iter().any(|known| ends(known));
    if is_street && is_capital(text, (last, at)) {
        return Some(last);
    }
    for _ in 0..MAX_WORDS {
        let first = name_start(text, at).filter(|first| start - first <= MAX_STREET)?;
        let found = (first, at);
        if is_street && is_capital(text, found) && at < start - 1 {
            return Some(first);
        }
        if is_any(text, found, &ROMANCE) && is_capital(text, found) && at + 2 < start {
            return Some(first);
        }
        (byte_before(text, first, 1) == b' ').then_some(())?;
        at = first - 1;
    }
    None
}

/// The start of the word that ends at `end`.
fn name_start(text: &[u8], end: usize) -> Option<usize> {
    let len = run_len_back(text, end, MAX_NAME + 1, is_name);
    (1..=MAX_NAME).contains(&len).then(|| end - len)
}

const fn is_name(byte: u8) -> bool {
    is_word(byte) || byte >= 0x80 || matches!(byte, b'-' | b'\'' | b'/' | b'.')
}

/// The end of a postal code, with its town where that comes last, at most [`MAX_GAP`] behind `at`.
fn code_behind(text: &[u8], at: usize) -> Option<usize> {
    let window = text.get(at..(at + MAX_GAP).min(text.len()))?;
    let breaks = window.iter().take_while(|b| !matches!(**b, b';' | b'?' | b'!' | b':')).count();
    (at..at + breaks).find_map(|start| {
        let begins = !is_word(byte_before(text, start, 1)) && is_word(byte_at(text, start));
        begins.then(|| code_end(text, start)).flatten()
    })
}

fn code_end(text: &[u8], start: usize) -> Option<usize> {
    let digits = run_len(text, start, 6, |b| b.is_ascii_digit());
    match digits {
        5 => {
            let plus = byte_at(text, start + 5) == b'-'
                && run_len(text, start + 6, 5, |b| b.is_ascii_digit()) == 4;
            let end = if plus { start + 10 } else { start + 5 };
            (!is_word(byte_at(text, end))).then(|| town_end(text, end))
        }
        4 => {
            let letters = run_len(text, start + 5, 3, |b| b.is_ascii_uppercase());
            let is_dutch = byte_at(text, start + 4) == b' ' && letters == 2;
            is_dutch.then(|| town_end(text, start + 7))
        }
        0 => british_end(text, start).or_else(|| canadian_end(text, start)),
        _ => None,
    }
}

/// Behind a continental code: the town, where one follows directly.
fn town_end(text: &[u8], end: usize) -> usize {
    let town = word_at(text, end).filter(|word| word.0 == end + 1 && byte_at(text, end) == b' ');
    town.filter(|word| is_capital(text, *word)).map_or(end, |word| word.1)
}

/// `NW1 6XE`.
fn british_end(text: &[u8], start: usize) -> Option<usize> {
    let outer = run_len(text, start, 5, |b| b.is_ascii_uppercase() || b.is_ascii_digit());
    let letters = run_len(text, start, 3, |b| b.is_ascii_uppercase());
    let inner = start + outer + 1;
    let is_code = matches!(outer, 2..=4)
        && matches!(letters, 1 | 2)
        && byte_at(text, start + outer) == b' '
        && byte_at(text, inner).is_ascii_digit()
        && run_len(text, inner + 1, 3, |b| b.is_ascii_uppercase()) == 2
        && !is_word(byte_at(text, inner + 3));
    is_code.then_some(inner + 3)
}

/// `K1A 0B1`.
fn canadian_end(text: &[u8], start: usize) -> Option<usize> {
    let code = text.get(start..start + 7)?;
    let fits = |(at, byte): (usize, &u8)| match at {
        0 | 2 | 5 => byte.is_ascii_uppercase(),
        3 => *byte == b' ',
        _ => byte.is_ascii_digit(),
    };
    (code.iter().enumerate().all(fits) && !is_word(byte_at(text, start + 7))).then_some(start + 7)
}

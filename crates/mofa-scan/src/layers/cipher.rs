//! Undoes ciphers that keep a value's shape: ROT13, Caesar's, Atbash, writing backwards, leetspeak.
//!
//! Ordinary text has other readings under each of them, so that only words that could be an
//! address, a key or a number are read, and the readings are guesses.

use super::Found;
use super::source::Source;
use super::zone::next_word;

/// How long a word that could be a key is, in bytes.
const KEY: std::ops::RangeInclusive<usize> = 14..=256;
/// Where the prefix of a key ends, at the latest.
const PREFIX: usize = 12;
/// Fewer digits are no number that is searched backwards.
const LEAST_DIGITS: usize = 9;

/// Adds the readings of every word that could be a value.
pub(super) fn read(source: &Source<'_>, found: &mut Found) {
    let bytes = source.bytes();
    let mut at = source.body;
    let mut digits: Vec<(usize, usize)> = Vec::new();
    while at < bytes.len() {
        let (start, end) = next_word(bytes, at);
        let word = bytes.get(start..end).unwrap_or_default();
        let number = word.iter().any(u8::is_ascii_digit)
            && word.iter().all(|b| b.is_ascii_digit() || b.is_ascii_punctuation());
        if number {
            digits.push((start, end));
        } else {
            numbers(source, &mut digits, found);
            if word.is_ascii() && is_value(word) {
                letters(source, start, end, found);
            }
        }
        at = end.max(at + 1);
    }
    numbers(source, &mut digits, found);
}

/// Whether a word could be an address or a key.
fn is_value(word: &[u8]) -> bool {
    let address = word.contains(&b'@') && word.len() <= 320;
    let is_key =
        |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'"' | b'\'' | b',');
    let key = KEY.contains(&word.len())
        && word.iter().all(is_key)
        && word.iter().any(u8::is_ascii_digit)
        && word.iter().any(u8::is_ascii_alphabetic);
    address || key
}

fn letters(source: &Source<'_>, start: usize, end: usize, found: &mut Found) {
    let word = source.part(start, end);
    let readings = [
        turn(word, 13),
        turn(word, 23),
        word.bytes().map(mirror).collect(),
        word.bytes().rev().map(char::from).collect(),
        plain(word),
    ];
    for shown in readings.iter().filter(|shown| *shown != word) {
        found.add(source.run(start, end, shown, &[], true));
    }
}

/// Every letter moved on by `by` places.
fn turn(word: &str, by: u8) -> String {
    let moved = |byte: u8, first: u8| char::from((byte - first + by) % 26 + first);
    word.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' => moved(byte, b'a'),
            b'A'..=b'Z' => moved(byte, b'A'),
            _ => char::from(byte),
        })
        .collect()
}

/// Atbash: the alphabet backwards.
const fn mirror(byte: u8) -> char {
    match byte {
        b'a'..=b'z' => (b'z' - (byte - b'a')) as char,
        b'A'..=b'Z' => (b'Z' - (byte - b'A')) as char,
        _ => byte as char,
    }
}

/// Leetspeak undone where letters must be: the domain of an address, the prefix of a key.
fn plain(word: &str) -> String {
    let is_mark = |byte: &u8| matches!(byte, b'-' | b'_' | b'.');
    let at = word.bytes().position(|byte| byte == b'@');
    let (from, to) = if let Some(at) = at {
        (at, word.len())
    } else {
        let mut marks = word.bytes().take(PREFIX).enumerate().filter(|(_, byte)| is_mark(byte));
        (0, marks.next_back().map_or(4, |(last, _)| last))
    };
    let capital = at.is_none()
        && !word.bytes().take(4).any(|byte| byte.is_ascii_lowercase())
        && word.bytes().take(4).any(|byte| byte.is_ascii_uppercase());
    word.bytes()
        .enumerate()
        .map(|(i, byte)| {
            let letter = match byte {
                b'0' => b'o',
                b'1' => b'i',
                b'3' => b'e',
                b'4' => b'a',
                b'5' => b's',
                b'7' => b't',
                _ => byte,
            };
            let letter = if (from..to).contains(&i) { letter } else { byte };
            let upper = capital && letter != byte;
            char::from(if upper { letter.to_ascii_uppercase() } else { letter })
        })
        .collect()
}

/// A row of words of digits: backwards, and with its words or the digits in them turned round.
fn numbers(source: &Source<'_>, words: &mut Vec<(usize, usize)>, found: &mut Found) {
    let words = std::mem::take(words);
    let (Some((start, _)), Some((_, end))) = (words.first().copied(), words.last().copied()) else {
        return;
    };
    let row = source.bytes().get(start..end).unwrap_or_default();
    let count = row.iter().filter(|byte| byte.is_ascii_digit()).count();
    if count < LEAST_DIGITS || !row.is_ascii() {
        return;
    }
    pieces(source, start, &words, Order::Backwards, found);
    if words.len() > 1 {
        pieces(source, start, &words, Order::Words, found);
        pieces(source, start, &words, Order::InWords, found);
    }
}

/// What was turned round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Order {
    Backwards,
    Words,
    InWords,
}

/// The words in another order: every byte keeps its own way back.
fn pieces(
    source: &Source<'_>,
    start: usize,
    words: &[(usize, usize)],
    order: Order,
    found: &mut Found,
) {
    let (mut draft, body) = source.draft_at(start, 64);
    let mut add = |(from, to): (usize, usize)| {
        if order == Order::Words {
            source.put(&mut draft, source.part(from, to), from, to);
        } else {
            for at in (from..to).rev() {
                source.put(&mut draft, source.part(at, at + 1), at, at + 1);
            }
        }
        draft.text.push(' ');
    };
    if order == Order::InWords {
        words.iter().copied().for_each(&mut add);
    } else {
        words.iter().rev().copied().for_each(&mut add);
    }
    found.add(source.finish(draft, body, true));
}

//! Reads what is spelled out: digits and letters as words, Morse code, "john at example dot com".

mod address;
mod morse;

use super::Found;
use super::anchors::Kind;
use super::lexicon;
use super::source::Source;
use super::zone::is_blank;
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, run_len};

/// A shorter row is ordinary words.
const LEAST: usize = 6;

/// Adds the readings of one source.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    if source.holds(Kind::Named) {
        characters(source, found);
    }
    if source.holds(Kind::Morse) {
        morse::read(source, found);
    }
    if source.holds(Kind::Address) {
        address::read(source, found);
    }
}

/// A row of words that are characters each.
#[derive(Default)]
struct Row {
    start: usize,
    end: usize,
    words: usize,
    named: usize,
    /// How often the next character stands: "double four".
    times: usize,
    shown: String,
    units: Vec<(usize, usize)>,
}

fn characters(source: &Source<'_>, found: &mut Found<'_>) {
    let bytes = source.bytes();
    let mut row = Row::default();
    let mut at = source.body;
    while at < bytes.len() {
        let len = word_len(bytes, at);
        let end = at + len.max(1);
        let word = bytes.get(at..end).unwrap_or_default();
        match word {
            [blank] if is_blank(*blank) || *blank == b',' => {}
            // A hyphen between two words joins them.
            [b'-'] if !alone(bytes, at) => {}
            [mark] if !mark.is_ascii_alphanumeric() && !alone(bytes, at) => {
                row.finish(source, found);
            }
            _ => row.word(source, word, at, end, found),
        }
        at = end;
    }
    row.finish(source, found);
}

/// The length of the word at `at`; `x-ray` is one.
fn word_len(bytes: &[u8], at: usize) -> usize {
    let len = run_len(bytes, at, usize::MAX, |b| b.is_ascii_alphanumeric());
    let ray = len == 1 && ends_with_ignore_case(bytes, (at + 5).min(bytes.len()), b"x-ray");
    if ray { 5 } else { len }
}

fn alone(bytes: &[u8], at: usize) -> bool {
    let blank = |byte: u8| is_blank(byte) || byte == 0;
    blank(byte_before(bytes, at, 1)) && blank(byte_at(bytes, at + 1))
}

impl Row {
    fn word(
        &mut self,
        source: &Source<'_>,
        word: &[u8],
        at: usize,
        end: usize,
        found: &mut Found<'_>,
    ) {
        let times = [("double", 2), ("triple", 3)]
            .iter()
            .find(|(name, _)| lexicon::is_named(word, name))
            .map_or(0, |(_, times)| *times);
        if times > 0 && self.words > 0 {
            self.times = times;
            return;
        }
        let Some(c) = character(word).filter(char::is_ascii) else {
            self.finish(source, found);
            return;
        };
        if self.words == 0 {
            self.start = at;
        }
        // A word more than a blank away began with one.
        let gap = source.bytes().get(self.end..at).unwrap_or_default();
        if self.words > 0 && gap.len() >= 3 && gap.iter().all(|b| *b == b' ') {
            self.shown.push(' ');
        }
        self.units.push((self.shown.len(), at));
        for _ in 0..self.times.max(1) {
            self.shown.push(c);
        }
        self.words += 1;
        self.named += usize::from(word.len() > 1);
        self.times = 0;
        self.end = end;
    }

    /// Adds what the row spells; letters have lost their case, so both are given.
    fn finish(&mut self, source: &Source<'_>, found: &mut Found<'_>) {
        if self.words == 0 {
            return;
        }
        let row = std::mem::take(self);
        if row.words < LEAST || row.named == 0 || !source.is_new(row.start, row.end) {
            return;
        }
        found.add(source.run(row.start, row.end, &row.shown, &row.units, true));
        let upper = row.shown.to_ascii_uppercase();
        if upper != row.shown {
            found.add(source.run(row.start, row.end, &upper, &row.units, true));
        }
    }
}

/// The character that a word names.
fn character(word: &[u8]) -> Option<char> {
    if let [single] = word {
        return single.is_ascii_graphic().then(|| char::from(single.to_ascii_lowercase()));
    }
    let named = lexicon::mark(word);
    named.or_else(|| lexicon::digit(word)).or_else(|| lexicon::nato(word)).map(char::from)
}

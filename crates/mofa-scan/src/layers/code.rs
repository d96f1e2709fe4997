//! Decodes rows of numbers that are codes of characters: decimal, octal, hexadecimal, binary.

use super::Found;
use super::anchors::Kind;
use super::run::readable;
use super::source::Source;
use crate::bytes::run_len;

/// A row of fewer codes holds no value.
pub(super) const LEAST: usize = 6;
/// The most bytes between two codes.
pub(super) const MAX_GAP: usize = 3;

/// A way to write a byte as a number.
#[derive(Clone, Copy)]
struct Notation {
    radix: u32,
    /// How many digits a code has, least and most.
    digits: (usize, usize),
}

const NOTATIONS: [Notation; 4] = [
    Notation { radix: 10, digits: (2, 3) },
    Notation { radix: 8, digits: (2, 3) },
    Notation { radix: 16, digits: (2, 2) },
    Notation { radix: 2, digits: (6, 8) },
];

/// A word that could be a number.
struct Token {
    start: usize,
    end: usize,
    /// Whether little enough stands before it to be in a row with the one before.
    joined: bool,
}

/// Adds a reading for every row that decodes to text.
pub(super) fn read(source: &Source<'_>, found: &mut Found<'_>) {
    if !source.holds(Kind::Code) {
        return;
    }
    let tokens = tokens(source);
    if tokens.len() < LEAST {
        return;
    }
    for notation in NOTATIONS {
        let mut row: Vec<(usize, usize, u8)> = Vec::new();
        for token in &tokens {
            let code = notation.code(source.part(token.start, token.end));
            if !token.joined || code.is_none() {
                add(source, &mut row, found);
            }
            row.extend(code.map(|code| (token.start, token.end, code)));
        }
        add(source, &mut row, found);
    }
}

/// A row of codes that is being read: how many there are in each notation.
#[derive(Debug, Default)]
pub(super) struct Row {
    counts: [usize; NOTATIONS.len()],
    start: usize,
    end: usize,
    /// Whether only one word was added, and not looked at yet: most are alone.
    is_first: bool,
}

impl Row {
    /// Adds a word, if it could be a code; gives where the row begins, if it is long enough.
    #[inline]
    pub(super) fn add(&mut self, text: &[u8], word: &[u8], start: usize) -> Option<usize> {
        let may_be = match word {
            [a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
            [b'0', b'x' | b'X', _, _] => true,
            [first, .., last] => {
                first.is_ascii_digit() && last.is_ascii_digit() && matches!(word.len(), 3 | 6..=8)
            }
            _ => false,
        };
        if !may_be {
            return None;
        }
        let gap = text.get(self.end..start).unwrap_or_default();
        if gap.len() > MAX_GAP || !gap.iter().all(|b| is_gap(*b)) {
            let (counts, end) = ([0; NOTATIONS.len()], start + word.len());
            *self = Self { counts, start, end, is_first: true };
            return None;
        }
        if std::mem::take(&mut self.is_first) {
            self.count(text.get(self.start..self.end).unwrap_or_default());
        }
        self.end = start + word.len();
        self.count(word);
        if self.counts == [0; NOTATIONS.len()] {
            self.start = self.end;
        }
        self.counts.iter().any(|count| *count >= LEAST).then_some(self.start)
    }

    fn count(&mut self, word: &[u8]) {
        let word = std::str::from_utf8(word).unwrap_or_default();
        for (count, notation) in self.counts.iter_mut().zip(NOTATIONS) {
            *count = if notation.code(word).is_some() { *count + 1 } else { 0 };
        }
    }
}

fn tokens(source: &Source<'_>) -> Vec<Token> {
    let bytes = source.bytes();
    let mut tokens = Vec::new();
    let mut last = 0;
    let mut at = source.body;
    while at < bytes.len() {
        at += run_len(bytes, at, usize::MAX, |b| !b.is_ascii_alphanumeric());
        let len = run_len(bytes, at, usize::MAX, |b| b.is_ascii_alphanumeric());
        let end = at + len;
        let digit = bytes.get(at..end).is_some_and(|word| word.iter().any(u8::is_ascii_digit));
        // Two of the digits above 9 may make a hexadecimal code of their own.
        if (2..=8).contains(&len) && (digit || len == 2) {
            let gap = bytes.get(last..at).unwrap_or_default();
            let joined = gap.len() <= MAX_GAP && gap.iter().all(|b| is_gap(*b));
            tokens.push(Token { start: at, end, joined });
            last = end;
        }
        at = end.max(at + 1);
    }
    tokens
}

pub(super) const fn is_gap(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b';' | b':' | b'|' | b'-' | b'\t' | b'\n' | b'\r' | b'\\' | b'_')
}

impl Notation {
    /// The character that a number stands for, if it is one that a text may have.
    fn code(self, word: &str) -> Option<u8> {
        let digits = match self.radix {
            16 => word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")).unwrap_or(word),
            _ => word,
        };
        if !(self.digits.0..=self.digits.1).contains(&digits.len()) {
            return None;
        }
        let code = u8::from_str_radix(digits, self.radix).ok()?;
        (matches!(code, 0x20..=0x7E | 0x80.. | b'\n' | b'\r' | b'\t')).then_some(code)
    }
}

fn add(source: &Source<'_>, row: &mut Vec<(usize, usize, u8)>, found: &mut Found<'_>) {
    if row.len() >= LEAST
        && let (Some((start, ..)), Some((_, end, _))) = (row.first(), row.last())
        && source.is_new(*start, *end)
        && let Some(shown) = readable(row.iter().map(|(.., code)| *code).collect())
    {
        let units: Vec<_> = row.iter().enumerate().map(|(i, (at, ..))| (i, *at)).collect();
        found.add(source.run(*start, *end, &shown, &units, false));
    }
    row.clear();
}

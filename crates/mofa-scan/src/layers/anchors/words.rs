//! Which rows of words could spell something, and which words and numbers could be a cipher.

use super::bits::{Bits, Set};
use super::{Anchors, Kind};
use crate::bytes::{byte_at, byte_before, run_len, run_len_back};
use crate::layers::zone::is_blank;
use crate::layers::{cipher, code, lexicon, spaced};

/// Fewer letters and digits, or words for them, are no row; marks may stand between them.
const LEAST_NAMED: usize = 4;
/// How many words of Morse code a row has at least, and within how many bytes they stand.
const MORSE: (usize, usize) = (3, 40);
/// The most blanks and brackets on one side of a mark in words.
const MAX_FRAME: usize = 8;
/// How far behind its "at" the last label of an address begins, at most.
const MAX_ADDRESS: usize = 320;
/// How many numbers of a row are put in another order at once, to see whether they show one.
const MAX_ROW: usize = 16;

/// A row of words that is being read.
#[derive(Default)]
struct Row {
    start: usize,
    words: usize,
    named: usize,
    codes: code::Row,
}

impl Row {
    fn add(&mut self, start: usize) {
        if self.words == 0 {
            self.start = start;
        }
        self.words += 1;
    }

    const fn end(&mut self) {
        (self.words, self.named) = (0, 0);
    }
}

impl Anchors<'_> {
    /// Rows of words for characters, of codes of characters, and the words of addresses.
    pub(super) fn words(&mut self, part: &[u8], bits: &Bits) {
        let mut row = Row::default();
        let mut last_at = None;
        for (start, end) in bits.runs(Set::Word) {
            let len = end - start;
            if len == 1 {
                row.add(start);
            } else if let Some(word) = part.get(start..end).filter(|_| len <= 8) {
                if lexicon::may_name(word) && lexicon::names(word) {
                    row.add(start);
                    row.named += 1;
                } else {
                    row.end();
                }
                if let Some(first) = row.codes.add(part, word, start) {
                    self.note(Kind::Code, first, end);
                }
                match word {
                    [b'a' | b'A', b't' | b'T'] if is_between(part, start, end) => {
                        last_at = Some(start);
                        if let Some(dot) = loose_dot(part, end) {
                            self.note(Kind::Address, start, dot);
                        }
                    }
                    [b'd' | b'D', _, _] | [b'p' | b'P', _, _, _, _]
                        if word.eq_ignore_ascii_case(b"dot")
                            || word.eq_ignore_ascii_case(b"point") =>
                    {
                        if let Some(last) = last_at.filter(|last| start < last + MAX_ADDRESS) {
                            self.note(Kind::Address, last, end);
                        }
                    }
                    _ => {}
                }
            } else {
                row.end();
            }
            if row.words >= LEAST_NAMED && row.named > 0 {
                self.note(Kind::Named, row.start, end);
            }
        }
    }

    /// Groups of digits with unusual marks, and words with digits that could be a cipher.
    pub(super) fn numbers(&mut self, part: &[u8], bits: &Bits) {
        let mut groups = Groups::default();
        let mut solid_end = bits.from;
        let mut row = std::mem::take(&mut self.words);
        row.clear();
        for (start, end) in bits.runs(Set::Digit) {
            if let Some(first) = groups.add(part, start, end) {
                self.note(Kind::Groups, first, end);
            }
            if start < solid_end {
                continue;
            }
            let first = bits.solid_start(part, start);
            let before = std::mem::replace(&mut solid_end, bits.solid_end(start));
            let word = part.get(first..solid_end).unwrap_or_default();
            let is_number = word.iter().all(|b| b.is_ascii_digit() || b.is_ascii_punctuation());
            let goes_on = is_number
                && part.get(before..first).is_some_and(|gap| gap.iter().all(|b| is_blank(*b)));
            if !goes_on || row.len() >= MAX_ROW {
                self.row(part, &row);
                // A number may lie across.
                let kept = if goes_on { row.len() - MAX_ROW / 2 } else { row.len() };
                row.drain(..kept);
            }
            if is_number {
                row.push((first, solid_end));
            } else {
                self.word(word, first, solid_end);
            }
        }
        self.row(part, &row);
        self.words = row;
    }

    /// A word that could be the cipher of a value, or none.
    fn word(&mut self, word: &[u8], start: usize, end: usize) {
        if cipher::is_value(word)
            && cipher::may_show(word, self.believed)
            && !self.believed.is_in_sight(start, end)
        {
            self.note(Kind::Cipher, start, end);
        }
    }

    /// Words of digits that could be a number in another order, or none.
    fn row(&mut self, part: &[u8], row: &[(usize, usize)]) {
        let (Some((start, _)), Some((_, end))) = (row.first(), row.last()) else { return };
        if cipher::may_be_number(part.get(*start..*end).unwrap_or_default())
            && cipher::Order::of(row).iter().any(|order| {
                cipher::shows_number(part, row, *order, &mut self.shown, self.believed)
            })
        {
            self.note(Kind::Cipher, *start, *end);
        }
    }

    /// Characters with the same mark after each.
    pub(super) fn rows(&mut self, part: &[u8], bits: &Bits) {
        for at in bits.marked_rows() {
            let mark = byte_at(part, at);
            let is_row = (1..5).all(|i| byte_at(part, at + 2 * i) == mark);
            let is_value = |i: usize| byte_at(part, at + 2 * i + 1).is_ascii_alphanumeric();
            if is_row && (0..5).filter(|i| is_value(*i)).count() >= 2 {
                self.note(Kind::Letters, at, at + 10);
            }
        }
    }

    /// Morse code, and the marks of addresses.
    pub(super) fn signs(&mut self, part: &[u8], bits: &Bits) {
        if bits.has_at {
            let from = bits.from;
            let rest = part.get(from..).unwrap_or_default();
            let mut seen = from;
            for at in memchr::memchr_iter(b'@', rest).map(|at| from + at) {
                if at >= seen {
                    let first = bits.solid_start(part, at);
                    seen = bits.solid_end(at);
                    self.word(part.get(first..seen).unwrap_or_default(), first, seen);
                }
                if is_blank(byte_before(part, at, 1)) || is_blank(byte_at(part, at + 1)) {
                    self.note(Kind::Address, at, at + 1);
                }
            }
        }
        let mut seen = [0; MORSE.0];
        for at in bits.signs() {
            seen.rotate_left(1);
            if let Some(slot) = seen.last_mut() {
                *slot = at + 1;
            }
            if let Some(first) = seen.first().filter(|first| **first > 0 && at - **first < MORSE.1)
            {
                self.note(Kind::Morse, first - 1, at + 1);
            }
        }
    }
}

/// Whether the word "at" may stand between the parts of an address: with blanks and brackets.
fn is_between(part: &[u8], start: usize, end: usize) -> bool {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+');
    let is_frame = |byte: u8| {
        matches!(byte, b'(' | b'[' | b'{' | b'<' | b'_' | b'-' | b')' | b']' | b'}' | b'>')
    };
    let before = run_len_back(part, start, MAX_FRAME, |b| is_blank(b) || is_frame(b));
    let after = run_len(part, end, MAX_FRAME, |b| is_blank(b) || is_frame(b));
    before > 0
        && after > 0
        && is_part(byte_before(part, start, before + 1))
        && is_part(byte_at(part, end + after))
}

/// Where a domain with a full stop, or one with a blank before it, may end within an address.
fn loose_dot(part: &[u8], from: usize) -> Option<usize> {
    let rest = part.get(from..part.len().min(from + MAX_ADDRESS)).unwrap_or_default();
    let is_framed = !is_blank(byte_at(part, from))
        || rest.get(..3).is_some_and(|three| {
            three.iter().any(|b| matches!(b, b')' | b']' | b'}' | b'>' | b'_' | b'-'))
        });
    let mut dots = memchr::memchr_iter(b'.', rest);
    let dot = dots.find(|at| is_framed || is_blank(byte_before(rest, *at, 1)))?;
    Some(from + dot + 1)
}

/// Groups of digits that are being read.
struct Groups {
    count: usize,
    start: usize,
    end: usize,
    sizes: [usize; 2],
    /// Whether only blanks and hyphens stand between them, one each.
    is_usual: bool,
}

impl Default for Groups {
    fn default() -> Self {
        Self { count: 0, start: 0, end: 0, sizes: [0; 2], is_usual: true }
    }
}

impl Groups {
    /// Adds the digits `start..end`; gives where their row begins, if that may be a value's.
    fn add(&mut self, part: &[u8], start: usize, end: usize) -> Option<usize> {
        let gap = part.get(self.end..start).unwrap_or_default();
        if self.count > 0 && gap.len() <= 3 && gap.iter().all(|b| spaced::separates(*b)) {
            self.count += 1;
            self.is_usual &= matches!(gap, [b' ' | b'-']);
        } else {
            *self = Self { count: 1, start, ..Self::default() };
        }
        if let Some(size) = self.sizes.get_mut(self.count - 1) {
            *size = end - start;
        }
        self.end = end;
        (self.count >= 3 && !self.is_usual && spaced::begins_groups(self.sizes))
            .then_some(self.start)
    }
}

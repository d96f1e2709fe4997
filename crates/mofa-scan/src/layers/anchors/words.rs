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
/// The least bytes that a word of a cipher or a row of numbers has.
const LEAST_DIGITS: usize = 9;

/// A row of words that is being read.
#[derive(Default)]
struct Row {
    words: usize,
    named: usize,
    codes: usize,
    /// Where the last code ended.
    code_end: usize,
}

impl Anchors {
    /// Rows of words for characters, of codes of characters, and the words of addresses.
    pub(super) fn words(&mut self, part: &[u8], bits: &Bits) {
        let (mut at, mut row) = (bits.from, Row::default());
        let mut last_at = None;
        while let Some((start, end)) = bits.next(Set::Word, at) {
            at = end;
            let len = end - start;
            if len == 1 {
                row.words += 1;
            } else if let Some(word) = part.get(start..end).filter(|_| len <= 8) {
                if lexicon::may_name(word) && lexicon::names(word) {
                    row.words += 1;
                    row.named += 1;
                } else {
                    (row.words, row.named) = (0, 0);
                }
                self.code(part, &mut row, word, start);
                match word {
                    [b'a' | b'A', b't' | b'T'] if is_between(part, start, end) => {
                        last_at = Some(start);
                        if has_loose_dot(part, end) {
                            self.note(Kind::Address, start);
                        }
                    }
                    [b'd' | b'D', _, _] | [b'p' | b'P', _, _, _, _]
                        if word.eq_ignore_ascii_case(b"dot")
                            || word.eq_ignore_ascii_case(b"point") =>
                    {
                        if let Some(last) = last_at {
                            self.note(Kind::Address, last);
                        }
                    }
                    _ => {}
                }
            } else {
                (row.words, row.named) = (0, 0);
            }
            if row.words >= LEAST_NAMED && row.named > 0 {
                self.note(Kind::Named, start);
            }
        }
    }

    fn code(&mut self, part: &[u8], row: &mut Row, word: &[u8], start: usize) {
        if !code::may_be_code(word) {
            return;
        }
        let gap = part.get(row.code_end..start).unwrap_or_default();
        let is_joined = gap.len() <= code::MAX_GAP && gap.iter().all(|b| code::is_gap(*b));
        row.codes = if is_joined { row.codes + 1 } else { 1 };
        row.code_end = start + word.len();
        if row.codes >= code::LEAST {
            self.note(Kind::Code, start);
        }
    }

    /// Groups of digits with unusual marks, and words with digits that could be a cipher.
    pub(super) fn numbers(&mut self, part: &[u8], bits: &Bits) {
        let (mut at, mut groups, mut last, mut is_usual) = (bits.from, 0, 0, true);
        let mut sizes = [0; 2];
        let (mut solid_end, mut row, mut row_end) = (bits.from, 0, 0);
        while let Some((start, end)) = bits.next(Set::Digit, at) {
            at = end;
            let gap = part.get(last..start).unwrap_or_default();
            if groups > 0 && gap.len() <= 3 && gap.iter().all(|b| spaced::separates(*b)) {
                groups += 1;
                is_usual &= matches!(gap, [b' ' | b'-']);
            } else {
                (groups, is_usual) = (1, true);
            }
            if let Some(size) = sizes.get_mut(groups - 1) {
                *size = end - start;
            }
            last = end;
            if groups >= 3 && !is_usual && spaced::begins_groups(sizes) {
                self.note(Kind::Groups, start);
            }
            if start < solid_end {
                continue;
            }
            let first = bits.solid_start(part, start);
            solid_end = start + run_len(part, start, usize::MAX, |b| !is_blank(b));
            let word = part.get(first..solid_end).unwrap_or_default();
            if word.iter().all(|b| b.is_ascii_digit() || b.is_ascii_punctuation()) {
                let gap = part.get(row_end..first).unwrap_or_default();
                let digits = word.iter().filter(|b| b.is_ascii_digit()).count();
                let goes_on = row > 0 && gap.iter().all(|b| is_blank(*b));
                row = if goes_on { row + digits } else { digits };
                row_end = solid_end;
                if row >= LEAST_DIGITS {
                    self.note(Kind::Cipher, solid_end - 1);
                }
            } else {
                row = 0;
                if cipher::is_value(word) && cipher::may_show(word, self.believed) {
                    self.note(Kind::Cipher, solid_end - 1);
                }
            }
        }
    }

    /// Characters with the same mark after each.
    pub(super) fn rows(&mut self, part: &[u8], bits: &Bits) {
        for at in bits.marked_rows() {
            let mark = byte_at(part, at);
            let is_row = (1..5).all(|i| byte_at(part, at + 2 * i) == mark);
            let is_value = |i: usize| byte_at(part, at + 2 * i + 1).is_ascii_alphanumeric();
            if is_row && (0..5).filter(|i| is_value(*i)).count() >= 2 {
                self.note(Kind::Letters, at);
            }
        }
    }

    /// Morse code, and the marks of addresses.
    pub(super) fn signs(&mut self, part: &[u8], bits: &Bits) {
        let from = bits.from;
        if bits.has_at {
            let rest = part.get(from..).unwrap_or_default();
            for at in memchr::memchr_iter(b'@', rest).map(|at| from + at) {
                self.note(Kind::Cipher, at);
                if is_blank(byte_before(part, at, 1)) || is_blank(byte_at(part, at + 1)) {
                    self.note(Kind::Address, at);
                }
            }
        }
        let mut seen = [0; MORSE.0];
        let rest = part.get(from..).unwrap_or_default();
        for at in memchr::memchr2_iter(b'.', b'-', rest).map(|at| from + at) {
            let before = byte_before(part, at, 1);
            let after = byte_at(part, at + 1);
            let begins = at == from || is_blank(before);
            if begins && (is_blank(after) || after == 0 || matches!(after, b'.' | b'-')) {
                seen.rotate_left(1);
                if let Some(slot) = seen.last_mut() {
                    *slot = at + 1;
                }
                if seen.first().is_some_and(|first| *first > 0 && at - *first < MORSE.1) {
                    self.note(Kind::Morse, at);
                }
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

/// Whether a domain with a full stop, or one with a blank before it, may follow within an address.
fn has_loose_dot(part: &[u8], from: usize) -> bool {
    let rest = part.get(from..part.len().min(from + MAX_ADDRESS)).unwrap_or_default();
    let is_framed = !is_blank(byte_at(part, from))
        || rest.get(..3).is_some_and(|three| {
            three.iter().any(|b| matches!(b, b')' | b']' | b'}' | b'>' | b'_' | b'-'))
        });
    memchr::memchr_iter(b'.', rest).any(|at| is_framed || is_blank(byte_before(rest, at, 1)))
}

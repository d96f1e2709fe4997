//! Where a number may begin and end: whether it is part of a longer word, number, date or version.
//!
//! Called by the card, phone and SSN matchers.

pub(super) use super::checksum::digit;
use crate::bytes::{byte_at, byte_before, is_word};

/// Whether a number may begin at `start`: not inside a word and not joined to one on its left.
pub(super) fn may_begin(text: &[u8], start: usize) -> bool {
    let (last, before) = (byte_before(text, start, 1), byte_before(text, start, 2));
    match last {
        b'+' => false,
        b'.' | b',' | b':' => !before.is_ascii_digit(),
        b'-' | b'/' => !is_word(before),
        _ => !is_word(last),
    }
}

/// Whether a number may end at `end`: not inside a word and not joined to digits on its right.
pub(super) fn may_end(text: &[u8], end: usize) -> bool {
    let next = byte_at(text, end);
    match next {
        b'-' | b'.' | b'/' => !byte_at(text, end + 1).is_ascii_digit(),
        _ => !is_word(next),
    }
}

/// Whether a number with blanks inside stands in a row of numbers, so its edges are guesses.
pub(super) fn in_row(text: &[u8], start: usize, end: usize) -> bool {
    let before =
        byte_before(text, start, 1) == b' ' && byte_before(text, start, 2).is_ascii_digit();
    before || (byte_at(text, end) == b' ' && byte_at(text, end + 1).is_ascii_digit())
}

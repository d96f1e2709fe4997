//! Where the end of a text is undecided although no trigger has been seen yet.
//!
//! Four things can become part of a match by what follows: a word (the local part of an address,
//! or the prefix of a key), a number with its separators, letters that a number follows after a
//! blank (`AB 12 34 56 C`), and a name such as `password` before its `=`. Matchers that have seen
//! their trigger note the rest themselves.

use super::email::is_local;
use super::{id, secret};
use crate::bytes::{byte_before, run_len_back};

/// No number, local part or beginning of a key is longer, in bytes.
const MAX_RUN: usize = 64;

/// The offset from which more text could still begin or change a match.
pub(super) fn open_start(text: &[u8]) -> usize {
    let end = text.len();
    // A local part in quotes, closed or not, begins with its quote.
    let close = usize::from(byte_before(text, end, 1) == b'"');
    let word = end - close - run_len_back(text, end - close, MAX_RUN, |b| is_local(b) || b >= 0x80);
    let word = word - usize::from(byte_before(text, word, 1) == b'"');
    let token = end - run_len_back(text, end, MAX_RUN, secret::is_token);
    let name = secret::pending_name(text).unwrap_or(end);
    let lead = id::pending_lead(text).unwrap_or(end);
    word.min(token).min(number_start(text)).min(name).min(lead)
}

/// The first digit, `+` or `(` of the numbers and separators at the end of the text.
fn number_start(text: &[u8]) -> usize {
    let end = text.len();
    let zone = end - run_len_back(text, end, MAX_RUN, is_zone);
    let skipped = text
        .get(zone..)
        .and_then(|rest| rest.iter().position(|b| b.is_ascii_digit() || matches!(b, b'+' | b'(')));
    skipped.map_or(end, |skipped| zone + skipped)
}

/// Whether a number matcher reads on over `byte`.
const fn is_zone(byte: u8) -> bool {
    byte.is_ascii_digit() || matches!(byte, b' ' | b'(' | b')' | b'+' | b'-' | b'.' | b'/')
}

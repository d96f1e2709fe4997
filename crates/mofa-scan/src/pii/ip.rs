//! IPv4 addresses in dotted decimal: four numbers from 0 to 255 without leading zeros.
//!
//! Not matched: parts of longer dotted numbers, and versions such as `v1.2.3.4`.

use super::boundary::digit;
use super::builtin::IPV4;
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, is_word, run_len, run_len_back};

const VERSION_WORDS: [&[u8]; 5] = [b"version", b"release", b"ver", b"build", b"v"];

/// Looks for an address that begins with the digits at `start`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, start: usize) {
    if let Some(end) = match_at(pass.text(), start) {
        pass.report(start, end, IPV4, 0.9);
    }
}

fn match_at(text: &[u8], start: usize) -> Option<usize> {
    let before = byte_before(text, start, 1);
    if is_word(before) || (before == b'.' && is_word(byte_before(text, start, 2))) {
        return None;
    }
    let mut at = start;
    for part in 0..4 {
        if part > 0 {
            (byte_at(text, at) == b'.').then_some(())?;
            at += 1;
        }
        at = octet_end(text, at)?;
    }
    (may_end(text, at) && !is_version(text, start)).then_some(at)
}

fn octet_end(text: &[u8], start: usize) -> Option<usize> {
    let len = run_len(text, start, 4, |b| b.is_ascii_digit());
    let digits = text.get(start..start + len)?;
    let value = digits.iter().fold(0, |value, b| value * 10 + digit(*b));
    let leading_zero = len > 1 && byte_at(text, start) == b'0';
    (matches!(len, 1..=3) && value <= 255 && !leading_zero).then_some(start + len)
}

fn may_end(text: &[u8], end: usize) -> bool {
    let after = byte_at(text, end + 1);
    match byte_at(text, end) {
        b'.' => !is_word(after),
        b'-' => !after.is_ascii_alphabetic(),
        next => !is_word(next),
    }
}

fn is_version(text: &[u8], start: usize) -> bool {
    let blanks = run_len_back(text, start, 2, |b| matches!(b, b' ' | b':' | b'.'));
    let end = start - blanks;
    blanks > 0
        && VERSION_WORDS.iter().any(|word| {
            ends_with_ignore_case(text, end, word)
                && !is_word(byte_before(text, end, word.len() + 1))
        })
}

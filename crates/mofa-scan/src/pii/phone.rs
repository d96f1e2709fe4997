//! Phone numbers: North American in its usual spellings, and international with country code.
//!
//! Numbering: ITU-T E.164 (at most 15 digits), North American Numbering Plan (area and exchange
//! begin with 2 to 9 and are not `N11`). National lengths of the larger countries are in
//! [`NATIONAL`]; other countries get 8 to 15 digits in all.
//!
//! # Invariants
//! A number is followed over at most [`MAX_BYTES`] bytes from where it begins, whatever stands
//! there, and is as long as the plan allows: the longest end that fits is the one reported.

use super::boundary::{self, digit, in_row, may_begin};
use super::builtin::{PHONE_INTERNATIONAL, PHONE_NANP};
use super::digits::Digits;
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, is_word, literal_at, run_len};

/// E.164, 6.1.
const MAX_DIGITS: usize = 15;
/// The most bytes an international number is followed over.
const MAX_BYTES: usize = 40;

/// Country code, then the least and most digits of a national number (ITU national plans).
#[rustfmt::skip]
const NATIONAL: [(u32, usize, usize); 58] = [
    (1, 10, 10), (7, 10, 10), (20, 8, 10), (27, 9, 9), (30, 10, 10), (31, 9, 9), (32, 8, 9),
    (33, 9, 9), (34, 9, 9), (36, 8, 9), (39, 6, 11), (40, 9, 9), (41, 9, 9), (43, 6, 12),
    (44, 9, 10), (45, 8, 8), (46, 7, 10), (47, 8, 8), (48, 9, 9), (49, 5, 11), (51, 8, 9),
    (52, 10, 11), (54, 10, 11), (55, 10, 11), (56, 9, 9), (57, 8, 10), (58, 10, 10), (60, 8, 10),
    (61, 9, 9), (62, 7, 12), (63, 8, 10), (64, 8, 10), (65, 8, 8), (66, 8, 9), (81, 9, 10),
    (82, 8, 10), (84, 9, 10), (86, 10, 11), (90, 10, 10), (91, 10, 10), (92, 9, 10), (98, 10, 10),
    (212, 9, 9), (234, 8, 10), (254, 9, 9), (351, 9, 9), (353, 7, 9), (358, 5, 11), (380, 9, 9),
    (420, 9, 9), (421, 9, 9), (852, 8, 8), (880, 8, 10), (886, 8, 9), (966, 8, 9), (971, 8, 9),
    (972, 8, 9), (977, 8, 10),
];

/// Looks for `+CC …` at the `+` at `at`.
pub(super) fn probe_plus(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let before = byte_before(text, at, 1);
    if is_word(before) || before == b'+' {
        return;
    }
    if let Some((end, _)) = international(text, at + 1) {
        pass.report(at, end, PHONE_INTERNATIONAL, 0.9);
    }
}

/// Looks for `(AAA) EEE-NNNN` at the `(` at `at`.
pub(super) fn probe_paren(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if is_word(byte_before(text, at, 1)) {
        return;
    }
    if let Some(end) = nanp(text, at).filter(|end| may_end(text, *end)) {
        pass.report(at, end, PHONE_NANP, 0.9);
    }
}

/// Looks for a number that begins with the digits at `start`; `run` is how many there are.
pub(super) fn probe_digits(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let text = pass.text();
    if !may_begin(text, start) {
        return;
    }
    if literal_at(text, start, b"00") {
        return probe_double_zero(pass, start);
    }
    let body = match (run, byte_at(text, start)) {
        (3, _) => start,
        (1, b'1') => match byte_at(text, start + 1) {
            b' ' if byte_at(text, start + 2) == b'(' => start + 2,
            b' ' | b'-' | b'.' => start + 2,
            b'(' => start + 1,
            _ => return,
        },
        (10, _) => return probe_bare(pass, start),
        _ => return,
    };
    let Some(end) = nanp(text, body).filter(|end| may_end(text, *end)) else { return };
    let (separator, confidence) = match byte_at(text, end - 5) {
        b' ' => (b' ', 0.7),
        other => (other, 0.85),
    };
    if separator != b' ' || !in_row(text, start, end) {
        pass.report(start, end, PHONE_NANP, confidence);
    }
}

/// `0044 …`: the international prefix most of the world dials instead of `+`.
fn probe_double_zero(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    let Some((end, known)) = international(text, start + 2) else { return };
    if known && !in_row(text, start, start) {
        pass.report(start, end, PHONE_INTERNATIONAL, 0.7);
    }
}

/// Bounds of machine numbers that the numbering plan would take for telephones.
const BOUNDS: [&[u8; 10]; 4] = [b"2147483647", b"2147483648", b"4294967295", b"4294967296"];

/// Ten digits in one run: only as sure as the numbering plan makes it.
fn probe_bare(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    let end = start + 10;
    let priced = matches!(byte_before(text, start, 1), b'#' | b'$' | b'-' | b'/');
    let counted = matches!(byte_at(text, end), b'%' | b'/');
    let digits = text.get(start..).and_then(<[u8]>::first_chunk::<10>);
    let bound = digits.is_some_and(|digits| BOUNDS.contains(&digits));
    let valid = is_nanp_block(text, start) && is_nanp_block(text, start + 3) && !bound;
    if valid && !priced && !counted && may_end(text, end) {
        pass.report(start, end, PHONE_NANP, 0.5);
    }
}

/// The end of `AAA-EEE-NNNN` or `(AAA) EEE-NNNN` at `start`.
fn nanp(text: &[u8], start: usize) -> Option<usize> {
    let paren = byte_at(text, start) == b'(';
    let area = start + usize::from(paren);
    let mut at = block_end(text, area, 3)?;
    if paren {
        (byte_at(text, at) == b')').then_some(())?;
        at += 1 + usize::from(matches!(byte_at(text, at + 1), b' ' | b'-'));
    } else {
        at = separator_end(text, at)?;
    }
    let exchange = at;
    let line = separator_end(text, block_end(text, exchange, 3)?)?;
    let end = block_end(text, line, 4)?;
    (is_nanp_block(text, area) && is_nanp_block(text, exchange)).then_some(end)
}

fn separator_end(text: &[u8], at: usize) -> Option<usize> {
    matches!(byte_at(text, at), b' ' | b'-' | b'.').then_some(at + 1)
}

fn block_end(text: &[u8], at: usize, len: usize) -> Option<usize> {
    (run_len(text, at, len + 1, |b| b.is_ascii_digit()) == len).then_some(at + len)
}

/// An area code or exchange: `NXX`, N from 2 to 9, not a service code `N11`.
fn is_nanp_block(text: &[u8], at: usize) -> bool {
    matches!(byte_at(text, at), b'2'..=b'9') && !literal_at(text, at + 1, b"11")
}

/// The end of the longest number whose country code begins at `start`, and whether the country's
/// lengths are known.
fn international(text: &[u8], start: usize) -> Option<(usize, bool)> {
    matches!(byte_at(text, start), b'1'..=b'9').then_some(())?;
    let mut number = Digits::<MAX_DIGITS>::new();
    let mut at = start;
    let mut best = None;
    while at < start + MAX_BYTES
        && let Some(end) = number.take_group(text, at, 1)
    {
        at = end;
        if let Some(known) = is_length(number.as_slice())
            && may_end(text, at)
        {
            best = Some((at, known));
        }
        match group_start(text, at) {
            Some(next) => at = next,
            None => break,
        }
    }
    best
}

/// Where the next group of digits begins after the separator at `at`, a trunk `(0)` skipped.
fn group_start(text: &[u8], at: usize) -> Option<usize> {
    let mut next = at;
    next += run_len(text, next, 1, |b| matches!(b, b' ' | b'-' | b'.' | b')' | b'/'));
    next += run_len(text, next, 1, |b| matches!(b, b' ' | b'('));
    if literal_at(text, next, b"0)") && byte_at(text, next - 1) == b'(' {
        next += 2;
        next += run_len(text, next, 1, |b| b == b' ');
    }
    (next > at && byte_at(text, next).is_ascii_digit()).then_some(next)
}

/// Whether country code and national number have a possible length; the value tells whether the
/// country is in the table.
fn is_length(digits: &[u8]) -> Option<bool> {
    let code = |len| digits.iter().take(len).fold(0, |value, b| value * 10 + digit(*b));
    let known = NATIONAL
        .iter()
        .find(|(country, _, _)| (1..=3).any(|len| digits.len() > len && code(len) == *country));
    match known {
        Some((country, least, most)) => {
            let national = digits.len() - decimal_len(*country);
            (*least..=*most).contains(&national).then_some(true)
        }
        None => (8..=MAX_DIGITS).contains(&digits.len()).then_some(false),
    }
}

const fn decimal_len(code: u32) -> usize {
    match code {
        0..=9 => 1,
        10..=99 => 2,
        _ => 3,
    }
}

/// Whether a number may end at `end`; an extension (`x123`) may follow.
fn may_end(text: &[u8], end: usize) -> bool {
    byte_at(text, end) == b'x' || boundary::may_end(text, end)
}

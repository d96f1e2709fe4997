//! Phone numbers: North American in its usual spellings, and international with country code.
//!
//! Numbering: ITU-T E.164 (at most 15 digits), North American Numbering Plan (area and exchange
//! begin with 2 to 9 and are not `N11`), and the plan of every country code in [`plan`]. Numbers in
//! their national form are found for the regions that the caller chose.
//!
//! # Invariants
//! A number is followed over at most [`MAX_BYTES`] bytes from where it begins, whatever stands
//! there, and is as long as the plan allows: the longest end that fits is the one reported.

pub(super) mod national;
mod plan;

use super::boundary::{self, in_row, may_begin};
use super::builtin::{PHONE_INTERNATIONAL, PHONE_NANP};
use super::context::Endings;
use super::digits::Digits;
use super::ip;
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, is_word, literal_at, run_len, run_len_back};

/// E.164, 6.1.
const MAX_DIGITS: usize = 15;
/// No number with its country code is shorter.
const MIN_DIGITS: usize = 7;
/// The most bytes an international number is followed over.
const MAX_BYTES: usize = 40;

/// Looks for `+CC …` at the `+` at `at`.
pub(super) fn probe_plus(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let before = byte_before(text, at, 1);
    if is_word(before) || before == b'+' {
        return;
    }
    if let Some(end) = international(text, at + 1) {
        pass.report(at, end, PHONE_INTERNATIONAL, 0.9);
    }
}

/// Looks for `(AAA) EEE-NNNN` at the `(` at `at`.
pub(super) fn probe_paren(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if is_word(byte_before(text, at, 1)) {
        return;
    }
    national::probe(pass, at);
    if let Some(number) = nanp(text, at).filter(|number| may_end(text, number.end)) {
        let confidence = if number.is_planned { 0.9 } else { WRITTEN };
        pass.report(at, number.end, PHONE_NANP, confidence);
    }
}

/// Looks for a number that begins with the digits at `start`; `run` is how many there are.
pub(super) fn probe_digits(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let text = pass.text();
    if !may_begin(text, start) || is_of_a_thing(text, start) {
        return;
    }
    national::probe(pass, start);
    if literal_at(text, start, b"00") {
        return probe_exit_code(pass, start, start + 2);
    }
    if literal_at(text, start, b"011") {
        return probe_exit_code(pass, start, start + 3);
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
    let Some(number) = nanp(text, body).filter(|number| may_end(text, number.end)) else { return };
    let end = number.end;
    let (separator, confidence) = match byte_at(text, end - 5) {
        _ if !number.is_planned => (b'-', WRITTEN),
        b' ' => (b' ', 0.7),
        other => (other, 0.85),
    };
    let is_version = separator == b'.' && ip::is_version(text, start);
    if !is_version && (separator != b' ' || !in_row(text, start, end)) {
        pass.report(start, end, PHONE_NANP, confidence);
    }
}

/// `0044 …` and `011 44 …`: what most of the world and North America dial instead of `+`.
fn probe_exit_code(pass: &mut Pass<'_, '_>, start: usize, end: usize) {
    let text = pass.text();
    let code = end + run_len(text, end, 1, |b| matches!(b, b' ' | b'-' | b'.'));
    if let Some(end) = international(text, code).filter(|_| !in_row(text, start, start)) {
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

/// Things that have numbers of their own, which look like telephones'.
static THINGS: Endings = Endings::new(&[
    b"order",
    b"invoice",
    b"ticket",
    b"case",
    b"tracking",
    b"part",
    b"serial",
    b"model",
    b"item",
    b"ref",
    b"reference",
    b"confirmation",
    b"booking",
    b"claim",
    b"policy",
    b"batch",
    b"shipment",
    b"article",
]);
static NUMBER: Endings = Endings::new(&[b" number", b" no", b" nr", b" id"]);

/// Whether the number at `start` is said to be that of a thing: `order number 943 476 5919`.
fn is_of_a_thing(text: &[u8], start: usize) -> bool {
    let gap = run_len_back(text, start, 4, |b| matches!(b, b' ' | b':' | b'.' | b'#'));
    let end = start - gap;
    if gap == 0 || !byte_before(text, end, 1).is_ascii_alphabetic() {
        return false;
    }
    let begins_word = |at| !byte_before(text, at, 1).is_ascii_alphanumeric();
    let word = NUMBER.find(text, end, |_| true);
    word.is_some_and(|word| THINGS.find(text, word, begins_word).is_some())
}

/// A North American number.
struct Nanp {
    end: usize,
    /// Whether area and exchange can be assigned.
    is_planned: bool,
}

/// How sure a number is that is written as those of North America are, and is none of the plan:
/// the numbers that people make up.
const WRITTEN: f32 = 0.6;

/// `AAA-EEE-NNNN` or `(AAA) EEE-NNNN` at `start`. In parentheses any area will do, and behind the
/// area 555 of fiction any exchange; else both are of the plan.
fn nanp(text: &[u8], start: usize) -> Option<Nanp> {
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
    let is_planned = is_nanp_block(text, area) && is_nanp_block(text, exchange);
    let is_fiction = literal_at(text, area, b"555") || literal_at(text, area, b"123-456-7890");
    let is_marked = matches!(byte_at(text, end - 5), b'-' | b'.');
    let is_written = is_marked && byte_at(text, area) != b'0' && (paren || is_fiction);
    (is_planned || is_written).then_some(Nanp { end, is_planned })
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

/// The end of the longest number whose country code begins at `start`.
fn international(text: &[u8], start: usize) -> Option<usize> {
    matches!(byte_at(text, start), b'1'..=b'9').then_some(())?;
    let mut number = Digits::<MAX_DIGITS>::new();
    let mut at = start;
    let mut best = None;
    while at < start + MAX_BYTES
        && let Some(end) = number.take_group(text, at, 1)
    {
        at = end;
        if is_planned(number.as_slice()) && may_end(text, at) {
            best = Some(at);
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

/// Whether the country's plan has numbers of such a length that begin so.
fn is_planned(digits: &[u8]) -> bool {
    let Some((plan, code)) = plan::of(digits) else { return false };
    let national = digits.get(code..).unwrap_or_default();
    let lead = national.iter().take(2).fold(0, |value, b| value * 10 + (*b - b'0'));
    national.len() >= 2
        && digits.len() >= MIN_DIGITS
        && plan.lengths(lead) >> national.len() & 1 != 0
}

/// Whether a number may end at `end`; an extension (`x123`) may follow.
fn may_end(text: &[u8], end: usize) -> bool {
    byte_at(text, end) == b'x' || boundary::may_end(text, end)
}

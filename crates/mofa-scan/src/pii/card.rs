//! Payment card numbers: 12 to 19 digits, brand prefix and length, Luhn check digit.
//!
//! Prefixes and lengths: ISO/IEC 7812 issuer ranges as the schemes publish them. Luhn: ISO/IEC
//! 7812-1, annex B. A number as a table writes it, with a fraction of zeros (`4111111111111111.0`),
//! is found without the fraction.

use super::boundary::{digit, may_begin, may_end};
use super::builtin::CARD;
use super::checksum;
use super::context::announces;
use super::digits::Digits;
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, is_word, run_len};

const MIN_DIGITS: usize = 12;
const MAX_DIGITS: usize = 19;
/// Nineteen digits in groups of at least three, separated by one byte each.
const MAX_BYTES: usize = MAX_DIGITS + 5;

/// What announces a card of twelve digits.
pub(super) const WORDS: [&str; 7] = ["card", "credit", "debit", "cc ", "cc:", "maestro", "pan"];

/// Looks for a number that begins with the digits at `start`; `run` is how many there are.
pub(super) fn probe(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let text = pass.text();
    let shaped = (4..=7).contains(&run) || (MIN_DIGITS..=MAX_DIGITS).contains(&run);
    if !shaped || !begins(text, start, run) {
        return;
    }
    if is_after_iban_head(text, start) {
        return;
    }
    if let Some((end, digits)) = longest(text, start, pass.settings().luhn) {
        let confidence = if pass.settings().luhn { 0.95 } else { 0.6 };
        // One in ten numbers passes the check, and twelve digits are many other things.
        let is_weak = digits == MIN_DIGITS && !announces(text, start, &WORDS);
        pass.report(start, end, CARD, if is_weak { 0.3 } else { confidence });
    }
}

/// Whether a number may begin at `start`: behind a comma, too, if it has more digits than stand
/// between two of them in a long number.
fn begins(text: &[u8], start: usize, run: usize) -> bool {
    may_begin(text, start) || (run >= MIN_DIGITS && byte_before(text, start, 1) == b',')
}

/// Collects the digits group by group; remembers the last group end that makes a card number.
fn longest(text: &[u8], start: usize, luhn: bool) -> Option<(usize, usize)> {
    let mut number = Digits::<MAX_DIGITS>::new();
    let mut best = None;
    let mut at = start;
    let (mut separator, mut wide, mut group_end) = (None, None, 4);
    while at < start + MAX_BYTES
        && let Some(end) = number.take_group(text, at, 3)
    {
        at = end;
        let ends = may_end(text, at) || (separator.is_none() && has_zero_fraction(text, at));
        let is_whole = wide != Some(true) || number.as_slice().len() == 16 && at - start == 22;
        if ends && is_whole && is_card(number.as_slice(), luhn) {
            best = Some((at, number.as_slice().len()));
        }
        let next = byte_at(text, at);
        if !matches!(next, b' ' | b'-' | b'.') || *separator.get_or_insert(next) != next {
            break;
        }
        // Columns stand apart, too: two blanks are between four groups of four, or none.
        let is_wide = next == b' ' && byte_at(text, at + 1) == b' ';
        if is_wide != *wide.get_or_insert(is_wide) || is_wide && at - start != group_end {
            break;
        }
        group_end += 6;
        at += 1 + usize::from(is_wide);
    }
    best
}

/// Whether a fraction of one or two zeros follows and nothing more of a number.
fn has_zero_fraction(text: &[u8], end: usize) -> bool {
    let zeros = run_len(text, end + 1, 3, |b| b == b'0');
    let next = byte_at(text, end + 1 + zeros);
    let goes_on = is_word(next)
        || matches!(next, b'.' | b',') && byte_at(text, end + 2 + zeros).is_ascii_digit();
    byte_at(text, end) == b'.' && matches!(zeros, 1 | 2) && !goes_on
}

/// Whether these digits are the number of a card.
pub(super) fn is_card(digits: &[u8], luhn: bool) -> bool {
    let all_same = digits.iter().all(|b| Some(b) == digits.first());
    !all_same && is_brand_length(digits) && (!luhn || checksum::luhn(digits))
}

fn is_brand_length(digits: &[u8]) -> bool {
    let lead = digits.iter().take(6).fold(0, |value, b| value * 10 + digit(*b));
    let len = digits.len();
    match lead {
        400_000..=499_999 => matches!(len, 13 | 16 | 19),
        // Mastercard; Troy, Humo and UzCard; Borica.
        510_000..=559_999
        | 222_100..=272_099
        | 979_200..=979_299
        | 986_000..=986_099
        | 860_000..=860_099
        | 220_500..=220_599 => len == 16,
        // American Express; JCB of old; UATP.
        340_000..=349_999 | 370_000..=379_999 | 213_100..=213_199 | 100_000..=199_999 => len == 15,
        // Diners Club.
        300_000..=305_999 | 309_500..=309_599 | 380_000..=399_999 => matches!(len, 14 | 16..=19),
        360_000..=369_999 => (14..=19).contains(&len),
        // JCB; Mir; Discover; UnionPay; RuPay.
        350_000..=359_999
        | 220_000..=220_499
        | 601_100..=601_199
        | 644_000..=659_999
        | 620_000..=629_999
        | 810_000..=829_999 => (16..=19).contains(&len),
        // Maestro.
        60_400..=60_499 => len == MIN_DIGITS,
        500_000..=509_999 | 560_000..=589_999 | 630_000..=643_999 | 670_000..=679_999 => {
            (MIN_DIGITS..=MAX_DIGITS).contains(&len)
        }
        _ => false,
    }
}

/// Whether the group follows the country and check digits of an IBAN (`DE89 3704 …`).
fn is_after_iban_head(text: &[u8], start: usize) -> bool {
    let back = |n| byte_before(text, start, n);
    back(1) == b' '
        && back(2).is_ascii_digit()
        && back(3).is_ascii_digit()
        && back(4).is_ascii_uppercase()
        && back(5).is_ascii_uppercase()
}

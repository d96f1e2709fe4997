//! Hardware addresses: EUI-48 and EUI-64 with `:` or `-` between octets, or with `.` between fours.
//!
//! Not matched: an address of zeros or ones only, and one of decimal digits or of letters only that
//! no words announce.

use super::builtin::personal::{EUI48, EUI64};
use super::context::{List, WINDOW};
use super::pass::Pass;
use crate::RuleId;
use crate::bytes::{byte_at, byte_before, is_word, run_len, run_len_back};

#[rustfmt::skip]
pub(super) static WORDS: List = List::new(6, &[
    "mac", "hwaddr", "hardware", "physical address", "ethernet", "ether", "bssid", "wifi",
    "wlan", "bluetooth",
]);

/// Looks for an address around its first `:`, `-` or `.` at `at`.
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let before = run_len_back(text, at, 5, |b| b.is_ascii_hexdigit());
    match byte_at(text, at) {
        mark @ (b':' | b'-') if before == 2 => find(pass, at - 2, mark, 2),
        b'.' if before == 4 => find(pass, at - 4, b'.', 4),
        _ => {}
    }
}

/// Reads groups of `width` hexadecimal digits with `mark` between them.
fn find(pass: &mut Pass<'_, '_>, start: usize, mark: u8, width: usize) {
    let text = pass.text();
    let before = byte_before(text, start, 1);
    let is_joined = matches!(before, b':' | b'-' | b'.') && is_word(byte_before(text, start, 2));
    if is_word(before) || before == mark || is_joined {
        return;
    }
    let mut at = start;
    let mut octets = 0;
    loop {
        if run_len(text, at, width + 1, |b| b.is_ascii_hexdigit()) != width {
            break;
        }
        at += width;
        octets += width / 2;
        if byte_at(text, at) != mark || octets > 8 {
            break;
        }
        at += 1;
    }
    pass.undecided_if_at_end(start, at + run_len(text, at, width + 1, is_word) + 2);
    let Some(rule) = rule(octets) else { return };
    if let Some(confidence) = confidence(pass, start, at)
        && may_end(text, at)
    {
        pass.report(start, at, rule, confidence);
    }
}

const fn rule(octets: usize) -> Option<RuleId> {
    match octets {
        6 => Some(EUI48),
        8 => Some(EUI64),
        _ => None,
    }
}

fn confidence(pass: &mut Pass<'_, '_>, start: usize, end: usize) -> Option<f32> {
    let text = pass.text();
    let address = text.get(start..end)?;
    let digits = || address.iter().filter(|b| b.is_ascii_hexdigit());
    let is_all = |one: u8| digits().all(|b| b.eq_ignore_ascii_case(&one));
    (!is_all(b'0') && !is_all(b'f')).then_some(())?;
    let is_mixed = digits().any(u8::is_ascii_digit) && digits().any(u8::is_ascii_alphabetic);
    Some(match (is_mixed, pass.is_announced(&WORDS, start, WINDOW)) {
        (_, true) => 0.95,
        (true, false) => 0.85,
        (false, false) => 0.4,
    })
}

fn may_end(text: &[u8], end: usize) -> bool {
    let after = byte_at(text, end + 1);
    match byte_at(text, end) {
        b':' | b'-' | b'.' => !is_word(after),
        next => !is_word(next),
    }
}

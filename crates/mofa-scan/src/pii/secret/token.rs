//! JSON Web Tokens (RFC 7519), bearer tokens (RFC 6750) and basic credentials (RFC 7617).

use super::rule;
use super::table::{BASIC, BEARER, JWT};
use crate::bytes::{byte_at, byte_before, is_word, literal_at, run_len, run_len_back};
use crate::pii::pass::Pass;

/// The longest part of a token, in bytes: three of them and their dots fit the open tail.
const MAX_PART: usize = 1_300;
const MIN_PART: usize = 8;
const MIN_BEARER: usize = 16;
const MAX_BEARER: usize = 2_048;
/// The most bytes of a header that are decoded.
const MAX_HEADER: usize = 96;

/// Looks for `eyJ….eyJ….…` at `start`; `eyJ` is `{"` in Base64.
pub(super) fn probe_jwt(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    let before = byte_before(text, start, 1);
    if is_word(before) || matches!(before, b'-' | b'.') {
        return;
    }
    let mut end = start;
    for part in 0..3 {
        if part > 0 {
            if byte_at(text, end) != b'.' || (part == 1 && !begins(text, end + 1, b"eyJ")) {
                pass.undecided_if_at_end(start, end);
                return;
            }
            end += 1;
        }
        let run = run_len(text, end, MAX_PART + 1, |b| is_word(b) || b == b'-');
        end += run;
        pass.undecided_if_at_end(start, end);
        // RFC 7519, 6.1: a token that nobody signed has an empty third part.
        let unsigned = part == 2 && run == 0;
        if !unsigned && !(MIN_PART..=MAX_PART).contains(&run) {
            return;
        }
    }
    let token = text.get(start..end).unwrap_or_default();
    if token.ends_with(b".") && !names_algorithm(token) {
        return;
    }
    pass.report(start, end, rule(JWT), if names_algorithm(token) { 0.98 } else { 0.95 });
}

/// Whether `text` has `literal` at `at`, as far as the text goes.
fn begins(text: &[u8], at: usize, literal: &[u8]) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    rest.starts_with(literal) || literal.starts_with(rest)
}

/// Whether the header of a token says how it is signed (RFC 7515, 4.1.1).
fn names_algorithm(token: &[u8]) -> bool {
    let header = token.split(|b| *b == b'.').next().unwrap_or_default();
    decoded::<MAX_HEADER>(header).is_some_and(|(bytes, len)| {
        bytes.get(..len).is_some_and(|bytes| bytes.windows(5).any(|five| five == b"\"alg\""))
    })
}

/// The first bytes that `coded` stands for, in Base64 of either alphabet, and how many they are.
fn decoded<const N: usize>(coded: &[u8]) -> Option<([u8; N], usize)> {
    let mut out = [0; N];
    let (mut bits, mut held, mut len) = (0_u32, 0, 0);
    for byte in coded.iter().take_while(|byte| **byte != b'=') {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            let Some(slot) = out.get_mut(len) else { break };
            let [.., low] = (bits >> held).to_be_bytes();
            *slot = low;
            len += 1;
        }
    }
    Some((out, len))
}

/// Looks for `Bearer <token>` and `Basic <credentials>` whose value begins at `start`.
pub(super) fn probe_scheme(pass: &mut Pass<'_, '_>, start: usize) {
    let text = pass.text();
    let blanks = run_len_back(text, start, 3, |b| b == b' ');
    let scheme = |name: &[u8]| {
        let at = (start - blanks).checked_sub(name.len());
        at.is_some_and(|at| literal_at(text, at, name) && !is_word(byte_before(text, at, 1)))
    };
    let bearer = scheme(b"Bearer");
    if blanks > 2 || !bearer && !scheme(b"Basic") {
        return;
    }
    let run = run_len(text, start, MAX_BEARER + 1, is_token);
    pass.undecided_if_at_end(start, start + run);
    let token = text.get(start..start + run).unwrap_or_default();
    let stops = token.iter().rev().take_while(|b| **b == b'.').count();
    let fits = (MIN_BEARER..=MAX_BEARER).contains(&(run - stops));
    if bearer && fits && token.iter().any(u8::is_ascii_digit) {
        pass.report(start, start + run - stops, rule(BEARER), 0.85);
    } else if !bearer && run <= MAX_BEARER && is_basic(token) {
        pass.report(start, start + run, rule(BASIC), 0.85);
    }
}

/// Whether `token` stands for `user:password`.
fn is_basic(token: &[u8]) -> bool {
    decoded::<MAX_HEADER>(token).is_some_and(|(bytes, len)| {
        let text = bytes.get(..len).unwrap_or_default();
        len >= 3 && text.contains(&b':') && text.iter().all(|b| *b >= 0x20 && *b != 0x7f)
    })
}

/// RFC 6750, 2.1: `b64token`.
const fn is_token(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'-' | b'.' | b'~' | b'+' | b'/' | b'=')
}

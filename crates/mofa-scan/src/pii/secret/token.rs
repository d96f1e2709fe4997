//! JSON Web Tokens (RFC 7519) and bearer tokens (RFC 6750).

use crate::bytes::{byte_at, byte_before, is_word, literal_at, run_len};
use crate::pii::builtin::{BEARER, JWT};
use crate::pii::pass::Pass;

/// The longest part of a token, in bytes: three of them and their dots fit the open tail.
const MAX_PART: usize = 1_300;
const MIN_PART: usize = 8;
const MIN_BEARER: usize = 16;
const MAX_BEARER: usize = 2_048;

/// Looks for `eyJ….eyJ….…` whose first `J` is at `at`; `eyJ` is `{"` in Base64.
pub(super) fn probe_jwt(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    let Some(start) = at.checked_sub(2).filter(|start| literal_at(text, *start, b"eyJ")) else {
        return;
    };
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
        if !(MIN_PART..=MAX_PART).contains(&run) {
            return;
        }
    }
    pass.report(start, end, JWT, 0.95);
}

/// Whether `text` has `literal` at `at`, as far as the text goes.
fn begins(text: &[u8], at: usize, literal: &[u8]) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    rest.starts_with(literal) || literal.starts_with(rest)
}

/// Looks for `Bearer <token>` at the `B` at `at`.
pub(super) fn probe_bearer(pass: &mut Pass<'_, '_>, at: usize) {
    let text = pass.text();
    if !literal_at(text, at, b"Bearer") || is_word(byte_before(text, at, 1)) {
        return;
    }
    let blanks = run_len(text, at + 6, 2, |b| b == b' ');
    let start = at + 6 + blanks;
    let run = run_len(text, start, MAX_BEARER + 1, is_token);
    pass.undecided_if_at_end(at, start + run);
    let token = text.get(start..start + run).unwrap_or_default();
    let stops = token.iter().rev().take_while(|b| **b == b'.').count();
    let fits = (MIN_BEARER..=MAX_BEARER).contains(&(run - stops));
    if blanks > 0 && fits && token.iter().any(u8::is_ascii_digit) {
        pass.report(start, start + run - stops, BEARER, 0.85);
    }
}

/// RFC 6750, 2.1: `b64token`.
const fn is_token(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'-' | b'.' | b'~' | b'+' | b'/' | b'=')
}

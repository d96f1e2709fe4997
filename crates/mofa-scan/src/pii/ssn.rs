//! US Social Security numbers: `AAA-GG-SSSS`, or nine digits after words that announce one.
//!
//! Area, group and serial are checked as the Social Security Administration issues them: no area
//! 000, 666 or 900 to 999, no group 00, no serial 0000.

use super::boundary::{in_row, may_begin, may_end};
use super::builtin::{SSN, SSN_CONTEXT};
use super::context::{List, WINDOW};
use super::pass::Pass;
use crate::bytes::{byte_at, run_len};

/// What announces bare digits.
static WORDS: List = List::new(0, &["ssn", "social security"]);

/// Looks for a number that begins with the digits at `start`; `run` is how many there are.
pub(super) fn probe(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let text = pass.text();
    if !may_begin(text, start) {
        return;
    }
    match run {
        3 => {
            if let Some((end, confidence)) = formatted(text, start) {
                pass.report(start, end, SSN, confidence);
            }
        }
        9 => {
            let end = start + 9;
            if may_end(text, end)
                && is_issued(text, start, 3, 5)
                && pass.is_announced(&WORDS, start, WINDOW)
            {
                pass.report(start, end, SSN_CONTEXT, 0.8);
            }
        }
        _ => {}
    }
}

fn formatted(text: &[u8], start: usize) -> Option<(usize, f32)> {
    let separator = byte_at(text, start + 3);
    let confidence = match separator {
        b'-' => 0.9,
        b' ' | b'.' => 0.7,
        _ => return None,
    };
    let digits = |at| run_len(text, at, 5, |b| b.is_ascii_digit());
    let end = start + 11;
    let shaped = digits(start + 4) == 2
        && byte_at(text, start + 6) == separator
        && digits(start + 7) == 4
        && may_end(text, end)
        && !(separator == b' ' && in_row(text, start, end));
    (shaped && is_issued(text, start, 4, 7)).then_some((end, confidence))
}

/// Checks area, group and serial; the latter two begin at the given offsets from `start`.
fn is_issued(text: &[u8], start: usize, group: usize, serial: usize) -> bool {
    let part = |offset, len| text.get(start + offset..start + offset + len);
    let (Some(area), Some(group), Some(serial)) = (part(0, 3), part(group, 2), part(serial, 4))
    else {
        return false;
    };
    area != b"000"
        && area != b"666"
        && !area.starts_with(b"9")
        && group != b"00"
        && serial != b"0000"
}

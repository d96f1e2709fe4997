//! US Social Security numbers: `AAA-GG-SSSS`, or nine digits after words that announce one, of
//! whose two hyphens one may be missing.
//!
//! Area, group and serial are checked as the Social Security Administration issues them: no area
//! 000, 666 or 900 to 999, no group 00, no serial 0000. Nine digits that nothing announces are all
//! but certainly something else: whoever asks for guesses gets them. So is a number of a sample card,
//! which is nobody's: only what is said to be one is taken for one.

use super::boundary::{in_row, may_begin, may_end};
use super::builtin::{SSN, SSN_CONTEXT};
use super::context::{List, WINDOW};
use super::pass::Pass;
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case, run_len};

/// What announces bare digits.
pub(super) static WORDS: List = List::new(
    0,
    &["ssn", "social security", "social is", "social number", "social no", "social #", "social:"],
);

/// Printed on sample cards, in wallets (1938) and in a leaflet (1940), and used by so many that the
/// Administration declared them void: <https://www.ssa.gov/history/ssn/misused.html>.
const VOID: [&[u8; 9]; 2] = [b"078051120", b"219099999"];

/// How sure it is that a number of [`VOID`] is meant as one.
const SAMPLE: f32 = 0.3;

/// Looks for a number that begins with the digits at `start`; `run` is how many there are.
pub(super) fn probe(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let text = pass.text();
    if !may_begin(text, start) {
        return;
    }
    match run {
        3 => {
            if let Some((end, confidence)) = formatted(text, start) {
                let is_nobodys = is_void(text, start, end);
                let is_doubtful = is_nobodys && !pass.is_announced(&WORDS, start, WINDOW);
                pass.report(start, end, SSN, if is_doubtful { SAMPLE } else { confidence });
            }
        }
        9 if is_issued(text, start, 3, 5) => unformatted(pass, start, start + 9, 0.8),
        _ => {}
    }
    if let Some((group, serial)) = half_formatted(text, start, run)
        && is_issued(text, start, group, serial)
    {
        unformatted(pass, start, start + 10, 0.7);
    }
}

/// Looks for nine digits at `start` to which `ssn` is joined: `ssn123456789`.
pub(super) fn probe_joined(pass: &mut Pass<'_, '_>, start: usize, run: usize) {
    let text = pass.text();
    let is_said = ends_with_ignore_case(text, start, b"ssn")
        && !byte_before(text, start, 4).is_ascii_alphanumeric();
    if run == 9 && is_said && is_issued(text, start, 3, 5) {
        unformatted(pass, start, start + 9, 0.8);
    }
}

/// Reports digits that something has to announce.
fn unformatted(pass: &mut Pass<'_, '_>, start: usize, end: usize, announced: f32) {
    let text = pass.text();
    if may_end(text, end) && !is_void(text, start, end) {
        let is_announced = pass.is_announced(&WORDS, start, WINDOW);
        pass.report(start, end, SSN_CONTEXT, if is_announced { announced } else { 0.05 });
    }
}

/// Whether the digits between `start` and `end` are a number of [`VOID`].
fn is_void(text: &[u8], start: usize, end: usize) -> bool {
    let number = text.get(start..end).unwrap_or_default();
    let digits = || number.iter().filter(|byte| byte.is_ascii_digit());
    VOID.iter().any(|void| digits().eq(void.iter()))
}

/// Where group and serial begin in `AAA-GGSSSS` and `AAAGG-SSSS`, from the start.
fn half_formatted(text: &[u8], start: usize, run: usize) -> Option<(usize, usize)> {
    let digits = |at| run_len(text, at, 7, |b| b.is_ascii_digit());
    match run {
        3 if byte_at(text, start + 3) == b'-' && digits(start + 4) == 6 => Some((4, 6)),
        5 if byte_at(text, start + 5) == b'-' && digits(start + 6) == 4 => Some((3, 6)),
        _ => None,
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

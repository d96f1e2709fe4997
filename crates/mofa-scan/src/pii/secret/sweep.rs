//! Finds the places at which a long token begins, sixty-four bytes of text at a time, and asks
//! there which secret it is.
//!
//! A token is a run of letters, digits and `+ , - . / _ ~`. Only those of at least [`LEAST`] bytes
//! with something other than a letter count, or very long ones: hardly a word of a language does.
//! Inside a token every word is a place of its own.
//!
//! # Invariants
//!
//! Which places are asked does not depend on where the blocks begin.

use super::named::Names;
use super::{assignment, pem, prefixed, token};
use crate::bytes::{byte_at, byte_before, is_word, literal_at, run_len};
use crate::pii::pass::Pass;
use crate::words::gather;

/// The shortest token that is looked at, in bytes.
pub(super) const LEAST: usize = 10;
/// Runs of two, four and eight bytes are put together to find longer ones.
const _: () = assert!(LEAST == 10, "eight and two");
/// Within how many bytes something other than a letter must stand.
const SHOWS_WITHIN: usize = 64;
/// So many letters are no word: behind a provider's name they may be a secret.
pub(super) const VERY_LONG: usize = 20;
/// How many bytes are marked at once.
const BLOCK: usize = 64;

/// Whether `byte` belongs to a token.
pub(in crate::pii) const fn is_token(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'+' | b',' | b'-' | b'.' | b'/' | b'~')
}

/// Gives `is` of every byte of the block at `at`, 0 past the end of the text. Inlined, so that the
/// compiler looks at 16 bytes or more at a time.
#[inline]
fn marks(text: &[u8], at: usize, is: impl Fn(u8) -> u8) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    if let Some(block) = rest.first_chunk::<BLOCK>() {
        return gather(&block.map(is));
    }
    let mut block = [0; BLOCK];
    block.iter_mut().zip(rest).for_each(|(to, from)| *to = is(*from));
    gather(&block)
}

/// The same of two blocks.
#[inline]
fn both(text: &[u8], at: usize, is: impl Fn(u8) -> u8) -> u128 {
    u128::from(marks(text, at, &is)) | u128::from(marks(text, at + BLOCK, &is)) << 64
}

/// 1 for what belongs to a token, and for brackets, which cost another look: this is asked of every
/// byte of a text.
#[inline]
fn is_roughly_token(byte: u8) -> u8 {
    // `+` to `9` are the marks and the digits.
    u8::from((byte | 0x20).wrapping_sub(b'a') < 31) | u8::from(byte.wrapping_sub(b'+') < 15)
}

/// Looks for secrets at every long token from the start of the pass on.
pub(in crate::pii) fn sweep(pass: &mut Pass<'_, '_>) {
    let text = pass.text();
    let mut names = Names::new();
    let mut block = pass.from();
    let mut here = marks(text, block, is_roughly_token);
    while block < text.len() {
        let next = marks(text, block + BLOCK, is_roughly_token);
        if has_long(here, next)
            && let Some(long) = places(text, block)
        {
            ask_all(pass, &mut names, block, long);
        }
        (block, here) = (block + BLOCK, next);
    }
}

/// Whether a run of [`LEAST`] ones begins in the first of two blocks.
#[inline]
const fn has_long(here: u64, next: u64) -> bool {
    let two = here & (here >> 1 | next << 63);
    let next_two = next & next >> 1;
    let four = two & (two >> 2 | next_two << 62);
    let next_four = next_two & next_two >> 2;
    let eight = four & (four >> 4 | next_four << 60);
    eight & (two >> 8 | next_two << 56) != 0
}

/// The bytes of the block from which a token of at least [`LEAST`] bytes goes on, if there may be
/// something other than a letter in one of them, or more letters than a word has.
#[inline(never)]
fn places(text: &[u8], block: usize) -> Option<u64> {
    let token = both(text, block, |byte| u8::from(is_token(byte)));
    let two = token & token >> 1;
    let four = two & two >> 2;
    let eight = four & four >> 4;
    #[expect(clippy::cast_possible_truncation, reason = "only this block is asked")]
    let long = (eight & two >> (LEAST - 2)) as u64;
    if long == 0 {
        return None;
    }
    let other = token & !both(text, block, |byte| u8::from(byte.is_ascii_alphabetic()));
    let in_two = other | other >> 1;
    let in_four = in_two | in_two >> 2;
    let in_eight = in_four | in_four >> 4;
    #[expect(clippy::cast_possible_truncation, reason = "only this block is asked")]
    let shown = (in_eight | in_two >> (LEAST - 2)) as u64;
    let sixteen = eight & eight >> 8;
    #[expect(clippy::cast_possible_truncation, reason = "only this block is asked")]
    let very_long = (sixteen & four >> 16) as u64;
    let crosses = || {
        #[expect(clippy::cast_possible_truncation, reason = "only this block is asked")]
        let first = BLOCK - (token as u64).leading_ones() as usize;
        long.checked_shr(u32::try_from(first).unwrap_or(u32::MAX)).is_some_and(|left| left & 1 == 1)
            && shows(text, block + first, 2 * BLOCK - first)
    };
    (long & shown != 0 || very_long != 0 || crosses()).then_some(long)
}

/// Whether something other than a letter stands in the token at `at`, within so many bytes.
fn shows(text: &[u8], at: usize, within: usize) -> bool {
    let letters = run_len(text, at, within, |byte| byte.is_ascii_alphabetic());
    letters < within && is_token(byte_at(text, at + letters))
}

/// Asks at every word of the marked bytes, and where a token begins with a dash.
#[inline(never)]
fn ask_all(pass: &mut Pass<'_, '_>, names: &mut Names, block: usize, long: u64) {
    let text = pass.text();
    let (words, dashes) = begins(text, block);
    let mut left = long & (words | dashes);
    while left != 0 {
        let at = block + left.trailing_zeros() as usize;
        left &= left - 1;
        let (byte, before) = (byte_at(text, at), byte_before(text, at, 1));
        if byte == b'-' {
            if !is_token(before) || is_letter_alone(text, at) {
                pem::probe(pass, at);
            }
        } else if shows(text, at, SHOWS_WITHIN) {
            ask(pass, names, at, before);
        } else if run_len(text, at, VERY_LONG, |b| b.is_ascii_alphabetic()) == VERY_LONG {
            // One key of AWS in thirty has no digit.
            prefixed::probe(pass, at, before);
            names.probe(pass, at, before);
        }
    }
}

/// Where words begin in the block at `at`, and where dashes stand.
fn begins(text: &[u8], at: usize) -> (u64, u64) {
    let word = marks(text, at, |byte| {
        let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
        u8::from(letter) | u8::from(byte.wrapping_sub(b'0') < 10) | u8::from(byte == b'_')
    });
    let begins = word & !(word << 1 | u64::from(is_word(byte_before(text, at, 1))));
    (begins, marks(text, at, |byte| u8::from(byte == b'-')))
}

/// Whether one letter stands before `at`, as the `n` of `\n` does before a block in a JSON string.
fn is_letter_alone(text: &[u8], at: usize) -> bool {
    is_word(byte_before(text, at, 1)) && !is_word(byte_before(text, at, 2))
}

/// Asks which secret the token at `at` is.
fn ask(pass: &mut Pass<'_, '_>, names: &mut Names, at: usize, before: u8) {
    let text = pass.text();
    prefixed::probe(pass, at, before);
    if literal_at(text, at, b"eyJ") {
        token::probe_jwt(pass, at);
    }
    match before {
        b' ' => token::probe_scheme(pass, at),
        b'"' | b'\'' => assignment::probe_pair(pass, at),
        _ => {}
    }
    names.probe(pass, at, before);
}

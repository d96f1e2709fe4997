//! Secrets that their first bytes, or a literal inside them, give away.
//!
//! Called by the sweep at the beginning of a token.

use super::check::Check;
use super::hash::{self, LEAST_INSIDE};
use super::sweep::is_token;
use super::table::{INSIDES, PREFIX_BITS, PREFIXES, SHAPES, Shape};
use super::{program, rule, value};
use crate::bytes::{byte_at, literal_at, run_len};
use crate::pii::pass::Pass;

/// How far from the beginning a literal inside may end, in bytes.
const REACH: usize = 160;

/// The bitmap is as large as the places that [`hash::place`] gives.
const _: () = assert!(PREFIX_BITS.len() == hash::WORDS, "one word for each place");

/// Whether one of the rules begins with these four bytes.
pub(super) fn is_prefix(four: [u8; 4]) -> bool {
    let key = u32::from_le_bytes(four);
    may_begin(four) && PREFIXES.binary_search_by_key(&key, |(key, _)| *key).is_ok()
}

/// Whether one of the rules may begin with these four bytes; it may be that none does.
#[inline]
fn may_begin(four: [u8; 4]) -> bool {
    let (slot, bit) = hash::place(u32::from_le_bytes(four));
    PREFIX_BITS.get(slot).is_some_and(|word| word & bit != 0)
}

/// Tries the rules that may begin at `at`, behind the byte `before`.
#[inline]
pub(super) fn probe(pass: &mut Pass<'_, '_>, at: usize, before: u8) {
    let text = pass.text();
    let four = text.get(at..).and_then(<[u8]>::first_chunk::<4>);
    if let Some(four) = four.filter(|four| may_begin(**four)) {
        prefix(pass, at, before, u32::from_le_bytes(*four));
    }
    if text.len() - at < REACH && text.iter().skip(at).all(|byte| is_token(*byte)) {
        pass.undecided_from(at);
    }
    // Hardly a token is so long.
    if is_token(byte_at(text, at + LEAST_INSIDE - 1)) {
        inside(pass, at, before);
    }
}

/// Tries the rules that a literal inside the token at `at` gives away.
fn inside(pass: &mut Pass<'_, '_>, at: usize, before: u8) {
    let text = pass.text();
    for (offset, first, literal, shape) in &INSIDES {
        if byte_at(text, at + offset) == *first
            && literal_at(text, at + offset, literal)
            && run_len(text, at, LEAST_INSIDE, is_token) == LEAST_INSIDE
        {
            one(pass, at, before, *shape);
        }
    }
}

fn prefix(pass: &mut Pass<'_, '_>, at: usize, before: u8, key: u32) {
    let Ok(found) = PREFIXES.binary_search_by_key(&key, |(key, _)| *key) else { return };
    for shape in PREFIXES.get(found).into_iter().flat_map(|(_, shapes)| *shapes) {
        one(pass, at, before, *shape);
    }
}

fn one(pass: &mut Pass<'_, '_>, at: usize, before: u8, shape: u16) {
    let Some(shape) = SHAPES.get(usize::from(shape)) else { return };
    if shape.joined || !matches!(before, b'-' | b'.') {
        let confidence = shape.confidence;
        try_shape(pass, at, shape, confidence);
    }
}

/// Reports the shape if it fits at `at`.
pub(super) fn try_shape(
    pass: &mut Pass<'_, '_>,
    at: usize,
    shape: &'static Shape,
    confidence: f32,
) {
    let text = pass.text();
    let run = program::run(shape.steps, text, at);
    pass.undecided_if_at_end(at, run.read);
    let Some(end) = run.end else { return };
    let secret = text.get(at..end).unwrap_or_default();
    let empty = !shape.filled && value::is_filler(secret) || value::is_written_in(secret);
    if empty || shape.entropy > 0.0 && value::entropy(secret) < shape.entropy {
        return;
    }
    let judged = if shape.check == Check::None {
        Some(confidence)
    } else {
        shape.check.judge(secret, confidence)
    };
    if let Some(confidence) = judged {
        pass.report(at, end, rule(shape.rule), confidence);
    }
}

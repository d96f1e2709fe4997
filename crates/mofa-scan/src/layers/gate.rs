//! Finds the blocks of a text that could hide something, without a branch a byte.
//!
//! # Invariants
//!
//! Only the block's bytes and the two after it are looked at. What a decoder can read always has
//! one of these marks in it; ordinary prose has few.

/// How many bytes are judged at once.
pub(super) const BLOCK: usize = 64;
/// A block and what is looked at after it.
const WINDOW: usize = BLOCK + 2;

/// The next block at or after `from` that could hide something: where it begins.
pub(super) fn next(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let Some(window) = rest.first_chunk::<WINDOW>() else { return last(rest, at) };
        if is_suspect(window) {
            return Some(at);
        }
        at += BLOCK;
    }
}

/// The end of the text, filled up with a letter that ordinary words have.
fn last(rest: &[u8], at: usize) -> Option<usize> {
    for (skipped, part) in [(0, rest), (BLOCK, rest.get(BLOCK..).unwrap_or_default())] {
        let mut window = [b'a'; WINDOW];
        for (slot, byte) in window.iter_mut().zip(part) {
            *slot = *byte;
        }
        if is_suspect(&window) {
            return Some(at + skipped);
        }
    }
    None
}

/// How many bytes a register holds at least.
const LANES: usize = 16;

/// Written as loops over arrays, with masks of ones for what is so: the compiler takes each line
/// for an instruction or two for sixteen bytes.
#[inline(never)]
fn is_suspect(window: &[u8; WINDOW]) -> bool {
    let (Some(first), Some(second), Some(third)) = (
        window.first_chunk::<BLOCK>(),
        window.get(1..).and_then(<[u8]>::first_chunk::<BLOCK>),
        window.last_chunk::<BLOCK>(),
    ) else {
        return true;
    };
    let mut seen = [0_u8; BLOCK];
    for (((seen, a), b), c) in seen.iter_mut().zip(first).zip(second).zip(third) {
        *seen = begins_mark(*a, *b, *c) | mark(*a);
    }
    seen.iter().fold(0, |any, seen| any | seen) != 0 || is_bare(first)
}

/// Whether one of the registers of a block has no letter that ordinary words have.
#[inline(never)]
fn is_bare(block: &[u8; BLOCK]) -> bool {
    let mut common = [0_u8; BLOCK];
    for (common, byte) in common.iter_mut().zip(block) {
        *common = is_common(*byte);
    }
    let (registers, _) = common.as_chunks::<LANES>();
    registers.iter().any(|register| u128::from_ne_bytes(*register) == 0)
}

/// Ones if so.
#[inline]
const fn ones(is_so: bool) -> u8 {
    if is_so { u8::MAX } else { 0 }
}

/// Ones if a byte alone makes a block worth a look: digits, `@`, what begins an escape, control
/// bytes that hide, and all that is not ASCII.
#[inline]
pub(super) const fn mark(byte: u8) -> u8 {
    ones(byte.wrapping_sub(b'0') < 10)
        | ones(byte.wrapping_sub(b'%') < 2)
        | ones(byte >= 0x7F)
        | ones(byte == b'=')
        | ones(byte == b'@')
        | ones(byte == b'\\')
        | ones(byte == 0x08)
        | ones(byte == 0x1B)
}

/// An inner capital, a row of capitals, "dot", and "dash" among digits in words.
#[inline]
const fn begins_mark(a: u8, b: u8, c: u8) -> u8 {
    // Of the letters capitals have 0x40 and not 0x20, the others have both.
    let inner = a & (a << 1);
    let row = capital(a) & capital(c);
    // "DOT" is a row of capitals.
    let dot = ones(b == b'o') & ones(c == b't');
    let dash = ones(b == b'a') & ones(c == b's');
    capital(b) & (inner | row) & 0x40 | ones(a | 0x20 == b'd') & (dot | dash)
}

/// Has 0x40 set for capitals, and for `@ [ \\ ] ^ _`.
#[inline]
const fn capital(byte: u8) -> u8 {
    byte & !(byte << 1)
}

/// Letters that ordinary words have; digits in words and in Morse code have none of them.
#[inline]
const fn is_common(byte: u8) -> u8 {
    let byte = byte | 0x20;
    ones(byte.wrapping_sub(b'a') < 4)
        | ones(byte.wrapping_sub(b'j') < 4)
        | ones(byte.wrapping_sub(b'p') < 2)
        | ones(byte == b'y')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_seen_wherever_it_stands() {
        for mark in [
            "7",
            "@",
            "\u{200b}",
            "%",
            "\\",
            "&",
            "=",
            "\u{8}",
            "aB",
            "dot",
            "dash",
            "ABC",
            "....- -.. .... . . . . . ... -- --",
        ] {
            for before in 0..200 {
                let clean = "library and alike ".repeat(20);
                let (head, tail) = clean.split_at(before);
                assert_eq!(next(clean.as_bytes(), 0), None);
                let text = format!("{head}{mark}{tail}");
                let found = next(text.as_bytes(), 0);
                let near = |at| at <= before + mark.len() && before < at + BLOCK + 2;
                assert!(found.is_some_and(near), "{mark} {before}");
            }
        }
    }

    #[test]
    fn prose_is_passed_over() {
        let prose = "\"We have saved for this since spring,\" she said (and nobody will pay more); \
                     it's a plan: the vote was clear!\n\tIs it?";
        assert_eq!(next(prose.as_bytes(), 0), None);
    }
}

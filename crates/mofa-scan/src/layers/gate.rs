//! Finds the blocks of a text that could hide something, without a branch a byte.
//!
//! # Invariants
//!
//! Only the block's bytes and the two after it are looked at. What a decoder can read always has
//! one of these marks in it; ordinary prose has few.

#![expect(
    clippy::needless_bitwise_bool,
    reason = "a branch between two comparisons would keep the loop from judging many bytes at once"
)]

/// How many bytes are judged at once.
pub(super) const BLOCK: usize = 64;
/// A block and what is looked at after it.
const WINDOW: usize = BLOCK + 2;

/// Whether a byte alone makes a block worth a look: digits, `@`, what begins an escape, control
/// bytes that hide, and all that is not ASCII. Without a branch, so that many are judged at once.
#[inline]
pub(super) const fn is_mark(byte: u8) -> bool {
    (byte.wrapping_sub(b'0') < 10)
        | (byte.wrapping_sub(b'%') < 2)
        | (byte >= 0x7F)
        | (byte == b'=')
        | (byte == b'@')
        | (byte == b'\\')
        | (byte == 0x08)
        | (byte == 0x1B)
}

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

#[inline]
fn is_suspect(window: &[u8; WINDOW]) -> bool {
    let (Some(first), Some(second), Some(third)) = (
        window.first_chunk::<BLOCK>(),
        window.get(1..).and_then(<[u8]>::first_chunk::<BLOCK>),
        window.last_chunk::<BLOCK>(),
    ) else {
        return true;
    };
    let mut seen = 0_u8;
    for ((a, b), c) in first.iter().zip(second).zip(third) {
        seen |= u8::from(is_mark(*a) | begins_mark(*a, *b, *c));
    }
    let (parts, _) = first.as_chunks::<16>();
    let mut numeric = 0_u8;
    for part in parts {
        let mut common = 0_u8;
        for byte in part {
            common |= u8::from(is_common(*byte));
        }
        numeric |= u8::from(common == 0);
    }
    seen | numeric != 0
}

/// An inner capital, a row of capitals, "dot", and "dash" among digits in words.
#[inline]
const fn begins_mark(a: u8, b: u8, c: u8) -> bool {
    let capital = b.wrapping_sub(b'A') < 26;
    let inner = (a.wrapping_sub(b'a') < 26) & capital;
    let row = (a.wrapping_sub(b'A') < 26) & capital & (c.wrapping_sub(b'A') < 26);
    let (b, c) = (b | 0x20, c | 0x20);
    let named = ((b == b'o') & (c == b't')) | ((b == b'a') & (c == b's'));
    inner | row | ((a | 0x20 == b'd') & named)
}

/// Letters that ordinary words have; digits in words and in Morse code have none of them.
#[inline]
const fn is_common(byte: u8) -> bool {
    let byte = byte | 0x20;
    (byte.wrapping_sub(b'a') < 4)
        | (byte.wrapping_sub(b'j') < 4)
        | (byte.wrapping_sub(b'p') < 2)
        | (byte == b'y')
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

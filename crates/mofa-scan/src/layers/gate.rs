//! Finds, at the speed of memory, the blocks of a text that could hide something.
//!
//! # Invariants
//!
//! Only the block's bytes and the three after it are looked at. What a decoder can read always has
//! one of these marks in it; ordinary prose has few.

/// How many bytes are judged at once.
pub(super) const BLOCK: usize = 64;

/// Whether a byte alone makes a block worth a look: digits, `@`, what begins an escape, control
/// bytes that hide, and all that is not ASCII.
#[inline]
pub(super) const fn is_mark(byte: u8) -> bool {
    byte.wrapping_sub(b'0') < 10
        || byte.wrapping_sub(b'%') < 2
        || byte.wrapping_sub(0x7F) < 0x81
        || byte == b'='
        || byte == b'@'
        || byte == b'\\'
        || byte == 0x08
        || byte == 0x1B
}

/// The next block at or after `from` that could hide something: where it begins.
pub(super) fn next(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let Some((block, after)) = rest.split_first_chunk::<BLOCK>() else {
            return last(rest).then_some(at);
        };
        let ahead = [0, 1, 2].map(|i| after.get(i).copied().unwrap_or(0));
        if is_suspect(block, ahead) {
            return Some(at);
        }
        at += BLOCK;
    }
}

/// The end of the text, filled up with spaces; an empty one hides nothing.
fn last(rest: &[u8]) -> bool {
    let mut block = [b' '; BLOCK];
    for (slot, byte) in block.iter_mut().zip(rest) {
        *slot = *byte;
    }
    // The spaces must not pass for a stretch without the letters of ordinary words.
    for slot in block.iter_mut().skip(rest.len()) {
        *slot = b'a';
    }
    !rest.is_empty() && is_suspect(&block, [b'a'; 3])
}

#[inline]
fn is_suspect(block: &[u8; BLOCK], ahead: [u8; 3]) -> bool {
    let mut shifted = [[0_u8; BLOCK]; 2];
    for (by, shifted) in shifted.iter_mut().enumerate() {
        let next = block.iter().skip(by + 1).chain(&ahead);
        for (slot, byte) in shifted.iter_mut().zip(next) {
            *slot = *byte;
        }
    }
    let [second, third] = &shifted;
    let mut seen = 0_u8;
    for ((a, b), c) in block.iter().zip(second).zip(third) {
        let upper = |byte: &u8| byte.wrapping_sub(b'A') < 26;
        let hump = a.wrapping_sub(b'a') < 26 && upper(b);
        let capitals = upper(a) && upper(b) && upper(c);
        let (a2, b2, c2) = (a | 0x20, b | 0x20, c | 0x20);
        // "dot", and "dash" among digits in words.
        let named = a2 == b'd' && (b2 == b'o' && c2 == b't' || b2 == b'a' && c2 == b's');
        seen |= u8::from(is_mark(*a) | hump | capitals | named);
    }
    let (parts, _) = block.as_chunks::<16>();
    // Digits in words and in Morse code have none of these letters.
    let numeric = parts.iter().any(|part| {
        let common = |byte: &u8| {
            let byte = byte | 0x20;
            u8::from(byte.wrapping_sub(b'a') < 4 || byte.wrapping_sub(b'j') < 4)
        };
        part.iter().fold(0, |seen, byte| seen | common(byte)) == 0
    });
    seen != 0 || numeric
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

//! Where the words of a text begin, sixty-four bytes at a time.
//!
//! Called by the keyword scanner, which looks for phrases only at such places.
//!
//! # Invariants
//!
//! A set bit `i` of a [`Marks`] speaks of byte `i` of the block; bytes past the end of the text
//! are marked as nothing.

use crate::bytes;

/// How many bytes one [`Marks`] describes.
const BLOCK: usize = 64;
/// How far apart blocks begin: eight bytes less, so that the first eight bytes of every word that
/// begins in a block are marked in it.
pub(crate) const STEP: usize = BLOCK - 8;

/// What the bytes of a block are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    /// ASCII letters, digits and `_`.
    pub(crate) word: u64,
    /// Bytes of characters outside ASCII.
    pub(crate) wide: u64,
}

impl Marks {
    /// Describes the block of `text` that begins at `at`.
    #[inline]
    pub(crate) fn at(text: &[u8], at: usize) -> Self {
        let rest = text.get(at..).unwrap_or_default();
        if let Some(block) = rest.first_chunk() {
            return Self::of(block);
        }
        let mut block = [0; BLOCK];
        for (to, from) in block.iter_mut().zip(rest) {
            *to = *from;
        }
        Self::of(&block)
    }

    /// Written so that the compiler looks at 16 bytes or more at a time.
    #[inline]
    fn of(block: &[u8; BLOCK]) -> Self {
        let word = gather(&block.map(|byte| {
            let letter = (byte | 0x20).wrapping_sub(b'a') < 26;
            let digit = byte.wrapping_sub(b'0') < 10;
            u8::from(letter) | u8::from(digit) | u8::from(byte == b'_')
        }));
        let any = block.iter().fold(0, |any, byte| any | byte);
        let wide = if any < 0x80 { 0 } else { gather(&block.map(|byte| byte >> 7)) };
        Self { word, wide }
    }

    /// The bytes of the block that belong to `set`.
    pub(crate) fn of_set(text: &[u8], at: usize, set: &[bool; 256]) -> u64 {
        (0..BLOCK).fold(0, |marks, i| {
            let inside =
                text.get(at + i).is_some_and(|byte| set.get(usize::from(*byte)) == Some(&true));
            marks | u64::from(inside) << i
        })
    }
}

/// Turns 64 bytes that are 0 or 1 into 64 bits: the product moves bit 0 of byte `i` to bit
/// `56 + i`, and no other partial product meets those bits.
#[inline]
pub(crate) fn gather(flags: &[u8; BLOCK]) -> u64 {
    let (eights, _) = flags.as_chunks::<8>();
    eights.iter().rev().fold(0, |marks, eight| {
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        marks << 8 | bits
    })
}

/// The first up to eight bytes of the word at `at`, ASCII case folded, in one number; bit `i` of
/// `word` says whether byte `i` from there on belongs to a word.
#[inline]
pub(crate) fn key(text: &[u8], at: usize, word: u8) -> u64 {
    let eight = match text.get(at..at.saturating_add(8)).and_then(<[u8]>::first_chunk) {
        Some(eight) => u64::from_le_bytes(*eight),
        None => last(text, at),
    };
    let kept = KEPT.get(usize::from(word)).copied().unwrap_or(u64::MAX);
    (eight | 0x2020_2020_2020_2020) & kept
}

/// The last less than eight bytes of a text in one number.
#[cold]
fn last(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    rest.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// For every pattern of eight bits, a byte of ones for each of its trailing ones.
static KEPT: [u64; 256] = kept_table();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, over the table's length")]
const fn kept_table() -> [u64; 256] {
    let mut table = [u64::MAX; 256];
    let mut word = 0_usize;
    while word < 255 {
        table[word] = (1 << (8 * word.trailing_ones())) - 1;
        word += 1;
    }
    table
}

/// Which of the eight bytes at `at` belong to a word, as [`key`] takes them.
pub(crate) fn marks_of_eight(text: &[u8], at: usize) -> u8 {
    (0..8).fold(0, |marks, i| {
        marks | u8::from(bytes::is_word(bytes::byte_at(text, at.saturating_add(i)))) << i
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_marked_as_what_it_is() {
        let text: Vec<u8> = (0..=255).chain([b'_', b'a', 0xff]).collect();
        for at in 0..text.len() {
            let marks = Marks::at(&text, at);
            for i in 0..BLOCK {
                let byte = bytes::byte_at(&text, at + i);
                assert_eq!(marks.word >> i & 1 == 1, bytes::is_word(byte), "{byte:#x} at {at}");
                assert_eq!(marks.wide >> i & 1 == 1, byte >= 0x80, "{byte:#x} at {at}");
            }
        }
    }

    #[test]
    fn keys_fold_case_and_end_with_the_word() {
        let key = |text: &[u8], at: usize| key(text, at, marks_of_eight(text, at));
        assert_eq!(key(b"Spam, ", 0), key(b"sPAM", 0));
        assert_eq!(key(b" spamming along", 1), key(b"SPAMMING", 0));
        assert_eq!(key(b" spamming_along", 1), key(b"spamming", 0));
        assert_ne!(key(b"spam", 0), key(b"spams", 0));
        assert_ne!(key(b"spammi", 0), key(b"spamm", 0));
    }
}

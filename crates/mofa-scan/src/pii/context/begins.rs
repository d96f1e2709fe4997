//! Passes over the places where none of many words can begin or end, by two or three bytes alone.
//!
//! Called by whoever looks for words around a number: most places of a text are neither.

use super::begins_word;
use crate::bytes::{byte_at, byte_before, ends_with_ignore_case};
use crate::words::gather;

/// How many bytes one mask describes.
const BLOCK: usize = 64;
/// Fewer bytes are looked at one by one.
const FEW: usize = 16;

/// Gives `each` the places from `from` to `to` at which a word of letters begins, as
/// [`begins_word`] says.
#[inline]
pub(in crate::pii) fn each_word(text: &[u8], from: usize, to: usize, mut each: impl FnMut(usize)) {
    if to.saturating_sub(from) < FEW {
        (from..to).filter(|at| byte_at(text, *at) >= b'A' && begins_word(text, *at)).for_each(each);
        return;
    }
    for block in (from..to).step_by(BLOCK) {
        let left = to - block;
        let mut places = places(text, block);
        if left < BLOCK {
            places &= (1 << left) - 1;
        }
        while places != 0 {
            each(block + places.trailing_zeros() as usize);
            places &= places - 1;
        }
    }
}

/// Where in the block at `at` words of letters begin.
fn places(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    let mut padded = [0; BLOCK];
    let block = rest.first_chunk().unwrap_or_else(|| {
        padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        &padded
    });
    let before = byte_before(text, at, 1);
    let is_wide = block.iter().fold(before, |any, byte| any | byte) >= 0x80;
    if is_wide {
        let begins = |i: &usize| byte_at(block, *i) >= b'A' && begins_word(text, at + i);
        return (0..BLOCK).filter(begins).fold(0, |places, i| places | 1 << i);
    }
    let upper = gather(&block.map(|byte| u8::from(byte.wrapping_sub(b'A') < 26)));
    let lower = gather(&block.map(|byte| u8::from(byte.wrapping_sub(b'a') < 26)));
    let behind_upper = upper << 1 | u64::from(before.is_ascii_uppercase());
    let behind_lower = lower << 1 | u64::from(before.is_ascii_lowercase());
    upper & !behind_upper | lower & !(behind_upper | behind_lower)
}

/// The first three bytes of words: a set that may have more, but none less.
#[derive(Debug, Clone)]
pub(in crate::pii) struct Beginnings([u64; SETS]);

/// How many words of 64 bits a set of beginnings has.
const SETS: usize = 64;

impl Beginnings {
    pub(in crate::pii) const fn none() -> Self {
        Self([0; SETS])
    }

    /// With the words, too, that begin with `three`, in either case.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "the place is below the length")]
    pub(in crate::pii) const fn with(self, three: [u8; 3]) -> Self {
        let place = place(three);
        let mut bits = self.0;
        bits[place / 64] |= 1 << (place % 64);
        Self(bits)
    }

    /// Whether one of the words may begin at `at`.
    #[inline]
    pub(in crate::pii) fn has(&self, text: &[u8], at: usize) -> bool {
        let three = text.get(at..).and_then(<[u8]>::first_chunk);
        three.is_some_and(|three| {
            let place = place(*three);
            self.0.get(place / 64).is_some_and(|bits| bits >> (place % 64) & 1 != 0)
        })
    }
}

/// Where three bytes are noted, the case of letters ignored.
#[inline]
const fn place([a, b, c]: [u8; 3]) -> usize {
    let key = u32::from_le_bytes([a | 0x20, b | 0x20, c | 0x20, 0]);
    (key.wrapping_mul(0x9e37_79b1) >> 20) as usize
}

/// Words that may stand right before a place, ASCII case ignored.
#[derive(Debug)]
pub(in crate::pii) struct Endings {
    words: &'static [&'static [u8]],
    /// The last five bits of the last two bytes.
    pairs: [u32; 32],
}

impl Endings {
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below the lengths")]
    pub(in crate::pii) const fn new(words: &'static [&'static [u8]]) -> Self {
        let mut pairs = [0; 32];
        let mut at = 0;
        while at < words.len() {
            let word = words[at];
            let last = word[word.len() - 1] as usize & 31;
            pairs[last] |= match word.len() {
                1 => u32::MAX,
                len => 1 << (word[len - 2] & 31),
            };
            at += 1;
        }
        Self { words, pairs }
    }

    /// Where the first of the words begins that ends at `end` and of whose beginning `is_it` holds.
    #[inline]
    pub(in crate::pii) fn find(
        &self,
        text: &[u8],
        end: usize,
        is_it: impl Fn(usize) -> bool,
    ) -> Option<usize> {
        let pair = self.pairs.get(usize::from(byte_before(text, end, 1) & 31)).copied();
        if pair.unwrap_or_default() >> (byte_before(text, end, 2) & 31) & 1 == 0 {
            return None;
        }
        let is_here = |word: &&&[u8]| ends_with_ignore_case(text, end, word);
        self.words.iter().filter(is_here).map(|word| end - word.len()).find(|start| is_it(*start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_begin_where_each_byte_says_so() {
        let parts = ["taxId", " ", "VATNumber", "_no", "é", "Éa", "тел", "电话", "9a", "[x]", "-"];
        let text: String = (0..700).map(|i| parts[i * i % 89 % parts.len()]).collect();
        let text = text.as_bytes();
        for (from, to) in [(0, text.len()), (3, 90), (64, 128), (7, 20), (9, 9), (70, 71)] {
            let mut found = Vec::new();
            each_word(text, from, to, |at| found.push(at));
            let begins = |at: &usize| text[*at] >= b'A' && begins_word(text, *at);
            assert!(found.iter().copied().eq((from..to).filter(begins)), "{from}..{to}");
        }
    }

    #[test]
    fn a_set_of_beginnings_ignores_case() {
        let set = Beginnings::none().with(*b"tax").with(*b"DOB");
        let has = |text: &str| set.has(text.as_bytes(), 0);
        assert!(has("Taxes") && has("TAX") && has("dob"));
        assert!(!has("ta") && !has("word") && !has(""));
    }

    #[test]
    fn the_first_word_that_fits_is_found() {
        static WORDS: Endings = Endings::new(&[b"version", b"v", b"ver"]);
        let find = |text: &str| WORDS.find(text.as_bytes(), text.len(), |at| at != 1);
        assert_eq!(find("Version"), Some(0));
        assert_eq!(find(" version"), None);
        assert_eq!(find("a v"), Some(2));
        assert_eq!(find("VER"), Some(0));
        assert_eq!(find(""), None);
    }
}

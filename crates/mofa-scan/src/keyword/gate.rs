//! Says at which places of a text a phrase may begin, so that the automaton runs only there.
//!
//! Called by the keyword scanner. The first word of every phrase, up to eight bytes of it, is in a
//! set of hashes; a word of the text that is not in the set begins no phrase.
//!
//! # Invariants
//!
//! No beginning is missed: characters outside ASCII, words of less than eight bytes that touch
//! them, and symbols with which some phrase begins are let through untested.

use super::word;
use crate::bytes;
use crate::words::{self, Marks, STEP};

/// Bits of the set for each phrase: one word in thirty-two passes by accident.
const BITS_PER_PHRASE: usize = 32;
/// The least and the greatest set: 128 bytes and 512 KiB.
const BITS: (usize, usize) = (1 << 10, 1 << 22);

/// The first words of all phrases.
#[derive(Debug)]
pub(super) struct Gate {
    bits: Box<[u64]>,
    shift: u32,
    /// The ASCII bytes other than those of words with which a phrase begins, if there are any.
    symbols: Option<Box<[bool; 256]>>,
}

impl Gate {
    /// The gate of the folded `phrases`.
    pub(super) fn new(phrases: &[impl AsRef<str>]) -> Self {
        let wanted = phrases.len().saturating_mul(BITS_PER_PHRASE).clamp(BITS.0, BITS.1);
        let bits = wanted.next_power_of_two();
        let mut gate = Self {
            bits: vec![0; bits / 64].into(),
            shift: 64 - bits.trailing_zeros(),
            symbols: None,
        };
        for phrase in phrases.iter().map(|phrase| phrase.as_ref().as_bytes()) {
            let first = phrase.first().copied().unwrap_or(0x80);
            let word = words::marks_of_eight(phrase, 0);
            if word & 1 == 1 {
                let (slot, bit) = gate.place(words::key(phrase, 0, word));
                if let Some(slot) = gate.bits.get_mut(slot) {
                    *slot |= bit;
                }
            } else if first < 0x80 {
                let symbols = gate.symbols.get_or_insert_with(|| Box::new([false; 256]));
                if let Some(symbol) = symbols.get_mut(usize::from(first)) {
                    *symbol = true;
                }
            }
        }
        gate
    }

    /// The places at or after `from` at which a phrase may begin, ascending.
    pub(super) fn openings<'a>(&'a self, text: &'a str, from: usize) -> Openings<'a> {
        let mut openings = Openings {
            gate: self,
            text: text.as_bytes(),
            block: from,
            marks: Marks { word: 0, wide: 0 },
            left: 0,
        };
        openings.enter(from, !word::may_begin(text, from));
        openings
    }

    /// The first place among those `left` in a block at which a phrase may begin, and the rest of
    /// them.
    #[inline(never)]
    #[expect(clippy::cast_possible_truncation, reason = "only the marks of eight bytes are asked")]
    fn first(&self, text: &[u8], block: usize, marks: Marks, left: u64) -> (Option<usize>, u64) {
        let rest = text.get(block..).unwrap_or_default();
        let mut left = left;
        while left != 0 {
            let bit = left.trailing_zeros();
            left &= left - 1;
            let word = marks.word >> bit;
            let (slot, mask) = self.place(words::key(rest, bit as usize, word as u8));
            let known = self.bits.get(slot).is_none_or(|slot| slot & mask != 0);
            if known
                || (marks.wide != 0 || self.symbols.is_some()) && may_open(word, marks.wide >> bit)
            {
                return (Some(bit as usize), left);
            }
        }
        (None, 0)
    }

    #[inline]
    const fn place(&self, key: u64) -> (usize, u64) {
        let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> self.shift;
        ((hash >> 6) as usize, 1 << (hash & 63))
    }
}

/// Whether what is marked so is no word, or one that goes on with a character outside ASCII, which
/// may fold to one of its letters.
const fn may_open(word: u64, wide: u64) -> bool {
    let behind = word.wrapping_add(1) & !word;
    word & 1 == 0 || wide & behind != 0
}

/// Goes from one place at which a phrase may begin to the next.
#[derive(Debug)]
pub(super) struct Openings<'a> {
    gate: &'a Gate,
    text: &'a [u8],
    /// Where the present block begins.
    block: usize,
    marks: Marks,
    /// The places in the present block that are not tested yet.
    left: u64,
}

impl Openings<'_> {
    /// The next place that is not before `least`.
    pub(super) fn next(&mut self, least: usize) -> Option<usize> {
        self.skip_to(least);
        loop {
            let (bit, left) = self.gate.first(self.text, self.block, self.marks, self.left);
            self.left = left;
            if let Some(bit) = bit {
                return Some(self.block + bit);
            }
            let next = self.block + STEP;
            if next >= self.text.len() {
                return None;
            }
            self.enter(next, self.marks.word >> (STEP - 1) & 1 == 1);
        }
    }

    /// Leaves out what lies before `least`.
    fn skip_to(&mut self, least: usize) {
        let ahead = least.saturating_sub(self.block);
        if ahead >= STEP {
            self.enter(least, bytes::is_word(bytes::byte_before(self.text, least, 1)));
        } else {
            self.left &= u64::MAX << ahead;
        }
    }

    /// Goes on with the block at `block`; `joined` says whether it begins inside a word.
    #[inline]
    fn enter(&mut self, block: usize, joined: bool) {
        let marks = Marks::at(self.text, block);
        let begins = marks.word & !(marks.word << 1 | u64::from(joined));
        let symbols = self.gate.symbols.as_deref();
        let symbols = symbols.map_or(0, |set| Marks::of_set(self.text, block, set));
        (self.block, self.marks) = (block, marks);
        self.left = (begins | marks.wide | symbols) & (u64::MAX >> (64 - STEP));
    }
}

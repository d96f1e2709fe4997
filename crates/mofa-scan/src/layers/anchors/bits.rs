//! What the bytes of a part are, one bit a byte.

use crate::words::gather;

/// How many bytes one number describes.
const BLOCK: usize = 64;

/// The kinds of bytes of one block.
#[derive(Debug, Clone, Copy, Default)]
struct Block {
    /// ASCII letters and digits.
    word: u64,
    digit: u64,
    capital: u64,
    blank: u64,
    /// Marks of alphabets besides letters and digits: `+ / - _`.
    joint: u64,
    /// What may stand between the letters of a value.
    mark: u64,
    /// The signs of Morse code.
    sign: u64,
    /// The digits of uuencode.
    low: u64,
    /// What the fold may change.
    odd: u64,
}

/// A set of places: [`Bits::next`] walks over it.
#[derive(Debug, Clone, Copy)]
pub(super) enum Set {
    Word,
    Digit,
    /// Capitals and digits.
    Telling,
    /// Letters, digits and the joints.
    Run,
    /// All that is no white space.
    Solid,
}

/// The kinds of the bytes of a part.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each tells of another kind of byte")]
pub(super) struct Bits {
    blocks: Vec<Block>,
    /// Where the first block begins, and the last one ends.
    pub(super) from: usize,
    pub(super) end: usize,
    pub(super) has_odd: bool,
    /// Whether there is anything but ASCII.
    pub(super) has_high: bool,
    pub(super) has_equals: bool,
    pub(super) has_digit: bool,
    pub(super) has_at: bool,
}

#[inline]
fn one(is_so: bool) -> u8 {
    u8::from(is_so)
}

/// 1 for a byte that the fold may change.
#[inline]
fn is_odd(byte: u8) -> u8 {
    one(byte.wrapping_sub(b'%') < 2)
        | one(byte >= 0x7F)
        | one(byte == b'\\')
        | one(byte == 0x08)
        | one(byte == 0x1B)
}

impl Bits {
    pub(super) fn fill(&mut self, part: &[u8], from: usize) {
        let rest = part.get(from..).unwrap_or_default();
        self.blocks.clear();
        (self.from, self.end) = (from, part.len());
        let (whole, last) = rest.as_chunks::<BLOCK>();
        self.blocks.extend(whole.iter().map(Block::of));
        let mut padded = [b' '; BLOCK];
        padded.iter_mut().zip(last).for_each(|(to, byte)| *to = *byte);
        self.blocks.push(Block::of(&padded));
        let any = |is_so: fn(&Block) -> u64| self.blocks.iter().any(|block| is_so(block) != 0);
        self.has_odd = any(|block| block.odd);
        self.has_digit = any(|block| block.digit);
        self.has_high = self.has_odd && !rest.is_ascii();
        self.has_equals = memchr::memchr(b'=', rest).is_some();
        self.has_at = memchr::memchr(b'@', rest).is_some();
    }

    #[inline]
    fn block(&self, number: usize, set: Set) -> u64 {
        let Some(block) = self.blocks.get(number) else { return 0 };
        match set {
            Set::Word => block.word,
            Set::Digit => block.digit,
            Set::Telling => block.digit | block.capital,
            Set::Run => block.word | block.joint,
            Set::Solid => !block.blank,
        }
    }

    /// The first place at or after `at` that is in the set (`is_in`) or is not.
    #[inline]
    fn find(&self, set: Set, at: usize, is_in: bool) -> usize {
        let flip = if is_in { 0 } else { u64::MAX };
        let at = at.max(self.from) - self.from;
        let mut number = at / BLOCK;
        let mut left = (self.block(number, set) ^ flip) & (u64::MAX << (at % BLOCK));
        while left == 0 {
            number += 1;
            if number >= self.blocks.len() {
                return self.end;
            }
            left = self.block(number, set) ^ flip;
        }
        (self.from + number * BLOCK + left.trailing_zeros() as usize).min(self.end)
    }

    /// The runs of bytes in the set.
    #[inline]
    pub(super) fn runs(&self, set: Set) -> Runs<'_> {
        let first = self.block(0, set);
        Runs { bits: self, set, number: 0, left: first ^ first << 1 }
    }

    /// The next run of at least eight bytes.
    #[inline]
    pub(super) fn next_long(&self, set: Set, at: usize) -> Option<(usize, usize)> {
        let at = at.max(self.from) - self.from;
        let mut number = at / BLOCK;
        let mut below = u64::MAX << (at % BLOCK);
        while number < self.blocks.len() {
            let all = u128::from(self.block(number, set))
                | u128::from(self.block(number + 1, set)) << BLOCK;
            let two = all & all >> 1;
            let four = two & two >> 2;
            #[expect(clippy::cast_possible_truncation, reason = "only this block is asked")]
            let eight = (four & four >> 4) as u64 & below;
            if eight != 0 {
                let start = self.from + number * BLOCK + eight.trailing_zeros() as usize;
                return Some((start, self.find(set, start, false)));
            }
            (number, below) = (number + 1, u64::MAX);
        }
        None
    }

    /// Whether there is a capital or a digit in `start..end`.
    pub(super) fn tells(&self, start: usize, end: usize) -> bool {
        self.find(Set::Telling, start, true) < end
    }

    /// Where solid text begins that `at` stands in.
    pub(super) fn solid_start(&self, part: &[u8], at: usize) -> usize {
        let head = part.get(self.from..at).unwrap_or_default();
        at - head.iter().rev().take_while(|b| !super::super::zone::is_blank(**b)).count()
    }

    /// Where solid text ends that `at` stands in.
    pub(super) fn solid_end(&self, at: usize) -> usize {
        self.find(Set::Solid, at, false)
    }

    /// What the fold may change.
    pub(super) fn odd(&self) -> impl Iterator<Item = usize> {
        let blocks = self.blocks.iter().enumerate();
        blocks.flat_map(|(number, block)| places(self.from + number * BLOCK, block.odd))
    }

    /// The signs that begin a word behind a blank, and are followed by a sign or a blank.
    pub(super) fn signs(&self) -> impl Iterator<Item = usize> {
        (0..self.blocks.len()).flat_map(|number| {
            let of = |number: usize| {
                self.blocks.get(number).map_or((0, u64::MAX), |block| (block.sign, block.blank))
            };
            let (sign, blank) = of(number);
            let (next_sign, next_blank) = of(number + 1);
            let before = number.checked_sub(1).map_or(1, |before| of(before).1 >> (BLOCK - 1));
            let ends = sign | blank;
            let after = ends >> 1 | (next_sign | next_blank) << (BLOCK - 1);
            places(self.from + number * BLOCK, sign & (blank << 1 | before) & after)
        })
    }

    /// Where words begin with eight digits of uuencode behind their first byte.
    pub(super) fn low_words(&self) -> impl Iterator<Item = usize> {
        (0..self.blocks.len()).flat_map(|number| {
            let low = |number| self.blocks.get(number).map_or(0, |block: &Block| block.low);
            let all = u128::from(low(number)) | u128::from(low(number + 1)) << BLOCK;
            let two = all & all >> 1;
            let four = two & two >> 2;
            let before = number.checked_sub(1).map_or(0, |before| self.block(before, Set::Solid));
            let solid = self.block(number, Set::Solid);
            let begins = solid & !(solid << 1 | before >> (BLOCK - 1));
            #[expect(clippy::cast_possible_truncation, reason = "only this block is asked")]
            let left = (four & four >> 4 & all >> 8) as u64 & begins;
            places(self.from + number * BLOCK, left)
        })
    }

    /// The places before five marks, each second byte one.
    pub(super) fn marked_rows(&self) -> impl Iterator<Item = usize> {
        (0..self.blocks.len()).flat_map(|number| {
            let mark = |number| self.blocks.get(number).map_or(0, |block: &Block| block.mark);
            let all = u128::from(mark(number)) | u128::from(mark(number + 1)) << BLOCK;
            let two = all & all >> 2;
            let four = two & two >> 4;
            #[expect(clippy::cast_possible_truncation, reason = "only this block is asked")]
            let left = (four & all >> 8) as u64;
            places(self.from + number * BLOCK, left)
        })
    }
}

/// Walks over the runs of bytes in a set.
pub(super) struct Runs<'b> {
    bits: &'b Bits,
    set: Set,
    number: usize,
    /// Where a run of the block begins or ends.
    left: u64,
}

impl Runs<'_> {
    #[inline]
    fn edge(&mut self) -> Option<usize> {
        while self.left == 0 {
            let before = self.bits.block(self.number, self.set) >> (BLOCK - 1);
            self.number += 1;
            if self.number >= self.bits.blocks.len() {
                return None;
            }
            let block = self.bits.block(self.number, self.set);
            self.left = block ^ (block << 1 | before);
        }
        let at = self.bits.from + self.number * BLOCK + self.left.trailing_zeros() as usize;
        self.left &= self.left - 1;
        Some(at)
    }
}

impl Iterator for Runs<'_> {
    type Item = (usize, usize);

    #[inline]
    fn next(&mut self) -> Option<(usize, usize)> {
        let start = self.edge()?;
        // The last block is filled up with blanks, which end every run.
        let end = self.edge().unwrap_or(self.bits.end).min(self.bits.end);
        Some((start, end))
    }
}

/// The places of the bits of a block.
fn places(base: usize, bits: u64) -> impl Iterator<Item = usize> {
    let mut left = bits;
    std::iter::from_fn(move || {
        let at = (left != 0).then(|| base + left.trailing_zeros() as usize)?;
        left &= left - 1;
        Some(at)
    })
}

/// One bit for each byte of the block for which `is_so` says 1. Written as a loop over an array, of
/// which the compiler takes 16 bytes or more at a time.
#[inline]
fn mask(block: &[u8; BLOCK], is_so: impl Fn(u8) -> u8) -> u64 {
    let mut flags = [0; BLOCK];
    for (flag, byte) in flags.iter_mut().zip(block) {
        *flag = is_so(*byte);
    }
    gather(&flags)
}

impl Block {
    /// A function of its own: the compiler gives up on several such loops in a longer one.
    #[inline(never)]
    fn of(block: &[u8; BLOCK]) -> Self {
        let digit = mask(block, |byte| one(byte.wrapping_sub(b'0') < 10));
        let letter = mask(block, |byte| one((byte | 0x20).wrapping_sub(b'a') < 26));
        let capital = mask(block, |byte| one(byte.wrapping_sub(b'A') < 26));
        let blank = mask(block, |byte| one(byte == b' ') | one(byte.wrapping_sub(b'\t') < 5));
        let sign = mask(block, |byte| one(byte == b'-') | one(byte == b'.'));
        let joint = mask(block, |byte| {
            one(byte == b'+') | one(byte == b'/') | one(byte == b'-') | one(byte == b'_')
        });
        let other = mask(block, |byte| {
            one(byte == b'*')
                | one(byte == b',')
                | one(byte == b'#')
                | one(byte.wrapping_sub(b':') < 2)
                | one(byte & 0xFD == b'|')
        });
        let low = mask(block, |byte| one(byte.wrapping_sub(0x20) <= 0x40));
        let mark = blank | joint | sign | other;
        let odd = mask(block, is_odd);
        Self { word: letter | digit, digit, capital, blank, joint, mark, sign, low, odd }
    }
}

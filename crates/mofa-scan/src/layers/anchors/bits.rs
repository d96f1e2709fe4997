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
    blank: u64,
    /// Marks of alphabets besides letters and digits: `+ / - _`.
    joint: u64,
    /// What may stand between the letters of a value.
    mark: u64,
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
        let (mut odd, mut high, mut equals, mut digit, mut at) = (0, 0, 0, 0, 0);
        let mut add = |block: &[u8; BLOCK]| {
            let mut any = 0;
            for byte in block {
                any |= is_odd(*byte);
                high |= byte & 0x80;
                equals |= one(*byte == b'=');
                at |= one(*byte == b'@');
            }
            let mut made = Block::of(block);
            if any != 0 {
                made.odd = gather(&block.map(is_odd));
                odd = 1;
            }
            digit |= made.digit;
            self.blocks.push(made);
        };
        let (whole, last) = rest.as_chunks::<BLOCK>();
        whole.iter().for_each(&mut add);
        let mut padded = [b' '; BLOCK];
        padded.iter_mut().zip(last).for_each(|(to, byte)| *to = *byte);
        add(&padded);
        (self.has_odd, self.has_high, self.has_equals) = (odd != 0, high != 0, equals != 0);
        (self.has_digit, self.has_at) = (digit != 0, at != 0);
    }

    #[inline]
    fn block(&self, number: usize, set: Set) -> u64 {
        let Some(block) = self.blocks.get(number) else { return 0 };
        match set {
            Set::Word => block.word,
            Set::Digit => block.digit,
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

    /// The next run of bytes in the set, at or after `at`.
    #[inline]
    pub(super) fn next(&self, set: Set, at: usize) -> Option<(usize, usize)> {
        let start = self.find(set, at, true);
        (start < self.end).then(|| (start, self.find(set, start, false)))
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

    /// Where solid text begins that `at` stands in.
    pub(super) fn solid_start(&self, part: &[u8], at: usize) -> usize {
        let head = part.get(self.from..at).unwrap_or_default();
        at - head.iter().rev().take_while(|b| !super::super::zone::is_blank(**b)).count()
    }

    /// What the fold may change, the last place first.
    pub(super) fn odd_back(&self) -> impl Iterator<Item = usize> {
        self.blocks.iter().enumerate().rev().flat_map(|(number, block)| {
            let base = self.from + number * BLOCK;
            let mut left = block.odd;
            std::iter::from_fn(move || {
                let bit = BLOCK.checked_sub(1 + left.leading_zeros() as usize)?;
                left ^= 1 << bit;
                Some(base + bit)
            })
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

/// The places of the bits of a block.
fn places(base: usize, bits: u64) -> impl Iterator<Item = usize> {
    let mut left = bits;
    std::iter::from_fn(move || {
        let at = (left != 0).then(|| base + left.trailing_zeros() as usize)?;
        left &= left - 1;
        Some(at)
    })
}

impl Block {
    /// Written so that the compiler looks at 16 bytes or more at a time.
    #[inline]
    fn of(block: &[u8; BLOCK]) -> Self {
        let is_digit = |byte: u8| byte.wrapping_sub(b'0') < 10;
        let is_letter = |byte: u8| (byte | 0x20).wrapping_sub(b'a') < 26;
        let is_blank = |byte: u8| byte == b' ' || byte.wrapping_sub(b'\t') < 5;
        let is_joint = |byte: u8| byte == b'+' || byte == b'/' || byte == b'-' || byte == b'_';
        let digit = gather(&block.map(|byte| one(is_digit(byte))));
        let letter = gather(&block.map(|byte| one(is_letter(byte))));
        let blank = gather(&block.map(|byte| one(is_blank(byte))));
        let joint = gather(&block.map(|byte| one(is_joint(byte))));
        let other = gather(&block.map(|byte| {
            one(byte == b'.')
                | one(byte == b'*')
                | one(byte == b'|')
                | one(byte == b',')
                | one(byte == b':')
                | one(byte == b';')
                | one(byte == b'~')
                | one(byte == b'#')
        }));
        let low = gather(&block.map(|byte| one(byte.wrapping_sub(0x20) <= 0x40)));
        Self { word: letter | digit, digit, blank, joint, mark: blank | joint | other, low, odd: 0 }
    }
}

//! Finds the places of a text that could hide something, 128 bytes at a time.
//!
//! The bytes of eight registers are turned into eight planes: bit `r` of lane `i` of plane `k` is
//! bit `k` of byte `i` of register `r`. A question about every byte is then a few operations on
//! planes, each of which the compiler takes for one instruction.
//!
//! # Invariants
//!
//! Each window is judged once, however often it is asked about. What a decoder can read always has
//! one of these marks in it; ordinary prose has few. A register may be taken for suspect without
//! reason, for a sign that prose hardly has: words tell in the end.

/// How many bytes a register holds, and are judged together.
pub(super) const BLOCK: usize = 16;
/// The bytes of a register, or of a plane.
type Row = [u8; BLOCK];
/// As many registers as a byte has bits.
const REGISTERS: usize = 8;
const WINDOW: usize = BLOCK * REGISTERS;
/// Windows overlap by what is looked at behind a byte.
const STEP: usize = WINDOW - 2;

/// Whether anything at or after `from` could hide something.
pub(super) fn any(text: &[u8], from: usize) -> bool {
    Gate::new(text).next(from).is_some()
}

/// Walks over a text.
#[derive(Debug)]
pub(super) struct Gate<'t> {
    text: &'t [u8],
    /// The window that was judged last, and from where on bytes were not.
    window: (usize, usize),
    /// Its suspect registers, a bit each.
    suspects: u8,
}

impl<'t> Gate<'t> {
    pub(super) const fn new(text: &'t [u8]) -> Self {
        Self { text, window: (0, 0), suspects: 0 }
    }

    /// The next [`BLOCK`] bytes that could hide something, at or after `from`: where they begin.
    /// `from` does not go back.
    #[inline]
    pub(super) fn next(&mut self, from: usize) -> Option<usize> {
        if from >= self.window.1 {
            self.judge(from);
        }
        loop {
            let (start, end) = self.window;
            let passed = from.saturating_sub(start) / BLOCK;
            let left = u32::from(self.suspects) >> passed;
            if left != 0 {
                let register = passed + left.trailing_zeros() as usize;
                return Some(from.max(start + register * BLOCK));
            }
            if end >= self.text.len() {
                return None;
            }
            self.judge(end);
        }
    }

    #[inline]
    fn judge(&mut self, at: usize) {
        let rest = self.text.get(at..).unwrap_or_default();
        if let Some(window) = rest.first_chunk() {
            (self.suspects, self.window) = (suspects(window), (at, at + STEP));
            return;
        }
        // The end of the text, filled up with a letter that ordinary words have.
        let mut window = [b'a'; WINDOW];
        window.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
        (self.suspects, self.window) = (suspects(&window), (at, at.max(self.text.len())));
    }
}

/// What the bytes of a window are.
struct Planes {
    /// What makes a register worth a look by itself.
    alone: Row,
    /// Letters that ordinary words have; digits in words and in Morse code have none of them.
    common: Row,
    /// `@`, capitals and `[ \ ] ^ _`.
    capital: Row,
    /// These, letters, and the signs behind them.
    letter: Row,
    /// The letters of "dot" and "das", by their place.
    d: Row,
    oa: Row,
    ts: Row,
}

/// The registers of a window that could hide something, a bit each: marks, an inner capital, two
/// capitals in a row, "dot" and "dash", and where no letter is one that ordinary words have. What
/// stands at the last two bytes may be missed.
#[inline(never)]
fn suspects(window: &[u8; WINDOW]) -> u8 {
    let planes = Planes::of(window);
    let next_is_capital = behind(&planes.capital);
    let next_is_ts = behind(&planes.ts);
    let ends_word: Row = zip(&planes.oa, &next_is_ts, |oa, ts| oa & ts);
    let word = zip(&planes.d, &behind(&ends_word), |d, rest| d & rest);
    let inner = zip(&planes.letter, &next_is_capital, |letter, capital| letter & capital);
    let seen = zip(&zip(&planes.alone, &word, |a, b| a | b), &inner, |a, b| a | b);
    of_registers(&seen) | !of_registers(&planes.common)
}

#[inline]
fn zip(a: &Row, b: &Row, of: impl Fn(u8, u8) -> u8) -> Row {
    let mut out = [0; BLOCK];
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = of(*a, *b);
    }
    out
}

/// The plane of the bytes that stand behind; behind the last byte of all stands nothing.
#[inline]
fn behind(plane: &Row) -> Row {
    let [first, rest @ ..] = plane;
    let mut out = [first >> 1; BLOCK];
    out.iter_mut().zip(rest).for_each(|(to, byte)| *to = *byte);
    out
}

/// A bit for each register that has a bit in the plane.
#[inline]
fn of_registers(plane: &Row) -> u8 {
    plane.iter().fold(0, |any, lane| any | lane)
}

/// Exchanges the bits of `low` that stand `by` above those of `mask` with the bits of `high` that
/// stand in it.
#[inline]
const fn exchange([low, high]: [u8; 2], by: u32, mask: u8) -> [u8; 2] {
    let moved = ((low >> by) ^ high) & mask;
    [low ^ (moved << by), high ^ moved]
}

impl Planes {
    const NONE: Self = Self {
        alone: [0; BLOCK],
        common: [0; BLOCK],
        capital: [0; BLOCK],
        letter: [0; BLOCK],
        d: [0; BLOCK],
        oa: [0; BLOCK],
        ts: [0; BLOCK],
    };

    /// Written as one loop over the lanes: the compiler takes all of them at a time.
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "every array has as many lanes")]
    fn of(window: &[u8; WINDOW]) -> Self {
        let mut planes = Self::NONE;
        let (registers, _) = window.as_chunks::<BLOCK>();
        let [r0, r1, r2, r3, r4, r5, r6, r7] = registers else { return planes };
        for i in 0..BLOCK {
            let bits = transposed([r0[i], r1[i], r2[i], r3[i], r4[i], r5[i], r6[i], r7[i]]);
            planes.alone[i] = alone(bits);
            planes.common[i] = common(bits);
            let [b0, b1, b2, b3, b4, b5, b6, _] = bits;
            planes.letter[i] = b6;
            planes.capital[i] = b6 & !b5;
            // The place of a letter in the alphabet is its last five bits.
            let (first, third) = (b6 & !(b3 | b4), b6 & b4 & !b3);
            planes.d[i] = first & b2 & !(b0 | b1);
            let (o, a) = (b6 & b3 & !b4 & b2 & b1 & b0, first & b0 & !(b1 | b2));
            planes.oa[i] = o | a;
            let (s, t) = (!b2 & b1 & b0, b2 & !(b1 | b0));
            planes.ts[i] = third & (s | t);
        }
        planes
    }
}

/// Bit `r` of row `k` from bit `k` of row `r`.
#[inline]
const fn transposed([r0, r1, r2, r3, r4, r5, r6, r7]: [u8; REGISTERS]) -> [u8; REGISTERS] {
    let [r0, r1] = exchange([r0, r1], 1, 0x55);
    let [r2, r3] = exchange([r2, r3], 1, 0x55);
    let [r4, r5] = exchange([r4, r5], 1, 0x55);
    let [r6, r7] = exchange([r6, r7], 1, 0x55);
    let [r0, r2] = exchange([r0, r2], 2, 0x33);
    let [r1, r3] = exchange([r1, r3], 2, 0x33);
    let [r4, r6] = exchange([r4, r6], 2, 0x33);
    let [r5, r7] = exchange([r5, r7], 2, 0x33);
    let [r0, r4] = exchange([r0, r4], 4, 0x0F);
    let [r1, r5] = exchange([r1, r5], 4, 0x0F);
    let [r2, r6] = exchange([r2, r6], 4, 0x0F);
    let [r3, r7] = exchange([r3, r7], 4, 0x0F);
    [r0, r1, r2, r3, r4, r5, r6, r7]
}

/// What [`mark`] marks, the control bytes from 0x18 on, and `< > ] ^ _ | } ~`.
#[inline]
const fn alone([b0, b1, b2, b3, b4, b5, b6, b7]: [u8; REGISTERS]) -> u8 {
    let (first, last, below) = (!(b3 | b4), b3 & b4, !(b0 | b1 | b2));
    let sign = b5 & !b6;
    let digit = sign & b4 & !(b3 & (b1 | b2));
    // Behind the brackets; prose has `?`.
    let end = last & b2 & (b6 | !(b0 & b1));
    let percent_or_and = sign & first & b2 & (b0 ^ b1);
    let at = b6 & !b5 & first & below;
    let control = !(b5 | b6) & b3 & (b4 | below);
    digit | end | percent_or_and | at | control | b7
}

/// The letters from `a` to `d` and from `j` to `m`, `p`, `q` and `y`.
#[inline]
const fn common([b0, b1, b2, b3, b4, _, b6, _]: [u8; REGISTERS]) -> u8 {
    let to_d = !(b3 | b4) & ((b0 | b1) ^ b2);
    let to_m = b3 & !b4 & (b1 ^ b2);
    let further = b4 & !(b1 | b2) & (b0 | !b3);
    b6 & (to_d | to_m | further)
}

/// Whether a byte alone makes a word worth a look: digits, `@`, what begins an escape, control
/// bytes that hide, and all that is not ASCII.
#[inline]
pub(super) const fn mark(byte: u8) -> bool {
    byte.is_ascii_digit()
        || matches!(byte, b'%' | b'&' | b'=' | b'@' | b'\\' | 0x08 | 0x1B | 0x7F..)
}

#[cfg(test)]
mod tests {
    use std::array;

    use super::*;

    /// What is judged of three bytes, one by one.
    fn is_suspect(a: u8, b: u8, c: u8) -> bool {
        let capital = |byte: u8| byte.is_ascii_uppercase();
        let inner = a.is_ascii_alphabetic() && capital(b);
        let word = matches!([a, b, c], [b'd' | b'D', b'o', b't'] | [b'd' | b'D', b'a', b's']);
        mark(a) || inner || word
    }

    #[test]
    fn every_three_bytes_are_judged_as_one_by_one() {
        let clean = "library and alike ".repeat(20);
        let parts = [b'a', b'b', b'd', b'D', b'o', b'O', b't', b's', b'T', b' ', b'.', b'@', b'Z'];
        let bytes = 0..=u8::MAX;
        let threes = bytes.flat_map(|a| parts.map(|b| parts.map(|c| [a, b, c])));
        for (i, [a, b, c]) in threes.flatten().enumerate() {
            let mut text = clean.clone().into_bytes();
            let at = 60 + i % 200;
            text.splice(at..at + 3, [a, b, c]);
            let found = any(&text, 0);
            let is_marked = is_suspect(a, b, c)
                || is_suspect(b, c, b' ')
                || is_suspect(c, b' ', b' ')
                || is_suspect(*text.get(at - 1).unwrap_or(&0), a, b);
            assert!(found || !is_marked, "{a:#x} {b:#x} {c:#x} at {at}");
            // No more is suspect than what is said of it.
            let is_rough =
                |byte| matches!(byte, 0x18..0x20 | b'<'..=b'>' | b'@' | b'['..=b'`' | b'{'..);
            let is_rough_word = |a, b, c| {
                matches!([a, b, c], [b'd' | b'D', b'o' | b'O' | b'a' | b'A', b't' | b's' | b'T'])
            };
            let rough = [a, b, c].into_iter().any(is_rough)
                || is_rough_word(a, b, c)
                || is_rough_word(*text.get(at - 1).unwrap_or(&0), a, b);
            assert!(!found || is_marked || rough, "{a:#x} {b:#x} {c:#x} at {at}");
        }
    }

    #[test]
    fn a_window_is_transposed() {
        let rows = [0x80, 0x01, 0xFF, 0x00, 0x5A, 0x33, 0x0F, 0xC4];
        for (k, row) in transposed(rows).into_iter().enumerate() {
            for (r, byte) in rows.into_iter().enumerate() {
                assert_eq!(row >> r & 1, byte >> k & 1);
            }
        }
    }

    #[test]
    fn letters_that_words_have_are_common() {
        // All others are marks.
        for byte in 0..0x80_u8 {
            let is_common = matches!(byte | 0x20, b'a'..=b'd' | b'j'..=b'm' | b'p' | b'q' | b'y');
            let bits = array::from_fn(|k| byte >> k & 1);
            assert_eq!(common(bits) & 1 == 1, is_common, "{byte:#x}");
        }
    }

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
                assert_eq!(Gate::new(clean.as_bytes()).next(0), None);
                let text = format!("{head}{mark}{tail}");
                let found = Gate::new(text.as_bytes()).next(0);
                // A capital may be inner to the word before.
                let near = |at| at <= before + mark.len() && before <= at + BLOCK;
                assert!(found.is_some_and(near), "{mark} {before}");
            }
        }
    }

    #[test]
    fn prose_is_passed_over() {
        let prose = "\"We have saved for this since spring,\" she said (and nobody will pay more); \
                     it's a plan: the vote was clear!\n\tIs it?";
        assert_eq!(Gate::new(prose.as_bytes()).next(0), None);
    }
}

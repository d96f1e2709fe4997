//! Turns a text into hashed features: runs of one to three words, and of characters.
//!
//! Called by [`Classifier`](super::Classifier) to weigh a text, and by the training to learn what
//! each feature weighs, so that both see the same.
//!
//! # Invariants
//! - One pass, no allocation; at most [`PER_CHARACTER`] features for each character and four more
//!   at the end.
//! - The hash of a feature depends on nothing but its kind and its folded characters, on every
//!   machine.

use super::fold::{Class, fold};

/// The most features that one more character can complete.
pub const PER_CHARACTER: usize = 9;

/// Receives the features of a text, in the order in which they end.
pub trait Sink {
    /// A feature that was found at `start..end`, in bytes. Its bucket is given by the upper bits
    /// of `hash`. The start of a run of characters is exact to a few blanks.
    fn feature(&mut self, kind: Kind, hash: u64, start: usize, end: usize);
}

/// What a feature is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// One word.
    Word,
    /// Two words in a row.
    Pair,
    /// Three words in a row.
    Triple,
    /// Two words with one between them that may be any.
    Around,
    /// Five characters in a row, blanks in a row being one.
    Characters,
}

/// An odd number without pattern: the fractional part of the golden ratio.
const MIX: u64 = 0x9E37_79B9_7F4A_7C15;
/// The bits kept of a character in a run.
const WIDTH: u32 = 12;
/// How many characters make a run.
const RUN: u32 = 5;
/// Longer words end here: nothing that long is learnt.
const MAX_WORD: u32 = 24;

/// Gives every feature of `text` to `sink`.
#[inline]
pub fn visit<S: Sink>(text: &str, sink: &mut S) {
    let mut reader = Reader::new(sink);
    let mut end = 0;
    for (at, character) in text.char_indices() {
        end = at + character.len_utf8();
        match fold(character) {
            Class::Letter(code) => {
                reader.letter(code, at, end);
                reader.character(code, at, end);
            }
            Class::Single(code) => {
                reader.end_word(at);
                reader.letter(code, at, end);
                reader.end_word(end);
                reader.character(code, at, end);
            }
            Class::Mark(code) => {
                reader.end_word(at);
                reader.character(code, at, end);
            }
            Class::Blank => {
                reader.end_word(at);
                reader.blank(at, end);
            }
            Class::Nothing => {}
        }
    }
    reader.end_word(end);
}

struct Reader<'s, S> {
    sink: &'s mut S,
    /// The word being read, and where it began.
    word: u64,
    length: u32,
    start: usize,
    /// The two words before it, the nearer first.
    before: [(u64, usize); 2],
    /// The last five characters, and how many bytes each took.
    run: u64,
    widths: u64,
}

impl<'s, S: Sink> Reader<'s, S> {
    const fn new(sink: &'s mut S) -> Self {
        let run = 0x20;
        Self { sink, word: 0, length: 0, start: 0, before: [(0, 0); 2], run, widths: 0 }
    }

    #[inline]
    fn letter(&mut self, code: u32, at: usize, end: usize) {
        if self.length == 0 {
            self.start = at;
        }
        self.word = (self.word ^ u64::from(code)).wrapping_mul(MIX).rotate_left(23);
        self.length += 1;
        if self.length == MAX_WORD {
            self.end_word(end);
        }
    }

    #[inline]
    fn end_word(&mut self, end: usize) {
        if self.length == 0 {
            return;
        }
        let (word, start) = (self.word, self.start);
        let [near, far] = self.before;
        self.sink.feature(Kind::Word, spread(word, 1), start, end);
        if near.0 != 0 {
            let pair = near.0.rotate_left(17) ^ word;
            self.sink.feature(Kind::Pair, spread(pair, 2), near.1, end);
            if far.0 != 0 {
                let triple = far.0.rotate_left(34) ^ pair;
                self.sink.feature(Kind::Triple, spread(triple, 3), far.1, end);
                let around = far.0.rotate_left(41) ^ word;
                self.sink.feature(Kind::Around, spread(around, 4), far.1, end);
            }
        }
        self.before = [(word, start), near];
        self.word = 0;
        self.length = 0;
    }

    #[inline]
    fn blank(&mut self, at: usize, end: usize) {
        if self.run & 0xFFF != 0x20 {
            self.character(0x20, at, end);
        }
    }

    #[inline]
    fn character(&mut self, code: u32, at: usize, end: usize) {
        // Two ideographs that fall on one number make one feature: seldom, and harmless.
        let code = u64::from((code ^ (code >> WIDTH)) & ((1 << WIDTH) - 1));
        self.run = (self.run << WIDTH) | code;
        self.widths = (self.widths << 4) | ((end - at) as u64 & 0xF);
        let bytes: u64 = (0..RUN).map(|n| (self.widths >> (4 * n)) & 0xF).sum();
        let start = end.saturating_sub(usize::try_from(bytes).unwrap_or(0));
        let run = self.run & ((1 << (WIDTH * RUN)) - 1);
        self.sink.feature(Kind::Characters, spread(run, 5), start, end);
    }
}

/// Brings every bit of `value` into the upper ones, for each kind of feature in another way.
#[inline]
const fn spread(value: u64, kind: u64) -> u64 {
    let value = (value ^ (kind << 60)).wrapping_mul(MIX);
    (value ^ (value >> 32)).wrapping_mul(0xD6E8_FEB8_6659_FD93)
}

//! Secrets that nothing in themselves gives away: the provider's name and a word such as `key`
//! stand before them.
//!
//! Called by the sweep at the beginning of a token.
//!
//! # Invariants
//!
//! Names count within [`WINDOW`] bytes before the value. Every byte is searched for names at most
//! once in a sweep, whatever the number of values; only behind a name the words are looked for.

use super::prefixed;
use super::sweep::{LEAST, VERY_LONG, is_token};
use super::table::{NAME_BITS, NAME_STARTS, NAMES, SHAPES};
use crate::CONTEXT;
use crate::bytes::{byte_at, byte_before, is_word, run_len};
use crate::pii::context::Beginnings;
use crate::pii::pass::Pass;
use crate::words::gather;

/// How far before a value its names are looked for, in bytes.
const WINDOW: usize = 96;
/// How many names are remembered.
const KEPT: usize = 8;
/// How many bytes one mask describes.
const BLOCK: usize = 64;
/// Within how many bytes a value has a digit.
const SHOWS_DIGIT: usize = 48;
/// The least bytes of a value that is one word, and of one with marks in it.
const LEAST_WORD: usize = 10;
const LEAST_MARKED: usize = 15;
/// Names of at most so many letters count as whole parts of a name only: `box`, `flat`.
const SHORT: usize = 5;

const _: () = assert!(WINDOW < CONTEXT, "a stream keeps no more, and a name looks one byte back");

/// What says that a value is a secret.
const WORDS: [&[u8]; 16] = [
    b"client", b"login", b"key", b"token", b"secret", b"private", b"access", b"passw", b"pwd",
    b"auth", b"api", b"cred", b"bearer", b"licen", b"_pat", b" pat",
];

static BEGINNINGS: Beginnings = beginnings();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below the lengths")]
const fn beginnings() -> Beginnings {
    let (mut all, mut at) = (Beginnings::none(), 0);
    while at < WORDS.len() {
        let word = WORDS[at];
        all = all.with([word[0], word[1], word[2]]);
        at += 1;
    }
    all
}

/// A name in the text: where it begins and ends, and which of [`NAMES`] it is.
#[derive(Clone, Copy, Default)]
struct Hit {
    start: usize,
    end: usize,
    name: usize,
}

/// The names before the present place of a sweep.
pub(super) struct Names {
    searched: usize,
    hits: [Hit; KEPT],
    count: usize,
    /// The block looked at last, and where in it parts of a name may begin.
    block: usize,
    parts: Option<u64>,
    said: Said,
}

/// The last of [`WORDS`] before the present place of a sweep.
struct Said {
    searched: usize,
    last: Option<usize>,
}

impl Names {
    pub(super) const fn new() -> Self {
        let none = Hit { start: 0, end: 0, name: 0 };
        let said = Said { searched: 0, last: None };
        Self { searched: 0, hits: [none; KEPT], count: 0, block: 0, parts: None, said }
    }

    /// Looks for a value at `at`, behind the byte `before`.
    pub(super) fn probe(&mut self, pass: &mut Pass<'_, '_>, at: usize, before: u8) {
        let text = pass.text();
        if matches!(before, b'+' | b'~') || !may_be_value(text, at) {
            return;
        }
        self.search(text, at);
        let least = at.saturating_sub(WINDOW);
        let kept = self.hits.iter().take(self.count.min(KEPT));
        for hit in kept.filter(|hit| hit.end <= at && hit.start >= least && hit.end > 0) {
            let (_, shapes) = NAMES.get(hit.name).copied().unwrap_or_default();
            let said = self.said.is_behind(text, hit.start, at);
            for shape in shapes.iter().filter_map(|shape| SHAPES.get(usize::from(*shape))) {
                if said || shape.alone && at <= hit.end + 4 {
                    prefixed::try_shape(pass, at, shape, shape.confidence);
                }
            }
        }
    }

    /// Notes the names that begin before `at`.
    fn search(&mut self, text: &[u8], at: usize) {
        let mut from = self.searched.max(at.saturating_sub(WINDOW));
        while from < at {
            if !(self.block..self.block + BLOCK).contains(&from) || self.parts.is_none() {
                (self.block, self.parts) = (from, Some(parts(text, from)));
            }
            // A text of values asks many times a block.
            let behind = self.parts.unwrap_or_default() >> (from - self.block);
            let next = (self.block + BLOCK).min(at);
            let mut left = behind & low_bits(next - from);
            while left != 0 {
                self.names_at(text, from + left.trailing_zeros() as usize);
                left &= left - 1;
            }
            from = next;
        }
        self.searched = self.searched.max(at);
    }

    fn names_at(&mut self, text: &[u8], start: usize) {
        let skipped = usize::from(is_mark(byte_at(text, start + 2)));
        let (Some(first), Some(second), Some(third)) = (
            letter(byte_at(text, start)),
            letter(byte_at(text, start + 1)),
            letter(byte_at(text, start + 2 + skipped)),
        ) else {
            return;
        };
        let pair = usize::from(first) * 36 + usize::from(second);
        let three = pair * 36 + usize::from(third);
        if NAME_BITS.get(three / 64).is_none_or(|word| word >> (three % 64) & 1 == 0) {
            return;
        }
        let bound =
            |at: usize| NAME_STARTS.get(at).map_or(NAMES.len(), |start| usize::from(*start));
        let third = byte_at(text, start + 2 + skipped).to_ascii_lowercase();
        for name in bound(pair)..bound(pair + 1) {
            let may_be = |letters: &&[u8]| letters.get(2).is_none_or(|letter| *letter == third);
            let letters = NAMES.get(name).map(|(letters, _)| *letters).filter(may_be);
            if let Some(end) = letters.and_then(|letters| name_end(text, start, letters))
                && let Some(slot) = self.hits.get_mut(self.count % KEPT)
            {
                *slot = Hit { start, end, name };
                self.count += 1;
            }
        }
    }
}

impl Said {
    /// Whether one of [`WORDS`] stands between `start`, at most [`WINDOW`] bytes back, and `at`,
    /// which never goes back.
    fn is_behind(&mut self, text: &[u8], start: usize, at: usize) -> bool {
        let mut reach = at;
        for place in self.searched.max(at.saturating_sub(WINDOW))..at {
            if BEGINNINGS.has(text, place) {
                let rest = text.get(place..).unwrap_or_default();
                for word in WORDS.iter().filter(|word| begins(rest, word)) {
                    if place + word.len() <= at {
                        self.last = Some(place);
                    } else {
                        reach = reach.min(place);
                    }
                }
            }
        }
        self.searched = self.searched.max(reach);
        self.last.is_some_and(|last| last >= start)
    }
}

/// Whether the token at `at` is long enough and has a digit near its beginning, or more letters than
/// a word: what is not is no value.
fn may_be_value(text: &[u8], at: usize) -> bool {
    // The sweep asks at tokens of so many bytes only.
    let mut behind = text.iter().skip(at + LEAST).take(LEAST_MARKED - LEAST);
    let is_long =
        behind.all(u8::is_ascii_graphic) || run_len(text, at, LEAST_WORD, is_word) == LEAST_WORD;
    if !is_long {
        return false;
    }
    let rest = text.get(at..).unwrap_or_default();
    let token = || rest.iter().take(SHOWS_DIGIT).take_while(|byte| is_token(**byte));
    token().any(u8::is_ascii_digit)
        || token().take_while(|byte| byte.is_ascii_alphabetic() || is_joint(**byte)).count()
            >= VERY_LONG
}

/// Whether `byte` joins the groups of a value.
const fn is_joint(byte: u8) -> bool {
    matches!(byte, b'_' | b'-')
}

/// Whether `text` begins with `word`, ASCII case ignored.
fn begins(text: &[u8], word: &[u8]) -> bool {
    text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word))
}

/// The place of a letter or digit in the alphabet of names.
#[inline]
fn letter(byte: u8) -> Option<u8> {
    LETTERS.get(usize::from(byte)).copied().filter(|letter| *letter < 36)
}

static LETTERS: [u8; 256] = letters();

#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, below the length")]
const fn letters() -> [u8; 256] {
    let mut letters = [u8::MAX; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        letters[byte as usize] = match byte {
            b'0'..=b'9' => byte - b'0',
            b'a'..=b'z' => byte - b'a' + 10,
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => u8::MAX,
        };
        byte += 1;
    }
    letters
}

/// Whether `byte` may stand between the letters of a name.
const fn is_mark(byte: u8) -> bool {
    matches!(byte, b'_' | b'-' | b' ' | b'.')
}

/// So many ones, 64 at most.
const fn low_bits(count: usize) -> u64 {
    if count >= BLOCK { u64::MAX } else { (1 << count) - 1 }
}

/// Where in the block at `at` parts of a name may begin: not inside a word, or at inner capitals.
fn parts(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    let mut padded = [0; BLOCK];
    let block = rest.first_chunk().unwrap_or_else(|| {
        padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        &padded
    });
    let upper = gather(&block.map(|byte| u8::from(byte.wrapping_sub(b'A') < 26)));
    let lower = gather(&block.map(|byte| u8::from(byte.wrapping_sub(b'a') < 26)));
    let name = upper | lower | gather(&block.map(|byte| u8::from(byte.wrapping_sub(b'0') < 10)));
    let before = byte_before(text, at, 1);
    let behind_name = name << 1 | u64::from(before.is_ascii_alphanumeric());
    let behind_lower = lower << 1 | u64::from(before.is_ascii_lowercase());
    name & (!behind_name | upper & behind_lower)
}

/// Where the name at `start` ends; between its letters one mark or blank may stand.
fn name_end(text: &[u8], start: usize, letters: &[u8]) -> Option<usize> {
    let mut at = start;
    for letter in letters {
        if is_mark(byte_at(text, at)) {
            at += 1;
        }
        (byte_at(text, at).to_ascii_lowercase() == *letter).then_some(())?;
        at += 1;
    }
    let (last, next) = (byte_before(text, at, 1), byte_at(text, at));
    let goes_on =
        next.is_ascii_lowercase() || next.is_ascii_uppercase() && last.is_ascii_uppercase();
    let rest = text.get(at..).unwrap_or_default();
    let says = |word: &&[u8]| begins(rest, word);
    (letters.len() > SHORT || !goes_on || WORDS.iter().any(says)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::super::table::{Set, Step};
    use super::*;

    /// The least bytes that `steps` take.
    fn least(steps: &[Step]) -> usize {
        let one = |step: &Step| match step {
            Step::Literal(bytes) => bytes.len(),
            Step::Class(_, least, _) => usize::from(*least),
            Step::Optional(_) => 0,
            Step::Either(branches) => branches.iter().map(|steps| least(steps)).min().unwrap_or(0),
        };
        steps.iter().map(one).sum()
    }

    /// Whether `steps` take nothing but what `is` says.
    fn are_all(steps: &[Step], is: fn(u8) -> bool) -> bool {
        let holds = |set: &Set| (0..=u8::MAX).all(|byte| !set.has(byte) || is(byte));
        steps.iter().all(|step| match step {
            Step::Literal(bytes) => bytes.iter().all(|byte| is(*byte)),
            Step::Class(set, ..) => holds(set),
            Step::Optional(steps) => are_all(steps, is),
            Step::Either(branches) => branches.iter().all(|steps| are_all(steps, is)),
        })
    }

    #[test]
    fn no_value_is_shorter_than_what_is_looked_at() {
        let shapes = NAMES.iter().flat_map(|(_, shapes)| shapes.iter());
        for shape in shapes.map(|shape| &SHAPES[usize::from(*shape)]) {
            assert!(are_all(shape.steps, |byte| byte.is_ascii_graphic()), "{shape:?}");
            let is_word = are_all(shape.steps, is_word);
            let expect = if is_word { LEAST_WORD } else { LEAST_MARKED };
            assert!(least(shape.steps) >= expect, "{shape:?}");
        }
    }
}

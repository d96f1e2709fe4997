//! Tells which decoders could find something in a part of a text, in one pass over it: most parts
//! hold nothing for most of them, and a decoder reads and remembers more than this pass does.
//!
//! Called for every piece by the module above. Each check here asks for less than its decoder
//! does, so that no reading is missed; what decides is the decoder.
//!
//! # Invariants
//!
//! A part is seen once, however the pieces of its zone overlap: of each kind the last place is
//! remembered, and a piece is read for the kinds whose last place lies in it. Rows and words may
//! go on from one part into the next, so the last [`OVERLAP`] bytes are seen again.

mod bits;
mod encoded;
mod words;

use bits::Bits;

use super::escape;
use super::{Believed, hidden, table};
use crate::bytes::byte_at;

/// Longer rows and words than any decoder asks for at least.
const OVERLAP: usize = 384;

/// A decoder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Fold,
    Quoted,
    Hidden,
    Run,
    Run85,
    Code,
    Letters,
    Groups,
    Named,
    Morse,
    Address,
    Cipher,
}

const KINDS: usize = 12;

/// The decoders that a part is read by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const fn has(self, kind: Kind) -> bool {
        self.0 >> kind as u16 & 1 == 1
    }

    pub(super) const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What was seen of a text so far; also the buffers of the pass.
#[derive(Debug)]
pub(super) struct Anchors {
    /// One past the last place of each kind.
    last: [usize; KINDS],
    /// Where what was seen ends.
    seen: usize,
    bits: Bits,
    believed: Believed,
}

impl Anchors {
    pub(super) fn new(believed: Believed) -> Self {
        Self { last: [0; KINDS], seen: 0, bits: Bits::default(), believed }
    }

    /// The decoders for `start..end` of a text whose parts are asked for in order.
    pub(super) fn kinds(&mut self, text: &str, start: usize, end: usize) -> Kinds {
        let from = self.seen.saturating_sub(OVERLAP).max(start);
        if from < end {
            self.see(text, crate::bytes::floor_boundary(text, from), end);
            self.seen = end;
        }
        let mut kinds = Kinds::default();
        for (i, last) in self.last.iter().enumerate() {
            kinds.0 |= u16::from(*last > start) << i;
        }
        kinds
    }

    /// The decoders for another text, `body` on.
    pub(super) fn kinds_of(&mut self, text: &str, body: usize) -> Kinds {
        self.last = [0; KINDS];
        self.seen = 0;
        self.kinds(text, body, text.len())
    }

    fn note(&mut self, kind: Kind, at: usize) {
        if let Some(last) = self.last.get_mut(kind as usize) {
            *last = (*last).max(at + 1);
        }
    }

    fn see(&mut self, text: &str, from: usize, end: usize) {
        let Some(part) = text.as_bytes().get(..end) else { return };
        let mut bits = std::mem::take(&mut self.bits);
        bits.fill(part, from);
        if bits.has_odd {
            self.odd(text, part, &bits);
        }
        if bits.has_equals {
            self.quoted(part, from);
        }
        self.encoded(part, &bits);
        self.words(part, &bits);
        if bits.has_digit {
            self.numbers(part, &bits);
        }
        self.rows(part, &bits);
        self.signs(part, &bits);
        self.bits = bits;
    }

    /// What the fold changes, and what carries bytes.
    fn odd(&mut self, text: &str, part: &[u8], bits: &Bits) {
        let character = |at: usize| text.get(at..).and_then(|rest| rest.chars().next());
        let is_changed = |at: &usize| match byte_at(part, *at) {
            0x08 | 0x1B | 0x7F => true,
            b'&' | b'%' | b'\\' => escape::at(part, *at).is_some(),
            // The beginning of a character.
            0xC0.. => character(*at).is_some_and(changes),
            _ => false,
        };
        if let Some(last) = bits.odd_back().find(is_changed) {
            self.note(Kind::Fold, last);
        }
        let carries = |at: &usize| {
            matches!(byte_at(part, *at), 0xE2 | 0xEF | 0xF3)
                && character(*at).is_some_and(hidden::carries)
        };
        if bits.has_high
            && let Some(last) = bits.odd_back().find(carries)
        {
            self.note(Kind::Hidden, last);
        }
    }

    fn quoted(&mut self, part: &[u8], from: usize) {
        let rest = part.get(from..).unwrap_or_default();
        let mut places = memchr::memrchr_iter(b'=', rest).map(|at| from + at);
        if let Some(last) = places.find(|at| escape::quotes(part, *at)) {
            self.note(Kind::Quoted, last);
        }
    }
}

/// Whether the fold shows a character as something else, or not at all.
fn changes(c: char) -> bool {
    matches!(c, '\u{202E}' | '\u{2000}'..='\u{200A}' | '\u{202F}')
        || table::is_invisible(c)
        || table::is_mark(c)
        || table::shown(c).is_some()
}

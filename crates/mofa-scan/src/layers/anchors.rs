//! Tells which decoders could find something in a part of a text, in one pass over it: most parts
//! hold nothing for most of them, and a decoder reads and remembers more than this pass does.
//!
//! Called for every piece by the module above. Each check here asks for less than its decoder
//! does, so that no reading is missed; what decides is the decoder.
//!
//! # Invariants
//!
//! A part is seen once, however the pieces of its zone overlap: what was marked is remembered as
//! long as a piece may ask for it. Rows and words may go on from one part into the next, so the
//! last [`OVERLAP`] bytes are seen again.

mod bits;
mod encoded;
mod words;

use std::ops::Range;

use bits::Bits;

use super::escape;
use super::{Believed, hidden, table};
use crate::bytes::byte_at;

/// Longer rows and words than any decoder asks for at least.
const OVERLAP: usize = 384;

/// Marks of one kind that stand nearer are one, in bytes.
const NEAR: usize = 48;
/// How far around a mark in a reading something else was undone, in bytes: farther away it is no
/// news, and was decoded in what the reading was made of.
const BESIDE: usize = 160;

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

impl Kind {
    const ALL: [Self; 12] = [
        Self::Fold,
        Self::Quoted,
        Self::Hidden,
        Self::Run,
        Self::Run85,
        Self::Code,
        Self::Letters,
        Self::Groups,
        Self::Named,
        Self::Morse,
        Self::Address,
        Self::Cipher,
    ];

    /// Whether the decoder shows all that it is given, and not only what it decoded.
    pub(super) const fn is_whole(self) -> bool {
        matches!(self, Self::Fold | Self::Quoted)
    }
}

/// Where a decoder could find something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The decoders that a part is read by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Kinds(u16);

impl Kinds {
    pub(super) const fn has(self, kind: Kind) -> bool {
        self.0 >> kind as u16 & 1 == 1
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u16)
    }

    #[cfg(test)]
    pub(super) fn all() -> Self {
        Kind::ALL.into_iter().fold(Self::default(), Self::with)
    }
}

/// What was seen of a text so far; also the buffers of the pass.
#[derive(Debug)]
pub(super) struct Anchors<'b> {
    /// The last mark of each kind, which may grow, and those before it.
    last: [Option<(usize, usize)>; Kind::ALL.len()],
    marks: Vec<Mark>,
    /// Where what was seen ends.
    seen: usize,
    bits: Bits,
    words: Vec<(usize, usize)>,
    shown: Vec<u8>,
    believed: Believed<'b>,
}

impl<'b> Anchors<'b> {
    pub(super) fn new(believed: Believed<'b>) -> Self {
        Self {
            last: [None; Kind::ALL.len()],
            marks: Vec::new(),
            seen: 0,
            bits: Bits::default(),
            words: Vec::new(),
            shown: Vec::new(),
            believed,
        }
    }

    /// Replaces `marks` by those of `start..end` of a text whose parts are asked for in order,
    /// sorted.
    pub(super) fn marks(&mut self, text: &str, start: usize, end: usize, marks: &mut Vec<Mark>) {
        let from = self.seen.saturating_sub(OVERLAP).max(start);
        if from < end {
            self.see(text, crate::bytes::floor_boundary(text, from), end);
            self.seen = end;
        }
        self.marks.retain(|mark| mark.end > start);
        marks.clear();
        marks.extend(&self.marks);
        for (kind, last) in Kind::ALL.into_iter().zip(&self.last) {
            marks.extend(last.map(|(start, end)| Mark { kind, start, end }));
        }
        marks.retain(|mark| mark.end > start && mark.start < end);
        for mark in marks.iter_mut() {
            (mark.start, mark.end) = (mark.start.max(start), mark.end.min(end));
        }
        marks.sort_unstable_by_key(|mark| (mark.start, mark.end));
    }

    /// The decoders for another text, `body` on: for what is marked, and `is_new` or near to what is.
    pub(super) fn kinds_of(
        &mut self,
        text: &str,
        body: usize,
        is_new: impl Fn(Range<usize>) -> bool,
    ) -> Kinds {
        self.last = [None; Kind::ALL.len()];
        self.marks.clear();
        self.seen = 0;
        self.see(text, body, text.len());
        let last = Kind::ALL
            .into_iter()
            .zip(&self.last)
            .filter_map(|(kind, last)| last.map(|(start, end)| Mark { kind, start, end }));
        let new = |mark: &Mark| is_new(mark.start.saturating_sub(BESIDE)..mark.end + BESIDE);
        let marks = self.marks.iter().copied().chain(last).filter(new);
        marks.fold(Kinds::default(), |kinds, mark| kinds.with(mark.kind))
    }

    /// Marks `start..end`. Of one kind most marks come in the order of their ends.
    fn note(&mut self, kind: Kind, start: usize, end: usize) {
        let Some(last) = self.last.get_mut(kind as usize) else { return };
        match last {
            // Of a word of another sort, or seen before.
            Some(last) if end + NEAR < last.0 => self.marks.push(Mark { kind, start, end }),
            Some(last) if start <= last.1 + NEAR => *last = (last.0.min(start), last.1.max(end)),
            _ => {
                let before = last.replace((start, end));
                self.marks.extend(before.map(|(start, end)| Mark { kind, start, end }));
            }
        }
    }

    fn last_of(&self, kind: Kind) -> Option<(usize, usize)> {
        self.last.get(kind as usize).copied().flatten()
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
        for at in bits.odd().filter(is_changed) {
            self.note(Kind::Fold, at, at + 1);
        }
        if !bits.has_high {
            return;
        }
        let carries = |at: &usize| {
            matches!(byte_at(part, *at), 0xE2 | 0xEF | 0xF3)
                && character(*at).is_some_and(hidden::carries)
        };
        for at in bits.odd().filter(carries) {
            self.note(Kind::Hidden, at, at + 1);
        }
    }

    fn quoted(&mut self, part: &[u8], from: usize) {
        let rest = part.get(from..).unwrap_or_default();
        for at in memchr::memchr_iter(b'=', rest).map(|at| from + at) {
            if escape::quotes(part, at) {
                self.note(Kind::Quoted, at, at + 1);
            }
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

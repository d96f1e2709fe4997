//! The other readings of a text in which personal data or secrets may hide, with the way back.
//!
//! Called by the scanners: they search each [`Reading`] as they search the text, and report what
//! they find by the bytes of the original. What is undone: characters that look like others or
//! take no room, escapes of HTML, URLs, JSON and programs, encoded runs (Base64, Base32, Base85,
//! hexadecimal, quoted-printable, uuencode, character codes), hidden runs (tags, selectors),
//! spelled-out forms, letters with something between them, and simple ciphers of words.
//! `docs/detection.md` has the table, and what is not seen through.
//!
//! # Invariants
//!
//! - A text is read in zones: words with a mark that could hide something (a digit, `@`, an escape,
//!   anything but ASCII, …) and three words around. Where there is none, nothing is allocated.
//! - A zone is read in pieces of at most 2 KiB, which overlap by more than 600 bytes. What is
//!   longer than the overlap, in a zone longer than a piece, may be missed. Of a piece only the
//!   spots are read where a decoder has something to decode, and the words around them.
//! - Layers are undone at most [`MAX_DEPTH`] deep. All readings of a piece together have at most
//!   [`MAX_GROWTH`] times its bytes (with 1 KiB more for the context), so that time and memory are
//!   linear in the text. Only one piece's readings are kept at a time.
//! - Every way back lies in the text, on character boundaries, and covers whole units: an entity,
//!   an escape, an encoded run. Of a run above 256 bytes it covers the groups concerned.
//!
//! # Example
//!
//! ```
//! use mofa_scan::layers;
//!
//! let text = "write to ann&#64;example.org";
//! assert!(layers::needs(text));
//! let mut shown = Vec::new();
//! layers::visit(text, 0, &mut |reading| {
//!     if let Some(at) = reading.text().find("ann@example.org") {
//!         shown.push(reading.original(at..at + 15));
//!     }
//! });
//! assert!(shown.contains(&(9..28)));
//! assert!(!layers::needs("Nothing is hidden here, is it?"));
//! ```

mod anchors;
mod cipher;
mod code;
mod escape;
mod fold;
mod gate;
mod hidden;
mod lexicon;
mod map;
mod run;
mod run85;
mod source;
mod spaced;
mod spelled;
mod spot;
mod table;
#[cfg(test)]
mod tests;
mod zone;

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::CONTEXT;

use crate::bytes::ceil_boundary;
use anchors::{Anchors, Kind, Mark};
use map::Map;
use source::Source;
use spot::Spot;
use zone::{Piece, Pieces};

/// How many layers are undone, one in another.
pub const MAX_DEPTH: usize = 3;

/// How many times the bytes of a text all its readings may have, the context of pieces apart.
pub const MAX_GROWTH: usize = 24;

/// How far before a finding a change makes it news, in bytes: a name such as `password` may have
/// been hidden, and its value not.
const LEAD: usize = 48;

/// A text as it may be meant, and the way back to the bytes it was made of.
#[derive(Clone)]
pub struct Reading {
    text: String,
    map: Arc<Map>,
    /// Where the context ends.
    body: usize,
    guess: bool,
    piece: Piece,
}

impl Reading {
    /// The text as it may be meant.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the original that `range` of the reading was made of: the smallest range of
    /// whole units that covers them.
    #[must_use]
    pub fn original(&self, range: Range<usize>) -> Range<usize> {
        self.map.original(range)
    }

    /// The bytes of the original to report for something found at `range`; `None` if that is no
    /// news: nothing in it was hidden, or it belongs to the context or to another reading.
    #[must_use]
    pub fn reveals(&self, range: Range<usize>) -> Option<Range<usize>> {
        if !self.map.changed(range.start.saturating_sub(LEAD)..range.end) {
            return None;
        }
        let original = self.map.original(range);
        (self.piece.start..self.piece.until).contains(&original.start).then_some(original)
    }

    /// Whether the reading undoes a cipher or a row of words, which ordinary text can look like:
    /// believe only what has a format of its own.
    #[must_use]
    pub const fn is_guess(&self) -> bool {
        self.guess
    }
}

impl fmt::Debug for Reading {
    /// Without the text: it may show what was hidden.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.text.len();
        f.debug_struct("Reading")
            .field("len", &len)
            .field("guess", &self.guess)
            .finish_non_exhaustive()
    }
}

/// Whether a text could have other readings; one quick pass over its bytes.
#[must_use]
pub fn needs(text: &str) -> bool {
    gate::any(text.as_bytes(), 0)
}

/// Gives `each` every reading of `text` from the offset `from` on; returns the offset from which
/// on more text could change them.
///
/// What stands before `from` is context. A text may be cut at the returned offset, and read on
/// with the last [`CONTEXT`] bytes before it.
pub fn visit(text: &str, from: usize, each: &mut dyn FnMut(&Reading)) -> usize {
    visit_with(text, from, Believed::ALL, each)
}

/// What is believed of a cipher: where it shows none of this, it is no reading.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Believed<'b> {
    /// Whether a key or an IBAN may begin with these four bytes.
    pub(crate) begins: fn([u8; 4]) -> bool,
    /// Whether these digits are the number of a card.
    pub(crate) is_card: fn(&[u8]) -> bool,
    /// Where values with a format of their own stand in plain sight, sorted: a word that shows
    /// one hides no other.
    pub(crate) in_sight: &'b [Range<usize>],
}

impl Believed<'_> {
    /// Everything is.
    pub(crate) const ALL: Self = Self { begins: |_| true, is_card: |_| true, in_sight: &[] };

    /// Whether a value stands in plain sight within `start..end`.
    pub(crate) fn is_in_sight(&self, start: usize, end: usize) -> bool {
        let first = self.in_sight.partition_point(|shown| shown.start < start);
        let mut within = self.in_sight.iter().skip(first).take_while(|shown| shown.start < end);
        within.any(|shown| shown.end <= end)
    }
}

/// The same, without the ciphers of words that hold nothing that is believed.
pub(crate) fn visit_with(
    text: &str,
    from: usize,
    believed: Believed<'_>,
    each: &mut dyn FnMut(&Reading),
) -> usize {
    let mut pieces = Pieces::new(text, ceil_boundary(text, from.min(text.len())));
    let (mut anchors, mut deeper) = (Anchors::new(believed), Anchors::new(believed));
    let (mut marks, mut spots) = (Vec::new(), Vec::new());
    for piece in pieces.by_ref() {
        mark(text, piece, &mut anchors, &mut marks);
        spot::around(text.as_bytes(), piece, &marks, &mut spots);
        #[cfg(test)]
        tests::widen(piece, &mut spots);
        if !spots.is_empty() {
            read(text, piece, &spots, &mut deeper, believed, each);
        }
    }
    pieces.open()
}

/// What the decoders could find in a piece.
fn mark(text: &str, piece: Piece, anchors: &mut Anchors<'_>, marks: &mut Vec<Mark>) {
    anchors.marks(text, piece.start, piece.end, marks);
    // Where a group of the run that was cut begins is not known.
    let part = text.as_bytes().get(piece.start..piece.end).unwrap_or_default();
    if let Some(len) = run::cut_end(part).filter(|_| piece.cut) {
        let (start, end) = (piece.start, piece.start + len);
        marks.insert(0, Mark { kind: Kind::Run, start, end });
    }
}

fn read(
    text: &str,
    piece: Piece,
    spots: &[Spot],
    anchors: &mut Anchors<'_>,
    believed: Believed<'_>,
    each: &mut dyn FnMut(&Reading),
) {
    let mut found = Found::new(piece.end - piece.start + CONTEXT, believed);
    // What begins behind is found in the next piece.
    for spot in spots.iter().filter(|spot| spot.start < piece.until) {
        let base = ceil_boundary(text, spot.start.saturating_sub(CONTEXT)).min(spot.start);
        let part = text.get(base..spot.end).unwrap_or_default();
        let cut = piece.cut && spot.start == piece.start;
        let piece = Piece { start: spot.start, end: spot.end, until: piece.until, cut };
        decode(&Source::original(part, base, piece, spot.kinds), &mut found);
    }
    for depth in 1..=MAX_DEPTH {
        let layer = std::mem::take(&mut found.readings);
        for reading in &layer {
            each(reading);
            let deeper = depth < MAX_DEPTH && !reading.guess;
            if deeper && gate::any(reading.text.as_bytes(), reading.body) {
                let is_new = |range| reading.map.changed(range);
                let kinds = anchors.kinds_of(&reading.text, reading.body, is_new);
                #[cfg(test)]
                let kinds = tests::widened(kinds);
                if !kinds.is_empty() {
                    decode(&Source::reading(reading, kinds), &mut found);
                }
            }
        }
    }
}

/// What the decoders found in a piece, and how much more they may.
struct Found<'b> {
    readings: Vec<Reading>,
    budget: usize,
    believed: Believed<'b>,
}

impl<'b> Found<'b> {
    const fn new(len: usize, believed: Believed<'b>) -> Self {
        Self { readings: Vec::new(), budget: len * MAX_GROWTH + 1024, believed }
    }

    fn add(&mut self, reading: Reading) {
        if let Some(left) = self.budget.checked_sub(reading.text.len()) {
            self.budget = left;
            self.readings.push(reading);
        }
    }
}

/// Every decoder, the surest first.
fn decode(source: &Source<'_>, found: &mut Found<'_>) {
    fold::read(source, found);
    escape::quoted_printable(source, found);
    hidden::read(source, found);
    if source.holds(Kind::Run) {
        run::read(source, found);
    }
    if source.holds(Kind::Run85) {
        run85::read(source, found);
    }
    code::read(source, found);
    spaced::read(source, found);
    spelled::read(source, found);
    if source.holds(Kind::Cipher) && !source.is_reading() {
        cipher::read(source, found);
    }
}

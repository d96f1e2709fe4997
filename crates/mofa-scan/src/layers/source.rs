//! What the decoders read: a piece of the text, or a reading of it; made by the module above.

use std::ops::Range;
use std::sync::Arc;

use super::Reading;
use super::anchors::{Kind, Kinds};
use super::map::{Draft, Map};
use super::zone::Piece;

/// How many bytes before a run are copied in front of what it stands for.
const BEFORE: usize = 64;
/// A finding in a run that is not longer covers the whole run, in bytes.
const MAX_WHOLE: usize = 256;

/// A text to decode: what stands before `body` is context only.
pub(super) struct Source<'t> {
    pub(super) text: &'t str,
    pub(super) body: usize,
    /// Where the text stands in the original, if it is a part of that.
    base: usize,
    below: Option<Arc<Map>>,
    piece: Piece,
    kinds: Kinds,
}

impl<'t> Source<'t> {
    pub(super) fn original(text: &'t str, base: usize, piece: Piece, kinds: Kinds) -> Self {
        let body = piece.start - base;
        Self { text, body, base, below: None, piece, kinds }
    }

    pub(super) fn reading(reading: &'t Reading, kinds: Kinds) -> Self {
        let below = Some(Arc::clone(&reading.map));
        let piece = Piece { cut: false, ..reading.piece };
        Self { text: &reading.text, body: reading.body, base: 0, below, piece, kinds }
    }

    pub(super) const fn bytes(&self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// Whether the body begins inside a word that was cut.
    pub(super) const fn is_cut(&self) -> bool {
        self.piece.cut
    }

    /// Whether a decoder could find something in the body.
    pub(super) const fn holds(&self, kind: Kind) -> bool {
        self.kinds.has(kind)
    }

    /// Whether this is a reading already.
    pub(super) const fn is_reading(&self) -> bool {
        self.below.is_some()
    }

    /// Where a part stands in the original, if the text is a part of that.
    pub(super) fn place(&self, part: Range<usize>) -> Option<(usize, usize)> {
        self.below.is_none().then_some((self.base + part.start, self.base + part.end))
    }

    /// Whether a decoder has anything new to say of these bytes: what a reading only copied was
    /// decoded before.
    pub(super) fn is_new(&self, start: usize, end: usize) -> bool {
        self.below.as_ref().is_none_or(|below| below.changed(start..end))
    }

    /// A part of the text.
    pub(super) fn part(&self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Copies a part of the text into a draft.
    pub(super) fn copy(&self, draft: &mut Draft, start: usize, end: usize) {
        draft.copy(self.part(start, end), self.base + start);
    }

    /// Adds what `start..end` of the text stands for.
    pub(super) fn put(&self, draft: &mut Draft, shown: &str, start: usize, end: usize) {
        draft.put(shown, self.base + start..self.base + end);
    }

    /// A draft that begins with the context of the body.
    pub(super) fn draft(&self) -> Draft {
        let mut draft = Draft::with_capacity(self.text.len());
        self.copy(&mut draft, 0, self.body);
        draft
    }

    /// A draft that begins with what stands before `start`.
    pub(super) fn draft_at(&self, start: usize, capacity: usize) -> (Draft, usize) {
        let from = crate::bytes::ceil_boundary(self.text, start.saturating_sub(BEFORE));
        let mut draft = Draft::with_capacity(capacity + start - from.min(start));
        self.copy(&mut draft, from, start);
        (draft, start - from.min(start))
    }

    /// The reading that a draft has become.
    pub(super) fn finish(&self, draft: Draft, body: usize, guess: bool) -> Reading {
        let (text, map) = draft.finish(self.below.clone());
        Reading { text, map: Arc::new(map), body, guess, piece: self.piece }
    }

    /// The reading of one run: what stands before it, then what it stands for. A short run is
    /// taken as a whole; of a longer one `units` tells which part of what is shown begins where.
    pub(super) fn run(
        &self,
        start: usize,
        end: usize,
        shown: &str,
        units: &[(usize, usize)],
        guess: bool,
    ) -> Reading {
        let (mut draft, body) = self.draft_at(start, shown.len());
        let units = if end - start > MAX_WHOLE { units } else { &[] };
        let (mut from, mut of) = (0, start);
        for (next, at) in units.iter().skip(1) {
            if let Some(part) = shown.get(from..*next).filter(|part| !part.is_empty()) {
                self.put(&mut draft, part, of, *at);
                (from, of) = (*next, *at);
            }
        }
        self.put(&mut draft, shown.get(from..).unwrap_or_default(), of, end);
        self.finish(draft, body, guess)
    }
}

//! Parts a text into the zones that could hide something, and a zone into pieces.
//!
//! # Invariants
//!
//! A word is what stands between white space. A zone is a row of words of which each stands within
//! [`MARGIN`] words of a marked one. Zones do not overlap, and what lies between them does not
//! change them: a text cut between two zones has the same ones. A piece has at most [`MAX_PIECE`]
//! bytes; of a longer zone the pieces overlap, so that what is shorter than the overlap lies in
//! one of them.

use super::gate::{self, Gate};
use super::lexicon;
use crate::bytes::floor_boundary;

/// How many words around a marked one belong to its zone.
pub(super) const MARGIN: usize = 3;
/// The longest piece, in bytes.
pub(super) const MAX_PIECE: usize = 2_048;
/// From how far into a piece the next one may begin, and at the latest: whole groups of every
/// encoding (Base64, Base32, Base85, hexadecimal).
const NEXT: (usize, usize) = (960, 1_440);

/// A part of a text that is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    /// Where the next piece of the zone begins: findings from there on are its own.
    pub(super) until: usize,
    /// Whether it begins inside a word.
    pub(super) cut: bool,
}

/// The pieces of a text from an offset on, and where the part begins that more text could change.
pub(super) struct Pieces<'t> {
    text: &'t str,
    gate: Gate<'t>,
    /// Where the next zone is searched.
    at: usize,
    /// The rest of the zone that is being given out, and whether its end is known.
    zone: Option<(usize, usize, bool)>,
    /// The first piece that more text could change.
    open: Option<usize>,
}

impl<'t> Pieces<'t> {
    pub(super) const fn new(text: &'t str, from: usize) -> Self {
        Self { text, gate: Gate::new(text.as_bytes()), at: from, zone: None, open: None }
    }

    /// Where the part begins that more text could change; known when every piece was given out.
    pub(super) fn open(&self) -> usize {
        let bytes = self.text.as_bytes();
        self.open.unwrap_or_else(|| word_row_back(bytes, bytes.len(), self.at.min(bytes.len())))
    }

    fn next_zone(&mut self) -> Option<(usize, usize, bool)> {
        let bytes = self.text.as_bytes();
        let mut from = self.at;
        while let Some(block) = self.gate.next(from) {
            let mut at = word_start(bytes, block, self.at);
            while at < bytes.len() && at < block + gate::BLOCK {
                let (start, end) = next_word(bytes, at);
                let word = bytes.get(start..end).unwrap_or_default();
                let next = || {
                    let (after, after_end) = next_word(bytes, end);
                    bytes.get(after..after_end).unwrap_or_default()
                };
                if lexicon::begins_zone(word, next) {
                    let first = word_row_back(bytes, start, self.at);
                    let (last, ended) = word_row(bytes, end);
                    self.at = last;
                    return Some((first, last, ended));
                }
                at = end.max(at + 1);
            }
            from = at.max(block + 1);
        }
        None
    }
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        let (start, zone_end, ended) = match self.zone.take() {
            Some(zone) => zone,
            None => self.next_zone()?,
        };
        let before = start.checked_sub(1).and_then(|last| self.text.as_bytes().get(last));
        let cut = before.is_some_and(|byte| !is_blank(*byte));
        if !ended && start + MAX_PIECE > self.text.len() && self.open.is_none() {
            self.open = Some(start);
        }
        if zone_end - start <= MAX_PIECE {
            return Some(Piece { start, end: zone_end, until: zone_end, cut });
        }
        let until = self.cut_after(start);
        self.zone = Some((until, zone_end, ended));
        let end = floor_boundary(self.text, start + MAX_PIECE);
        Some(Piece { start, end, until, cut })
    }
}

impl Pieces<'_> {
    /// Where the piece after the one at `start` begins: at a word if there is one.
    fn cut_after(&self, start: usize) -> usize {
        let (least, most) = (start + NEXT.0, start + NEXT.1);
        let range = self.text.as_bytes().get(least..most).unwrap_or_default();
        match range.iter().rposition(|byte| is_blank(*byte)) {
            Some(blank) => least + blank + 1,
            None => floor_boundary(self.text, most),
        }
    }
}

#[inline]
pub(super) const fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0B | 0x0C)
}

/// The word at or after `at`.
pub(super) fn next_word(text: &[u8], at: usize) -> (usize, usize) {
    let rest = text.get(at..).unwrap_or_default();
    let start = at + rest.iter().take_while(|byte| is_blank(**byte)).count();
    let rest = text.get(start..).unwrap_or_default();
    (start, start + rest.iter().take_while(|byte| !is_blank(**byte)).count())
}

/// The start of the word that `at` stands in, not before `least`.
fn word_start(text: &[u8], at: usize, least: usize) -> usize {
    let head = text.get(least..at).unwrap_or_default();
    at - head.iter().rev().take_while(|byte| !is_blank(**byte)).count()
}

/// The first word of the row that leads to `at`: marked ones and their margins.
fn word_row_back(text: &[u8], at: usize, least: usize) -> usize {
    let mut first = word_start(text, at, least.min(at));
    let mut margin = 0;
    let mut row = first;
    while first > least {
        let head = text.get(least..first).unwrap_or_default();
        let blanks = head.iter().rev().take_while(|byte| is_blank(**byte)).count();
        let end = first - blanks;
        first = word_start(text, end, least);
        let word = text.get(first..end).unwrap_or_default();
        margin = if lexicon::is_marked(word) { 0 } else { margin + 1 };
        if margin > MARGIN || word.is_empty() {
            break;
        }
        row = first;
    }
    row
}

/// The end of the row of words that `at` follows a marked one of, and whether it is known to end.
fn word_row(text: &[u8], at: usize) -> (usize, bool) {
    let mut last = at;
    let mut end = at;
    let mut margin = 0;
    loop {
        let (from, to) = next_word(text, end);
        if to >= text.len() {
            return (text.len(), false);
        }
        end = to;
        margin =
            if lexicon::is_marked(text.get(from..to).unwrap_or_default()) { 0 } else { margin + 1 };
        if margin > MARGIN {
            return (last, true);
        }
        last = end;
    }
}

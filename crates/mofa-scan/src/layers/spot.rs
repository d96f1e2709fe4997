//! Narrows a piece to its spots: what is marked, and the words around it that may be a part of the
//! same value or say what it is.
//!
//! Called by the module above for every piece with marks.
//!
//! # Invariants
//!
//! Of the decoders that show all they are given, and of the others, the spots do not overlap. One
//! begins and ends between two words, or at a mark of punctuation in a very long one, or where its
//! piece does.

use super::anchors::{Kinds, Mark};
use super::lexicon::is_marked;
use super::zone::{MARGIN, Piece, is_blank};

/// How far around a mark words are taken, in bytes: longer than any value of several words.
const REACH: usize = 160;
/// From so far on a long word may be parted at a mark of punctuation.
const FAR: usize = 2 * REACH;
/// Spots nearer than this are one: what lies between is read once, as context or in the spot.
const NEAR: usize = crate::CONTEXT;

/// A part of a piece, and the decoders that it is read by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kinds: Kinds,
}

/// Replaces `spots` by those around the marks of a piece, which are sorted.
pub(super) fn around(text: &[u8], piece: Piece, marks: &[Mark], spots: &mut Vec<Spot>) {
    spots.clear();
    for is_whole in [true, false] {
        let first = spots.len();
        for mark in marks.iter().filter(|mark| mark.kind.is_whole() == is_whole) {
            let last = spots.get(first..).and_then(<[Spot]>::last).copied();
            let end = ahead(text, mark.end, piece.end);
            let start = match last {
                Some(last) if mark.start <= last.end + NEAR => last.start,
                _ => back(text, mark.start, last.map_or(piece.start, |last| last.end)),
            };
            match (last, spots.last_mut()) {
                (Some(last), Some(spot)) if start <= last.end + NEAR => {
                    spot.end = spot.end.max(end);
                    spot.kinds = spot.kinds.with(mark.kind);
                }
                _ => spots.push(Spot { start, end, kinds: Kinds::default().with(mark.kind) }),
            }
        }
    }
}

const fn parts(byte: u8) -> bool {
    matches!(byte, b'"' | b',' | b';' | b'<' | b'>' | b'{' | b'}')
}

/// Where the words before `at` begin that belong to its spot, not before `least`.
fn back(text: &[u8], at: usize, least: usize) -> usize {
    let word_start = |end: usize| {
        let head = text.get(least..end).unwrap_or_default().iter().rev().enumerate();
        let len = head.take_while(|(i, b)| !(is_blank(**b) || *i > FAR && parts(**b))).count();
        end - len
    };
    let mut first = word_start(at);
    let (mut row, mut margin) = (first, 0);
    while first > least && first + REACH > at {
        let head = text.get(least..first).unwrap_or_default();
        let end = first - head.iter().rev().take_while(|b| is_blank(**b)).count();
        first = word_start(end);
        margin = if is_marked(text.get(first..end).unwrap_or_default()) { 0 } else { margin + 1 };
        if margin > MARGIN || first == end {
            break;
        }
        row = first;
    }
    row
}

/// Where the words behind `at` end that belong to its spot, not after `most`.
fn ahead(text: &[u8], at: usize, most: usize) -> usize {
    let word_end = |start: usize| {
        let rest = text.get(start..most).unwrap_or_default().iter().enumerate();
        let len = rest.take_while(|(i, b)| !(is_blank(**b) || *i > FAR && parts(**b))).count();
        start + len
    };
    let mut last = word_end(at);
    let (mut row, mut margin) = (last, 0);
    while last < most && last < at + REACH {
        let rest = text.get(last..most).unwrap_or_default();
        let start = last + rest.iter().take_while(|b| is_blank(**b)).count();
        last = word_end(start);
        margin = if is_marked(text.get(start..last).unwrap_or_default()) { 0 } else { margin + 1 };
        if margin > MARGIN || start == last {
            break;
        }
        row = last;
    }
    row
}

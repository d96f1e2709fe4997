//! Finds whole words and phrases of a list in a text, ignoring case and the width of white space.
//!
//! Called by the content moderator above this crate. The phrases make one Aho-Corasick automaton;
//! the text is folded byte by byte while it is fed to the automaton, so nothing is copied. Where no
//! phrase may begin, which is nearly everywhere in ordinary text, the automaton does not run.
//!
//! # Invariants
//!
//! * Matches are leftmost, then longest, sorted and not overlapping.
//! * Case is folded with Unicode's simple lower-case mapping; a run of white space in the text
//!   equals one space of a phrase.
//! * A phrase that begins or ends with a word character (Unicode alphanumeric or `_`) needs a
//!   boundary there. Scripts written without spaces (Han, Kana, Thai and relatives) have a
//!   boundary at every character.
//! * Time is linear in the text times the number of phrases that end at the same place, which the
//!   list fixes. Nothing is allocated until a match is found.
//!
//! # Failure
//!
//! Only [`KeywordScannerBuilder::build`] fails, with [`ScanError`](crate::ScanError).
//!
//! # Example
//!
//! ```
//! use mofa_scan::keyword::{KeywordId, KeywordScanner};
//!
//! let scanner = KeywordScanner::builder()
//!     .add("spam", KeywordId(0))
//!     .add("free money", KeywordId(1))
//!     .build()?;
//! let mut matches = Vec::new();
//! scanner.scan("FREE \n money, no spamming", &mut matches);
//! assert_eq!(matches.len(), 1);
//! assert_eq!(matches[0].keyword, KeywordId(1));
//! # Ok::<(), mofa_scan::ScanError>(())
//! ```

mod builder;
mod cover;
mod fold;
mod gate;
mod word;

pub use builder::KeywordScannerBuilder;
pub use cover::Cover;

use std::sync::Arc;

use crate::automaton::{Machine, State};
use crate::bytes::ceil_boundary;
use crate::{CONTEXT, MAX_OPEN_TAIL};
use fold::{Folded, Folder};
use gate::Gate;

/// The caller's number of a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeywordId(pub u32);

/// Where a phrase occurs: byte offsets on character boundaries, `end` exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeywordMatch {
    /// Where the match begins, in bytes from the start of the text.
    pub start: usize,
    /// Where the match ends, exclusive, in bytes from the start of the text.
    pub end: usize,
    /// The phrase that matched.
    pub keyword: KeywordId,
}

/// Finds phrases; see the [module documentation](self).
#[derive(Debug, Clone)]
pub struct KeywordScanner {
    machine: Arc<Machine>,
    gate: Arc<Gate>,
    phrases: Arc<[Phrase]>,
    /// The folded phrases, sorted, for asking whether one begins with the end of a text.
    sorted: Arc<[Box<str>]>,
    /// The longest folded phrase, in bytes.
    longest: usize,
}

#[derive(Debug, Clone, Copy)]
struct Phrase {
    keyword: KeywordId,
    len: usize,
    word_start: bool,
    word_end: bool,
}

impl KeywordScanner {
    /// An empty builder.
    pub fn builder() -> KeywordScannerBuilder {
        KeywordScannerBuilder::default()
    }

    /// Appends the matches in `text` to `out`.
    pub fn scan(&self, text: &str, out: &mut Vec<KeywordMatch>) {
        self.scan_from(text, 0, out);
    }

    /// Appends the matches that begin at or after `from`; what lies before is only looked at for
    /// the boundary of a word. `from` is moved to the next character boundary.
    pub fn scan_from(&self, text: &str, from: usize, out: &mut Vec<KeywordMatch>) {
        self.scan_unless(text, from, |_, _| false, out);
    }

    /// As [`Self::scan_from`], without the matches that are `excused` by where they are.
    #[inline]
    fn scan_unless(
        &self,
        text: &str,
        from: usize,
        excused: impl Fn(usize, usize) -> bool,
        out: &mut Vec<KeywordMatch>,
    ) {
        let base = out.len();
        self.each_end(text, from, |folder, state| {
            let whole = self.whole_at(folder, state);
            let mut counted = whole.filter(|found| !excused(found.start, found.end));
            // The longest that is free.
            let _ = counted.any(|found| keep_leftmost(out, base, found));
        });
    }

    /// Calls `ended` wherever some phrase ends that begins at or after `from`.
    #[inline]
    fn each_end(&self, text: &str, from: usize, mut ended: impl FnMut(&Folder<'_>, State)) {
        let from = ceil_boundary(text, from.min(text.len()));
        let mut folder = Folder::new(text, from);
        let mut openings = self.gate.openings(text, from);
        while let Some(opening) = openings.next(folder.position()) {
            folder.jump(opening);
            self.follow(opening, &mut folder, &mut ended);
        }
    }

    /// Runs the automaton from an opening to where no phrase is begun and the text is ASCII again.
    #[inline]
    fn follow(
        &self,
        opening: usize,
        folder: &mut Folder<'_>,
        ended: &mut impl FnMut(&Folder<'_>, State),
    ) {
        let mut state = self.machine.start();
        while let Some(folded) = folder.next() {
            state = match folded {
                Folded::Ascii(byte) => self.machine.step(state, byte),
                Folded::Wide(c) => c
                    .encode_utf8(&mut [0; 4])
                    .bytes()
                    .fold(state, |state, byte| self.machine.step(state, byte)),
            };
            if self.machine.is_match(state) {
                ended(folder, state);
            }
            if self.machine.is_start(state) && folder.position() > opening && folder.is_ascii() {
                return;
            }
        }
    }

    /// Scans a text that may go on: appends the matches that are final and returns the offset up
    /// to which the text is final; see
    /// [`PiiScanner::scan_partial`](crate::pii::PiiScanner::scan_partial).
    pub fn scan_partial(&self, text: &str, from: usize, out: &mut Vec<KeywordMatch>) -> usize {
        let from = ceil_boundary(text, from.min(text.len()));
        let base = out.len();
        self.scan_from(text, from, out);
        let open = self.open_start(text, from);
        let found = out.get(base..).unwrap_or_default();
        let across = found.iter().find(|found| found.start < open && found.end > open);
        let open = across.map_or(open, |found| found.start);
        let kept = found.partition_point(|found| found.start < open);
        out.truncate(base + kept);
        let least = ceil_boundary(text, text.len().saturating_sub(MAX_OPEN_TAIL));
        open.max(least).max(from)
    }

    /// How many bytes at the end of `text` a match could still begin in or continue into; at most
    /// [`MAX_OPEN_TAIL`].
    #[must_use]
    pub fn open_tail(&self, text: &str) -> usize {
        let window = text.len().saturating_sub(MAX_OPEN_TAIL + CONTEXT);
        let start = ceil_boundary(text, window);
        let tail = text.get(start..).unwrap_or(text);
        let from = if start == 0 { 0 } else { CONTEXT };
        tail.len().saturating_sub(self.scan_partial(tail, from, &mut Vec::new()))
    }

    /// The phrases that end here and stand between word boundaries, the longest first.
    fn whole_at(&self, folder: &Folder<'_>, state: State) -> impl Iterator<Item = KeywordMatch> {
        let (text, end) = (folder.text(), folder.position());
        self.machine.matches(state).filter_map(move |index| {
            let phrase = self.phrases.get(index)?;
            let start = folder.start_of(end, phrase.len)?;
            let whole = (!phrase.word_start || word::may_begin(text, start))
                && (!phrase.word_end || word::may_end(text, end));
            whole.then_some(KeywordMatch { start, end, keyword: phrase.keyword })
        })
    }

    /// The first place near the end of `text` from which some phrase matches as far as it goes.
    fn open_start(&self, text: &str, from: usize) -> usize {
        let tail = fold::Tail::new(text, from, self.longest);
        let open = tail.starts().find(|start| {
            let (suffix, at) = (tail.folded_from(*start), tail.offset(*start));
            let word = suffix.chars().next().is_some_and(word::is_word);
            (!word || word::may_begin(text, at)) && self.begins_phrase(suffix)
        });
        open.map_or(text.len(), |start| tail.offset(start))
    }

    fn begins_phrase(&self, suffix: &str) -> bool {
        let at = self.sorted.partition_point(|phrase| phrase.as_ref() < suffix);
        self.sorted.get(at).is_some_and(|phrase| phrase.starts_with(suffix))
    }
}

/// Adds a match to a list that is leftmost-longest so far, unless one that begins further left
/// covers its start; matches arrive sorted by their end.
fn keep_leftmost(out: &mut Vec<KeywordMatch>, base: usize, found: KeywordMatch) -> bool {
    let inside = out.iter().skip(base).rev().take_while(|other| other.start >= found.start).count();
    let kept = out.len() - inside;
    let left = kept.checked_sub(1).filter(|last| *last >= base).and_then(|last| out.get(last));
    let free = left.is_none_or(|left| left.end <= found.start);
    if free {
        out.truncate(kept);
        out.push(found);
    }
    free
}

#[cfg(test)]
mod tests;

//! Where phrases of a list occur, for asking whether something lies within one: [`Cover`].
//!
//! Called by the engines above this crate for lists of exceptions.
//!
//! # Invariants
//!
//! No occurrence of a [`Cover`] lies within another, so both their starts and their ends ascend,
//! and of all that begin at or before a place the last one reaches farthest.

use std::ops::Range;

use super::{KeywordMatch, KeywordScanner};
use crate::bytes::ceil_boundary;
use crate::{CONTEXT, MAX_OPEN_TAIL};

/// The occurrences of some phrases in a text, overlapping ones too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cover {
    spans: Vec<Range<usize>>,
}

impl Cover {
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// Whether `start..end` lies within one of the occurrences.
    #[must_use]
    pub fn contains(&self, start: usize, end: usize) -> bool {
        let before = self.spans.partition_point(|span| span.start <= start);
        let last = before.checked_sub(1).and_then(|last| self.spans.get(last));
        last.is_some_and(|span| span.end >= end)
    }

    /// The last place at or before `at` that lies inside no occurrence.
    #[must_use]
    pub fn outside(&self, at: usize) -> usize {
        let before = self.spans.partition_point(|span| span.start < at);
        let spans = self.spans.get(..before).unwrap_or_default();
        let mut at = at;
        for span in spans.iter().rev() {
            if span.end <= at {
                break;
            }
            at = span.start.min(at);
        }
        at
    }

    /// Adds an occurrence; they come sorted by their ends, one for each end.
    fn add(&mut self, start: usize, end: usize) {
        while self.spans.last().is_some_and(|last| last.start >= start) {
            self.spans.pop();
        }
        self.spans.push(start..end);
    }
}

impl KeywordScanner {
    /// Where the phrases occur in `text`.
    ///
    /// ```
    /// use mofa_scan::keyword::{KeywordId, KeywordScanner};
    ///
    /// let scanner = KeywordScanner::builder().add("kill switch", KeywordId(0)).build()?;
    /// let cover = scanner.cover("the Kill  Switch");
    /// assert!(cover.contains(4, 8) && !cover.contains(0, 8));
    /// # Ok::<(), mofa_scan::ScanError>(())
    /// ```
    #[must_use]
    pub fn cover(&self, text: &str) -> Cover {
        let mut cover = Cover::default();
        self.each_end(text, 0, |folder, state| {
            // The longest that ends here covers all others that do.
            if let Some(found) = self.whole_at(folder, state).next() {
                cover.add(found.start, found.end);
            }
        });
        cover
    }

    /// Appends the matches in `text` that do not lie within `cover`. One that does takes no room
    /// from others that overlap it.
    pub fn scan_outside(&self, text: &str, cover: &Cover, out: &mut Vec<KeywordMatch>) {
        self.scan_unless(text, 0, |start, end| cover.contains(start, end), out);
    }

    /// As [`Self::open_tail`], where matches within occurrences of `exceptions` do not count:
    /// holds what may still be an exception, and cuts neither a match nor an exception in two. At
    /// least `least`.
    #[must_use]
    pub fn open_tail_except(&self, exceptions: &Self, text: &str, least: usize) -> usize {
        let own = |tail: &str, from| {
            let cover = self.cover(tail);
            (self.open_start(tail, from), cover)
        };
        exceptions.hold(text, least, own)
    }

    /// How many bytes at the end of `text`, at least `least`, could still belong to an occurrence;
    /// no occurrence is cut in two. At most [`MAX_OPEN_TAIL`], or `least` if that is more.
    #[must_use]
    pub fn open_tail_at_least(&self, text: &str, least: usize) -> usize {
        self.hold(text, least, |tail, _| (tail.len(), Cover::default()))
    }

    /// Holds back what is open here or begins at or after the offset that `other` gives, and no
    /// part only of anything that is covered.
    fn hold(
        &self,
        text: &str,
        least: usize,
        other: impl Fn(&str, usize) -> (usize, Cover),
    ) -> usize {
        let most = MAX_OPEN_TAIL.max(least);
        let start = ceil_boundary(text, text.len().saturating_sub(most + CONTEXT));
        let tail = text.get(start..).unwrap_or(text);
        let from = if start == 0 { 0 } else { ceil_boundary(tail, CONTEXT) };
        let (begun, others) = other(tail, from);
        let own = self.cover(tail);
        let mut open = self.open_start(tail, from).min(begun);
        open = open.min(tail.len().saturating_sub(least));
        loop {
            let outside = own.outside(others.outside(open));
            if outside == open {
                break;
            }
            open = outside;
        }
        let longest = ceil_boundary(tail, tail.len().saturating_sub(most));
        tail.len() - open.max(longest).max(from).min(tail.len())
    }
}

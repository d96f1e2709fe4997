//! The way back from a reading to the bytes it was made of; built by the decoders.
//!
//! # Invariants
//!
//! Segments lie one after another in the reading and leave no gap. A reading of a reading keeps
//! the map of the one below, so a way back is as many steps as there are layers.

use std::ops::Range;
use std::sync::Arc;

/// A part of a reading and what it was made of.
#[derive(Debug, Clone)]
struct Segment {
    /// Where the part begins in the reading.
    at: usize,
    /// What it was made of.
    start: usize,
    end: usize,
    /// Whether it is a copy, byte for byte.
    copy: bool,
}

/// The way back from a reading to the text below it and, step by step, to the original.
#[derive(Debug, Clone, Default)]
pub(super) struct Map {
    segments: Vec<Segment>,
    len: usize,
    below: Option<Arc<Map>>,
}

impl Map {
    /// The bytes of the original that `range` of the reading was made of, all of them and no less
    /// than whole units: an entity, an escape, an encoded run.
    pub(super) fn original(&self, range: Range<usize>) -> Range<usize> {
        let mut range = range;
        let mut map = self;
        loop {
            range = map.step(&range).0;
            match &map.below {
                Some(below) => map = below,
                None => return range,
            }
        }
    }

    /// Whether anything in `range` differs from the original.
    pub(super) fn changed(&self, range: Range<usize>) -> bool {
        let mut range = range;
        let mut map = self;
        loop {
            let (below, changed) = map.step(&range);
            if changed {
                return true;
            }
            range = below;
            match &map.below {
                Some(next) => map = next,
                None => return false,
            }
        }
    }

    /// One step down: the covering range there, and whether something in it was changed.
    fn step(&self, range: &Range<usize>) -> (Range<usize>, bool) {
        let from = range.start.min(self.len.saturating_sub(1));
        let to = range.end.min(self.len).max(from + 1);
        let first = self.segments.partition_point(|segment| segment.at <= from).saturating_sub(1);
        let segments = self.segments.get(first..).unwrap_or_default();
        let mut covered: Option<Range<usize>> = None;
        let mut changed = false;
        let mut next = None;
        for (i, segment) in segments.iter().take_while(|segment| segment.at < to).enumerate() {
            let end = segments.get(i + 1).map_or(self.len, |after| after.at);
            let part = if segment.copy {
                let skipped = from.saturating_sub(segment.at);
                segment.start + skipped..segment.start + to.min(end) - segment.at
            } else {
                segment.start..segment.end
            };
            changed |= !segment.copy || next.is_some_and(|next| next != part.start);
            next = Some(part.end);
            covered = Some(match covered {
                None => part,
                Some(other) => other.start.min(part.start)..other.end.max(part.end),
            });
        }
        (covered.unwrap_or(0..0), changed)
    }
}

/// A reading while it is written.
#[derive(Default)]
pub(super) struct Draft {
    pub(super) text: String,
    segments: Vec<Segment>,
    changed: bool,
}

impl Draft {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { text: String::with_capacity(bytes), ..Self::default() }
    }

    /// Adds `part`, which stands at `start` in the text below.
    pub(super) fn copy(&mut self, part: &str, start: usize) {
        let at = self.text.len();
        self.text.push_str(part);
        match self.segments.last() {
            Some(last) if last.copy && last.start + (at - last.at) == start => {}
            _ => self.push(Segment { at, start, end: start + part.len(), copy: true }),
        }
    }

    /// Adds what the bytes `of` of the text below stand for.
    pub(super) fn put(&mut self, part: &str, of: Range<usize>) {
        if part.is_empty() {
            return;
        }
        let at = self.text.len();
        self.text.push_str(part);
        self.push(Segment { at, start: of.start, end: of.end, copy: false });
        self.changed = true;
    }

    /// Leaves out something of the text below.
    pub(super) fn skip(&mut self) {
        self.changed = true;
    }

    /// Takes the last character back, unless it stands before `least`.
    pub(super) fn pop(&mut self, least: usize) {
        self.changed = true;
        if self.text.len() > least {
            self.text.pop();
        }
        while self.segments.last().is_some_and(|last| last.at >= self.text.len()) {
            self.segments.pop();
        }
    }

    pub(super) const fn is_changed(&self) -> bool {
        self.changed
    }

    fn push(&mut self, segment: Segment) {
        self.segments.push(segment);
    }

    pub(super) fn finish(self, below: Option<Arc<Map>>) -> (String, Map) {
        let len = self.text.len();
        (self.text, Map { segments: self.segments, len, below })
    }
}

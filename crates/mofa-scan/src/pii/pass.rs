//! The state of one pass over a text: what was found and where the text is still undecided.
//!
//! Matchers call [`Pass::report`] for candidates and [`Pass::undecided_from`] when they ran into
//! the end of the text before they could tell.

use crate::{Finding, RuleId};

/// One pass over a text.
pub(super) struct Pass<'t, 'o> {
    text: &'t [u8],
    from: usize,
    luhn: bool,
    open: usize,
    out: &'o mut Vec<Finding>,
}

impl<'t, 'o> Pass<'t, 'o> {
    pub(super) fn new(text: &'t [u8], from: usize, luhn: bool, out: &'o mut Vec<Finding>) -> Self {
        Self { text, from, luhn, open: text.len(), out }
    }

    pub(super) const fn text(&self) -> &'t [u8] {
        self.text
    }

    pub(super) const fn from(&self) -> usize {
        self.from
    }

    pub(super) const fn luhn(&self) -> bool {
        self.luhn
    }

    /// Where the part begins that more text could change.
    pub(super) const fn open(&self) -> usize {
        self.open
    }

    /// Adds a candidate, unless it begins in the context or is empty.
    pub(super) fn report(&mut self, start: usize, end: usize, rule: RuleId, confidence: f32) {
        if start >= self.from && start < end {
            self.out.push(Finding { start, end, rule, confidence });
        }
    }

    /// Notes that what begins at `start` depends on text that has not arrived.
    pub(super) fn undecided_from(&mut self, start: usize) {
        self.open = self.open.min(start);
    }

    /// Notes that what begins at `start` is undecided if the matcher read up to `read`, the end.
    pub(super) fn undecided_if_at_end(&mut self, start: usize, read: usize) {
        if read >= self.text.len() {
            self.undecided_from(start);
        }
    }
}

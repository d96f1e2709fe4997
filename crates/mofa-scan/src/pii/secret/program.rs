//! Runs the compiled pattern of a rule from one place of a text.
//!
//! # Invariants
//!
//! No step is tried twice: a run reads each byte a bounded number of times, and at most what the
//! pattern can take.

use super::table::{Set, Step};
use crate::bytes::{byte_at, is_word, run_len};

/// What a run found out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Run {
    /// Where the secret ends, if the pattern fits.
    pub(super) end: Option<usize>,
    /// How far the text was read; its length where more text could change the outcome.
    pub(super) read: usize,
}

/// Whether `steps` fit at `at` and end where a word may end and the token does.
pub(super) fn run(steps: &'static [Step], text: &[u8], at: usize) -> Run {
    let mut state = State { text, read: at };
    let Some(end) = state.all(steps, at) else {
        return Run { end: None, read: state.read };
    };
    let next = byte_at(text, end);
    let inside_word = is_word(next) && is_word(byte_at(text, end.saturating_sub(1)));
    Run { end: (!inside_word && !goes_on(steps, next)).then_some(end), read: state.read.max(end) }
}

/// Whether `next` belongs to the last class of the steps: the token is longer than its format. A
/// full stop may end a sentence.
fn goes_on(steps: &[Step], next: u8) -> bool {
    next != b'.' && matches!(steps.last(), Some(Step::Class(set, ..)) if set.has(next))
}

struct State<'t> {
    text: &'t [u8],
    read: usize,
}

impl State<'_> {
    /// The end of all `steps` from `at` on.
    fn all(&mut self, steps: &'static [Step], at: usize) -> Option<usize> {
        steps.iter().try_fold(at, |at, step| self.one(step, at))
    }

    fn one(&mut self, step: &'static Step, at: usize) -> Option<usize> {
        match step {
            Step::Literal(bytes) => self.literal(bytes, at),
            Step::Class(set, least, most) => self.class(set, *least, *most, at),
            Step::Optional(steps) => Some(self.all(steps, at).unwrap_or(at)),
            Step::Either(branches) => branches.iter().find_map(|steps| self.all(steps, at)),
        }
    }

    fn literal(&mut self, literal: &[u8], at: usize) -> Option<usize> {
        let rest = self.text.get(at..).unwrap_or_default();
        if rest.starts_with(literal) {
            return Some(at + literal.len());
        }
        if literal.starts_with(rest) {
            self.read = self.text.len();
        }
        None
    }

    fn class(&mut self, set: &Set, least: u16, most: u16, at: usize) -> Option<usize> {
        let len = run_len(self.text, at, usize::from(most), |byte| set.has(byte));
        self.read = self.read.max(at + len);
        (len >= usize::from(least)).then_some(at + len)
    }
}

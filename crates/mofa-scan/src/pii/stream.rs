//! Scans a text that comes in pieces: [`PiiStream`].
//!
//! Called by whoever reads what does not fit into memory, or must not wait for its end.
//!
//! # Invariants
//!
//! The findings are those of the whole text, however it is cut. What is held is the piece, the open
//! end of what came before it (at most [`MAX_OPEN_TAIL`](crate::MAX_OPEN_TAIL) bytes) and
//! [`CONTEXT`] bytes before that.

use super::PiiScanner;
use crate::bytes::floor_boundary;
use crate::{CONTEXT, Finding};

/// A text that comes in pieces.
///
/// ```
/// use mofa_scan::pii::PiiScanner;
///
/// let scanner = PiiScanner::default();
/// let mut stream = scanner.stream();
/// let mut found = Vec::new();
/// for piece in ["Write to ann@exam", "ple.org or call."] {
///     let settled = stream.push(piece);
///     found.extend(settled.findings.iter().map(|one| settled.start + one.start));
/// }
/// let settled = stream.finish();
/// found.extend(settled.findings.iter().map(|one| settled.start + one.start));
/// assert_eq!(found, [9]);
/// ```
#[derive(Debug, Clone)]
pub struct PiiStream<'s> {
    scanner: &'s PiiScanner,
    /// Context, then what is not settled.
    held: String,
    /// Where in `held` the context ends.
    context: usize,
    /// How much of `held` was handed out by the last call and is to be let go of.
    settled: usize,
    /// Where `held` begins in the whole text, in bytes.
    start: usize,
    findings: Vec<Finding>,
}

/// The part of a text that nothing which follows can change.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settled<'a> {
    /// Where it begins in the whole text, in bytes.
    pub start: usize,
    /// It follows without a gap on what was settled before.
    pub text: &'a str,
    /// What was found in it, in places of `text`; sorted and without overlaps.
    pub findings: &'a [Finding],
}

impl<'s> PiiStream<'s> {
    pub(super) const fn new(scanner: &'s PiiScanner) -> Self {
        Self {
            scanner,
            held: String::new(),
            context: 0,
            settled: 0,
            start: 0,
            findings: Vec::new(),
        }
    }

    /// Takes the next piece, and gives what is settled by it.
    pub fn push(&mut self, piece: &str) -> Settled<'_> {
        self.let_go();
        self.held.push_str(piece);
        self.settled = self.scanner.scan_partial(&self.held, self.context, &mut self.findings);
        self.hand_out()
    }

    /// The text has ended: gives the rest. What is pushed then goes on behind it.
    pub fn finish(&mut self) -> Settled<'_> {
        self.let_go();
        self.scanner.scan_from(&self.held, self.context, &mut self.findings);
        self.settled = self.held.len();
        self.hand_out()
    }

    /// How much of what has come is not settled, in bytes.
    #[must_use]
    pub const fn open(&self) -> usize {
        self.held.len() - self.settled
    }

    /// Forgets what was handed out, but for the context of what comes.
    fn let_go(&mut self) {
        let kept = floor_boundary(&self.held, self.settled.saturating_sub(CONTEXT));
        self.held.drain(..kept);
        self.start += kept;
        self.context = self.settled - kept;
        self.findings.clear();
    }

    fn hand_out(&mut self) -> Settled<'_> {
        for found in &mut self.findings {
            found.start -= self.context;
            found.end -= self.context;
        }
        Settled {
            start: self.start + self.context,
            text: self.held.get(self.context..self.settled).unwrap_or_default(),
            findings: &self.findings,
        }
    }
}

//! Says of each finding what its line is like: whether it is marked as accepted, and a hash by which
//! the line is known again when it moves. Called by `locate`.
//!
//! # Invariants
//! What was found does not go into the hash: a short value could be had back from it. Each line is
//! looked at once, however many findings it has.

use super::accept::is_marked;
use mofa_sdk::scan::TextFinding;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// What a finding's line is like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Whether the first or the last line of the finding is marked.
    pub(super) is_marked: bool,
    /// The hash of the first line without its white space and findings, and which finding of its
    /// rule on such a line it is: `1f0c…:1`.
    pub(super) hash: String,
}

/// The lines of `findings`, which are sorted by where they begin.
pub(super) fn lines(text: &str, findings: &[TextFinding]) -> Vec<Line> {
    let mut marks = Marks { text, known: HashMap::new() };
    let mut seen: HashMap<(u64, &str), usize> = HashMap::new();
    let mut lines = Vec::with_capacity(findings.len());
    let mut rest = findings;
    let mut covered = 0;
    while let Some(first) = rest.first() {
        let start = line_start(text, first.bytes.start);
        let end = line_end(text, first.bytes.start);
        let count = rest.partition_point(|found| found.bytes.start <= end);
        let (here, after) = rest.split_at_checked(count.max(1)).unwrap_or((rest, &[]));
        let hash = masked(text, start, end, &mut covered, here);
        for found in here {
            let nth = seen.entry((hash, found.rule.as_ref())).or_default();
            *nth += 1;
            let is_marked = marks.of(start) || marks.of_end(found.bytes.start, found.bytes.end);
            lines.push(Line { is_marked, hash: format!("{hash:016x}:{nth}") });
        }
        rest = after;
    }
    lines
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |end| at + end)
}

/// The hash of a line without what was found there. `covered` is how far findings go already.
fn masked(
    text: &str,
    start: usize,
    end: usize,
    covered: &mut usize,
    findings: &[TextFinding],
) -> u64 {
    let mut hasher = Sha256::new();
    let mut at = start.max(*covered);
    let mut add = |from: usize, to: usize| {
        for piece in text.get(from..to).unwrap_or_default().split_whitespace() {
            hasher.update(piece);
        }
    };
    for found in findings {
        if at < found.bytes.start {
            add(at, found.bytes.start);
        }
        at = at.max(found.bytes.end);
    }
    *covered = at;
    if at < end {
        add(at, end);
    }
    for found in findings {
        hasher.update([0]);
        hasher.update(found.rule.as_bytes());
    }
    let digest: [u8; 32] = hasher.finalize().into();
    digest.iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

/// Which lines are marked, by where they begin.
struct Marks<'a> {
    text: &'a str,
    known: HashMap<usize, bool>,
}

impl Marks<'_> {
    fn of(&mut self, start: usize) -> bool {
        let text = self.text;
        *self.known.entry(start).or_insert_with(|| {
            is_marked(text.get(start..line_end(text, start)).unwrap_or_default())
        })
    }

    /// Whether the last line of a finding is marked, if that is another than the first.
    fn of_end(&mut self, start: usize, end: usize) -> bool {
        let within = self.text.get(start..end).unwrap_or_default();
        let within = within.strip_suffix('\n').unwrap_or(within);
        within.rfind('\n').is_some_and(|at| self.of(start + at + 1))
    }
}

#[cfg(test)]
mod tests;

//! Counts what was done: [`Summary`].

use super::STALE_NAMED;
use crate::outcome::Outcome;
use crate::output::note;
use crate::scan::walk;

/// What was done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(in crate::scan) struct Summary {
    /// How many files were read and looked at.
    pub(in crate::scan) scanned: usize,
    /// How many of them have findings.
    pub(in crate::scan) with_findings: usize,
    /// How many findings there are that are not accepted.
    pub(in crate::scan) findings: usize,
    /// How many files are no text.
    pub(in crate::scan) binary: usize,
    /// How many files are larger than `--max-file-size`.
    pub(in crate::scan) too_large: usize,
    /// How many files or folders could not be read.
    pub(in crate::scan) unreadable: usize,
    /// How many files and folders ignore files left out.
    pub(in crate::scan) left_out: usize,
    /// How many links, pipes and devices folders have.
    pub(in crate::scan) irregular: usize,
    /// How many findings the baseline has.
    pub(in crate::scan) accepted_by_baseline: usize,
    /// How many findings are on lines that are marked.
    pub(in crate::scan) accepted_inline: usize,
    /// How many entries of the baseline stand for nothing any more.
    pub(in crate::scan) stale: usize,
}

impl Summary {
    /// Whether everything that should have been looked at was.
    pub(in crate::scan) fn is_complete(&self) -> bool {
        self.too_large == 0 && self.unreadable == 0
    }

    pub(super) fn outcome(&self) -> Outcome {
        if self.findings > 0 {
            Outcome::Findings
        } else if self.is_complete() {
            Outcome::Success
        } else {
            Outcome::Failure
        }
    }

    /// Says it on standard error, with the entries of the baseline that are `stale`.
    pub(super) fn say(&self, stale: &[String]) {
        let Self { scanned, with_findings, findings, binary, too_large, unreadable, .. } = self;
        note(format_args!(
            "{scanned} scanned, {findings} findings in {with_findings}; skipped: {binary} \
             binary, {too_large} too large; {unreadable} unreadable"
        ));
        walk::say_left_out(self.left_out, self.irregular);
        let (by_baseline, inline) = (self.accepted_by_baseline, self.accepted_inline);
        if by_baseline + inline > 0 {
            note(format_args!(
                "{} findings accepted: {by_baseline} by the baseline, {inline} by `mofa:allow`",
                by_baseline + inline
            ));
        }
        if stale.is_empty() {
            return;
        }
        note(format_args!("{} entries of the baseline are stale:", stale.len()));
        for entry in stale.iter().take(STALE_NAMED) {
            note(format_args!("  {entry}"));
        }
        if stale.len() > STALE_NAMED {
            note(format_args!("  and {} more", stale.len() - STALE_NAMED));
        }
    }
}

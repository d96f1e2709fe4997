//! Decides which findings are accepted: known ones by a baseline, and those on lines marked with
//! `mofa:allow`. The reporter is its caller.
//!
//! # Invariants
//! What is accepted is counted and said. Neither a baseline nor anything here holds a value: a
//! [`Fingerprint`] is an HMAC under the key of the baseline, or of this run.

pub(super) mod baseline;
mod fingerprint;

pub(crate) use baseline::BaselineError;
pub(super) use baseline::{Baseline, Draft};
pub(super) use fingerprint::{Fingerprint, Key};

use super::ScanArgs;
use crate::error::CliError;
use baseline::Entry;
use std::io;
use std::path::PathBuf;

/// The word on a line that accepts its findings.
const MARK: &str = "mofa:allow";

/// Why a finding is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Accepted {
    /// Its line says so.
    Inline,
    /// The baseline has it.
    Baseline,
}

/// What is accepted in this run.
#[derive(Debug)]
pub(super) struct Acceptance {
    key: Key,
    baseline: Option<Baseline>,
    inline: bool,
    /// Where a new baseline goes.
    pub(super) target: Option<PathBuf>,
}

impl Acceptance {
    pub(super) fn new(args: &ScanArgs) -> Result<Self, CliError> {
        let wrong = |path: &PathBuf| {
            let path = path.clone();
            move |source| CliError::Baseline { path, source }
        };
        let baseline = match &args.baseline {
            Some(path) => Some(Baseline::read(path).map_err(wrong(path))?),
            None => None,
        };
        let target = args.write_baseline.clone();
        // One that is there keeps its key, so that what stays does not change in it.
        let known = match &target {
            Some(path) if path.exists() => Some(Baseline::read(path).map_err(wrong(path))?),
            _ => None,
        };
        let key = baseline.as_ref().or(known.as_ref()).map(Baseline::key);
        let key = match key {
            Some(key) => key.clone(),
            None => Key::random().map_err(|error| CliError::System(io::Error::other(error)))?,
        };
        Ok(Self { key, baseline, inline: !args.no_inline_allow, target })
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    pub(super) fn baseline(&self) -> Option<&Baseline> {
        self.baseline.as_ref()
    }

    /// Whether a finding under one path says nothing of the same one under another.
    pub(super) fn is_by_path(&self) -> bool {
        self.baseline.is_some() || self.target.is_some()
    }

    /// Why a finding on a line that is `marked` or not is accepted, if it is; `entry` is what a
    /// baseline would have of it.
    pub(super) fn of(&self, is_marked: bool, entry: impl FnOnce() -> Entry) -> Option<Accepted> {
        if self.inline && is_marked {
            return Some(Accepted::Inline);
        }
        let baseline = self.baseline.as_ref()?;
        baseline.has(&entry()).then_some(Accepted::Baseline)
    }
}

/// Whether `line` has the mark, as a word of its own.
pub(super) fn is_marked(line: &str) -> bool {
    line.match_indices(MARK).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        let after = line.get(at + MARK.len()..).and_then(|text| text.chars().next());
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | ':');
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_a_word_of_its_own() {
        for marked in ["x # mofa:allow", "mofa:allow", "/*mofa:allow*/", "a (mofa:allow) why"] {
            assert!(is_marked(marked), "{marked}");
        }
        for unmarked in
            ["", "mofa", "mofa:allowed", "xmofa:allow", "mofa:allow-list", "a:mofa:allow"]
        {
            assert!(!is_marked(unmarked), "{unmarked}");
        }
    }
}

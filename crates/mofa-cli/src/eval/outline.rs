//! Reads a file once, to know what is labelled in it before anything is scored: [`Outline`].

use super::EvalArgs;
use super::family::Family;
use super::labels::SECRET;
use super::lines::open;
use super::record::{Malformed, Record};
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use thiserror::Error;

/// How many malformed lines of a file are named; all are counted.
const NAMED: usize = 5;

/// Why a file could not be measured.
#[derive(Debug, Error)]
pub(super) enum FileError {
    /// It cannot be opened.
    #[error("it cannot be read: {0}")]
    Open(#[source] io::Error),
    /// It ends in an error.
    #[error("it cannot be read after line {line}: {source}")]
    Read {
        /// The last line that could be read.
        line: u64,
        /// What the system said.
        source: io::Error,
    },
    /// No line is a record.
    #[error("it has no record ({malformed} other lines)")]
    NoRecord {
        /// How many lines are none.
        malformed: usize,
    },
    /// `label` may mean anything.
    #[error("what `label` means in it is not known; name it with `--family`")]
    NoFamily,
    /// It is read twice, and was not the same.
    #[error("it had {before} records and then {now}: it must be a file that nobody writes to")]
    Changed {
        /// How many records it had.
        before: usize,
        /// How many it has.
        now: usize,
    },
    /// A folder has no labelled file.
    #[error("no file in it ends in `.jsonl` or `.jsonl.gz`")]
    NoFile,
    /// A folder cannot be searched.
    #[error("it cannot be searched: {0}")]
    Walk(#[from] ignore::Error),
    /// An engine failed.
    #[error(transparent)]
    Engine(#[from] mofa_sdk::security::SecurityError),
}

/// What a file is made of.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) family: Option<Family>,
    pub(super) records: usize,
    pub(super) unlabelled: usize,
    /// Everything that is labelled anywhere, for records that are about no single label.
    pub(super) labels: BTreeSet<String>,
    /// What single records are about.
    pub(super) entities: BTreeSet<String>,
    /// How many lines are no records.
    pub(super) malformed: usize,
    /// The first of them.
    pub(super) named: Vec<(u64, Malformed)>,
    /// Whether no record is or holds what its file is about.
    pub(super) is_clean: bool,
    has_verdicts: bool,
    has_secrets: bool,
}

impl Outline {
    /// Of the file at `path`.
    pub(super) fn read(path: &Path, args: &EvalArgs) -> Result<Self, FileError> {
        let mut outline = Self { is_clean: true, ..Self::default() };
        each(path, &args.by, |line, record| {
            match record {
                Ok(record) => outline.add(&record),
                Err(malformed) => {
                    outline.malformed += 1;
                    if outline.named.len() < NAMED {
                        outline.named.push((line, malformed));
                    }
                }
            }
            Ok(())
        })?;
        if outline.records == 0 {
            return Err(FileError::NoRecord { malformed: outline.malformed });
        }
        let by_content = outline.has_secrets.then_some(Family::Secret);
        outline.family = args.family.or(by_content).or_else(|| Family::of(path));
        if outline.has_verdicts && outline.family.is_none() && !outline.is_clean {
            return Err(FileError::NoFamily);
        }
        Ok(outline)
    }

    fn add(&mut self, record: &Record) {
        self.records += 1;
        let is_about_places = record.spans.is_some() || record.secret.is_some();
        self.unlabelled += usize::from(!is_about_places && record.is_positive.is_none());
        self.has_verdicts |= record.is_positive.is_some();
        self.is_clean &= is_benign(record);
        if record.secret.is_some() {
            self.has_secrets = true;
            self.entities.insert(SECRET.to_owned());
        }
        let labels = record.spans.iter().flatten().map(|one| one.label.clone());
        if let Some(entity) = &record.entity {
            self.entities.insert(entity.clone());
            self.entities.extend(labels);
        } else {
            self.labels.extend(labels);
        }
    }
}

/// Whether a record says that it holds nothing, and not only nothing of one label.
fn is_benign(record: &Record) -> bool {
    let has_nothing = record.spans.as_ref().is_some_and(Vec::is_empty);
    let has_none = record.spans.as_ref().is_none_or(Vec::is_empty) && record.secret.is_none();
    match record.is_positive {
        Some(is_positive) => !is_positive && has_none,
        None => has_nothing && record.entity.is_none(),
    }
}

/// Gives every line of the file at `path` to `take`, with its number.
pub(super) fn each(
    path: &Path,
    by: &[String],
    mut take: impl FnMut(u64, Result<Record, Malformed>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut lines = open(path).map_err(FileError::Open)?;
    loop {
        let number = lines.count();
        let line = lines.next().map_err(|source| FileError::Read { line: number, source })?;
        let Some(line) = line else { return Ok(()) };
        take(number + 1, line.and_then(|line| Record::read(line, by)))?;
    }
}

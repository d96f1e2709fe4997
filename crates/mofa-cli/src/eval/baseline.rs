//! Compares what was measured with what was measured before: [`compare`].
//!
//! # Invariants
//! Only what both runs measured is judged; throughput, which depends on the machine, never is.
//!
//! # Failure
//! [`BaselineError`] if the file is no result of `mofa eval --format json`.

use super::report::{Document, Entity, FileReport, Scores, VERSION, Verdict};
use super::score::rounded;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Why nothing can be compared.
#[derive(Debug, Error)]
pub(crate) enum BaselineError {
    /// It cannot be read.
    #[error("the baseline `{}` cannot be read: {source}", path.display())]
    Read {
        /// The baseline.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is something else.
    #[error(
        "the baseline `{}` is no result of `mofa eval --format json`: line {line}, column {column}",
        path.display()
    )]
    Form {
        /// The baseline.
        path: PathBuf,
        /// Where that shows.
        line: usize,
        /// Where in that line, from 1.
        column: usize,
    },
    /// It is of another version.
    #[error(
        "the baseline `{}` has version {found} of the format, expected {VERSION}; measure it again",
        path.display()
    )]
    Version {
        /// The baseline.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// Two files cannot be told apart.
    #[error("two files are called `{name}`, so that nothing can be compared")]
    Twice {
        /// Their name.
        name: String,
    },
}

/// What moved against another run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Comparison {
    pub(super) path: String,
    pub(super) tolerance: f64,
    /// How many figures both runs have.
    pub(super) compared: usize,
    /// How many figures only the other run has.
    pub(super) gone: usize,
    /// How many figures only this run has.
    pub(super) new: usize,
    /// Those that differ, by file.
    pub(super) moved: Vec<Moved>,
}

/// A figure that is another than it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Moved {
    pub(super) file: String,
    /// The label and its group, the family of a verdict, or `clean text`.
    pub(super) entity: String,
    pub(super) measure: String,
    pub(super) before: f64,
    pub(super) now: f64,
    /// Whether it is worse by more than the tolerance.
    pub(super) is_worse: bool,
}

/// Reads what `--format json` wrote.
pub(super) fn read(path: &Path) -> Result<Document, BaselineError> {
    #[derive(Deserialize)]
    struct Versioned {
        version: u32,
    }
    let path = || path.to_owned();
    let text =
        std::fs::read(path()).map_err(|source| BaselineError::Read { path: path(), source })?;
    let form = |error: serde_json::Error| BaselineError::Form {
        path: path(),
        line: error.line(),
        column: error.column(),
    };
    // First the version alone: another one may have other fields.
    let Versioned { version } = serde_json::from_slice(&text).map_err(form)?;
    if version != VERSION {
        return Err(BaselineError::Version { path: path(), found: version });
    }
    serde_json::from_slice(&text).map_err(form)
}

/// What moved between `before`, read from `path`, and `now`.
pub(super) fn compare(
    path: &Path,
    before: &Document,
    now: &[FileReport],
    tolerance: f64,
) -> Result<Comparison, BaselineError> {
    let (before, now) = (figures(&before.files)?, figures(now)?);
    let mut comparison = Comparison {
        path: path.to_string_lossy().into_owned(),
        tolerance,
        compared: 0,
        gone: before.keys().filter(|key| !now.contains_key(*key)).count(),
        new: now.keys().filter(|key| !before.contains_key(*key)).count(),
        moved: Vec::new(),
    };
    for (key, now) in &now {
        let Some(before) = before.get(key) else { continue };
        comparison.compared += 1;
        let difference = rounded(now - before);
        if difference == 0.0 {
            continue;
        }
        let Key { file, entity, measure } = key.clone();
        let is_worse = measure.loss(*before, difference) > tolerance;
        let (before, now, measure) = (*before, *now, measure.as_str().to_owned());
        comparison.moved.push(Moved { file, entity, measure, before, now, is_worse });
    }
    Ok(comparison)
}

impl Comparison {
    pub(super) fn is_worse(&self) -> bool {
        self.moved.iter().any(|moved| moved.is_worse)
    }
}

/// What a figure is of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    file: String,
    entity: String,
    measure: Measure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Measure {
    ExactPrecision,
    ExactRecall,
    ExactF1,
    OverlapPrecision,
    OverlapRecall,
    OverlapF1,
    Precision,
    Recall,
    F1,
    FalsePositiveRate,
    FindingsPerMb,
}

impl Measure {
    const EXACT: [Self; 3] = [Self::ExactPrecision, Self::ExactRecall, Self::ExactF1];
    const OVERLAP: [Self; 3] = [Self::OverlapPrecision, Self::OverlapRecall, Self::OverlapF1];
    const VERDICT: [Self; 3] = [Self::Precision, Self::Recall, Self::F1];

    const fn as_str(self) -> &'static str {
        match self {
            Self::ExactPrecision => "exact precision",
            Self::ExactRecall => "exact recall",
            Self::ExactF1 => "exact F1",
            Self::OverlapPrecision => "overlap precision",
            Self::OverlapRecall => "overlap recall",
            Self::OverlapF1 => "overlap F1",
            Self::Precision => "precision",
            Self::Recall => "recall",
            Self::F1 => "F1",
            Self::FalsePositiveRate => "false-positive rate",
            Self::FindingsPerMb => "findings per MB",
        }
    }

    /// How much worse it is that a figure of `before` has moved by `difference`: of a share the
    /// difference, of a rate per MB its part of what there was.
    fn loss(self, before: f64, difference: f64) -> f64 {
        match self {
            Self::FalsePositiveRate => difference,
            Self::FindingsPerMb if before > 0.0 => difference / before,
            Self::FindingsPerMb => difference * f64::INFINITY,
            _ => -difference,
        }
    }
}

fn figures(files: &[FileReport]) -> Result<BTreeMap<Key, f64>, BaselineError> {
    let mut figures = BTreeMap::new();
    let mut names = std::collections::BTreeSet::new();
    for file in files {
        if !names.insert(&file.name) {
            return Err(BaselineError::Twice { name: file.name.clone() });
        }
        let mut put = |entity: String, measure, figure: Option<f64>| {
            let key = Key { file: file.name.clone(), entity, measure };
            figures.extend(figure.map(|figure| (key, figure)));
        };
        for entity in &file.entities {
            let name = grouped(&entity.label, entity.group.as_deref());
            for (measures, scores) in
                [(Measure::EXACT, &entity.exact), (Measure::OVERLAP, &entity.overlap)]
            {
                let shares = of_entity(entity, scores.as_ref());
                measures.into_iter().zip(shares).for_each(|(m, f)| put(name.clone(), m, f));
            }
        }
        let family = file.family.map_or("text", super::family::Family::as_str);
        for Verdict { group, scores, false_positive_rate, .. } in &file.verdicts {
            let name = grouped(family, group.as_deref());
            let shares = [scores.precision, scores.recall, scores.f1];
            Measure::VERDICT.into_iter().zip(shares).for_each(|(m, f)| put(name.clone(), m, f));
            put(name, Measure::FalsePositiveRate, *false_positive_rate);
        }
        if let Some(clean) = &file.clean {
            put("clean text".to_owned(), Measure::FindingsPerMb, clean.per_mb);
        }
    }
    Ok(figures)
}

/// A label and its group as one name.
pub(super) fn grouped(label: &str, group: Option<&str>) -> String {
    group.map_or_else(|| label.to_owned(), |group| format!("{label}, {group}"))
}

/// Precision, recall and F1 as they can be compared: what is not covered is not found, and a label
/// that is never there has a perfect precision until it is found.
fn of_entity(entity: &Entity, scores: Option<&Scores>) -> [Option<f64>; 3] {
    match scores {
        Some(Scores { precision: None, .. }) | None if entity.spans == 0 => [Some(1.0), None, None],
        Some(scores) => [scores.precision, scores.recall, scores.f1],
        None => [None, Some(0.0), Some(0.0)],
    }
}

#[cfg(test)]
mod tests;

//! What was measured, as programs read it: [`Document`].
//!
//! Written by `mofa eval --format json`, read again by `--baseline`; docs/eval.md lists the fields.
//!
//! # Invariants
//! [`VERSION`] changes when a field goes, gets another meaning or another type. Fields that come
//! do not change it: a reader passes over what it does not know.

use super::family::Family;
use super::score::{Confusion, Tally};
use serde::{Deserialize, Serialize};

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// Everything that a run measured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Document {
    pub(super) version: u32,
    /// The version of this program.
    pub(super) mofa: String,
    /// Findings below this were not counted.
    pub(super) min_confidence: f32,
    pub(super) files: Vec<FileReport>,
    /// What could not be measured.
    #[serde(default)]
    pub(super) unreadable: Vec<Unreadable>,
    /// What moved against `--baseline`; `None` without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) baseline: Option<super::baseline::Comparison>,
}

/// A file or folder that could not be measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Unreadable {
    pub(super) path: String,
    pub(super) error: String,
}

/// What was measured on one file.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct FileReport {
    /// Its folder and its name without the endings: what `--baseline` tells files by.
    pub(super) name: String,
    pub(super) path: String,
    /// What `label` 1 means in it, where that is known.
    #[serde(default)]
    pub(super) family: Option<Family>,
    pub(super) records: usize,
    /// Lines that are no record.
    pub(super) malformed: usize,
    /// Records that say nothing of what is in them.
    pub(super) unlabelled: usize,
    /// Of text, in UTF-8.
    pub(super) bytes: usize,
    /// What one thread spent scanning, and nothing else.
    pub(super) scan_seconds: f64,
    /// A million bytes a second.
    pub(super) mb_per_second: Option<f64>,
    pub(super) entities: Vec<Entity>,
    pub(super) verdicts: Vec<Verdict>,
    /// Where no record is or holds what its file is about.
    #[serde(default)]
    pub(super) clean: Option<Clean>,
    /// Findings that no label of their record means: neither right nor wrong.
    #[serde(default)]
    pub(super) beside: Vec<RuleCount>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) listed: Vec<Listed>,
}

/// How well one label was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Entity {
    pub(super) label: String,
    /// The records that it is about, as `field=value`; `None` for all.
    pub(super) group: Option<String>,
    /// What the label means to the scanner; empty if it is not covered.
    pub(super) covered_by: Vec<String>,
    /// How many are labelled.
    pub(super) spans: usize,
    /// How many were found.
    pub(super) findings: usize,
    /// Found with the same begin and end; `None` if it is not covered.
    pub(super) exact: Option<Scores>,
    /// Found with a code point in common.
    pub(super) overlap: Option<Scores>,
}

/// Counts and shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Scores {
    pub(super) hits: usize,
    pub(super) false_positives: usize,
    pub(super) false_negatives: usize,
    pub(super) precision: Option<f64>,
    pub(super) recall: Option<f64>,
    pub(super) f1: Option<f64>,
}

/// How well whole texts were judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Verdict {
    /// The records that it is about, as `field=value`; `None` for all.
    pub(super) group: Option<String>,
    pub(super) positives: usize,
    pub(super) negatives: usize,
    pub(super) scores: Scores,
    pub(super) false_positive_rate: Option<f64>,
}

/// What was found where nothing is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Clean {
    pub(super) findings: usize,
    pub(super) per_mb: Option<f64>,
    pub(super) kinds: Vec<RuleCount>,
}

/// How often one rule found something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct RuleCount {
    pub(super) kind: String,
    pub(super) category: String,
    pub(super) rule: String,
    pub(super) count: usize,
    pub(super) per_mb: Option<f64>,
}

/// A record that was not judged as it is labelled.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Listed {
    pub(super) line: u64,
    pub(super) id: Option<String>,
    /// The label, or the family of a judged text.
    pub(super) label: String,
    /// In code points; `None` for a judged text.
    pub(super) start: Option<usize>,
    pub(super) end: Option<usize>,
    /// What is wrong.
    pub(super) error: Mistake,
    /// The rules that found something there.
    pub(super) rules: Vec<String>,
    /// What stands there, and a little around it; only with `--show-text`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) text: Option<String>,
}

/// What is wrong with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mistake {
    /// Labelled, and nothing of it was found.
    Missed,
    /// Labelled, and found with another begin or end.
    OtherSpan,
    /// Found, and nothing there is labelled.
    FalsePositive,
}

impl Mistake {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Missed => "missed",
            Self::OtherSpan => "other_span",
            Self::FalsePositive => "false_positive",
        }
    }
}

impl From<Tally> for Scores {
    fn from(tally: Tally) -> Self {
        Self {
            hits: tally.hits,
            false_positives: tally.false_positives,
            false_negatives: tally.false_negatives,
            precision: tally.precision(),
            recall: tally.recall(),
            f1: tally.f1(),
        }
    }
}

impl Verdict {
    pub(super) fn new(group: Option<String>, confusion: Confusion) -> Self {
        let tally = confusion.tally;
        Self {
            group,
            positives: tally.hits + tally.false_negatives,
            negatives: tally.false_positives + confusion.true_negatives,
            scores: tally.into(),
            false_positive_rate: confusion.false_positive_rate(),
        }
    }
}

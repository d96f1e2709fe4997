//! Finds the data and reads it: gzip-compressed, one JSON record a line.

use flate2::read::GzDecoder;
use serde::Deserialize;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

/// One labelled text.
#[derive(Debug, Deserialize)]
pub(crate) struct Record {
    pub(crate) text: String,
    /// 1 for an attack, a secret or harm, 0 for none.
    #[serde(default)]
    pub(crate) label: Option<u8>,
    /// Personal data, in Unicode code points.
    #[serde(default)]
    pub(crate) spans: Vec<Span>,
    /// The kind that the record is about, where it is about one.
    #[serde(default)]
    pub(crate) entity: Option<String>,
}

/// Where personal data stands: `start..end` in Unicode code points.
#[derive(Debug, Deserialize)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) label: String,
}

/// The folder of the data; `None`, with a line that says so, if it is not there.
///
/// # Panics
/// If it is not there and `CI=true`.
pub(crate) fn folder() -> Option<PathBuf> {
    let named = mofa_runtime::env::var("MOFA_SHARED").map(|shared| Path::new(&shared).join("data"));
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let folder = named.unwrap_or_else(beside);
    if folder.is_dir() {
        return Some(folder);
    }
    let is_ci = mofa_runtime::env::var("CI").is_some_and(|value| value == "true");
    assert!(!is_ci, "{} is missing, and with CI=true nothing is left out", folder.display());
    println!("left out: there is no {}", folder.display());
    None
}

/// The records of `name` in `folder`. A few lines may be none: some texts were cut at separators that
/// only some readers take for the end of a line. They are counted and left out.
///
/// # Panics
/// If the file cannot be read, or more than 1 in 100 of its lines are none.
pub(crate) fn records(folder: &Path, name: &str) -> Vec<Record> {
    let path = folder.join(format!("{name}.jsonl.gz"));
    let file = File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut records, mut unreadable) = (Vec::new(), 0);
    for line in BufReader::new(GzDecoder::new(file)).lines() {
        match serde_json::from_str::<Record>(&line.unwrap()) {
            Ok(record) => records.push(record),
            Err(_) => unreadable += 1,
        }
    }
    if unreadable > 0 {
        println!("{name}: {unreadable} lines are no records");
    }
    assert!(!records.is_empty() && unreadable * 100 <= records.len(), "{}", path.display());
    records
}

/// The texts of `name`, all of which have this label.
pub(crate) fn texts(folder: &Path, name: &str, label: u8) -> Vec<String> {
    let records = records(folder, name);
    assert!(records.iter().all(|record| record.label == Some(label)), "{name} is mixed");
    records.into_iter().map(|record| record.text).collect()
}

/// The bytes of `text` that `span` means.
pub(crate) fn bytes(text: &str, span: &Span) -> std::ops::Range<usize> {
    let at = |count: usize| text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    at(span.start)..at(span.end)
}

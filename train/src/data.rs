//! Reads the labelled texts; called by the commands before anything else.
//!
//! # Failure
//! A file that is missing or cannot be unpacked is a [`DataError`]. A line that is no record is
//! left out and counted: some texts of the data hold a bare line break.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use crate::source::{INJECTION, SOURCES, Source};

/// Why the data could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    #[error("`{}`: {source}; is `--data` the folder with `prompt_injection` in it?", path.display())]
    Read { path: PathBuf, source: io::Error },
}

/// One labelled text.
#[derive(Debug, Clone)]
pub(crate) struct Example {
    pub(crate) text: String,
    pub(crate) attack: bool,
    /// How much it counts, before sources are balanced.
    pub(crate) weight: f32,
}

/// The texts of one file.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) source: Source,
    pub(crate) examples: Vec<Example>,
    /// Lines that were no record.
    pub(crate) damaged: usize,
}

#[derive(Debug, Deserialize)]
struct Record {
    text: String,
    #[serde(default)]
    label: u8,
    #[serde(default)]
    weak: bool,
}

/// A record of the evasion files.
#[derive(Debug, Deserialize)]
pub(crate) struct Evasion {
    pub(crate) text: String,
    pub(crate) transform: String,
    pub(crate) original_text: String,
    pub(crate) original_source: String,
}

/// What a text counts whose label its own authors call weak.
const WEAK: f32 = 0.3;

/// Reads every file of the table.
pub(crate) fn read(folder: &Path) -> Result<Vec<Corpus>, DataError> {
    let file = |source: &Source| {
        let path = folder.join(source.folder).join(format!("{}.jsonl.gz", source.name));
        let (records, damaged) = records::<Record>(&path)?;
        let examples = records
            .into_iter()
            .map(|record| Example {
                text: record.text,
                attack: record.label == 1 && source.folder == INJECTION,
                weight: if record.weak { WEAK } else { 1.0 },
            })
            .collect();
        Ok(Corpus { source: *source, examples, damaged })
    };
    SOURCES.iter().map(file).collect()
}

/// Reads the attacks in other forms.
pub(crate) fn evasions(folder: &Path) -> Result<Vec<Evasion>, DataError> {
    records(&folder.join("evasion/derived_dev.jsonl.gz")).map(|(records, _)| records)
}

fn records<T: for<'a> Deserialize<'a>>(path: &Path) -> Result<(Vec<T>, usize), DataError> {
    let wrong = |source| DataError::Read { path: path.to_owned(), source };
    let reader = BufReader::new(MultiGzDecoder::new(File::open(path).map_err(wrong)?));
    let (mut records, mut damaged) = (Vec::new(), 0);
    for line in reader.split(b'\n') {
        let line = line.map_err(wrong)?;
        if line.is_empty() {
            continue;
        }
        match serde_json::from_slice(&line) {
            Ok(record) => records.push(record),
            Err(_) => damaged += 1,
        }
    }
    Ok((records, damaged))
}

/// The test files of a folder with their sentences, by name.
pub(crate) fn folder(folder: &Path) -> Result<Vec<(String, Vec<String>)>, DataError> {
    let wrong = |source| DataError::Read { path: folder.to_owned(), source };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        paths.push(entry.map_err(wrong)?.path());
    }
    paths.sort_unstable();
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok((name, sentences(path)?))
    };
    paths.iter().map(named).collect()
}

/// The sentences of a test file: one a line, `#` begins a comment.
fn sentences(path: &Path) -> Result<Vec<String>, DataError> {
    let wrong = |source| DataError::Read { path: path.to_owned(), source };
    let text = std::fs::read_to_string(path).map_err(wrong)?;
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    Ok(lines.map(str::to_owned).collect())
}

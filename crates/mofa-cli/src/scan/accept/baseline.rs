//! The file of findings that are known and accepted: [`Baseline`] to read, [`Draft`] to write.
//!
//! # Invariants
//! An entry holds a rule, a path and a fingerprint, never a value and no line number. Entries are
//! sorted, one a line, and a file that is written again keeps its key: what did not change shows no
//! difference. A file is replaced whole or not at all.

use super::{Fingerprint, Key};
use crate::scan::origin::Origin;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashSet};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::Path;
use tempfile::NamedTempFile;
use thiserror::Error;

/// The version of the format.
const VERSION: u32 = 1;

/// The largest file that is read, in bytes.
const MAX_SIZE: u64 = 64 << 20;

/// Why a baseline cannot be used.
#[derive(Debug, Error)]
pub(crate) enum BaselineError {
    /// It cannot be read or written.
    #[error("{0}")]
    File(#[from] io::Error),
    /// It is too large.
    #[error("it is larger than 64 MiB")]
    TooLarge,
    /// It is something else.
    #[error("it is no baseline: {0}")]
    Format(#[from] serde_json::Error),
    /// It is of another version.
    #[error("it is of version {0}; expected 1")]
    Version(u32),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    version: u32,
    /// Called so in the file: it stands there for everybody to read, and is no secret.
    #[serde(rename = "salt")]
    key: Key,
    entries: Vec<Entry>,
}

/// One accepted finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) rule: String,
    pub(crate) fingerprint: Fingerprint,
}

impl Entry {
    pub(crate) fn new(origin: &Origin, rule: &str, fingerprint: Fingerprint) -> Self {
        Self { path: path_of(origin), rule: rule.to_owned(), fingerprint }
    }
}

/// How an entry names a file. It is for people and to tell what was looked at; the fingerprint has
/// the very bytes.
fn path_of(origin: &Origin) -> String {
    String::from_utf8_lossy(&origin.key()).into_owned()
}

/// Findings that are known and accepted.
#[derive(Debug)]
pub(crate) struct Baseline {
    key: Key,
    entries: HashSet<Entry>,
    paths: HashSet<String>,
}

impl Baseline {
    /// The one at `path`.
    pub(crate) fn read(path: &Path) -> Result<Self, BaselineError> {
        let mut text = Vec::new();
        File::open(path)?.take(MAX_SIZE + 1).read_to_end(&mut text)?;
        if text.len() as u64 > MAX_SIZE {
            return Err(BaselineError::TooLarge);
        }
        let Document { version, key, entries } = serde_json::from_slice(&text)?;
        if version != VERSION {
            return Err(BaselineError::Version(version));
        }
        let paths = entries.iter().map(|entry| entry.path.clone()).collect();
        Ok(Self { key, entries: entries.into_iter().collect(), paths })
    }

    pub(super) fn key(&self) -> &Key {
        &self.key
    }

    /// Whether `entry` stands in it as it is: one that shows its readers another path or rule
    /// accepts nothing.
    pub(super) fn has(&self, entry: &Entry) -> bool {
        self.entries.contains(entry)
    }

    /// The name of `origin` in entries, if there are some of it.
    pub(crate) fn path(&self, origin: &Origin) -> Option<&str> {
        self.paths.get(&path_of(origin)).map(String::as_str)
    }

    /// Every entry, by path.
    pub(crate) fn entries(&self) -> Vec<&Entry> {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort();
        entries
    }
}

/// A baseline in the making.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    entries: BTreeSet<Entry>,
    guessable: usize,
}

impl Draft {
    /// Adds a finding; `is_guessable` if its value has so few forms that they can be tried out.
    pub(crate) fn add(&mut self, entry: Entry, is_guessable: bool) {
        if self.entries.insert(entry) && is_guessable {
            self.guessable += 1;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many entries are of values that can be guessed.
    pub(crate) fn guessable(&self) -> usize {
        self.guessable
    }

    /// Writes it to `path`, whole or not at all.
    pub(crate) fn write(&self, path: &Path, key: &Key) -> Result<(), BaselineError> {
        let mut text = format!("{{\"version\":{VERSION},\"salt\":{},\"entries\":[", json(key)?);
        for (index, entry) in self.entries.iter().enumerate() {
            text.push_str(if index == 0 { "\n" } else { ",\n" });
            text.push_str(&json(entry)?);
        }
        text.push_str("\n]}\n");
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut file = NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(text.as_bytes())?;
        file.as_file().sync_all()?;
        if let Ok(metadata) = fs::metadata(path) {
            file.as_file().set_permissions(metadata.permissions())?;
        } else {
            share(file.as_file())?;
        }
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    }
}

fn json(value: &impl Serialize) -> Result<String, serde_json::Error> {
    serde_json::to_string(value)
}

/// A baseline is kept beside the code and read by others; a temporary file is not.
#[cfg(unix)]
fn share(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_: &File) -> io::Result<()> {
    Ok(())
}

//! The files that the checks look at, read once; built by `tidy` and by its tests.
//!
//! # Invariants
//! A file over [`MAX_BYTES`] is never read: its size alone is the complaint.

use std::collections::BTreeSet;
use std::path::Path;

use crate::repository::Repository;

use super::TidyError;
use super::lexer::{Source, lex};

/// The largest file, in bytes, that belongs in the repository.
pub(super) const MAX_BYTES: u64 = 1024 * 1024;

/// The files of the repository.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) files: Vec<File>,
    paths: BTreeSet<String>,
}

/// One file.
#[derive(Debug)]
pub(super) struct File {
    /// Relative to the top, parted by `/`.
    pub(super) path: String,
    pub(super) bytes: u64,
    /// What it says; `None` for a binary file, a link or one that is too large.
    pub(super) text: Option<String>,
    /// The same, taken apart, when it is Rust.
    pub(super) rust: Option<Source>,
}

impl Tree {
    /// Reads what git lists.
    pub(super) fn load(repository: &Repository) -> Result<Self, TidyError> {
        let mut files = Vec::new();
        for path in repository.files()? {
            let full = repository.root().join(&path);
            if let Some(file) = read(path, &full)? {
                files.push(file);
            }
        }
        Ok(Self::new(files))
    }

    fn new(files: Vec<File>) -> Self {
        let mut paths = BTreeSet::new();
        for file in &files {
            let whole = Path::new(&file.path);
            let above = whole.ancestors().filter_map(Path::to_str).map(str::to_owned);
            paths.extend(above);
        }
        Self { files, paths }
    }

    /// Whether a file or folder has this path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.paths.contains(path)
    }

    /// The file with this path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files of Rust, with their sources.
    pub(super) fn rust(&self) -> impl Iterator<Item = (&File, &Source)> {
        self.files.iter().filter_map(|file| file.rust.as_ref().map(|source| (file, source)))
    }

    /// The files with text, with what they say.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&File, &str)> {
        self.files.iter().filter_map(|file| file.text.as_deref().map(|text| (file, text)))
    }

    /// A tree of made-up files.
    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        Self::new(files.iter().map(|(path, text)| File::new(path, text.as_bytes())).collect())
    }
}

impl File {
    /// A file with these contents.
    pub(super) fn new(path: &str, contents: &[u8]) -> Self {
        let bytes = u64::try_from(contents.len()).unwrap_or(u64::MAX);
        let text = std::str::from_utf8(contents)
            .ok()
            .filter(|text| bytes <= MAX_BYTES && !text.contains('\0'))
            .map(str::to_owned);
        let rust = text.as_deref().filter(|_| path_ends(path, "rs")).map(lex);
        Self { path: path.to_owned(), bytes, text, rust }
    }

    /// Whether its name ends in `.extension`.
    pub(super) fn is(&self, extension: &str) -> bool {
        path_ends(&self.path, extension)
    }

    /// Whether it holds cases or recorded output rather than prose or code.
    pub(super) fn is_data(&self) -> bool {
        let folders = ["testdata", "fixtures", "golden", "snapshots", "corpus"];
        self.path.split('/').any(|part| folders.contains(&part))
            || self.is("snap")
            || self.is("jsonl")
            || self.is("lock")
    }

    /// Whether it is a file of tests.
    pub(super) fn is_test(&self) -> bool {
        self.path.split('/').any(|part| part == "tests" || part == "tests.rs")
    }
}

fn path_ends(path: &str, extension: &str) -> bool {
    Path::new(path).extension().is_some_and(|found| found == extension)
}

/// Reads one listed file; one that git still lists but that is gone is no file.
fn read(path: String, full: &Path) -> Result<Option<File>, TidyError> {
    let metadata = match std::fs::symlink_metadata(full) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(TidyError::Read { path, source }),
    };
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        let bytes = if metadata.is_file() { metadata.len() } else { 0 };
        return Ok(Some(File { path, bytes, text: None, rust: None }));
    }
    match std::fs::read(full) {
        Ok(contents) => Ok(Some(File::new(&path, &contents))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TidyError::Read { path, source }),
    }
}

//! Why a log cannot be opened, and why a line cannot be read.

use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// Why a log cannot be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AuditLogError {
    /// The system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was attempted.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process writes to it.
    #[error("`{}` is in use by another process: give each its own log", path.display())]
    Locked {
        /// The log.
        path: PathBuf,
    },
    /// The path is a symbolic link, a folder or a device, or was exchanged while it was opened.
    #[error("`{}` is not a regular file: name the file itself, links are not followed", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
    },
    /// Others than its owner may write to it.
    #[error(
        "`{}` has mode {mode:o}: others could write into the log; `chmod 600` it",
        path.display()
    )]
    Writable {
        /// The log.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds something else than records.
    #[error("`{}` is not an audit log of this version: name another file", path.display())]
    NotALog {
        /// The file.
        path: PathBuf,
    },
    /// More of its end cannot be read than a crash can explain.
    #[error(
        "`{}` cannot be read after byte {offset}, which no crash explains: move it away and keep it",
        path.display()
    )]
    Damaged {
        /// The log.
        path: PathBuf,
        /// Where the last readable record ends.
        offset: u64,
    },
    /// An option does not fit.
    #[error("`{option}` cannot be {found}: expected {expected}")]
    Option {
        /// The builder's method.
        option: &'static str,
        /// What was given.
        found: usize,
        /// What would fit.
        expected: &'static str,
    },
}

/// Why a line of a log cannot be read. The lines after it can.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The file cannot be opened or read; there are no lines after it.
    #[error("cannot read `{}`: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It is longer than a record can be.
    #[error("line {line} has more than {limit} bytes")]
    TooLong {
        /// Which line, from 1.
        line: u64,
        /// How long it may be, with its newline.
        limit: usize,
    },
    /// It is no record.
    #[error("line {line} is no record: {source}")]
    Invalid {
        /// Which line, from 1.
        line: u64,
        /// What is wrong with it.
        source: serde_json::Error,
    },
    /// It is a record of another version.
    #[error("line {line} is a record of version {found}, expected 1")]
    Version {
        /// Which line, from 1.
        line: u64,
        /// Its version.
        found: u64,
    },
    /// The file ends in the middle of it: a crash, or it is being written.
    #[error("line {line} has no end")]
    Torn {
        /// Which line, from 1.
        line: u64,
    },
}

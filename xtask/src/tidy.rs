//! Decides whether every file keeps the house style; called by `cargo xtask tidy`, by the test
//! command and by `cargo test -p xtask`.
//!
//! # Invariants
//! - Every check has a sample in `tests` that it must refuse, so that none goes blind unnoticed.
//! - A check looks at names, code or comments, never at the three mixed: a word in a string is no
//!   macro, and a word in a comment is no name.
//!
//! # Failure
//! Every complaint is listed at once, as `path:line: complaint [check]`.

mod lexer;
mod links;
mod manifests;
mod rust;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod words;

use std::fmt;

use crate::repository::{Repository, RepositoryError};

use self::tree::{File, Tree};

/// Why the files could not be checked, or did not pass.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TidyError {
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    #[error("`{path}` cannot be read: {source}")]
    Read { path: String, source: std::io::Error },
    #[error("{} complaint(s) about the files:\n{}", .0.len(), joined(.0))]
    Complaints(Vec<Complaint>),
}

/// One place that does not keep the house style.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Complaint {
    path: String,
    line: usize,
    message: String,
    check: &'static str,
    weight: Weight,
}

/// Whether a complaint fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Limit,
    Aim,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {} [{}]", self.path, self.line, self.message, self.check)
    }
}

/// What a check found so far.
#[derive(Debug)]
struct Report {
    check: &'static str,
    complaints: Vec<Complaint>,
}

impl Report {
    /// A complaint that fails the run; lines count from 1.
    fn refuse(&mut self, file: &File, line: usize, message: impl Into<String>) {
        self.push(file, line, message.into(), Weight::Limit);
    }

    /// A remark that does not.
    fn remark(&mut self, file: &File, line: usize, message: impl Into<String>) {
        self.push(file, line, message.into(), Weight::Aim);
    }

    fn push(&mut self, file: &File, line: usize, message: String, weight: Weight) {
        let path = file.path.clone();
        self.complaints.push(Complaint { path, line, message, check: self.check, weight });
    }
}

/// A check by name.
struct Check {
    name: &'static str,
    run: fn(&Tree, &mut Report),
}

/// The checks, in the order of their complaints.
const CHECKS: &[Check] = &[
    Check { name: "file-size", run: text::file_size },
    Check { name: "white-space", run: text::white_space },
    Check { name: "page-length", run: text::page_length },
    Check { name: "foreign-words", run: words::foreign },
    Check { name: "marks", run: words::marks },
    Check { name: "links", run: links::check },
    Check { name: "description", run: manifests::description },
    Check { name: "dependencies", run: manifests::dependencies },
    Check { name: "module-file", run: rust::module_file },
    Check { name: "module-doc", run: rust::module_doc },
    Check { name: "names", run: rust::names },
    Check { name: "unfinished", run: rust::unfinished },
    Check { name: "reasons", run: rust::reasons },
    Check { name: "length", run: rust::length },
];

/// Checks the repository; the text says what was looked at.
pub(crate) fn run(repository: &Repository, verbose: bool) -> Result<String, TidyError> {
    let tree = Tree::load(repository)?;
    let (limits, aims): (Vec<Complaint>, Vec<Complaint>) =
        check(&tree).into_iter().partition(|one| one.weight == Weight::Limit);
    if !limits.is_empty() {
        return Err(TidyError::Complaints(limits));
    }
    let mut lines: Vec<String> = aims.iter().filter(|_| verbose).map(ToString::to_string).collect();
    lines.push(format!("tidy: {} files, {} checks, no complaint", tree.files.len(), CHECKS.len()));
    Ok(lines.join("\n"))
}

/// Every complaint and remark, by path and line.
fn check(tree: &Tree) -> Vec<Complaint> {
    let mut all = Vec::new();
    for check in CHECKS {
        let mut report = Report { check: check.name, complaints: Vec::new() };
        (check.run)(tree, &mut report);
        all.append(&mut report.complaints);
    }
    all.sort();
    all
}

fn joined(complaints: &[Complaint]) -> String {
    complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

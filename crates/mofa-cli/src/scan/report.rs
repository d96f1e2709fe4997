//! Scans files and reports what is in them.

use super::locate::{Located, locate};
use super::progress::Progress;
use super::read::{Content, Skip, is_stdin, read};
use super::render::{Render, renderer};
use super::{ScanArgs, parallel, walk};
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::{self, Results};
use mofa_sdk::scan::TextScanner;
use std::cell::Cell;
use std::path::{Path, PathBuf};

/// What was done.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Summary {
    /// How many files were read and looked at.
    pub(super) scanned: usize,
    /// How many of them have findings.
    pub(super) with_findings: usize,
    /// How many findings there are.
    pub(super) findings: usize,
    /// How many files are no text.
    pub(super) binary: usize,
    /// How many files are larger than `--max-file-size`.
    pub(super) too_large: usize,
    /// How many files or folders could not be read.
    pub(super) unreadable: usize,
    /// How many files and folders ignore files left out.
    pub(super) left_out: usize,
}

impl Summary {
    /// Whether everything that should have been looked at was.
    pub(super) fn is_complete(&self) -> bool {
        self.too_large == 0 && self.unreadable == 0
    }

    fn outcome(&self) -> Outcome {
        if self.findings > 0 {
            Outcome::Findings
        } else if self.is_complete() {
            Outcome::Success
        } else {
            Outcome::Failure
        }
    }
}

/// What became of one file.
enum Scanned {
    Findings(PathBuf, Vec<Located>),
    Skipped(PathBuf, Skip),
    Failed(String),
}

pub(super) fn run(
    args: &ScanArgs,
    scanner: &TextScanner,
    inputs: &[PathBuf],
) -> Result<Outcome, CliError> {
    let mut reporter = Reporter {
        quiet: args.quiet,
        progress: Progress::new(args.quiet),
        results: Results::new(),
        render: renderer(args.format),
        summary: Summary::default(),
        named: inputs,
    };
    reporter.begin()?;
    let work = |walked: walk::Walked| match walked {
        Ok(path) => scan(args, scanner, path),
        Err(error) => Scanned::Failed(error.to_string()),
    };
    let left_out = Cell::new(0);
    let files = walk::files(inputs, args.no_ignore, &left_out);
    parallel::in_order(files, args.jobs(), work, |scanned| reporter.take(scanned))?;
    reporter.summary.left_out = left_out.get();
    reporter.end()
}

fn scan(args: &ScanArgs, scanner: &TextScanner, path: PathBuf) -> Scanned {
    match read(&path, args.max_file_size) {
        Ok(Content::Text(decoded)) => match scanner.scan(decoded.text()) {
            Ok(report) => {
                let located = locate(&decoded, report.findings, args.show_values);
                Scanned::Findings(path, located)
            }
            Err(error) => Scanned::Failed(format!("`{}`: {error}", path.display())),
        },
        Ok(Content::Skipped(skip)) => Scanned::Skipped(path, skip),
        Err(source) => Scanned::Failed(CliError::Read { path, source }.to_string()),
    }
}

/// The path as results name it.
pub(super) fn shown(path: &Path) -> &Path {
    if is_stdin(path) { Path::new("<stdin>") } else { path }
}

struct Reporter<'a> {
    quiet: bool,
    progress: Progress,
    results: Results,
    render: Box<dyn Render>,
    summary: Summary,
    /// The inputs as they were named, sorted.
    named: &'a [PathBuf],
}

impl Reporter<'_> {
    fn begin(&mut self) -> Result<(), CliError> {
        let mut head = Vec::new();
        self.render.begin(&mut head);
        self.print(&head)
    }

    fn take(&mut self, scanned: Scanned) -> Result<(), CliError> {
        self.progress.step();
        match scanned {
            Scanned::Findings(path, findings) => {
                self.summary.scanned += 1;
                if findings.is_empty() {
                    return Ok(());
                }
                self.summary.with_findings += 1;
                self.summary.findings += findings.len();
                let mut rendered = Vec::new();
                self.render.file(&mut rendered, &path, &findings);
                return self.print(&rendered);
            }
            Scanned::Skipped(path, skip) => {
                let is_named = self.named.binary_search(&path).is_ok();
                match skip {
                    Skip::Binary => self.summary.binary += 1,
                    Skip::TooLarge => self.summary.too_large += 1,
                }
                // A folder may well have many pictures; whoever names one should know.
                if (is_named || skip != Skip::Binary) && !(self.quiet && skip == Skip::Binary) {
                    let path = shown(&path).display();
                    self.note(format_args!("`{path}` is not scanned: it is {}", skip.as_str()));
                }
            }
            Scanned::Failed(reason) => {
                self.summary.unreadable += 1;
                self.note(format_args!("error: {reason}"));
            }
        }
        Ok(())
    }

    fn end(mut self) -> Result<Outcome, CliError> {
        let mut tail = Vec::new();
        self.render.end(&mut tail, &self.summary);
        self.print(&tail)?;
        self.progress.aside(|| self.results.flush())?;
        drop(self.progress);
        if !self.quiet {
            let Summary {
                scanned,
                with_findings,
                findings,
                binary,
                too_large,
                unreadable,
                left_out,
            } = self.summary;
            output::note(format_args!(
                "{scanned} scanned, {findings} findings in {with_findings}; skipped: {binary} \
                 binary, {too_large} too large; {unreadable} unreadable"
            ));
            walk::say_left_out(left_out);
        }
        Ok(self.summary.outcome())
    }

    fn print(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        if self.quiet || bytes.is_empty() {
            return Ok(());
        }
        let Self { progress, results, .. } = self;
        progress.aside(|| results.write(bytes))
    }

    fn note(&self, message: std::fmt::Arguments<'_>) {
        self.progress.aside(|| output::note(message));
    }
}

//! Scans files or a repository and reports what is in them.

mod summary;

pub(super) use summary::Summary;

use super::accept::baseline::Entry;
use super::accept::{Acceptance, Accepted, BaselineError, Draft, Fingerprint};
use super::archive::Limits;
use super::examine::{Examined, Examiner, Scanned};
use super::git::Part;
use super::locate::Located;
use super::origin::Origin;
use super::read::Skip;
use super::render::{Render, renderer};
use super::{ScanArgs, git, parallel, walk};
use crate::error::CliError;
use crate::outcome::Outcome;
use crate::output::{self, Results, escaped};
use crate::progress::Progress;
use mofa_sdk::scan::{FindingKind, TextScanner};
use std::collections::HashSet;
use std::path::{Path, PathBuf};

/// How many stale entries of a baseline are named.
const STALE_NAMED: usize = 10;

pub(super) fn run(
    args: &ScanArgs,
    scanner: &TextScanner,
    inputs: &[PathBuf],
) -> Result<Outcome, CliError> {
    let acceptance = Acceptance::new(args)?;
    let limit = args.max_file_size;
    let limits =
        Limits { depth: args.archive_depth.into(), total: args.max_archive_size, entry: limit };
    let examiner = Examiner {
        scanner,
        acceptance: &acceptance,
        archives: args.archives.then_some(limits),
        limit,
        with_values: args.show_values,
    };
    let mut reporter = Reporter::new(args, &acceptance, inputs);
    reporter.begin()?;
    if args.git.is_some() {
        git::run(args, &examiner, |examined| reporter.take(examined))?;
        return reporter.end();
    }
    let left_out = walk::LeftOut::default();
    let files = walk::files(inputs, args.no_ignore, &left_out);
    let work = |walked: walk::Walked| examiner.file(walked);
    parallel::in_order(files, args.jobs(), work, |examined| reporter.take(examined))?;
    reporter.summary.left_out = left_out.ignored.get();
    reporter.summary.irregular = left_out.irregular.get();
    reporter.end()
}

/// A secret shorter than this may be a password that somebody thought of, in bytes.
const LEAST_KEY: usize = 16;

struct Reporter<'a> {
    args: &'a ScanArgs,
    acceptance: &'a Acceptance,
    progress: Progress,
    results: Results,
    render: Box<dyn Render>,
    summary: Summary,
    /// The inputs as they were named, sorted.
    named: &'a [PathBuf],
    /// What goes into a new baseline.
    draft: Option<Draft>,
    /// The entries of the baseline that were found again.
    found_again: HashSet<Fingerprint>,
    /// The paths in the baseline that were looked at.
    looked_at: HashSet<String>,
}

impl<'a> Reporter<'a> {
    fn new(args: &'a ScanArgs, acceptance: &'a Acceptance, named: &'a [PathBuf]) -> Self {
        Self {
            args,
            acceptance,
            progress: Progress::of_files(args.quiet),
            results: Results::new(),
            render: renderer(args.format, args.git.is_some()),
            summary: Summary::default(),
            named,
            draft: acceptance.target.is_some().then(Draft::default),
            found_again: HashSet::new(),
            looked_at: HashSet::new(),
        }
    }

    fn begin(&mut self) -> Result<(), CliError> {
        let mut head = Vec::new();
        self.render.begin(&mut head);
        self.print(&head)
    }

    fn take(&mut self, examined: Examined) -> Result<(), CliError> {
        self.progress.step();
        self.summary.scanned += examined.clean;
        self.summary.binary += examined.binary;
        examined.listed.into_iter().try_for_each(|scanned| self.take_one(scanned))
    }

    fn take_one(&mut self, scanned: Scanned) -> Result<(), CliError> {
        match scanned {
            Scanned::Findings(origin, findings) => return self.findings(&origin, findings),
            Scanned::Skipped(origin, skip) => {
                let is_named =
                    self.named.binary_search_by(|path| path.as_path().cmp(origin.path()));
                match skip {
                    Skip::Binary => self.summary.binary += 1,
                    Skip::TooLarge => self.summary.too_large += 1,
                }
                // A folder may well have many pictures; whoever names one should know.
                if skip != Skip::Binary || (is_named.is_ok() && !self.args.quiet) {
                    let name = escaped(&origin.name());
                    self.note(format_args!("`{name}` is not scanned: it is {}", skip.as_str()));
                }
            }
            Scanned::Failed(reason) => {
                self.summary.unreadable += 1;
                self.note(format_args!("error: {reason}"));
            }
        }
        Ok(())
    }

    fn findings(&mut self, origin: &Origin, mut findings: Vec<Located>) -> Result<(), CliError> {
        self.summary.scanned += 1;
        if let Some(path) = self.acceptance.baseline().and_then(|known| known.path(origin)) {
            self.looked_at.insert(path.to_owned());
        }
        findings.retain(|located| match located.accepted {
            None => true,
            Some(Accepted::Inline) => {
                self.summary.accepted_inline += 1;
                // It is there, even if it need not be in the baseline any more.
                self.found_again.insert(located.fingerprint);
                false
            }
            Some(Accepted::Baseline) => {
                self.summary.accepted_by_baseline += 1;
                self.found_again.insert(located.fingerprint);
                false
            }
        });
        if findings.is_empty() {
            return Ok(());
        }
        if let Some(draft) = &mut self.draft {
            for located in &findings {
                let finding = &located.finding;
                // A password of people is tried out, a key of machines is not.
                let is_guessable = finding.kind != FindingKind::Secret
                    || finding.bytes.len() < LEAST_KEY
                    || finding.category == "url_credentials";
                draft.add(Entry::new(origin, &finding.rule, located.fingerprint), is_guessable);
            }
        }
        self.summary.with_findings += 1;
        self.summary.findings += findings.len();
        let mut rendered = Vec::new();
        self.render.file(&mut rendered, origin, &findings);
        self.print(&rendered)
    }

    fn end(mut self) -> Result<Outcome, CliError> {
        let stale = self.stale();
        self.summary.stale = stale.len();
        let mut tail = Vec::new();
        self.render.end(&mut tail, &self.summary);
        self.print(&tail)?;
        self.progress.aside(|| self.results.flush())?;
        if !self.args.quiet {
            self.progress.aside(|| self.summary.say(&stale));
            if let Some(left_out) = self.render.left_out() {
                self.note(format_args!("{left_out}"));
            }
        }
        match (&self.draft, &self.acceptance.target) {
            (Some(draft), Some(path)) => self.write(draft, path),
            _ => Ok(self.summary.outcome()),
        }
    }

    fn write(&self, draft: &Draft, path: &Path) -> Result<Outcome, CliError> {
        let written = draft.write(path, self.acceptance.key());
        written.map_err(|source| match source {
            BaselineError::File(source) => CliError::Write { path: path.to_owned(), source },
            source => CliError::Baseline { path: path.to_owned(), source },
        })?;
        if self.args.quiet {
            return Ok(self.written_outcome());
        }
        let name = escaped(&path.display().to_string());
        self.note(format_args!("{} findings are accepted in `{name}`", draft.len()));
        if draft.guessable() > 0 {
            self.note(format_args!(
                "warning: {} of them may have values that can be tried out by whoever has the file: \
                 see docs/secrets.md",
                draft.guessable()
            ));
        }
        Ok(self.written_outcome())
    }

    fn written_outcome(&self) -> Outcome {
        if self.summary.is_complete() { Outcome::Success } else { Outcome::Failure }
    }

    /// The entries of the baseline that stand for nothing any more, as far as this run can tell:
    /// their file was looked at, or is gone. With `--only`, and where not everything of a history
    /// was read, nothing can be told.
    fn stale(&self) -> Vec<String> {
        let Some(baseline) = self.acceptance.baseline().filter(|_| self.args.only.is_empty())
        else {
            return Vec::new();
        };
        let is_git = self.args.git.is_some();
        if is_git && !(Part::is_all(self.args) && self.summary.is_complete()) {
            return Vec::new();
        }
        // What is in an archive is not looked at while archives are not opened.
        let is_gone = |path: &str| match path.split_once('!') {
            Some(_) if is_git => self.args.archives,
            Some((archive, _)) => !Path::new(path).exists() && !Path::new(archive).exists(),
            None => is_git || !Path::new(path).exists(),
        };
        let is_stale = |entry: &&Entry| {
            !self.found_again.contains(&entry.fingerprint)
                && (self.looked_at.contains(&entry.path) || is_gone(&entry.path))
        };
        let stale = baseline.entries().into_iter().filter(is_stale);
        stale.map(|entry| escaped(&format!("{}: {}", entry.path, entry.rule))).collect()
    }

    fn print(&mut self, bytes: &[u8]) -> Result<(), CliError> {
        if self.args.quiet || self.draft.is_some() || bytes.is_empty() {
            return Ok(());
        }
        let Self { progress, results, .. } = self;
        progress.aside(|| results.write(bytes))
    }

    fn note(&self, message: std::fmt::Arguments<'_>) {
        self.progress.aside(|| output::note(message));
    }
}

//! `--git`: scans what commits brought in, or what is staged.
//!
//! # Invariants
//! Each blob is looked at once, whole, so that keys of many lines and archives are found too; with a
//! baseline, which accepts what is in a file and not in its copies, once under each of its paths. A
//! finding that an earlier version of the file had already is not repeated, so each stands at the
//! commit that brought it in. Commits come oldest first. Memory grows with the number of blobs (their
//! ids are kept, with a baseline their paths too) and with nothing else: at most one blob a thread is in memory, with the version
//! before it where that one has findings.
//!
//! # Failure
//! A repository that git does not read, or a git that ends early, is an error; a blob that is missing
//! or too large is said and counted.

mod blobs;
mod history;
mod range;
mod reader;
mod tagged;

pub(super) use range::{parse_range, parse_since};

use super::examine::{Examined, Examiner, Scanned};
use super::locate::Located;
use super::origin::{Commit, Origin};
use super::read::Skip;
use super::{ScanArgs, parallel};
use crate::error::CliError;
use crate::git::{Git, GitError, path_of};
use crate::output::escaped;
use blobs::{Blob, Blobs};
use history::Change;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// What of a repository is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part<'a> {
    /// What is staged.
    Staged,
    /// What these commits brought in; without names, all that a reference reaches.
    Commits { range: Option<&'a str>, since: Option<&'a str> },
}

impl<'a> Part<'a> {
    fn of(args: &'a ScanArgs) -> Self {
        if args.staged {
            return Self::Staged;
        }
        Self::Commits { range: args.range.as_deref(), since: args.since.as_deref() }
    }

    /// Whether it is everything that there is.
    pub(super) fn is_all(args: &'a ScanArgs) -> bool {
        Self::of(args) == Self::Commits { range: None, since: None }
    }
}

/// Scans the repository that `args` name, and hands on what became of each blob, in order.
pub(super) fn run(
    args: &ScanArgs,
    examiner: &Examiner<'_>,
    mut hand_on: impl FnMut(Examined) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let folder = args.repository()?;
    check_folder(folder)?;
    let git = Git::new(folder);
    git.answer("rev-parse", &["--git-dir"])?;
    let part = Part::of(args);
    // What is accepted is accepted in one file: a copy of it is a file of its own.
    let by_path = examiner.acceptance.is_by_path();
    let mut changes = history::changes(&git, part, by_path)?;
    let blobs = Blobs::new(&git);
    let work = |change: Change| look(examiner, &blobs, change);
    parallel::in_order(changes.by_ref(), args.jobs(), work, &mut hand_on)?;
    changes.finish()?;
    if part == (Part::Commits { range: None, since: None }) {
        let tagged = tagged::blobs(&git, changes.seen())?;
        parallel::in_order(tagged.into_iter(), args.jobs(), work, hand_on)?;
    }
    Ok(())
}

/// Git says of a folder that is not there what nobody understands.
fn check_folder(folder: Option<&Path>) -> Result<(), CliError> {
    match folder.map(|folder| (folder, std::fs::metadata(folder))) {
        Some((path, Err(source))) => Err(CliError::Read { path: path.to_owned(), source }),
        _ => Ok(()),
    }
}

fn look(examiner: &Examiner<'_>, blobs: &Blobs<'_>, change: Change) -> Examined {
    let mut examined = Examined::default();
    let name = escaped(&String::from_utf8_lossy(&change.path));
    if let Err(error) = try_look(examiner, blobs, change, &mut examined) {
        examined.listed.push(Scanned::Failed(format!("`{name}`: {error}")));
    }
    examined
}

fn try_look(
    examiner: &Examiner<'_>,
    blobs: &Blobs<'_>,
    change: Change,
    examined: &mut Examined,
) -> Result<(), GitError> {
    let origin = Origin::file(path_of(change.path));
    match blobs.read(&change.blob, examiner.limit)? {
        Blob::Bytes(bytes) => examiner.bytes(origin.clone(), bytes, examined),
        Blob::TooLarge => examined.listed.push(Scanned::Skipped(origin, Skip::TooLarge)),
        Blob::Missing => {
            let name = escaped(&origin.name());
            let message = format!("`{name}`: blob {} is not in the repository", change.blob);
            examined.listed.push(Scanned::Failed(message));
        }
    }
    if !examined.has_findings() {
        return Ok(());
    }
    for before in &change.before {
        if let Blob::Bytes(bytes) = blobs.read(before, examiner.limit)? {
            let mut earlier = Examined::default();
            examiner.bytes(Origin::file(examined.path()), bytes, &mut earlier);
            examined.without(&earlier);
        }
    }
    if let (Some(id), true) = (change.commit, examined.has_findings()) {
        let date = blobs.author_date(&id)?;
        examined.came_with(&Arc::new(Commit { id: id.to_string(), date }));
    }
    Ok(())
}

impl Examined {
    fn findings(&mut self) -> impl Iterator<Item = (&mut Origin, &mut Vec<Located>)> {
        self.listed.iter_mut().filter_map(|scanned| match scanned {
            Scanned::Findings(origin, found) => Some((origin, found)),
            Scanned::Skipped(..) | Scanned::Failed(_) => None,
        })
    }

    fn has_findings(&self) -> bool {
        let has =
            |scanned: &Scanned| matches!(scanned, Scanned::Findings(_, found) if !found.is_empty());
        self.listed.iter().any(has)
    }

    /// The file that it all comes from.
    fn path(&self) -> std::path::PathBuf {
        let path = self.listed.iter().find_map(|scanned| match scanned {
            Scanned::Findings(origin, _) => Some(origin.path().to_owned()),
            Scanned::Skipped(..) | Scanned::Failed(_) => None,
        });
        path.unwrap_or_default()
    }

    /// Takes off what `earlier` has, as often as it has it.
    fn without(&mut self, earlier: &Self) {
        let mut known = HashMap::new();
        for scanned in &earlier.listed {
            if let Scanned::Findings(_, found) = scanned {
                for located in found {
                    *known.entry(located.fingerprint).or_insert(0_usize) += 1;
                }
            }
        }
        for (_, found) in self.findings() {
            found.retain(|located| match known.get_mut(&located.fingerprint) {
                Some(left) if *left > 0 => {
                    *left -= 1;
                    false
                }
                _ => true,
            });
        }
    }

    fn came_with(&mut self, commit: &Arc<Commit>) {
        for (origin, _) in self.findings() {
            *origin = origin.clone().at(Arc::clone(commit));
        }
    }
}

//! Lists the files that the inputs mean, in a fixed order.
//!
//! # Invariants
//! What ignore files leave out is counted where it is left out: a folder counts as one, whatever
//! is in it, and is not entered. So is what is neither a file nor a folder: links, pipes, devices.

use super::read::is_stdin;
use crate::output;
use ignore::{DirEntry, WalkBuilder};
use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};

/// A file, or why one could not be reached.
pub(super) type Walked = Result<PathBuf, ignore::Error>;

/// The name of a folder that is never searched.
const GIT: &str = ".git";

/// What is in the folders and not listed.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// How many files and folders ignore files left out.
    pub(super) ignored: Cell<usize>,
    /// How many are neither files nor folders.
    pub(super) irregular: Cell<usize>,
}

/// The files of `inputs`: named ones as they are, folders by name. Once all are listed, `left_out`
/// is complete.
pub(super) fn files<'a>(
    inputs: &'a [PathBuf],
    no_ignore: bool,
    left_out: &'a LeftOut,
) -> impl Iterator<Item = Walked> + 'a {
    inputs.iter().flat_map(move |input| {
        let is_folder = !is_stdin(input) && input.is_dir();
        let named = (!is_folder).then(|| Ok(input.clone()));
        let found = is_folder.then(|| folder(input, no_ignore, left_out)).into_iter().flatten();
        named.into_iter().chain(found)
    })
}

/// Says that something was left out, if it was.
pub(super) fn say_left_out(ignored: usize, irregular: usize) {
    if ignored > 0 {
        output::note(format_args!(
            "{ignored} files and folders left out by ignore files; --no-ignore scans them"
        ));
    }
    if irregular > 0 {
        output::note(format_args!("{irregular} links, pipes and devices left out"));
    }
}

fn folder<'a>(
    path: &Path,
    no_ignore: bool,
    left_out: &'a LeftOut,
) -> impl Iterator<Item = Walked> + 'a {
    let mut builder = WalkBuilder::new(path);
    builder
        .standard_filters(!no_ignore)
        // Secrets stand in `.env` more often than anywhere else.
        .hidden(false)
        .require_git(false)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(|entry| entry.file_name() != GIT);
    builder.build().filter_map(move |entry| match entry {
        Ok(entry) => {
            count_left_out(&entry, &left_out.ignored);
            if is_irregular(&entry) {
                left_out.irregular.set(left_out.irregular.get() + 1);
            }
            is_file(&entry).then(|| Ok(without_dot(entry.into_path())))
        }
        Err(error) => Some(Err(error)),
    })
}

/// Adds what is in `entry` if that is a folder, and takes `entry` itself off again: what is never
/// listed stays.
fn count_left_out(entry: &DirEntry, left_out: &Cell<usize>) {
    let within = entry
        .file_type()
        .filter(fs::FileType::is_dir)
        .and_then(|_| fs::read_dir(entry.path()).ok())
        .map_or(0, |entries| entries.flatten().filter(|entry| entry.file_name() != GIT).count());
    let itself = usize::from(entry.depth() > 0);
    left_out.set((left_out.get() + within).saturating_sub(itself));
}

/// `./a` as `a`: the folder that is scanned goes without saying.
fn without_dot(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

/// A folder that is named may be a link to one: it is entered.
fn is_irregular(entry: &DirEntry) -> bool {
    entry.depth() > 0 && entry.file_type().is_some_and(|kind| !kind.is_file() && !kind.is_dir())
}

fn is_file(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
}

//! Lists the files that the inputs mean, in a fixed order.

use super::read::is_stdin;
use ignore::{DirEntry, WalkBuilder};
use std::path::{Path, PathBuf};

/// A file, or why one could not be reached.
pub(super) type Walked = Result<PathBuf, ignore::Error>;

/// The files of `inputs`: named ones as they are, folders by name.
pub(super) fn files(inputs: &[PathBuf], no_ignore: bool) -> impl Iterator<Item = Walked> {
    inputs.iter().flat_map(move |input| {
        let is_folder = !is_stdin(input) && input.is_dir();
        let named = (!is_folder).then(|| Ok(input.clone()));
        let found = is_folder.then(|| folder(input, no_ignore)).into_iter().flatten();
        named.into_iter().chain(found)
    })
}

fn folder(path: &Path, no_ignore: bool) -> impl Iterator<Item = Walked> {
    let mut builder = WalkBuilder::new(path);
    builder
        .standard_filters(!no_ignore)
        // Secrets stand in `.env` more often than anywhere else.
        .hidden(false)
        .require_git(false)
        .sort_by_file_name(Ord::cmp)
        .filter_entry(|entry| entry.file_name() != ".git");
    builder.build().filter_map(|entry| match entry {
        Ok(entry) => is_file(&entry).then(|| Ok(without_dot(entry.into_path()))),
        Err(error) => Some(Err(error)),
    })
}

/// `./a` as `a`: the folder that is scanned goes without saying.
fn without_dot(path: PathBuf) -> PathBuf {
    path.strip_prefix(".").map(Path::to_owned).unwrap_or(path)
}

fn is_file(entry: &DirEntry) -> bool {
    entry.file_type().is_some_and(|kind| kind.is_file())
}

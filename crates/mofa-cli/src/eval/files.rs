//! Lists the labelled files that the arguments mean, and names them.

use super::outline::FileError;
use ignore::WalkBuilder;
use std::path::{Path, PathBuf};

/// How a labelled file in a folder ends.
const ENDINGS: [&str; 2] = [".jsonl", ".jsonl.gz"];

/// The files of `inputs`: named ones as they are, folders by name.
pub(super) fn list(inputs: &[PathBuf]) -> Vec<Result<PathBuf, (PathBuf, FileError)>> {
    let mut all = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            all.push(Ok(input.clone()));
            continue;
        }
        let mut found = folder(input).peekable();
        if found.peek().is_none() {
            all.push(Err((input.clone(), FileError::NoFile)));
        }
        all.extend(found.map(|file| file.map_err(|error| (input.clone(), error.into()))));
    }
    all
}

fn folder(path: &Path) -> impl Iterator<Item = Result<PathBuf, ignore::Error>> {
    let mut builder = WalkBuilder::new(path);
    builder.standard_filters(false).sort_by_file_name(Ord::cmp);
    builder.build().filter_map(|entry| match entry {
        Ok(entry) => {
            let is_file = entry.file_type().is_some_and(|kind| kind.is_file());
            let name = entry.file_name().to_string_lossy();
            let is_labelled = ENDINGS.iter().any(|ending| name.ends_with(ending));
            (is_file && is_labelled).then(|| Ok(entry.into_path()))
        }
        Err(error) => Some(Err(error)),
    })
}

/// The folder and the name of a file without its endings, so that results of two runs can be
/// compared wherever they ran.
pub(super) fn name(path: &Path) -> String {
    let full = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let file = full.file_name().unwrap_or_default().to_string_lossy();
    let file = file.strip_suffix(".gz").unwrap_or(&file);
    let file = file.strip_suffix(".jsonl").unwrap_or(file);
    match full.parent().and_then(Path::file_name) {
        Some(folder) => format!("{}/{file}", folder.to_string_lossy()),
        None => file.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_searched_for_labelled_files() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        std::fs::create_dir_all(path("in/sub")).unwrap();
        std::fs::create_dir_all(path("none")).unwrap();
        for name in ["in/b.jsonl", "in/a.jsonl.gz", "in/README.md", "in/sub/c.jsonl", "x.txt"] {
            std::fs::write(path(name), "").unwrap();
        }
        let listed = list(&[path("x.txt"), path("in"), path("none")]);
        let found: Vec<_> = listed.iter().flatten().cloned().collect();
        let expected = ["x.txt", "in/a.jsonl.gz", "in/b.jsonl", "in/sub/c.jsonl"].map(path);
        assert_eq!(found, expected);
        let failed: Vec<_> = listed.into_iter().filter_map(Result::err).collect();
        assert!(matches!(failed.as_slice(), [(none, FileError::NoFile)] if *none == path("none")));
        assert_eq!(name(&path("in/a.jsonl.gz")), "in/a");
        assert_eq!(name(&path("in/sub/../b.jsonl")), "in/b");
        assert_eq!(name(Path::new("no/such/file.txt")), "such/file.txt");
    }
}

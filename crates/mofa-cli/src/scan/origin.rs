//! Says where a text comes from: [`Origin`]. Everything that reads texts makes one, everything that
//! prints findings shows it.
//!
//! # Invariants
//! A name within an archive is only ever shown: no path is made of it.

use super::read::is_stdin;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The longest name within an archive that is shown, in characters.
const MAX_MEMBER: usize = 1024;

/// Where a text comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Origin {
    path: PathBuf,
    members: Vec<String>,
    commit: Option<Arc<Commit>>,
}

/// The commit that brought something in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Commit {
    /// Its id, in hexadecimal digits.
    pub(super) id: String,
    /// When it was written, as its author's clock had it: `2026-11-22T21:14:15+01:00`.
    pub(super) date: String,
}

impl Commit {
    /// As much of the id as people use.
    pub(super) fn short(&self) -> &str {
        self.id.get(..12).unwrap_or(&self.id)
    }
}

impl Origin {
    /// The file at `path`.
    pub(super) const fn file(path: PathBuf) -> Self {
        Self { path, members: Vec::new(), commit: None }
    }

    /// The same, as `commit` has it.
    pub(super) fn at(mut self, commit: Arc<Commit>) -> Self {
        self.commit = Some(commit);
        self
    }

    /// What is called `name` within this, which is an archive.
    pub(super) fn member(&self, name: &[u8]) -> Self {
        let name = String::from_utf8_lossy(name);
        let mut shown: String = name.chars().take(MAX_MEMBER).collect();
        if shown.len() < name.len() {
            shown.push('…');
        }
        let mut member = self.clone();
        member.members.push(shown);
        member
    }

    /// The file, or the archive that the rest is in.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The names within archives, from the outermost to the innermost, parted by `!`.
    pub(super) fn member_name(&self) -> Option<String> {
        (!self.members.is_empty()).then(|| self.members.join("!"))
    }

    /// The commit, if it comes from one.
    pub(super) fn commit(&self) -> Option<&Commit> {
        self.commit.as_deref()
    }

    /// The path as results name it: `archive.zip!inner/path`.
    pub(super) fn name(&self) -> String {
        let path = shown(&self.path).to_string_lossy();
        self.members.iter().fold(path.into_owned(), |name, member| name + "!" + member)
    }

    /// What two texts of one name have in common, without a `./` that goes without saying.
    pub(super) fn key(&self) -> Vec<u8> {
        let path = self.path.strip_prefix(".").unwrap_or(&self.path);
        let mut key = path.as_os_str().as_encoded_bytes().to_vec();
        for member in &self.members {
            key.push(b'!');
            key.extend_from_slice(member.as_bytes());
        }
        key
    }
}

/// The path as results name it.
pub(super) fn shown(path: &Path) -> &Path {
    if is_stdin(path) { Path::new("<stdin>") } else { path }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_within_archives_stand_behind_the_archive() {
        let file = Origin::file(PathBuf::from("./a.zip"));
        let inner = file.member(b"../b.tar").member(b"c\xff");
        assert_eq!(inner.name(), "./a.zip!../b.tar!c\u{fffd}");
        assert_eq!(inner.member_name().as_deref(), Some("../b.tar!c\u{fffd}"));
        assert_eq!(file.key(), b"a.zip");
        assert_eq!((inner.path(), file.member_name()), (Path::new("./a.zip"), None));
        let long = file.member(&[b'x'; 5000]);
        assert_eq!(long.member_name().map(|name| name.chars().count()), Some(MAX_MEMBER + 1));
    }
}

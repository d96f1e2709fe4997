//! Lists what commits changed, or what is staged: [`Changes`].
//!
//! Commits come from `git rev-list`, oldest first, and go to `git diff-tree`, which says what each
//! changed; of a merge, what no parent has.

use super::Part;
use super::reader::{ObjectId, Record, Records};
use crate::git::{Git, GitError, Running};
use std::collections::HashSet;
use std::io::BufReader;
use std::process::{ChildStdout, Stdio};

/// A blob that is new under a path.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) path: Vec<u8>,
    pub(super) blob: ObjectId,
    /// What was there before.
    pub(super) before: Vec<ObjectId>,
    /// The commit that brought it in; none for what is staged.
    pub(super) commit: Option<ObjectId>,
}

/// The id of a blob, and its path.
type Place = (Box<[u8]>, Box<[u8]>);

/// What is listed already.
pub(super) struct Seen {
    blobs: HashSet<Box<[u8]>>,
    /// The blobs with their paths, where a blob is another one under another path.
    places: Option<HashSet<Place>>,
}

impl Seen {
    pub(super) fn new(by_path: bool) -> Self {
        Self { blobs: HashSet::new(), places: by_path.then(HashSet::new) }
    }

    /// One that tells blobs as `self` does, with nothing in it.
    pub(super) fn emptied(&self) -> Self {
        Self::new(self.places.is_some())
    }

    /// Adds `blob` under `path`, if it has one; whether it was not listed yet.
    pub(super) fn insert(&mut self, blob: &ObjectId, path: Option<&[u8]>) -> bool {
        let is_new = self.blobs.insert(blob.bytes());
        match (&mut self.places, path) {
            (Some(places), Some(path)) => places.insert((blob.bytes(), path.into())),
            _ => is_new,
        }
    }

    pub(super) fn contains(&self, blob: &ObjectId, path: Option<&[u8]>) -> bool {
        match (&self.places, path) {
            (Some(places), Some(path)) => places.contains(&(blob.bytes(), path.into())),
            _ => self.blobs.contains(&blob.bytes()),
        }
    }
}

/// The changes, each blob once, or once under each of its paths.
pub(super) struct Changes {
    records: Option<Records<BufReader<ChildStdout>>>,
    /// What writes them, and what that reads from.
    children: Vec<Running>,
    commit: Option<ObjectId>,
    seen: Seen,
    failure: Option<GitError>,
}

const RAW: &[&str] = &["--raw", "-z", "-r", "--no-renames", "--no-abbrev", "--no-ext-diff"];

/// What `part` of a repository changed; `by_path` says that one blob under two paths is two.
pub(super) fn changes(git: &Git, part: Part<'_>, by_path: bool) -> Result<Changes, GitError> {
    let children = match part {
        Part::Staged => staged(git),
        Part::Commits { range, since } => commits(git, range, since),
    };
    Changes::new(children?, Seen::new(by_path))
}

fn staged(git: &Git) -> Result<Vec<Running>, GitError> {
    // Before the first commit there is nothing to compare with but a tree with nothing in it.
    let head = git.answer("rev-parse", &["--quiet", "--verify", "HEAD^{commit}"]);
    let tree = match head {
        Err(GitError::Ended { .. }) => git.answer("hash-object", &["-t", "tree", "--stdin"])?,
        head => head?,
    };
    let tree = id(&tree).ok_or(GitError::Answer { command: "rev-parse" })?;
    let args = [RAW, &["--cached", tree.as_str(), "--"]].concat();
    let index = git.start("diff-index", &args, Stdio::null())?;
    Ok(vec![index])
}

fn commits(git: &Git, range: Option<&str>, since: Option<&str>) -> Result<Vec<Running>, GitError> {
    let since = since.map(|since| format!("--since={since}"));
    let mut args = vec!["--topo-order", "--reverse"];
    args.extend(since.as_deref());
    args.extend(range.is_none().then_some("--all"));
    args.push("--end-of-options");
    args.extend(range);
    args.push("--");
    let mut list = git.start("rev-list", &args, Stdio::null())?;
    let ids = list.output().map_or_else(Stdio::null, Stdio::from);
    let args = [RAW, &["--stdin", "--root", "-c", "--no-textconv"]].concat();
    let diffs = git.start("diff-tree", &args, ids)?;
    Ok(vec![diffs, list])
}

pub(super) fn id(answer: &[u8]) -> Option<ObjectId> {
    std::str::from_utf8(answer).ok().and_then(ObjectId::new)
}

impl Changes {
    /// Reads what the first of `children` prints.
    fn new(mut children: Vec<Running>, seen: Seen) -> Result<Self, GitError> {
        let output = children.first_mut().and_then(Running::output);
        let output = output.ok_or(GitError::Answer { command: "diff-tree" })?;
        let records = Some(Records::new(BufReader::with_capacity(1 << 16, output)));
        Ok(Self { records, children, commit: None, seen, failure: None })
    }

    /// Makes sure that everything was listed.
    ///
    /// # Errors
    /// The first failure. What git says of its own end tells more than that it came too early.
    pub(super) fn finish(&mut self) -> Result<(), GitError> {
        // Nobody waits for what nobody reads.
        self.records = None;
        let mut ended = Ok(());
        // What lists commits comes last, and fails first.
        while let Some(child) = self.children.pop() {
            let by_itself = |error: &GitError| matches!(error, GitError::Ended { status, .. } if status.code().is_some());
            match child.finish() {
                Err(error) if ended.is_ok() && (self.failure.is_none() || by_itself(&error)) => {
                    ended = Err(error);
                }
                _ => {}
            }
        }
        ended.and_then(|()| self.failure.take().map_or(Ok(()), Err))
    }

    pub(super) fn seen(&self) -> &Seen {
        &self.seen
    }
}

impl Iterator for Changes {
    type Item = Change;

    fn next(&mut self) -> Option<Change> {
        loop {
            match self.records.as_mut()?.next() {
                Ok(None) => return None,
                Ok(Some(Record::Commit(id))) => self.commit = Some(id),
                Ok(Some(Record::File { path, blob: Some(blob), before })) => {
                    if self.seen.insert(&blob, Some(&path)) {
                        let commit = self.commit.clone();
                        return Some(Change { path, blob, before, commit });
                    }
                }
                Ok(Some(Record::File { blob: None, .. })) => {}
                Err(source) => {
                    let child = self.children.first();
                    self.failure = child.map(|child| child.failed(source));
                    return None;
                }
            }
        }
    }
}

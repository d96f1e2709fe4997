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

/// The ids of the blobs that are listed already.
pub(super) type Seen = HashSet<Box<[u8]>>;

/// The changes, each blob once.
pub(super) struct Changes {
    records: Option<Records<BufReader<ChildStdout>>>,
    /// What writes them, and what that reads from.
    children: Vec<Running>,
    commit: Option<ObjectId>,
    seen: Seen,
    failure: Option<GitError>,
}

const RAW: &[&str] = &["--raw", "-z", "-r", "--no-renames", "--no-abbrev", "--no-ext-diff"];

/// What `part` of a repository changed.
pub(super) fn changes(git: &Git, part: Part<'_>) -> Result<Changes, GitError> {
    match part {
        Part::Staged => staged(git),
        Part::Commits { range, since } => commits(git, range, since),
    }
}

fn staged(git: &Git) -> Result<Changes, GitError> {
    // Before the first commit there is nothing to compare with but a tree with nothing in it.
    let head = git.answer("rev-parse", &["--quiet", "--verify", "HEAD^{commit}"]);
    let tree = match head {
        Err(GitError::Ended { .. }) => git.answer("hash-object", &["-t", "tree", "--stdin"])?,
        head => head?,
    };
    let tree = id(&tree).ok_or(GitError::Answer { command: "rev-parse" })?;
    let args = [RAW, &["--cached", tree.as_str(), "--"]].concat();
    let index = git.start("diff-index", &args, Stdio::null())?;
    Changes::new(vec![index])
}

fn commits(git: &Git, range: Option<&str>, since: Option<&str>) -> Result<Changes, GitError> {
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
    Changes::new(vec![diffs, list])
}

pub(super) fn id(answer: &[u8]) -> Option<ObjectId> {
    std::str::from_utf8(answer).ok().and_then(ObjectId::new)
}

impl Changes {
    /// Reads what the first of `children` prints.
    fn new(mut children: Vec<Running>) -> Result<Self, GitError> {
        let output = children.first_mut().and_then(Running::output);
        let output = output.ok_or(GitError::Answer { command: "diff-tree" })?;
        let records = Some(Records::new(BufReader::with_capacity(1 << 16, output)));
        Ok(Self { records, children, commit: None, seen: Seen::new(), failure: None })
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
                    if self.seen.insert(blob.bytes()) {
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

//! Lists blobs that a reference reaches without a commit: tags may name blobs and trees.

use super::history::{Change, Seen, id};
use super::reader::ObjectId;
use crate::git::{Git, GitError};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

/// How many references to something else than commits are followed; more are an error.
const MAX_TOPS: usize = 1000;

/// How many blobs such references may bring; more are an error.
const MAX_BLOBS: usize = 1_000_000;

/// The longest record that is read, in bytes.
const MAX_RECORD: u64 = 1 << 20;

/// The blobs that are not in `seen`.
pub(super) fn blobs(git: &Git, seen: &Seen) -> Result<Vec<Change>, GitError> {
    let mut found = Found { seen, listed: seen.emptied(), changes: Vec::new(), named: 0 };
    for top in tops(git)? {
        let tag = format!("{}^{{}}", top.as_str());
        let args = ["--verify", "--quiet", "--end-of-options", tag.as_str()];
        let Some(top) = id(&git.answer("rev-parse", &args)?) else { continue };
        match git.answer("cat-file", &["-t", top.as_str()])?.as_slice() {
            // It has no path; its id is a name for it.
            b"blob" => found.add(top, None),
            b"tree" => {
                let args = ["-r", "-z", "--full-tree", top.as_str()];
                each_record(git, "ls-tree", &args, 0, |entry| found.add_entry(entry))?;
            }
            _ => {}
        }
    }
    if found.named > MAX_BLOBS {
        return Err(GitError::TooMany { what: "blobs without a commit", most: MAX_BLOBS });
    }
    let mut changes = found.changes;
    changes.sort_by(|a, b| (&a.path, a.blob.as_str()).cmp(&(&b.path, b.blob.as_str())));
    Ok(changes)
}

/// What references name besides commits.
fn tops(git: &Git) -> Result<HashSet<ObjectId>, GitError> {
    let mut tops = HashSet::new();
    let format = "--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname)";
    each_record(git, "for-each-ref", &[format], b'\n', |line| {
        // Of a tag, what it stands for.
        let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
        let (kind, name) = match words.as_slice() {
            [b"tag", _, kind, name] | [kind, name, ..] => (*kind, *name),
            _ => return,
        };
        if kind != b"commit" && tops.len() <= MAX_TOPS {
            tops.extend(id(name));
        }
    })?;
    if tops.len() > MAX_TOPS {
        return Err(GitError::TooMany { what: "references to trees and blobs", most: MAX_TOPS });
    }
    Ok(tops)
}

/// Blobs, each once.
struct Found<'a> {
    seen: &'a Seen,
    listed: Seen,
    changes: Vec<Change>,
    named: usize,
}

impl Found<'_> {
    fn add(&mut self, blob: ObjectId, path: Option<&[u8]>) {
        self.named += 1;
        let is_new = !self.seen.contains(&blob, path);
        if self.named <= MAX_BLOBS && is_new && self.listed.insert(&blob, path) {
            let path = path.unwrap_or(blob.as_str().as_bytes()).to_vec();
            self.changes.push(Change { path, blob, before: Vec::new(), commit: None });
        }
    }

    /// Adds what a tree lists as `MODE TYPE ID\tPATH`.
    fn add_entry(&mut self, entry: &[u8]) {
        let Some(tab) = entry.iter().position(|byte| *byte == b'\t') else { return };
        let (about, path) = entry.split_at(tab);
        let mut words = about.split(|byte| *byte == b' ').skip(1);
        if let (Some(b"blob"), Some(blob)) = (words.next(), words.next().and_then(id)) {
            self.add(blob, Some(path.strip_prefix(b"\t").unwrap_or(path)));
        }
    }
}

/// Gives each record that a command prints to `take`.
fn each_record(
    git: &Git,
    command: &'static str,
    args: &[&str],
    end: u8,
    mut take: impl FnMut(&[u8]),
) -> Result<(), GitError> {
    let mut child = git.start(command, args, Stdio::null())?;
    let Some(output) = child.output() else { return child.finish() };
    let mut output = BufReader::new(output);
    let mut record = Vec::new();
    loop {
        record.clear();
        let read = output.by_ref().take(MAX_RECORD).read_until(end, &mut record);
        match read {
            Ok(0) => break,
            Ok(_) => take(record.strip_suffix(&[end]).unwrap_or(&record)),
            Err(source) => return Err(child.failed(source)),
        }
    }
    drop(output);
    child.finish()
}

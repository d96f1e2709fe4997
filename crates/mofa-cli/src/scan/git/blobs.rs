//! Reads blobs and commits from `git cat-file --batch`, one child a thread: [`Blobs`].
//!
//! # Invariants
//! At most one child for each thread that reads at once. A blob over the limit is not read: its
//! child is ended instead, and another one started for the next.

use super::reader::ObjectId;
use crate::git::{Git, GitError, Running, write_line};
use std::io::{self, BufRead, BufReader, Read};
use std::process::{ChildStdin, ChildStdout, Stdio};
use std::sync::{Mutex, PoisonError};

const COMMAND: &str = "cat-file";

/// The longest line that git answers with: an id, a type and a size.
const MAX_HEADER: u64 = 256;

/// The largest commit that is read, in bytes; its author stands at the beginning.
const MAX_COMMIT: u64 = 1 << 20;

/// The objects of a repository.
pub(super) struct Blobs<'a> {
    git: &'a Git,
    idle: Mutex<Vec<Reader>>,
}

/// An object.
pub(super) enum Blob {
    Bytes(Vec<u8>),
    TooLarge,
    /// It is not there, as in a partial clone, or is no blob.
    Missing,
}

struct Reader {
    child: Running,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl<'a> Blobs<'a> {
    pub(super) const fn new(git: &'a Git) -> Self {
        Self { git, idle: Mutex::new(Vec::new()) }
    }

    /// The blob `id`, of at most `limit` bytes.
    pub(super) fn read(&self, id: &ObjectId, limit: u64) -> Result<Blob, GitError> {
        self.object(id, "blob", limit)
    }

    /// When the author of the commit `id` wrote it: `2026-11-22T21:14:15+01:00`, or nothing if the
    /// commit says none.
    pub(super) fn author_date(&self, id: &ObjectId) -> Result<String, GitError> {
        Ok(match self.object(id, "commit", MAX_COMMIT)? {
            Blob::Bytes(commit) => author_date(&commit).unwrap_or_default(),
            Blob::TooLarge | Blob::Missing => String::new(),
        })
    }

    fn object(&self, id: &ObjectId, kind: &str, limit: u64) -> Result<Blob, GitError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Reader::start(self.git)?,
        };
        match reader.object(id, kind, limit) {
            Ok(Blob::TooLarge) => Ok(Blob::TooLarge),
            Ok(blob) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(reader);
                Ok(blob)
            }
            Err(error) => {
                // What git says of its end tells more than that the end came.
                let failed = reader.child.failed(error);
                drop(reader.input);
                reader.child.finish().and(Err(failed))
            }
        }
    }
}

impl Reader {
    fn start(git: &Git) -> Result<Self, GitError> {
        let mut child = git.start(COMMAND, &["--batch"], Stdio::piped())?;
        match (child.input(), child.output()) {
            (Some(input), Some(output)) => {
                Ok(Self { child, input, output: BufReader::with_capacity(1 << 16, output) })
            }
            _ => Err(GitError::Answer { command: COMMAND }),
        }
    }

    fn object(&mut self, id: &ObjectId, kind: &str, limit: u64) -> io::Result<Blob> {
        write_line(&mut self.input, id.as_str())?;
        let mut header = Vec::new();
        self.output.by_ref().take(MAX_HEADER).read_until(b'\n', &mut header)?;
        let header = String::from_utf8_lossy(&header);
        let mut words = header.split_whitespace();
        let (_, found, size) = (words.next(), words.next(), words.next());
        if matches!(found, Some("missing" | "ambiguous")) {
            return Ok(Blob::Missing);
        }
        let size: Option<u64> = size.and_then(|size| size.parse().ok());
        let size = size.ok_or_else(|| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        if size > limit {
            return Ok(Blob::TooLarge);
        }
        let mut bytes = Vec::new();
        // A line end follows.
        self.output.by_ref().take(size + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 != size + 1 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.pop();
        Ok(if found == Some(kind) { Blob::Bytes(bytes) } else { Blob::Missing })
    }
}

/// The date in the line `author NAME <MAIL> SECONDS ZONE` of a commit, whose names may hold anything.
fn author_date(commit: &[u8]) -> Option<String> {
    let mut lines = commit.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    let author = lines.find_map(|line| line.strip_prefix(b"author "))?;
    let at = author.iter().rposition(|byte| *byte == b'>')?;
    let text = std::str::from_utf8(author.get(at + 1..)?).ok()?;
    let mut words = text.split_whitespace();
    let seconds: i64 = words.next()?.parse().ok()?;
    let zone: i64 = words.next()?.parse().ok()?;
    let offset = (zone / 100) * 60 + zone % 100;
    if offset.abs() >= 24 * 60 {
        return None;
    }
    let (date, time) = civil(seconds.checked_add(offset * 60)?)?;
    let sign = if offset < 0 { '-' } else { '+' };
    let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
    Some(format!("{date}T{time}{sign}{hours:02}:{minutes:02}"))
}

/// Day and time of day of `seconds` since 1970, for the years 1 to 9999. The days are counted from
/// 1 March of the year 0, after which a leap day comes last.
fn civil(seconds: i64) -> Option<(String, String)> {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let days = days.checked_add(719_468)?;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    if !(1..=9999).contains(&year) {
        return None;
    }
    let time = format!("{:02}:{:02}:{:02}", rest / 3600, rest % 3600 / 60, rest % 60);
    Some((format!("{year:04}-{month:02}-{day:02}"), time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(author: &str, expected: Option<&str>) {
        let commit =
            format!("tree x\nauthor {author}\ncommitter c <c> 1 +0000\n\nauthor z <z> 1 +0000\n");
        assert_eq!(author_date(commit.as_bytes()).as_deref(), expected, "{author}");
    }

    #[test]
    fn the_date_of_the_author_is_read() {
        check("A <a@b.io> 0 +0000", Some("1970-01-01T00:00:00+00:00"));
        check("A <a@b.io> 951782400 +0000", Some("2000-02-29T00:00:00+00:00"));
        check("A > 5 +0000 <a@b.io> 1795382055 +0530", Some("2026-11-23T02:44:15+05:30"));
        check("A <a@b.io> 1795382055 -0130", Some("2026-11-22T19:44:15-01:30"));
        check("A <a@b.io> -1 +0000", Some("1969-12-31T23:59:59+00:00"));
        check("A <a@b.io> 9223372036854775807 +0100", None);
        check("A <a@b.io> 1 +9900", None);
        check("A <a@b.io>", None);
        check("A", None);
        assert_eq!(author_date(b""), None);
        assert_eq!(author_date(b"tree x\n\nauthor z <z> 1 +0000\n"), None);
    }
}

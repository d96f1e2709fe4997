//! Finds where a log ends well, and puts away what a crash left behind it.
//!
//! Called whenever a log is opened. A crash of the machine can leave the end of the last batch
//! half-written: a line without an end, zeros, or lines that are no records. Nobody was told that
//! those are stored, and still they are kept, beside the log.
//!
//! # Failure
//! What no crash explains is left as it is: a file that is no log, or more damage at the end than
//! one batch.

use crate::audit::error::{AuditLogError, ReadError};
use crate::audit::file::{create_private, io_error, sync_folder_of};
use crate::audit::frame::{LINE_START, MAX_LINE};
use crate::audit::queue::MAX_QUEUE;
use crate::audit::reader::parse;
use std::fs::{File, remove_file};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How far back the last record is looked for: first where it almost always is, then as far as
/// one batch can reach.
const WINDOWS: [u64; 2] = [1 << 16, (MAX_QUEUE + MAX_LINE) as u64];

/// How many torn ends may lie beside a log.
const MAX_TORN_ENDS: u32 = 10_000;

/// The end of a log that could not be read and was put away.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TornEnd {
    /// Where it is now.
    pub path: PathBuf,
    /// How many bytes it has.
    pub bytes: u64,
}

/// A log that ends with a record.
#[derive(Debug)]
pub(super) struct Recovered {
    pub(super) len: u64,
    pub(super) next_seq: u64,
    pub(super) torn: Option<TornEnd>,
}

/// Makes the log `file` at `path` end with a record.
///
/// # Errors
/// [`AuditLogError`] if it is no log, is damaged, or what is torn cannot be put away.
pub(super) fn recover(file: &mut File, path: &Path) -> Result<Recovered, AuditLogError> {
    let len = file.metadata().map_err(|source| io_error("read", path, source))?.len();
    let (end, next_seq) = find_end(file, path, len)?;
    if end == len {
        return Ok(Recovered { len, next_seq, torn: None });
    }
    let torn = put_away(file, path, end)?;
    tracing::warn!(log = %path.display(), torn = %torn.path.display(), bytes = torn.bytes,
        "the end of the audit log was torn and has been put away");
    Ok(Recovered { len: end, next_seq, torn: Some(torn) })
}

/// Where the last record ends, and the number of the next.
fn find_end(file: &mut File, path: &Path, len: u64) -> Result<(u64, u64), AuditLogError> {
    let read = |source| io_error("read", path, source);
    if len == 0 {
        return Ok((0, 0));
    }
    for window in WINDOWS {
        let start = len.saturating_sub(window);
        let tail = read_from(file, start).map_err(read)?;
        match last_record(&tail, start == 0) {
            Last::Ends { at, seq } => return Ok((start + at as u64, seq.saturating_add(1))),
            Last::OtherVersion => return Err(AuditLogError::NotALog { path: path.to_owned() }),
            Last::NotHere if start == 0 => {
                let could_be = tail.iter().zip(LINE_START).all(|(found, start)| found == start);
                let is_blank = tail.iter().all(|byte| *byte == 0);
                if could_be || is_blank {
                    return Ok((0, 0));
                }
                return Err(AuditLogError::NotALog { path: path.to_owned() });
            }
            Last::NotHere => {}
        }
    }
    let offset = len.saturating_sub(MAX_QUEUE as u64);
    Err(AuditLogError::Damaged { path: path.to_owned(), offset })
}

fn read_from(file: &mut File, start: u64) -> io::Result<Vec<u8>> {
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.read_to_end(&mut tail)?;
    Ok(tail)
}

enum Last {
    Ends { at: usize, seq: u64 },
    OtherVersion,
    NotHere,
}

/// The last line of `tail` that is a record. The first line counts only if the file begins with it.
fn last_record(tail: &[u8], is_whole: bool) -> Last {
    let line_break = |bytes: &[u8]| bytes.iter().rposition(|byte| *byte == b'\n');
    let mut rest = tail;
    while let Some(at) = line_break(rest) {
        let before = rest.get(..at).unwrap_or_default();
        let start = match line_break(before) {
            Some(previous) => previous + 1,
            None if is_whole => 0,
            None => break,
        };
        let line = before.get(start..).unwrap_or_default();
        match (line.len() < MAX_LINE).then(|| parse(line, 0)) {
            Some(Ok(record)) => return Last::Ends { at: at + 1, seq: record.seq },
            Some(Err(ReadError::Version { .. })) => return Last::OtherVersion,
            _ => rest = before.get(..start).unwrap_or_default(),
        }
    }
    Last::NotHere
}

/// Moves what comes after `end` to a file of its own, durably, before it is cut off.
fn put_away(file: &mut File, path: &Path, end: u64) -> Result<TornEnd, AuditLogError> {
    let (side_path, mut side) = create_side(path)?;
    let copied = copy_from(file, end, &mut side).inspect_err(|_| {
        // Half a copy helps nobody; the original is still there.
        let _ = remove_file(&side_path);
    });
    let bytes = copied.map_err(|source| io_error("write", &side_path, source))?;
    sync_folder_of(path)?;
    let cut = file.set_len(end).and_then(|()| file.sync_all());
    cut.map_err(|source| io_error("cut back", path, source))?;
    Ok(TornEnd { path: side_path, bytes })
}

fn copy_from(file: &mut File, start: u64, side: &mut File) -> io::Result<u64> {
    file.seek(SeekFrom::Start(start))?;
    let bytes = io::copy(file, side)?;
    side.sync_all()?;
    Ok(bytes)
}

fn create_side(path: &Path) -> Result<(PathBuf, File), AuditLogError> {
    let mut last = (path.to_owned(), io::Error::from(ErrorKind::AlreadyExists));
    for number in 1..=MAX_TORN_ENDS {
        let mut name = path.as_os_str().to_owned();
        name.push(format!(".torn-{number}"));
        let side = PathBuf::from(name);
        match create_private(&side) {
            Ok(file) => return Ok((side, file)),
            Err(source) if source.kind() == ErrorKind::AlreadyExists => last = (side, source),
            Err(source) => return Err(io_error("create", &side, source)),
        }
    }
    Err(io_error("create", &last.0, last.1))
}

#[cfg(test)]
mod tests;

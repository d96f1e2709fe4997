//! Reads a log back, line by line and in bounded memory.
//!
//! Called by whoever looks into the log: the command line, tests, exports. Reading takes no lock,
//! so the last line may still be on its way: [`ReadError::Torn`].

use crate::audit::error::ReadError;
use crate::audit::frame::{MAX_LINE, VERSION};
use crate::audit::record::AuditRecord;
use serde::Deserialize;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// The records of the log at `path`, in its order. A line that cannot be read is an error of its
/// own; the lines after it follow.
///
/// # Errors
/// [`ReadError::Io`] if the file cannot be opened.
pub fn read_records(path: impl AsRef<Path>) -> Result<Records, ReadError> {
    let path = path.as_ref().to_owned();
    match File::open(&path) {
        Ok(file) => Ok(Records {
            path,
            reader: BufReader::with_capacity(1 << 16, file),
            line: 0,
            buffer: Vec::new(),
            is_done: false,
        }),
        Err(source) => Err(ReadError::Io { path, source }),
    }
}

/// The records of a log; made by [`read_records`].
#[derive(Debug)]
pub struct Records {
    path: PathBuf,
    reader: BufReader<File>,
    /// The number of the line in `buffer`.
    line: u64,
    buffer: Vec<u8>,
    is_done: bool,
}

impl Iterator for Records {
    type Item = Result<AuditRecord, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_done {
            return None;
        }
        let record = match self.read_line() {
            Ok(Line::Whole) => parse(&self.buffer, self.line),
            Ok(Line::TooLong) => Err(ReadError::TooLong { line: self.line, limit: MAX_LINE }),
            Ok(Line::Torn) => {
                self.is_done = true;
                Err(ReadError::Torn { line: self.line })
            }
            Ok(Line::End) => {
                self.is_done = true;
                return None;
            }
            Err(source) => {
                self.is_done = true;
                Err(ReadError::Io { path: self.path.clone(), source })
            }
        };
        Some(record)
    }
}

enum Line {
    Whole,
    TooLong,
    Torn,
    End,
}

impl Records {
    fn read_line(&mut self) -> io::Result<Line> {
        self.buffer.clear();
        let limit = MAX_LINE as u64;
        let read = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.buffer)?;
        if read == 0 {
            return Ok(Line::End);
        }
        self.line += 1;
        if self.buffer.ends_with(b"\n") {
            return Ok(Line::Whole);
        }
        if read < MAX_LINE {
            return Ok(Line::Torn);
        }
        self.buffer.clear();
        match self.reader.skip_until(b'\n')? {
            0 => Ok(Line::Torn),
            _ => Ok(Line::TooLong),
        }
    }
}

#[derive(Deserialize)]
struct Head {
    v: u64,
}

/// The record in `line`, which is the line `number` of its file.
pub(super) fn parse(line: &[u8], number: u64) -> Result<AuditRecord, ReadError> {
    let failure = match serde_json::from_slice::<AuditRecord>(line) {
        Ok(record) if record.v == VERSION => return Ok(record),
        Ok(record) => return Err(ReadError::Version { line: number, found: record.v }),
        Err(failure) => failure,
    };
    // A record of another version may not even look like one of this.
    match serde_json::from_slice::<Head>(line) {
        Ok(Head { v }) if v != VERSION => Err(ReadError::Version { line: number, found: v }),
        _ => Err(ReadError::Invalid { line: number, source: failure }),
    }
}

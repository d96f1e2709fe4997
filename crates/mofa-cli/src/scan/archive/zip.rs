//! zip: the entries that its central directory lists, each read where that says.
//!
//! # Invariants
//! The directory is read entry by entry: memory does not grow with it, and two entries of one name,
//! one of which most programs hide, are both opened. That is why the iterable reader is used, which
//! its crate may still change. Where each entry lies is kept, for at most as many as an archive may
//! have: what begins as an entry elsewhere is one that the directory does not list, and is said.

use super::Opener;
use super::budget::Stop;
use crate::scan::origin::Origin;
use ::zip::result::ZipError;
use ::zip::unstable::read::ZipIterable;
use ::zip::{CompressionMethod, ZipReadOptions};
use std::io::Cursor;
use std::ops::Range;

/// How the header of an entry begins, and how long it is before its name (APPNOTE 6.3.10, 4.3.7).
const HEADER: &[u8] = b"PK\x03\x04";
const HEADER_LEN: usize = 30;

impl Opener<'_> {
    pub(super) fn zip(&mut self, origin: &Origin, bytes: &[u8], depth: usize) -> Result<(), Stop> {
        let archive = ZipIterable::try_new(Cursor::new(bytes), ::zip::read::Config::default());
        let mut archive = archive.map_err(|error| stop(&error))?;
        let mut input = Cursor::new(bytes);
        let mut listed = Vec::new();
        for entry in archive.files().map_err(|error| stop(&error))? {
            let entry = entry.map_err(|error| stop(&error))?;
            self.budget.count()?;
            listed.extend(place(bytes, entry.header_start(), entry.compressed_size()));
            if entry.is_dir() {
                continue;
            }
            let member = origin.member(entry.name_raw());
            if entry.encrypted() {
                self.damaged(&member, Stop::Encrypted)?;
                continue;
            }
            if !matches!(
                entry.compression(),
                CompressionMethod::Stored | CompressionMethod::Deflated
            ) {
                self.damaged(&member, Stop::Method)?;
                continue;
            }
            match entry.with_reader(&mut input, ZipReadOptions::new()) {
                Ok(entry) => {
                    let expanded = self.budget.metered(entry);
                    self.entry(&member, expanded, depth)?;
                }
                Err(error) => self.damaged(&member, stop(&error))?,
            }
        }
        if has_unlisted(bytes, listed) { Err(Stop::Unlisted) } else { Ok(()) }
    }
}

/// Where the entry lies whose header begins at `start`.
fn place(bytes: &[u8], start: u64, size: u64) -> Option<Range<usize>> {
    let start = usize::try_from(start).ok()?;
    let header = bytes.get(start..)?.get(..HEADER_LEN)?;
    let number = |at: usize| match header.get(at..at + 2) {
        Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
        _ => 0,
    };
    // Of the name and of what is added to the header.
    let before = HEADER_LEN + number(26) + number(28);
    Some(start..start.checked_add(before)?.checked_add(usize::try_from(size).ok()?)?)
}

/// Whether an entry begins outside of those that are `listed`.
fn has_unlisted(bytes: &[u8], mut listed: Vec<Range<usize>>) -> bool {
    listed.sort_by_key(|place| place.start);
    listed.push(bytes.len()..bytes.len());
    let mut at = 0;
    listed.into_iter().any(|place| {
        let between = bytes.get(at..place.start).unwrap_or_default();
        at = at.max(place.end);
        between.windows(HEADER.len()).any(|window| window == HEADER)
    })
}

fn stop(error: &ZipError) -> Stop {
    match error {
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            Stop::Method
        }
        _ => Stop::Damaged,
    }
}

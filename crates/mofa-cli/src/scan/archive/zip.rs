//! zip: the entries that its central directory lists, each read where that says.
//!
//! # Invariants
//! The directory is read entry by entry: memory does not grow with it, and two entries of one name,
//! one of which most programs hide, are both opened. That is why the iterable reader is used, which
//! its crate may still change. Where each entry lies is kept, for at most as many as an archive may
//! have: what begins as an entry elsewhere is one that the directory does not list, and is said. So
//! is an entry whose own header says something else than the directory, and one with another entry
//! in the place of its bytes: programs that read from the front see other entries there.

use super::Opener;
use super::budget::Stop;
use crate::scan::origin::Origin;
use ::zip::result::ZipError;
use ::zip::unstable::read::ZipIterable;
use ::zip::{CompressionMethod, ZipReadOptions};
use flate2::bufread::DeflateDecoder;
use std::io::{self, Cursor, Read};
use std::ops::Range;

/// How the header of an entry begins, and how long it is before its name (APPNOTE 6.3.10, 4.3.7).
const HEADER: &[u8] = b"PK\x03\x04";
const HEADER_LEN: usize = 30;
/// The flag that sizes stand behind the bytes of an entry (4.4.4), and the size that says that it
/// stands in a field of its own (4.4.9), of that number (4.5.3).
const SIZES_FOLLOW: usize = 1 << 3;
const IN_FIELD: u64 = 0xffff_ffff;
const SIZES_FIELD: u64 = 1;

impl Opener<'_> {
    pub(super) fn zip(&mut self, origin: &Origin, bytes: &[u8], depth: usize) -> Result<(), Stop> {
        let archive = ZipIterable::try_new(Cursor::new(bytes), ::zip::read::Config::default());
        let mut archive = archive.map_err(|error| stop(&error))?;
        let mut input = Cursor::new(bytes);
        let mut listed = Vec::new();
        for entry in archive.files().map_err(|error| stop(&error))? {
            let entry = entry.map_err(|error| stop(&error))?;
            self.budget.count()?;
            let place = Place::of(bytes, entry.header_start(), entry.compressed_size());
            listed.extend(place.as_ref().map(|place| place.whole.clone()));
            let member = origin.member(entry.name_raw());
            let said = (entry.compression(), entry.size());
            if place.is_some_and(|place| place.hides(bytes, said, self.budget.entry_size())) {
                self.damaged(&member, Stop::Hiding)?;
            }
            if entry.is_dir() {
                continue;
            }
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

/// Where an entry lies.
struct Place {
    /// Its header, its bytes and what is between.
    whole: Range<usize>,
    /// Its bytes, as they are compressed.
    bytes: Range<usize>,
}

impl Place {
    /// Of the entry whose header begins at `start`, and which has `size` bytes there.
    fn of(bytes: &[u8], start: u64, size: u64) -> Option<Self> {
        let start = usize::try_from(start).ok()?;
        let header = bytes.get(start..)?.get(..HEADER_LEN)?;
        // Of the name and of what is added to the header.
        let before = HEADER_LEN + number(header, 26, 2)? + number(header, 28, 2)?;
        let begin = start.checked_add(before)?;
        let end = begin.checked_add(usize::try_from(size).ok()?)?;
        Some(Self { whole: start..end, bytes: begin..end })
    }

    /// Whether who reads from the front of an archive sees something else here than the directory
    /// lists, which has `said` how the entry is compressed and how large it is. No more than `most`
    /// bytes are expanded.
    fn hides(&self, bytes: &[u8], said: (CompressionMethod, u64), most: u64) -> bool {
        let Some(differs) = self.differs(bytes, said) else { return false };
        let held = bytes.get(self.bytes.clone()).unwrap_or_default();
        let has_entry = |held: &[u8]| held.windows(HEADER.len()).any(|window| window == HEADER);
        if differs || !has_entry(held) {
            return differs;
        }
        match said.0 {
            CompressionMethod::Deflated => {
                let mut decoder = DeflateDecoder::new(held);
                // What is damaged is said when it is read.
                let read = io::copy(&mut decoder.by_ref().take(most), &mut io::sink());
                let end = usize::try_from(decoder.total_in()).unwrap_or(held.len());
                read.is_ok() && has_entry(held.get(end..).unwrap_or_default())
            }
            // An archive is opened; anything else with an entry in it may end before that.
            _ => self.has_sizes_behind(bytes) && !held.starts_with(HEADER),
        }
    }

    /// Whether the header says something else than the directory, which has `said` how the entry is
    /// compressed and how large it is.
    fn differs(&self, bytes: &[u8], said: (CompressionMethod, u64)) -> Option<bool> {
        let header = bytes.get(self.whole.start..self.bytes.start)?;
        let method = u64::try_from(number(header, 8, 2)?).ok()?;
        let size = |at| u64::try_from(number(header, at, 4)?).ok();
        let (mut packed, mut whole) = (size(18)?, size(22)?);
        let added = header.get(HEADER_LEN + number(header, 26, 2)?..).unwrap_or_default();
        let mut large =
            field(added, SIZES_FIELD).into_iter().flat_map(|field| field.chunks_exact(8));
        for size in [&mut whole, &mut packed] {
            if *size == IN_FIELD
                && let Some(in_field) = large.next().and_then(|it| it.try_into().ok())
            {
                *size = u64::from_le_bytes(in_field);
            }
        }
        let listed = u64::try_from(self.bytes.len()).ok()?;
        let differ = packed != listed || whole != said.1;
        let is_open = self.has_sizes_behind(bytes) && packed == 0 && whole == 0;
        let known = match said.0 {
            CompressionMethod::Stored => Some(0),
            CompressionMethod::Deflated => Some(8),
            _ => None,
        };
        Some(differ && !is_open || known.is_some_and(|known| known != method))
    }

    fn has_sizes_behind(&self, bytes: &[u8]) -> bool {
        let flags = bytes.get(self.whole.start..).and_then(|header| number(header, 6, 2));
        flags.is_some_and(|flags| flags & SIZES_FOLLOW != 0)
    }
}

/// The number of `len` bytes at `at`.
fn number(header: &[u8], at: usize, len: usize) -> Option<usize> {
    let digits = header.get(at..at + len)?.iter().rev();
    Some(digits.fold(0, |number, digit| number << 8 | usize::from(*digit)))
}

/// The field number `id` of what is `added` to a header.
fn field(mut added: &[u8], id: u64) -> Option<&[u8]> {
    while let (Some(number_of), Some(len)) = (number(added, 0, 2), number(added, 2, 2)) {
        let field = added.get(4..4 + len)?;
        if number_of as u64 == id {
            return Some(field);
        }
        added = added.get(4 + len..)?;
    }
    None
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

//! zip: the entries that its central directory lists, each read where that says.
//!
//! # Invariants
//! The directory is read entry by entry: memory does not grow with it, and two entries of one name,
//! one of which most programs hide, are both opened. That is why the iterable reader is used, which
//! its crate may still change.

use super::Opener;
use super::budget::Stop;
use crate::scan::origin::Origin;
use ::zip::result::ZipError;
use ::zip::unstable::read::ZipIterable;
use ::zip::{CompressionMethod, ZipReadOptions};
use std::io::Cursor;

impl Opener<'_> {
    pub(super) fn zip(&mut self, origin: &Origin, bytes: &[u8], depth: usize) -> Result<(), Stop> {
        let archive = ZipIterable::try_new(Cursor::new(bytes), ::zip::read::Config::default());
        let mut archive = archive.map_err(|error| stop(&error))?;
        let mut input = Cursor::new(bytes);
        for entry in archive.files().map_err(|error| stop(&error))? {
            let entry = entry.map_err(|error| stop(&error))?;
            self.budget.count()?;
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
        Ok(())
    }
}

fn stop(error: &ZipError) -> Stop {
    match error {
        ZipError::CompressionMethodNotSupported(_) | ZipError::UnsupportedArchive(_) => {
            Stop::Method
        }
        _ => Stop::Damaged,
    }
}

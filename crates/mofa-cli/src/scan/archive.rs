//! Opens archives in memory and hands on what is in them, within limits: [`Opener`]. `examine` is its
//! caller.
//!
//! # Invariants
//! Nothing is written to disk, and no name within an archive is used as a path. Each archive that
//! is a file has one [`Budget`] for everything in it at any depth: how many entries, and how many
//! bytes they may grow to, in all and for each byte of the file. One entry at a time is in memory
//! at each depth. Entries that share a name are all opened.
//!
//! # Failure
//! What is damaged, encrypted, compressed otherwise or past a limit is said, entry by entry; what
//! can be read besides is read.

mod budget;
mod gzip;
mod tar;
mod zip;

pub(super) use budget::Limits;

use super::origin::Origin;
use budget::{Budget, Stop};
use std::io::Read;

/// What sort of archive something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Also what is one by another name: `.jar`, `.docx`, `.xlsx`, `.whl`.
    Zip,
    /// Not compressed.
    Tar,
    /// One compressed thing, often a tar.
    Gzip,
}

/// How long the header of a tar entry is, in bytes.
const TAR_BLOCK: usize = 512;

impl Kind {
    /// What begins with `head`, if that is an archive.
    pub(super) fn of(head: &[u8]) -> Option<Self> {
        match head {
            // A first entry, or the end of one that has none.
            [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Self::Zip),
            // The only method that gzip has is 8, deflate (RFC 1952).
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            _ => tar::is_tar(head).then_some(Self::Tar),
        }
    }
}

/// Takes what is in archives.
pub(super) trait Visitor {
    /// Takes an entry that is no archive, or one that is opened too.
    fn entry(&mut self, origin: Origin, bytes: Vec<u8>);
    /// Takes the news that something cannot be looked at.
    fn unread(&mut self, origin: &Origin, why: &str);
    /// Takes the news that something is larger than a file may be.
    fn too_large(&mut self, origin: Origin);
}

/// Opens one archive that is a file, and what is in it.
pub(super) struct Opener<'a> {
    budget: Budget,
    visitor: &'a mut dyn Visitor,
}

impl<'a> Opener<'a> {
    /// For an archive of `size` bytes.
    pub(super) fn new(limits: &Limits, size: usize, visitor: &'a mut dyn Visitor) -> Self {
        Self { budget: Budget::new(limits, size), visitor }
    }

    /// Opens `bytes`, which is `depth` archives deep; the file itself is the first.
    pub(super) fn open(&mut self, origin: &Origin, kind: Kind, bytes: &[u8], depth: usize) {
        if depth > self.budget.depth() {
            self.visitor.unread(origin, "archives are not opened that deep: see --archive-depth");
            return;
        }
        let opened = match kind {
            Kind::Zip => self.zip(origin, bytes, depth),
            Kind::Tar => self.tar(origin, bytes, depth),
            Kind::Gzip => self.gzip(origin, bytes, depth),
        };
        if let Err(stop) = opened {
            self.visitor.unread(origin, stop.as_str());
        }
    }

    /// Reads one entry and hands it on, or opens it if it is an archive itself; of a damaged one, or
    /// one past a limit, what comes before that.
    fn entry(&mut self, origin: &Origin, input: impl Read, depth: usize) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        let most = self.budget.entry_size();
        let read = input.take(most.saturating_add(1)).read_to_end(&mut bytes);
        // What is opened now may use up what is left, which is not this entry's fault.
        let stop = read.err().map(|_| self.budget.stop());
        if bytes.len() as u64 > most {
            self.visitor.too_large(origin.clone());
        } else if stop.is_none() || !bytes.is_empty() {
            match Kind::of(&bytes) {
                Some(kind) => self.open(origin, kind, &bytes, depth + 1),
                None => self.visitor.entry(origin.clone(), bytes),
            }
        }
        match stop {
            Some(stop) => self.damaged(origin, stop),
            None if self.budget.is_spent() => Err(self.budget.spent()),
            None => Ok(()),
        }
    }

    /// Says that an entry cannot be read; goes on unless there are too many such, or a limit is hit.
    fn damaged(&mut self, origin: &Origin, stop: Stop) -> Result<(), Stop> {
        if stop.is_limit() {
            return Err(stop);
        }
        self.visitor.unread(origin, stop.as_str());
        self.budget.complaint()
    }
}

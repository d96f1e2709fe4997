//! How much an archive may cost: [`Limits`] as they are set, [`Budget`] as it is spent.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

/// How many entries an archive may have, at all depths together.
const MAX_ENTRIES: usize = 100_000;

/// How many bytes each byte of an archive may become. Deflate reaches 1032; text rarely 20.
const MAX_RATIO: u64 = 200;

/// What may always be expanded to, in bytes: small files are compressed best of all.
const FREE: u64 = 16 << 20;

/// After how many unreadable entries an archive is given up.
const MAX_COMPLAINTS: usize = 16;

/// What an archive may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How many archives deep.
    pub(crate) depth: usize,
    /// How many bytes everything in it may be, expanded.
    pub(crate) total: u64,
    /// How many bytes an entry may be, expanded.
    pub(crate) entry: u64,
}

/// Why an archive, or an entry, is not read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    Damaged,
    Encrypted,
    Method,
    Unlisted,
    Hiding,
    Complaints,
    Entries,
    Total,
    Ratio,
}

impl Stop {
    pub(super) const fn is_limit(self) -> bool {
        matches!(self, Self::Complaints | Self::Entries | Self::Total | Self::Ratio)
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Damaged => "it is damaged",
            Self::Encrypted => "it is encrypted",
            Self::Method => "its compression is not known",
            Self::Unlisted => "it has entries that its directory does not list",
            Self::Hiding => "other programs may see another entry there, which is not scanned",
            Self::Complaints => "it has too many entries that cannot be read",
            Self::Entries => "it has more than 100000 entries",
            Self::Total => "it expands to more than --max-archive-size",
            Self::Ratio => "it expands to more than 200 times its size",
        }
    }
}

/// What is left to be spent on one archive.
#[derive(Debug)]
pub(super) struct Budget {
    limits: Limits,
    entries: usize,
    complaints: usize,
    bytes: Rc<Bytes>,
}

#[derive(Debug)]
struct Bytes {
    left: Cell<u64>,
    /// Which limit is hit once none is left.
    limit: Stop,
}

impl Budget {
    pub(super) fn new(limits: &Limits, size: usize) -> Self {
        let by_ratio = (size as u64).saturating_mul(MAX_RATIO).max(FREE);
        let limit = if by_ratio < limits.total { Stop::Ratio } else { Stop::Total };
        let left = Cell::new(by_ratio.min(limits.total));
        Self { limits: *limits, entries: 0, complaints: 0, bytes: Rc::new(Bytes { left, limit }) }
    }

    pub(super) const fn depth(&self) -> usize {
        self.limits.depth
    }

    pub(super) const fn entry_size(&self) -> u64 {
        self.limits.entry
    }

    /// Counts an entry.
    pub(super) fn count(&mut self) -> Result<(), Stop> {
        self.entries += 1;
        if self.entries > MAX_ENTRIES { Err(Stop::Entries) } else { Ok(()) }
    }

    /// Counts an entry that cannot be read.
    pub(super) fn complaint(&mut self) -> Result<(), Stop> {
        self.complaints += 1;
        if self.complaints > MAX_COMPLAINTS { Err(Stop::Complaints) } else { Ok(()) }
    }

    pub(super) fn is_spent(&self) -> bool {
        self.entries > MAX_ENTRIES || self.complaints > MAX_COMPLAINTS || self.bytes.left.get() == 0
    }

    /// What there is none of any more.
    pub(super) fn spent(&self) -> Stop {
        if self.entries > MAX_ENTRIES {
            Stop::Entries
        } else if self.complaints > MAX_COMPLAINTS {
            Stop::Complaints
        } else {
            self.bytes.limit
        }
    }

    /// What a failure to read comes from.
    pub(super) fn stop(&self) -> Stop {
        if self.is_spent() { self.spent() } else { Stop::Damaged }
    }

    /// `input`, each byte of which is paid for.
    pub(super) fn metered<R: Read>(&self, input: R) -> Metered<R> {
        Metered { input, bytes: Rc::clone(&self.bytes) }
    }
}

/// Reads as long as it can be paid for.
pub(super) struct Metered<R> {
    input: R,
    bytes: Rc<Bytes>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        let left = self.bytes.left.get().saturating_sub(read as u64);
        self.bytes.left.set(left);
        if left == 0 && read > 0 { Err(io::Error::other(Spent)) } else { Ok(read) }
    }
}

/// Nothing is left.
#[derive(Debug, thiserror::Error)]
#[error("a limit is reached")]
struct Spent;

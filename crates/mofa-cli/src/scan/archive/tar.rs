//! tar: entry by entry, as they come.
//!
//! # Invariants
//! The entries that only hold a long name are read by us, up to [`MAX_NAME`] bytes: they may claim
//! to be as large as everything else together. Links and devices have nothing in them.

use super::budget::Stop;
use super::{Opener, TAR_BLOCK};
use crate::scan::origin::Origin;
use ::tar::{Archive, EntryType, Header};
use std::io::{self, Read};

/// The longest name, and the longest set of extensions, that is read, in bytes.
const MAX_NAME: u64 = 64 << 10;

/// Where a header has its checksum.
const CHECKSUM: std::ops::Range<usize> = 148..156;

/// Whether `head` begins with the header of an entry: its checksum holds (POSIX.1-2017, pax,
/// ustar Interchange Format; older forms have it too).
pub(super) fn is_tar(head: &[u8]) -> bool {
    let Some(block) = head.get(..TAR_BLOCK) else { return false };
    let Ok(expected) = Header::from_byte_slice(block).cksum() else { return false };
    // A block of NULs has a checksum too, but no name.
    let sum: u32 = block
        .iter()
        .enumerate()
        .map(|(at, byte)| u32::from(if CHECKSUM.contains(&at) { b' ' } else { *byte }))
        .sum();
    block.first() != Some(&0) && sum == expected
}

impl Opener<'_> {
    pub(super) fn tar(
        &mut self,
        origin: &Origin,
        input: impl Read,
        depth: usize,
    ) -> Result<(), Stop> {
        let mut archive = Archive::new(input);
        // What follows the end mark is read too: another tar, or else damage.
        archive.set_ignore_zeros(true);
        let entries = archive.entries().map_err(|_| Stop::Damaged)?;
        let mut long_name = None;
        for entry in entries.raw(true) {
            let mut entry = entry.map_err(|_| self.budget.stop())?;
            self.budget.count()?;
            match entry.header().entry_type() {
                EntryType::GNULongName => {
                    let name = extension(&mut entry).map_err(|_| self.budget.stop())?;
                    long_name = name.split(|byte| *byte == 0).next().map(<[u8]>::to_vec);
                }
                EntryType::XHeader => {
                    let records = extension(&mut entry).map_err(|_| self.budget.stop())?;
                    long_name = pax_path(&records).or(long_name);
                }
                EntryType::GNULongLink | EntryType::XGlobalHeader => {}
                EntryType::Link
                | EntryType::Symlink
                | EntryType::Char
                | EntryType::Block
                | EntryType::Directory
                | EntryType::Fifo => long_name = None,
                // What is of no known type is to be read as a file.
                _ => {
                    let name = long_name.take();
                    let name = name.unwrap_or_else(|| entry.header().path_bytes().into_owned());
                    self.entry(&origin.member(&name), entry, depth)?;
                }
            }
        }
        Ok(())
    }
}

fn extension(entry: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    entry.by_ref().take(MAX_NAME).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The value of `path` in a set of records: `LENGTH KEY=VALUE\n`.
fn pax_path(records: &[u8]) -> Option<Vec<u8>> {
    let mut rest = records;
    let mut path = None;
    while let Some(space) = rest.iter().position(|byte| *byte == b' ') {
        let (digits, _) = rest.split_at_checked(space)?;
        let length: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
        // A record is at least its own length, a space and a line end: it goes forward.
        if length <= space + 1 {
            break;
        }
        let (record, after) = rest.split_at_checked(length)?;
        let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
        if let Some(value) = record.strip_prefix(b"path=") {
            path = Some(value.to_vec());
        }
        rest = after;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pax_records_are_read_or_left() {
        assert_eq!(pax_path(b"11 path=ab\n"), Some(b"ab".to_vec()));
        assert_eq!(pax_path(b"9 uid=12\n12 path=abc\n"), Some(b"abc".to_vec()));
        for wrong in [&b""[..], b"0 path=a\n", b"99 path=a\n", b"x path=a\n", b"9 uid=12\n", b" "] {
            assert_eq!(pax_path(wrong), None, "{wrong:?}");
        }
    }
}

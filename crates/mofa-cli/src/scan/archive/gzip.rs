//! gzip: one thing, compressed, in one or several pieces; a tar in it is read as it expands.

use super::budget::Stop;
use super::{Opener, TAR_BLOCK, tar};
use crate::scan::origin::Origin;
use flate2::read::MultiGzDecoder;
use std::io::{self, Read};

impl Opener<'_> {
    pub(super) fn gzip(&mut self, origin: &Origin, bytes: &[u8], depth: usize) -> Result<(), Stop> {
        let mut expanded = self.budget.metered(MultiGzDecoder::new(bytes));
        let mut head = Vec::new();
        let read = expanded.by_ref().take(TAR_BLOCK as u64).read_to_end(&mut head);
        read.map_err(|_| self.budget.stop())?;
        let is_tar = tar::is_tar(&head);
        let whole = io::Cursor::new(head).chain(expanded);
        // A tar within goes without saying: it is not a depth of its own.
        if is_tar {
            self.tar(origin, whole, depth)
        } else {
            self.entry(&inner(origin), whole, depth)
        }
    }
}

/// What is in `a.txt.gz` is `a.txt`; any other name is the archive's.
fn inner(origin: &Origin) -> Origin {
    let name = origin.member_name();
    let name = name.as_deref().or_else(|| origin.path().file_name()?.to_str()).unwrap_or_default();
    let name = name.rsplit(['/', '!', '\\']).next().unwrap_or_default();
    origin.member(name.strip_suffix(".gz").unwrap_or(name).as_bytes())
}

//! Where in the bitmap of prefixes four bytes are noted, and which tokens are long enough for a
//! literal inside.
//!
//! Shared by the build, which makes the tables, and by the sweep, which asks them.

/// How many words of 64 bits the bitmap has: 8 KiB, which stays in the nearest cache.
pub(crate) const WORDS: usize = 1024;

/// The least bytes of a token that a literal inside gives away.
pub(crate) const LEAST_INSIDE: usize = 33;

/// The word and the bit of four bytes, in little-endian order.
#[inline]
pub(crate) const fn place(key: u32) -> (usize, u64) {
    let hash = key.wrapping_mul(0x9e37_79b1) >> 16;
    ((hash >> 6) as usize, 1 << (hash & 63))
}

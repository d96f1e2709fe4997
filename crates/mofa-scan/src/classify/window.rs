//! Cuts a text into blocks and says which runs of blocks are judged together.
//!
//! Called by [`Classifier`](super::Classifier) and by the training, so that both judge the same
//! parts. A short window shows a sentence in the middle of other text, a long one a theme.
//!
//! # Invariants
//! Every block is in a window of each size, and a window moves on by one block: what is shorter
//! than a window less one block is seen whole in one of them.

use std::ops::Range;

/// The bytes of a block; a feature belongs to the block in which its last byte is.
pub const BLOCK: usize = 128;
/// How many blocks are judged together.
pub const SIZES: [usize; 2] = [2, 8];

/// The block in which a feature that ends at `end` counts.
#[must_use]
pub const fn block_of(end: usize) -> usize {
    end.saturating_sub(1) / BLOCK
}

/// The windows of a text with so many blocks, as ranges of blocks.
pub fn windows(blocks: usize) -> impl Iterator<Item = Range<usize>> {
    SIZES.into_iter().enumerate().flat_map(move |(index, size)| {
        // What is shorter than a window is one: the smaller sizes have shown it already.
        let shown = index > 0 && SIZES.get(index - 1).is_some_and(|smaller| blocks <= *smaller);
        let count = if shown { 0 } else { (blocks.max(1) + 1).saturating_sub(size).max(1) };
        (0..count).map(move |start| start..(start + size).min(blocks))
    })
}

#[cfg(test)]
mod tests {
    use super::windows;

    fn check(blocks: usize, expect: &[(usize, usize)]) {
        let found: Vec<_> = windows(blocks).map(|range| (range.start, range.end)).collect();
        assert_eq!(found, expect, "{blocks}");
    }

    #[test]
    fn short_texts_are_one_window() {
        check(0, &[(0, 0)]);
        check(1, &[(0, 1)]);
        check(2, &[(0, 2)]);
        check(3, &[(0, 2), (1, 3), (0, 3)]);
    }

    #[test]
    fn long_texts_are_read_in_both_sizes() {
        check(9, &[(0, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7), (6, 8), (7, 9), (0, 8), (1, 9)]);
    }
}

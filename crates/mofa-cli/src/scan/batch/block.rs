//! Some lines that are worked on together: [`Block`].

use super::answer::Counts;
use std::fmt;
use std::ops::Range;

/// A buffer larger than this is not kept for the next block, in bytes.
const MAX_KEPT: usize = 1 << 20;

/// Some lines, and the answers to them.
#[derive(Default)]
pub(super) struct Block {
    /// Which block of the run it is, from 0.
    pub(super) number: u64,
    /// The input, if there are several.
    pub(super) path: Option<String>,
    /// The number of the first line in its input, from 1.
    pub(super) first_line: u64,
    /// The lines' bytes; what stands after the last line is of no account.
    pub(super) input: Vec<u8>,
    /// The lines.
    pub(super) lines: Vec<Line>,
    /// The answers, a line each.
    pub(super) output: Vec<u8>,
    /// How many lines were what.
    pub(super) counts: Counts,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// These bytes of the block's input, without the line's end.
    Whole(Range<usize>),
    /// The line was longer than may be.
    TooLong,
}

impl fmt::Debug for Block {
    /// How much there is; what stands in it is somebody's text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("number", &self.number)
            .field("lines", &self.lines.len())
            .field("input", &self.input.len())
            .field("output", &self.output.len())
            .finish_non_exhaustive()
    }
}

impl Block {
    /// Makes it ready for other lines; keeps its buffers.
    pub(super) fn clear(&mut self) {
        self.lines.clear();
        for buffer in [&mut self.input, &mut self.output] {
            buffer.clear();
            if buffer.capacity() > MAX_KEPT {
                buffer.shrink_to(MAX_KEPT);
            }
        }
        self.counts = Counts::default();
        self.path = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sizes_are_printed() {
        let block =
            Block { input: b"secret".to_vec(), output: b"mail".to_vec(), ..Block::default() };
        let printed = format!("{block:?}");
        assert_eq!(printed, "Block { number: 0, lines: 0, input: 6, output: 4, .. }");
    }
}

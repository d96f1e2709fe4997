//! Cuts an input into blocks of whole lines: [`Lines`].
//!
//! # Invariants
//! A block ends with the last line end of what was read, so no line waits for more input than its
//! own. A byte is looked at once; at most [`MAX_LINE`] and [`READ`] bytes are kept.

use super::block::{Block, Line};
use std::io::{self, Read};

/// The longest line, in bytes.
pub(super) const MAX_LINE: usize = 16 << 20;

/// How many bytes are asked for at once.
const READ: usize = 128 << 10;

/// The mark that some programs put before the first line.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An input and what is left of it from the last block.
pub(super) struct Lines<R> {
    input: R,
    /// The beginning of a line whose end is not read yet.
    rest: Vec<u8>,
    /// Whether the line that `rest` belongs to is already too long; its bytes are let go.
    is_too_long: bool,
    /// How many lines were read.
    count: u64,
    is_done: bool,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, rest: Vec::new(), is_too_long: false, count: 0, is_done: false }
    }

    /// Fills `block` with the next lines; whether there were any.
    pub(super) fn fill(&mut self, block: &mut Block) -> io::Result<bool> {
        block.clear();
        block.first_line = self.count + 1;
        std::mem::swap(&mut block.input, &mut self.rest);
        let mut looked_at = block.input.len();
        while !self.is_done && block.lines.is_empty() {
            let read = self.read(&mut block.input)?;
            if read == 0 {
                self.is_done = true;
                self.end(block);
                break;
            }
            self.cut(block, looked_at);
            looked_at = block.input.len();
        }
        self.count += block.lines.len() as u64;
        Ok(!block.lines.is_empty())
    }

    /// Appends what one read gives.
    fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let at = buffer.len();
        buffer.resize(at + READ, 0);
        let read = loop {
            match self.input.read(buffer.get_mut(at..).unwrap_or_default()) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read,
            }
        };
        buffer.truncate(at + read.as_ref().map_or(0, |read| *read));
        read
    }

    /// Finds the lines that end at or after `from`, and keeps what follows the last of them.
    fn cut(&mut self, block: &mut Block, from: usize) {
        let mut begin = 0;
        let mut at = from;
        while let Some(end) = next_line_end(&block.input, at) {
            self.push(block, begin, end);
            begin = end + 1;
            at = begin;
        }
        let rest = block.input.get(begin..).unwrap_or_default();
        if self.is_too_long || rest.len() > MAX_LINE {
            self.is_too_long = true;
            block.input.truncate(begin);
        } else if !block.lines.is_empty() {
            self.rest.extend_from_slice(rest);
            block.input.truncate(begin);
        }
    }

    /// The line from `begin` to `end`; a too long one if its beginning was let go.
    fn push(&mut self, block: &mut Block, begin: usize, end: usize) {
        let is_first = self.count == 0 && block.lines.is_empty();
        if std::mem::take(&mut self.is_too_long) || end - begin > MAX_LINE {
            block.lines.push(Line::TooLong);
            return;
        }
        let line = block.input.get(begin..end).unwrap_or_default();
        let marked = is_first && line.starts_with(BYTE_ORDER_MARK);
        let begin = if marked { begin + BYTE_ORDER_MARK.len() } else { begin };
        let end = if line.ends_with(b"\r") { end - 1 } else { end };
        block.lines.push(Line::Whole(begin..end));
    }

    /// The last line, if it has no end of its own.
    fn end(&mut self, block: &mut Block) {
        if !block.input.is_empty() || self.is_too_long {
            let end = block.input.len();
            self.push(block, 0, end);
        }
    }
}

fn next_line_end(bytes: &[u8], from: usize) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.iter().position(|byte| *byte == b'\n').map(|at| from + at)
}

#[cfg(test)]
mod tests;

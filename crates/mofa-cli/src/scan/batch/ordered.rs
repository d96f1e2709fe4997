//! Puts blocks back into their order and writes their answers: [`Ordered`].
//!
//! # Failure
//! Once writing fails, nothing more is written, and every block is given back at once: whoever
//! waits for one sees that there is nothing more to do.

use super::answer::Counts;
use super::block::Block;
use crate::error::CliError;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where answered blocks go; `write` writes their answers.
#[derive(Debug)]
pub(super) struct Ordered<W> {
    state: Mutex<State>,
    write: W,
}

#[derive(Debug)]
struct State {
    /// The number of the block that is to be written next.
    next: u64,
    /// Blocks that wait for one before them.
    waiting: BTreeMap<u64, Block>,
    counts: Counts,
    failed: Option<CliError>,
}

impl<W: Fn(&[u8]) -> Result<(), CliError>> Ordered<W> {
    pub(super) fn new(write: W) -> Self {
        let (waiting, counts) = (BTreeMap::new(), Counts::default());
        Self { state: Mutex::new(State { next: 0, waiting, counts, failed: None }), write }
    }

    /// Writes `block` and those that waited for it, as soon as all before it are written; gives
    /// back the blocks that nobody waits for.
    pub(super) fn put(&self, block: Block) -> Vec<Block> {
        let mut state = self.lock();
        if state.failed.is_some() {
            return vec![block];
        }
        state.waiting.insert(block.number, block);
        let mut done = Vec::new();
        loop {
            let next = state.next;
            let Some(block) = state.waiting.remove(&next) else { return done };
            let (written, counts) = ((self.write)(&block.output), block.counts);
            done.push(block);
            if let Err(error) = written {
                state.failed = Some(error);
                done.extend(std::mem::take(&mut state.waiting).into_values());
                return done;
            }
            state.next += 1;
            state.counts.add(counts);
        }
    }

    /// Whether nothing more is written.
    pub(super) fn is_closed(&self) -> bool {
        self.lock().failed.is_some()
    }

    /// How many lines were what.
    ///
    /// # Errors
    /// What went wrong when the answers were written.
    pub(super) fn finish(&self) -> Result<Counts, CliError> {
        let mut state = self.lock();
        state.failed.take().map_or(Ok(state.counts), Err)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    const NONE: [u64; 0] = [];

    fn block(number: u64) -> Block {
        Block { number, output: number.to_string().into_bytes(), ..Block::default() }
    }

    fn numbers(blocks: &[Block]) -> Vec<u64> {
        blocks.iter().map(|block| block.number).collect()
    }

    #[test]
    fn answers_are_written_in_order() {
        let seen = Mutex::new(Vec::new());
        let ordered = Ordered::new(|bytes: &[u8]| {
            seen.lock().unwrap().extend_from_slice(bytes);
            Ok(())
        });
        assert_eq!(numbers(&ordered.put(block(2))), NONE);
        assert_eq!(numbers(&ordered.put(block(1))), NONE);
        assert_eq!(numbers(&ordered.put(block(0))), [0, 1, 2]);
        assert!(!ordered.is_closed() && ordered.finish().is_ok());
        assert_eq!(*seen.lock().unwrap(), b"012");
    }

    #[test]
    fn every_block_comes_back_when_writing_fails() {
        let full = |_: &[u8]| Err(CliError::Output(io::ErrorKind::StorageFull.into()));
        let ordered = Ordered::new(full);
        assert_eq!(numbers(&ordered.put(block(1))), NONE);
        assert_eq!(numbers(&ordered.put(block(3))), NONE);
        assert_eq!(numbers(&ordered.put(block(0))), [0, 1, 3]);
        assert!(ordered.is_closed());
        assert_eq!(numbers(&ordered.put(block(2))), [2]);
        assert!(ordered.finish().is_err());
    }
}

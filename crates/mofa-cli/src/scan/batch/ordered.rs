//! Puts blocks back into their order and writes their answers: [`Ordered`].

use super::answer::Counts;
use super::block::Block;
use crate::error::CliError;
use crate::output;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Where answered blocks go.
#[derive(Debug)]
pub(super) struct Ordered(Mutex<State>);

#[derive(Debug)]
struct State {
    /// The number of the block that is to be written next.
    next: u64,
    /// Blocks that wait for one before them.
    waiting: BTreeMap<u64, Block>,
    counts: Counts,
    failed: Option<CliError>,
}

/// Writing failed; there is nothing more to do.
#[derive(Debug)]
pub(super) struct Closed;

impl Ordered {
    pub(super) fn new() -> Self {
        let (waiting, counts) = (BTreeMap::new(), Counts::default());
        Self(Mutex::new(State { next: 0, waiting, counts, failed: None }))
    }

    /// Writes `block` and those that waited for it, as soon as all before it are written; gives
    /// back the blocks that are done.
    pub(super) fn put(&self, block: Block) -> Result<Vec<Block>, Closed> {
        let mut state = self.lock();
        if state.failed.is_some() {
            return Err(Closed);
        }
        state.waiting.insert(block.number, block);
        let mut done = Vec::new();
        loop {
            let next = state.next;
            let Some(block) = state.waiting.remove(&next) else { return Ok(done) };
            if let Err(error) = output::write_now(&block.output) {
                state.failed = Some(error);
                return Err(Closed);
            }
            state.next += 1;
            state.counts.add(block.counts);
            done.push(block);
        }
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
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

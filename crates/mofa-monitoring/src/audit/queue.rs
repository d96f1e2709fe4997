//! Where callers leave records and wait until they are stored.
//!
//! Called by every caller of the log on one side and by whoever holds its pen on the other. All
//! records that arrive while something is written become one batch, which is written and synced at
//! once and has one answer for all who wait for it.
//!
//! # Invariants
//! What waits and what is being written never takes more than the queue's capacity: who comes then
//! waits for room, in the order of coming. A record that was taken in is written, even if its
//! caller no longer waits: who stops waiting calls the writer.
//!
//! # Failure
//! A batch whose writing panics is answered, and so is everybody when the writer dies: the log is
//! closed.

use crate::audit::frame::{LINE_START, MAX_LINE};
use mofa_runtime::security::AuditError;
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::{Notify, Semaphore, TryAcquireError};

/// The most bytes a queue may hold: 64 MiB.
pub(super) const MAX_QUEUE: usize = 1 << 26;

/// The fewest: a record of any size must fit.
pub(super) const MIN_QUEUE: usize = MAX_LINE;

/// What the line of a record has over the record, at most.
const LINE_OVERHEAD: usize = LINE_START.len() + 21;

/// Why a batch is not stored.
#[derive(Debug, Clone)]
pub(super) enum Failure {
    /// The disk refused.
    Disk(Arc<str>),
    /// There is no writer any more.
    Closed,
}

impl From<&Failure> for AuditError {
    fn from(failure: &Failure) -> Self {
        match failure {
            Failure::Disk(reason) => Self::Store { reason: (**reason).to_owned() },
            Failure::Closed => Self::Closed,
        }
    }
}

/// One answer for many who wait.
#[derive(Debug, Default)]
pub(super) struct Answer {
    result: OnceLock<Result<(), Failure>>,
    given: Notify,
}

impl Answer {
    /// Answers; the first answer counts.
    fn give(&self, result: Result<(), Failure>) {
        let _ = self.result.set(result);
        self.given.notify_waiters();
    }

    async fn wait(&self) -> Result<(), AuditError> {
        loop {
            // Made before looking: an answer given in between wakes it.
            let given = self.given.notified();
            if let Some(result) = self.result.get() {
                return result.as_ref().copied().map_err(AuditError::from);
            }
            given.await;
        }
    }
}

/// Records, end to end.
#[derive(Debug, Default)]
pub(super) struct Bodies {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// How much of the queue's capacity they take.
    cost: usize,
}

impl Bodies {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.bytes.get(start..*end))
    }

    fn push(&mut self, body: &[u8], cost: u32) {
        self.bytes.extend_from_slice(body);
        self.ends.push(self.bytes.len());
        self.cost += cost as usize;
    }

    /// Forgets them, and keeps room for about `kept` bytes of the next.
    pub(super) fn shrink_to(&mut self, kept: usize) {
        self.clear();
        self.bytes.shrink_to(kept);
        self.ends.shrink_to(kept / size_of::<usize>());
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.cost = 0;
    }
}

/// The place between callers and writer.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// The writer waits here, and only when `is_idle`.
    work: Condvar,
    /// The capacity that is left, in bytes.
    room: Semaphore,
    /// Given when the writer has gone.
    finished: Answer,
}

#[derive(Debug, Default)]
struct State {
    waiting: Bodies,
    /// The answer to what is waiting.
    next: Arc<Answer>,
    /// Whether the writer is to see to what is waiting.
    is_called: bool,
    is_idle: bool,
    is_closed: bool,
}

/// A record that was left: it is written, by whoever holds it or by the writer.
#[derive(Debug)]
pub(super) struct Ticket<'a> {
    queue: &'a Queue,
    answer: Arc<Answer>,
}

impl Ticket<'_> {
    pub(super) fn is_answered(&self) -> bool {
        self.answer.result.get().is_some()
    }

    /// Waits until the record is stored or refused.
    pub(super) async fn wait(self) -> Result<(), AuditError> {
        self.answer.wait().await
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.is_answered() {
            self.queue.call_writer();
        }
    }
}

/// A batch that somebody writes. Dropped without an answer, as by a panic, it tells its callers
/// that the log is closed.
#[derive(Debug)]
pub(super) struct Pending<'a> {
    queue: &'a Queue,
    answer: Arc<Answer>,
    cost: usize,
}

impl Pending<'_> {
    /// Answers everybody who waits for the batch.
    pub(super) fn answer(self, result: Result<(), Failure>) {
        self.answer.give(result);
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.answer.give(Err(Failure::Closed));
        self.queue.room.add_permits(self.cost);
    }
}

impl Queue {
    /// A queue that holds `capacity` bytes.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            state: Mutex::default(),
            work: Condvar::new(),
            room: Semaphore::new(capacity),
            finished: Answer::default(),
        }
    }

    /// Leaves `body`, as soon as there is room for it. The writer has yet to be called.
    pub(super) async fn leave(&self, body: &[u8]) -> Result<Ticket<'_>, AuditError> {
        let cost = u32::try_from(body.len() + LINE_OVERHEAD).unwrap_or(u32::MAX);
        let room = match self.room.try_acquire_many(cost) {
            Ok(room) => room,
            Err(TryAcquireError::Closed) => return Err(AuditError::Closed),
            Err(TryAcquireError::NoPermits) => {
                self.room.acquire_many(cost).await.map_err(|_| AuditError::Closed)?
            }
        };
        let mut state = self.lock();
        if state.is_closed {
            return Err(AuditError::Closed);
        }
        // Given back with the answer.
        room.forget();
        state.waiting.push(body, cost);
        Ok(Ticket { queue: self, answer: Arc::clone(&state.next) })
    }

    /// Has the writer see to what waits, if anything does.
    pub(super) fn call_writer(&self) {
        let mut state = self.lock();
        if state.waiting.len() == 0 {
            return;
        }
        state.is_called = true;
        let is_idle = mem::take(&mut state.is_idle);
        drop(state);
        if is_idle {
            self.work.notify_one();
        }
    }

    /// Waits until the writer is called; `false` once closed and empty.
    pub(super) fn wait_for_call(&self) -> bool {
        let mut state = self.lock();
        loop {
            if state.waiting.len() > 0 && (state.is_called || state.is_closed) {
                return true;
            }
            if state.is_closed {
                return false;
            }
            state.is_idle = true;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.is_idle = false;
        }
    }

    /// Takes everything that waits, if that is something and at most `max` records. `bodies` is
    /// cleared first.
    pub(super) fn take(&self, max: usize, bodies: &mut Bodies) -> Option<Pending<'_>> {
        bodies.clear();
        let mut state = self.lock();
        if !(1..=max).contains(&state.waiting.len()) {
            return None;
        }
        mem::swap(&mut state.waiting, bodies);
        state.is_called = false;
        Some(Pending { queue: self, answer: mem::take(&mut state.next), cost: bodies.cost })
    }

    /// Takes nothing more in; what is in is still written.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.room.close();
        self.work.notify_one();
    }

    /// Waits until the writer has gone.
    pub(super) async fn finished(&self) {
        let _ = self.finished.wait().await;
    }

    /// The writer goes: whoever still waits is told.
    pub(super) fn writer_gone(&self) {
        self.close();
        let next = mem::take(&mut self.lock().next);
        next.give(Err(Failure::Closed));
        self.finished.give(Ok(()));
    }

    /// Every change of the state is a few moves: a panic in between leaves it whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Where callers leave records and wait until the writer has stored them.
//!
//! Called by every caller of the log on one side and by its one writer on the other. All records
//! that arrive while the writer is busy become one batch, which is written and synced at once and
//! has one answer for all who wait for it.
//!
//! # Invariants
//! What waits and what is being written never takes more than the queue's capacity: who comes then
//! waits for room, in the order of coming. A record that was taken in is written, even if its
//! caller no longer waits.
//!
//! # Failure
//! Should the writer die, everybody is told that the log is closed.

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
    /// The answer to what is being written.
    current: Option<Arc<Answer>>,
    is_idle: bool,
    is_closed: bool,
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

    /// Leaves `body`, and waits until it is stored.
    pub(super) async fn store(&self, body: &[u8]) -> Result<(), AuditError> {
        let cost = u32::try_from(body.len() + LINE_OVERHEAD).unwrap_or(u32::MAX);
        let room = match self.room.try_acquire_many(cost) {
            Ok(room) => room,
            Err(TryAcquireError::Closed) => return Err(AuditError::Closed),
            Err(TryAcquireError::NoPermits) => {
                self.room.acquire_many(cost).await.map_err(|_| AuditError::Closed)?
            }
        };
        let answer = self.push(body, cost)?;
        // The writer gives the room back once the record is stored or refused.
        room.forget();
        answer.wait().await
    }

    /// Takes everything that waits, or waits for something; `None` once closed and empty. `bodies`
    /// is cleared first.
    pub(super) fn take(&self, bodies: &mut Bodies) -> Option<Arc<Answer>> {
        bodies.clear();
        let mut state = self.lock();
        loop {
            if state.waiting.len() > 0 {
                mem::swap(&mut state.waiting, bodies);
                let answer = mem::take(&mut state.next);
                state.current = Some(Arc::clone(&answer));
                return Some(answer);
            }
            if state.is_closed {
                return None;
            }
            state.is_idle = true;
            state = self.work.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.is_idle = false;
        }
    }

    /// Answers all who wait for `bodies`.
    pub(super) fn answer(&self, answer: &Answer, bodies: &Bodies, result: Result<(), Failure>) {
        self.lock().current = None;
        answer.give(result);
        self.room.add_permits(bodies.cost);
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
        let mut state = self.lock();
        let (current, next) = (state.current.take(), mem::take(&mut state.next));
        drop(state);
        for answer in current.iter().chain([&next]) {
            answer.give(Err(Failure::Closed));
        }
        self.finished.give(Ok(()));
    }

    fn push(&self, body: &[u8], cost: u32) -> Result<Arc<Answer>, AuditError> {
        let mut state = self.lock();
        if state.is_closed {
            return Err(AuditError::Closed);
        }
        state.waiting.push(body, cost);
        let answer = Arc::clone(&state.next);
        let is_idle = mem::take(&mut state.is_idle);
        drop(state);
        if is_idle {
            self.work.notify_one();
        }
        Ok(answer)
    }

    /// Every change of the state is a few moves: a panic in between leaves it whole.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

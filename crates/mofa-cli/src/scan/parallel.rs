//! Works on many things at once and hands the results on in the order of the things.
//!
//! # Invariants
//! At most [`AHEAD`] things a thread are under way, so memory is bounded.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How many things a thread may be ahead of what was handed on.
const AHEAD: usize = 64;

/// Works on `things` in `jobs` threads and gives the results to `hand_on` in order.
///
/// # Errors
/// The first error of `hand_on`; nothing more is worked on then.
pub(super) fn in_order<T: Send, R: Send, E>(
    things: impl Iterator<Item = T>,
    jobs: usize,
    work: impl Fn(T) -> R + Sync,
    mut hand_on: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let mut things = things.fuse();
    loop {
        let batch: Vec<T> = things.by_ref().take(jobs.saturating_mul(AHEAD)).collect();
        if batch.is_empty() {
            return Ok(());
        }
        if jobs == 1 || batch.len() == 1 {
            batch.into_iter().map(&work).try_for_each(&mut hand_on)?;
        } else {
            at_once(batch, jobs, &work).into_iter().try_for_each(&mut hand_on)?;
        }
    }
}

/// A thing, and then what became of it.
enum Slot<T, R> {
    Open(T),
    Taken,
    Done(R),
}

fn at_once<T: Send, R: Send>(
    batch: Vec<T>,
    jobs: usize,
    work: &(impl Fn(T) -> R + Sync),
) -> Vec<R> {
    let slots: Vec<_> = batch.into_iter().map(|thing| Mutex::new(Slot::Open(thing))).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
            let taken = std::mem::replace(&mut *lock(slot), Slot::Taken);
            if let Slot::Open(thing) = taken {
                let done = work(thing);
                *lock(slot) = Slot::Done(done);
            }
        }
    };
    thread::scope(|scope| {
        for _ in 1..jobs.min(slots.len()) {
            // This thread works too, so all is done however few others the system gives.
            if thread::Builder::new().spawn_scoped(scope, run).is_err() {
                break;
            }
        }
        run();
    });
    let done =
        |slot: Mutex<Slot<T, R>>| match slot.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Slot::Done(result) => Some(result),
            Slot::Open(_) | Slot::Taken => None,
        };
    slots.into_iter().filter_map(done).collect()
}

fn lock<T>(slot: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    #[test]
    fn results_come_in_the_order_of_the_things() {
        for jobs in [1, 2, 7] {
            let mut seen = Vec::new();
            let keep = |n: u32| -> Result<(), Infallible> {
                seen.push(n);
                Ok(())
            };
            in_order(0..1000, jobs, |n: u32| n * 2, keep).unwrap();
            assert_eq!(seen, (0..1000).map(|n| n * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn an_error_ends_the_work() {
        let worked = AtomicUsize::new(0);
        let work = |n: u32| {
            worked.fetch_add(1, Ordering::Relaxed);
            n
        };
        assert_eq!(in_order(0.., 2, work, Err::<(), u32>), Err(0));
        assert!(worked.into_inner() <= 2 * AHEAD);
    }
}

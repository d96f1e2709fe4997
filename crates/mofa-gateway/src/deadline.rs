//! The time by which something has to be done: [`Deadline`].
//!
//! # Invariants
//! A limit so long that no clock can show its end is none.

use std::time::Duration;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

/// When something has taken too long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// `limit` from now.
    pub(crate) fn after(limit: Duration) -> Self {
        Self(Instant::now().checked_add(limit))
    }

    /// What comes of `work`, if it is done in time.
    pub(crate) async fn bound<W: Future>(self, work: W) -> Result<W::Output, Elapsed> {
        match self.0 {
            Some(at) => timeout_at(at, work).await,
            None => Ok(work.await),
        }
    }
}

//! Decides when a caller that has ended its sending half is to be asked whether it is still there.
//!
//! It may only have nothing more to say. To what is written to somebody who is gone the answer is
//! a reset, and the next write fails.

use crate::peer::Peer;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// How long to wait between two attempts.
pub(super) const PROBE: Duration = Duration::from_secs(1);

/// When to probe next.
#[derive(Debug)]
pub(super) struct Probe {
    peer: Arc<Peer>,
    /// Nothing is to be probed before the caller has ended its sending half.
    next: Option<Instant>,
}

impl Probe {
    pub(super) fn of(peer: Arc<Peer>) -> Self {
        Self { peer, next: None }
    }

    /// Waits until the next probe is due. What was waited is kept if the future is dropped.
    pub(super) async fn is_due(&mut self) {
        match self.next {
            Some(next) => sleep_until(next).await,
            None => self.peer.half_closed().await,
        }
        self.next = Some(Instant::now() + PROBE);
    }
}

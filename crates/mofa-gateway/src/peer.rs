//! The other side of a connection: where it is, and whether it may still send.
//!
//! A peer that ends its sending half may be gone, or may only have nothing more to say (`nc -N`,
//! some proxies): TCP does not tell. So it is answered all the same, and who streams to it probes
//! from time to time whether anybody is there.
//!
//! # Invariants
//! There is one request at a time: HTTP/1.1 has no more.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use tokio_util::sync::CancellationToken;

/// No request is being answered.
const IDLE: u8 = 0;

/// A request is being answered.
const SERVED: u8 = 1;

/// The answer is made; the end of it may not have been written yet.
const ANSWERED: u8 = 2;

/// The other side of a connection.
#[derive(Debug)]
pub(crate) struct Peer {
    address: IpAddr,
    phase: AtomicU8,
    half_closed: CancellationToken,
}

impl Peer {
    /// A peer at `address` that has not said anything.
    pub(crate) fn new(address: IpAddr) -> Arc<Self> {
        let (phase, half_closed) = (AtomicU8::new(IDLE), CancellationToken::new());
        Arc::new(Self { address, phase, half_closed })
    }

    /// Where it is.
    pub(crate) fn address(&self) -> IpAddr {
        self.address
    }

    /// A request has come; it is being answered until the guard is dropped.
    pub(crate) fn serve(self: &Arc<Self>) -> Serving {
        self.phase.store(SERVED, Ordering::Relaxed);
        Serving(Arc::clone(self))
    }

    /// Waits until it has ended its sending half in the middle of a request or its answer.
    pub(crate) async fn half_closed(&self) {
        self.half_closed.cancelled().await;
    }

    /// It has ended its sending half. Whether that is to be kept from the reader for now: it would
    /// take it for the end of the connection.
    pub(crate) fn ends_sending(&self) -> bool {
        let is_served = self.phase.load(Ordering::Relaxed) != IDLE;
        if is_served {
            self.half_closed.cancel();
        }
        is_served
    }

    /// All that there was to write has been written. Whether that was the end of an answer.
    pub(crate) fn is_flushed(&self) -> bool {
        let ended = (ANSWERED, IDLE);
        let (relaxed, phase) = (Ordering::Relaxed, &self.phase);
        phase.compare_exchange(ended.0, ended.1, relaxed, relaxed).is_ok()
    }
}

/// Counts a request as being answered until it is dropped.
#[derive(Debug)]
pub(crate) struct Serving(Arc<Peer>);

impl Serving {
    /// Who is answered.
    pub(crate) fn peer(&self) -> &Arc<Peer> {
        &self.0
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let (relaxed, phase) = (Ordering::Relaxed, &self.0.phase);
        let _ = phase.compare_exchange(SERVED, ANSWERED, relaxed, relaxed);
    }
}

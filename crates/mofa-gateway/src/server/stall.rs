//! Decides when a peer that does not read is given up; every connection writes through it.
//!
//! # Invariants
//! Once nothing could be written for the limit, every further write fails until the peer reads
//! again. A peer that reads, however slowly, is never cut off.
//!
//! # Failure
//! [`io::ErrorKind::TimedOut`] from a write.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// A stream whose writes fail once the other side has taken nothing for a while.
#[derive(Debug)]
pub(super) struct StallLimited<S> {
    stream: S,
    limit: Duration,
    /// Made when the first write has to wait; most connections never need it.
    timer: Option<Pin<Box<Sleep>>>,
    is_stalled: bool,
}

impl<S> StallLimited<S> {
    /// `stream`, on which a write waits for `limit` at most.
    pub(super) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, timer: None, is_stalled: false }
    }

    /// What becomes of a write that `polled` is the state of.
    fn judge(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if polled.is_ready() {
            self.is_stalled = false;
            return polled;
        }
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        if !std::mem::replace(&mut self.is_stalled, true) {
            // A sum that no clock can show means to wait for ever.
            if let Some(end) = Instant::now().checked_add(limit) {
                timer.as_mut().reset(end);
            }
        }
        ready!(timer.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for StallLimited<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

/// Flushing and ending are left alone: a TCP stream does both without waiting for its peer.
impl<S: AsyncWrite + Unpin> AsyncWrite for StallLimited<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.judge(context, polled)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.stream).poll_write_vectored(context, pieces);
        self.judge(context, polled)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::time::advance;

    const LIMIT: Duration = Duration::from_secs(10);
    const NEARLY: Duration = Duration::from_secs(9);

    async fn polled<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
        let mut future = Some(future);
        std::future::poll_fn(|context| {
            Poll::Ready(future.take().map_or(Poll::Pending, |future| future.poll(context)))
        })
        .await
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_may_read_slowly_but_not_stop() {
        let (near, mut far) = duplex(4);
        let mut near = StallLimited::new(near, LIMIT);
        let mut write = pin!(near.write_all(b"0123456789"));
        assert!(polled(write.as_mut()).await.is_pending());
        for _ in 0..2 {
            advance(NEARLY).await;
            assert!(polled(write.as_mut()).await.is_pending());
            far.read_exact(&mut [0; 1]).await.unwrap();
            assert!(polled(write.as_mut()).await.is_pending());
        }
        advance(LIMIT).await;
        let Poll::Ready(Err(error)) = polled(write.as_mut()).await else { panic!("it waits") };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn a_limit_without_end_never_ends() {
        let (near, _far) = duplex(4);
        let mut near = StallLimited::new(near, Duration::MAX);
        let mut write = pin!(near.write_all(b"0123456789"));
        assert!(polled(write.as_mut()).await.is_pending());
        advance(Duration::from_hours(24)).await;
        assert!(polled(write.as_mut()).await.is_pending());
    }
}

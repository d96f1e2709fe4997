//! Decides when a peer that does not read is given up; every connection writes through it.
//!
//! # Invariants
//! While something waits to be written, at least [`LEAST_TAKEN`] bytes of it, or all, are taken in
//! each window of the limit's length; a peer that takes less is cut off. A peer that has nothing to
//! take never is. The limits of an answer bound how long a faster one may take over it.
//!
//! # Failure
//! [`io::ErrorKind::TimedOut`] from a write.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep};

/// How many bytes a peer must take within the limit: 34 a second with the default of 30 seconds.
const LEAST_TAKEN: usize = 1024;

/// A stream whose writes fail once the other side takes next to nothing.
#[derive(Debug)]
pub(super) struct StallLimited<S> {
    stream: S,
    limit: Duration,
    /// Made when the first write has to wait; most connections never need it.
    timer: Option<Pin<Box<Sleep>>>,
    /// How much was taken in this window; `None` while nothing has to wait.
    taken: Option<usize>,
}

impl<S> StallLimited<S> {
    /// `stream`, of which the other side takes something in each window of `limit`.
    pub(super) fn new(stream: S, limit: Duration) -> Self {
        Self { stream, limit, timer: None, taken: None }
    }

    /// What becomes of a write that `polled` is the state of.
    fn judge(
        &mut self,
        context: &mut Context<'_>,
        polled: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(written) = &polled {
            let taken =
                self.taken.map(|taken| taken.saturating_add(*written.as_ref().unwrap_or(&0)));
            self.taken = taken.filter(|taken| *taken < LEAST_TAKEN);
            return polled;
        }
        let limit = self.limit;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(limit)));
        if self.taken.is_none() {
            self.taken = Some(0);
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

/// Flushing and ending are left alone: a TCP stream does both without waiting for its peer. Who
/// flushes has nothing more to write.
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
        self.taken = None;
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

    /// How a write goes on of which the peer takes `taken` bytes shortly before the end of each of
    /// `windows`.
    async fn taking(taken: usize, windows: usize) -> Poll<io::Result<()>> {
        let (near, mut far) = duplex(4);
        let mut near = StallLimited::new(near, LIMIT);
        let much = vec![0; 1 << 20];
        let mut write = pin!(near.write_all(&much));
        assert!(polled(write.as_mut()).await.is_pending());
        for _ in 0..windows {
            advance(NEARLY).await;
            let state = polled(write.as_mut()).await;
            if state.is_ready() {
                return state;
            }
            for _ in 0..taken {
                far.read_exact(&mut [0; 1]).await.unwrap();
                assert!(polled(write.as_mut()).await.is_pending());
            }
        }
        polled(write.as_mut()).await
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_may_read_slowly_but_not_next_to_nothing() {
        assert!(taking(LEAST_TAKEN, 20).await.is_pending());
        for taken in [0, 1, LEAST_TAKEN / 2] {
            assert!(taking(taken, 1).await.is_pending(), "within the first window");
            let Poll::Ready(Err(error)) = taking(taken, 2).await else { panic!("it waits") };
            assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_peer_with_nothing_to_take_is_not_counted() {
        let (near, mut far) = duplex(4);
        let mut near = StallLimited::new(near, LIMIT);
        for _ in 0..3 {
            let mut write = pin!(near.write_all(b"012345"));
            assert!(polled(write.as_mut()).await.is_pending());
            far.read_exact(&mut [0; 4]).await.unwrap();
            assert!(polled(write.as_mut()).await.is_ready());
            far.read_exact(&mut [0; 2]).await.unwrap();
            near.flush().await.unwrap();
            advance(LIMIT * 2).await;
        }
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

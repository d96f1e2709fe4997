//! What hyper reads from and writes to. It does two things that hyper cannot be told to do.
//!
//! A peer that ends its sending half while it is answered gets its answer: the end is kept back
//! until then. And hyper's own refusals, which have no body, are kept back, so that
//! [`connection`](super::connection) can say in ours what is wrong.
//!
//! # Invariants
//! Every byte goes through unchanged, but for such a refusal when it stands alone. No answer of
//! ours looks like one: all have a content type.

use crate::peer::Peer;
use http::StatusCode;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Refusals of hyper are shorter.
const MAX_REFUSAL: usize = 256;

/// A stream to a peer.
#[derive(Debug)]
pub(super) struct PeerStream<S> {
    stream: S,
    peer: Arc<Peer>,
    is_at_end: bool,
    refusal: Option<StatusCode>,
}

impl<S> PeerStream<S> {
    pub(super) fn new(stream: S, peer: Arc<Peer>) -> Self {
        Self { stream, peer, is_at_end: false, refusal: None }
    }

    /// The stream, and the status of the refusal that was kept back.
    pub(super) fn into_parts(self) -> (S, Option<StatusCode>) {
        (self.stream, self.refusal)
    }

    /// Keeps `bytes` back if they are a refusal of hyper's.
    fn keeps_back(&mut self, bytes: &[u8]) -> bool {
        let refusal = refusal(bytes);
        self.refusal = self.refusal.or(refusal);
        refusal.is_some()
    }
}

/// The status of the refusal without a body that `bytes` are.
fn refusal(bytes: &[u8]) -> Option<StatusCode> {
    let text = Some(bytes).filter(|bytes| bytes.len() <= MAX_REFUSAL)?;
    let head = std::str::from_utf8(text).ok()?.strip_suffix("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let (version, status) = lines.next()?.split_once(' ')?;
    let status = StatusCode::from_bytes(status.as_bytes().get(..3)?).ok()?;
    let is_head = version.starts_with("HTTP/1.") && status.is_client_error();
    let mut is_empty = false;
    for line in lines {
        match line.split_once(':')? {
            ("content-length", length) => is_empty = length.trim() == "0",
            ("content-type", _) => return None,
            _ => {}
        }
    }
    (is_head && is_empty).then_some(status)
}

impl<S: AsyncRead + Unpin> AsyncRead for PeerStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.is_at_end {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
            self.is_at_end = buffer.filled().len() == before && buffer.remaining() > 0;
        }
        // Once its answer is written, flushing wakes the reader again.
        if self.is_at_end && self.peer.ends_sending() { Poll::Pending } else { Poll::Ready(Ok(())) }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for PeerStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.keeps_back(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let [only] = pieces
            && self.keeps_back(only)
        {
            return Poll::Ready(Ok(only.len()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        if self.peer.is_flushed() && self.is_at_end {
            context.waker().wake_by_ref();
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.refusal.is_some() {
            // There is something to be said yet.
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_refusals_without_a_body_are_kept_back() {
        let refused = |text: &str| refusal(text.as_bytes()).map(|status| status.as_u16());
        let own =
            "HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\ndate: x\r\n\r\n";
        assert_eq!(refused(own), Some(400));
        assert_eq!(refused(&own.replace("400 Bad Request", "431 Too Large")), Some(431));
        for other in [
            own.replace("400 Bad Request", "200 OK"),
            own.replace("content-length: 0", "content-length: 10"),
            own.replace("content-length: 0\r\n", ""),
            own.replace("date: x", "content-type: application/json"),
            own.replace("\r\n\r\n", "\r\n"),
            format!("{own}more"),
            format!("x{own}"),
            own.replace("date: x", &"x".repeat(MAX_REFUSAL)),
            String::new(),
        ] {
            assert_eq!(refused(&other), None, "{other}");
        }
    }
}

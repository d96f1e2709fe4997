//! What an answer carries: bytes that are there, or pieces that are still to come.
//!
//! # Invariants
//! A request counts as being answered until its answer has been handed over or given up.

use crate::peer::Serving;
use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use mofa_sdk::monitoring::{InFlight, Metrics};
use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;
use tokio::sync::mpsc;

/// The body of an answer.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    content: Content,
    tally: Option<Tally>,
    /// Until the last of it has been handed over, its peer is being served.
    _serving: Option<Serving>,
}

enum Content {
    /// All of it.
    Whole(Bytes),
    /// Pieces, until the sender is dropped.
    Stream(mpsc::Receiver<Bytes>),
}

/// The size only: what an answer says is in no log.
impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} bytes)", bytes.len()),
            Self::Stream(pieces) => write!(f, "Stream({} pieces waiting)", pieces.len()),
        }
    }
}

impl AnswerBody {
    /// All of an answer.
    pub(crate) fn whole(bytes: Bytes) -> Self {
        Self { content: Content::Whole(bytes), tally: None, _serving: None }
    }

    /// An answer whose pieces come one by one.
    pub(crate) fn stream(pieces: mpsc::Receiver<Bytes>) -> Self {
        Self { content: Content::Stream(pieces), tally: None, _serving: None }
    }

    /// Counts the answer when it has been handed over, and ends `serving` with it.
    pub(crate) fn counted(self, tally: Tally, serving: Serving) -> Self {
        Self { tally: Some(tally), _serving: Some(serving), ..self }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let polled = match &mut self.content {
            Content::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Content::Whole(bytes) => Poll::Ready(Some(std::mem::take(bytes))),
            Content::Stream(pieces) => pieces.poll_recv(context),
        };
        // Who has read an answer to its end finds it counted.
        if self.is_end_stream() || matches!(polled, Poll::Ready(None)) {
            self.tally = None;
        }
        polled.map(|piece| piece.map(|piece| Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(&self.content, Content::Whole(bytes) if bytes.is_empty())
    }

    fn size_hint(&self) -> SizeHint {
        match &self.content {
            Content::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Content::Stream(_) => SizeHint::default(),
        }
    }
}

/// Counts one answer when it is dropped, and its request as being answered until then.
#[derive(Debug)]
pub(crate) struct Tally {
    metrics: Arc<Metrics>,
    route: &'static str,
    /// The status, once it is known.
    status: Option<u16>,
    started: Instant,
    /// Counts for as long as it is kept.
    _in_flight: InFlight,
}

impl Tally {
    /// Begins to count a request of `route`.
    pub(crate) fn begin(metrics: &Arc<Metrics>, route: &'static str) -> Self {
        let in_flight = metrics.in_flight_guard();
        let (metrics, started) = (Arc::clone(metrics), Instant::now());
        Self { metrics, route, status: None, started, _in_flight: in_flight }
    }

    /// The request is answered with `status`.
    pub(crate) fn answered(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        // Without a status the caller went away before there was an answer.
        if let Some(status) = self.status {
            self.metrics.observe_http(self.route, status, self.started.elapsed());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_says_is_not_printed() {
        let body = AnswerBody::whole(Bytes::from_static(b"bob@example.com"));
        let printed = format!("{body:?}");
        assert!(printed.contains("15 bytes") && !printed.contains("bob"), "{printed}");
    }
}

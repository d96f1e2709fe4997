//! The body of a scripted answer: pieces, and then an ending.

use super::Ending;
use bytes::Bytes;
use hyper::body::{Body, Frame};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Pieces that are sent one by one.
pub(super) struct ScriptedBody {
    pieces: VecDeque<Bytes>,
    ending: Ending,
    /// Whether the next piece may go: between two pieces the transport gets a turn, so that they
    /// arrive as they are cut.
    is_due: bool,
}

impl ScriptedBody {
    pub(super) fn new(pieces: impl IntoIterator<Item = Bytes>, ending: Ending) -> Self {
        Self { pieces: pieces.into_iter().collect(), ending, is_due: true }
    }
}

impl Body for ScriptedBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if !std::mem::replace(&mut self.is_due, true) {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(piece) = self.pieces.pop_front() {
            self.is_due = false;
            return Poll::Ready(Some(Ok(Frame::data(piece))));
        }
        match self.ending {
            Ending::Complete => Poll::Ready(None),
            Ending::Cut => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
            // The transport notices for itself when the other side is gone.
            Ending::Silence => Poll::Pending,
        }
    }
}

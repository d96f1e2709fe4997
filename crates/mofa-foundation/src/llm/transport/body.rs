//! The body of an answer, piece by piece, each within the idle limit.
//!
//! # Invariants
//! The limit runs only while the reader waits: a slow reader is no slow provider.

use crate::llm::error::{LlmError, Phase};
use bytes::{Bytes, BytesMut};
use hyper::body::{Body as _, Incoming};
use std::future::{Future as _, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep};

/// How much memory a length that was only promised gets at once.
const PROMISED: usize = 64 * 1024;

/// The rest of an answer.
pub(in crate::llm) struct Body {
    incoming: Incoming,
    provider: Arc<str>,
    idle: Duration,
    /// Made at the first wait, and moved on at each later one.
    timer: Option<Pin<Box<Sleep>>>,
    is_waiting: bool,
}

impl Body {
    pub(super) fn new(incoming: Incoming, provider: Arc<str>, idle: Duration) -> Self {
        Self { incoming, provider, idle, timer: None, is_waiting: false }
    }

    /// The next piece; `None` when the body is complete.
    pub(in crate::llm) async fn next_chunk(&mut self) -> Option<Result<Bytes, LlmError>> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    /// As [`Body::next_chunk`], for streams.
    pub(in crate::llm) fn poll_chunk(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, LlmError>>> {
        loop {
            let Poll::Ready(frame) = Pin::new(&mut self.incoming).poll_frame(context) else {
                ready!(self.poll_timer(context));
                return Poll::Ready(Some(Err(LlmError::TimeOut {
                    provider: self.provider.to_string(),
                    phase: Phase::Idle,
                    limit: self.idle,
                })));
            };
            self.is_waiting = false;
            match frame {
                None => return Poll::Ready(None),
                Some(Err(_)) => {
                    let provider = self.provider.to_string();
                    return Poll::Ready(Some(Err(LlmError::Interrupted { provider })));
                }
                Some(Ok(frame)) => {
                    // Trailers say nothing here.
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }

    /// All of the rest, at most `limit` bytes. A body in one piece is not copied.
    pub(in crate::llm) async fn collect(mut self, limit: usize) -> Result<Bytes, LlmError> {
        let promised = usize::try_from(self.incoming.size_hint().lower()).unwrap_or(usize::MAX);
        if promised > limit {
            return Err(self.too_large(limit));
        }
        let Some(first) = self.next_chunk().await.transpose()? else {
            return Ok(Bytes::new());
        };
        if first.len() > limit {
            return Err(self.too_large(limit));
        }
        let Some(mut next) = self.next_chunk().await.transpose()? else {
            return Ok(first);
        };
        let mut all = BytesMut::with_capacity(promised.min(PROMISED).max(first.len()));
        all.extend_from_slice(&first);
        loop {
            if all.len() + next.len() > limit {
                return Err(self.too_large(limit));
            }
            all.extend_from_slice(&next);
            match self.next_chunk().await.transpose()? {
                Some(chunk) => next = chunk,
                None => return Ok(all.freeze()),
            }
        }
    }

    pub(in crate::llm) fn provider(&self) -> &str {
        &self.provider
    }

    fn poll_timer(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let idle = self.idle;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(idle)));
        if !self.is_waiting {
            // A sum that no clock can show means to wait for ever.
            if let Some(end) = Instant::now().checked_add(idle) {
                timer.as_mut().reset(end);
            }
            self.is_waiting = true;
        }
        timer.as_mut().poll(context)
    }

    fn too_large(&self, limit: usize) -> LlmError {
        LlmError::TooLarge { provider: self.provider.to_string(), limit }
    }
}

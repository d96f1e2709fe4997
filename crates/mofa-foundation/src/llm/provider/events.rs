//! A streamed answer: bytes to events to pieces of the answer.
//!
//! # Invariants
//! It holds one piece of the body and one event. The whole answer has a limit.
//!
//! # Failure
//! A body that ends before the format says that the answer is complete is
//! [`LlmError::Interrupted`].

use crate::llm::chat::ChatDelta;
use crate::llm::error::LlmError;
use crate::llm::limits::MAX_ANSWER;
use crate::llm::provider::format::{EventDecoder, Progress};
use crate::llm::sse::{MAX_EVENT, SseError, SseParser};
use crate::llm::transport::{Body, Transport};
use futures_core::Stream;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

pub(super) struct Events<D> {
    body: Body,
    transport: Transport,
    parser: SseParser,
    decoder: D,
    bytes: usize,
}

impl<D: EventDecoder> Events<D> {
    pub(super) fn new(body: Body, transport: Transport) -> Self {
        Self { body, transport, parser: SseParser::default(), decoder: D::default(), bytes: 0 }
    }

    /// The next piece of the answer that is there already.
    fn next_delta(&mut self) -> Result<Option<ChatDelta>, LlmError> {
        while self.decoder.progress() != Progress::Ended {
            let event = match self.parser.next_event() {
                Ok(Some(event)) => event,
                Ok(None) => return Ok(None),
                Err(SseError::TooLong) => return Err(self.too_large(MAX_EVENT)),
                Err(SseError::NotText) => {
                    let provider = self.transport.provider().to_owned();
                    return Err(LlmError::Protocol { provider, problem: "is no UTF-8" });
                }
            };
            let delta = self.decoder.event(&event);
            let delta = delta.map_err(|fault| fault.into_error(&self.transport))?;
            if !delta.is_empty() {
                return Ok(Some(delta));
            }
        }
        Ok(None)
    }

    fn too_large(&self, limit: usize) -> LlmError {
        LlmError::TooLarge { provider: self.transport.provider().to_owned(), limit }
    }
}

impl<D: EventDecoder> Stream for Events<D> {
    type Item = Result<ChatDelta, LlmError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(delta) = this.next_delta().transpose() {
                return Poll::Ready(Some(delta));
            }
            if this.decoder.progress() == Progress::Ended {
                return Poll::Ready(None);
            }
            match ready!(this.body.poll_chunk(context)).transpose() {
                Err(error) => return Poll::Ready(Some(Err(error))),
                Ok(Some(chunk)) => {
                    this.bytes = this.bytes.saturating_add(chunk.len());
                    if this.bytes > MAX_ANSWER {
                        return Poll::Ready(Some(Err(this.too_large(MAX_ANSWER))));
                    }
                    this.parser.push(chunk);
                }
                Ok(None) if this.decoder.progress() == Progress::Complete => {
                    return Poll::Ready(None);
                }
                Ok(None) => {
                    let provider = this.transport.provider().to_owned();
                    return Poll::Ready(Some(Err(LlmError::Interrupted { provider })));
                }
            }
        }
    }
}

//! The role of a language model, and the stream of its answer.
//!
//! Agents hold a [`ChatModel`]; every provider is one.

use crate::llm::chat::{
    ChatDelta, ChatMessage, ChatRequest, ChatResponse, ChatRole, ChatToolCall, FinishReason,
    ToolCallDelta, Usage,
};
use crate::llm::error::LlmError;
use crate::llm::limits::MAX_ANSWER;
use async_trait::async_trait;
use futures_core::Stream;
use mofa_runtime::security::{Permit, PermitError};
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How many tools an answer may ask for.
const MAX_TOOL_CALLS: usize = 1_024;

/// A language model that can be talked to.
#[async_trait]
pub trait ChatModel: Send + Sync {
    /// Asks for an answer as a whole.
    ///
    /// # Errors
    /// [`LlmError::Permit`] unless `permit` is for `invoke` on `model:NAME` and for the
    /// [`document`](ChatRequest::document) of this very request, as
    /// [`ChatRequest::inspect`] gives it; otherwise what went wrong on the way.
    async fn chat(&self, permit: Permit, request: &ChatRequest) -> Result<ChatResponse, LlmError>;

    /// Asks for an answer piece by piece.
    ///
    /// # Errors
    /// As [`ChatModel::chat`]; once the answer has begun, errors come in the stream.
    async fn chat_stream(
        &self,
        permit: Permit,
        request: &ChatRequest,
    ) -> Result<ChatStream, LlmError>;
}

/// Makes sure that `permit` lets its holder send exactly `request`.
pub(super) fn require_request(permit: &Permit, request: &ChatRequest) -> Result<(), PermitError> {
    require(permit, &request.model)?;
    permit.require_document(&request.document())
}

/// Makes sure that `permit` lets its holder invoke `model`.
pub(super) fn require(permit: &Permit, model: &str) -> Result<(), PermitError> {
    permit.require("invoke", &format!("model:{model}"))
}

/// An answer that is still being given. It ends after its first error.
///
/// Dropping it ends the call. It holds one piece of the answer at a time.
#[must_use = "a stream that nobody reads says nothing"]
pub struct ChatStream {
    /// `None` once it has ended.
    source: Option<Source>,
}

impl ChatStream {
    /// An answer whose pieces `source` gives.
    pub fn new(source: impl Stream<Item = Result<ChatDelta, LlmError>> + Send + 'static) -> Self {
        Self { source: Some(Box::pin(source)) }
    }

    /// The next piece; `None` when the answer is complete.
    pub async fn next(&mut self) -> Option<Result<ChatDelta, LlmError>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }

    /// Waits for the rest and puts it together.
    ///
    /// # Errors
    /// The stream's own error; [`LlmError::TooLarge`] or [`LlmError::Protocol`] if the pieces do
    /// not make an answer.
    pub async fn collect(mut self) -> Result<ChatResponse, LlmError> {
        let mut answer = Answer::default();
        while let Some(delta) = self.next().await {
            answer.add(delta?)?;
        }
        answer.finish()
    }
}

impl fmt::Debug for ChatStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatStream").field("ended", &self.source.is_none()).finish()
    }
}

impl Stream for ChatStream {
    type Item = Result<ChatDelta, LlmError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(source) = &mut self.source else {
            return Poll::Ready(None);
        };
        let next = source.as_mut().poll_next(context);
        if matches!(next, Poll::Ready(None | Some(Err(_)))) {
            self.source = None;
        }
        next
    }
}

/// Where the pieces of an answer come from.
type Source = Pin<Box<dyn Stream<Item = Result<ChatDelta, LlmError>> + Send>>;

/// An answer as far as it has come.
#[derive(Default)]
struct Answer {
    message: ChatMessage,
    finish_reason: Option<FinishReason>,
    usage: Option<Usage>,
    bytes: usize,
}

impl Answer {
    fn add(&mut self, delta: ChatDelta) -> Result<(), LlmError> {
        let arguments: usize = delta.tool_calls.iter().map(|call| call.arguments.len()).sum();
        self.bytes = self.bytes.saturating_add(delta.content.len()).saturating_add(arguments);
        if self.bytes > MAX_ANSWER {
            return Err(LlmError::TooLarge { provider: "model".to_owned(), limit: MAX_ANSWER });
        }
        self.message.content.push_str(&delta.content);
        for call in delta.tool_calls {
            self.add_call(call)?;
        }
        self.finish_reason = delta.finish_reason.or(self.finish_reason.take());
        self.usage = delta.usage.or(self.usage);
        Ok(())
    }

    fn add_call(&mut self, delta: ToolCallDelta) -> Result<(), LlmError> {
        let calls = &mut self.message.tool_calls;
        if delta.index == calls.len() && delta.index < MAX_TOOL_CALLS {
            calls.push(ChatToolCall::default());
        }
        let call = calls.get_mut(delta.index).ok_or_else(|| LlmError::Protocol {
            provider: "model".to_owned(),
            problem: "goes on with a tool call that it never began",
        })?;
        if let Some(id) = delta.id {
            call.id = id;
        }
        if let Some(name) = delta.name {
            call.name = name;
        }
        call.arguments.push_str(&delta.arguments);
        call.signature = delta.signature.or(call.signature.take());
        Ok(())
    }

    fn finish(mut self) -> Result<ChatResponse, LlmError> {
        self.message.role = ChatRole::Assistant;
        let finish_reason = self.finish_reason.ok_or_else(|| LlmError::Protocol {
            provider: "model".to_owned(),
            problem: "does not say why it ended",
        })?;
        Ok(ChatResponse::new(self.message, finish_reason, self.usage))
    }
}

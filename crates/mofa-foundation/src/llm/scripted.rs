//! A model that answers from a script, in this process; for demos and tests.
//!
//! # Invariants
//! The first rule whose text the last message contains answers; without one the model repeats what
//! it was told. It keeps the latest requests, a bounded number of them.

use crate::llm::chat::{
    ChatDelta, ChatMessage, ChatRequest, ChatResponse, ChatRole, ChatToolCall, FinishReason,
    ToolCallDelta,
};
use crate::llm::error::LlmError;
use crate::llm::model::{ChatModel, ChatStream, require_request};
use async_trait::async_trait;
use futures_core::Stream;
use mofa_kernel::ToolCall;
use mofa_runtime::security::Permit;
use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

/// How many requests are kept.
const KEPT_REQUESTS: usize = 1_024;

/// How many characters a piece of a streamed answer has unless set.
const CHUNK_CHARS: usize = 16;

/// What a rule answers.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum ScriptedReply {
    /// Text.
    Text(String),
    /// The wish to run tools.
    ToolCalls(Vec<ToolCall>),
}

impl fmt::Debug for ScriptedReply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, size) = match self {
            Self::Text(text) => ("Text", text.len()),
            Self::ToolCalls(calls) => ("ToolCalls", calls.len()),
        };
        f.debug_tuple(kind).field(&size).finish()
    }
}

/// A model that answers from a script.
///
/// # Example
/// ```
/// use mofa_foundation::llm::ScriptedModel;
///
/// let model = ScriptedModel::new().with_reply("weather", "Sunny.").with_chunk_chars(3);
/// assert!(model.requests().is_empty());
/// ```
#[must_use]
pub struct ScriptedModel {
    rules: Vec<(String, ScriptedReply)>,
    chunk_chars: usize,
    requests: Mutex<VecDeque<ChatRequest>>,
}

impl Default for ScriptedModel {
    fn default() -> Self {
        Self { rules: Vec::new(), chunk_chars: CHUNK_CHARS, requests: Mutex::default() }
    }
}

impl ScriptedModel {
    /// A model that repeats what it is told: `You said: …`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers `reply` where the last message contains `pattern`.
    pub fn with_reply(self, pattern: impl Into<String>, reply: impl Into<String>) -> Self {
        self.with_rule(pattern, ScriptedReply::Text(reply.into()))
    }

    /// Asks for a tool where the last message contains `pattern`.
    pub fn with_tool_call(self, pattern: impl Into<String>, call: ToolCall) -> Self {
        self.with_rule(pattern, ScriptedReply::ToolCalls(vec![call]))
    }

    /// Answers `reply` where the last message contains `pattern`.
    pub fn with_rule(mut self, pattern: impl Into<String>, reply: ScriptedReply) -> Self {
        self.rules.push((pattern.into(), reply));
        self
    }

    /// Sets how many characters a piece of a streamed answer has, at least one.
    pub fn with_chunk_chars(mut self, chars: usize) -> Self {
        self.chunk_chars = chars.max(1);
        self
    }

    /// The latest 1,024 requests, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<ChatRequest> {
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.iter().cloned().collect()
    }

    fn answer(&self, permit: &Permit, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        require_request(permit, request)?;
        self.keep(request);
        let said = request.messages.last().map_or("", |message| &message.content);
        let rule = self.rules.iter().find(|(pattern, _)| said.contains(pattern));
        let mut message = ChatMessage::new(ChatRole::Assistant, "");
        let reason = match rule {
            Some((_, ScriptedReply::ToolCalls(calls))) => {
                let calls = calls.iter().enumerate();
                message.tool_calls = calls.map(|(index, call)| wish(index, call)).collect();
                FinishReason::ToolCalls
            }
            Some((_, ScriptedReply::Text(text))) => {
                message.content.clone_from(text);
                FinishReason::Stop
            }
            None => {
                message.content = format!("You said: {said}");
                FinishReason::Stop
            }
        };
        Ok(ChatResponse::new(message, reason, None))
    }

    fn keep(&self, request: &ChatRequest) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        if requests.len() >= KEPT_REQUESTS {
            requests.pop_front();
        }
        requests.push_back(request.clone());
    }
}

fn wish(index: usize, call: &ToolCall) -> ChatToolCall {
    ChatToolCall::new(format!("call-{index}"), call.name.as_str(), call.arguments.to_string())
}

impl fmt::Debug for ScriptedModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedModel").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}

#[async_trait]
impl ChatModel for ScriptedModel {
    async fn chat(&self, permit: Permit, request: &ChatRequest) -> Result<ChatResponse, LlmError> {
        self.answer(&permit, request)
    }

    async fn chat_stream(
        &self,
        permit: Permit,
        request: &ChatRequest,
    ) -> Result<ChatStream, LlmError> {
        let answer = self.answer(&permit, request)?;
        Ok(ChatStream::new(Pieces {
            text: answer.message.content,
            at: 0,
            chunk_chars: self.chunk_chars,
            calls: answer.message.tool_calls.into_iter().enumerate().collect(),
            finish_reason: Some(answer.finish_reason),
        }))
    }
}

/// An answer that is given piece by piece: text, then tools, then why it ended.
struct Pieces {
    text: String,
    at: usize,
    chunk_chars: usize,
    calls: VecDeque<(usize, ChatToolCall)>,
    finish_reason: Option<FinishReason>,
}

impl Stream for Pieces {
    type Item = Result<ChatDelta, LlmError>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let piece: String = rest.chars().take(self.chunk_chars).collect();
        if !piece.is_empty() {
            self.at += piece.len();
            return Poll::Ready(Some(Ok(ChatDelta::text(piece))));
        }
        let mut delta = ChatDelta::default();
        if let Some((index, call)) = self.calls.pop_front() {
            delta.tool_calls.push(ToolCallDelta {
                index,
                id: Some(call.id),
                name: Some(call.name),
                arguments: call.arguments,
                signature: None,
            });
        } else {
            let Some(reason) = self.finish_reason.take() else {
                return Poll::Ready(None);
            };
            delta.finish_reason = Some(reason);
        }
        Poll::Ready(Some(Ok(delta)))
    }
}

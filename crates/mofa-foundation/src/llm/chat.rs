//! What is said to a model and what it says back, in no provider's wire format.
//!
//! Callers make a [`ChatRequest`]; each provider translates it. None of these types is
//! `Serialize`: what goes on a wire is a type of the provider's own.
//!
//! # Invariants
//! `Debug` shows how much was said, and never what: neither text nor arguments, names or ids.

mod debug;

use crate::llm::error::LlmError;
use mofa_kernel::{ToolCall, ToolDescription, ToolName};

/// What a model is asked.
#[derive(Clone, PartialEq, Default)]
#[must_use]
#[non_exhaustive]
pub struct ChatRequest {
    /// The model's name, as the provider knows it.
    pub model: String,
    /// What was said so far, oldest first.
    pub messages: Vec<ChatMessage>,
    /// The tools that the model may ask for.
    pub tools: Vec<ToolDescription>,
    /// How much chance decides, 0 to 2 (Anthropic: to 1); the provider's default if `None`.
    pub temperature: Option<f32>,
    /// The share of probability that is chosen from, 0 to 1; the provider's default if `None`.
    pub top_p: Option<f32>,
    /// How many tokens the answer may have; the provider's default if `None`.
    pub max_tokens: Option<u32>,
    /// Texts that end the answer.
    pub stop: Vec<String>,
}

impl ChatRequest {
    /// Asks `model` for what comes after `messages`.
    pub fn new(model: impl Into<String>, messages: impl IntoIterator<Item = ChatMessage>) -> Self {
        let messages = messages.into_iter().collect();
        Self { model: model.into(), messages, ..Self::default() }
    }

    /// Offers tools.
    pub fn with_tools(mut self, tools: impl IntoIterator<Item = ToolDescription>) -> Self {
        self.tools.extend(tools);
        self
    }

    /// Sets how much chance decides.
    pub fn with_temperature(mut self, temperature: f32) -> Self {
        self.temperature = Some(temperature);
        self
    }

    /// Sets the share of probability that is chosen from.
    pub fn with_top_p(mut self, top_p: f32) -> Self {
        self.top_p = Some(top_p);
        self
    }

    /// Sets how many tokens the answer may have.
    pub fn with_max_tokens(mut self, tokens: u32) -> Self {
        self.max_tokens = Some(tokens);
        self
    }

    /// Ends the answer at one more text.
    pub fn with_stop(mut self, text: impl Into<String>) -> Self {
        self.stop.push(text.into());
        self
    }
}

/// Who says a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ChatRole {
    /// The operator or author.
    System,
    /// The person or program that asks.
    #[default]
    User,
    /// The model.
    Assistant,
    /// A tool, with its result.
    Tool,
}

/// One message of a conversation.
#[derive(Clone, PartialEq, Eq, Default)]
#[must_use]
#[non_exhaustive]
pub struct ChatMessage {
    /// Who says it.
    pub role: ChatRole,
    /// What it says; may be empty where `tool_calls` is not.
    pub content: String,
    /// The tools that the model asks for.
    pub tool_calls: Vec<ChatToolCall>,
    /// Which call a tool's result answers.
    pub tool_call_id: Option<String>,
    /// The speaker's own name; of a tool's result, the tool's.
    pub name: Option<String>,
}

impl ChatMessage {
    /// Says something as `role`.
    pub fn new(role: ChatRole, content: impl Into<String>) -> Self {
        Self { role, content: content.into(), ..Self::default() }
    }

    /// From the operator.
    pub fn system(content: impl Into<String>) -> Self {
        Self::new(ChatRole::System, content)
    }

    /// From the person that asks.
    pub fn user(content: impl Into<String>) -> Self {
        Self::new(ChatRole::User, content)
    }

    /// From the model.
    pub fn assistant(content: impl Into<String>) -> Self {
        Self::new(ChatRole::Assistant, content)
    }

    /// The result of `call`.
    pub fn tool_result(call: &ChatToolCall, content: impl Into<String>) -> Self {
        Self {
            tool_call_id: Some(call.id.clone()),
            name: Some(call.name.clone()),
            ..Self::new(ChatRole::Tool, content)
        }
    }

    /// Asks for one more tool.
    pub fn with_tool_call(mut self, call: ChatToolCall) -> Self {
        self.tool_calls.push(call);
        self
    }

    /// Names the speaker.
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// A model's wish to run a tool, as it said it: nothing here is checked yet.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ChatToolCall {
    /// What the tool's result refers to.
    pub id: String,
    /// Which tool.
    pub name: String,
    /// With what: JSON text, if the model kept to the format.
    pub arguments: String,
    /// What the provider wants back with the call, unread (Gemini's `thoughtSignature`).
    pub signature: Option<String>,
}

impl ChatToolCall {
    /// The wish to run `name` with `arguments`.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        name: impl Into<String>,
        arguments: impl Into<String>,
    ) -> Self {
        Self { id: id.into(), name: name.into(), arguments: arguments.into(), signature: None }
    }

    /// The call with its name and arguments checked; no arguments at all are an empty object.
    ///
    /// # Errors
    /// [`LlmError::Request`] if the name cannot be a tool's or the arguments are no JSON. The
    /// model should be told.
    pub fn to_tool_call(&self) -> Result<ToolCall, LlmError> {
        let name = ToolName::new(&self.name).map_err(|_| LlmError::Request {
            field: "tool_calls.name",
            problem: "cannot be a tool's name: it is empty, too long or has spaces",
        })?;
        Ok(ToolCall { name, arguments: self.parsed_arguments()? })
    }

    /// The arguments as JSON; none at all are an empty object.
    pub(super) fn parsed_arguments(&self) -> Result<serde_json::Value, LlmError> {
        if self.arguments.trim().is_empty() {
            return Ok(serde_json::Value::Object(serde_json::Map::new()));
        }
        serde_json::from_str(&self.arguments)
            .map_err(|_| LlmError::Request { field: "tool_calls.arguments", problem: "is no JSON" })
    }
}

/// What a model answered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChatResponse {
    /// What it said.
    pub message: ChatMessage,
    /// Why it stopped.
    pub finish_reason: FinishReason,
    /// What it cost, if the provider told.
    pub usage: Option<Usage>,
}

impl ChatResponse {
    /// An answer.
    #[must_use]
    pub fn new(message: ChatMessage, finish_reason: FinishReason, usage: Option<Usage>) -> Self {
        Self { message, finish_reason, usage }
    }
}

/// Why a model stopped.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FinishReason {
    /// It was done, or came to a text of [`ChatRequest::stop`].
    Stop,
    /// The answer was as long as it may be.
    Length,
    /// It wants tools to be run.
    ToolCalls,
    /// The provider held something back.
    ContentFilter,
    /// Another word of the provider.
    Other(String),
}

/// What a call cost, in tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Usage {
    /// Of the request.
    pub input_tokens: u64,
    /// Of the answer, what the model thought before it included.
    pub output_tokens: u64,
}

impl Usage {
    /// What a call cost.
    #[must_use]
    pub const fn new(input_tokens: u64, output_tokens: u64) -> Self {
        Self { input_tokens, output_tokens }
    }
}

/// A piece of an answer.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ChatDelta {
    /// More text; may be empty.
    pub content: String,
    /// More of the tools that the model asks for.
    pub tool_calls: Vec<ToolCallDelta>,
    /// Why the model stopped, once it has.
    pub finish_reason: Option<FinishReason>,
    /// What the call cost so far; a later one counts.
    pub usage: Option<Usage>,
}

impl ChatDelta {
    /// A piece of text.
    #[must_use]
    pub fn text(content: impl Into<String>) -> Self {
        Self { content: content.into(), ..Self::default() }
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A piece of a model's wish to run a tool.
#[derive(Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ToolCallDelta {
    /// Which of the answer's calls it belongs to, counted from 0.
    pub index: usize,
    /// The call's id, in its first piece.
    pub id: Option<String>,
    /// The tool's name, in its first piece.
    pub name: Option<String>,
    /// More of the arguments: a piece of JSON text.
    pub arguments: String,
    /// See [`ChatToolCall::signature`].
    pub signature: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::ChatToolCall;
    use crate::llm::LlmError;
    use serde_json::json;

    #[test]
    fn a_call_is_checked_when_it_is_to_run() {
        let call = ChatToolCall::new("1", "look_up", r#"{"q":1}"#).to_tool_call().unwrap();
        assert_eq!((call.name.as_str(), call.arguments), ("look_up", json!({"q": 1})));
        assert_eq!(ChatToolCall::new("1", "t", " ").to_tool_call().unwrap().arguments, json!({}));
        for call in [ChatToolCall::new("1", "a b", "{}"), ChatToolCall::new("1", "t", "{\"secret")]
        {
            let error = call.to_tool_call().unwrap_err();
            assert!(matches!(error, LlmError::Request { .. }), "{error}");
            assert!(!error.to_string().contains("secret"));
        }
    }
}

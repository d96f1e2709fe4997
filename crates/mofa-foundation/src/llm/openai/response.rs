//! An answer as OpenAI's Chat Completions has it, whole and in chunks.

use crate::llm::chat::{
    ChatDelta, ChatMessage, ChatResponse, ChatRole, ChatToolCall, FinishReason, ToolCallDelta,
    Usage,
};
use crate::llm::provider::{EventDecoder, Fault, Progress};
use crate::llm::transport::error_code;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
struct Choice {
    message: Message,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Message {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    #[serde(default)]
    id: String,
    function: Function,
}

#[derive(Deserialize)]
struct Function {
    name: String,
    #[serde(default)]
    arguments: String,
}

#[derive(Deserialize, Clone, Copy)]
struct Tokens {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

#[derive(Deserialize)]
struct Chunk {
    #[serde(default)]
    choices: Vec<ChunkChoice>,
    usage: Option<Tokens>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct ChunkChoice {
    #[serde(default)]
    delta: Delta,
    finish_reason: Option<String>,
}

#[derive(Deserialize, Default)]
struct Delta {
    content: Option<String>,
    refusal: Option<String>,
    tool_calls: Option<Vec<CallDelta>>,
}

#[derive(Deserialize)]
struct CallDelta {
    index: usize,
    id: Option<String>,
    function: Option<FunctionDelta>,
}

#[derive(Deserialize)]
struct FunctionDelta {
    name: Option<String>,
    arguments: Option<String>,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        Self::new(tokens.prompt_tokens, tokens.completion_tokens)
    }
}

impl From<Call> for ChatToolCall {
    fn from(call: Call) -> Self {
        Self::new(call.id, call.function.name, call.function.arguments)
    }
}

/// The answer in a body: its first choice.
pub(super) fn decode(body: &[u8]) -> Result<ChatResponse, Fault> {
    let body: Completion = serde_json::from_slice(body)?;
    let choice = body.choices.into_iter().next().ok_or(Fault::Malformed("has no choice"))?;
    let reason = choice.finish_reason.ok_or(Fault::Malformed("does not say why it ended"))?;
    let tool_calls = choice.message.tool_calls.unwrap_or_default();
    let message = ChatMessage {
        role: ChatRole::Assistant,
        content: choice.message.content.or(choice.message.refusal).unwrap_or_default(),
        tool_calls: tool_calls.into_iter().map(ChatToolCall::from).collect(),
        ..ChatMessage::default()
    };
    Ok(ChatResponse::new(message, finish_reason(reason), body.usage.map(Usage::from)))
}

fn finish_reason(reason: String) -> FinishReason {
    match reason.as_str() {
        "stop" => FinishReason::Stop,
        "length" => FinishReason::Length,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other(reason),
    }
}

/// Reads the chunks of one answer. `[DONE]` ends it; servers that leave that out may end the
/// stream once they said why they stopped.
#[derive(Debug, Default)]
pub struct Chunks {
    progress: Progress,
}

impl EventDecoder for Chunks {
    fn event(&mut self, data: &str) -> Result<ChatDelta, Fault> {
        if data == "[DONE]" {
            if self.progress == Progress::Partial {
                return Err(Fault::Malformed("does not say why it ended"));
            }
            self.progress = Progress::Ended;
            return Ok(ChatDelta::default());
        }
        let chunk: Chunk = serde_json::from_str(data)?;
        if let Some(error) = chunk.error {
            let body = serde_json::json!({ "error": error });
            return Err(Fault::Aborted(error_code(&body).map(str::to_owned)));
        }
        let usage = chunk.usage.map(Usage::from);
        let Some(choice) = chunk.choices.into_iter().next() else {
            return Ok(ChatDelta { usage, ..ChatDelta::default() });
        };
        if choice.finish_reason.is_some() {
            self.progress = Progress::Complete;
        }
        let calls = choice.delta.tool_calls.unwrap_or_default();
        Ok(ChatDelta {
            content: choice.delta.content.or(choice.delta.refusal).unwrap_or_default(),
            tool_calls: calls.into_iter().map(ToolCallDelta::from).collect(),
            finish_reason: choice.finish_reason.map(finish_reason),
            usage,
        })
    }

    fn progress(&self) -> Progress {
        self.progress
    }
}

impl From<CallDelta> for ToolCallDelta {
    fn from(call: CallDelta) -> Self {
        let (name, arguments) =
            call.function.map_or((None, None), |function| (function.name, function.arguments));
        Self {
            index: call.index,
            id: call.id,
            name,
            arguments: arguments.unwrap_or_default(),
            signature: None,
        }
    }
}

//! An answer as Gemini has it; streamed, each event is an answer with the next parts.

use super::OWN_ID;
use crate::llm::chat::{
    ChatDelta, ChatMessage, ChatResponse, ChatRole, ChatToolCall, FinishReason, ToolCallDelta,
    Usage,
};
use crate::llm::provider::{EventDecoder, Fault, Progress};
use crate::llm::transport::error_code;
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(default)]
    candidates: Vec<Candidate>,
    prompt_feedback: Option<Feedback>,
    usage_metadata: Option<Tokens>,
    error: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Candidate {
    content: Option<Content>,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    parts: Vec<Part>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Part {
    text: Option<String>,
    #[serde(default)]
    thought: bool,
    function_call: Option<FunctionCall>,
    thought_signature: Option<String>,
}

#[derive(Deserialize)]
struct FunctionCall {
    id: Option<String>,
    name: String,
    args: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Feedback {
    block_reason: Option<String>,
}

#[derive(Deserialize)]
struct Tokens {
    #[serde(default, rename = "promptTokenCount")]
    prompt: u64,
    #[serde(default, rename = "candidatesTokenCount")]
    answer: u64,
    #[serde(default, rename = "thoughtsTokenCount")]
    thoughts: u64,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        let output = tokens.answer.saturating_add(tokens.thoughts);
        Self::new(tokens.prompt, output)
    }
}

/// The answer in a body: an answer in one event.
pub(super) fn decode(body: &[u8]) -> Result<ChatResponse, Fault> {
    let mut candidates = Candidates::default();
    let delta = candidates.answer(serde_json::from_slice(body)?)?;
    let reason = delta.finish_reason.ok_or(Fault::Malformed("does not say why it ended"))?;
    let mut message = ChatMessage::new(ChatRole::Assistant, delta.content);
    message.tool_calls = delta
        .tool_calls
        .into_iter()
        .map(|call| ChatToolCall {
            id: call.id.unwrap_or_default(),
            name: call.name.unwrap_or_default(),
            arguments: call.arguments,
            signature: call.signature,
        })
        .collect();
    Ok(ChatResponse::new(message, reason, delta.usage))
}

/// Reads the events of one answer. Nothing marks the last one: the stream may end once the answer
/// said why it stopped.
#[derive(Debug, Default)]
pub struct Candidates {
    calls: usize,
    progress: Progress,
}

impl Candidates {
    fn answer(&mut self, answer: Answer) -> Result<ChatDelta, Fault> {
        if let Some(error) = answer.error {
            let body = serde_json::json!({ "error": error });
            return Err(Fault::Aborted(error_code(&body).map(str::to_owned)));
        }
        let usage = answer.usage_metadata.map(Usage::from);
        let mut delta = ChatDelta { usage, ..ChatDelta::default() };
        if let Some(candidate) = answer.candidates.into_iter().next() {
            for part in candidate.content.map(|content| content.parts).unwrap_or_default() {
                self.part(part, &mut delta);
            }
            delta.finish_reason = candidate.finish_reason.map(|word| self.finish_reason(word));
        } else if answer.prompt_feedback.is_some_and(|feedback| feedback.block_reason.is_some()) {
            delta.finish_reason = Some(FinishReason::ContentFilter);
        }
        if delta.finish_reason.is_some() {
            self.progress = Progress::Complete;
        }
        Ok(delta)
    }

    fn part(&mut self, part: Part, delta: &mut ChatDelta) {
        if let Some(call) = part.function_call {
            let index = self.calls;
            self.calls += 1;
            delta.tool_calls.push(ToolCallDelta {
                index,
                id: Some(call.id.unwrap_or_else(|| format!("{OWN_ID}{index}"))),
                name: Some(call.name),
                arguments: call.args.map_or_else(|| "{}".to_owned(), |args| args.to_string()),
                signature: part.thought_signature,
            });
        } else if let Some(text) = part.text.filter(|_| !part.thought) {
            delta.content.push_str(&text);
        }
    }

    /// Gemini says `STOP` also when it wants tools to be run.
    fn finish_reason(&self, word: String) -> FinishReason {
        match word.as_str() {
            "STOP" if self.calls > 0 => FinishReason::ToolCalls,
            "STOP" => FinishReason::Stop,
            "MAX_TOKENS" => FinishReason::Length,
            "SAFETY" | "RECITATION" | "BLOCKLIST" | "PROHIBITED_CONTENT" | "SPII" => {
                FinishReason::ContentFilter
            }
            _ => FinishReason::Other(word),
        }
    }
}

impl EventDecoder for Candidates {
    fn event(&mut self, data: &str) -> Result<ChatDelta, Fault> {
        self.answer(serde_json::from_str(data)?)
    }

    fn progress(&self) -> Progress {
        self.progress
    }
}

//! A request as Anthropic's Messages has it.
//!
//! System messages stand apart there, and what one role says in a row is one message: in
//! particular all results of tools that were asked for together.

use crate::llm::chat::{ChatMessage, ChatRequest, ChatRole};
use crate::llm::error::LlmError;
use mofa_kernel::ToolDescription;
use serde::Serialize;
use serde_json::Value;

/// How many tokens an answer may have if the request does not say; the format demands a number.
const MAX_TOKENS: u32 = 4_096;

#[derive(Serialize)]
pub(super) struct RequestBody<'a> {
    model: &'a str,
    max_tokens: u32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    system: Vec<Block<'a>>,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop_sequences: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Vec<Block<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block<'a> {
    Text { text: &'a str },
    ToolUse { id: &'a str, name: &'a str, input: Value },
    ToolResult { tool_use_id: &'a str, content: &'a str },
}

#[derive(Serialize)]
struct Tool<'a> {
    name: &'a str,
    description: &'a str,
    input_schema: &'a Value,
}

impl<'a> RequestBody<'a> {
    pub(super) fn new(request: &'a ChatRequest, is_stream: bool) -> Result<Self, LlmError> {
        let mut system = Vec::new();
        let mut messages: Vec<Message<'a>> = Vec::new();
        for message in &request.messages {
            let role = match message.role {
                ChatRole::System => {
                    system.extend(text(&message.content));
                    continue;
                }
                ChatRole::Assistant => "assistant",
                ChatRole::User | ChatRole::Tool => "user",
            };
            let blocks = blocks(message)?;
            match messages.last_mut() {
                Some(last) if last.role == role => last.content.extend(blocks),
                _ if blocks.is_empty() => {}
                _ => messages.push(Message { role, content: blocks }),
            }
        }
        Ok(Self {
            model: &request.model,
            max_tokens: request.max_tokens.unwrap_or(MAX_TOKENS),
            system,
            messages,
            tools: request.tools.iter().map(Tool::new).collect(),
            temperature: request.temperature,
            top_p: request.top_p,
            stop_sequences: &request.stop,
            stream: is_stream.then_some(true),
        })
    }
}

fn blocks(message: &ChatMessage) -> Result<Vec<Block<'_>>, LlmError> {
    if message.role == ChatRole::Tool {
        let tool_use_id = message.tool_call_id.as_deref().ok_or(LlmError::Request {
            field: "tool_call_id",
            problem: "is missing from a tool's result",
        })?;
        return Ok(vec![Block::ToolResult { tool_use_id, content: &message.content }]);
    }
    let mut blocks: Vec<Block<'_>> = text(&message.content).into_iter().collect();
    for call in &message.tool_calls {
        let input = call.parsed_arguments()?;
        if !input.is_object() {
            let problem = "is no JSON object";
            return Err(LlmError::Request { field: "tool_calls.arguments", problem });
        }
        blocks.push(Block::ToolUse { id: &call.id, name: &call.name, input });
    }
    Ok(blocks)
}

/// A block of text; the format has no empty ones.
fn text(text: &str) -> Option<Block<'_>> {
    (!text.is_empty()).then_some(Block::Text { text })
}

impl<'a> Tool<'a> {
    fn new(tool: &'a ToolDescription) -> Self {
        Self {
            name: tool.name.as_str(),
            description: &tool.description,
            input_schema: &tool.parameters,
        }
    }
}

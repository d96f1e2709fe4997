//! An answer as Anthropic's Messages has it, whole and in events.

use crate::llm::chat::{
    ChatDelta, ChatMessage, ChatResponse, ChatRole, ChatToolCall, FinishReason, ToolCallDelta,
    Usage,
};
use crate::llm::provider::{EventDecoder, Fault, Progress};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Message {
    content: Vec<Block>,
    stop_reason: Option<String>,
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Block {
    Text {
        text: String,
    },
    ToolUse {
        id: String,
        name: String,
        #[serde(default)]
        input: serde_json::Value,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize, Clone, Copy, Default)]
struct Tokens {
    #[serde(rename = "input_tokens")]
    uncached: Option<u64>,
    #[serde(rename = "cache_creation_input_tokens")]
    cache_written: Option<u64>,
    #[serde(rename = "cache_read_input_tokens")]
    cache_read: Option<u64>,
    #[serde(rename = "output_tokens")]
    output: Option<u64>,
}

impl Tokens {
    /// All tokens of the request, cached or not; `None` if none are told.
    fn input(self) -> Option<u64> {
        let parts = [self.uncached, self.cache_written, self.cache_read];
        parts.into_iter().flatten().reduce(u64::saturating_add)
    }
}

/// The answer in a body.
pub(super) fn decode(body: &[u8]) -> Result<ChatResponse, Fault> {
    let body: Message = serde_json::from_slice(body)?;
    let reason = body.stop_reason.ok_or(Fault::Malformed("does not say why it ended"))?;
    let mut message = ChatMessage::new(ChatRole::Assistant, "");
    for block in body.content {
        match block {
            Block::Text { text } => message.content.push_str(&text),
            Block::ToolUse { id, name, input } => {
                message.tool_calls.push(ChatToolCall::new(id, name, input.to_string()));
            }
            Block::Other => {}
        }
    }
    let usage = body.usage.map(|usage| {
        Usage::new(usage.input().unwrap_or_default(), usage.output.unwrap_or_default())
    });
    Ok(ChatResponse::new(message, finish_reason(reason), usage))
}

fn finish_reason(reason: String) -> FinishReason {
    match reason.as_str() {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::ContentFilter,
        _ => FinishReason::Other(reason),
    }
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Event {
    MessageStart {
        message: Start,
    },
    ContentBlockStart {
        index: u64,
        content_block: Block,
    },
    ContentBlockDelta {
        index: u64,
        delta: BlockDelta,
    },
    MessageDelta {
        delta: End,
        usage: Option<Tokens>,
    },
    MessageStop,
    Error {
        error: Detail,
    },
    /// `ping`, `content_block_stop`, and whatever comes later: the reference asks to pass over
    /// unknown events.
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Start {
    usage: Option<Tokens>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum BlockDelta {
    TextDelta {
        text: String,
    },
    InputJsonDelta {
        partial_json: String,
    },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct End {
    stop_reason: Option<String>,
}

#[derive(Deserialize)]
struct Detail {
    r#type: Option<String>,
}

/// Reads the events of one answer; `message_stop` ends it.
#[derive(Debug, Default)]
pub struct MessageEvents {
    /// Which tool call each block of content is.
    calls: BTreeMap<u64, usize>,
    input_tokens: u64,
    has_reason: bool,
    has_ended: bool,
}

impl MessageEvents {
    fn begin_block(&mut self, block: u64, content: Block) -> ChatDelta {
        match content {
            Block::Text { text } => ChatDelta::text(text),
            Block::ToolUse { id, name, .. } => {
                let index = self.calls.len();
                self.calls.insert(block, index);
                let call =
                    ToolCallDelta { index, id: Some(id), name: Some(name), ..<_>::default() };
                ChatDelta { tool_calls: vec![call], ..ChatDelta::default() }
            }
            Block::Other => ChatDelta::default(),
        }
    }

    fn continue_block(&self, block: u64, delta: BlockDelta) -> ChatDelta {
        match (delta, self.calls.get(&block)) {
            (BlockDelta::TextDelta { text }, _) => ChatDelta::text(text),
            (BlockDelta::InputJsonDelta { partial_json }, Some(index)) => {
                let call = ToolCallDelta {
                    index: *index,
                    arguments: partial_json,
                    ..ToolCallDelta::default()
                };
                ChatDelta { tool_calls: vec![call], ..ChatDelta::default() }
            }
            // Input of a tool that the provider runs itself.
            (BlockDelta::InputJsonDelta { .. }, None) | (BlockDelta::Other, _) => {
                ChatDelta::default()
            }
        }
    }

    fn usage(&mut self, tokens: Tokens) -> Usage {
        self.input_tokens = tokens.input().unwrap_or(self.input_tokens);
        Usage::new(self.input_tokens, tokens.output.unwrap_or_default())
    }
}

impl EventDecoder for MessageEvents {
    fn event(&mut self, data: &str) -> Result<ChatDelta, Fault> {
        match serde_json::from_str(data)? {
            Event::MessageStart { message } => {
                let usage = message.usage.map(|tokens| self.usage(tokens));
                Ok(ChatDelta { usage, ..ChatDelta::default() })
            }
            Event::ContentBlockStart { index, content_block } => {
                Ok(self.begin_block(index, content_block))
            }
            Event::ContentBlockDelta { index, delta } => Ok(self.continue_block(index, delta)),
            Event::MessageDelta { delta, usage } => {
                self.has_reason |= delta.stop_reason.is_some();
                Ok(ChatDelta {
                    finish_reason: delta.stop_reason.map(finish_reason),
                    usage: usage.map(|tokens| self.usage(tokens)),
                    ..ChatDelta::default()
                })
            }
            Event::MessageStop if !self.has_reason => {
                Err(Fault::Malformed("does not say why it ended"))
            }
            Event::MessageStop => {
                self.has_ended = true;
                Ok(ChatDelta::default())
            }
            Event::Error { error } => Err(Fault::Aborted(error.r#type)),
            Event::Other => Ok(ChatDelta::default()),
        }
    }

    fn progress(&self) -> Progress {
        if self.has_ended { Progress::Ended } else { Progress::Partial }
    }
}

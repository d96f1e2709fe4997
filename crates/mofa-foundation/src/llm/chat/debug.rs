//! How conversations show themselves in logs: by their size.

use super::{ChatDelta, ChatMessage, ChatRequest, ChatToolCall, FinishReason, ToolCallDelta};
use std::fmt;

impl fmt::Debug for ChatRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatRequest")
            .field("messages", &self.messages)
            .field("tools", &self.tools.len())
            .field("temperature", &self.temperature)
            .field("top_p", &self.top_p)
            .field("max_tokens", &self.max_tokens)
            .field("stop", &self.stop.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ChatMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatMessage")
            .field("role", &self.role)
            .field("content_bytes", &self.content.len())
            .field("tool_calls", &self.tool_calls)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ChatToolCall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatToolCall")
            .field("arguments_bytes", &self.arguments.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for FinishReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stop => "Stop",
            Self::Length => "Length",
            Self::ToolCalls => "ToolCalls",
            Self::ContentFilter => "ContentFilter",
            // The word is whatever a server sent.
            Self::Other(_) => "Other(..)",
        })
    }
}

impl fmt::Debug for ChatDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChatDelta")
            .field("content_bytes", &self.content.len())
            .field("tool_calls", &self.tool_calls)
            .field("finish_reason", &self.finish_reason)
            .field("usage", &self.usage)
            .finish()
    }
}

impl fmt::Debug for ToolCallDelta {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ToolCallDelta")
            .field("index", &self.index)
            .field("arguments_bytes", &self.arguments.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use crate::llm::{
        ChatDelta, ChatMessage, ChatRequest, ChatResponse, ChatToolCall, FinishReason,
        ScriptedReply, ToolCallDelta,
    };
    use mofa_kernel::{ToolDescription, ToolName};
    use serde_json::json;
    use std::fmt::Debug;

    #[track_caller]
    fn check(value: &dyn Debug, expect: &str) {
        for shown in [format!("{value:?}"), format!("{value:#?}")] {
            assert!(shown.contains(expect), "{shown}");
            assert!(!shown.contains("hush"), "{shown}");
        }
    }

    #[test]
    fn none_of_them_shows_what_is_said() {
        let signature = Some("hush".to_owned());
        let call = ChatToolCall { signature, ..ChatToolCall::new("hush", "hush", "\"hush\"") };
        let message = ChatMessage::tool_result(&call, "hush").with_tool_call(call.clone());
        let tool = ToolDescription {
            name: ToolName::new("hush").unwrap(),
            description: "hush".to_owned(),
            parameters: json!({"hush": "hush"}),
        };
        let request = ChatRequest::new("hush", [message.clone()]).with_tools([tool]);
        let piece = ToolCallDelta {
            index: 3,
            id: Some("hush".to_owned()),
            name: Some("hush".to_owned()),
            arguments: "hush".to_owned(),
            signature: Some("hush".to_owned()),
        };
        let delta = ChatDelta { tool_calls: vec![piece.clone()], ..ChatDelta::text("hush") };
        let response =
            ChatResponse::new(message.clone(), FinishReason::Other("hush".to_owned()), None);
        check(&call, "arguments_bytes: 6");
        check(&message, "content_bytes: 4");
        check(&request.with_stop("hush"), "stop: 1");
        check(&piece, "index: 3");
        check(&delta, "arguments_bytes: 4");
        check(&response, "Other");
        check(&ScriptedReply::Text("hush".to_owned()), "Text");
    }
}

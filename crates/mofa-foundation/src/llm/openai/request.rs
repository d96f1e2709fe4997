//! A request as OpenAI's Chat Completions has it.

use crate::llm::chat::{ChatMessage, ChatRequest, ChatRole, ChatToolCall};
use mofa_kernel::ToolDescription;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct RequestBody<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<Tool<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    stream: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<Call<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<&'a str>,
}

#[derive(Serialize)]
struct Call<'a> {
    id: &'a str,
    r#type: &'static str,
    function: CalledFunction<'a>,
}

#[derive(Serialize)]
struct CalledFunction<'a> {
    name: &'a str,
    arguments: &'a str,
}

#[derive(Serialize)]
struct Tool<'a> {
    r#type: &'static str,
    function: &'a ToolDescription,
}

impl<'a> RequestBody<'a> {
    /// `is_own` says that OpenAI itself is asked.
    pub(super) fn new(request: &'a ChatRequest, is_stream: bool, is_own: bool) -> Self {
        Self {
            model: &request.model,
            messages: request.messages.iter().map(Message::new).collect(),
            tools: request.tools.iter().map(Tool::new).collect(),
            temperature: request.temperature,
            top_p: request.top_p,
            max_tokens: request.max_tokens.filter(|_| !is_own),
            max_completion_tokens: request.max_tokens.filter(|_| is_own),
            stop: &request.stop,
            stream: is_stream.then_some(true),
            stream_options: is_stream.then_some(StreamOptions { include_usage: true }),
        }
    }
}

impl<'a> Message<'a> {
    fn new(message: &'a ChatMessage) -> Self {
        let says_nothing = message.content.is_empty() && !message.tool_calls.is_empty();
        Self {
            role: match message.role {
                ChatRole::System => "system",
                ChatRole::User => "user",
                ChatRole::Assistant => "assistant",
                ChatRole::Tool => "tool",
            },
            content: (!says_nothing).then_some(&message.content),
            // A tool's result has no such field.
            name: message.name.as_deref().filter(|_| message.role != ChatRole::Tool),
            tool_calls: message.tool_calls.iter().map(Call::new).collect(),
            tool_call_id: message.tool_call_id.as_deref(),
        }
    }
}

impl<'a> Call<'a> {
    fn new(call: &'a ChatToolCall) -> Self {
        let function = CalledFunction { name: &call.name, arguments: &call.arguments };
        Self { id: &call.id, r#type: "function", function }
    }
}

impl<'a> Tool<'a> {
    /// The kernel's description has the very fields of a `function`.
    fn new(tool: &'a ToolDescription) -> Self {
        Self { r#type: "function", function: tool }
    }
}

#[cfg(test)]
mod tests {
    use super::RequestBody;
    use crate::llm::chat::ChatRequest;
    use serde_json::json;

    #[test]
    fn openai_itself_is_told_the_limit_by_its_new_name() {
        let request = ChatRequest::new("m", []).with_max_tokens(7);
        let body =
            |is_own| serde_json::to_value(RequestBody::new(&request, false, is_own)).unwrap();
        assert_eq!(body(true), json!({"model": "m", "messages": [], "max_completion_tokens": 7}));
        assert_eq!(body(false), json!({"model": "m", "messages": [], "max_tokens": 7}));
    }
}

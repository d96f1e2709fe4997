//! What is said to a model, and what it says back, as the one JSON text that is inspected.
//!
//! A permit is for a text, byte for byte, so there is one way to write each conversation down.
//! Called by [`ChatRequest::document`](crate::llm::ChatRequest::document) and by what inspects.
//!
//! # Invariants
//! Requests that differ in anything that is sent have different documents. No object has a key
//! twice. Strings are escaped as the pipeline escapes what it replaces, so that reading a
//! document and writing it again gives the same text.

use crate::llm::chat::{
    ChatMessage, ChatRequest, ChatResponse, ChatRole, ChatToolCall, FinishReason,
};
use mofa_kernel::ToolDescription;
use serde::{Deserialize, Serialize};
use serde_json::ser::{CharEscape, CompactFormatter, Formatter, Serializer};
use std::borrow::Cow;
use std::io::{self, Write};

/// Whether `text` is a word of the documents, which nobody chose.
pub(super) fn is_word(text: &str) -> bool {
    matches!(
        text,
        "arguments"
            | "assistant"
            | "content"
            | "description"
            | "finish_reason"
            | "id"
            | "max_tokens"
            | "message"
            | "messages"
            | "model"
            | "name"
            | "parameters"
            | "role"
            | "signature"
            | "stop"
            | "system"
            | "temperature"
            | "tool"
            | "tool_call_id"
            | "tool_calls"
            | "tools"
            | "top_p"
            | "user"
    )
}

/// `request`, written down.
pub(super) fn of_request(request: &ChatRequest) -> String {
    written(&RequestDocument {
        model: Cow::Borrowed(&request.model),
        messages: request.messages.iter().map(MessageDocument::new).collect(),
        tools: Cow::Borrowed(&request.tools),
        temperature: request.temperature,
        top_p: request.top_p,
        max_tokens: request.max_tokens,
        stop: Cow::Borrowed(&request.stop),
    })
}

/// The request that `document` is; `None` if it is none.
pub(super) fn to_request(document: &str) -> Option<ChatRequest> {
    let read: RequestDocument<'_> = serde_json::from_str(document).ok()?;
    Some(ChatRequest {
        model: read.model.into_owned(),
        messages: read.messages.into_iter().map(MessageDocument::into_message).collect(),
        tools: read.tools.into_owned(),
        temperature: read.temperature,
        top_p: read.top_p,
        max_tokens: read.max_tokens,
        stop: read.stop.into_owned(),
    })
}

/// What of `response` the model chose, written down.
pub(super) fn of_response(response: &ChatResponse) -> String {
    let finish_reason = match &response.finish_reason {
        FinishReason::Other(word) => Some(Cow::Borrowed(word.as_str())),
        _ => None,
    };
    let message = MessageDocument::new(&response.message);
    written(&ResponseDocument { message, finish_reason })
}

/// `response` with what stands in `document`; `None` if it is none.
pub(super) fn to_response(response: ChatResponse, document: &str) -> Option<ChatResponse> {
    let read: ResponseDocument<'_> = serde_json::from_str(document).ok()?;
    let word = read.finish_reason.map(|word| FinishReason::Other(word.into_owned()));
    Some(ChatResponse {
        message: read.message.into_message(),
        finish_reason: word.unwrap_or(response.finish_reason),
        usage: response.usage,
    })
}

#[derive(Serialize, Deserialize)]
struct RequestDocument<'a> {
    model: Cow<'a, str>,
    messages: Vec<MessageDocument<'a>>,
    tools: Cow<'a, [ToolDescription]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    stop: Cow<'a, [String]>,
}

#[derive(Serialize, Deserialize)]
struct ResponseDocument<'a> {
    message: MessageDocument<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    finish_reason: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct MessageDocument<'a> {
    role: Role,
    content: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tool_calls: Vec<CallDocument<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tool_call_id: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
struct CallDocument<'a> {
    id: Cow<'a, str>,
    name: Cow<'a, str>,
    arguments: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    signature: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    System,
    User,
    Assistant,
    Tool,
}

impl<'a> MessageDocument<'a> {
    fn new(message: &'a ChatMessage) -> Self {
        Self {
            role: match message.role {
                ChatRole::System => Role::System,
                ChatRole::User => Role::User,
                ChatRole::Assistant => Role::Assistant,
                ChatRole::Tool => Role::Tool,
            },
            content: Cow::Borrowed(&message.content),
            tool_calls: message.tool_calls.iter().map(CallDocument::new).collect(),
            tool_call_id: message.tool_call_id.as_deref().map(Cow::Borrowed),
            name: message.name.as_deref().map(Cow::Borrowed),
        }
    }

    fn into_message(self) -> ChatMessage {
        ChatMessage {
            role: match self.role {
                Role::System => ChatRole::System,
                Role::User => ChatRole::User,
                Role::Assistant => ChatRole::Assistant,
                Role::Tool => ChatRole::Tool,
            },
            content: self.content.into_owned(),
            tool_calls: self.tool_calls.into_iter().map(CallDocument::into_call).collect(),
            tool_call_id: self.tool_call_id.map(Cow::into_owned),
            name: self.name.map(Cow::into_owned),
        }
    }
}

impl<'a> CallDocument<'a> {
    fn new(call: &'a ChatToolCall) -> Self {
        Self {
            id: Cow::Borrowed(&call.id),
            name: Cow::Borrowed(&call.name),
            arguments: Cow::Borrowed(&call.arguments),
            signature: call.signature.as_deref().map(Cow::Borrowed),
        }
    }

    fn into_call(self) -> ChatToolCall {
        ChatToolCall {
            id: self.id.into_owned(),
            name: self.name.into_owned(),
            arguments: self.arguments.into_owned(),
            signature: self.signature.map(Cow::into_owned),
        }
    }
}

/// `document` as JSON.
fn written(document: &impl Serialize) -> String {
    let mut bytes = Vec::with_capacity(256);
    let mut serializer = Serializer::with_formatter(&mut bytes, Canonical);
    // Neither a buffer nor these types, whose keys are all strings, can fail. If one did, no text
    // at all is a document for which there can be no permit.
    let is_written = document.serialize(&mut serializer).is_ok();
    String::from_utf8(bytes).ok().filter(|_| is_written).unwrap_or_default()
}

/// Writes the escapes of the pipeline: `\b` and `\f` by their number.
struct Canonical;

impl Formatter for Canonical {
    fn write_char_escape<W: ?Sized + Write>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        match escape {
            CharEscape::Backspace => writer.write_all(b"\\u0008"),
            CharEscape::FormFeed => writer.write_all(b"\\u000c"),
            other => CompactFormatter.write_char_escape(writer, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{of_request, of_response, to_request, to_response};
    use crate::llm::{ChatMessage, ChatRequest, ChatResponse, ChatToolCall, FinishReason};
    use mofa_kernel::{ToolDescription, ToolName};
    use proptest::prelude::*;
    use serde_json::json;

    fn full() -> ChatRequest {
        let signature = Some("s".to_owned());
        let call = ChatToolCall { signature, ..ChatToolCall::new("1", "look_up", r#"{"q":1}"#) };
        let tool = ToolDescription {
            name: ToolName::new("look_up").unwrap(),
            description: "Looks up".to_owned(),
            parameters: json!({"type": "object", "properties": {"q": {"type": "number"}}}),
        };
        let messages = [
            ChatMessage::system("Be brief."),
            ChatMessage::user("\u{8}\u{c}\n\"é🙂\\").with_name("ann"),
            ChatMessage::assistant("").with_tool_call(call.clone()),
            ChatMessage::tool_result(&call, "1"),
        ];
        let request = ChatRequest::new("small", messages).with_tools([tool]);
        request.with_temperature(0.7).with_top_p(0.1).with_max_tokens(7).with_stop("END")
    }

    #[test]
    fn a_request_is_read_back_as_it_was() {
        for request in [full(), ChatRequest::default()] {
            let document = of_request(&request);
            let read = to_request(&document).unwrap();
            assert_eq!(read, request);
            assert_eq!(of_request(&read), document);
        }
    }

    #[test]
    fn whatever_changes_changes_the_document() {
        let changes: [fn(&mut ChatRequest); 16] = [
            |it| it.model.push('x'),
            |it| it.messages[0].role = crate::llm::ChatRole::User,
            |it| it.messages[0].content.push('x'),
            |it| it.messages[1].name = None,
            |it| it.messages[2].tool_calls[0].id.push('x'),
            |it| it.messages[2].tool_calls[0].name.push('x'),
            |it| it.messages[2].tool_calls[0].arguments.push(' '),
            |it| it.messages[2].tool_calls[0].signature = Some(String::new()),
            |it| it.messages[3].tool_call_id = None,
            |it| it.messages.truncate(3),
            |it| it.tools[0].description.push('x'),
            |it| it.tools[0].parameters = json!({}),
            |it| it.temperature = Some(0.700_000_1),
            |it| it.top_p = None,
            |it| it.max_tokens = Some(8),
            |it| it.stop.push(String::new()),
        ];
        for (index, change) in changes.into_iter().enumerate() {
            let mut request = full();
            change(&mut request);
            assert_ne!(of_request(&request), of_request(&full()), "change {index}");
        }
    }

    #[test]
    fn an_answer_keeps_what_is_not_text() {
        for reason in [FinishReason::Length, FinishReason::Other("odd".to_owned())] {
            let response = ChatResponse::new(ChatMessage::assistant("a"), reason, None);
            let document = of_response(&response);
            assert_eq!(to_response(response.clone(), &document), Some(response));
        }
    }

    proptest! {
        #[test]
        fn any_text_and_number_come_back(text in any::<String>(), number in any::<f32>()) {
            prop_assume!(number.is_finite());
            let request = ChatRequest::new("m", [ChatMessage::user(text)]);
            let request = request.with_temperature(number);
            prop_assert_eq!(to_request(&of_request(&request)), Some(request));
        }
    }
}

//! Reads a chat completion request: checks what the gateway relies on, and says of every text who
//! produced it.
//!
//! # Invariants
//! The document stays as it came. Who is trusted is decided by the role of a message alone. What
//! one role says is read one text after another.
//!
//! # Failure
//! [`RequestError`] names the member and what was expected of it.

mod message;

use super::marks::{Marks, untrusted};
use super::vocabulary::is_word;
use message::Messages;
use mofa_sdk::runtime::Provenance;
use mofa_sdk::security::{
    Act, Direction, DocumentError, Exchange, JsonRef, Label, NodeKind, Subject,
};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use thiserror::Error;

/// The longest name of a model, in bytes.
const MAX_MODEL_LEN: usize = 256;

/// A request, ready to be inspected.
pub(crate) struct ChatRequest<'a, T> {
    /// The model that is asked.
    pub(crate) model: String,
    /// Where that leads.
    pub(crate) target: T,
    /// Whether the answer is to be streamed.
    pub(crate) stream: bool,
    /// Where the content of the first message of a user stands, as JSON.
    pub(crate) opening: Option<Range<usize>>,
    /// The whole document.
    pub(crate) exchange: Exchange<'a>,
}

/// Nothing that the caller wrote: what is not inspected yet is in no log.
impl<T: fmt::Debug> fmt::Debug for ChatRequest<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("ChatRequest");
        debug.field("target", &self.target).field("stream", &self.stream);
        debug.field("parts", &self.exchange.parts().count()).finish_non_exhaustive()
    }
}

/// Why a document is no chat completion request.
#[derive(Debug, Error, PartialEq, Eq)]
pub(crate) enum RequestError {
    /// It is not acceptable JSON.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A member is missing or is something else than it should be.
    #[error("`{param}` must be {expected}, found {found}")]
    Field {
        /// The path to the member.
        param: String,
        /// What it should be.
        expected: &'static str,
        /// What it is; never its text.
        found: &'static str,
    },
}

impl RequestError {
    /// The path to the member that is wrong, if one is.
    pub(crate) fn param(&self) -> Option<&str> {
        match self {
            Self::Document(_) => None,
            Self::Field { param, .. } => Some(param),
        }
    }
}

/// Reads `raw`, which `subject` sent; `find` says where its model leads and what is wanted then.
///
/// # Errors
/// [`RequestError`] if it is not what the gateway can inspect and route.
pub(crate) fn read<'a, T>(
    subject: &Arc<Subject>,
    raw: &'a str,
    find: impl FnOnce(&str) -> (Act, T),
) -> Result<ChatRequest<'a, T>, RequestError> {
    let act = Act::new("invoke", "model");
    let labelling = Exchange::json(subject.clone(), act, Direction::Input, raw)?;
    let mut marks = Marks::default();
    let mut top = Top::default();
    let root = labelling.root().filter(|root| root.kind() == NodeKind::Object);
    let root = root.ok_or_else(|| wrong(&"body", "an object", labelling.root()))?;
    top.read(root, &mut marks)?;
    let Some(model) = top.model else { return Err(wrong(&"model", MODEL, None)) };
    if !top.has_messages {
        return Err(wrong(&"messages", MESSAGES, None));
    }
    let (act, target) = find(&model);
    let labelling = marks.apply(labelling).vocabulary(is_word).act(act);
    // The permit is to hold for what is sent, and for nothing else.
    let exchange = labelling.into_parts().bound();
    Ok(ChatRequest { model, target, stream: top.stream, opening: top.opening, exchange })
}

/// The members whose numbers are counts, seeds and numbers of tokens: those of `OpenAI`, vLLM and
/// llama.cpp.
const WIRE_NUMBERS: [&str; 12] = [
    "logit_bias",
    "max_completion_tokens",
    "max_output_tokens",
    "max_tokens",
    "min_tokens",
    "n",
    "n_predict",
    "seed",
    "stop_token_ids",
    "top_k",
    "top_logprobs",
    "truncate_prompt_tokens",
];

const MODEL: &str = "a name of 1 to 256 bytes without control characters";
const MESSAGES: &str = "an array with at least one message";
const ROUTED: &str = "absent or null, because the gateway routes by `model` alone";

/// What the outermost members say.
#[derive(Default)]
struct Top {
    model: Option<String>,
    stream: bool,
    has_messages: bool,
    opening: Option<Range<usize>>,
}

impl Top {
    fn read(&mut self, root: JsonRef<'_>, marks: &mut Marks) -> Result<(), RequestError> {
        let user = untrusted(Provenance::User);
        for (key, value) in root.entries() {
            match key.as_str().as_deref() {
                Some("model") => {
                    self.model = Some(model(value)?);
                    marks.fixed(value, &user);
                }
                Some("messages") => {
                    Messages::new(marks).read(value)?;
                    self.opening = opening(value);
                    self.has_messages = true;
                }
                // Some model servers take these for the model that is asked.
                Some(key @ ("models" | "fallbacks" | "route")) if !value.is_null() => {
                    return Err(wrong(&key, ROUTED, Some(value)));
                }
                Some("stream") if !value.is_null() => {
                    let expected = "true or false";
                    self.stream =
                        value.as_bool().ok_or_else(|| wrong(&"stream", expected, Some(value)))?;
                }
                Some("tools") if !value.is_null() => tools(value, marks)?,
                Some("functions") if !value.is_null() => functions(value, marks)?,
                Some("tool_choice") => marks.tool_call(value, &user),
                Some("response_format") => {
                    // A schema's bounds and values are numbers of the format, as those of tools.
                    marks.wire_number(value);
                    if let Some(name) = value.get("json_schema").and_then(|it| it.get("name")) {
                        marks.fixed(name, &user);
                    }
                }
                Some(key) if WIRE_NUMBERS.contains(&key) => marks.wire_number(value),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Where the content of the first of `messages` stands that is a user's.
fn opening(messages: JsonRef<'_>) -> Option<Range<usize>> {
    let is_user = |message: &JsonRef<'_>| {
        message.get("role").and_then(JsonRef::as_str).is_some_and(|role| role == "user")
    };
    messages.elements().find(is_user)?.get("content").map(JsonRef::span)
}

fn model(value: JsonRef<'_>) -> Result<String, RequestError> {
    let name = value.as_str().filter(|name| {
        !name.is_empty() && name.len() <= MAX_MODEL_LEN && !name.chars().any(char::is_control)
    });
    Ok(name.ok_or_else(|| wrong(&"model", MODEL, Some(value)))?.into_owned())
}

/// Descriptions of tools come from tool servers: nobody vouches for what they say.
fn described() -> Label {
    untrusted(Provenance::Developer)
}

fn tools(tools: JsonRef<'_>, marks: &mut Marks) -> Result<(), RequestError> {
    array(tools, &"tools")?;
    marks.label(tools, described());
    marks.wire_number(tools);
    for (index, tool) in tools.elements().enumerate() {
        object(tool, &format_args!("tools[{index}]"))?;
        marks.tool_call(tool, &described());
    }
    Ok(())
}

fn functions(functions: JsonRef<'_>, marks: &mut Marks) -> Result<(), RequestError> {
    array(functions, &"functions")?;
    marks.label(functions, described());
    marks.wire_number(functions);
    for (index, function) in functions.elements().enumerate() {
        object(function, &format_args!("functions[{index}]"))?;
        if let Some(name) = function.get("name") {
            marks.fixed(name, &described());
        }
    }
    Ok(())
}

fn array(value: JsonRef<'_>, param: &dyn fmt::Display) -> Result<(), RequestError> {
    let is_array = value.kind() == NodeKind::Array;
    is_array.then_some(()).ok_or_else(|| wrong(param, "an array", Some(value)))
}

fn object(value: JsonRef<'_>, param: &dyn fmt::Display) -> Result<(), RequestError> {
    let is_object = value.kind() == NodeKind::Object;
    is_object.then_some(()).ok_or_else(|| wrong(param, "an object", Some(value)))
}

fn wrong(
    param: &dyn fmt::Display,
    expected: &'static str,
    found: Option<JsonRef<'_>>,
) -> RequestError {
    let found = match found {
        None => "nothing",
        Some(value) if value.is_null() => "null",
        Some(value) => match value.kind() {
            NodeKind::Object => "an object",
            NodeKind::Array if value.elements().next().is_none() => "an empty array",
            NodeKind::Array => "an array",
            NodeKind::Key | NodeKind::String => "a string",
            NodeKind::Number => "a number",
            NodeKind::Literal => "true or false",
        },
    };
    RequestError::Field { param: param.to_string(), expected, found }
}

#[cfg(test)]
mod tests;

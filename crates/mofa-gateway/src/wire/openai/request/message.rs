//! Reads the messages of a request.

use super::{MESSAGES, RequestError, array, object, wrong};
use crate::wire::openai::marks::{Marks, Reading, untrusted};
use mofa_sdk::runtime::{Provenance, ToolName};
use mofa_sdk::security::{JsonRef, Label, NodeKind};
use std::borrow::Cow;
use std::collections::HashMap;

/// The name of a tool whose call is not in the conversation.
const UNKNOWN_TOOL: &str = "unknown";

/// The longest name of a tool in the OpenAI API, in bytes.
const MAX_TOOL_NAME: usize = 64;

/// A name with so many digits may be a number of somebody's, or a key.
const SUSPICIOUS_DIGITS: usize = 5;

/// Whose messages are read one after another. Results of tools stand by themselves.
const SPEAKERS: [&str; 4] = ["system", "developer", "user", "assistant"];

const ROLE: &str = "`system`, `developer`, `user`, `assistant`, `tool` or `function`";
const CONTENT: &str = "a string, null or an array of content parts";

/// Reads messages in their order, and remembers which tool was called under which id.
pub(super) struct Messages<'a, 'm> {
    marks: &'m mut Marks,
    called: HashMap<Cow<'a, str>, Cow<'a, str>>,
    /// What each of [`SPEAKERS`] says.
    said: [Reading; SPEAKERS.len()],
    /// Who said the last of it.
    last: Option<usize>,
}

impl<'a, 'm> Messages<'a, 'm> {
    pub(super) fn new(marks: &'m mut Marks) -> Self {
        Self { marks, called: HashMap::new(), said: Default::default(), last: None }
    }

    pub(super) fn read(mut self, messages: JsonRef<'a>) -> Result<(), RequestError> {
        if messages.elements().next().is_none() {
            return Err(wrong(&"messages", MESSAGES, Some(messages)));
        }
        for (index, message) in messages.elements().enumerate() {
            object(message, &format_args!("messages[{index}]"))?;
            self.message(index, message)?;
        }
        self.said.into_iter().for_each(|said| self.marks.joined(said));
        Ok(())
    }

    fn message(&mut self, index: usize, message: JsonRef<'a>) -> Result<(), RequestError> {
        let role = message.get("role");
        let name = role.and_then(JsonRef::as_str);
        let speaker = SPEAKERS.iter().position(|role| name.as_deref() == Some(*role));
        let label = name
            .and_then(|role| self.label(&role, message))
            .ok_or_else(|| wrong(&format_args!("messages[{index}].role"), ROLE, role))?;
        self.marks.label(message, label.clone());
        for (key, value) in message.entries() {
            match key.as_str().as_deref() {
                Some("role" | "tool_call_id") => self.marks.fixed(value, &label),
                Some("name") if is_tool(&label) => self.marks.fixed(value, &label),
                Some("content") => {
                    self.content(index, value)?;
                    if let Some(said) = speaker.and_then(|at| self.said.get_mut(at)) {
                        said.content(value, self.last == speaker);
                    } else {
                        let mut result = Reading::default();
                        result.content(value, false);
                        self.marks.joined(result);
                    }
                }
                Some("audio") => self.marks.earlier_content(value),
                Some("tool_calls") if !value.is_null() => self.calls(index, value, &label)?,
                Some("function_call") => {
                    if let Some(name) = value.get("name") {
                        self.marks.fixed(name, &label);
                    }
                }
                _ => {}
            }
        }
        self.last = speaker;
        Ok(())
    }

    /// Who says what stands in a message of `role`; `None` if there is no such role.
    fn label(&self, role: &str, message: JsonRef<'a>) -> Option<Label> {
        Some(match role {
            "system" => Label::trusted(Provenance::System),
            "developer" => Label::trusted(Provenance::Developer),
            "user" => untrusted(Provenance::User),
            "assistant" => untrusted(Provenance::Model),
            "tool" => {
                let id = message.get("tool_call_id").and_then(JsonRef::as_str);
                untrusted(tool(id.and_then(|id| self.called.get(&id)).map(|name| &**name)))
            }
            "function" => {
                let name = message.get("name").and_then(JsonRef::as_str);
                untrusted(tool(name.as_deref()))
            }
            _ => return None,
        })
    }

    fn content(&mut self, index: usize, content: JsonRef<'a>) -> Result<(), RequestError> {
        match content.kind() {
            NodeKind::String => return Ok(()),
            NodeKind::Literal if content.is_null() => return Ok(()),
            NodeKind::Array => {}
            _ => {
                let param = format_args!("messages[{index}].content");
                return Err(wrong(&param, CONTENT, Some(content)));
            }
        }
        for (at, part) in content.elements().enumerate() {
            object(part, &format_args!("messages[{index}].content[{at}]"))?;
            let kind = part.get("type");
            if kind.is_none_or(|kind| kind.kind() != NodeKind::String) {
                let param = format_args!("messages[{index}].content[{at}].type");
                return Err(wrong(&param, "a string", kind));
            }
            self.marks.content_part(part);
        }
        Ok(())
    }

    fn calls(
        &mut self,
        index: usize,
        calls: JsonRef<'a>,
        label: &Label,
    ) -> Result<(), RequestError> {
        array(calls, &format_args!("messages[{index}].tool_calls"))?;
        for (at, call) in calls.elements().enumerate() {
            object(call, &format_args!("messages[{index}].tool_calls[{at}]"))?;
            self.marks.tool_call(call, label);
            let called = call.get("function").or_else(|| call.get("custom"));
            let name = called.and_then(|called| called.get("name")?.as_str());
            if let (Some(id), Some(name)) = (call.get("id").and_then(JsonRef::as_str), name) {
                self.called.insert(id, name);
            }
        }
        Ok(())
    }
}

fn is_tool(label: &Label) -> bool {
    matches!(label.provenance, Provenance::Tool(_) | Provenance::Retrieved)
}

/// Who produced the result of the tool `name`. Records name the producer, so a name that might be
/// somebody's data or a secret is none.
fn tool(name: Option<&str>) -> Provenance {
    let name = name.filter(|name| is_plain(name)).and_then(|name| ToolName::new(name).ok());
    let name = name.or_else(|| ToolName::new(UNKNOWN_TOOL).ok());
    name.map_or(Provenance::Retrieved, Provenance::Tool)
}

/// Whether `name` is what tools are called: letters, a few signs, and fewer digits than any number
/// or key of somebody's has.
fn is_plain(name: &str) -> bool {
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    name.len() <= MAX_TOOL_NAME
        && name.bytes().all(is_usual)
        && name.bytes().filter(u8::is_ascii_digit).count() < SUSPICIOUS_DIGITS
}

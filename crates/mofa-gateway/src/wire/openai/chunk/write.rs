//! Writes chunks that the model server did not send: what was held back, and how a blocked stream
//! ends.

use super::{Beside, Field, Step};
use crate::wire::openai::response::LIMITS;
use mofa_sdk::security::Document;
use serde_json::{Map, Value, json};
use std::fmt::{self, Write};

/// A continued text, to be sent in one piece.
pub(crate) struct Flushed {
    /// Which text of the choice.
    pub(crate) field: Field,
    /// The piece.
    pub(crate) text: String,
    /// What has to stand beside it.
    pub(crate) beside: Vec<Beside>,
}

impl fmt::Debug for Flushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Flushed");
        debug.field("field", &self.field).field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

/// Chunks for `choice` with `flushed` in them; everything else is as in `frame`. Texts that stand
/// deeper than the members of a delta have a chunk each.
pub(crate) fn synthesised(frame: &str, choice: u64, flushed: &[Flushed]) -> Vec<String> {
    let mut chunks = Vec::new();
    let mut delta = Map::new();
    let mut calls = Vec::new();
    for Flushed { field, text, beside } in flushed {
        match field {
            Field::Text { path } => {
                if let [Step::Member(outer), Step::Member(member)] = &**path
                    && outer == "delta"
                {
                    delta.insert(member.clone(), Value::from(text.as_str()));
                } else {
                    chunks.push(with_choice(frame, choice, wrapped(path, beside, text)));
                }
            }
            Field::Arguments { call } => {
                calls.push(json!({"index": call, "function": {"arguments": text}}));
            }
            Field::CustomInput { call } => {
                calls.push(json!({"index": call, "custom": {"input": text}}));
            }
            Field::FunctionCall => {
                delta.insert("function_call".to_owned(), json!({"arguments": text}));
            }
        }
    }
    if !calls.is_empty() {
        delta.insert("tool_calls".to_owned(), Value::from(calls));
    }
    if !delta.is_empty() {
        chunks.push(with_choice(frame, choice, json!({"delta": delta})));
    }
    chunks
}

/// The last chunk of a blocked choice; everything else is as in `frame`.
pub(crate) fn refused(frame: &str, choice: u64) -> String {
    with_choice(frame, choice, json!({"delta": {}, "finish_reason": "content_filter"}))
}

/// `text` as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// `text` at the end of `path`, with what stands beside it on the way.
fn wrapped(path: &[Step], beside: &[Beside], text: &str) -> Value {
    let mut value = Value::from(text);
    for (depth, step) in path.iter().enumerate().rev() {
        value = match step {
            Step::Member(member) => {
                let known = beside.iter().filter(|(at, ..)| *at == depth);
                let mut object: Map<_, _> =
                    known.map(|(_, key, value)| ((*key).to_owned(), value.clone())).collect();
                object.insert(member.clone(), value);
                Value::Object(object)
            }
            Step::Element(_) => Value::Array(vec![value]),
        };
    }
    value
}

/// The members of `frame`, byte for byte, with one choice, which has the members of `choice`, and
/// without counts.
fn with_choice(frame: &str, index: u64, mut choice: Value) -> String {
    if let Value::Object(members) = &mut choice {
        members.insert("index".to_owned(), Value::from(index));
        members.entry("finish_reason").or_insert(Value::Null);
    }
    let mut out = String::with_capacity(frame.len() + 64);
    out.push('{');
    if let Ok(document) = Document::parse(frame, LIMITS) {
        for (key, value) in document.root(frame).entries() {
            if key.as_str().is_none_or(|key| key == "choices" || key == "usage" || key == "error") {
                continue;
            }
            out.push_str(key.raw());
            out.push(':');
            out.push_str(value.raw());
            out.push(',');
        }
    }
    let _ = write!(out, "\"choices\":[{choice}]}}");
    out
}

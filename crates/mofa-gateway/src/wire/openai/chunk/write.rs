//! Writes chunks that the model server did not send: what was held back, and how a blocked stream
//! ends.

use super::Field;
use crate::wire::openai::response::LIMITS;
use mofa_sdk::security::Document;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// A continued text, to be sent in one piece.
#[derive(Debug)]
pub(crate) struct Flushed {
    /// Which text of the choice.
    pub(crate) field: Field,
    /// The piece.
    pub(crate) text: String,
}

/// A chunk for `choice` with `flushed` in it; everything else is as in `frame`.
pub(crate) fn synthesised(frame: &str, choice: u64, flushed: &[Flushed]) -> String {
    with_choice(frame, &json!({"index": choice, "delta": delta(flushed), "finish_reason": null}))
}

/// The last chunk of a blocked choice; everything else is as in `frame`.
pub(crate) fn refused(frame: &str, choice: u64) -> String {
    with_choice(frame, &json!({"index": choice, "delta": {}, "finish_reason": "content_filter"}))
}

/// `text` as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn delta(flushed: &[Flushed]) -> Value {
    let mut delta = Map::new();
    let mut calls = Vec::new();
    for Flushed { field, text } in flushed {
        match field {
            Field::Text { member } => {
                delta.insert(member.clone(), Value::from(text.as_str()));
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
    Value::Object(delta)
}

/// The members of `frame`, byte for byte, with `choice` as the only choice and without counts.
fn with_choice(frame: &str, choice: &Value) -> String {
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

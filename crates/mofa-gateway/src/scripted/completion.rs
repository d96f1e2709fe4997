//! Writes completions in the OpenAI chat format, whole and in chunks.

use serde_json::{Value, json};

/// The time that every answer bears, so that answers can be compared.
const CREATED: u64 = 1_700_000_000;

const ID: &str = "chatcmpl-scripted";

/// A request, as far as a script looks at it.
#[derive(Default)]
pub(super) struct Asked {
    pub(super) model: String,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    /// The last thing that a user or a tool said.
    pub(super) said: String,
}

impl Asked {
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let request: Value = serde_json::from_slice(body).ok()?;
        let flag = |pointer| request.pointer(pointer).and_then(Value::as_bool).unwrap_or_default();
        let speaks = |message: &&Value| {
            matches!(message.get("role").and_then(Value::as_str), Some("user" | "tool"))
        };
        let last = request.get("messages")?.as_array()?.iter().rev().find(speaks);
        Some(Self {
            model: request.get("model")?.as_str()?.to_owned(),
            stream: flag("/stream"),
            include_usage: flag("/stream_options/include_usage"),
            said: last.and_then(|message| message.get("content")).map(text).unwrap_or_default(),
        })
    }
}

/// The text of a message's content.
fn text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

/// A whole answer with a choice for each of `texts`.
pub(super) fn texts(asked: &Asked, texts: &[String]) -> Value {
    let choices = (0..).zip(texts).map(|(index, text)| -> Value {
        json!({
            "index": index,
            "message": {"role": "assistant", "content": text, "refusal": null},
            "logprobs": null,
            "finish_reason": "stop",
        })
    });
    whole(asked, &choices.collect())
}

/// A whole answer that calls tools.
pub(super) fn tool_calls(asked: &Asked, calls: &[(String, String)]) -> Value {
    let calls: Vec<Value> = (0..).zip(calls).map(|(index, call)| whole_call(index, call)).collect();
    let message = json!({"role": "assistant", "content": null, "tool_calls": calls});
    whole(asked, &json!([{"index": 0, "message": message, "finish_reason": "tool_calls"}]))
}

fn whole(asked: &Asked, choices: &Value) -> Value {
    json!({
        "id": ID,
        "object": "chat.completion",
        "created": CREATED,
        "model": asked.model,
        "choices": choices,
        "usage": usage(),
    })
}

fn whole_call(index: u64, (name, arguments): &(String, String)) -> Value {
    let function = json!({"name": name, "arguments": arguments});
    json!({"id": format!("call_{index}"), "type": "function", "function": function})
}

/// The events of a streamed answer with a choice for each of `texts`; the choices take turns.
pub(super) fn text_events(asked: &Asked, texts: &[String], chunk_chars: usize) -> Vec<String> {
    let mut events = Vec::new();
    let pieces: Vec<Vec<String>> = texts.iter().map(|text| cut(text, chunk_chars)).collect();
    for index in 0..texts.len() {
        events.push(delta(asked, index, &json!({"role": "assistant", "content": ""}), None));
    }
    let rounds = pieces.iter().map(Vec::len).max().unwrap_or_default();
    for round in 0..rounds {
        for (index, piece) in
            pieces.iter().enumerate().filter_map(|(i, p)| Some((i, p.get(round)?)))
        {
            events.push(delta(asked, index, &json!({"content": piece}), None));
        }
    }
    for index in 0..texts.len() {
        events.push(delta(asked, index, &json!({}), Some("stop")));
    }
    finish(asked, events)
}

/// The events of a streamed answer that calls tools.
pub(super) fn call_events(
    asked: &Asked,
    calls: &[(String, String)],
    chunk_chars: usize,
) -> Vec<String> {
    let mut events = vec![delta(asked, 0, &json!({"role": "assistant", "content": null}), None)];
    for (index, (name, arguments)) in (0..).zip(calls) {
        let call = json!({
            "index": index,
            "id": format!("call_{index}"),
            "type": "function",
            "function": {"name": name, "arguments": ""},
        });
        events.push(delta(asked, 0, &json!({"tool_calls": [call]}), None));
        for piece in cut(arguments, chunk_chars) {
            let call = json!({"index": index, "function": {"arguments": piece}});
            events.push(delta(asked, 0, &json!({"tool_calls": [call]}), None));
        }
    }
    events.push(delta(asked, 0, &json!({}), Some("tool_calls")));
    finish(asked, events)
}

fn finish(asked: &Asked, mut events: Vec<String>) -> Vec<String> {
    if asked.include_usage {
        events.push(event(&json!({
            "id": ID,
            "object": "chat.completion.chunk",
            "created": CREATED,
            "model": asked.model,
            "choices": [],
            "usage": usage(),
        })));
    }
    events.push("data: [DONE]\n\n".to_owned());
    events
}

fn delta(asked: &Asked, index: usize, delta: &Value, finish_reason: Option<&str>) -> String {
    event(&json!({
        "id": ID,
        "object": "chat.completion.chunk",
        "created": CREATED,
        "model": asked.model,
        "choices": [{"index": index, "delta": delta, "finish_reason": finish_reason}],
    }))
}

fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

fn usage() -> Value {
    json!({"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})
}

/// `text` in pieces of `chunk_chars` characters.
fn cut(text: &str, chunk_chars: usize) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(chunk_chars).map(|piece| piece.iter().collect()).collect()
}

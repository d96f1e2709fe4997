//! Writes chunks that the model server did not send: what was held back, and how a blocked stream
//! ends.
//!
//! # Invariants
//! Such a chunk says of its stream what every chunk does, and nothing else of what came: what is
//! written is not much longer than the texts in it, however long the chunks around it are.

use super::{Beside, Field, Step};
use crate::wire::openai::response::LIMITS;
use mofa_sdk::security::Document;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

/// The members that all chunks of a stream have.
const SHARED: [&str; 5] = ["id", "object", "created", "model", "system_fingerprint"];

/// The longest value of such a member that is repeated, in bytes.
const MAX_SHARED: usize = 1024;

/// A continued text, to be sent in one piece.
pub(crate) struct Flushed {
    /// The choice that it belongs to.
    pub(crate) choice: u64,
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

impl Flushed {
    /// The way to the text from its choice, and what stands beside it.
    fn place(&self) -> (Cow<'_, [Step]>, Cow<'_, [Beside]>) {
        let way = |members: &[&str]| -> Vec<Step> {
            members.iter().map(|member| Step::Member((*member).to_owned())).collect()
        };
        let call = |number: u64, what: &[&str]| {
            let mut path = way(&["delta", "tool_calls"]);
            path.push(Step::Element(number));
            let beside = vec![(path.len(), "index", Value::from(number))];
            path.extend(way(what));
            (Cow::Owned(path), Cow::Owned(beside))
        };
        match &self.field {
            Field::Text { path } => (Cow::Borrowed(path), Cow::Borrowed(&self.beside)),
            Field::Arguments { call: number } => call(*number, &["function", "arguments"]),
            Field::CustomInput { call: number } => call(*number, &["custom", "input"]),
            Field::FunctionCall => {
                (Cow::Owned(way(&["delta", "function_call", "arguments"])), Cow::Borrowed(&[]))
            }
        }
    }
}

/// A choice of a chunk while it is put together, or a value in it.
#[derive(Default)]
enum Node {
    #[default]
    Empty,
    Text(String),
    Object(Map<String, Value>, BTreeMap<String, Node>),
    Array(BTreeMap<u64, Node>),
}

impl Node {
    /// Puts `text` to the end of `path`, which is `depth` steps from the choice, unless something
    /// else stands in its way.
    fn put(&mut self, path: &[Step], depth: usize, beside: &[Beside], text: &str) -> bool {
        let Some((step, path)) = path.split_first() else {
            let is_free = matches!(self, Self::Empty);
            if is_free {
                *self = Self::Text(text.to_owned());
            }
            return is_free;
        };
        if matches!(self, Self::Empty) {
            *self = match step {
                Step::Member(_) => Self::Object(Map::new(), BTreeMap::new()),
                Step::Element(_) => Self::Array(BTreeMap::new()),
            };
        }
        let inner = match (self, step) {
            (Self::Object(known, members), Step::Member(member)) => {
                let beside = beside.iter().filter(|(at, ..)| *at == depth);
                known.extend(beside.map(|(_, key, value)| ((*key).to_owned(), value.clone())));
                members.entry(member.clone()).or_default()
            }
            (Self::Array(elements), Step::Element(number)) => elements.entry(*number).or_default(),
            _ => return false,
        };
        inner.put(path, depth + 1, beside, text)
    }

    fn into_value(self) -> Value {
        match self {
            Self::Empty => Value::Null,
            Self::Text(text) => Value::from(text),
            Self::Array(elements) => elements.into_values().map(Self::into_value).collect(),
            Self::Object(mut object, members) => {
                object.extend(members.into_iter().map(|(key, value)| (key, value.into_value())));
                Value::Object(object)
            }
        }
    }
}

/// What `frame` says of its stream, as the members of an object are written.
pub(crate) fn envelope(frame: &str) -> String {
    let mut out = String::new();
    if let Ok(document) = Document::parse(frame, LIMITS) {
        for (key, value) in document.root(frame).entries() {
            let is_shared = key.as_str().is_some_and(|key| SHARED.contains(&&*key));
            if is_shared && value.raw().len() <= MAX_SHARED {
                out.push_str(key.raw());
                out.push(':');
                out.push_str(value.raw());
                out.push(',');
            }
        }
    }
    out
}

/// A chunk with `flushed` in it, or more than one, where two texts cannot stand in the same.
pub(crate) fn synthesised(envelope: &str, flushed: &[Flushed]) -> Vec<String> {
    let mut chunks = Vec::new();
    let mut choices: BTreeMap<u64, Node> = BTreeMap::new();
    for piece in flushed {
        let (path, beside) = piece.place();
        let put = |choices: &mut BTreeMap<u64, Node>| {
            choices.entry(piece.choice).or_default().put(&path, 0, &beside, &piece.text)
        };
        if !put(&mut choices) {
            chunks.push(written(envelope, std::mem::take(&mut choices)));
            put(&mut choices);
        }
    }
    if !choices.is_empty() {
        chunks.push(written(envelope, choices));
    }
    chunks
}

/// The last chunk of blocked `choices`.
pub(crate) fn refused(envelope: &str, choices: impl Iterator<Item = u64>) -> String {
    let end = |choice| json!({"index": choice, "delta": {}, "finish_reason": "content_filter"});
    chunk(envelope, choices.map(end).collect())
}

/// `text` as a JSON string.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn written(envelope: &str, choices: BTreeMap<u64, Node>) -> String {
    let choices = choices.into_iter().map(|(index, node)| {
        let mut choice = node.into_value();
        if let Value::Object(members) = &mut choice {
            members.insert("index".to_owned(), Value::from(index));
            members.entry("finish_reason").or_insert(Value::Null);
        }
        choice
    });
    chunk(envelope, choices.collect())
}

fn chunk(envelope: &str, choices: Vec<Value>) -> String {
    format!("{{{envelope}\"choices\":{}}}", Value::Array(choices))
}

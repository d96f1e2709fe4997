//! Walks over the choices of a chunk and sorts their strings: continued texts, names, and what
//! stays in the frame alone.

use super::{
    Beside, ChunkError, Field, Head, MAX_INDEX, MAX_KEY, MAX_STEPS, MAX_TEXTS, Name, Piece, Step,
};
use crate::wire::openai::marks::{holds_media, is_data, is_encoded, is_media};
use crate::wire::openai::vocabulary::is_word;
use mofa_sdk::security::{JsonRef, NodeKind};
use serde_json::Value;
use std::borrow::Cow;
use std::ops::Range;

/// What a walk found, in the order in which it stands.
#[derive(Default)]
pub(super) struct Walk {
    keep_logprobs: bool,
    /// What is emptied, pieces and others.
    pub(super) edits: Vec<(Range<usize>, Cow<'static, str>)>,
    pub(super) pieces: Vec<Piece>,
    pub(super) heads: Vec<Head>,
    pub(super) names: Vec<Name>,
    /// Whether a piece may stand for less than its string says.
    pub(super) is_lossy: bool,
    pub(super) choices: Vec<u64>,
    pub(super) finished: Vec<u64>,
    /// Where the walk is: the choice, the way from it, and what says which objects are passed.
    choice: u64,
    path: Vec<Step>,
    beside: Vec<Beside>,
}

/// What the strings of a value are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Strings {
    /// Continued texts.
    Texts,
    /// Continued texts, and content that no stage can read.
    Media,
    /// Names: they stay where they are.
    Names,
}

impl Walk {
    pub(super) fn over(root: JsonRef<'_>, keep_logprobs: bool) -> Result<Self, ChunkError> {
        let mut walk = Self { keep_logprobs, ..Self::default() };
        let choices = root.get("choices").into_iter().flat_map(JsonRef::elements);
        for (position, choice) in (0..).zip(choices) {
            walk.choice = number(choice, "choices[].index", position)?;
            walk.choices.push(walk.choice);
            walk.choice(choice)?;
        }
        Ok(walk)
    }

    fn choice(&mut self, choice: JsonRef<'_>) -> Result<(), ChunkError> {
        for (key, value) in choice.entries() {
            match key.as_str().as_deref() {
                Some("delta") => self.step(key, |walk| walk.delta(value))?,
                Some("logprobs") if !self.keep_logprobs && !value.is_null() => {
                    self.edits.push((value.span(), Cow::Borrowed("null")));
                }
                Some("logprobs") => {}
                Some("finish_reason") if value.as_str().is_some_and(|why| !why.is_empty()) => {
                    self.finished.push(self.choice);
                    self.step(key, |walk| walk.strings(value, Strings::Names))?;
                }
                // As completions that are no chats write it.
                Some("text") => self.step(key, |walk| walk.strings(value, Strings::Texts))?,
                _ => self.step(key, |walk| walk.strings(value, Strings::Names))?,
            }
        }
        Ok(())
    }

    fn delta(&mut self, delta: JsonRef<'_>) -> Result<(), ChunkError> {
        if delta.kind() != NodeKind::Object {
            return self.strings(delta, Strings::Texts);
        }
        for (key, value) in delta.entries() {
            self.step(key, |walk| match key.as_str().as_deref() {
                Some("role") => walk.strings(value, Strings::Names),
                Some("tool_calls") if value.kind() == NodeKind::Array => walk.calls(value),
                Some("function_call") if value.kind() == NodeKind::Object => {
                    walk.called(value, "arguments", &Field::FunctionCall)
                }
                Some(member) if holds_media(member) && value.kind() != NodeKind::String => {
                    walk.strings(value, Strings::Media)
                }
                _ => walk.strings(value, Strings::Texts),
            })?;
        }
        Ok(())
    }

    fn calls(&mut self, calls: JsonRef<'_>) -> Result<(), ChunkError> {
        for (position, call) in (0..).zip(calls.elements()) {
            let number = number(call, "tool_calls[].index", position)?;
            self.path.push(Step::Element(number));
            if call.kind() != NodeKind::Object {
                self.strings(call, Strings::Texts)?;
            }
            if let Some(id) = call.get("id").and_then(JsonRef::as_str).filter(|id| !id.is_empty()) {
                let (choice, id, at) = (self.choice, id.into_owned(), self.pieces.len());
                self.heads.push(Head { choice, call: number, id, at });
            }
            let outside = self.enter(call);
            for (key, value) in call.entries() {
                self.step(key, |walk| match key.as_str().as_deref() {
                    Some("function") if value.kind() == NodeKind::Object => {
                        walk.called(value, "arguments", &Field::Arguments { call: number })
                    }
                    Some("custom") if value.kind() == NodeKind::Object => {
                        walk.called(value, "input", &Field::CustomInput { call: number })
                    }
                    Some("id" | "type") => walk.strings(value, Strings::Names),
                    _ => walk.strings(value, Strings::Texts),
                })?;
            }
            self.beside.truncate(outside);
            self.path.pop();
        }
        Ok(())
    }

    /// What is called and with what: `field`, under the key `with`.
    fn called(&mut self, called: JsonRef<'_>, with: &str, field: &Field) -> Result<(), ChunkError> {
        for (key, value) in called.entries() {
            self.step(key, |walk| match key.as_str().as_deref() {
                Some(key) if key == with && value.kind() == NodeKind::String => {
                    walk.piece(field.clone(), value)
                }
                // Arguments that are no string come whole.
                Some(key) if key == with || key == "name" => walk.strings(value, Strings::Names),
                _ => walk.strings(value, Strings::Texts),
            })?;
        }
        Ok(())
    }

    /// All strings in `value`.
    fn strings(&mut self, value: JsonRef<'_>, are: Strings) -> Result<(), ChunkError> {
        match value.kind() {
            NodeKind::String if are == Strings::Names => self.name(value),
            NodeKind::String if are == Strings::Media && is_data(value) => Ok(()),
            NodeKind::String => self.piece(Field::Text { path: self.path.clone() }, value),
            NodeKind::Array => {
                for (position, element) in (0..).zip(value.elements()) {
                    let index = element.get("index").and_then(JsonRef::as_u64);
                    self.path.push(Step::Element(index.unwrap_or(position)));
                    self.strings(element, are)?;
                    self.path.pop();
                }
                Ok(())
            }
            NodeKind::Object if are == Strings::Media && is_media(value) => Ok(()),
            NodeKind::Object => self.members(value, are),
            NodeKind::Key | NodeKind::Number | NodeKind::Literal => Ok(()),
        }
    }

    fn members(&mut self, object: JsonRef<'_>, are: Strings) -> Result<(), ChunkError> {
        let outside = self.enter(object);
        for (key, value) in object.entries() {
            if are == Strings::Media && is_encoded(key, value) {
                continue;
            }
            self.step(key, |walk| match key.as_str().as_deref() {
                Some("id") if value.kind() == NodeKind::String => walk.name(value),
                Some("type" | "format" | "name" | "role") => walk.strings(value, Strings::Names),
                _ => walk.strings(value, are),
            })?;
        }
        self.beside.truncate(outside);
        Ok(())
    }

    /// Notes what says which object this is; gives how much was noted before.
    fn enter(&mut self, object: JsonRef<'_>) -> usize {
        let (outside, depth) = (self.beside.len(), self.path.len());
        if let Some(index) = object.get("index").and_then(JsonRef::as_u64) {
            self.beside.push((depth, "index", Value::from(index)));
        }
        if let Some(kind) = object.get("type").and_then(JsonRef::as_str).filter(|it| is_word(it)) {
            self.beside.push((depth, "type", Value::from(kind.into_owned())));
        }
        outside
    }

    fn step(
        &mut self,
        key: JsonRef<'_>,
        walk: impl FnOnce(&mut Self) -> Result<(), ChunkError>,
    ) -> Result<(), ChunkError> {
        let key = key.as_str().unwrap_or_default();
        if key.len() > MAX_KEY {
            return Err(ChunkError::Texts);
        }
        self.path.push(Step::Member(key.into_owned()));
        walk(self)?;
        self.path.pop();
        Ok(())
    }

    fn name(&mut self, value: JsonRef<'_>) -> Result<(), ChunkError> {
        self.room()?;
        let text = value.as_str().unwrap_or_default();
        if !text.is_empty() && !is_word(&text) {
            let (choice, path) = (self.choice, self.path.clone());
            self.names.push(Name { choice, path, text: text.into_owned() });
        }
        Ok(())
    }

    fn piece(&mut self, field: Field, value: JsonRef<'_>) -> Result<(), ChunkError> {
        self.room()?;
        let text = value.as_str().unwrap_or_default().into_owned();
        self.edits.push((value.span(), Cow::Borrowed("\"\"")));
        self.is_lossy |= text.contains(char::REPLACEMENT_CHARACTER) && value.raw().contains("\\u");
        let (choice, beside) = (self.choice, self.beside.clone());
        self.pieces.push(Piece { choice, field, text, beside });
        Ok(())
    }

    fn room(&self) -> Result<(), ChunkError> {
        let has_room = self.pieces.len() + self.names.len() < MAX_TEXTS;
        if has_room && self.path.len() <= MAX_STEPS { Ok(()) } else { Err(ChunkError::Texts) }
    }
}

fn number(value: JsonRef<'_>, field: &'static str, position: u64) -> Result<u64, ChunkError> {
    let number = match value.get("index").filter(|index| !index.is_null()) {
        None => Some(position),
        Some(index) => index.as_u64(),
    };
    number.filter(|number| *number < MAX_INDEX).ok_or(ChunkError::Index { field })
}

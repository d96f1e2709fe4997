//! Takes chunks of a streamed answer apart: what in them continues a text of earlier chunks, and
//! the frame that is left.
//!
//! # Invariants
//! A frame is the chunk with every continued text emptied, so that frame and texts together are
//! the whole chunk. Texts come in the order in which they stand in it.
//!
//! # Failure
//! [`ChunkError`] if the chunk is not acceptable JSON or names a choice or call beyond the limits.

mod write;

pub(crate) use write::{Flushed, quoted, refused, synthesised};

use super::response::{LIMITS, splice};
use super::vocabulary::is_word;
use mofa_sdk::security::{Document, DocumentError, JsonRef, NodeKind};
use std::borrow::Cow;
use std::ops::Range;
use thiserror::Error;

/// Choices and calls of tools are numbered below this.
const MAX_INDEX: u64 = 128;

/// Where a text is continued from chunk to chunk.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    /// A string member of the delta.
    Text {
        /// The member.
        member: String,
    },
    /// `tool_calls[…].function.arguments`.
    Arguments {
        /// Which call.
        call: u64,
    },
    /// `tool_calls[…].custom.input`.
    CustomInput {
        /// Which call.
        call: u64,
    },
    /// `function_call.arguments`, as older servers write it.
    FunctionCall,
}

/// A piece of a continued text.
#[derive(Debug)]
pub(crate) struct Piece {
    /// The choice that it belongs to.
    pub(crate) choice: u64,
    /// Which text of the choice.
    pub(crate) field: Field,
    /// The piece.
    pub(crate) text: String,
}

/// A chunk, taken apart.
#[derive(Debug)]
pub(crate) struct Chunk {
    /// The chunk with every piece emptied.
    pub(crate) frame: String,
    /// The pieces, in their order.
    pub(crate) pieces: Vec<Piece>,
    /// Whether probabilities of tokens were taken out of the frame.
    pub(crate) is_reduced: bool,
    /// The choices that the chunk speaks of.
    pub(crate) choices: Vec<u64>,
    /// The choices that end with the chunk.
    pub(crate) finished: Vec<u64>,
}

/// Why something is no chunk.
#[derive(Debug, Error)]
pub(crate) enum ChunkError {
    /// It is not acceptable JSON.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// A choice or call has too high a number, or none that can be read.
    #[error("`{field}` of a chunk must be a whole number below {MAX_INDEX}")]
    Index {
        /// The member.
        field: &'static str,
    },
}

/// Takes the chunk `raw` apart, without the probabilities of its tokens unless they may be kept:
/// they spell out what may yet be taken out of the text.
///
/// # Errors
/// [`ChunkError`] if it is no chunk.
pub(crate) fn read(raw: &str, keep_logprobs: bool) -> Result<Chunk, ChunkError> {
    let document = Document::parse(raw, LIMITS)?;
    let mut walk = Walk { keep_logprobs, ..Walk::default() };
    walk.root(document.root(raw))?;
    let Walk { edits, pieces, choices, finished, .. } = walk;
    let is_reduced = edits.len() > pieces.len();
    Ok(Chunk { frame: splice(raw, &edits), pieces, is_reduced, choices, finished })
}

/// Where the pieces stand in a frame, in their order.
///
/// # Errors
/// [`ChunkError`] if it is no frame.
pub(crate) fn places(frame: &str) -> Result<Vec<Range<usize>>, ChunkError> {
    let document = Document::parse(frame, LIMITS)?;
    let mut walk = Walk { keep_logprobs: true, ..Walk::default() };
    walk.root(document.root(frame))?;
    Ok(walk.edits.into_iter().map(|(span, _)| span).collect())
}

#[derive(Debug, Default)]
struct Walk {
    keep_logprobs: bool,
    edits: Vec<(Range<usize>, Cow<'static, str>)>,
    pieces: Vec<Piece>,
    choices: Vec<u64>,
    finished: Vec<u64>,
}

impl Walk {
    fn root(&mut self, root: JsonRef<'_>) -> Result<(), ChunkError> {
        let choices = root.get("choices").into_iter().flat_map(JsonRef::elements);
        for (position, choice) in (0..).zip(choices) {
            let index = number(choice, "choices[].index", position)?;
            self.choices.push(index);
            for (key, value) in choice.entries() {
                match key.as_str().as_deref() {
                    Some("delta") => self.delta(index, value)?,
                    Some("logprobs") if !self.keep_logprobs && !value.is_null() => {
                        self.edits.push((value.span(), Cow::Borrowed("null")));
                    }
                    Some("finish_reason") if value.kind() == NodeKind::String => {
                        self.finished.push(index);
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    fn delta(&mut self, choice: u64, delta: JsonRef<'_>) -> Result<(), ChunkError> {
        for (key, value) in delta.entries() {
            let Some(key) = key.as_str() else { continue };
            match &*key {
                "role" => {}
                "tool_calls" => {
                    for (position, call) in (0..).zip(value.elements()) {
                        let number = number(call, "tool_calls[].index", position)?;
                        let arguments = call.get("function").and_then(|it| it.get("arguments"));
                        self.piece(choice, Field::Arguments { call: number }, arguments);
                        let input = call.get("custom").and_then(|it| it.get("input"));
                        self.piece(choice, Field::CustomInput { call: number }, input);
                    }
                }
                "function_call" => {
                    self.piece(choice, Field::FunctionCall, value.get("arguments"));
                }
                member => {
                    self.piece(choice, Field::Text { member: member.to_owned() }, Some(value));
                }
            }
        }
        Ok(())
    }

    fn piece(&mut self, choice: u64, field: Field, value: Option<JsonRef<'_>>) {
        let Some(value) = value.filter(|value| value.kind() == NodeKind::String) else { return };
        let text = value.as_str().unwrap_or_default().into_owned();
        self.edits.push((value.span(), Cow::Borrowed("\"\"")));
        self.pieces.push(Piece { choice, field, text });
    }
}

/// The name of the text number `number` in records: nothing in it was chosen by a model.
pub(crate) fn channel(choice: u64, member: &str, number: usize) -> String {
    if is_word(member) {
        format!("/choices/{choice}/delta/{member}")
    } else {
        format!("/choices/{choice}/delta/#{number}")
    }
}

fn number(value: JsonRef<'_>, field: &'static str, position: u64) -> Result<u64, ChunkError> {
    let number = match value.get("index") {
        None => Some(position),
        Some(index) => index.as_u64(),
    };
    number.filter(|number| *number < MAX_INDEX).ok_or(ChunkError::Index { field })
}

#[cfg(test)]
mod tests;

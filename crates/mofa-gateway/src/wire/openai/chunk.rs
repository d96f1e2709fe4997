//! Takes chunks of a streamed answer apart: what in them continues a text of earlier chunks, and
//! the frame that is left.
//!
//! # Invariants
//! A frame is the chunk with every continued text emptied, so that frame and texts together are
//! the whole chunk. Texts come in the order in which they stand in it. Every string of a delta,
//! however deep, is a text, but for names, ids, and content that no stage can read. A text is what
//! its string stands for, where half of a surrogate pair is U+FFFD: what goes on is what was
//! inspected, also where the next chunk has the other half.
//!
//! # Failure
//! [`ChunkError`] if the chunk is not acceptable JSON or names a choice or call beyond the limits.

mod walk;
mod write;

pub(crate) use write::{Flushed, envelope, quoted, refused, synthesised};

use super::response::LIMITS;
use super::vocabulary::is_word;
use mofa_sdk::security::{Document, DocumentError};
use serde_json::Value;
use std::fmt::{self, Write};
use std::ops::Range;
use thiserror::Error;
use walk::Walk;

/// Choices and calls of tools are numbered below this.
const MAX_INDEX: u64 = 128;

/// How many strings one chunk may have in its choices.
const MAX_TEXTS: usize = 1024;

/// How deep they may stand.
const MAX_STEPS: usize = 16;

/// The longest key on the way to one, in bytes.
const MAX_KEY: usize = 128;

/// One step on the way from a choice to a text in it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// To a member of an object.
    Member(String),
    /// To an element of an array: its `index`, or else its position.
    Element(u64),
}

/// Where a text is continued from chunk to chunk.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    /// A string that no other variant is.
    Text {
        /// The way to it from its choice.
        path: Vec<Step>,
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

impl Field {
    /// Whether it is the text at the end of `path`.
    pub(crate) fn is_at(&self, path: &[Step]) -> bool {
        matches!(self, Self::Text { path: own } if own == path)
    }
}

/// What stands beside a text and says which one it is: the depth of the object, a key, a value.
pub(crate) type Beside = (usize, &'static str, Value);

/// A piece of a continued text.
pub(crate) struct Piece {
    /// The choice that it belongs to.
    pub(crate) choice: u64,
    /// Which text of the choice.
    pub(crate) field: Field,
    /// The piece.
    pub(crate) text: String,
    /// What has to stand beside it.
    pub(crate) beside: Vec<Beside>,
}

/// A string that stays in the frame: readers may put several of them together all the same.
pub(crate) struct Name {
    /// The choice that it belongs to.
    pub(crate) choice: u64,
    /// The way to it from its choice.
    pub(crate) path: Vec<Step>,
    /// The string.
    pub(crate) text: String,
}

/// The head of a call of a tool: servers that do not number calls tell them apart by their ids.
pub(crate) struct Head {
    /// The choice that it belongs to.
    pub(crate) choice: u64,
    /// Which call.
    pub(crate) call: u64,
    /// Its id.
    pub(crate) id: String,
    /// How many pieces of the chunk stand before it.
    pub(crate) at: usize,
}

/// A chunk, taken apart.
pub(crate) struct Chunk {
    /// The chunk with every piece emptied.
    pub(crate) frame: String,
    /// The pieces, in their order.
    pub(crate) pieces: Vec<Piece>,
    /// The heads of calls, in their order.
    pub(crate) heads: Vec<Head>,
    /// Strings of the choices that are no pieces and no words of the format.
    pub(crate) names: Vec<Name>,
    /// Whether it does not go on as it came: probabilities of tokens were taken out of the frame, or
    /// a piece had half of a surrogate pair, which is U+FFFD now.
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
    /// Its texts are too many, too deep or under too long keys.
    #[error(
        "the texts of a chunk are at most {MAX_TEXTS}, {MAX_STEPS} steps deep and under keys of {MAX_KEY} bytes"
    )]
    Texts,
}

/// Takes the chunk `raw` apart, without the probabilities of its tokens unless they may be kept:
/// they spell out what may yet be taken out of the text.
///
/// # Errors
/// [`ChunkError`] if it is no chunk.
pub(crate) fn read(raw: &str, keep_logprobs: bool) -> Result<Chunk, ChunkError> {
    let document = Document::parse(raw, LIMITS)?;
    let walk = Walk::over(document.root(raw), keep_logprobs)?;
    let Walk { edits, pieces, heads, names, choices, finished, is_lossy, .. } = walk;
    let is_reduced = is_lossy || edits.len() > pieces.len();
    let frame = Document::splice(raw, &edits);
    Ok(Chunk { frame, pieces, heads, names, is_reduced, choices, finished })
}

/// Where the pieces stand in a frame, in their order.
///
/// # Errors
/// [`ChunkError`] if it is no frame.
pub(crate) fn places(frame: &str) -> Result<Vec<Range<usize>>, ChunkError> {
    let document = Document::parse(frame, LIMITS)?;
    let walk = Walk::over(document.root(frame), true)?;
    Ok(walk.edits.into_iter().map(|(span, _)| span).collect())
}

/// The name of the text number `number` in records: nothing in it was chosen by a model.
pub(crate) fn channel(choice: u64, path: &[Step], number: usize) -> String {
    let mut name = format!("/choices/{choice}");
    for step in path {
        let _ = match step {
            Step::Member(member) if is_word(member) => write!(name, "/{member}"),
            Step::Member(_) => write!(name, "/#{number}"),
            Step::Element(index) => write!(name, "/{index}"),
        };
    }
    name
}

/// Sizes only: what is inspected is in no log.
impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Piece");
        debug.field("choice", &self.choice).field("field", &self.field);
        debug.field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Name");
        debug.field("choice", &self.choice).field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Head");
        debug.field("choice", &self.choice).field("call", &self.call).finish_non_exhaustive()
    }
}

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { path } => write!(f, "Text({} steps)", path.len()),
            Self::Arguments { call } => write!(f, "Arguments({call})"),
            Self::CustomInput { call } => write!(f, "CustomInput({call})"),
            Self::FunctionCall => f.write_str("FunctionCall"),
        }
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Chunk");
        debug.field("frame_bytes", &self.frame.len()).field("pieces", &self.pieces);
        debug.field("names", &self.names).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

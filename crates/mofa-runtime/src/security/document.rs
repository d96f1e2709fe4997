//! Reads a JSON text into a flat list of nodes that point back into it.
//!
//! Wire formats are inspected and rewritten through this: whatever is not rewritten stays as it
//! was, byte for byte, unknown fields included. Called by [`Exchange`](super::Exchange) and by the
//! adapters of wire formats.
//!
//! # Invariants
//! A document is valid JSON by RFC 8259; halves of surrogate pairs are in it only where
//! [`DocumentLimits::allow_lone_surrogates`] says so. Spans lie within the text, on character boundaries. One
//! pass, linear in the text; no recursion; at most [`DocumentLimits::max_nodes`] nodes.
//!
//! # Failure
//! [`DocumentError`] names the byte at which the text stops being acceptable.
//!
//! # Example
//! ```
//! use mofa_runtime::security::{Document, DocumentLimits};
//!
//! let raw = r#"{"messages":[{"content":"hi"}],"seed":7}"#;
//! let document = Document::parse(raw, DocumentLimits::default())?;
//! let first = document.root(raw).get("messages").and_then(|all| all.elements().next());
//! assert_eq!(first.and_then(|m| m.get("content")?.as_str().map(String::from)), Some("hi".into()));
//! # Ok::<(), mofa_runtime::security::DocumentError>(())
//! ```

mod node;
mod parse;
mod text;

pub use node::JsonRef;
pub(crate) use parse::hex4;
pub(crate) use text::{decode, quote_into};

use std::ops::Range;
use thiserror::Error;

/// What a document may ask of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentLimits {
    /// How deep arrays and objects may be nested.
    pub max_depth: usize,
    /// How many values and keys there may be.
    pub max_nodes: usize,
    /// Whether an object may name a key twice. Readers differ in which of the two they take, so
    /// what was inspected may not be what is acted on.
    pub allow_duplicate_keys: bool,
    /// Whether a string may have an escape for half of a surrogate pair, as in `"\ud83d"`: servers
    /// that cut texts into pieces write such. It stands for U+FFFD then; readers differ in what
    /// they make of it.
    pub allow_lone_surrogates: bool,
}

impl DocumentLimits {
    /// 64 levels, 65,536 nodes, no duplicate keys, no halves of surrogate pairs.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            max_depth: 64,
            max_nodes: 1 << 16,
            allow_duplicate_keys: false,
            allow_lone_surrogates: false,
        }
    }

    /// With arrays and objects nested so deep.
    #[must_use]
    pub const fn with_max_depth(self, max_depth: usize) -> Self {
        Self { max_depth, ..self }
    }

    /// With so many values and keys.
    #[must_use]
    pub const fn with_max_nodes(self, max_nodes: usize) -> Self {
        Self { max_nodes, ..self }
    }

    /// With objects that name a key twice, or without.
    #[must_use]
    pub const fn with_duplicate_keys(self, allow_duplicate_keys: bool) -> Self {
        Self { allow_duplicate_keys, ..self }
    }

    /// With escapes for half of a surrogate pair, or without.
    #[must_use]
    pub const fn with_lone_surrogates(self, allow_lone_surrogates: bool) -> Self {
        Self { allow_lone_surrogates, ..self }
    }
}

impl Default for DocumentLimits {
    /// As [`new`](Self::new).
    fn default() -> Self {
        Self::new()
    }
}

/// Why a text is not an acceptable document.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("{kind} at byte {at}")]
pub struct DocumentError {
    /// The byte at which the text stops being acceptable.
    pub at: usize,
    /// What is wrong there.
    pub kind: DocumentErrorKind,
}

/// What is wrong with a text.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentErrorKind {
    /// The text ends in the middle of a value.
    #[error("the JSON text ends too early")]
    Truncated,
    /// Something that JSON does not allow here.
    #[error("this is not valid JSON: expected {expected}")]
    Unexpected {
        /// What JSON allows here.
        expected: &'static str,
    },
    /// A `\` escape that JSON does not know, or half of a surrogate pair where that is not allowed.
    #[error("this is not a valid JSON escape")]
    Escape,
    /// More levels than [`DocumentLimits::max_depth`].
    #[error("the JSON text is nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
    /// More values than [`DocumentLimits::max_nodes`].
    #[error("the JSON text has more than {limit} values")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// A key that the object has already.
    #[error("the object has this key twice")]
    DuplicateKey,
    /// A text of 4 GiB or more.
    #[error("the JSON text is too long")]
    TooLong,
}

/// What a node is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NodeKind {
    /// `{…}`; its children are keys and values in turn.
    Object,
    /// `[…]`.
    Array,
    /// A string that names a member of an object.
    Key,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Literal,
}

/// One value or key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    /// Whether a string has `\` escapes in it.
    pub(crate) escaped: bool,
    start: u32,
    end: u32,
    /// The node after this one and everything in it.
    pub(crate) next: u32,
}

impl Node {
    /// The bytes of the text that the node is, quotes and brackets included.
    pub(crate) fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// The same without the quotes of a string or key.
    pub(crate) fn inner(&self) -> Range<usize> {
        let quote = usize::from(matches!(self.kind, NodeKind::Key | NodeKind::String));
        self.start as usize + quote..(self.end as usize).saturating_sub(quote)
    }
}

/// A JSON text, read.
#[derive(Debug, Clone)]
pub struct Document {
    pub(crate) nodes: Vec<Node>,
}

impl Document {
    /// Reads `raw`.
    ///
    /// # Errors
    /// [`DocumentError`] if it is not valid JSON or breaks a limit.
    pub fn parse(raw: &str, limits: DocumentLimits) -> Result<Self, DocumentError> {
        parse::Parser::new(raw, limits).run().map(|nodes| Self { nodes })
    }

    /// `raw` with a text in the place of each span. Spans are sorted and do not overlap.
    ///
    /// # Example
    /// ```
    /// use mofa_runtime::security::Document;
    ///
    /// assert_eq!(Document::splice("[1,2,3]", &[(1..2, "one"), (5..6, "three")]), "[one,2,three]");
    /// ```
    #[must_use]
    pub fn splice(raw: &str, edits: &[(Range<usize>, impl AsRef<str>)]) -> String {
        let mut out = String::with_capacity(raw.len());
        let mut at = 0;
        for (span, text) in edits {
            out.push_str(raw.get(at..span.start).unwrap_or_default());
            out.push_str(text.as_ref());
            at = span.end;
        }
        out.push_str(raw.get(at..).unwrap_or_default());
        out
    }

    /// The outermost value. `raw` is the text that the document was read from.
    #[must_use]
    pub fn root<'a>(&'a self, raw: &'a str) -> JsonRef<'a> {
        JsonRef::new(self, raw, 0)
    }
}

#[cfg(test)]
mod tests;

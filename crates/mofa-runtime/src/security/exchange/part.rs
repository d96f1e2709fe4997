//! One text of an exchange, and what is known of it.
//!
//! # Invariants
//! `Debug` shows no text. What a [`Skip`] passes over is counted, and only if it looks like what
//! the skip says it is.

use super::escapes::{Places, Unescaped};
use super::numbers::is_wire_number;
use crate::security::document::{Node, NodeKind};
use mofa_kernel::Provenance;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

/// The longest string that is taken for an id, in bytes.
const MAX_WIRE_ID: usize = 128;

/// Whether the producer of a text is trusted to instruct the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trust {
    /// Its instructions are meant for the model.
    Trusted,
    /// It is a request or material; it has no say over the model's own instructions.
    Untrusted,
}

/// What is known of a value and everything in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Who produced it.
    pub provenance: Provenance,
    /// Whether its producer is trusted to instruct the model.
    pub trust: Trust,
    /// Whether a text in it can be replaced and the document still works. What would have to be
    /// replaced and cannot is refused.
    pub editable: bool,
}

impl Label {
    /// Free text from somebody who may instruct the model.
    #[must_use]
    pub fn trusted(provenance: Provenance) -> Self {
        Self { provenance, trust: Trust::Trusted, editable: true }
    }

    /// Free text from anybody else.
    #[must_use]
    pub fn untrusted(provenance: Provenance) -> Self {
        Self { provenance, trust: Trust::Untrusted, editable: true }
    }

    /// The same, but its texts are names that something refers to.
    #[must_use]
    pub fn fixed(self) -> Self {
        Self { editable: false, ..self }
    }
}

/// Why a value of a document is no part of the exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Skip {
    /// The wire format says what the number is, and it is nobody's: a time, a seed, a probability.
    /// A string in its place is a part all the same, and so is a whole number of more than ten
    /// digits or another one of 1,000 or more.
    WireNumber,
    /// The server that wrote the document made the string up, and nobody chose it: the id of an
    /// answer. What is no string, is longer than 128 bytes, or has anything else in it than
    /// `A-Z`, `a-z`, `0-9`, `.`, `_`, `:` and `-`, is a part all the same.
    WireId,
    /// The text is encoded content that no stage can read. A content stage that is on cannot
    /// decide about it, and the fail mode says what that means.
    Opaque,
}

/// One part of an exchange, as an engine sees it.
#[derive(Clone, Copy)]
pub struct PartView<'a> {
    /// The text to judge.
    pub text: &'a str,
    /// Who produced it.
    pub provenance: &'a Provenance,
    /// Whether its producer is trusted to instruct the model.
    pub trust: Trust,
    /// Whether it can be replaced and the document still works.
    pub editable: bool,
    /// The JSON key it stands under, if any and as it is written: context for what a value is.
    pub key: Option<&'a str>,
    /// The key that the object with that key stands under, if any: in `{"passport": {"number": …}}`
    /// the number is one of a passport.
    pub holder: Option<&'a str>,
}

impl fmt::Debug for PartView<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("PartView");
        debug.field("bytes", &self.text.len()).field("provenance", self.provenance);
        debug.field("trust", &self.trust).finish_non_exhaustive()
    }
}

/// Where the keys stand that a value is under, in its layer.
#[derive(Clone)]
pub(super) struct Keys {
    pub(super) own: Range<usize>,
    /// That of the object with the value's own key.
    pub(super) holder: Option<Range<usize>>,
}

/// Where a part stands and what has become of it.
pub(crate) struct Part {
    pub(crate) layer: usize,
    pub(crate) node: usize,
    /// The text's bytes in its layer, without quotes.
    pub(super) span: Range<usize>,
    /// The text, where it is not what stands in the layer: escapes undone, or replaced.
    pub(super) own: Option<String>,
    pub(super) edited: bool,
    /// Whether it may be replaced where its label allows it.
    pub(super) editable: bool,
    pub(super) label: usize,
    pub(super) key: Option<Keys>,
    /// Of a part that is the one before it with its escapes undone: what of it stands where.
    pub(super) reads: Option<Box<Places>>,
}

impl Part {
    /// The part that a key, a string or a number is; `text` is what it stands for.
    pub(super) fn of_node(
        layer: usize,
        index: usize,
        node: &Node,
        text: Cow<'_, str>,
        label: usize,
        key: Option<Keys>,
    ) -> Self {
        let own = match text {
            Cow::Owned(own) => Some(own),
            Cow::Borrowed(_) => None,
        };
        let (span, editable) = (node.inner(), node.kind != NodeKind::Key);
        Self { layer, node: index, span, own, edited: false, editable, label, key, reads: None }
    }

    /// The digits of a number that is written otherwise: they are inspected too, and cannot be
    /// replaced.
    pub(super) fn digits(&self, digits: String) -> Self {
        let (own, key) = (Some(digits), self.key.clone());
        Self { span: 0..0, own, edited: false, editable: false, key, reads: None, ..*self }
    }

    /// The same part as it reads with its escapes undone.
    pub(super) fn unescaped(&self, view: Unescaped) -> Self {
        let (own, key) = (Some(view.text), self.key.clone());
        let reads = Some(Box::new(view.places));
        Self { span: 0..0, own, edited: false, key, reads, ..*self }
    }

    /// The one part of a plain text.
    pub(super) fn whole(layer: usize, span: Range<usize>, label: usize) -> Self {
        let (own, key, reads) = (None, None, None);
        Self { layer, node: 0, span, own, edited: false, editable: true, label, key, reads }
    }
}

/// What of an exchange is no part, by reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Skipped {
    /// Strings and keys that are words of the wire format.
    pub(crate) vocabulary: u32,
    /// Numbers too short to be anybody's.
    pub(crate) short_numbers: u32,
    /// Numbers that the wire format defines.
    pub(crate) wire_numbers: u32,
    /// Strings that the server made up.
    pub(crate) wire_ids: u32,
    /// Encoded content that no stage can read.
    pub(crate) opaque: u32,
}

impl Skipped {
    /// Whether a value of this kind, written as `text` without quotes, is skipped for `skip`;
    /// counts it if so.
    pub(super) fn counts(&mut self, skip: Option<Skip>, kind: NodeKind, text: &str) -> bool {
        match (skip, kind) {
            (Some(Skip::WireNumber), NodeKind::Number) if is_wire_number(text) => {
                self.wire_numbers += 1;
            }
            (Some(Skip::WireId), NodeKind::String) if is_wire_id(text) => self.wire_ids += 1,
            (Some(Skip::Opaque), NodeKind::Number | NodeKind::String) => self.opaque += 1,
            _ => return false,
        }
        true
    }
}

/// Whether `text` is no more than an id.
fn is_wire_id(text: &str) -> bool {
    let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    text.len() <= MAX_WIRE_ID && text.bytes().all(is_usual)
}

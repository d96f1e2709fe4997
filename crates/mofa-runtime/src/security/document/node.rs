//! Walks a document. Called by adapters of wire formats, which label what they find.
//!
//! # Invariants
//! A step to a sibling takes one jump, however much stands in between. What is not there is
//! `None` or an empty iterator, never a panic.

use super::{Document, Node, NodeKind, decode};
use std::borrow::Cow;
use std::iter;
use std::ops::Range;

/// A value in a document, with the text that it was read from.
#[derive(Debug, Clone, Copy)]
pub struct JsonRef<'a> {
    document: &'a Document,
    raw: &'a str,
    index: usize,
}

impl<'a> JsonRef<'a> {
    pub(crate) fn new(document: &'a Document, raw: &'a str, index: usize) -> Self {
        Self { document, raw, index }
    }

    /// Which node this is: nodes are numbered from 0 in the order in which they stand.
    #[must_use]
    pub fn index(self) -> usize {
        self.index
    }

    /// What the value is.
    #[must_use]
    pub fn kind(self) -> NodeKind {
        self.node().map_or(NodeKind::Literal, |node| node.kind)
    }

    /// The value as it stands in the text.
    #[must_use]
    pub fn raw(self) -> &'a str {
        self.node().and_then(|node| self.raw.get(node.span())).unwrap_or_default()
    }

    /// Which bytes of the text the value is, quotes and brackets included.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.node().map_or(0..0, Node::span)
    }

    /// The text of a string; `None` for anything else.
    #[must_use]
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let node = self.node()?;
        matches!(node.kind, NodeKind::String | NodeKind::Key).then(|| decode(self.raw, node))
    }

    /// A number that is a whole one and not negative; `None` for anything else.
    #[must_use]
    pub fn as_u64(self) -> Option<u64> {
        (self.kind() == NodeKind::Number).then(|| self.raw().parse().ok())?
    }

    /// `true` or `false`; `None` for anything else.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        match self.raw() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// Whether this is `null`.
    #[must_use]
    pub fn is_null(self) -> bool {
        self.raw() == "null"
    }

    /// The member `key` of an object.
    #[must_use]
    pub fn get(self, key: &str) -> Option<JsonRef<'a>> {
        self.entries().find_map(|(name, value)| (name.as_str()? == key).then_some(value))
    }

    /// The members of an object, key and value, in their order; none for anything else.
    pub fn entries(self) -> impl Iterator<Item = (JsonRef<'a>, JsonRef<'a>)> {
        let is_object = self.kind() == NodeKind::Object;
        let mut at = self.index + 1;
        let end = if is_object { self.node().map_or(0, |node| node.next as usize) } else { 0 };
        iter::from_fn(move || {
            let key = self.at(at).filter(|_| at < end)?;
            let value = self.at(at + 1)?;
            at = value.node()?.next as usize;
            Some((key, value))
        })
    }

    /// The elements of an array, in their order; none for anything else.
    pub fn elements(self) -> impl Iterator<Item = JsonRef<'a>> {
        let is_array = self.kind() == NodeKind::Array;
        let mut at = self.index + 1;
        let end = if is_array { self.node().map_or(0, |node| node.next as usize) } else { 0 };
        iter::from_fn(move || {
            let element = self.at(at).filter(|_| at < end)?;
            at = element.node()?.next as usize;
            Some(element)
        })
    }

    fn at(self, index: usize) -> Option<Self> {
        self.document.nodes.get(index).map(|_| Self { index, ..self })
    }

    fn node(self) -> Option<&'a Node> {
        self.document.nodes.get(self.index)
    }
}

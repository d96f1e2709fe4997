//! Takes an exchange apart: each string, key and long number becomes a part, JSON in a string a
//! layer of its own.
//!
//! # Invariants
//! Parts stand in the order of layers and nodes, a view right after what it is a view of. Layers
//! are at most [`MAX_LAYERS_DEEP`] deep, so recursion is too.

use super::labelling::Slot;
use super::part::Keys;
use super::{Exchange, Layer, Part, Skipped, Unescaped, numbers};
use crate::security::document::{
    Document, DocumentErrorKind, DocumentLimits, Node, NodeKind, decode,
};
use std::borrow::Cow;
use std::mem;
use std::ops::Range;

/// How deep JSON inside strings is taken apart.
pub(super) const MAX_LAYERS_DEEP: u8 = 4;

/// Numbers with fewer characters than this cannot be a card, a phone number or an id.
const SHORT_NUMBER: usize = 7;

/// JSON that stands in a string.
struct Nested {
    document: Document,
    text: String,
    node: usize,
    label: usize,
}

/// Where a text stands.
struct Place {
    layer: usize,
    depth: u8,
    node: usize,
    label: usize,
}

impl Exchange<'_> {
    /// Takes one layer apart; JSON in its strings becomes further layers.
    pub(super) fn collect(&mut self, layer: usize, slot_of: &dyn Fn(usize) -> Slot) {
        // Out of the way while parts are added.
        let Some(own) = self.layers.get_mut(layer) else { return };
        let (raw, document, depth) = (mem::take(&mut own.raw), own.document.take(), own.depth);
        let mut nested = Vec::new();
        match &document {
            Some(document) => {
                let mut open = Open::default();
                for (node, written) in document.nodes.iter().enumerate() {
                    let Slot { label, skip } = slot_of(node);
                    let key = open.enter(node, written);
                    let text = raw.get(written.inner()).unwrap_or_default();
                    let is_text = !matches!(
                        written.kind,
                        NodeKind::Object | NodeKind::Array | NodeKind::Literal
                    );
                    if is_text && !self.skipped.counts(skip, written.kind, text) {
                        let place = Place { layer, depth, node, label };
                        nested.extend(self.collect_node(&raw, &place, written, key));
                    }
                }
            }
            None => nested.extend(self.collect_text(&raw, layer, depth, slot_of(0).label)),
        }
        if let Some(own) = self.layers.get_mut(layer) {
            (own.raw, own.document) = (raw, document);
        }
        for Nested { document, text, node, label } in nested {
            let (raw, parent) = (Cow::Owned(text), Some((layer, node)));
            self.layers.push(Layer { raw, document: Some(document), parent, depth: depth + 1 });
            self.collect(self.layers.len() - 1, &|_| Slot { label, skip: None });
        }
    }

    /// Makes a part of a key, a string or a number; gives the JSON in it instead, if it holds some.
    fn collect_node(
        &mut self,
        raw: &str,
        place: &Place,
        node: &Node,
        key: Option<Keys>,
    ) -> Option<Nested> {
        let &Place { layer, depth, node: index, label } = place;
        if node.kind == NodeKind::Number && node.span().len() < SHORT_NUMBER {
            self.skipped.short_numbers += 1;
            return None;
        }
        let text = decode(raw, node);
        if self.is_name(node.kind, label) && (self.vocabulary)(&text) {
            self.skipped.vocabulary += 1;
            return None;
        }
        if node.kind == NodeKind::String
            && let Some(document) = self.room.take(&text, depth, &mut self.skipped)
        {
            return Some(Nested { document, text: text.into_owned(), node: index, label });
        }
        let is_number = node.kind == NodeKind::Number;
        let digits = is_number.then(|| numbers::plain_digits(&text)).flatten();
        let view = if is_number { None } else { Unescaped::of(&text) };
        let part = Part::of_node(layer, index, node, text, label, key);
        self.push(part, digits, view);
        None
    }

    /// Adds a part, and after it what else it may be read as.
    fn push(&mut self, part: Part, digits: Option<String>, view: Option<Unescaped>) {
        let digits = digits.map(|digits| part.digits(digits));
        let view = view.map(|view| part.unescaped(view));
        self.parts.push(part);
        self.parts.extend(digits.into_iter().chain(view));
    }

    /// Makes a part of a plain text; gives the JSON in it instead, if it is some.
    fn collect_text(&mut self, raw: &str, layer: usize, depth: u8, label: usize) -> Option<Nested> {
        if let Some(document) = self.room.take(raw, depth, &mut self.skipped) {
            return Some(Nested { document, text: raw.to_owned(), node: 0, label });
        }
        self.push(Part::whole(layer, 0..raw.len(), label), None, Unescaped::of(raw));
        None
    }

    /// Whether a value with this label names something rather than saying something.
    fn is_name(&self, kind: NodeKind, label: usize) -> bool {
        let is_fixed = self.labels.get(label).is_some_and(|label| !label.editable);
        kind == NodeKind::Key || (kind == NodeKind::String && is_fixed)
    }
}

/// The objects and arrays around a node.
#[derive(Default)]
struct Open(Vec<Around>);

/// An object or array: where it ends, and what the values in it stand under.
struct Around {
    next: usize,
    /// The key of the member; that of an array is the one that it stands under itself.
    key: Option<Range<usize>>,
    holder: Option<Range<usize>>,
}

impl Open {
    /// The keys that the node `index` stands under; none for a key. Nodes come one after the other.
    fn enter(&mut self, index: usize, node: &Node) -> Option<Keys> {
        while self.0.last().is_some_and(|around| around.next <= index) {
            self.0.pop();
        }
        let last = self.0.last_mut();
        let (key, holder) = match last {
            Some(around) if node.kind == NodeKind::Key => {
                around.key = Some(node.inner());
                return None;
            }
            Some(around) => (around.key.clone(), around.holder.clone()),
            None => (None, None),
        };
        let next = node.next as usize;
        match node.kind {
            NodeKind::Object => {
                let holder = key.or(holder);
                self.0.push(Around { next, key: None, holder });
                None
            }
            NodeKind::Array => {
                self.0.push(Around { next, key, holder });
                None
            }
            _ => key.map(|own| Keys { own, holder }),
        }
    }
}

/// How much JSON in strings may still be taken apart.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) nodes: usize,
    pub(super) layers: usize,
}

impl Room {
    /// The JSON that `text` holds, if it holds an object or an array and there is room for it. If
    /// there is none it is counted as content that cannot be read: its escapes may hide anything.
    fn take(&mut self, text: &str, depth: u8, skipped: &mut Skipped) -> Option<Document> {
        if !text.trim_start_matches([' ', '\n', '\r', '\t']).starts_with(['{', '[']) {
            return None;
        }
        let limits = DocumentLimits {
            max_nodes: self.nodes,
            allow_duplicate_keys: true,
            allow_lone_surrogates: true,
            ..DocumentLimits::default()
        };
        match Document::parse(text, limits) {
            Ok(document) if depth < MAX_LAYERS_DEEP && self.layers > 0 => {
                self.nodes -= document.nodes.len();
                self.layers -= 1;
                Some(document)
            }
            Ok(_) => {
                skipped.opaque += 1;
                None
            }
            Err(error) => {
                let is_many = matches!(error.kind, DocumentErrorKind::TooMany { .. });
                let is_deep = matches!(error.kind, DocumentErrorKind::TooDeep { .. });
                skipped.opaque += u32::from(is_many || (is_deep && is_deep_json(text, limits)));
                None
            }
        }
    }
}

/// Whether `text` is JSON, however deep, or too much of it to say. Other texts may well begin with
/// many brackets.
fn is_deep_json(text: &str, limits: DocumentLimits) -> bool {
    match Document::parse(text, DocumentLimits { max_depth: usize::MAX, ..limits }) {
        Ok(_) => true,
        Err(error) => matches!(error.kind, DocumentErrorKind::TooMany { .. }),
    }
}

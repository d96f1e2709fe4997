//! Puts an exchange together again, and says where in it something stands.
//!
//! # Invariants
//! Every byte that no replacement covers is that of the original. A place is named without a word
//! that somebody may have put into the document.

use super::{Exchange, Layer};
use crate::security::document::{Document, NodeKind, decode, quote_into};
use std::borrow::Cow;
use std::fmt::Write;
use std::ops::Range;

impl<'a> Exchange<'a> {
    /// Whether anything was replaced.
    #[must_use]
    pub fn is_edited(&self) -> bool {
        self.parts.iter().any(|part| part.edited)
    }

    /// The document as it is to travel: the original with what was replaced.
    #[must_use]
    pub fn into_document(self) -> Cow<'a, str> {
        match (self.render(), self.layers.into_iter().next()) {
            (Some(rendered), _) => Cow::Owned(rendered),
            (None, Some(layer)) => layer.raw,
            (None, None) => Cow::Borrowed(""),
        }
    }

    /// The document as it is to travel, left where it is.
    #[must_use]
    pub fn document(&self) -> Cow<'_, str> {
        match (self.render(), self.layers.first()) {
            (Some(rendered), _) => Cow::Owned(rendered),
            (None, Some(layer)) => Cow::Borrowed(&layer.raw),
            (None, None) => Cow::Borrowed(""),
        }
    }

    /// The document with what was replaced, innermost first: an inner text that changes changes
    /// the string that it stands in. `None` if nothing was.
    fn render(&self) -> Option<String> {
        let mut edits: Vec<Vec<(Range<usize>, String)>> = vec![Vec::new(); self.layers.len()];
        for part in self.parts.iter().filter(|part| part.edited) {
            let Some(layer) = self.layers.get(part.layer) else { continue };
            let text = part.own.as_deref().unwrap_or_default();
            if let Some(edits) = edits.get_mut(part.layer) {
                edits.push(replacement(layer, part.node, text));
            }
        }
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let mut own = edits.get_mut(index).map(std::mem::take).unwrap_or_default();
            if own.is_empty() {
                continue;
            }
            own.sort_by_key(|(span, _)| span.start);
            let text = Document::splice(&layer.raw, &own);
            let Some((parent, node)) = layer.parent else { return Some(text) };
            if let (Some(outer), Some(edits)) = (self.layers.get(parent), edits.get_mut(parent)) {
                edits.push(replacement(outer, node, &text));
            }
        }
        None
    }

    /// Where part `index` stands, as a JSON pointer (RFC 6901) without anything that somebody
    /// may have put into a key: a member whose key is no word of the wire format is `#N`, the
    /// N-th of its object. A `>` steps into JSON within a string.
    pub(crate) fn pointer(&self, index: usize) -> String {
        let mut steps = Vec::new();
        if let Some(part) = self.parts.get(index) {
            let mut at = Some((part.layer, part.node));
            while let Some((layer, node)) = at {
                let Some(layer) = self.layers.get(layer) else { break };
                steps.push(self.path(layer, node));
                at = layer.parent;
            }
        }
        steps.reverse();
        steps.join(">")
    }

    fn path(&self, layer: &Layer<'_>, target: usize) -> String {
        let mut path = String::new();
        let Some(document) = &layer.document else { return path };
        let mut at = document.root(&layer.raw);
        while at.index() != target {
            let inside = |from: usize| {
                let end = document.nodes.get(from).map_or(0, |node| node.next as usize);
                (from..end).contains(&target)
            };
            let element = at.elements().enumerate().find(|(_, element)| inside(element.index()));
            if let Some((position, element)) = element {
                let _ = write!(path, "/{position}");
                at = element;
                continue;
            }
            let mut entries = at.entries().enumerate();
            let entry =
                entries.find(|(_, (key, value))| key.index() == target || inside(value.index()));
            let Some((position, (key, value))) = entry else { break };
            match key.as_str() {
                Some(word) if (self.vocabulary)(&word) => {
                    let _ = write!(path, "/{word}");
                }
                _ => {
                    let _ = write!(path, "/#{position}");
                }
            }
            if key.index() == target {
                break;
            }
            at = value;
        }
        path
    }
}

/// The bytes of `layer` that `text` takes the place of, and how it is written there.
fn replacement(layer: &Layer<'_>, node: usize, text: &str) -> (Range<usize>, String) {
    let Some(document) = &layer.document else {
        return (0..layer.raw.len(), text.to_owned());
    };
    let Some(node) = document.nodes.get(node) else { return (0..0, String::new()) };
    let same = node.kind == NodeKind::Number && decode(&layer.raw, node) == text;
    let mut quoted = String::with_capacity(text.len() + 2);
    if same {
        quoted.push_str(text);
    } else {
        quote_into(&mut quoted, text);
    }
    (node.span(), quoted)
}

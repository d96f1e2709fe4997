//! What is inspected: a document taken apart into parts, each with who produced it.
//!
//! An adapter makes an exchange from bytes or from an event and labels it; the
//! [`SecurityService`](super::SecurityService) reads its parts and replaces what must not travel;
//! the adapter then takes the document back, which differs from the original only in what was
//! replaced.
//!
//! # Invariants
//! Every string, key and long number of the document is a part, whatever its label says; JSON
//! inside a string is taken apart like the document around it, four levels deep and within the
//! document's own limit of nodes; beyond that the string is a part as it is, and counts as content
//! that cannot be read. Words with JSON escapes in other text are a part of their own once more,
//! as a reader would undo them; so are the digits of a whole number that is written with a
//! fraction or an exponent. A key is never replaced: two keys could become one. What is not a
//! part is counted with the reason.
//!
//! # Failure
//! A document that cannot be read is no exchange: [`DocumentError`].
//!
//! # Example
//! ```
//! use mofa_kernel::Provenance;
//! use mofa_runtime::security::{Act, Direction, Exchange, Label, Subject, SubjectId, TenantId};
//!
//! let subject = Subject::new(SubjectId::new("agent-1")?, TenantId::default());
//! let act = Act::new("invoke", "model:small");
//! let exchange = Exchange::json(subject, act, Direction::Input, r#"{"q":"{\"to\":\"a@b.example\"}"}"#)?
//!     .labelled(Label::untrusted(Provenance::User))
//!     .into_parts();
//! let texts: Vec<&str> = exchange.parts().map(|part| part.text).collect();
//! assert_eq!(texts, ["q", "to", "a@b.example"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod act;
mod collect;
mod escapes;
mod labelling;
mod numbers;
mod part;
mod render;
mod seam;

pub use act::{Act, Direction};
pub(crate) use escapes::Unescaped;
pub use labelling::Labelling;
pub use part::{Label, PartView, Skip, Trust};
pub(crate) use part::{Part, Skipped};
pub(crate) use seam::{Joined, Made, Run, Stretch};

use crate::security::document::{Document, DocumentError, DocumentLimits};
use crate::security::types::Subject;
use crate::security::vault::ConversationId;
use collect::Room;
use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// One text of an exchange: the document itself, or JSON that stands in a string of it.
pub(crate) struct Layer<'a> {
    pub(crate) raw: Cow<'a, str>,
    /// `None` for plain text.
    pub(crate) document: Option<Document>,
    /// The layer and node of the string that this stands in.
    pub(crate) parent: Option<(usize, usize)>,
    depth: u8,
}

/// A document, taken apart.
pub struct Exchange<'a> {
    subject: Arc<Subject>,
    act: Act,
    direction: Direction,
    pub(crate) layers: Vec<Layer<'a>>,
    pub(crate) parts: Vec<Part>,
    /// The parts that are read one after another.
    /// Rows of parts that are read together, by reader.
    groups: Vec<Vec<Vec<usize>>>,
    labels: Vec<Label>,
    vocabulary: fn(&str) -> bool,
    skipped: Skipped,
    binding: bool,
    conversation: Option<ConversationId>,
    room: Room,
}

impl<'a> Exchange<'a> {
    /// Begins an exchange over the JSON text `raw`, with the default limits.
    ///
    /// # Errors
    /// [`DocumentError`] if it is not valid JSON or breaks a limit.
    pub fn json(
        subject: impl Into<Arc<Subject>>,
        act: Act,
        direction: Direction,
        raw: impl Into<Cow<'a, str>>,
    ) -> Result<Labelling<'a>, DocumentError> {
        Self::json_with(subject, act, direction, raw, DocumentLimits::default())
    }

    /// Begins an exchange over the JSON text `raw`.
    ///
    /// # Errors
    /// [`DocumentError`] if it is not valid JSON or breaks a limit.
    pub fn json_with(
        subject: impl Into<Arc<Subject>>,
        act: Act,
        direction: Direction,
        raw: impl Into<Cow<'a, str>>,
        limits: DocumentLimits,
    ) -> Result<Labelling<'a>, DocumentError> {
        let raw = raw.into();
        let document = Document::parse(&raw, limits)?;
        let nodes = limits.max_nodes.saturating_sub(document.nodes.len());
        let layer = Layer { raw, document: Some(document), parent: None, depth: 0 };
        Ok(Labelling::new(subject.into(), act, direction, layer).with_nodes(nodes))
    }

    /// Begins an exchange over the plain text `raw`.
    #[must_use]
    pub fn text(
        subject: impl Into<Arc<Subject>>,
        act: Act,
        direction: Direction,
        raw: impl Into<Cow<'a, str>>,
    ) -> Labelling<'a> {
        let layer = Layer { raw: raw.into(), document: None, parent: None, depth: 0 };
        Labelling::new(subject.into(), act, direction, layer)
    }

    /// Asks for the permit to hold for exactly this document and no other.
    #[must_use]
    pub fn bound(mut self) -> Self {
        self.binding = true;
        self
    }

    /// Says which conversation the document belongs to, if any: values that are taken out of it
    /// may be kept for that one, and come back in its answers.
    #[must_use]
    pub fn in_conversation(self, conversation: Option<ConversationId>) -> Self {
        Self { conversation, ..self }
    }

    /// Which conversation it belongs to.
    #[must_use]
    pub fn conversation(&self) -> Option<&ConversationId> {
        self.conversation.as_ref()
    }

    /// Who wants something.
    #[must_use]
    pub fn subject(&self) -> &Arc<Subject> {
        &self.subject
    }

    /// What it wants.
    #[must_use]
    pub fn act(&self) -> &Act {
        &self.act
    }

    /// Which way the document travels.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// The parts as they are now, replacements included.
    pub fn parts(&self) -> impl Iterator<Item = PartView<'_>> {
        (0..self.parts.len()).filter_map(|index| self.part(index))
    }

    /// The part `index` as it is now.
    #[must_use]
    pub fn part(&self, index: usize) -> Option<PartView<'_>> {
        let part = self.parts.get(index)?;
        let label = self.labels.get(part.label)?;
        let layer = self.layers.get(part.layer)?;
        let text = match &part.own {
            Some(own) => own,
            None => layer.raw.get(part.span.clone())?,
        };
        let written = |span: &Range<usize>| layer.raw.get(span.clone());
        let key = part.key.as_ref().and_then(|keys| written(&keys.own));
        let holder = part.key.as_ref().and_then(|keys| written(keys.holder.as_ref()?));
        let (provenance, trust) = (&label.provenance, label.trust);
        let editable = label.editable && part.editable;
        Some(PartView { text, provenance, trust, editable, key, holder })
    }

    /// Where `span` of the part `index` stands, if that is the part before it with its escapes
    /// undone.
    pub(crate) fn origin(&self, index: usize, span: &Range<usize>) -> Option<Stretch> {
        let places = self.parts.get(index)?.reads.as_ref()?;
        Some(Stretch { part: index.checked_sub(1)?, span: places.origin(span) })
    }

    /// Whether the part `index` is the part before it with its escapes undone.
    pub(crate) fn is_reading(&self, index: usize) -> bool {
        self.parts.get(index).is_some_and(|part| part.reads.is_some())
    }

    pub(crate) fn is_binding(&self) -> bool {
        self.binding
    }

    pub(crate) fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    /// Puts `text` in the place of part `index`; what reads it with its escapes undone reads that.
    pub(crate) fn replace(&mut self, index: usize, text: String) {
        if !self.is_reading(index)
            && let Some(reading) = self.parts.get_mut(index + 1)
            && let Some(places) = &mut reading.reads
        {
            let view = Unescaped::of(&text);
            let (text, new) = view.map(|view| (view.text, view.places)).unwrap_or_default();
            (reading.own, **places) = (Some(text), new);
        }
        if let Some(part) = self.parts.get_mut(index).filter(|part| part.reads.is_none()) {
            part.own = Some(text);
            part.edited = true;
        }
    }
}

impl fmt::Debug for Exchange<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Exchange");
        let lengths = |rows: &Vec<Vec<usize>>| rows.iter().map(Vec::len).collect::<Vec<_>>();
        let joined: Vec<_> = self.groups.iter().map(lengths).collect();
        debug.field("act", &self.act).field("parts", &self.parts.len());
        debug.field("joined", &joined).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

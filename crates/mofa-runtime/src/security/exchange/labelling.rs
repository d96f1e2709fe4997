//! Says what the values of a document are before it is taken apart: [`Labelling`].

use super::collect::Room;
use super::part::Skipped;
use super::{Act, Direction, Exchange, Label, Layer, Skip};
use crate::security::document::{DocumentLimits, JsonRef};
use crate::security::types::Subject;
use mofa_kernel::Provenance;
use std::fmt;
use std::sync::Arc;

/// How many texts with JSON inside are taken apart in one exchange.
pub(super) const MAX_LAYERS: usize = 4_096;

/// A document and what is to be known of it before it is taken apart.
pub struct Labelling<'a> {
    subject: Arc<Subject>,
    act: Act,
    direction: Direction,
    layer: Layer<'a>,
    default: Label,
    labels: Vec<(usize, Label)>,
    skips: Vec<(usize, Skip)>,
    /// The nodes that are read one after another.
    joined: Vec<Vec<Vec<usize>>>,
    vocabulary: fn(&str) -> bool,
    /// How many nodes JSON in strings may have.
    nodes: usize,
}

/// What is known of one node before it becomes a part.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Slot {
    pub(super) label: usize,
    pub(super) skip: Option<Skip>,
}

impl<'a> Labelling<'a> {
    pub(super) fn new(
        subject: Arc<Subject>,
        act: Act,
        direction: Direction,
        layer: Layer<'a>,
    ) -> Self {
        let default = Label::untrusted(Provenance::User);
        let vocabulary = |_: &str| false;
        let nodes = DocumentLimits::default().max_nodes;
        Self {
            subject,
            act,
            direction,
            layer,
            default,
            labels: Vec::new(),
            skips: Vec::new(),
            joined: Vec::new(),
            vocabulary,
            nodes,
        }
    }

    /// JSON in strings of the document may have so many nodes.
    pub(super) fn with_nodes(self, nodes: usize) -> Self {
        Self { nodes, ..self }
    }

    /// The outermost value; `None` for plain text.
    #[must_use]
    pub fn root(&self) -> Option<JsonRef<'_>> {
        self.layer.document.as_ref().map(|document| document.root(&self.layer.raw))
    }

    /// Says what everything is that no other label covers; else it is untrusted, from a user.
    #[must_use]
    pub fn labelled(mut self, label: Label) -> Self {
        self.default = label;
        self
    }

    /// Says what the value with each [`JsonRef::index`] and everything in it is. A later label
    /// covers an earlier one.
    #[must_use]
    pub fn labels(mut self, labels: impl IntoIterator<Item = (usize, Label)>) -> Self {
        self.labels.extend(labels);
        self
    }

    /// Says why nothing in the value with each [`JsonRef::index`] is a part. What is skipped is
    /// counted.
    #[must_use]
    pub fn skips(mut self, skips: impl IntoIterator<Item = (usize, Skip)>) -> Self {
        self.skips.extend(skips);
        self
    }

    /// Says that somebody reads the strings with these [`JsonRef::index`]es one after another, row
    /// by row, with something else between two rows: what is split over their ends is found too.
    /// Personal data is looked for in each row only, since numbers that have nothing to do with
    /// each other would make one. Strings that are no parts are left out, and so is one that stands
    /// there twice.
    #[must_use]
    pub fn joined(mut self, rows: Vec<Vec<usize>>) -> Self {
        if rows.iter().map(Vec::len).sum::<usize>() > 1 {
            self.joined.push(rows);
        }
        self
    }

    /// Names the words of the wire format, which nobody chose and which need no inspection. They
    /// are passed over, and counted, where they are a key or a string that cannot be replaced.
    #[must_use]
    pub fn vocabulary(mut self, is_word: fn(&str) -> bool) -> Self {
        self.vocabulary = is_word;
        self
    }

    /// Says what is wanted, once the document has told.
    #[must_use]
    pub fn act(mut self, act: Act) -> Self {
        self.act = act;
        self
    }

    /// Takes the document apart.
    #[must_use]
    pub fn into_parts(self) -> Exchange<'a> {
        let nodes = self.layer.document.as_ref().map_or(1, |document| document.nodes.len());
        let mut slots = vec![Slot::default(); nodes];
        let mut labels = vec![self.default];
        let range_of = |index: usize| {
            let document = self.layer.document.as_ref();
            let node = document.and_then(|document| document.nodes.get(index));
            index..node.map_or(index, |node| node.next as usize)
        };
        for (index, label) in self.labels {
            for slot in slots.get_mut(range_of(index)).unwrap_or_default() {
                slot.label = labels.len();
            }
            labels.push(label);
        }
        for (index, skip) in self.skips {
            for slot in slots.get_mut(range_of(index)).unwrap_or_default() {
                slot.skip = Some(skip);
            }
        }
        let mut exchange = Exchange {
            subject: self.subject,
            act: self.act,
            direction: self.direction,
            layers: vec![self.layer],
            parts: Vec::with_capacity(nodes.min(64)),
            groups: Vec::new(),
            labels,
            vocabulary: self.vocabulary,
            skipped: Skipped::default(),
            binding: false,
            conversation: None,
            room: Room { nodes: self.nodes, layers: MAX_LAYERS },
        };
        exchange.collect(0, &|index| slots.get(index).copied().unwrap_or_default());
        self.joined.into_iter().for_each(|rows| exchange.join(rows));
        exchange
    }
}

impl fmt::Debug for Labelling<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Labelling").field("act", &self.act).finish_non_exhaustive()
    }
}

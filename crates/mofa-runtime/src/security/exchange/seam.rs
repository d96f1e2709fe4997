//! What somebody reads who reads several parts of an exchange one after another: neighbouring
//! content parts, the messages of one speaker. Called by the content stages.
//!
//! # Invariants
//! A joined text holds at most [`WHOLE`] bytes of a part, cut on character boundaries, so the work
//! over all of them is linear in the parts and bounded by their number. Two stretches of one part
//! never stand in the same run.

use super::{Exchange, PartView, Trust};
use crate::security::document::NodeKind;
use std::collections::HashSet;
use std::ops::Range;

/// A part up to this long, in bytes, takes part as a whole.
const WHOLE: usize = 512;

/// Of a longer part, so much of its beginning ends a run and so much of its end begins the next.
const END: usize = 256;

/// What stands between two stretches: nothing, where a word goes on, or else what separates words.
const JOINTS: [&str; 2] = ["", " "];

/// A stretch of one part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) part: usize,
    pub(crate) span: Range<usize>,
}

impl Stretch {
    pub(crate) fn overlaps(&self, span: &Range<usize>) -> bool {
        self.span.start < span.end && span.start < self.span.end
    }
}

/// Stretches of two or more parts that are read one after another.
#[derive(Debug)]
pub(crate) struct Run {
    /// Each with the length of its part.
    stretches: Vec<(Stretch, usize)>,
}

/// The text of a run.
pub(crate) struct Joined<'a> {
    pub(crate) text: String,
    /// Whether its words may have been run together.
    pub(crate) is_tight: bool,
    /// Where each stretch begins in the text.
    starts: Vec<usize>,
    run: &'a Run,
}

/// What a span of a joined text is made of.
#[derive(Debug)]
pub(crate) struct Made {
    /// In their order; none is empty.
    pub(crate) of: Vec<Stretch>,
    /// Whether it reaches up to where a longer part was cut: it may go on there.
    pub(crate) is_cut: bool,
}

impl Exchange<'_> {
    /// The strings in `rows` are read one after another.
    pub(super) fn join(&mut self, rows: Vec<Vec<usize>>) {
        let mut known = HashSet::new();
        let mut group: Vec<Vec<usize>> = Vec::with_capacity(rows.len());
        for row in rows {
            let parts = row.into_iter().filter_map(|node| self.text_at(node));
            group.push(parts.filter(|part| known.insert(*part)).collect());
        }
        group.retain(|row| !row.is_empty());
        if known.len() > 1 {
            self.groups.push(group);
        }
    }

    /// The part that the string `node` of the document itself is.
    fn text_at(&self, node: usize) -> Option<usize> {
        // Parts are in the order of layers and nodes; a view stands after what it is a view of.
        let index = self.parts.partition_point(|part| (part.layer, part.node) < (0, node));
        let part = self.parts.get(index).filter(|part| (part.layer, part.node) == (0, node))?;
        let document = self.layers.first()?.document.as_ref()?;
        let is_string = document.nodes.get(part.node)?.kind == NodeKind::String;
        is_string.then_some(index)
    }

    /// Everything that is read over the ends of parts, as the parts are now: with what stands
    /// between two rows left out, or only within each row.
    pub(crate) fn runs(&self, over_rows: bool) -> Vec<Run> {
        let mut runs = Vec::new();
        for rows in &self.groups {
            if over_rows {
                self.add_runs(rows.iter().flatten(), &mut runs);
            } else {
                for row in rows {
                    self.add_runs(row.iter(), &mut runs);
                }
            }
        }
        runs.retain(|run| run.stretches.len() > 1);
        runs
    }

    fn add_runs<'p>(&self, parts: impl Iterator<Item = &'p usize>, runs: &mut Vec<Run>) {
        let mut stretches = Vec::new();
        for &part in parts {
            let Some(text) = self.part(part).map(|part| part.text) else { continue };
            let length = text.len();
            let stretch = |span| (Stretch { part, span }, length);
            if length > WHOLE {
                stretches.push(stretch(0..text.floor_char_boundary(END)));
                runs.push(Run { stretches: std::mem::take(&mut stretches) });
                stretches.push(stretch(text.ceil_char_boundary(length - END)..length));
            } else if length > 0 {
                stretches.push(stretch(0..length));
            }
        }
        runs.push(Run { stretches });
    }
}

impl Run {
    /// The parts that take part.
    pub(crate) fn parts(&self) -> impl Iterator<Item = usize> {
        self.stretches.iter().map(|(stretch, _)| stretch.part)
    }

    /// The text, with every joint: a space adds nothing where there is one at each of them.
    pub(crate) fn texts(&self, exchange: &Exchange<'_>) -> impl Iterator<Item = Joined<'_>> {
        let texts = || self.stretches.iter().map(|(stretch, _)| text_of(exchange, stretch));
        let is_spaced = |(left, right): (&str, &str)| {
            left.ends_with(char::is_whitespace) || right.starts_with(char::is_whitespace)
        };
        let is_open = !texts().zip(texts().skip(1)).all(is_spaced);
        JOINTS.into_iter().take(if is_open { 2 } else { 1 }).map(|joint| {
            let mut text = String::new();
            let mut starts = Vec::with_capacity(self.stretches.len());
            for (stretch, _) in &self.stretches {
                if !starts.is_empty() {
                    text.push_str(joint);
                }
                starts.push(text.len());
                text.push_str(text_of(exchange, stretch));
            }
            Joined { text, is_tight: joint.is_empty(), starts, run: self }
        })
    }
}

impl Joined<'_> {
    /// The text as an engine sees it: from the first speaker, trusted if all are.
    pub(crate) fn view<'a>(&'a self, exchange: &'a Exchange<'_>) -> Option<PartView<'a>> {
        let mut parts = self.run.parts().filter_map(|part| exchange.part(part));
        let first = parts.next()?;
        let is_trusted = first.trust == Trust::Trusted && parts.all(|it| it.trust == first.trust);
        let trust = if is_trusted { Trust::Trusted } else { Trust::Untrusted };
        Some(PartView { text: &self.text, trust, key: None, holder: None, ..first })
    }

    /// What `span` of the text is made of.
    pub(crate) fn made(&self, span: &Range<usize>) -> Made {
        let first = self.starts.partition_point(|start| *start <= span.start).saturating_sub(1);
        let starts = self.starts.get(first..).unwrap_or_default();
        let stretches = self.run.stretches.get(first..).unwrap_or_default();
        let within = starts.iter().zip(stretches).take_while(|(start, _)| **start < span.end);
        let mut made = Made { of: Vec::new(), is_cut: false };
        for (&start, (whole, length)) in within {
            let from = whole.span.start + span.start.saturating_sub(start);
            let to = (whole.span.start + (span.end - start)).min(whole.span.end);
            if from < to {
                made.is_cut |= (from > 0 && from == whole.span.start && made.of.is_empty())
                    || (to < *length && to == whole.span.end);
                made.of.push(Stretch { part: whole.part, span: from..to });
            }
        }
        made
    }
}

fn text_of<'a>(exchange: &'a Exchange<'_>, stretch: &Stretch) -> &'a str {
    let text = exchange.part(stretch.part).map_or("", |part| part.text);
    text.get(stretch.span.clone()).unwrap_or_default()
}

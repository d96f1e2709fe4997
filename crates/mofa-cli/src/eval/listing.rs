//! Keeps the records that `--list` asks for: [`Listing`].
//!
//! # Invariants
//! At most `--list-max` of a file are kept. Text is kept only with `--show-text`, and then only
//! what stands around a place.

use super::EvalArgs;
use super::family::Family;
use super::record::{Places, Record};
use super::report::{Listed, Mistake};
use super::spans::{Assigned, Span};
use clap::ValueEnum;
use mofa_sdk::scan::TextFinding;
use std::collections::HashSet;

/// How many code points on each side of a place are shown.
const AROUND: usize = 40;

/// What to list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ListKind {
    /// What is labelled and was not found exactly.
    FalseNegatives,
    /// What was found and is not labelled exactly.
    FalsePositives,
}

/// What is listed of a file.
pub(super) struct Listing {
    kind: Option<ListKind>,
    most: usize,
    shows_text: bool,
    listed: Vec<Listed>,
    line: u64,
    id: Option<String>,
    text: String,
}

impl Listing {
    pub(super) fn new(args: &EvalArgs) -> Self {
        Self {
            kind: args.list,
            most: args.list_max,
            shows_text: args.show_text,
            listed: Vec::new(),
            line: 0,
            id: None,
            text: String::new(),
        }
    }

    /// What follows is about `record`.
    pub(super) fn begin(&mut self, line: u64, record: &Record) {
        if self.kind.is_none() || self.listed.len() >= self.most {
            self.kind = None;
            return;
        }
        self.line = line;
        self.id.clone_from(&record.id);
        if self.shows_text {
            self.text.clone_from(&record.text);
        }
    }

    pub(super) fn done(self) -> Vec<Listed> {
        self.listed
    }

    /// Lists what was assigned wrongly among `gold` and `meant`; `all` was found in the text.
    pub(super) fn assigned(
        &mut self,
        label: &str,
        gold: &[Span],
        meant: &[&TextFinding],
        assigned: &Assigned,
        all: &[&TextFinding],
    ) {
        match self.kind {
            None => {}
            Some(ListKind::FalseNegatives) => self.not_found(label, gold, assigned, all),
            Some(ListKind::FalsePositives) => self.not_labelled(label, meant, assigned),
        }
    }

    fn not_found(&mut self, label: &str, gold: &[Span], assigned: &Assigned, all: &[&TextFinding]) {
        let partners = assigned.exact.iter().zip(&assigned.overlap);
        for (span, (exact, overlap)) in gold.iter().zip(partners) {
            if exact.is_some() {
                continue;
            }
            let mistake = if overlap.is_some() { Mistake::OtherSpan } else { Mistake::Missed };
            let touches = |found: &&&TextFinding| {
                found.chars.start < span.end && span.start < found.chars.end
            };
            self.push(label, Some(span), mistake, all.iter().filter(touches).copied());
        }
    }

    fn not_labelled(&mut self, label: &str, meant: &[&TextFinding], assigned: &Assigned) {
        let exact: HashSet<_> = assigned.exact.iter().flatten().collect();
        let overlap: HashSet<_> = assigned.overlap.iter().flatten().collect();
        for (index, found) in meant.iter().enumerate() {
            if exact.contains(&index) {
                continue;
            }
            let has_overlap = overlap.contains(&index);
            let mistake = if has_overlap { Mistake::OtherSpan } else { Mistake::FalsePositive };
            self.push(label, Some(&found.chars), mistake, [*found]);
        }
    }

    /// Lists what was found in clean text.
    pub(super) fn clean(&mut self, found: &TextFinding) {
        if self.kind == Some(ListKind::FalsePositives) {
            self.push(&found.category, Some(&found.chars), Mistake::FalsePositive, [found]);
        }
    }

    /// Lists a text that was judged.
    pub(super) fn verdict<'a>(
        &mut self,
        family: Family,
        is_positive: bool,
        is_found: bool,
        rules: impl IntoIterator<Item = &'a TextFinding>,
    ) {
        let mistake = match (self.kind, is_positive, is_found) {
            (Some(ListKind::FalseNegatives), true, false) => Mistake::Missed,
            (Some(ListKind::FalsePositives), false, true) => Mistake::FalsePositive,
            _ => return,
        };
        self.push(family.as_str(), None, mistake, rules);
    }

    fn push<'a>(
        &mut self,
        label: &str,
        span: Option<&Span>,
        error: Mistake,
        rules: impl IntoIterator<Item = &'a TextFinding>,
    ) {
        if self.listed.len() >= self.most {
            self.kind = None;
            return;
        }
        let mut rules: Vec<_> = rules.into_iter().map(|found| found.rule.to_string()).collect();
        rules.sort_unstable();
        rules.dedup();
        self.listed.push(Listed {
            line: self.line,
            id: self.id.clone(),
            label: label.to_owned(),
            start: span.map(|span| span.start),
            end: span.map(|span| span.end),
            error,
            rules,
            text: self.shows_text.then(|| around(&self.text, span)),
        });
    }
}

/// What stands around `span`, or at the beginning, with `…` for what is cut off.
fn around(text: &str, span: Option<&Span>) -> String {
    let span = span.cloned().unwrap_or(AROUND..AROUND * 3);
    let length = text.chars().count();
    let (start, end) =
        (span.start.saturating_sub(AROUND), span.end.saturating_add(AROUND).min(length));
    let piece = Places::of(text, vec![start, end]).piece(text, &(start..end)).unwrap_or_default();
    let before = if start > 0 { "…" } else { "" };
    let after = if end < length { "…" } else { "" };
    format!("{before}{piece}{after}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_around_a_place_is_cut() {
        assert_eq!(around("ä👩b", Some(&(1..2))), "ä👩b");
        assert_eq!(around("", None), "");
        let text = "ä".repeat(100);
        let forty = "ä".repeat(40);
        assert_eq!(around(&text, Some(&(50..51))), format!("…{forty}ä{forty}…"));
        assert_eq!(around(&text, Some(&(0..1))), format!("ä{forty}…"));
        assert_eq!(around(&text, Some(&(99..100))), format!("…{forty}ä"));
        assert_eq!(around(&"x".repeat(161), None), format!("{}…", "x".repeat(160)));
    }
}

//! Scans the records of one file and counts what is right: [`measure`].
//!
//! # Invariants
//! A file is read twice: what is labelled in it must be known before the first record is scored.
//! Only one record is in memory at a time.
//!
//! A record that is about one label (`entity`) says nothing of others: findings of others count
//! neither as right nor as wrong, and are counted apart. Elsewhere every label of the file is
//! labelled in every record.

use super::alone::Alone;
use super::family::is_counted;
use super::labels::{Labels, Meaning, SECRET};
use super::listing::Listing;
use super::outline::{FileError, Outline, each};
use super::record::Record;
use super::report::{Clean, Entity, FileReport, RuleCount, Verdict};
use super::score::{Confusion, Tally, float, rounded};
use super::spans::{Span, assign};
use super::{EvalArgs, files};
use crate::progress::Progress;
use mofa_sdk::scan::{TextFinding, TextReport, TextScanner};
use mofa_sdk::security::SecurityError;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes in a MB.
const MB: f64 = 1e6;

/// Which records: all, or those with `field=value`.
type Group = Option<String>;

/// What measures.
pub(super) struct Measurer<'a> {
    pub(super) args: &'a EvalArgs,
    pub(super) scanner: &'a TextScanner,
    pub(super) labels: &'a Labels,
    /// For records that are about one label, if they are to be read for it alone.
    pub(super) alone: Option<Alone>,
}

impl Measurer<'_> {
    fn scan(&self, record: &Record) -> Result<TextReport, SecurityError> {
        match (&self.alone, &record.entity) {
            (Some(alone), Some(label)) => {
                alone.scan(label, &self.labels.meaning(label), &record.text)
            }
            _ => self.scanner.scan(&record.text),
        }
    }

    /// Measures the file at `path`, of which `outline` says what is in it.
    pub(super) fn measure(
        &self,
        path: &Path,
        outline: &Outline,
        progress: &Progress,
    ) -> Result<FileReport, FileError> {
        let mut scoring = Scoring::new(self, outline);
        each(path, &self.args.by, |line, record| {
            progress.step();
            record.map_or(Ok(()), |record| scoring.add(line, &record))
        })?;
        if scoring.records != outline.records {
            return Err(FileError::Changed { before: outline.records, now: scoring.records });
        }
        Ok(scoring.report(path))
    }

    /// Whether `--only` leaves `label` in.
    fn is_asked(&self, label: &str, meaning: &Meaning) -> bool {
        let is_it = |name: &String| self.labels.is_named(label, meaning, name);
        self.args.only.is_empty() || self.args.only.iter().any(is_it)
    }

    /// Whether `--only` leaves a finding in.
    fn is_asked_for(&self, found: &TextFinding) -> bool {
        let is_it = |name: &String| {
            let names = [found.kind.as_str(), &found.category, &found.rule];
            names.contains(&name.as_str()) || self.labels.meaning(name).has(found)
        };
        self.args.only.is_empty() || self.args.only.iter().any(is_it)
    }
}

/// How well a label was found.
#[derive(Default)]
struct Found {
    spans: usize,
    findings: usize,
    exact: Tally,
    overlap: Tally,
}

impl Found {
    fn entity(self, label: String, group: Group, covered_by: Vec<String>) -> Entity {
        let is_covered = !covered_by.is_empty();
        Entity {
            label,
            group,
            covered_by,
            spans: self.spans,
            findings: self.findings,
            exact: is_covered.then(|| self.exact.into()),
            overlap: is_covered.then(|| self.overlap.into()),
        }
    }
}

/// The kind, category and rule of a finding.
type RuleName = (&'static str, String, String);

struct Scoring<'a> {
    measurer: &'a Measurer<'a>,
    outline: &'a Outline,
    /// By label, of those that are asked for.
    meanings: BTreeMap<String, Meaning>,
    entities: BTreeMap<(String, Group), Found>,
    verdicts: BTreeMap<Group, Confusion>,
    /// What was found in clean text.
    kinds: BTreeMap<RuleName, usize>,
    beside: BTreeMap<RuleName, usize>,
    listing: Listing,
    records: usize,
    bytes: usize,
    scanning: Duration,
}

impl<'a> Scoring<'a> {
    fn new(measurer: &'a Measurer<'a>, outline: &'a Outline) -> Self {
        let named = outline.labels.union(&outline.entities);
        let meanings: BTreeMap<_, _> = named
            .map(|label| (label.clone(), measurer.labels.meaning(label)))
            .filter(|(label, meaning)| measurer.is_asked(label, meaning))
            .collect();
        let all = meanings.keys().map(|label| ((label.clone(), None), Found::default()));
        Self {
            measurer,
            outline,
            entities: all.collect(),
            meanings,
            verdicts: BTreeMap::new(),
            kinds: BTreeMap::new(),
            beside: BTreeMap::new(),
            listing: Listing::new(measurer.args),
            records: 0,
            bytes: 0,
            scanning: Duration::ZERO,
        }
    }

    fn add(&mut self, line: u64, record: &Record) -> Result<(), FileError> {
        let begun = Instant::now();
        let report = self.measurer.scan(record)?;
        self.scanning += begun.elapsed();
        self.records += 1;
        self.bytes += record.text.len();
        self.listing.begin(line, record);
        let min_confidence = self.measurer.args.min_confidence();
        let found: Vec<&TextFinding> =
            report.findings.iter().filter(|found| is_counted(found, min_confidence)).collect();
        if self.outline.is_clean {
            self.add_clean(&found);
        } else if record.spans.is_some() || record.secret.is_some() {
            self.add_spans(record, &found);
        }
        if let (Some(family), Some(is_positive)) = (self.outline.family, record.is_positive) {
            let is_asked =
                |name: &String| *name == family.as_str() || *name == family.kind().as_str();
            if self.measurer.args.only.is_empty() || self.measurer.args.only.iter().any(is_asked) {
                let is_found = family.is_found(&report, min_confidence);
                for group in groups(record) {
                    self.verdicts.entry(group).or_default().add(is_positive, is_found);
                }
                let rules = found.iter().filter(|found| found.kind == family.kind());
                self.listing.verdict(family, is_positive, is_found, rules.copied());
            }
        }
        Ok(())
    }

    fn add_clean(&mut self, found: &[&TextFinding]) {
        for found in found.iter().filter(|found| self.measurer.is_asked_for(found)) {
            *self.kinds.entry(rule_name(found)).or_default() += 1;
            self.listing.clean(found);
        }
    }

    fn add_spans(&mut self, record: &Record, found: &[&TextFinding]) {
        let gold = self.gold(record);
        for (label, spans) in &gold {
            let Some(meaning) = self.meanings.get(*label) else { continue };
            let meant = if meaning.is_covered() { found } else { &[] };
            let meant: Vec<_> = meant.iter().copied().filter(|found| meaning.has(found)).collect();
            let label = (*label).to_owned();
            self.score(record, &label, spans, &meant, found);
        }
        if !self.measurer.args.only.is_empty() {
            return;
        }
        let meanings = gold.keys().filter_map(|label| self.meanings.get(*label));
        let meanings: Vec<_> = meanings.filter(|meaning| meaning.is_covered()).collect();
        let is_beside = |found: &&&TextFinding| !meanings.iter().any(|meaning| meaning.has(found));
        for found in found.iter().filter(is_beside) {
            *self.beside.entry(rule_name(found)).or_default() += 1;
        }
    }

    /// What is labelled in `record`, and the labels of which it says that they are not there; those
    /// only as far as they are covered.
    fn gold<'r>(&self, record: &'r Record) -> BTreeMap<&'r str, Vec<Span>>
    where
        'a: 'r,
    {
        let mut gold: BTreeMap<&str, Vec<Span>> = BTreeMap::new();
        for one in record.spans.iter().flatten() {
            gold.entry(&one.label).or_default().push(one.span.clone());
        }
        if let Some(secret) = &record.secret {
            gold.entry(SECRET).or_default().push(secret.clone());
        }
        match (&record.entity, &record.spans) {
            (Some(entity), _) => {
                gold.entry(entity).or_default();
            }
            (None, Some(_)) => {
                let outline: &'a Outline = self.outline;
                for label in &outline.labels {
                    if self.meanings.get(label).is_some_and(Meaning::is_covered) {
                        gold.entry(label).or_default();
                    }
                }
            }
            (None, None) => {}
        }
        gold
    }

    fn score(
        &mut self,
        record: &Record,
        label: &str,
        gold: &[Span],
        meant: &[&TextFinding],
        all: &[&TextFinding],
    ) {
        let spans: Vec<Span> = meant.iter().map(|found| found.chars.clone()).collect();
        let assigned = assign(gold, &spans);
        let hits = |partners: &[Option<usize>]| partners.iter().flatten().count();
        for group in groups(record) {
            let entity = self.entities.entry((label.to_owned(), group)).or_default();
            entity.spans += gold.len();
            entity.findings += spans.len();
            entity.exact.add(gold.len(), spans.len(), hits(&assigned.exact));
            entity.overlap.add(gold.len(), spans.len(), hits(&assigned.overlap));
        }
        if self.meanings.get(label).is_some_and(Meaning::is_covered) {
            self.listing.assigned(label, gold, meant, &assigned, all);
        }
    }

    fn report(self, path: &Path) -> FileReport {
        let Self { meanings, outline, .. } = self;
        let seconds = self.scanning.as_secs_f64();
        let mb = float(self.bytes) / MB;
        let per_mb = |count: usize| (mb > 0.0).then(|| rounded(float(count) / mb));
        let clean = outline.is_clean.then(|| {
            let findings = self.kinds.values().sum();
            Clean { findings, per_mb: per_mb(findings), kinds: kinds(self.kinds, per_mb) }
        });
        let entities = self.entities.into_iter().map(|((label, group), found)| {
            let covered_by = meanings.get(&label).map(Meaning::names).unwrap_or_default();
            found.entity(label, group, covered_by)
        });
        let verdicts = self.verdicts.into_iter().map(|(group, one)| Verdict::new(group, one));
        FileReport {
            name: files::name(path),
            path: path.to_string_lossy().into_owned(),
            family: outline.family,
            records: self.records,
            malformed: outline.malformed,
            unlabelled: outline.unlabelled,
            bytes: self.bytes,
            scan_seconds: rounded(seconds),
            mb_per_second: (seconds > 0.0).then(|| rounded(mb / seconds)),
            entities: entities.collect(),
            verdicts: verdicts.collect(),
            clean,
            beside: kinds(self.beside, per_mb),
            listed: self.listing.done(),
        }
    }
}

/// All records, and those that have the same as `record` has.
fn groups(record: &Record) -> impl Iterator<Item = Group> {
    std::iter::once(None).chain(record.group.clone().map(Some))
}

fn rule_name(found: &TextFinding) -> RuleName {
    (found.kind.as_str(), found.category.to_string(), found.rule.to_string())
}

/// The most frequent first.
fn kinds(
    counts: BTreeMap<RuleName, usize>,
    per_mb: impl Fn(usize) -> Option<f64>,
) -> Vec<RuleCount> {
    let kind = |((kind, category, rule), count): (RuleName, usize)| RuleCount {
        kind: kind.to_owned(),
        category,
        rule,
        count,
        per_mb: per_mb(count),
    };
    let mut kinds: Vec<_> = counts.into_iter().map(kind).collect();
    kinds.sort_by_key(|kind| Reverse(kind.count));
    kinds
}

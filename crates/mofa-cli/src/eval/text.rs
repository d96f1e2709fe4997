//! The tables for people.

use super::baseline::{Comparison, grouped};
use super::family::Family;
use super::report::{Clean, Document, Entity, FileReport, Listed, Scores, Verdict};
use super::score::float;
use std::fmt::Write;

/// What stands for a share of nothing.
const NONE: &str = "-";

/// Everything that was measured.
pub(super) fn write(document: &Document) -> String {
    let mut out = String::new();
    for file in &document.files {
        write_file(&mut out, file);
    }
    write_summary(&mut out, document);
    if let Some(comparison) = &document.baseline {
        write_comparison(&mut out, comparison);
    }
    out
}

fn write_file(out: &mut String, file: &FileReport) {
    let _ = write!(out, "{}: {} records, {:.3} MB", printable(&file.name), file.records, mb(file));
    if let Some(speed) = file.mb_per_second {
        let _ = write!(out, ", {speed:.1} MB/s");
    }
    if file.malformed > 0 {
        let _ = write!(out, ", {} lines are no records", file.malformed);
    }
    if file.unlabelled > 0 {
        let _ = write!(out, ", {} without a label", file.unlabelled);
    }
    out.push('\n');
    if !file.entities.is_empty() {
        entities(&file.entities).write(out);
    }
    if !file.verdicts.is_empty() {
        verdicts(file.family, &file.verdicts).write(out);
    }
    if let Some(clean) = &file.clean {
        write_clean(out, clean);
    }
    let beside: usize = file.beside.iter().map(|kind| kind.count).sum();
    if beside > 0 {
        let _ = writeln!(out, "  {beside} findings of what is not labelled there, not judged");
    }
    for listed in &file.listed {
        write_listed(out, file, listed);
    }
    out.push('\n');
}

fn mb(file: &FileReport) -> f64 {
    float(file.bytes) / 1e6
}

fn entities(entities: &[Entity]) -> Table {
    let mut table = Table::new(&[
        "label",
        "labelled",
        "found",
        "exact P",
        "R",
        "F1",
        "overlap P",
        "R",
        "F1",
        "found by",
    ]);
    let (covered, not): (Vec<_>, Vec<_>) =
        entities.iter().partition(|entity| entity.exact.is_some());
    for entity in covered.into_iter().chain(not) {
        let mut row = vec![
            grouped(&entity.label, entity.group.as_deref()),
            entity.spans.to_string(),
            entity.findings.to_string(),
        ];
        for scores in [&entity.exact, &entity.overlap] {
            row.extend(shares(scores.as_ref()));
        }
        row.push(match entity.covered_by.as_slice() {
            [] => "not covered".to_owned(),
            names => names.join(", "),
        });
        table.row(&row);
    }
    table
}

fn verdicts(family: Option<Family>, verdicts: &[Verdict]) -> Table {
    let mut table =
        Table::new(&["text by verdict", "yes", "no", "flagged", "P", "R", "F1", "false positives"]);
    for verdict in verdicts {
        let name = family.map_or("text", Family::as_str);
        let scores = &verdict.scores;
        let mut row = vec![
            grouped(name, verdict.group.as_deref()),
            verdict.positives.to_string(),
            verdict.negatives.to_string(),
            (scores.hits + scores.false_positives).to_string(),
        ];
        row.extend(shares(Some(scores)));
        row.push(match verdict.false_positive_rate {
            Some(rate) => format!("{} = {}", scores.false_positives, share(Some(rate))),
            None => NONE.to_owned(),
        });
        table.row(&row);
    }
    table
}

fn write_clean(out: &mut String, clean: &Clean) {
    let rate = |per_mb: Option<f64>| per_mb.map_or(NONE.to_owned(), |rate| format!("{rate:.2}"));
    let _ =
        writeln!(out, "  clean text: {} findings, {} per MB", clean.findings, rate(clean.per_mb));
    if clean.kinds.is_empty() {
        return;
    }
    let mut table = Table::new(&["rule", "count", "per MB", "kind", "category"]);
    table.left_from = 3;
    for kind in &clean.kinds {
        table.row(&[
            kind.rule.clone(),
            kind.count.to_string(),
            rate(kind.per_mb),
            kind.kind.clone(),
            kind.category.clone(),
        ]);
    }
    table.write(out);
}

fn write_listed(out: &mut String, file: &FileReport, listed: &Listed) {
    let _ = write!(out, "  {}:{}", printable(&file.name), listed.line);
    if let Some(id) = &listed.id {
        let _ = write!(out, " (id {})", printable(id));
    }
    let _ = write!(out, ": {} {}", printable(&listed.label), listed.error.as_str());
    if let (Some(start), Some(end)) = (listed.start, listed.end) {
        let _ = write!(out, " {start}..{end}");
    }
    let rules =
        if listed.rules.is_empty() { "nothing".to_owned() } else { listed.rules.join(", ") };
    let _ = write!(out, ", found there: {rules}");
    if let Some(text) = &listed.text {
        let _ = write!(out, ": {}", printable(text));
    }
    out.push('\n');
}

fn write_summary(out: &mut String, document: &Document) {
    let sum = |of: fn(&FileReport) -> usize| document.files.iter().map(of).sum::<usize>();
    let seconds: f64 = document.files.iter().map(|file| file.scan_seconds).sum();
    let bytes = float(sum(|file| file.bytes)) / 1e6;
    let _ = write!(
        out,
        "{} files, {} records, {bytes:.3} MB",
        document.files.len(),
        sum(|file| file.records)
    );
    if seconds > 0.0 {
        let _ = write!(out, ", {:.1} MB/s", bytes / seconds);
    }
    let malformed = sum(|file| file.malformed);
    let _ = writeln!(
        out,
        "; {malformed} lines are no records, {} not measured",
        document.unreadable.len()
    );
}

fn write_comparison(out: &mut String, comparison: &Comparison) {
    let Comparison { path, compared, gone, new, moved, .. } = comparison;
    let worse = moved.iter().filter(|moved| moved.is_worse).count();
    let _ = writeln!(
        out,
        "\nagainst {}: {} of {compared} figures moved, {worse} worse; {gone} gone, {new} new",
        printable(path),
        moved.len()
    );
    if moved.is_empty() {
        return;
    }
    let mut table = Table::new(&["file", "of", "measure", "before", "now", "change", ""]);
    table.left_until = 3;
    for moved in moved {
        table.row(&[
            moved.file.clone(),
            moved.entity.clone(),
            moved.measure.clone(),
            format!("{:.3}", moved.before),
            format!("{:.3}", moved.now),
            format!("{:+.3}", moved.now - moved.before),
            if moved.is_worse { "WORSE".to_owned() } else { String::new() },
        ]);
    }
    table.write(out);
}

/// Precision, recall and F1.
fn shares(scores: Option<&Scores>) -> [String; 3] {
    let of = |get: fn(&Scores) -> Option<f64>| share(scores.and_then(get));
    [of(|scores| scores.precision), of(|scores| scores.recall), of(|scores| scores.f1)]
}

fn share(share: Option<f64>) -> String {
    share.map_or_else(|| NONE.to_owned(), |share| format!("{share:.3}"))
}

/// `text` on one line and without control characters: they could move the cursor.
pub(super) fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

/// Rows with columns of one width.
struct Table {
    rows: Vec<Vec<String>>,
    /// The columns before this are aligned to the left,
    left_until: usize,
    /// and so are those from this on.
    left_from: usize,
}

impl Table {
    /// A table with a head; its first and its last column are aligned to the left.
    fn new(head: &[&str]) -> Self {
        let rows = vec![head.iter().map(|&cell| cell.to_owned()).collect()];
        Self { rows, left_until: 1, left_from: head.len().saturating_sub(1) }
    }

    fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.iter().map(|cell| printable(cell)).collect());
    }

    fn write(&self, out: &mut String) {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        for row in &self.rows {
            let mut line = String::new();
            for (index, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let is_left = index < self.left_until || index >= self.left_from;
                let _ = if is_left {
                    write!(line, "  {cell:<width$}")
                } else {
                    write!(line, "  {cell:>width$}")
                };
            }
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_in_any_script() {
        let mut table = Table::new(&["a", "b", "c"]);
        table.row(&["äö\u{1b}".to_owned(), "1".to_owned(), "x".to_owned()]);
        table.row(&["a".to_owned(), "1000".to_owned(), String::new()]);
        let mut out = String::new();
        table.write(&mut out);
        assert_eq!(out, "  a            b  c\n  äö\\u{1b}     1  x\n  a         1000\n");
    }

    #[test]
    fn a_share_of_nothing_is_a_dash() {
        assert_eq!(share(None), "-");
        assert_eq!(share(Some(0.98765)), "0.988");
        assert_eq!(shares(None), ["-", "-", "-"]);
    }
}

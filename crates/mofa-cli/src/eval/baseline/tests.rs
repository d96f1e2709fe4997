//! What counts as moved, and what of it as worse.

use super::super::report::Clean;
use super::super::score::{Confusion, Tally};
use super::*;

fn entity(label: &str, scores: Option<(usize, usize, usize)>, spans: usize) -> Entity {
    let scores = scores.map(|(hits, false_positives, false_negatives)| {
        Scores::from(Tally { hits, false_positives, false_negatives })
    });
    Entity {
        label: label.to_owned(),
        group: None,
        covered_by: Vec::new(),
        spans,
        findings: 0,
        exact: scores.clone(),
        overlap: scores,
    }
}

fn file(entities: Vec<Entity>) -> FileReport {
    FileReport { name: "in/a".to_owned(), entities, ..FileReport::default() }
}

fn document(files: Vec<FileReport>) -> Document {
    Document {
        version: VERSION,
        mofa: String::new(),
        min_confidence: 0.0,
        files,
        unreadable: Vec::new(),
        baseline: None,
    }
}

fn compared(before: Vec<FileReport>, now: &[FileReport], tolerance: f64) -> Comparison {
    compare(Path::new("old.json"), &document(before), now, tolerance).unwrap()
}

/// The measures that moved from `before` to `now`, and with `!` those that are worse.
#[track_caller]
fn check(before: FileReport, now: FileReport, tolerance: f64, expected: &[&str]) {
    let comparison = compared(vec![before], &[now], tolerance);
    let moved: Vec<String> = comparison
        .moved
        .iter()
        .map(|moved| format!("{}{}", moved.measure, if moved.is_worse { "!" } else { "" }))
        .collect();
    assert_eq!(moved, expected);
    assert_eq!(comparison.is_worse(), expected.iter().any(|moved| moved.ends_with('!')));
}

#[test]
fn a_figure_that_falls_is_worse() {
    let scored = |hits, wrong, missed| {
        let mut entity = entity("X", Some((hits, wrong, missed)), hits + missed);
        entity.overlap = None;
        file(vec![entity])
    };
    check(scored(9, 1, 1), scored(9, 1, 1), 0.0, &[]);
    check(scored(9, 0, 1), scored(10, 0, 0), 0.0, &["exact recall", "exact F1"]);
    check(scored(10, 0, 0), scored(9, 0, 1), 0.0, &["exact recall!", "exact F1!"]);
    check(scored(10, 0, 0), scored(9, 0, 1), 0.06, &["exact recall!", "exact F1"]);
    check(scored(10, 0, 0), scored(9, 0, 1), 0.1, &["exact recall", "exact F1"]);
    check(scored(5, 0, 5), scored(9, 1, 1), 0.0, &["exact precision!", "exact recall", "exact F1"]);
}

#[test]
fn what_is_no_longer_covered_is_worse() {
    let covered = || file(vec![entity("X", Some((1, 0, 1)), 2)]);
    let not = || file(vec![entity("X", None, 2)]);
    let all = ["exact recall!", "exact F1!", "overlap recall!", "overlap F1!"];
    check(covered(), not(), 0.0, &all);
    check(not(), covered(), 0.0, &["exact recall", "exact F1", "overlap recall", "overlap F1"]);
}

#[test]
fn an_alarm_about_what_is_never_there_is_worse() {
    let silent = || file(vec![entity("X", Some((0, 0, 0)), 0)]);
    let alarmed = || file(vec![entity("X", Some((0, 1, 0)), 0)]);
    check(silent(), alarmed(), 0.0, &["exact precision!", "overlap precision!"]);
    check(alarmed(), silent(), 0.0, &["exact precision", "overlap precision"]);
}

#[test]
fn more_alarms_are_worse() {
    let clean = |per_mb| FileReport {
        clean: Some(Clean { findings: 1, per_mb: Some(per_mb), kinds: Vec::new() }),
        ..file(Vec::new())
    };
    check(clean(4.0), clean(5.0), 0.0, &["findings per MB!"]);
    check(clean(4.0), clean(5.0), 0.25, &["findings per MB"]);
    check(clean(0.0), clean(0.1), 100.0, &["findings per MB!"]);
    check(clean(5.0), clean(0.0), 0.0, &["findings per MB"]);
    let judged = |false_positives| {
        let tally = Tally { hits: 1, false_positives, false_negatives: 0 };
        let confusion = Confusion { tally, true_negatives: 9 - false_positives };
        FileReport { verdicts: vec![Verdict::new(None, confusion)], ..file(Vec::new()) }
    };
    check(judged(0), judged(1), 0.0, &["precision!", "F1!", "false-positive rate!"]);
    check(judged(1), judged(0), 0.0, &["precision", "F1", "false-positive rate"]);
}

#[test]
fn what_one_run_alone_has_is_counted() {
    let before = file(vec![entity("X", Some((1, 0, 1)), 2), entity("Y", Some((1, 0, 1)), 2)]);
    let now = file(vec![entity("Y", Some((1, 0, 1)), 2), entity("Z", None, 1)]);
    let comparison = compared(vec![before], &[now], 0.0);
    assert_eq!((comparison.compared, comparison.gone, comparison.new), (6, 6, 4));
    assert!(comparison.moved.is_empty() && !comparison.is_worse());
}

#[test]
fn files_of_one_name_cannot_be_compared() {
    let twice = [file(Vec::new()), file(Vec::new())];
    let error = compare(Path::new("old.json"), &document(Vec::new()), &twice, 0.0).unwrap_err();
    assert!(matches!(error, BaselineError::Twice { name } if name == "in/a"));
}

#[test]
fn a_baseline_is_read_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("old.json");
    let written = document(vec![file(vec![entity("X", Some((1, 2, 3)), 4)])]);
    std::fs::write(&path, serde_json::to_string(&written).unwrap()).unwrap();
    assert_eq!(read(&path).unwrap(), written);
    for (text, expected) in [
        ("{\"version\":2}", "has version 2 of the format, expected 1"),
        ("{\"findings\":[]}", "is no result of `mofa eval --format json`: line 1"),
        ("{\"version\":1}", "is no result of `mofa eval --format json`: line 1"),
        ("x", "is no result of `mofa eval --format json`: line 1, column 1"),
    ] {
        std::fs::write(&path, text).unwrap();
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert!(matches!(read(folder.path()), Err(BaselineError::Read { .. })));
}

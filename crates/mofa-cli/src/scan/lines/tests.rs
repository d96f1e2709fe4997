//! Tests of the lines of findings.

use super::*;
use mofa_sdk::scan::TextScanner;

fn of(text: &str) -> Vec<Line> {
    lines(text, &TextScanner::new().scan(text).unwrap().findings)
}

fn hashes(text: &str) -> Vec<String> {
    of(text).into_iter().map(|line| line.hash).collect()
}

#[test]
fn a_line_is_known_again_wherever_it_is() {
    let line = hashes("write to ann@example.org now");
    assert_eq!(hashes("\n\nfirst\n  write  to\tann@example.org now\r\nlast"), line);
    assert_ne!(hashes("write to ann@example.org later"), line);
    assert!(line.first().is_some_and(|hash| hash.ends_with(":1")));
}

#[test]
fn the_value_is_not_in_the_hash() {
    assert_eq!(hashes("to ann@example.org"), hashes("to bob@example.net"));
}

#[test]
fn findings_of_one_rule_on_equal_lines_are_told_apart() {
    let found = hashes("a@b.io, c@d.io\na@b.io, c@d.io\n");
    let ends: Vec<_> = found.iter().map(|hash| hash.split(':').next_back().unwrap()).collect();
    assert_eq!(ends, ["1", "2", "3", "4"]);
}

#[test]
fn marks_hold_for_their_line_only() {
    let marked: Vec<bool> = of("a@b.io # mofa:allow\nc@d.io\ne@f.io mofa:allow g@h.io")
        .iter()
        .map(|l| l.is_marked)
        .collect();
    assert_eq!(marked, [true, false, true, true]);
}

#[test]
fn the_last_line_of_a_finding_counts_too() {
    let finding = |start, end| {
        let text = "a@b.io";
        let mut found = TextScanner::new().scan(text).unwrap().findings.remove(0);
        found.bytes = start..end;
        found
    };
    let text = "begin\nmiddle mofa:allow\nend mofa:allow\nafter mofa:allow\n";
    let end = text.find("end").unwrap();
    assert!(lines(text, &[finding(0, end + 3)])[0].is_marked);
    assert!(!lines("a\nb mofa:allow\nc\n", &[finding(0, 16)])[0].is_marked);
}

#[test]
fn many_findings_on_one_line_are_no_more_work_than_on_many() {
    // A line is looked at once: with a look for each finding this test would not end.
    let text = "a@b.io ".repeat(100_000);
    let found = of(&text);
    assert_eq!(found.len(), 100_000);
    assert_eq!(found.last().unwrap().hash.split(':').next_back(), Some("100000"));
}

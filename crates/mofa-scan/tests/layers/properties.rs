//! What must hold of any text: plain functions that tests and fuzz targets call. Each panics where
//! its property does not hold.

use std::sync::LazyLock;

use mofa_scan::layers::{self, MAX_GROWTH};
use mofa_scan::pii::PiiScanner;
use mofa_scan::{CONTEXT, Finding, MAX_OPEN_TAIL};

/// Finds in every reading; built once.
pub(crate) fn scanner() -> &'static PiiScanner {
    static LAYERED: LazyLock<PiiScanner> =
        LazyLock::new(|| PiiScanner::builder().with_layers(true).build().unwrap());
    &LAYERED
}

pub(crate) fn scan(scanner: &PiiScanner, text: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    scanner.scan(text, &mut findings);
    findings
}

/// Every reading of a text keeps its promises, and all of them together are no longer than promised;
/// returns their bytes.
pub(crate) fn readings_map_back(text: &str) -> usize {
    let mut bytes = 0;
    let open = layers::visit(text, 0, &mut |reading| {
        bytes += reading.text().len();
        let starts = reading.text().char_indices().map(|(at, _)| at).step_by(7);
        for start in starts {
            let rest = &reading.text()[start..];
            for len in [1, 5, 40, rest.len()] {
                let end =
                    (len..).find(|at| *at >= rest.len() || rest.is_char_boundary(*at)).unwrap();
                let range = start..start + end.min(rest.len());
                let original = reading.original(range.clone());
                assert!(original.start < original.end, "{range:?} of {:?}", reading.text());
                assert!(text.get(original.clone()).is_some(), "{original:?} of {text:?}");
                if let Some(shown) = reading.reveals(range) {
                    assert_eq!(shown, original);
                }
            }
        }
    });
    assert!(open <= text.len() && text.is_char_boundary(open));
    assert!(bytes == 0 || layers::needs(text), "{text:?}");
    let pieces = text.len() / 900 + 1;
    assert!(bytes <= (2 * text.len() + pieces * 256) * MAX_GROWTH + pieces * 1024, "{bytes}");
    bytes
}

/// Feeds `text` in chops of about the given sizes, keeping only the context and the open tail.
pub(crate) fn streamed(scanner: &PiiScanner, text: &str, chops: &[usize]) -> Vec<Finding> {
    let mut found = Vec::new();
    let (mut kept, mut fed, mut from) = (0, 0, 0);
    for size in chops.iter().cycle() {
        if fed >= text.len() {
            break;
        }
        fed = (fed + size..).find(|at| *at >= text.len() || text.is_char_boundary(*at)).unwrap();
        fed = fed.min(text.len());
        let mut part = Vec::new();
        let done = kept + scanner.scan_partial(&text[kept..fed], from - kept, &mut part);
        assert!(done >= from && fed - done <= MAX_OPEN_TAIL && text.is_char_boundary(done));
        found.extend(part.into_iter().map(|one| shift(one, kept)));
        from = done;
        kept = (from.saturating_sub(CONTEXT)..=from).find(|at| text.is_char_boundary(*at)).unwrap();
    }
    let mut part = Vec::new();
    scanner.scan_from(&text[kept..], from - kept, &mut part);
    found.extend(part.into_iter().map(|one| shift(one, kept)));
    found
}

fn shift(found: Finding, by: usize) -> Finding {
    found.shifted(by)
}

pub(crate) fn redacted(scanner: &PiiScanner, text: &str) -> String {
    let mut out = String::new();
    let mut last = 0;
    for found in scan(scanner, text) {
        out += &text[last..found.start];
        out += "[redacted]";
        last = found.end;
    }
    out + &text[last..]
}

/// A stream finds what the whole text has, however it is chopped.
pub(crate) fn chopping_changes_nothing(text: &str, chops: &[usize]) {
    let scanner = scanner();
    assert_eq!(streamed(scanner, text, chops), scan(scanner, text), "{text:?}");
}

/// Redaction comes to an end after a few rounds, where hidden values overlap.
pub(crate) fn redaction_ends(text: &str) {
    let scanner = scanner();
    let mut text = text.to_owned();
    for _ in 0..8 {
        if scan(scanner, &text).is_empty() {
            return;
        }
        text = redacted(scanner, &text);
    }
    assert!(scan(scanner, &text).is_empty(), "{text:?}");
}

/// What ends before the open tail of a text stays as it is, whatever follows.
pub(crate) fn what_is_not_open_is_final(head: &str, rest: &str) {
    let scanner = scanner();
    let done = head.len() - scanner.open_tail(head);
    let mut now = scan(scanner, head);
    let mut later = scan(scanner, &(head.to_owned() + rest));
    now.retain(|found| found.start < done);
    later.retain(|found| found.start < done);
    assert!(now.iter().all(|found| found.end <= done), "{head:?} {now:?} {done}");
    assert_eq!(now, later, "{head:?} {rest:?}");
}

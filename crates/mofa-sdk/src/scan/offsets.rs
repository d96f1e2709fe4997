//! Turns byte offsets into code point offsets, in one pass over the text.
//!
//! # Invariants
//! A text is read once, however many findings there are; one that is ASCII is not read at all.

use super::TextFinding;

/// Sets `chars` of every finding from its `bytes`; findings are sorted by where they begin.
pub(super) fn fill_in_chars(text: &str, findings: &mut [TextFinding]) {
    if findings.is_empty() {
        return;
    }
    if text.is_ascii() {
        for found in findings {
            found.chars = found.bytes.clone();
        }
        return;
    }
    let mut places: Vec<usize> =
        findings.iter().flat_map(|found| [found.bytes.start, found.bytes.end]).collect();
    places.sort_unstable();
    places.dedup();
    let (mut at, mut count) = (0, 0);
    let counts: Vec<usize> = places
        .iter()
        .map(|&place| {
            count += text.get(at..place).map_or(0, |piece| piece.chars().count());
            at = place;
            count
        })
        .collect();
    let chars = |place| {
        let index = places.binary_search(&place);
        index.ok().and_then(|index| counts.get(index)).copied().unwrap_or_default()
    };
    for found in findings {
        found.chars = chars(found.bytes.start)..chars(found.bytes.end);
    }
}

//! Says on which line and in which column findings are, in one pass over the text.

use super::accept::baseline::Entry;
use super::accept::{Acceptance, Accepted, Fingerprint};
use super::decode::Decoded;
use super::lines::{Line, lines};
use super::origin::Origin;
use mofa_sdk::scan::TextFinding;

/// A place in a text. Lines end with `\n`; lines and columns count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Which line.
    pub(super) line: usize,
    /// The column, in Unicode code points.
    pub(super) column: usize,
    /// The column, in UTF-16 code units.
    pub(super) utf16_column: usize,
    /// The offset from the beginning of the text, in UTF-16 code units.
    pub(super) utf16_offset: usize,
}

/// A finding and where it is.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) finding: TextFinding,
    pub(super) start: Place,
    /// Not included.
    pub(super) end: Place,
    /// What was found, only if asked for.
    pub(super) value: Option<String>,
    /// What stands for it.
    pub(super) fingerprint: Fingerprint,
    /// By which its line is known again: see `lines`.
    pub(super) line_hash: String,
    /// Why it is accepted, if it is.
    pub(super) accepted: Option<Accepted>,
}

/// Where `findings`, which are sorted, are in the text of `decoded`, which comes from `origin`;
/// their bytes are those of the input from here on.
pub(super) fn locate(
    origin: &Origin,
    decoded: &Decoded,
    findings: Vec<TextFinding>,
    acceptance: &Acceptance,
    with_values: bool,
) -> Vec<Located> {
    if findings.is_empty() {
        return Vec::new();
    }
    let text = decoded.text();
    let path = origin.key();
    let lines = lines(text, &findings);
    let mut offsets: Vec<usize> =
        findings.iter().flat_map(|found| [found.bytes.start, found.bytes.end]).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let places = places(text, &offsets);
    let bytes = decoded.places(&offsets);
    let place = |offset: usize| {
        let index = offsets.binary_search(&offset).ok();
        let place = index.and_then(|index| Some((*places.get(index)?, *bytes.get(index)?)));
        place.unwrap_or((Place::START, 0))
    };
    let located = |(mut finding, line): (TextFinding, Line)| {
        let found = text.get(finding.bytes.clone()).unwrap_or_default();
        let fingerprint = acceptance.key().fingerprint(&finding.rule, &path, found);
        let entry = || Entry::new(origin, &finding.rule, fingerprint);
        let accepted = acceptance.of(line.is_marked, entry);
        let value = with_values.then(|| found.to_owned());
        let (start, first) = place(finding.bytes.start);
        let (end, last) = place(finding.bytes.end);
        finding.bytes = first..last;
        let line_hash = line.hash;
        Located { finding, start, end, value, fingerprint, line_hash, accepted }
    };
    findings.into_iter().zip(lines).map(located).collect()
}

impl Place {
    const START: Self = Self { line: 1, column: 1, utf16_column: 1, utf16_offset: 0 };

    /// The place after `piece`, which begins here.
    fn after(self, piece: &str) -> Self {
        let utf16 = |text: &str| text.chars().map(char::len_utf16).sum::<usize>();
        let utf16_offset = self.utf16_offset + utf16(piece);
        match piece.rsplit_once('\n') {
            None => Self {
                line: self.line,
                column: self.column + piece.chars().count(),
                utf16_column: self.utf16_column + utf16(piece),
                utf16_offset,
            },
            Some((before, last)) => Self {
                line: self.line + before.bytes().filter(|byte| *byte == b'\n').count() + 1,
                column: 1 + last.chars().count(),
                utf16_column: 1 + utf16(last),
                utf16_offset,
            },
        }
    }
}

/// The places of `offsets`, which are sorted.
fn places(text: &str, offsets: &[usize]) -> Vec<Place> {
    let (mut at, mut place) = (0, Place::START);
    let next = |&offset: &usize| {
        place = place.after(text.get(at..offset).unwrap_or_default());
        at = offset;
        place
    };
    offsets.iter().map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_count_lines_code_points_and_code_units() {
        let text = "ab\r\n👩ä c\n\nd";
        let offset = |c: char| text.find(c).unwrap();
        let offsets = [0, offset('b'), offset('👩'), offset('c'), offset('d'), text.len()];
        let found: Vec<_> = places(text, &offsets)
            .into_iter()
            .map(|place| (place.line, place.column, place.utf16_column, place.utf16_offset))
            .collect();
        let expected =
            [(1, 1, 1, 0), (1, 2, 2, 1), (2, 1, 1, 4), (2, 4, 5, 8), (4, 1, 1, 11), (4, 2, 2, 12)];
        assert_eq!(found, expected);
    }
}

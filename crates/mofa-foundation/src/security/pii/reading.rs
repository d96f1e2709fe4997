//! A text without what was taken out of it, or is going to be: each such stretch is two brackets.
//!
//! Called by the detector, which looks again at a text as it will be once what it found is gone.
//!
//! # Invariants
//! A reading of a text with its findings is the reading of the redacted text with its marks, byte
//! for byte: so what nothing is found in before redaction has nothing to be found in afterwards.

use super::mark;
use mofa_runtime::security::PiiCategory;
use std::ops::Range;

/// What stands for each stretch: it ends words and numbers on both sides, as every mark does.
const GAP: &str = "[]";

/// A stretch, in places of the reading and of the text.
struct Cut {
    at: usize,
    span: Range<usize>,
}

/// A text without its marks and findings.
pub(super) struct Reading {
    text: String,
    cuts: Vec<Cut>,
}

impl Reading {
    /// `text` without the stretches `taken`, in any order; some may overlap.
    pub(super) fn without(text: &str, mut taken: Vec<Range<usize>>) -> Self {
        taken.sort_unstable_by_key(|span| (span.start, span.end));
        let mut reading =
            Self { text: String::with_capacity(text.len()), cuts: Vec::with_capacity(taken.len()) };
        let mut at = 0;
        for span in taken {
            match reading.cuts.last_mut() {
                Some(last) if span.start < last.span.end => {
                    last.span.end = last.span.end.max(span.end);
                }
                _ => {
                    reading.text.push_str(text.get(at..span.start).unwrap_or_default());
                    let start = reading.text.len();
                    reading.text.push_str(GAP);
                    reading.cuts.push(Cut { at: start, span: span.clone() });
                }
            }
            at = at.max(span.end);
        }
        reading.text.push_str(text.get(at..).unwrap_or_default());
        reading
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// What stretch of the text `span` of the reading is; nothing if it holds no byte of it but
    /// what is taken out.
    pub(super) fn origin(&self, span: &Range<usize>) -> Option<Range<usize>> {
        let start = self.place(span.start, |cut| cut.span.start);
        let end = self.place(span.end, |cut| cut.span.end);
        let gaps = self
            .cuts
            .iter()
            .skip(self.cuts.partition_point(|cut| cut.at + GAP.len() <= span.start));
        let gaps = gaps.take_while(|cut| cut.at < span.end);
        let hidden: usize =
            gaps.map(|cut| span.end.min(cut.at + GAP.len()) - span.start.max(cut.at)).sum();
        (hidden < span.len() && start < end).then_some(start..end)
    }

    /// Where the byte at `at` of the reading stands in the text; in a gap, where `inside` says.
    fn place(&self, at: usize, inside: impl Fn(&Cut) -> usize) -> usize {
        let Some(cut) = self.cuts.get(self.cuts.partition_point(|cut| cut.at < at).wrapping_sub(1))
        else {
            return at;
        };
        match at.checked_sub(cut.at + GAP.len()) {
            Some(past) => cut.span.end + past,
            None => inside(cut),
        }
    }
}

/// Where marks stand in `text`, in their order.
pub(super) fn marks(text: &str, known: &[PiiCategory]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(skipped) = text.get(at..).and_then(|rest| mark::first_sign(rest.as_bytes())) {
        let start = at + skipped;
        match mark::end_of(text, start, known) {
            Some(end) => {
                found.push(start..end);
                at = end;
            }
            None => at = start + 1,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_has_a_gap_for_each_stretch_and_leads_back() {
        let text = "to ann@x.io, [EMAIL_1] é";
        let reading = Reading::without(text, vec![13..22, 3..8, 5..11]);
        assert_eq!(reading.text(), "to [], [] é");
        let back = |span: Range<usize>| reading.origin(&span).and_then(|span| text.get(span));
        assert_eq!(back(0..2), Some("to"));
        assert_eq!(back(3..5), None);
        assert_eq!(back(0..4), Some("to ann@x.io"));
        assert_eq!(back(4..6), Some("ann@x.io,"));
        assert_eq!(back(5..10), Some(", [EMAIL_1] "));
        assert_eq!(back(10..12), Some("é"));
        assert_eq!(back(0..12), Some(text));
    }

    #[test]
    fn the_marks_of_a_text_are_seen() {
        let known = [PiiCategory::EMAIL];
        let hash = format!("hmac-sha256:{}", "0f".repeat(32));
        let weak = format!("sha256:{}", "0f".repeat(32));
        let text = format!("[[EMAIL] x {hash}ab [REDACTED][****a] {weak} sha256:0f [PHONE] [");
        let seen: Vec<_> =
            marks(&text, &known).into_iter().filter_map(|span| text.get(span)).collect();
        assert_eq!(seen, ["[EMAIL]", &hash, "[REDACTED]", "[****a]", &weak]);
    }
}

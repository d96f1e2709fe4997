//! What stands in a text where something was taken out: written by the redactor, and read over by
//! the detector, so that redacting twice is redacting once.
//!
//! # Invariants
//! A mark hides no value: what is in one is a category that is known here, a number of six digits,
//! or four characters of a value.

use mofa_runtime::security::{PiiCategory, Placeholder};
use std::ops::Range;

/// What [`Mask`](mofa_runtime::security::RedactionStrategy::Mask) puts there.
pub(super) const MASK: &str = "[REDACTED]";

/// How a partial mask begins.
const STARS: &str = "[****";

/// How many characters of a value a partial mask keeps at most.
const KEPT: usize = 4;

/// Writes a partial mask of `value`: its last four characters, and of fewer than ten no more than
/// two fifths. Signs at the beginning of those are left out.
pub(super) fn write_partial(out: &mut String, value: &str) {
    let kept = (value.chars().count() * 2 / 5).min(KEPT);
    let from = value.char_indices().rev().take(kept).last().map_or(value.len(), |(at, _)| at);
    let end = value.get(from..).unwrap_or_default();
    out.push_str(STARS);
    let end = end.trim_start_matches(|c: char| !c.is_alphanumeric());
    out.extend(end.chars().filter(|c| !is_bracket(*c)));
    out.push(']');
}

/// Whether `span` of `text` is nothing but a mark, or in one. Takes as long as a mark is long.
pub(super) fn covers(text: &str, span: &Range<usize>, known: &[PiiCategory]) -> bool {
    let bytes = text.as_bytes();
    // What is found may have one bracket of a mark in it and not the other.
    let from = span.end.saturating_sub(Placeholder::MAX_LEN);
    let before = bytes.get(from..span.end).unwrap_or_default();
    let Some(start) = memchr::memrchr(b'[', before).map(|at| from + at) else { return false };
    let after = bytes.get(start..).unwrap_or_default();
    let after = after.get(..Placeholder::MAX_LEN).unwrap_or(after);
    let Some(end) = memchr::memchr(b']', after).map(|at| start + at + 1) else { return false };
    let is_within = start <= span.start && span.end <= end;
    is_within && text.get(start..end).is_some_and(|text| is_mark(text, known))
}

fn is_mark(text: &str, known: &[PiiCategory]) -> bool {
    if text == MASK {
        return true;
    }
    if let Some(kept) = text.strip_prefix(STARS) {
        return kept.strip_suffix(']').is_some_and(|kept| kept.chars().count() <= KEPT);
    }
    let placeholder = Placeholder::parse(text);
    placeholder.is_some_and(|found| known.contains(found.category()))
        || known.iter().any(|category| category.placeholder() == text)
}

fn is_bracket(c: char) -> bool {
    matches!(c, '[' | ']')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &str) {
        let mut out = String::new();
        write_partial(&mut out, value);
        assert_eq!(out, expected, "{value}");
        let kept = expected.chars().count() - STARS.chars().count() - 1;
        assert!(kept * 5 <= value.chars().count() * 2, "more than two fifths of {value}");
        assert!(is_mark(&out, &[]), "{out}");
    }

    #[test]
    fn keeps_the_last_four_and_of_short_values_less() {
        check("4111 1111 1111 1111", "[****1111]");
        check("DE89 3704 0044 0532 0130 00", "[****0 00]");
        check("(415) 555-2671", "[****2671]");
        check("536-90-4399", "[****4399]");
        check("ann@example.com", "[****com]");
        check("123456789", "[****789]");
        check("12345", "[****45]");
        check("12", "[****]");
        check("", "[****]");
        check("a]b[c]d[e]fgh", "[****fgh]");
        check("ééééééééééé", "[****éééé]");
    }

    #[test]
    fn a_mark_is_one_of_ours() {
        let known = [PiiCategory::EMAIL, PiiCategory::API_KEY];
        for mark in ["[REDACTED]", "[EMAIL]", "[API_KEY]", "[EMAIL_1]", "[****]", "[****a c]"] {
            assert!(covers(mark, &(0..mark.len()), &known), "{mark}");
            assert!(covers(&format!("x{mark}y"), &(1..1 + mark.len()), &known), "{mark}");
            assert!(covers(mark, &(1..mark.len()), &known), "{mark} without a bracket");
            assert!(covers(mark, &(0..mark.len() - 1), &known), "{mark} without a bracket");
            assert!(
                !covers(&format!("x{mark}y"), &(0..1 + mark.len()), &known),
                "more than {mark}"
            );
        }
        for no_mark in [
            "[AKIAIOSFODNN7EXAMPLQ]",
            "[PHONE_1]",
            "[EMAIL_4155552671]",
            "[****12345]",
            "[email_1]",
            "EMAIL_1",
            "[EMAIL_1",
            "EMAIL_1]",
            "[EMAIL [EMAIL_1 ]",
            "",
        ] {
            assert!(!covers(no_mark, &(0..no_mark.len()), &known), "{no_mark}");
        }
    }
}

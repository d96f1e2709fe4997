//! What stands in a text where something was taken out: written by the redactor, and read over by
//! the detector, so that redacting twice is redacting once.
//!
//! # Invariants
//! A mark hides no value: what is in one is a category that is known here, a number of six digits,
//! four characters of a value, or its hash. Who writes a key of 64 hexadecimal digits behind
//! `sha256:` hides it; that form is taken by file digests, which are no secrets.

use super::hashing::HASHES;
use mofa_runtime::security::{PiiCategory, Placeholder};

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

/// How many digits a hash has.
const HASH_DIGITS: usize = 64;

/// The place of the next sign that a mark may begin with.
pub(super) fn first_sign(text: &[u8]) -> Option<usize> {
    let is_hash = |at: &usize| {
        let rest = text.get(*at..).unwrap_or_default();
        rest.first() == Some(&b'[') || HASHES.iter().any(|name| rest.starts_with(name.as_bytes()))
    };
    memchr::memchr3_iter(b'[', b'h', b's', text).find(is_hash)
}

/// The end of the mark that begins at `start`, if one does. Takes as long as a mark is long.
pub(super) fn end_of(text: &str, start: usize, known: &[PiiCategory]) -> Option<usize> {
    let rest = text.get(start..)?;
    if let Some(name) = HASHES.iter().find(|name| rest.starts_with(*name)) {
        let digits = rest.as_bytes().get(name.len()..name.len() + HASH_DIGITS)?;
        let is_hash = digits.iter().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        return is_hash.then_some(start + name.len() + HASH_DIGITS);
    }
    let within = rest.as_bytes().get(..Placeholder::MAX_LEN).unwrap_or(rest.as_bytes());
    let end = start + memchr::memchr(b']', within)? + 1;
    text.get(start..end).is_some_and(|text| is_mark(text, known)).then_some(end)
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
        let hash = format!("hmac-sha256:{}", "09".repeat(32));
        let marks =
            ["[REDACTED]", "[EMAIL]", "[API_KEY]", "[EMAIL_1]", "[****]", "[****a c]", &hash];
        for mark in marks {
            let text = format!("x{mark}y");
            assert_eq!(end_of(&text, 1, &known), Some(1 + mark.len()), "{mark}");
            assert_eq!(first_sign(text.as_bytes()), Some(1), "{mark}");
            assert_eq!(end_of(&text, 2, &known), None, "{mark} without its beginning");
            assert_eq!(
                end_of(text.get(..mark.len()).unwrap(), 1, &known),
                None,
                "{mark} without its end"
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
            "hmac-sha256:09",
            "hmac-md5:",
            "",
        ] {
            assert_eq!(end_of(no_mark, 0, &known), None, "{no_mark}");
        }
    }
}

//! Reads JSON escapes where they stand in ordinary text: in fenced or half-broken JSON, in lines
//! of JSON, in a quoted string. A reader of such text will undo them.
//!
//! # Invariants
//! One pass; a text without `\u` costs no allocation. What is no escape stays as it is.

/// The words of `text` that have a `\uXXXX` escape, with their escapes undone, a space between
/// them; `None` if there is none. Half a surrogate pair reads as U+FFFD.
pub(super) fn unescaped_words(text: &str) -> Option<String> {
    // Most texts have no backslash, which is found faster than the two characters are.
    memchr::memchr(b'\\', text.as_bytes())?;
    if !text.contains("\\u") {
        return None;
    }
    let mut view = String::new();
    for word in text.split_ascii_whitespace() {
        if let Some(word) = unescaped(word) {
            if !view.is_empty() {
                view.push(' ');
            }
            view.push_str(&word);
        }
    }
    (!view.is_empty()).then_some(view)
}

/// `word` with its `\uXXXX` escapes undone; `None` if it has none.
fn unescaped(word: &str) -> Option<String> {
    let mut out = String::with_capacity(word.len());
    let mut pending: Option<u32> = None;
    let mut found = false;
    let mut rest = word;
    while let Some(at) = rest.find("\\u") {
        let (before, after) = (rest.get(..at)?, rest.get(at + 2..)?);
        let digits = after.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()));
        if !before.is_empty() && pending.take().is_some() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
        out.push_str(before);
        let Some(unit) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            out.push_str("\\u");
            rest = after;
            continue;
        };
        found = true;
        rest = after.get(4..)?;
        pending = push_unit(&mut out, pending, unit);
    }
    if pending.is_some() {
        out.push(char::REPLACEMENT_CHARACTER);
    }
    out.push_str(rest);
    found.then_some(out)
}

/// Adds the UTF-16 unit `unit`, which follows `pending`, the first half of a pair; gives the half
/// that waits for another one now.
fn push_unit(out: &mut String, pending: Option<u32>, unit: u32) -> Option<u32> {
    let is_low = (0xDC00..=0xDFFF).contains(&unit);
    if let (Some(high), true) = (pending, is_low) {
        let code = 0x1_0000 + ((high - 0xD800) << 10) + (unit - 0xDC00);
        out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        return None;
    }
    if pending.is_some() {
        out.push(char::REPLACEMENT_CHARACTER);
    }
    if (0xD800..=0xDBFF).contains(&unit) {
        return Some(unit);
    }
    out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
    None
}

#[cfg(test)]
mod tests {
    use super::unescaped_words;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, view: Option<&str>) {
        assert_eq!(unescaped_words(text).as_deref(), view, "{text}");
    }

    #[test]
    fn escapes_are_undone_wherever_they_stand() {
        check("plain \\n text", None);
        check("C:\\users\\nobody", None);
        check(r#"```json {"to":"bob\u0040example.com"} ```"#, Some(r#"{"to":"bob@example.com"}"#));
        check(r"a \u0069gnore b \u0061ll", Some("ignore all"));
        check(r"\ud83d\ude00", Some("\u{1F600}"));
        check(r"\ud800x \udc00", Some("\u{FFFD}x \u{FFFD}"));
        check(r"\ud800\ud83d\ude00", Some("\u{FFFD}\u{1F600}"));
        check(r"\ud800", Some("\u{FFFD}"));
        check(r"\u12", None);
    }

    proptest! {
        #[test]
        fn never_panics(text in r"[\\uU0-9a-fd8 é]{0,40}") {
            let _ = unescaped_words(&text);
        }

        #[test]
        fn what_is_escaped_is_read(text in "[a-z@.]{1,12}") {
            let escaped = text
                .chars()
                .fold(String::new(), |all, c| format!("{all}\\u{:04x}", u32::from(c)));
            prop_assert_eq!(unescaped_words(&escaped), Some(text));
        }
    }
}

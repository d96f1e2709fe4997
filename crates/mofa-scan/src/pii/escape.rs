//! Parts words at the escapes of JSON and of source code: behind the `\n` of `"Hi\nann@example.com"`
//! a word begins, and no `n` belongs to it.
//!
//! Called by the scanner before the built-in rules look at a text.
//!
//! # Invariants
//! What is read has the length of the text, so every place in it is that place in the text. A text
//! without such an escape is read as it is, and costs no allocation. Of two backslashes the last
//! counts, as in JSON within JSON, so that no place depends on how many stand before it. What an
//! escape hides (`\u0061` for `a`) is not read here: `layers` do that.

use std::borrow::Cow;

use crate::bytes::byte_at;

/// How long `\u0020` is.
const UNICODE: usize = 6;

/// `text` with every escape for a blank, and every `\uXXXX`, as blanks of the same length.
pub(super) fn parted(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out = String::new();
    let mut copied = 0;
    for at in memchr::memchr_iter(b'\\', bytes) {
        let (blank, len) = match byte_at(bytes, at + 1) {
            b'n' | b'r' => ('\n', 2),
            b't' => ('\t', 2),
            b'u' if is_unicode(bytes, at) => (' ', UNICODE),
            _ => continue,
        };
        out.push_str(text.get(copied..at).unwrap_or_default());
        out.extend(std::iter::repeat_n(blank, len));
        copied = at + len;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(text.get(copied..).unwrap_or_default());
    Cow::Owned(out)
}

fn is_unicode(text: &[u8], at: usize) -> bool {
    let digits = text.get(at + 2..at + UNICODE);
    digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

/// `text` without an escape that is cut off at its end: what it becomes is not known yet.
pub(super) fn whole(text: &str) -> &str {
    let bytes = text.as_bytes();
    let tail = bytes.len().saturating_sub(UNICODE - 1);
    let last = bytes.get(tail..).and_then(|tail| memchr::memrchr(b'\\', tail));
    let Some(at) = last.map(|last| tail + last) else { return text };
    let is_cut = match bytes.get(at + 1..) {
        Some([]) => true,
        Some([b'u', digits @ ..]) => digits.iter().all(u8::is_ascii_hexdigit),
        _ => false,
    };
    if is_cut { text.get(..at).unwrap_or(text) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let read = parted(text);
        assert_eq!(read, expect);
        assert_eq!(read.len(), text.len());
    }

    #[test]
    fn an_escape_is_read_as_blanks_of_its_length() {
        check(r"a\nb\tc\rd", "a\n\nb\t\tc\n\nd");
        check(r"\u201cx\u201d", "      x      ");
        check(r"a\\nb", "a\\\n\nb");
        check(r"\n\n", "\n\n\n\n");
        check(r"é\né", "é\n\né");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in ["", r"\", r"a\", r"\u00", r"\u00zz", r"\d+\w", r#"\"x\""#, r"C:\Users", r"\é"]
        {
            assert!(matches!(parted(text), Cow::Borrowed(read) if read == text), "{text}");
        }
    }

    #[test]
    fn an_escape_that_may_go_on_is_left_for_later() {
        for (text, expect) in [
            (r"ab\", "ab"),
            (r"ab\\", r"ab\"),
            (r"ab\u", "ab"),
            (r"ab\u201", "ab"),
            (r"ab\u201c", r"ab\u201c"),
            (r"ab\n", r"ab\n"),
            (r"ab\ux", r"ab\ux"),
            ("ab", "ab"),
            ("", ""),
            ("é", "é"),
        ] {
            assert_eq!(whole(text), expect, "{text}");
        }
    }
}

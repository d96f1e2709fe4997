//! Reads JSON escapes where they stand in ordinary text: in fenced or half-broken JSON, in lines
//! of JSON, in a quoted string. A reader of such text will undo them.
//!
//! # Invariants
//! One pass; a text without an escape costs no allocation. What is no escape stays as it is. Every
//! place in the reading leads back to the place in the text.

use crate::security::document::hex4;
use std::ops::Range;

/// The longest beginning of an escape that is waited for: half a surrogate pair and most of the
/// other half.
const MAX_OPEN: usize = 12;

/// A text as it reads with its escapes undone.
pub(crate) struct Unescaped {
    pub(crate) text: String,
    pub(crate) places: Places,
}

/// Where a stretch of a reading begins, there and in the text: before and after each escape.
#[derive(Debug, Default)]
pub(crate) struct Places(Vec<(usize, usize)>);

impl Unescaped {
    /// What `text` reads as; `None` if it has no escape. Half a surrogate pair reads as U+FFFD. Of
    /// backslashes in a row the last counts: each layer of quoting doubles them.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let mut out = Self { text: String::new(), places: Places::default() };
        let mut copied = 0;
        let mut at = 0;
        while let Some(found) = bytes.get(at..).and_then(|rest| memchr::memchr(b'\\', rest)) {
            let start = at + found;
            let slashes = bytes.iter().skip(start).take_while(|byte| **byte == b'\\').count();
            let escape = start + slashes;
            let Some((read, end)) = read_escape(bytes, escape) else {
                at = escape;
                continue;
            };
            out.text.push_str(text.get(copied..start).unwrap_or_default());
            out.places.0.push((out.text.len(), start));
            out.text.push(read);
            out.places.0.push((out.text.len(), end));
            copied = end;
            at = end;
        }
        if out.places.0.is_empty() {
            return None;
        }
        out.text.push_str(text.get(copied..).unwrap_or_default());
        Some(out)
    }

    /// How many bytes at the end of `text` may be the beginning of an escape.
    pub(crate) fn open_tail(text: &str) -> usize {
        let bytes = text.as_bytes();
        let from = bytes.len().saturating_sub(MAX_OPEN);
        let tail = bytes.get(from..).unwrap_or_default();
        let mut open = 0;
        for (at, byte) in tail.iter().enumerate().rev() {
            let is_open = *byte == b'\\' && is_beginning(tail.get(at + 1..).unwrap_or_default());
            if is_open {
                open = tail.len() - at;
            }
        }
        open
    }
}

impl Places {
    /// Which bytes of the text the bytes `span` of the reading are.
    pub(crate) fn origin(&self, span: &Range<usize>) -> Range<usize> {
        self.raw(span.start)..self.raw(span.end)
    }

    fn raw(&self, place: usize) -> usize {
        let after = self.0.partition_point(|(here, _)| *here <= place);
        let mark = after.checked_sub(1).and_then(|mark| self.0.get(mark));
        mark.map_or(place, |(here, raw)| raw + (place - here))
    }

    /// `raw`, or where the escape begins that it is inside of.
    pub(crate) fn before_escape(&self, raw: usize) -> usize {
        let after = self.0.partition_point(|(_, at)| *at <= raw);
        match after.checked_sub(1).and_then(|mark| self.0.get(mark)) {
            // Marks come in pairs: after the first of one, the text is inside of an escape.
            Some((_, at)) if after % 2 == 1 => *at,
            _ => raw,
        }
    }
}

/// What the escape without its backslash at `at` reads as, and where it ends.
fn read_escape(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let read = match bytes.get(at)? {
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'/' => '/',
        b'"' => '"',
        b'u' => return read_unit(bytes, at + 1),
        _ => return None,
    };
    Some((read, at + 1))
}

/// What the digits of a `\u` escape at `at` read as, with the other half of a pair behind them.
fn read_unit(bytes: &[u8], at: usize) -> Option<(char, usize)> {
    let unit = hex4(bytes, at)?;
    let end = at + 4;
    if !(0xD800..=0xDBFF).contains(&unit) {
        return Some((char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER), end));
    }
    let slashes = bytes.iter().skip(end).take_while(|byte| **byte == b'\\').count();
    let other = end + slashes;
    let low = (slashes > 0 && bytes.get(other) == Some(&b'u')).then(|| hex4(bytes, other + 1));
    match low.flatten().filter(|low| (0xDC00..=0xDFFF).contains(low)) {
        Some(low) => {
            let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
            Some((char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), other + 5))
        }
        None => Some((char::REPLACEMENT_CHARACTER, end)),
    }
}

/// Whether more may follow on `rest`, which stands behind a backslash, before an escape is whole.
fn is_beginning(rest: &[u8]) -> bool {
    match rest {
        [] => true,
        [b'\\', rest @ ..] => is_beginning(rest),
        [b'u', rest @ ..] if rest.len() < 4 => rest.iter().all(u8::is_ascii_hexdigit),
        [b'u', rest @ ..] => {
            let is_high = hex4(rest, 0).is_some_and(|unit| (0xD800..=0xDBFF).contains(&unit));
            let other = rest.get(4..).unwrap_or_default();
            is_high && (other.is_empty() || (other.first() == Some(&b'\\') && other.len() < 6))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Unescaped;
    use proptest::prelude::*;

    #[track_caller]
    fn check(text: &str, view: Option<&str>) {
        assert_eq!(Unescaped::of(text).map(|view| view.text).as_deref(), view, "{text}");
    }

    #[test]
    fn escapes_are_undone_wherever_they_stand() {
        check("plain text", None);
        check("C:\\windows\\system", None);
        check(r"a\", None);
        check(r"a\x", None);
        check(r#"{"csv":"a\n123\t\/\"b"}"#, Some("{\"csv\":\"a\n123\t/\"b\"}"));
        check(
            r#"```json {"to":"bob\u0040example.com"} ```"#,
            Some(r#"```json {"to":"bob@example.com"} ```"#),
        );
        check(r"4\u0031\u0031\u0031 1111", Some("4111 1111"));
        check(r"twice \\u0040 \\\\n", Some("twice @ \n"));
        check(r"\ud83d\ude00", Some("\u{1F600}"));
        check(r"\\ud83d\\ude00", Some("\u{1F600}"));
        check(r"\ud800x \udc00", Some("\u{FFFD}x \u{FFFD}"));
        check(r"\ud800\ud83d\ude00", Some("\u{FFFD}\u{1F600}"));
        check(r"\u12", None);
    }

    #[test]
    fn places_lead_back() {
        let text = r"ab\u0040cd\n";
        let view = Unescaped::of(text).unwrap();
        assert_eq!(view.text, "ab@cd\n");
        let origin = |span| text.get(view.places.origin(&span)).unwrap();
        assert_eq!([origin(0..2), origin(2..3), origin(1..4)], ["ab", r"\u0040", r"b\u0040c"]);
        assert_eq!([origin(5..6), origin(0..6)], [r"\n", text]);
        let before: Vec<_> = (0..=text.len()).map(|raw| view.places.before_escape(raw)).collect();
        assert_eq!(before, [0, 1, 2, 2, 2, 2, 2, 2, 8, 9, 10, 10, 12]);
    }

    #[test]
    fn what_may_become_an_escape_is_open() {
        for (text, open) in [
            ("", 0),
            ("a", 0),
            (r"a\", 1),
            (r"a\\", 2),
            (r"a\n", 0),
            (r"a\u", 2),
            (r"a\u00", 4),
            (r"a\u0040", 0),
            (r"a\ud83d", 6),
            (r"a\ud83d\ude", 10),
            (r"a\ud83d\ude00", 0),
            (r"a\ud83dx", 0),
        ] {
            assert_eq!(Unescaped::open_tail(text), open, "{text}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in r#"[\\uU0-9a-fdn/" é]{0,40}"#, at in 0..50_usize) {
            let _ = Unescaped::open_tail(&text);
            if let Some(view) = Unescaped::of(&text) {
                for (start, c) in view.text.char_indices() {
                    let origin = view.places.origin(&(start..start + c.len_utf8()));
                    prop_assert!(text.get(origin.clone()).is_some_and(|raw| !raw.is_empty()));
                }
                prop_assert!(view.places.before_escape(at) <= at);
            }
        }

        #[test]
        fn what_is_escaped_is_read(text in "[a-z@. ]{1,12}") {
            let escaped = text
                .chars()
                .fold(String::new(), |all, c| format!("{all}\\u{:04x}", u32::from(c)));
            prop_assert_eq!(Unescaped::of(&escaped).map(|view| view.text), Some(text));
        }

        #[test]
        fn a_cut_before_what_is_open_cuts_no_escape(
            parts in prop::collection::vec("a|é|\\\\n|\\\\u0040|\\\\ud83d\\\\ude00", 0..6),
            at in 0..40_usize,
        ) {
            let text = parts.concat();
            let at = text.floor_char_boundary(at);
            let cut = at - Unescaped::open_tail(text.get(..at).unwrap());
            let read = |text: &str| Unescaped::of(text).map_or(text.to_owned(), |view| view.text);
            prop_assert_eq!(read(&text), read(text.get(..cut).unwrap()) + &read(text.get(cut..).unwrap()));
        }
    }
}

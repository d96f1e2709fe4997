//! Values without quotes, with the marks of redactions in them: `[REDACTED]hunter2`.
//!
//! Called where a name or a word announces a secret. A mark ends no value: what stands before and
//! behind it is read as one, so that a mark somebody puts there hides nothing.

use std::borrow::Cow;
use std::ops::Range;

use super::assignment::{is_bare_value, without_stops};
use super::value::{Mark, mark_at};
use crate::bytes::run_len;

/// A value without quotes.
pub(super) struct Bare<'t> {
    /// What it says, without marks.
    pub(super) value: Cow<'t, [u8]>,
    /// From its first byte to its last, over the marks between.
    pub(super) span: Range<usize>,
    /// Where what was read ends, marks at its end too.
    pub(super) end: usize,
    /// How many bytes of it stand behind the last mark between.
    last: usize,
}

impl<'t> Bare<'t> {
    /// The `len` bytes at `start` as they stand.
    pub(super) fn plain(text: &'t [u8], start: usize, len: usize) -> Self {
        let (end, value) = (start + len, text.get(start..start + len).unwrap_or_default());
        Self { value: Cow::Borrowed(value), span: start..end, end, last: len }
    }

    /// Without the signs at its end that end a sentence.
    pub(super) fn without_stops(mut self) -> Self {
        let len = without_stops(&self.value).len();
        // What stands before a mark may be taken out with it.
        self.span.end -= (self.value.len() - len).min(self.last);
        match &mut self.value {
            Cow::Borrowed(value) => *value = value.get(..len).unwrap_or_default(),
            Cow::Owned(value) => value.truncate(len),
        }
        self
    }
}

/// The value at `start`, of at most `most` bytes; empty if there is none.
pub(super) fn bare(text: &[u8], start: usize, most: usize) -> Bare<'_> {
    let len = run_len(text, start, most, is_bare_value);
    if text.get(start..start + len).is_some_and(|value| value.contains(&b'['))
        && let Some(joined) = joined(text.get(start..).unwrap_or_default(), most)
    {
        let span = start + joined.span.start..start + joined.span.end;
        return Bare { span, end: start + joined.end, ..joined };
    }
    Bare::plain(text, start, len)
}

/// The value that `text` begins with, if it has a mark, in places of `text`.
fn joined(text: &[u8], most: usize) -> Option<Bare<'static>> {
    let (mut value, mut span, mut at, mut marks, mut last) = (Vec::new(), 0..0, 0, 0, 0);
    while at < most {
        let rest = text.get(at..).unwrap_or_default();
        // `name[INDEX]` is a place in a program.
        let mark = mark_at(rest).filter(|(mark, _)| value.is_empty() || *mark == Mark::Sure);
        if let Some((_, len)) = mark {
            marks += 1;
            at += len;
            last = 0;
            continue;
        }
        let Some(byte) = rest.first().filter(|byte| is_bare_value(**byte)) else { break };
        if value.is_empty() {
            span.start = at;
        }
        value.push(*byte);
        at += 1;
        last += 1;
        span.end = at;
    }
    if value.is_empty() {
        span = at..at;
    }
    (marks > 0).then_some(Bare { value: Cow::Owned(value), span, end: at, last })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, value: &str, span: &str) {
        let found = bare(text.as_bytes(), 0, 256);
        assert_eq!(str::from_utf8(&found.value), Ok(value), "{text}");
        assert_eq!(text.get(found.span), Some(span), "{text}");
    }

    #[test]
    fn a_mark_ends_no_value() {
        check("hunter2, x", "hunter2", "hunter2");
        check("[REDACTED]hunter2 x", "hunter2", "hunter2");
        check("[][API_KEY_1]hunter2]", "hunter2", "hunter2");
        check("hun[REDACTED]ter2", "hunter2", "hun[REDACTED]ter2");
        check("hunter2[EMAIL_1] x", "hunter2", "hunter2");
        check("hun[****a b]ter2", "hunter2", "hun[****a b]ter2");
        check("[REDACTED] x", "", "");
    }

    #[test]
    fn brackets_of_programs_are_no_marks() {
        check("tokens[INDEX].value", "tokens[INDEX", "tokens[INDEX");
        check("[32]byte", "[32", "[32");
        check("[hunter2]x", "[hunter2", "[hunter2");
    }

    #[test]
    fn stops_end_a_sentence() {
        for (text, span) in [
            ("hunter2!. x", "hunter2"),
            ("[REDACTED]hunter2. x", "hunter2"),
            ("hun[REDACTED]ter2. x", "hun[REDACTED]ter2"),
            ("hunter2.[REDACTED]! x", "hunter2.[REDACTED]"),
        ] {
            let found = bare(text.as_bytes(), 0, 256).without_stops();
            assert_eq!(text.get(found.span), Some(span), "{text}");
            assert_eq!(found.value.as_ref(), b"hunter2");
        }
    }

    #[test]
    fn no_more_is_read_than_asked() {
        let text = "[REDACTED]".repeat(1000) + "hunter2";
        assert_eq!(bare(text.as_bytes(), 0, 256).end, 260);
    }
}

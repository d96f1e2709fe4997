//! Keeps JSON JSON where a number is taken out of it: what takes its place becomes a string.
//!
//! # Invariants
//! Only what is a whole number of a document, or of a line that is one, is touched. Documents are
//! read once, lines once each, whatever the number of findings.

use serde::de::IgnoredAny;
use std::ops::Range;

/// Tells the numbers of the JSON in one text.
pub(super) struct Numbers<'t> {
    text: &'t str,
    /// Whether the text is one document, once somebody has asked.
    is_document: Option<bool>,
    /// The line that was asked for last, and whether it is one.
    line: (Range<usize>, bool),
}

impl<'t> Numbers<'t> {
    pub(super) const fn of(text: &'t str) -> Self {
        Self { text, is_document: None, line: (0..0, false) }
    }

    /// The number of a JSON document that `span` is, or lies in; nothing if it is none.
    pub(super) fn around(&mut self, span: &Range<usize>) -> Option<Range<usize>> {
        let bytes = self.text.as_bytes();
        let is_number = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        if !bytes.get(span.clone())?.iter().all(|byte| is_number(&byte)) {
            return None;
        }
        let (head, tail) = (bytes.get(..span.start)?, bytes.get(span.end..)?);
        let start = span.start - head.iter().rev().take_while(is_number).count();
        let end = span.end + tail.iter().take_while(is_number).count();
        let before = bytes.get(..start)?.trim_ascii_end().last();
        let behind = bytes.get(end..)?.trim_ascii_start().first();
        let fits = matches!(before, None | Some(b':' | b'[' | b','))
            && matches!(behind, None | Some(b',' | b']' | b'}'));
        (fits && self.is_json(start)).then_some(start..end)
    }

    /// Whether the text is a document, or the line that the byte at `at` is in.
    fn is_json(&mut self, at: usize) -> bool {
        let text = self.text;
        if *self.is_document.get_or_insert_with(|| is_document(text)) {
            return true;
        }
        if !self.line.0.contains(&at) {
            let (head, tail) = text.split_at_checked(at).unwrap_or_default();
            let start = head.rfind('\n').map_or(0, |line| line + 1);
            let end = at + tail.find('\n').unwrap_or(tail.len());
            self.line = (start..end, text.get(start..end).is_some_and(is_document));
        }
        self.line.1
    }
}

/// Whether `text` is an object or an array: a number alone is a text, too.
fn is_document(text: &str) -> bool {
    text.trim_ascii_start().starts_with(['{', '['])
        && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, value: &str, expect: Option<&str>) {
        let start = text.find(value).unwrap();
        let found = Numbers::of(text).around(&(start..start + value.len()));
        assert_eq!(found.and_then(|span| text.get(span)), expect, "{text}");
    }

    #[test]
    fn a_whole_number_of_a_document_is_told() {
        check(r#"{"a":4111}"#, "4111", Some("4111"));
        check("{\"a\" :\n 4111 ,\"b\":1}", "4111", Some("4111"));
        check("[1,4111]", "4111", Some("4111"));
        check(r#"{"a":4111.0}"#, "4111", Some("4111.0"));
        check(r#"{"a":-4111e0}"#, "4111", Some("-4111e0"));
        check("started\n{\"a\":1}\n{\"a\":4111}\n", "4111", Some("4111"));
    }

    #[test]
    fn anything_else_stays_what_it_is() {
        check(r#"{"a":"4111"}"#, "4111", None);
        check(r#"{"a":"x:4111,"}"#, "x:4111", None);
        check("[1,4111", "4111", None);
        check("a: 4111, b", "4111", None);
        check("4111", "4111", None);
        check("{\"a\":1}\nb: 4111\n", "4111", None);
    }
}

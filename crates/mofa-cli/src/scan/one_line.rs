//! Writes JSON that stays on one line, whatever is in it: [`push`].
//!
//! # Invariants
//! Nothing that some reader takes for the end of a line is written as it is: neither the carriage
//! returns between the tokens of a value that is echoed, nor control characters, U+2028 and U+2029
//! in texts, which JSON permits there.

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use std::io::{self, Write};

/// Appends `value`, which always has a JSON form: keys are text and numbers are finite.
pub(super) fn push(out: &mut Vec<u8>, value: &impl Serialize) {
    let written = value.serialize(&mut Serializer::with_formatter(out, OneLine));
    debug_assert!(written.is_ok(), "everything written has a JSON form");
}

struct OneLine;

impl Formatter for OneLine {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        w: &mut W,
        text: &str,
    ) -> io::Result<()> {
        write(w, text)
    }

    fn write_raw_fragment<W: ?Sized + Write>(&mut self, w: &mut W, text: &str) -> io::Result<()> {
        write(w, text)
    }
}

fn write<W: ?Sized + Write>(w: &mut W, text: &str) -> io::Result<()> {
    // What the characters in question begin with in UTF-8.
    if !text.bytes().any(|byte| matches!(byte, b'\r' | 0x7f | 0xc2 | 0xe2)) {
        return w.write_all(text.as_bytes());
    }
    for c in text.chars() {
        match c {
            // Only ever between tokens: in a text it is an escape.
            '\r' => w.write_all(b" ")?,
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => write!(w, "\\u{:04x}", u32::from(c))?,
            _ => w.write_all(c.encode_utf8(&mut [0; 4]).as_bytes())?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    #[test]
    fn what_ends_a_line_is_escaped_and_means_the_same() {
        let text = "a\r\n\u{7f}\u{85}\u{2028}\u{2029}\u{a0}é“漢";
        let mut out = Vec::new();
        push(&mut out, &json!({ "a\u{2028}": text }));
        let out = String::from_utf8(out).unwrap();
        let expected = "{\"a\\u2028\":\"a\\r\\n\\u007f\\u0085\\u2028\\u2029\u{a0}é“漢\"}";
        assert_eq!(out, expected);
        assert_eq!(serde_json::from_str::<Value>(&out).unwrap(), json!({ "a\u{2028}": text }));
    }

    #[test]
    fn what_is_echoed_keeps_its_form() {
        let raw = RawValue::from_string("[1.50,\r\t\"\u{2028}\\u0041\"]".to_owned()).unwrap();
        let mut out = Vec::new();
        push(&mut out, &raw);
        assert_eq!(String::from_utf8(out).unwrap(), "[1.50, \t\"\\u2028\\u0041\"]");
    }
}

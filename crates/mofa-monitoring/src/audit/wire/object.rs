//! Writes JSON objects field by field, straight into a buffer.
//!
//! Called by `wire` alone, for every record: most of it are keys and words of our own, which need
//! no escapes, and looking for some was most of the cost.
//!
//! # Invariants
//! What is written is JSON whatever the values are: everything but our own words is escaped.

use serde_json::Value;
use std::fmt::Display;
use std::io::Write;

/// An object that is being written.
#[derive(Debug)]
pub(super) struct Object<'a> {
    out: &'a mut Vec<u8>,
    is_empty: bool,
}

/// Appends an object with what `write` puts into it.
pub(super) fn object(out: &mut Vec<u8>, write: impl FnOnce(&mut Object<'_>)) {
    out.push(b'{');
    write(&mut Object { out, is_empty: true });
    out.push(b'}');
}

impl Object<'_> {
    /// A field with one of our own words, which needs no escapes.
    pub(super) fn word(&mut self, key: &'static str, word: &'static str) {
        let out = self.key(key);
        out.push(b'"');
        out.extend_from_slice(word.as_bytes());
        out.push(b'"');
    }

    /// A field with any text.
    pub(super) fn text(&mut self, key: &'static str, text: &str) {
        string(self.key(key), text);
    }

    /// A field with a whole number.
    pub(super) fn number(&mut self, key: &'static str, number: impl TryInto<u64>) {
        // No number of a record is too large, and what were would read as the largest.
        decimal(self.key(key), number.try_into().unwrap_or(u64::MAX));
    }

    /// A field with what JSON writes as it is displayed.
    pub(super) fn literal(&mut self, key: &'static str, literal: impl Display) {
        // Writing into memory does not fail.
        let _ = write!(self.key(key), "{literal}");
    }

    /// A field with a text that needs no escapes however it comes out: a time, an id.
    pub(super) fn plain(&mut self, key: &'static str, plain: impl Display) {
        // Writing into memory does not fail.
        let _ = write!(self.key(key), "\"{plain}\"");
    }

    /// A field with any value.
    pub(super) fn value(&mut self, key: &'static str, value: &Value) {
        self.literal(key, value);
    }

    /// A field with an object in it.
    pub(super) fn object(&mut self, key: &'static str, write: impl FnOnce(&mut Object<'_>)) {
        object(self.key(key), write);
    }

    /// A field with a list in it, unless there are no `items`; `write` appends one of them.
    pub(super) fn list<T>(
        &mut self,
        key: &'static str,
        items: &[T],
        write: impl Fn(&mut Vec<u8>, &T),
    ) {
        let Some((first, rest)) = items.split_first() else { return };
        let out = self.key(key);
        out.push(b'[');
        write(out, first);
        for item in rest {
            out.push(b',');
            write(out, item);
        }
        out.push(b']');
    }

    fn key(&mut self, key: &'static str) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.is_empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }
}

/// Appends `number` in decimal: most of a record's fields, and several times faster than formatting.
pub(crate) fn decimal(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut len = 0;
    for digit in digits.iter_mut().rev() {
        // Below ten: it is a byte.
        *digit = b'0' + u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        len += 1;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - len..).unwrap_or_default());
}

/// Appends `text` as a JSON string.
pub(super) fn string(out: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        // Writing into memory does not fail.
        let _ = write!(out, "{}", Value::from(text));
        return;
    }
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_are_written_in_full() {
        for number in [0, 7, 10, 99, 100, 1_234_567_890, u64::MAX - 1, u64::MAX] {
            let mut out = Vec::new();
            decimal(&mut out, number);
            assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        }
    }

    #[test]
    fn whatever_the_values_are_it_is_json() {
        let texts = ["", "plain", "\"", "\\", "a\nb", "\u{0}\u{1f}", "\u{7f}é🙂\u{2028}", "</x>"];
        for text in texts {
            let mut out = Vec::new();
            object(&mut out, |it| {
                it.text("text", text);
                it.word("word", "allow");
                it.number("number", u64::MAX);
                it.plain("plain", 7);
                it.value("value", &json!({"a": [text, null]}));
                it.object("object", |it| it.text("text", text));
                it.object("nothing", |_| {});
                it.list("none", &[0; 0], |_, _| {});
                it.list("list", &[text, text], |out, item| string(out, item));
            });
            let expected = json!({
                "text": text, "word": "allow", "number": u64::MAX, "plain": "7",
                "value": {"a": [text, null]}, "object": {"text": text}, "nothing": {},
                "list": [text, text],
            });
            assert_eq!(serde_json::from_slice::<Value>(&out).unwrap(), expected);
        }
    }
}

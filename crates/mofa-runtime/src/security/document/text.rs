//! Between a JSON string and the text that it stands for.
//!
//! # Invariants
//! What [`quote_into`] writes, [`decode`] reads back. A string without escapes is not copied.

use super::Node;
use super::parse::hex4;
use std::borrow::Cow;

/// The text of a key or string, or the digits of a number.
pub(crate) fn decode<'a>(raw: &'a str, node: &Node) -> Cow<'a, str> {
    let span = node.span();
    let literal = raw.get(span).unwrap_or_default();
    let inner = literal.strip_prefix('"').and_then(|l| l.strip_suffix('"')).unwrap_or(literal);
    if node.escaped { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) }
}

/// Undoes the escapes of a string that the parser has accepted. Half of a surrogate pair is
/// U+FFFD.
fn unescape(inner: &str) -> String {
    let bytes = inner.as_bytes();
    let mut text = String::with_capacity(inner.len());
    let mut at = 0;
    while let Some(stop) = memchr::memchr(b'\\', bytes.get(at..).unwrap_or_default()) {
        text.push_str(inner.get(at..at + stop).unwrap_or_default());
        at += stop + 2;
        text.push(match bytes.get(at - 1) {
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let unit = hex4(bytes, at).unwrap_or(0xFFFD);
                at += 4;
                let low = hex4(bytes, at + 2).filter(|low| {
                    (0xD800..=0xDBFF).contains(&unit)
                        && bytes.get(at..at + 2) == Some(b"\\u")
                        && (0xDC00..=0xDFFF).contains(low)
                });
                if let Some(low) = low {
                    at += 6;
                    let code = 0x1_0000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
                    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
                } else {
                    char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER)
                }
            }
            other => char::from(other.copied().unwrap_or(b'\\')),
        });
    }
    text.push_str(inner.get(at..).unwrap_or_default());
    text
}

/// Writes `text` as a JSON string, quotes included.
pub(crate) fn quote_into(out: &mut String, text: &str) {
    const HEX: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' => {
                let code = c as usize;
                out.push_str("\\u00");
                out.extend([code >> 4, code & 15].into_iter().filter_map(|d| HEX.get(d)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

//! Looks for an upstream's own key in text that comes in pieces.
//!
//! # Invariants
//! The key is found however the text is cut. What is remembered is shorter than the key.

use super::Upstream;
use memchr::memmem;
use mofa_runtime::Secret;
use std::fmt;
use std::sync::Arc;

/// The shortest key that is a secret. Local servers want `ollama`, `EMPTY` or `lm-studio`, and an
/// answer may well speak of these.
const MIN_SECRET: usize = 12;

/// How much of a secret a masked one shows, in bytes.
const SHOWN: usize = 8;

/// Watches one text for the key of an upstream; see [`Upstream::key_watch`].
pub struct KeyWatch {
    key: Option<Arc<Secret>>,
    /// The end of the text so far, one byte shorter than the key.
    tail: Vec<u8>,
}

impl KeyWatch {
    /// Whether the text holds the key, now that `piece` is at its end. Once it does, what more is
    /// added is of no interest.
    pub fn completes(&mut self, piece: &[u8]) -> bool {
        let Some(key) = &self.key else { return false };
        let key = key.expose().as_bytes();
        let most = key.len().saturating_sub(1);
        if memmem::find(piece, key).is_some() {
            return true;
        }
        let (head, _) = piece.split_at_checked(most).unwrap_or((piece, &[]));
        self.tail.extend_from_slice(head);
        let is_complete = memmem::find(&self.tail, key).is_some();
        if let Some(from) = piece.len().checked_sub(most) {
            self.tail.clear();
            self.tail.extend_from_slice(piece.get(from..).unwrap_or_default());
        } else {
            self.tail.drain(..self.tail.len().saturating_sub(most));
        }
        is_complete
    }

    /// A watch for the same key over another text.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { key: self.key.clone(), tail: Vec::new() }
    }
}

/// Neither the key nor the text.
impl fmt::Debug for KeyWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyWatch").field("tail_bytes", &self.tail.len()).finish_non_exhaustive()
    }
}

impl Upstream {
    /// Whether `body` repeats this server's own key, which no caller may learn. A key of
    /// fewer than 12 bytes is taken for a placeholder and not looked for. One that is written with
    /// escapes of JSON (`\u0073k-…`, also `\\u0073k-…`, in JSON within a string) is the key too.
    #[must_use]
    pub fn leaks_key(&self, body: &[u8]) -> bool {
        self.secret().is_some_and(|key| holds(body, key.expose().as_bytes()))
    }

    /// Whether `body` holds the beginning of that secret, as a server shows it that does not take
    /// it (`abcd1234*****`).
    #[must_use]
    pub fn shows_key(&self, body: &[u8]) -> bool {
        let start = self.secret().and_then(|key| key.expose().as_bytes().get(..SHOWN));
        start.is_some_and(|start| memmem::find(body, start).is_some())
    }

    /// Begins to look for the same in a text that comes in pieces.
    #[must_use]
    pub fn key_watch(&self) -> KeyWatch {
        KeyWatch { key: self.secret().cloned().map(Arc::new), tail: Vec::new() }
    }

    fn secret(&self) -> Option<&Secret> {
        self.transport.key().filter(|key| key.expose().len() >= MIN_SECRET)
    }
}

/// Whether `key` is in `body`, with escapes or without.
fn holds(body: &[u8], key: &[u8]) -> bool {
    memmem::find(body, key).is_some()
        || ESCAPES.iter().any(|escape| memmem::find(body, escape).is_some())
            && memmem::find(&unescaped(body), key).is_some()
}

/// How an escape begins that may stand for a character of a key; `\n` may not.
const ESCAPES: [&[u8]; 4] = [b"\\u00", b"\\/", b"\\\"", b"\\\\"];

/// `body` as it reads with its escapes undone, of JSON within strings of JSON too: of backslashes
/// in a row the last counts. What is no character of ASCII is no character of a key, and stays.
fn unescaped(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len());
    let mut rest = body;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let slashes = escape.iter().take_while(|byte| **byte == b'\\').count();
        let behind = escape.get(slashes..).unwrap_or_default();
        let (read, len) = match behind {
            [b'u', b'0', b'0', digits @ ..] => match digits.first_chunk().copied().and_then(code) {
                Some(byte) => (byte, 5),
                None => (b'\\', 0),
            },
            [byte @ (b'/' | b'"'), ..] => (*byte, 1),
            _ => (b'\\', 0),
        };
        out.push(read);
        rest = behind.get(len..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// The character of ASCII that two hexadecimal digits stand for.
fn code(digits: [u8; 2]) -> Option<u8> {
    let digits = std::str::from_utf8(&digits).ok()?;
    u8::from_str_radix(digits, 16).ok().filter(u8::is_ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &str, expected: bool) {
        assert_eq!(holds(body.as_bytes(), b"sk-local/5f0a1b2c"), expected, "{body}");
    }

    #[test]
    fn a_key_is_the_same_with_escapes() {
        check(r#"{"a":"sk-local/5f0a1b2c"}"#, true);
        check(r#"{"a":"\u0073k-local\/5f0a1b2c"}"#, true);
        check(r#"{"a":"sk\u002Dlocal/5f0a1b2\u0063"}"#, true);
        check(r#"{"a":"{\"b\":\"\\u0073k-local\\\/5f0a1b2c\"}"}"#, true);
        let spelled = "sk-local/5f0a1b2c"
            .bytes()
            .fold(String::new(), |all, byte| format!("{all}\\u{byte:04x}"));
        check(&spelled, true);
        check(r#"{"a":"\u0073k-local\/5f0a1b2"}"#, false);
        check(r#"{"a":"\u00e9k-local\/5f0a1b2c\n"}"#, false);
        check(r"\u00", false);
        check(r"\", false);
        check("sk-local\n/5f0a1b2c", false);
    }

    fn watch(key: &str) -> KeyWatch {
        KeyWatch { key: Some(Arc::new(Secret::new(key))), tail: Vec::new() }
    }

    #[test]
    fn a_key_is_found_however_the_text_is_cut() {
        let (key, text) = ("abcabcabcabd", "xx abcabcabcabcabd yy");
        let near = "xx abcabcabcabcabcabc yy abcabcabcab";
        for size in 1..=text.len() {
            let found = |text: &str| {
                let mut watch = watch(key);
                text.as_bytes().chunks(size).any(|piece| watch.completes(piece))
            };
            assert!(found(text), "cut every {size} bytes");
            assert!(!found(near), "cut every {size} bytes");
        }
    }

    #[test]
    fn no_more_than_less_than_the_key_is_remembered() {
        let mut watch = watch("abcabcabcabd");
        for piece in ["abc", "abcabcabc", &"abc".repeat(1000), ""] {
            assert!(!watch.completes(piece.as_bytes()));
            assert!(watch.tail.len() < 12, "{}", watch.tail.len());
        }
        assert!(watch.completes(b"abd"));
        assert!(!watch.anew().completes(b"abd"), "another text");
        let printed = format!("{watch:?}");
        assert!(printed.contains("tail_bytes") && !printed.contains("abc"), "{printed}");
    }
}

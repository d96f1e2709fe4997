//! Looks for an upstream's own key in text that comes in pieces.
//!
//! # Invariants
//! The key is found however the text is cut, with escapes of JSON and without, as in a text that is
//! whole. What is remembered is shorter than the key, twice that where there are escapes, and the
//! beginning of one.

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
    /// The text as it stands.
    stands: Tail,
    /// The text as it reads with its escapes undone, once there is one.
    reads: Option<Reads>,
}

/// The end of a text so far, one byte shorter than the key.
#[derive(Clone, Default)]
struct Tail(Vec<u8>);

/// A text as it reads with its escapes undone.
struct Reads {
    tail: Tail,
    /// What may be the beginning of an escape, as it stands: of backslashes in a row only one.
    open: Vec<u8>,
}

impl KeyWatch {
    /// Whether the text holds the key, now that `piece` is at its end. Once it does, what more is
    /// added is of no interest.
    pub fn completes(&mut self, piece: &[u8]) -> bool {
        let Some(key) = &self.key else { return false };
        let key = key.expose().as_bytes();
        if self.reads.is_none() && memchr::memchr(b'\\', piece).is_some() {
            // Up to here it reads as it stands.
            self.reads = Some(Reads { tail: self.stands.clone(), open: Vec::new() });
        }
        let is_read = self.reads.as_mut().is_some_and(|reads| reads.complete(piece, key));
        self.stands.completes(piece, key) || is_read
    }

    /// A watch for the same key over another text.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { key: self.key.clone(), stands: Tail::default(), reads: None }
    }
}

impl Tail {
    /// Whether the text holds `key`, now that `piece` is at its end.
    fn completes(&mut self, piece: &[u8], key: &[u8]) -> bool {
        let Self(tail) = self;
        let most = key.len().saturating_sub(1);
        if memmem::find(piece, key).is_some() {
            return true;
        }
        let (head, _) = piece.split_at_checked(most).unwrap_or((piece, &[]));
        tail.extend_from_slice(head);
        let is_complete = memmem::find(tail, key).is_some();
        if let Some(from) = piece.len().checked_sub(most) {
            tail.clear();
            tail.extend_from_slice(piece.get(from..).unwrap_or_default());
        } else {
            tail.drain(..tail.len().saturating_sub(most));
        }
        is_complete
    }
}

impl Reads {
    /// Whether the text reads as one that holds `key`, now that `piece` is at its end.
    fn complete(&mut self, piece: &[u8], key: &[u8]) -> bool {
        let mut text = std::mem::take(&mut self.open);
        text.extend_from_slice(piece);
        let (whole, open) = text.split_at(open_escape(&text));
        if let Some(last) = open.iter().rposition(|byte| *byte == b'\\') {
            self.open.extend_from_slice(open.get(last..).unwrap_or_default());
        }
        self.tail.completes(&unescaped(whole), key)
    }
}

/// Where what may be the beginning of an escape at the end of `text` begins, with all of its
/// backslashes.
fn open_escape(text: &[u8]) -> usize {
    let end = text.get(text.len().saturating_sub(OPEN)..).unwrap_or_default();
    let Some(last) = end.iter().rposition(|byte| *byte == b'\\') else { return text.len() };
    let behind = end.get(last + 1..).unwrap_or_default();
    let is_open = match behind {
        [b'u', b'0', b'0', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        _ => b"u00".starts_with(behind),
    };
    if !is_open {
        return text.len();
    }
    let before = text.get(..text.len() - behind.len()).unwrap_or_default();
    before.iter().rposition(|byte| *byte != b'\\').map_or(0, |at| at + 1)
}

/// Neither the key nor the text.
impl fmt::Debug for KeyWatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.stands.0.len();
        f.debug_struct("KeyWatch").field("tail_bytes", &bytes).finish_non_exhaustive()
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
        let key = self.secret().cloned().map(Arc::new);
        KeyWatch { key, stands: Tail::default(), reads: None }
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

/// The longest beginning of an escape: `\u00` and a digit.
const OPEN: usize = 5;

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
        KeyWatch { key: Some(Arc::new(Secret::new(key))), stands: Tail::default(), reads: None }
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
    fn escapes_hide_no_key_however_the_text_is_cut() {
        let key = "sk-local/5f0a1b2c";
        let spelled = key.bytes().fold(String::new(), |all, byte| format!("{all}\\u{byte:04x}"));
        for (text, expected) in [
            (r#"a "\u0073k-local\/5f0a1b2c" b"#, true),
            (r#"{\"b\":\"\\u0073k-local\\\/5f0a1b2c\"}"#, true),
            (&format!("sk-sk-{spelled}"), true),
            (r"sk-local/5f0a1b2\\\\\\\\u0063", true),
            (r"\u0073k-local\/5f0a1b2", false),
            (r"\u0073k-local\/5f0a1b2\u0064\u00", false),
            (r"\u00e9k-local\/5f0a1b2c\n", false),
        ] {
            for size in 1..=text.len() {
                let mut watch = watch(key);
                let found = text.as_bytes().chunks(size).any(|piece| watch.completes(piece));
                assert_eq!(found, expected, "{text} cut every {size} bytes");
            }
        }
    }

    #[test]
    fn no_more_than_less_than_the_key_is_remembered() {
        let mut watch = watch("abcabcabcabd");
        for piece in ["abc", "abcabcabc", &"abc".repeat(1000), ""] {
            assert!(!watch.completes(piece.as_bytes()));
            assert!(watch.stands.0.len() < 12, "{}", watch.stands.0.len());
        }
        for piece in ["\\", &"\\".repeat(1000), "u", "0", "06", &"\\u0061".repeat(1000), "\\u00"] {
            assert!(!watch.completes(piece.as_bytes()));
            let reads = watch.reads.as_ref().unwrap();
            assert!(watch.stands.0.len() < 12 && reads.tail.0.len() < 12, "{piece}");
            assert!(reads.open.len() <= OPEN, "{piece}");
        }
        let mut watch = watch.anew();
        assert!(!watch.completes(b"abcabcabc"));
        assert!(watch.completes(b"abd"));
        assert!(!watch.anew().completes(b"abd"), "another text");
        let printed = format!("{watch:?}");
        assert!(printed.contains("tail_bytes") && !printed.contains("abc"), "{printed}");
    }
}

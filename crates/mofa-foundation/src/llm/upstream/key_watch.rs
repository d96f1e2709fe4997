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
    /// fewer than 12 bytes is taken for a placeholder and not looked for, nor is one that is written
    /// with escapes.
    #[must_use]
    pub fn leaks_key(&self, body: &[u8]) -> bool {
        let key = self.secret().map(|key| key.expose().as_bytes());
        key.is_some_and(|key| memmem::find(body, key).is_some())
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

#[cfg(test)]
mod tests {
    use super::*;

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

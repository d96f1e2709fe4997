//! Which conversation a text belongs to: [`ConversationId`].

use crate::security::error::SecurityError;
use sha2::{Digest, Sha256};
use std::fmt::{self, Write};
use std::sync::Arc;

/// Names a conversation within its tenant.
///
/// Whoever may see values sees those of each conversation of its tenant that it can name, so give
/// conversations names that cannot be guessed.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationId(Arc<str>);

impl ConversationId {
    /// The longest name, in bytes.
    pub const MAX_LEN: usize = 128;

    /// The conversation that somebody calls `name`.
    ///
    /// # Errors
    /// [`SecurityError::Invalid`] unless it is 1 to 128 of `A-Z`, `a-z`, `0-9`, `.`, `_`, `:` and
    /// `-`. What it is instead is not repeated.
    pub fn new(name: &str) -> Result<Self, SecurityError> {
        let is_usual = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        if (1..=Self::MAX_LEN).contains(&name.len()) && name.bytes().all(is_usual) {
            return Ok(Self(name.into()));
        }
        Err(SecurityError::Invalid {
            field: "conversation",
            found: format!("{} bytes", name.len()),
            expected: "1 to 128 of `A-Z`, `a-z`, `0-9`, `.`, `_`, `:` and `-`",
        })
    }

    /// The conversation that `marks` tell apart from others, if nobody named it. No name that
    /// somebody gives is one of these.
    #[must_use]
    pub fn derived(marks: &[&str]) -> Self {
        let mut hash = Sha256::new();
        for mark in marks {
            hash.update((mark.len() as u64).to_le_bytes());
            hash.update(mark.as_bytes());
        }
        let hex = hash.finalize().iter().fold("~".to_owned(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        Self(hex.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Its length only: who knows the name may be shown what was said.
impl fmt::Debug for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConversationId({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        assert_eq!(ConversationId::new("chat-1:a.B_2").unwrap().as_str(), "chat-1:a.B_2");
        assert!(ConversationId::new(&"x".repeat(128)).is_ok());
        for wrong in ["", "a b", "~a", "é", "a\n", &"x".repeat(129)] {
            let error = ConversationId::new(wrong).unwrap_err();
            assert!(wrong.len() < 2 || !error.to_string().contains(wrong), "{error}");
        }
    }

    #[test]
    fn marks_keep_apart() {
        let derived = ConversationId::derived(&["ann", "hi"]);
        assert_eq!(derived, ConversationId::derived(&["ann", "hi"]));
        assert_ne!(derived, ConversationId::derived(&["annh", "i"]));
        assert_ne!(derived, ConversationId::derived(&["hi", "ann"]));
        assert!(ConversationId::new(derived.as_str()).is_err());
        assert!(!format!("{derived:?}").contains(derived.as_str()));
    }
}

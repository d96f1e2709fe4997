//! Text that must not be seen: keys and tokens on their way from a source to where they are used.
//!
//! Whoever reads a credential wraps it here at once; what sends it calls [`Secret::expose`].
//!
//! # Invariants
//! Nothing prints or serialises it, its memory is overwritten when it is dropped, and comparing
//! takes as long for a near miss as for a far one. The length is not secret.
//!
//! # Example
//! ```
//! use mofa_runtime::Secret;
//!
//! let key = Secret::new("sk-example");
//! assert_eq!(format!("{key:?}"), "[redacted]");
//! assert_eq!(key.expose(), "sk-example");
//! ```

use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A text that neither logs nor errors nor `Debug` show.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Keeps `text` from being seen. Give the text away: a copy that stays is not overwritten.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one place that sends or compares it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn debug_shows_nothing_however_deep_it_stands() {
        let shown = format!("{:?} {:#?}", Some(Secret::new("sk-1")), [Secret::new("sk-1")]);
        assert!(shown.contains("[redacted]"), "{shown}");
        assert!(!shown.contains("sk-1"), "{shown}");
    }

    #[test]
    fn secrets_are_equal_when_their_texts_are() {
        assert_eq!(Secret::new("same"), Secret::from("same".to_owned()));
        assert_ne!(Secret::new("same"), Secret::new("sama"));
        assert_ne!(Secret::new("same"), Secret::new("same longer"));
    }
}

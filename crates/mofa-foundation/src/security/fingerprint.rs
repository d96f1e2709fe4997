//! Makes one short text of everything that an engine's rules say: equal rules have equal ones.
//!
//! Called by the detector, the redactor, the moderator and the guard; the service puts what they
//! say into the policy's hash, which stands in every record.
//!
//! # Invariants
//! Every text is hashed with its length before it and every list with its count, so that no two
//! different definitions give the same bytes. Nothing of a text can be read from the result.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Collects what there is to be said of an engine's rules.
pub(super) struct Fingerprint {
    name: &'static str,
    hash: Sha256,
}

impl Fingerprint {
    /// Of an engine that is called `name`.
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, hash: Sha256::new() }
    }

    /// Adds a text.
    pub(super) fn add(&mut self, text: &str) {
        self.add_count(text.len());
        self.hash.update(text.as_bytes());
    }

    /// Adds how many of something follow.
    pub(super) fn add_count(&mut self, count: usize) {
        self.hash.update((count as u64).to_le_bytes());
    }

    /// Adds a list of texts.
    pub(super) fn add_all(&mut self, texts: &[impl AsRef<str>]) {
        self.add_count(texts.len());
        for text in texts {
            self.add(text.as_ref());
        }
    }

    /// The engine's name and the hash, in hexadecimal digits.
    pub(super) fn finish(self) -> String {
        let mut text = format!("{}:", self.name);
        for byte in self.hash.finalize() {
            // Writing to a `String` does not fail.
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lists: &[&[&str]]) -> String {
        let mut print = Fingerprint::new("x");
        for list in lists {
            print.add_all(list);
        }
        print.finish()
    }

    #[test]
    fn where_a_text_or_a_list_ends_matters() {
        assert_eq!(of(&[&["a", "b"]]), of(&[&["a", "b"]]));
        for other in [&[&["ab"][..]][..], &[&["a"], &["b"]], &[&["a", "b"], &[]], &[&["b", "a"]]] {
            assert_ne!(of(&[&["a", "b"]]), of(other), "{other:?}");
        }
    }
}

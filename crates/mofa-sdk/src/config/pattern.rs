//! Which models a name stands for.
//!
//! # Invariants
//! A pattern is a name or a beginning: matching takes as long as the pattern is.

use std::fmt;

/// A model's name, or the beginning of some: `gpt-*`, `*`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelPattern {
    prefix: String,
    is_open: bool,
}

impl ModelPattern {
    /// Reads a pattern; `None` if `*` stands anywhere but at the end, or the name is empty, longer
    /// than 256 bytes, or has white space or control characters in it.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let (prefix, is_open) = match text.strip_suffix('*') {
            Some(prefix) => (prefix, true),
            None => (text, false),
        };
        let is_clean = !prefix.contains(|c: char| c == '*' || c.is_whitespace() || c.is_control());
        let fits = is_clean && text.len() <= 256 && (is_open || !prefix.is_empty());
        fits.then(|| Self { prefix: prefix.to_owned(), is_open })
    }

    /// Whether it stands for `model`.
    #[must_use]
    pub fn matches(&self, model: &str) -> bool {
        if self.is_open { model.starts_with(&self.prefix) } else { model == self.prefix }
    }

    /// The model that it stands for, if it is only one.
    #[must_use]
    pub fn as_model(&self) -> Option<&str> {
        (!self.is_open).then_some(&self.prefix)
    }
}

impl fmt::Display for ModelPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.prefix)?;
        if self.is_open { f.write_str("*") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::ModelPattern;

    #[test]
    fn stands_for_a_name_or_a_beginning() {
        let all = ModelPattern::new("*").unwrap();
        let some = ModelPattern::new("gpt-*").unwrap();
        let one = ModelPattern::new("gpt-4o").unwrap();
        assert!(all.matches("anything") && some.matches("gpt-4o") && one.matches("gpt-4o"));
        assert!(!some.matches("claude") && !one.matches("gpt-4o-mini"));
        assert_eq!((one.as_model(), some.as_model()), (Some("gpt-4o"), None));
        for wrong in ["", "a*b", "**", "a b", "a\n"] {
            assert_eq!(ModelPattern::new(wrong), None, "{wrong}");
        }
    }
}

//! Builds a [`KeywordScanner`] from phrases.

use super::gate::Gate;
use super::{KeywordId, KeywordScanner, Phrase, fold, word};
use crate::ScanError;
use crate::automaton::Machine;

/// The longest phrase, in bytes.
const MAX_PHRASE: usize = 1024;

/// Builds a [`KeywordScanner`].
#[derive(Debug, Clone, Default)]
#[must_use = "a builder does nothing until `build` is called"]
pub struct KeywordScannerBuilder {
    phrases: Vec<(String, KeywordId)>,
}

impl KeywordScannerBuilder {
    /// Adds a phrase under the caller's number; white space around it is ignored.
    ///
    /// Of two phrases that are equal after folding the first one stands.
    pub fn add(mut self, phrase: impl Into<String>, keyword: KeywordId) -> Self {
        self.phrases.push((phrase.into(), keyword));
        self
    }

    /// Compiles the scanner. Without phrases it finds nothing.
    ///
    /// # Errors
    ///
    /// [`ScanError::EmptyKeyword`], [`ScanError::KeywordTooLong`] above 1024 bytes, and
    /// [`ScanError::KeywordSetTooLarge`] if the phrases together do not fit an automaton.
    pub fn build(self) -> Result<KeywordScanner, ScanError> {
        let mut folded = Vec::with_capacity(self.phrases.len());
        let mut phrases = Vec::with_capacity(self.phrases.len());
        for (index, (phrase, keyword)) in self.phrases.iter().enumerate() {
            let text = fold::fold(phrase.trim());
            let len = text.len();
            if len == 0 {
                return Err(ScanError::EmptyKeyword { index });
            }
            if phrase.len().max(len) > MAX_PHRASE {
                let len = phrase.len().max(len);
                return Err(ScanError::KeywordTooLong { index, len, limit: MAX_PHRASE });
            }
            phrases.push(Phrase {
                keyword: *keyword,
                len,
                word_start: text.chars().next().is_some_and(word::is_word),
                word_end: text.chars().next_back().is_some_and(word::is_word),
            });
            folded.push(text.into_boxed_str());
        }
        let machine = Machine::build(&folded)?;
        let gate = Gate::new(&folded);
        let longest = phrases.iter().map(|phrase| phrase.len).max().unwrap_or(0);
        folded.sort_unstable();
        folded.dedup();
        Ok(KeywordScanner {
            machine: machine.into(),
            gate: gate.into(),
            phrases: phrases.into(),
            sorted: folded.into(),
            longest,
        })
    }
}

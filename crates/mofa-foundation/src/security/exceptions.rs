//! Phrases that are allowed: what lies within one of them does not count.
//!
//! Called by the moderator and by the guard, whose lists and rules are sometimes wrong about an
//! ordinary phrase.
//!
//! # Invariants
//! Where there are no phrases there is nothing to look with, and no text is read for them.
//!
//! # Failure
//! The reason, if there are too many phrases or one cannot be looked for; the engine refuses to work.

use mofa_scan::keyword::{KeywordId, KeywordScanner};

/// The most phrases that one list of exceptions may have; each has at most 1024 bytes.
pub const MAX_ALLOWED: usize = 10_000;

/// What finds `phrases`; nothing where there are none.
pub(super) fn compile(phrases: &[String]) -> Result<Option<KeywordScanner>, String> {
    if phrases.is_empty() {
        return Ok(None);
    }
    if phrases.len() > MAX_ALLOWED {
        let found = phrases.len();
        return Err(format!("{found} phrases are allowed: at most {MAX_ALLOWED} fit"));
    }
    let add = |all: mofa_scan::keyword::KeywordScannerBuilder, phrase: &String| {
        all.add(phrase, KeywordId(0))
    };
    let built = phrases.iter().fold(KeywordScanner::builder(), add).build();
    built.map(Some).map_err(|error| format!("allowed phrases: {error}"))
}

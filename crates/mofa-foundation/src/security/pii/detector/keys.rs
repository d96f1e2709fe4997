//! What the key of a value says of the value.
//!
//! Called by the detector for values that stand under a key, as in JSON.

use mofa_runtime::security::{PartView, PiiCategory, PiiDetection};

/// What a key has in it that says what its value is.
pub(super) const TELLING: [&str; 10] =
    ["pass", "pwd", "secret", "token", "key", "auth", "credential", "ssn", "social", "bearer"];

/// The longest key that is read with its value, in bytes.
const MAX_KEY: usize = 64;

/// The longest value that is read with its key, in bytes: what a key names is short.
pub(super) const MAX_KEYED: usize = 4_096;

/// Whether `key` says what its value is. Asked for every value, so it looks only where a word of
/// [`TELLING`] may begin.
pub(super) fn is_telling(key: &str) -> bool {
    let key = key.as_bytes();
    let begins = |at: &usize| {
        key.get(*at).is_some_and(|byte| b"abckpst".contains(&byte.to_ascii_lowercase()))
    };
    let is_at = |at: usize, word: &str| {
        let found = key.get(at..at + word.len());
        found.is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
    };
    key.len() <= MAX_KEY
        && (0..key.len()).filter(begins).any(|at| TELLING.iter().any(|word| is_at(at, word)))
}

/// What a key says whose value is a number of a program's own.
pub(super) const COUNTING: [&str; 20] = [
    "amount",
    "at",
    "bytes",
    "count",
    "created",
    "date",
    "epoch",
    "id",
    "index",
    "limit",
    "max",
    "maximum",
    "min",
    "minimum",
    "offset",
    "size",
    "time",
    "timestamp",
    "total",
    "updated",
];

/// The most sure that ten bare digits make a telephone number.
const BARE: f32 = 0.5;

/// Whether `found` is nothing but ten digits, all of the part, under a key that says that they
/// count or name something.
pub(super) fn is_counted(part: &PartView<'_>, found: &PiiDetection) -> bool {
    let is_bare = found.confidence <= BARE
        && found.category == PiiCategory::PHONE
        && found.span == (0..part.text.len());
    is_bare && part.key.is_some_and(|key| words(key).any(|word| COUNTING.contains(&&*word)))
}

/// The words of a key, in small letters: those of `user_id` and of `userId`.
fn words(key: &str) -> impl Iterator<Item = String> {
    let parts = key.split(|c: char| !c.is_ascii_alphanumeric());
    parts.flat_map(|part| {
        let mut words = vec![String::new()];
        let mut was_small = false;
        for c in part.chars() {
            if c.is_ascii_uppercase() && was_small {
                words.push(String::new());
            }
            was_small = !c.is_ascii_uppercase();
            if let Some(word) = words.last_mut() {
                word.push(c.to_ascii_lowercase());
            }
        }
        words
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_wherever_its_word_stands_and_however_it_is_written() {
        for word in TELLING {
            for key in [word.to_owned(), format!("db_{}", word.to_uppercase()), format!("{word}s")]
            {
                assert!(is_telling(&key), "{key}");
            }
            let cut: String = word.chars().skip(1).collect();
            assert!(!is_telling(&cut), "{word}");
        }
        let longest = format!("{}key", "x".repeat(MAX_KEY - 3));
        assert!(is_telling(&longest) && !is_telling(&format!("x{longest}")));
        for key in ["", "content", "aß", "bearing", "sozial"] {
            assert!(!is_telling(key), "{key}");
        }
    }
}

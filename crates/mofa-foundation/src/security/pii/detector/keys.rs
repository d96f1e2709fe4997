//! What the key of a value says against its being personal data.
//!
//! Called by the detector for values that stand under a key, as in JSON. What a key says for it, the
//! rules of the scanner know.

use mofa_runtime::security::{PiiCategory, PiiDetection};

/// The longest value that is read with its key, in bytes: what a key names is short.
pub(super) const MAX_KEYED: usize = 4_096;

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

/// Whether `found` is nothing but ten digits, all of `text`, under a key that says that they count
/// or name something.
pub(super) fn is_counted(key: Option<&str>, text: &str, found: &PiiDetection) -> bool {
    let is_bare = found.confidence <= BARE
        && found.category == PiiCategory::PHONE
        && found.span == (0..text.len());
    is_bare && key.is_some_and(|key| words(key).any(|word| COUNTING.contains(&&*word)))
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

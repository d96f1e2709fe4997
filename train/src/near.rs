//! Finds texts that are nearly the same, by the hashes their sketches share (Broder 1997).
//!
//! # Invariants
//! Each sketch is compared with at most [`CANDIDATES`] others for each of its hashes, so that a
//! phrase in every text does not make the work quadratic.

use std::collections::HashMap;

const CANDIDATES: usize = 64;

/// The sketches seen so far.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    by_hash: HashMap<u64, Vec<u32>>,
    lengths: Vec<u32>,
}

impl Seen {
    /// Whether a text seen before shares at least `share` of the smaller sketch.
    pub(crate) fn has_like(&self, sketch: &[u64], share: f64) -> bool {
        let mut shared: HashMap<u32, u32> = HashMap::new();
        for hash in sketch {
            for id in self.by_hash.get(hash).into_iter().flatten() {
                *shared.entry(*id).or_default() += 1;
            }
        }
        shared.iter().any(|(id, count)| {
            let length = self.lengths.get(*id as usize).copied().unwrap_or(u32::MAX);
            let least = f64::from(length.min(u32::try_from(sketch.len()).unwrap_or(u32::MAX)));
            f64::from(*count) >= share * least
        })
    }

    /// Remembers a sketch.
    pub(crate) fn add(&mut self, sketch: &[u64]) {
        let id = u32::try_from(self.lengths.len()).unwrap_or(u32::MAX);
        self.lengths.push(u32::try_from(sketch.len()).unwrap_or(u32::MAX));
        for hash in sketch {
            let ids = self.by_hash.entry(*hash).or_default();
            if ids.len() < CANDIDATES {
                ids.push(id);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Seen;
    use crate::sample::sketch;

    #[test]
    fn a_text_with_a_few_other_words_is_nearly_the_same() {
        let text =
            "the old bridge over the river was closed for repairs until the end of the summer";
        let mut seen = Seen::default();
        seen.add(&sketch(text));
        assert!(seen.has_like(&sketch(&text.replace("summer", "winter")), 0.5));
        assert!(
            !seen.has_like(&sketch("write a program that sorts a list of numbers by size"), 0.5)
        );
        assert!(!seen.has_like(&sketch("the old"), 0.5));
    }
}

//! Counts right and wrong answers and makes shares of them: [`Tally`], [`Confusion`].
//!
//! Precision, recall, F1 and the false-positive rate are those of van Rijsbergen, *Information
//! Retrieval* (1979), chapter 7.
//!
//! # Invariants
//! A share of nothing is `None`, not 0 and not 1. Shares are rounded to six places, so that equal
//! ones are equal after they were written and read.

/// What was found of what is labelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    /// Labelled and found.
    pub(super) hits: usize,
    /// Found and not labelled.
    pub(super) false_positives: usize,
    /// Labelled and not found.
    pub(super) false_negatives: usize,
}

/// What was said of whole texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Confusion {
    pub(super) tally: Tally,
    /// Nothing labelled and nothing found.
    pub(super) true_negatives: usize,
}

impl Tally {
    /// Counts one text with `gold` labelled and `found` found pieces, `hits` of them the same.
    pub(super) fn add(&mut self, gold: usize, found: usize, hits: usize) {
        self.hits += hits;
        self.false_positives += found.saturating_sub(hits);
        self.false_negatives += gold.saturating_sub(hits);
    }

    /// Of what was found, how much is right.
    pub(super) fn precision(self) -> Option<f64> {
        share(self.hits, self.hits + self.false_positives)
    }

    /// Of what is labelled, how much was found.
    pub(super) fn recall(self) -> Option<f64> {
        share(self.hits, self.hits + self.false_negatives)
    }

    /// The harmonic mean of both.
    pub(super) fn f1(self) -> Option<f64> {
        let wrong = self.false_positives + self.false_negatives;
        share(2 * self.hits, 2 * self.hits + wrong)
    }
}

impl Confusion {
    pub(super) fn add(&mut self, is_positive: bool, is_found: bool) {
        match (is_positive, is_found) {
            (true, true) => self.tally.hits += 1,
            (true, false) => self.tally.false_negatives += 1,
            (false, true) => self.tally.false_positives += 1,
            (false, false) => self.true_negatives += 1,
        }
    }

    /// Of the texts that are not it, how many were taken for it.
    pub(super) fn false_positive_rate(self) -> Option<f64> {
        share(self.tally.false_positives, self.tally.false_positives + self.true_negatives)
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| rounded(float(part) / float(whole)))
}

/// `value` to six places.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// `count` as a number to divide with.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
pub(super) fn float(count: usize) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_what_the_formulas_say() {
        let mut tally = Tally::default();
        tally.add(3, 4, 2);
        tally.add(1, 0, 0);
        assert_eq!(tally, Tally { hits: 2, false_positives: 2, false_negatives: 2 });
        assert_eq!(
            (tally.precision(), tally.recall(), tally.f1()),
            (Some(0.5), Some(0.5), Some(0.5))
        );
        let tally = Tally { hits: 1, false_positives: 0, false_negatives: 2 };
        assert_eq!((tally.precision(), tally.recall()), (Some(1.0), Some(0.333_333)));
        assert_eq!(tally.f1(), Some(0.5));
    }

    #[test]
    fn a_share_of_nothing_is_none() {
        let tally = Tally::default();
        assert_eq!((tally.precision(), tally.recall(), tally.f1()), (None, None, None));
        let missed = Tally { false_negatives: 1, ..tally };
        assert_eq!(
            (missed.precision(), missed.recall(), missed.f1()),
            (None, Some(0.0), Some(0.0))
        );
        assert_eq!(Confusion::default().false_positive_rate(), None);
    }

    #[test]
    fn texts_are_counted_by_what_is_said_of_them() {
        let mut confusion = Confusion::default();
        for (is_positive, is_found) in [
            (true, true),
            (true, false),
            (false, true),
            (false, false),
            (false, false),
            (false, false),
        ] {
            confusion.add(is_positive, is_found);
        }
        assert_eq!(confusion.true_negatives, 3);
        assert_eq!(confusion.false_positive_rate(), Some(0.25));
        assert_eq!(confusion.tally, Tally { hits: 1, false_positives: 1, false_negatives: 1 });
    }
}

//! Assigns found spans to labelled ones, one to one: [`assign`].
//!
//! # Invariants
//! A labelled span has at most one found span and the other way round. Among overlapping pairs as
//! many are assigned as can be at once. `n` spans take `n log n` steps.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::Peekable;
use std::ops::Range;
use std::vec;

/// A piece of a text, in Unicode code points; never empty.
pub(super) type Span = Range<usize>;

/// Which found span belongs to which labelled one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assigned {
    /// By labelled span: the found one that is the same.
    pub(super) exact: Vec<Option<usize>>,
    /// By labelled span: the found one that has a code point with it in common.
    pub(super) overlap: Vec<Option<usize>>,
}

pub(super) fn assign(gold: &[Span], found: &[Span]) -> Assigned {
    Assigned { exact: exact(gold, found), overlap: overlap(gold, found) }
}

fn exact(gold: &[Span], found: &[Span]) -> Vec<Option<usize>> {
    let mut partners = vec![None; gold.len()];
    let mut rest = sorted(found, |span| (span.start, span.end)).into_iter().peekable();
    for ((start, end), index) in sorted(gold, |span| (span.start, span.end)) {
        while rest.next_if(|(key, _)| *key < (start, end)).is_some() {}
        if let (Some((_, other)), Some(partner)) =
            (rest.next_if(|(key, _)| *key == (start, end)), partners.get_mut(index))
        {
            *partner = Some(other);
        }
    }
    partners
}

/// Goes through all spans by where they end. Whatever is still free on the other side and touches
/// the present one begins before the present end and ends after it, so of these the one that ends
/// first is the one that the fewest later spans can touch, and taking it never costs a pair.
fn overlap(gold: &[Span], found: &[Span]) -> Vec<Option<usize>> {
    let order = |spans, is_gold| {
        let by_end = sorted(spans, |span: &Span| (span.end, span.start));
        by_end.into_iter().map(move |(key, index)| (key, is_gold, index))
    };
    let mut all: Vec<_> = order(gold, true).chain(order(found, false)).collect();
    all.sort_unstable();
    let (mut gold, mut found) = (Side::new(gold), Side::new(found));
    for ((end, start), is_gold, index) in all {
        let (this, other) = if is_gold { (&mut gold, &mut found) } else { (&mut found, &mut gold) };
        if this.is_taken(index) {
            continue;
        }
        if let Some(partner) = other.free(&(start..end)) {
            this.take(index, partner);
            other.take(partner, index);
        }
    }
    gold.partners
}

/// The spans with their indexes, sorted by `key`.
fn sorted<K: Ord>(spans: &[Span], key: impl Fn(&Span) -> K) -> Vec<(K, usize)> {
    let mut keyed: Vec<_> = spans.iter().map(key).zip(0..).collect();
    keyed.sort_unstable();
    keyed
}

/// The labelled or the found spans.
struct Side {
    /// Those that begin later than every span so far ended: start and end, index.
    waiting: Peekable<vec::IntoIter<((usize, usize), usize)>>,
    /// The others, by end.
    begun: BinaryHeap<Reverse<(usize, usize)>>,
    partners: Vec<Option<usize>>,
}

impl Side {
    fn new(spans: &[Span]) -> Self {
        let waiting = sorted(spans, |span| (span.start, span.end)).into_iter().peekable();
        Self { waiting, begun: BinaryHeap::new(), partners: vec![None; spans.len()] }
    }

    /// The free span that overlaps `span` and ends first.
    fn free(&mut self, span: &Span) -> Option<usize> {
        while let Some(((_, end), index)) =
            self.waiting.next_if(|((start, _), _)| *start < span.end)
        {
            self.begun.push(Reverse((end, index)));
        }
        while let Some(&Reverse((end, index))) = self.begun.peek() {
            // One that ends before this one begins has had its turn and found nobody.
            if end > span.start && !self.is_taken(index) {
                return Some(index);
            }
            self.begun.pop();
        }
        None
    }

    fn is_taken(&self, index: usize) -> bool {
        self.partners.get(index).is_some_and(Option::is_some)
    }

    fn take(&mut self, index: usize, partner: usize) {
        if let Some(slot) = self.partners.get_mut(index) {
            *slot = Some(partner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(gold: &[Span], found: &[Span], exact: usize, overlap: usize) {
        let assigned = assign(gold, found);
        let count = |partners: &[Option<usize>]| partners.iter().flatten().count();
        assert_eq!((count(&assigned.exact), count(&assigned.overlap)), (exact, overlap));
        let back = assign(found, gold);
        assert_eq!((count(&back.exact), count(&back.overlap)), (exact, overlap), "both ways");
    }

    #[test]
    #[expect(clippy::single_range_in_vec_init, reason = "one span is a list of spans too")]
    fn pairs_are_counted_once() {
        check(&[], &[], 0, 0);
        check(&[0..4], &[], 0, 0);
        check(&[0..4], &[0..4], 1, 1);
        check(&[0..4], &[0..3], 0, 1);
        check(&[0..4], &[4..8], 0, 0);
        check(&[0..4, 4..8], &[0..8], 0, 1);
        check(&[0..8], &[0..4, 4..8], 0, 1);
        check(&[0..4], &[0..4, 0..4], 1, 1);
        check(&[0..4, 0..4], &[0..4, 0..4], 2, 2);
        check(&[0..4, 2..6], &[0..1, 5..6], 0, 2);
        check(&[5..9, 0..4], &[0..4, 5..9], 2, 2);
    }

    #[test]
    fn who_has_one_chance_gets_it() {
        // The long span can go with either, the short one only with the first.
        check(&[0..10, 0..2], &[0..3, 8..10], 0, 2);
        check(&[0..20, 3..4, 6..7], &[0..5, 6..20, 3..7], 0, 3);
    }

    /// The most pairs, by trying again whenever somebody could move on (Kuhn's algorithm).
    fn most(gold: &[Span], found: &[Span]) -> usize {
        fn seek(
            at: usize,
            gold: &[Span],
            found: &[Span],
            seen: &mut [bool],
            held: &mut [Option<usize>],
        ) -> bool {
            for other in 0..found.len() {
                let touches =
                    gold[at].start < found[other].end && found[other].start < gold[at].end;
                if !touches || std::mem::replace(&mut seen[other], true) {
                    continue;
                }
                if held[other].is_none_or(|holder| seek(holder, gold, found, seen, held)) {
                    held[other] = Some(at);
                    return true;
                }
            }
            false
        }
        let mut held = vec![None; found.len()];
        (0..gold.len())
            .filter(|&at| seek(at, gold, found, &mut vec![false; found.len()], &mut held))
            .count()
    }

    fn spans() -> impl Strategy<Value = Vec<Span>> {
        let span = (0..30_usize, 1..8_usize).prop_map(|(start, length)| start..start + length);
        prop::collection::vec(span, 0..12)
    }

    proptest! {
        #[test]
        fn as_many_pairs_as_can_be((gold, found) in (spans(), spans())) {
            let assigned = assign(&gold, &found);
            let mut taken = std::collections::HashSet::new();
            for (span, partner) in gold.iter().zip(&assigned.overlap) {
                let Some(partner) = *partner else { continue };
                prop_assert!(taken.insert(partner), "one to one");
                prop_assert!(span.start < found[partner].end && found[partner].start < span.end);
            }
            prop_assert_eq!(taken.len(), most(&gold, &found));
            for (span, partner) in gold.iter().zip(&assigned.exact) {
                prop_assert!(partner.is_none_or(|partner| found[partner] == *span));
            }
            let exact = assigned.exact.iter().flatten().count();
            let mut rest = found.clone();
            let expected = gold.iter().filter(|span| {
                rest.iter().position(|one| one == *span).map(|at| rest.swap_remove(at)).is_some()
            });
            prop_assert_eq!(exact, expected.count());
        }
    }
}

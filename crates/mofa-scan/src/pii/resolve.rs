//! Decides which of several overlapping candidates stands, and which candidates are final.
//!
//! # Invariants
//!
//! A cluster is a maximal set of candidates linked by overlaps. Clusters are resolved one by one,
//! so cutting the text between clusters does not change what is found, and a text with very many
//! findings takes no more than sorting them by place: only `k` candidates of one cluster are put in
//! another order, in `k log k`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::Finding;

/// Replaces `out[base..]` by its longest, most confident, leftmost findings, sorted.
pub(super) fn resolve(out: &mut Vec<Finding>, base: usize) {
    let Some(found) = out.get_mut(base..) else { return };
    found.sort_unstable_by_key(|candidate| (candidate.start, candidate.end));
    if found.is_sorted_by(|left, right| left.end <= right.start) {
        return;
    }
    let mut cluster = Vec::new();
    let mut end = 0;
    for candidate in out.split_off(base) {
        if candidate.start >= end {
            resolve_cluster(&mut cluster, out);
        }
        end = end.max(candidate.end);
        cluster.push(candidate);
    }
    resolve_cluster(&mut cluster, out);
}

/// Appends the longest, most confident, leftmost findings of `cluster`, sorted, and empties it.
fn resolve_cluster(cluster: &mut Vec<Finding>, out: &mut Vec<Finding>) {
    if cluster.len() < 2 {
        out.append(cluster);
        return;
    }
    cluster.sort_unstable_by(better_first);
    let mut taken: BTreeMap<usize, Finding> = BTreeMap::new();
    for candidate in cluster.drain(..) {
        let left = taken.range(..candidate.end).next_back();
        if left.is_none_or(|(_, other)| other.end <= candidate.start) {
            taken.insert(candidate.start, candidate);
        }
    }
    out.extend(taken.into_values());
}

/// Drops the candidates of `out[base..]` that more text could change; returns where they begin:
/// `open`, or the start of the cluster that lies across it.
pub(super) fn truncate_at_open(out: &mut Vec<Finding>, base: usize, open: usize) -> usize {
    let Some(candidates) = out.get_mut(base..) else { return open };
    candidates.sort_unstable_by_key(|candidate| (candidate.start, candidate.end));
    let mut cluster = (0, 0);
    let mut frontier = open;
    for candidate in candidates.iter() {
        if candidate.start >= open {
            break;
        }
        if candidate.start < cluster.1 {
            cluster.1 = cluster.1.max(candidate.end);
        } else {
            cluster = (candidate.start, candidate.end);
        }
        if cluster.1 > open {
            frontier = cluster.0;
            break;
        }
    }
    let kept = candidates.partition_point(|candidate| candidate.start < frontier);
    out.truncate(base + kept);
    frontier
}

fn better_first(left: &Finding, right: &Finding) -> Ordering {
    right
        .len()
        .cmp(&left.len())
        .then_with(|| right.confidence.total_cmp(&left.confidence))
        .then_with(|| left.start.cmp(&right.start))
        .then_with(|| left.rule.cmp(&right.rule))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RuleId;
    use proptest::prelude::*;

    fn check(candidates: &[(usize, usize, f32)], expect: &[(usize, usize)]) {
        let mut out: Vec<Finding> = candidates
            .iter()
            .map(|&(start, end, confidence)| Finding { start, end, rule: RuleId(0), confidence })
            .collect();
        resolve(&mut out, 0);
        let spans: Vec<_> = out.iter().map(|found| (found.start, found.end)).collect();
        assert_eq!(spans, expect);
    }

    #[test]
    fn the_longest_of_overlapping_candidates_stands() {
        check(&[(0, 5, 0.9), (3, 10, 0.1)], &[(3, 10)]);
        check(&[(0, 10, 0.5), (8, 20, 0.5), (18, 40, 0.5)], &[(0, 10), (18, 40)]);
        check(&[(4, 8, 0.5), (0, 4, 0.5)], &[(0, 4), (4, 8)]);
    }

    #[test]
    fn of_equally_long_candidates_the_most_confident_stands() {
        check(&[(0, 5, 0.2), (2, 7, 0.9)], &[(2, 7)]);
        check(&[(2, 7, 0.5), (0, 5, 0.5)], &[(0, 5)]);
    }

    proptest! {
        #[test]
        fn clusters_are_what_all_candidates_together_are(
            spans in prop::collection::vec((0..200_usize, 1..12_usize, 0..3_u8), 0..60),
        ) {
            let candidate = |(start, len, sure): (usize, usize, u8)| {
                Finding { start, end: start + len, rule: RuleId(0), confidence: f32::from(sure) }
            };
            let mut out: Vec<Finding> = spans.into_iter().map(candidate).collect();
            let mut better = out.clone();
            better.sort_by(better_first);
            let mut expect: Vec<Finding> = Vec::new();
            for one in better {
                if expect.iter().all(|other| other.end <= one.start || one.end <= other.start) {
                    expect.push(one);
                }
            }
            expect.sort_by_key(|found| found.start);
            resolve(&mut out, 0);
            prop_assert_eq!(out, expect);
        }
    }

    #[test]
    fn a_cluster_across_the_open_offset_is_open_from_its_start() {
        let span = |start, end| Finding { start, end, rule: RuleId(0), confidence: 0.5 };
        let mut out = vec![span(0, 2), span(3, 6), span(5, 9)];
        assert_eq!(truncate_at_open(&mut out, 0, 8), 3);
        assert_eq!(out, [span(0, 2)]);
    }
}

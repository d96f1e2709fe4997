//! Keeps a bounded number of results, the gravest: [`Kept`].
//!
//! # Invariants
//! Never more than were allowed, in number and in bytes. Of what is equally grave, what came first
//! is kept. A result that is kept stands where it came.

use std::collections::VecDeque;

/// How many degrees of gravity there are.
const DEGREES: usize = 3;

/// Results, by gravity.
pub(super) struct Kept {
    most: usize,
    most_bytes: usize,
    results: [VecDeque<(usize, Vec<u8>)>; DEGREES],
    bytes: usize,
    added: usize,
}

impl Kept {
    pub(super) fn new(most: usize, most_bytes: usize) -> Self {
        Self { most, most_bytes, results: Default::default(), bytes: 0, added: 0 }
    }

    /// Adds a result of `gravity`, from 0 to 2.
    pub(super) fn add(&mut self, gravity: usize, result: Vec<u8>) {
        let number = self.added;
        self.added += 1;
        self.bytes += result.len();
        let Some(of_this) = self.results.get_mut(gravity) else { return };
        of_this.push_back((number, result));
        while self.len() > self.most || self.bytes > self.most_bytes {
            let least = self.results.iter_mut().find(|results| !results.is_empty());
            let Some((_, gone)) = least.and_then(VecDeque::pop_back) else { break };
            self.bytes -= gone.len();
        }
    }

    fn len(&self) -> usize {
        self.results.iter().map(VecDeque::len).sum()
    }

    /// How many were not kept.
    pub(super) fn left_out(&self) -> usize {
        self.added - self.len()
    }

    /// What was kept, in the order in which it came.
    pub(super) fn in_order(&self) -> Vec<&[u8]> {
        let mut all: Vec<_> = self.results.iter().flatten().collect();
        all.sort_by_key(|(number, _)| *number);
        all.into_iter().map(|(_, result)| result.as_slice()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(most: usize, most_bytes: usize, added: &[(usize, &str)]) -> (Vec<String>, usize) {
        let mut kept = Kept::new(most, most_bytes);
        for (gravity, result) in added {
            kept.add(*gravity, result.as_bytes().to_vec());
        }
        let text = |result: &[u8]| String::from_utf8(result.to_vec()).unwrap();
        (kept.in_order().into_iter().map(text).collect(), kept.left_out())
    }

    #[test]
    fn the_gravest_and_first_are_kept_in_order() {
        let added = [(1, "a"), (0, "b"), (2, "c"), (1, "d"), (2, "e"), (2, "f")];
        assert_eq!(kept(9, 99, &added).1, 0);
        assert_eq!(kept(4, 99, &added), (vec!["a".into(), "c".into(), "e".into(), "f".into()], 2));
        assert_eq!(kept(2, 99, &added), (vec!["c".into(), "e".into()], 4));
        assert_eq!(kept(0, 99, &added), (vec![], 6));
    }

    #[test]
    fn bytes_count_too() {
        let added = [(2, "long result"), (2, "x"), (1, "yy"), (1, "z")];
        assert_eq!(kept(9, 13, &added), (vec!["long result".into(), "x".into(), "z".into()], 1));
        assert_eq!(kept(9, 5, &added), (vec!["x".into(), "yy".into(), "z".into()], 1));
    }
}
